//! Bounds never say more than a plan that exists.

use roster::{
    Draft, Evaluator, Level, Problem, Roster, Score,
    problem::{PersonIx, Post, Profession, Seat, SlotKind},
    testing::{Dice, small_draft},
};

use super::Proven;
use crate::{
    Options,
    budget::{Clock, Meter},
    duties::charges::{Charges, Weighing},
};

fn proven_of(problem: &Problem, score: &Score) -> Proven {
    let clock = Clock::new(false);
    let mut meter = Meter::new(&clock, u64::MAX);
    super::of(problem, Some(score), &mut meter, &mut |_| ())
}

/// Which places a tiny problem has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Duties,
    Theatre,
    Both,
}

/// Three anesthetists and a nurse of the small problem, two days of it, and a few of its places.
fn tiny(seed: u64, wanted: Wanted) -> Problem {
    const DAYS: usize = 3;
    let mut dice = Dice::new(seed);
    let mut draft = small_draft(seed);
    let from = 1 + dice.below(3);
    draft.days = draft.days[from..from + DAYS].to_vec();
    let mut people: Vec<_> = [0, 1, 2, 6].into_iter().map(|at: usize| draft.people[at].clone()).collect();
    for person in &mut people {
        person.availability = person.availability[from * 2..(from + DAYS) * 2].to_vec();
        person.incompatibilities.clear();
        person.duty_unavailabilities.retain(|own| own.day.at() < DAYS);
    }
    let is_wanted = |kind: &SlotKind| wanted == Wanted::Both || kind.is_duty() == (wanted == Wanted::Duties);
    let mut slots: Vec<_> = (draft.slots.iter())
        .filter(|slot| (from..from + DAYS).contains(&slot.day.at()) && is_wanted(&slot.kind))
        .cloned()
        .collect();
    let most = if wanted == Wanted::Duties { 6 } else { 4 };
    while slots.len() > most {
        slots.remove(dice.below(slots.len()));
    }
    for slot in &mut slots {
        slot.day.0 -= from as u16;
        // Rows know no split gardes; half of the problems keep them all the same.
        if let (0, SlotKind::GardeDay { line } | SlotKind::GardeNight { line }) = (seed % 2, slot.kind) {
            slot.kind = SlotKind::Garde { line };
        }
    }
    Problem::build(Draft {
        people,
        slots,
        pins: Vec::new(),
        published: Vec::new(),
        requests: Vec::new(),
        wishes: Vec::new(),
        derogations: Vec::new(),
        ..draft
    })
    .unwrap()
}

/// The scores of all lawful plans without a nurse alone.
fn all_scores(problem: &Problem) -> Vec<Score> {
    let seats: Vec<Seat> =
        problem.slot_indices().flat_map(|slot| Post::ALL.map(|post| Seat { slot, post })).collect();
    let mut judge = Evaluator::new(problem, &Roster::empty(problem));
    let mut found = Vec::new();
    descend(problem, &mut judge, &seats, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

fn descend(problem: &Problem, judge: &mut Evaluator<'_>, seats: &[Seat], found: &mut Vec<Score>) {
    let Some((seat, rest)) = seats.split_first() else {
        let nurse_alone = problem.slot_indices().any(|slot| {
            let performer = judge.get(Seat::performer(slot));
            problem.slot(slot).kind.is_theatre()
                && judge.get(Seat::supervisor(slot)).is_none()
                && performer.is_some_and(|own| problem.person(own).profession == Profession::Iade)
        });
        if judge.score().is_feasible() && !nurse_alone {
            found.push(judge.score());
        }
        return;
    };
    let candidates: Vec<PersonIx> = problem.candidates(*seat).to_vec();
    for person in [None].into_iter().chain(candidates.into_iter().map(Some)) {
        let before = judge.set(*seat, person);
        descend(problem, judge, rest, found);
        judge.set(*seat, before);
    }
}

/// No lawful plan is below the bound, of BALANCE and PREFERENCE none whose critical level is within the incumbent's; true
/// when no hole is left open.
fn assert_bounded(problem: &Problem) -> bool {
    let scores = all_scores(problem);
    // What came before may forbid every plan.
    let Some(best) = scores.first().copied() else { return false };
    let proven = proven_of(problem, &best);
    let bound = proven.bound;
    let most = best.level(Level::Critical);
    for level in Level::ALL {
        let Some(proven) = bound.level(level) else { continue };
        for score in &scores {
            let within = level < Level::Balance || score.level(Level::Critical) <= most;
            assert!(!within || score.level(level) >= proven, "{level:?} {proven} {score}");
        }
    }
    let (relaxed, balance) = proven.strict;
    for score in &scores {
        let within = score.level(Level::Critical) <= most && score.level(Level::Relaxed) <= relaxed;
        assert!(!within || score.level(Level::Balance) >= balance, "{balance} {score}");
    }
    bound.level(Level::Critical) == Some(best.level(Level::Critical))
}

/// Nurses whose 7 days hold fewer half-days than they are there pay for idle ones, or for overtime.
#[test]
fn no_lawful_plan_pays_less_for_idle_nurses_and_their_overtime() {
    let mut tight = 0;
    for seed in 0..24 {
        let mut draft = tiny(seed, Wanted::Theatre).draft().clone();
        let half = draft.parameters.half_day_minutes as u16;
        for person in &mut draft.people {
            person.working_time.seven_days_usual = Some(half * (1 + (seed % 2) as u16));
            person.working_time.seven_days_max = Some(half * 2 + half / 2);
        }
        let problem = Problem::build(draft).unwrap();
        assert_bounded(&problem);
        let charges = Charges::of(&problem, Weighing::of_level(Level::Relaxed, [i64::MAX; Level::COUNT], 0));
        let least = super::idle::least(&problem, &charges);
        let best = all_scores(&problem).iter().map(|score| score.level(Level::Relaxed)).min();
        assert!(best.is_none_or(|best| least <= best));
        tight += usize::from(least > 0 && Some(least) == best);
    }
    assert!(tight > 0, "{tight}");
}

/// Rosters that a search finds for problems of ten days and nine people are above what is proven of plans like them.
#[test]
#[cfg(feature = "exact")]
fn no_roster_found_is_below_the_bound() {
    let (mut compared, mut strictly) = (0, 0);
    for seed in 0..16 {
        let mut draft = small_draft(seed);
        if seed % 2 == 0 {
            draft.pins.clear();
            draft.derogations.clear();
        }
        let problem = Problem::build(draft).unwrap();
        let options = Options { seed, steps: 3_000, ..Options::default() };
        let score = crate::solve(&problem, &options, &mut ()).score;
        let proven = proven_of(&problem, &score);
        for level in Level::ALL {
            let bound = proven.bound.level(level).unwrap_or(0);
            assert!(score.level(level) >= bound, "seed {seed} {level:?}: {score} below {bound}");
        }
        let (relaxed, balance) = proven.strict;
        compared += usize::from(proven.bound.level(Level::Balance).is_some_and(|bound| bound > 0));
        if score.level(Level::Relaxed) <= relaxed {
            assert!(score.level(Level::Balance) >= balance, "seed {seed}: {score} below {balance}");
            strictly += usize::from(balance > 0);
        }
    }
    assert!(compared > 0 && strictly > 0, "{compared} {strictly}");
}

#[test]
fn no_lawful_plan_of_duties_is_below_the_bound() {
    let mut tight = 0;
    for seed in 0..24 {
        tight += usize::from(assert_bounded(&tiny(seed, Wanted::Duties)));
    }
    assert!(tight > 0, "{tight}");
}

#[test]
#[cfg(feature = "exact")]
fn no_lawful_plan_of_days_is_below_the_bound() {
    let mut tight = 0;
    for seed in 0..24 {
        tight += usize::from(assert_bounded(&tiny(seed, Wanted::Theatre)));
    }
    assert!(tight > 0, "{tight}");
}

#[test]
#[cfg(feature = "exact")]
fn no_lawful_plan_of_duties_and_days_is_below_the_bound() {
    let mut tight = 0;
    for seed in 0..24 {
        tight += usize::from(assert_bounded(&tiny(seed, Wanted::Both)));
    }
    assert!(tight > 0, "{tight}");
}
