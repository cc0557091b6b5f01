//! Why this person holds this place.

use roster::{
    Evaluator, Level, Problem, Roster, RuleId, Score,
    problem::{Ask, PersonIx, Post, Seat, SlotKind},
};

use super::{RuleDifference, differences};

/// What put a person in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// It is locked.
    Locked,
    /// The person's request for it was granted.
    Requested,
    /// Nobody else may take it as things stand.
    OnlyOne,
    /// Others may, and each would make the roster worse.
    Best,
    /// So many others may and would make the roster better or as good, if nobody else moved.
    NotBest(usize),
}

/// What holds of somebody else for this place, nobody else moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This inviolable rule is in the way.
    Stopped(RuleId),
    /// It could be; the roster would cost this much more.
    Costs(Score),
}

/// Somebody else who might hold the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rival {
    /// Who.
    pub person: PersonIx,
    /// What holds of them.
    pub verdict: Verdict,
}

/// Why a person holds a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The place.
    pub seat: Seat,
    /// Who holds it.
    pub person: PersonIx,
    /// What put the person there.
    pub ground: Ground,
    /// It is as published.
    pub is_published: bool,
    /// What the roster would cost more with the place empty, rule by rule.
    pub worth: Vec<RuleDifference>,
    /// The others of the profession at the site: those who could, cheapest first, then those who are stopped.
    pub rivals: Vec<Rival>,
}

/// Why a place is held by whom it is; `None` when it is empty.
#[must_use]
pub fn why(problem: &Problem, roster: &Roster, seat: Seat) -> Option<Why> {
    let person = roster.get(seat)?;
    let mut judge = Evaluator::new(problem, roster);
    let rivals = rivals(&mut judge, seat, person);
    let mut without = roster.clone();
    without.set(seat, None);
    let could: Vec<Score> = (rivals.iter())
        .filter_map(|own| match own.verdict {
            Verdict::Costs(score) => Some(score),
            Verdict::Stopped(_) => None,
        })
        .collect();
    let better = could.iter().filter(|score| **score <= Score::ZERO).count();
    let ground = if problem.pin(seat).is_some() {
        Ground::Locked
    } else if is_requested(problem, seat, person) {
        Ground::Requested
    } else if could.is_empty() {
        Ground::OnlyOne
    } else if better == 0 {
        Ground::Best
    } else {
        Ground::NotBest(better)
    };
    let is_published = problem.published(seat).is_some_and(|own| own.person == Some(person));
    let worth = differences(problem, roster, &without);
    Some(Why { seat, person, ground, is_published, worth, rivals })
}

fn rivals(judge: &mut Evaluator<'_>, seat: Seat, holder: PersonIx) -> Vec<Rival> {
    let problem = judge.problem();
    let before = judge.score();
    let mut rivals = Vec::new();
    for person in problem.person_indices().filter(|person| *person != holder) {
        match verdict(judge, seat, person, before) {
            Verdict::Stopped(rule) if is_out_of_question(rule) => {}
            verdict => rivals.push(Rival { person, verdict }),
        }
    }
    rivals.sort_by_key(|own| match own.verdict {
        Verdict::Costs(score) => (0, score, None, own.person),
        Verdict::Stopped(rule) => (1, Score::ZERO, Some(rule), own.person),
    });
    rivals
}

fn verdict(judge: &mut Evaluator<'_>, seat: Seat, person: PersonIx, before: Score) -> Verdict {
    // Unlocked for the sake of the answer: who could hold a locked place if it were not.
    let blocked = judge.can_take(seat, person).err().map(|blocker| blocker.rule);
    let after = judge.preview(&[(seat, Some(person))]);
    match blocked {
        Some(rule) => Verdict::Stopped(rule),
        // Each place is fine alone, and yet not with what stays: a nurse for an anesthetist who supervised nobody.
        None if after.level(Level::Hard) > before.level(Level::Hard) => {
            Verdict::Stopped(RuleId::TwoPrimaries)
        }
        None => Verdict::Costs(after - before),
    }
}

/// Rules that say somebody is not of those who do this at all, or not there.
fn is_out_of_question(rule: RuleId) -> bool {
    matches!(
        rule,
        RuleId::DutyProfession | RuleId::ConsultationProfession | RuleId::IadeTheatreOnly | RuleId::OwnSites
    )
}

/// A granted request of the person asks for this place.
pub(super) fn is_requested(problem: &Problem, seat: Seat, person: PersonIx) -> bool {
    let slot = problem.slot(seat.slot);
    let granted = &problem.draft().requests;
    granted.iter().filter(|request| request.person == person).any(|request| match request.ask {
        Ask::Slot(own) => own == seat.slot && seat.post == Post::Performer,
        Ask::Garde(day) => slot.kind.is_garde() && day == slot.day,
        Ask::Astreinte(day) => matches!(slot.kind, SlotKind::Astreinte { .. }) && day == slot.day,
        Ask::Work(half) => slot.half_day() == Some(half),
        Ask::Consultation(half) => {
            matches!(slot.kind, SlotKind::Consultation { .. }) && slot.half_day() == Some(half)
        }
        Ask::NoGarde(_) | Ask::NoAstreinte(_) | Ask::Off(_) => false,
    })
}
