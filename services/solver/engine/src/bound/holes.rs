//! Every hole explained: proven to be one, or the single rules that stand in its way.
//!
//! A hole is *proven* when the day's exact program ([`super::day`]) says that every lawful plan leaves at least as much
//! weight of holes that day as this roster does: then no other plan fills it without opening another as heavy. The
//! certificate names the day's open places and everybody who could take any of them; whoever doubts it solves the day
//! again.

use roster::{
    Evaluator, Level, Problem, Roster, RuleId, analyze,
    problem::{DayIx, PersonIx, Post, Seat, SlotIx, SlotKind},
};

/// A hole with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The empty place.
    pub seat: Seat,
    /// Proven: every lawful plan has as much.
    pub certificate: Option<Certificate>,
    /// Rules of which lifting one alone would fill it, with whom; in the order of people.
    pub single: Vec<(RuleId, PersonIx)>,
}

/// Why a day cannot do with fewer holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The day.
    pub day: DayIx,
    /// Its places in theatre and consultation.
    pub slots: Vec<SlotIx>,
    /// Everybody who could take one of them.
    pub people: Vec<PersonIx>,
    /// The least weight of holes, in weight units.
    pub least: i64,
}

/// Explains the holes of a roster.
#[must_use]
pub fn explain(problem: &Problem, roster: &Roster) -> Vec<Explained> {
    let holes = analyze(problem, roster).holes;
    let mut certificates: Vec<(DayIx, Option<Certificate>)> = Vec::new();
    let mut explained = Vec::new();
    for hole in &holes {
        let day = problem.slot(hole.seat.slot).day;
        if certificates.iter().all(|(own, _)| *own != day) {
            let weight = holes.iter().map(|own| own.seat).filter(|own| problem.slot(own.slot).day == day);
            certificates
                .push((day, certificate(problem, day, weight.map(|own| weight_of(problem, own)).sum())));
        }
        let proven = certificates.iter().find(|(own, _)| *own == day).and_then(|(_, own)| own.clone());
        let is_of_day = is_of_day(problem, hole.seat.slot);
        explained.push(Explained {
            seat: hole.seat,
            certificate: proven.filter(|_| is_of_day),
            single: single(problem, roster, hole.seat),
        });
    }
    explained
}

fn is_of_day(problem: &Problem, slot: SlotIx) -> bool {
    matches!(problem.slot(slot).kind, SlotKind::Theatre { .. } | SlotKind::Consultation { .. })
}

/// What a hole weighs in the day's program: other kinds are not its matter, and a missing supervisor a tenth less.
fn weight_of(problem: &Problem, seat: Seat) -> i64 {
    let weight = i64::from(problem.slot(seat.slot).weight);
    match (is_of_day(problem, seat.slot), seat.post) {
        (false, _) => 0,
        (true, Post::Performer) => weight,
        (true, Post::Supervisor) => weight * 9 / 10,
    }
}

/// The certificate of a day whose holes weigh so much.
fn certificate(problem: &Problem, day: DayIx, weight: i64) -> Option<Certificate> {
    let least = super::least_holes(problem, day)?;
    if weight == 0 || least < weight {
        return None;
    }
    let slots: Vec<SlotIx> =
        problem.slots_of_day(day).iter().copied().filter(|slot| is_of_day(problem, *slot)).collect();
    let seats = slots.iter().flat_map(|slot| Post::ALL.map(|post| Seat { slot: *slot, post }));
    let mut people: Vec<PersonIx> = seats.flat_map(|seat| problem.candidates(seat)).copied().collect();
    people.sort_unstable();
    people.dedup();
    Some(Certificate { day, slots, people, least })
}

/// Everybody whom exactly one inviolable rule keeps from a place, as things stand.
fn single(problem: &Problem, roster: &Roster, seat: Seat) -> Vec<(RuleId, PersonIx)> {
    let before = broken(problem, roster);
    let mut judge = Evaluator::new(problem, roster);
    let mut found = Vec::new();
    for person in problem.person_indices() {
        let Err(blocker) = judge.can_take(seat, person) else { continue };
        let mut changed = roster.clone();
        changed.set(seat, Some(person));
        let after = broken(problem, &changed);
        let worse = RuleId::ALL.into_iter().filter(|rule| after[*rule as usize] > before[*rule as usize]);
        if worse.count() == 1 {
            found.push((blocker.rule, person));
        }
    }
    found
}

/// How much each inviolable rule is broken.
fn broken(problem: &Problem, roster: &Roster) -> [i64; RuleId::COUNT] {
    let mut table = [0; RuleId::COUNT];
    for report in analyze(problem, roster).rules {
        table[report.rule as usize] = report.cost.level(Level::Hard);
    }
    table
}
