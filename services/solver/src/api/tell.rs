//! Answers written for the wire.

use engine::Candidate;
use engine::explain::{
    Contradiction, Counterfactual, Element, Ground, Outcome, Relaxation, RuleDifference, Verdict, Why, WhyNot,
};
use engine::replan::{
    Alternative, Cause, Change, EquityShift, FallenPost, LeaveEffect, Obstacle, RemainingHole, Replanning,
    ShiftReplanning,
};
use problem::encode_score;
use proto::solver::v1 as pb;
use proto::solver::v1::{
    element, explain_alternative_response, explain_assignment_response, find_contradiction_response,
    relaxation, rival,
};
use roster::problem::{DayIx, PersonIx, Post, Seat};

fn index(person: PersonIx) -> u32 {
    u32::from(person.0)
}

fn day(day: DayIx) -> u32 {
    u32::from(day.0)
}

/// A number of changes or people: never more than the problem has places.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub fn place(seat: Seat) -> pb::Place {
    let post = match seat.post {
        Post::Performer => pb::Post::Performer,
        Post::Supervisor => pb::Post::Supervisor,
    };
    pb::Place { slot: seat.slot.0, post: post.into() }
}

fn places(seats: &[Seat]) -> Vec<pb::Place> {
    seats.iter().copied().map(place).collect()
}

pub fn candidate(own: &Candidate) -> pb::Candidate {
    pb::Candidate { person: index(own.person), difference: Some(encode_score(&own.difference)) }
}

fn change(own: &Change) -> pb::Change {
    let cause = match own.cause {
        Cause::Replaces => pb::change::Cause::Replaces,
        Cause::Falls => pb::change::Cause::Falls,
        Cause::Relays => pb::change::Cause::Relays,
        Cause::Drops => pb::change::Cause::Drops,
        Cause::Joins => pb::change::Cause::Joins,
        Cause::Closes => pb::change::Cause::Closes,
    };
    pb::Change {
        place: Some(place(own.seat)),
        before: own.before.map(index),
        after: own.after.map(index),
        cause: cause.into(),
        cost: own.cost,
    }
}

fn alternative(own: &Alternative) -> pb::Alternative {
    pb::Alternative {
        changes: own.changes.iter().map(change).collect(),
        changes_count: count(own.changes_count),
        difference: Some(encode_score(&own.difference)),
        holes: places(&own.holes),
        pareto: own.is_pareto,
    }
}

pub fn replanning(found: &Replanning) -> pb::SuggestReplacementsResponse {
    pb::SuggestReplacementsResponse {
        fallen: places(&found.fallen),
        locked: places(&found.locked),
        alternatives: found.alternatives.iter().map(alternative).collect(),
        beyond: found.beyond.as_ref().map(alternative),
        complete_up_to: found.complete_up_to.map(count),
        steps: found.steps,
        shifts: None,
    }
}

/// What falls of a person's shifts; `None` when the person works none then.
pub fn shifts(found: &ShiftReplanning) -> Option<pb::ShiftReplanning> {
    if found.fallen.is_empty() && found.locked.is_empty() {
        return None;
    }
    let alternatives = found.alternatives.iter().map(|own| pb::ShiftAlternative {
        changes: (own.changes.iter())
            .map(|change| pb::shift_alternative::ShiftChange {
                person: index(change.person),
                day: day(change.day),
                before: u32::from(change.before),
                after: u32::from(change.after),
            })
            .collect(),
        changes_count: count(own.changes_count),
        difference: Some(encode_score(&own.difference)),
        pareto: own.is_pareto,
    });
    let fallen = found.fallen.iter();
    Some(pb::ShiftReplanning {
        fallen: fallen
            .map(|(on, code)| pb::shift_replanning::Shift { day: day(*on), shift: u32::from(*code) })
            .collect(),
        locked_days: found.locked.iter().copied().map(day).collect(),
        alternatives: alternatives.collect(),
        complete_up_to: found.complete_up_to.map(count),
        steps: found.steps,
    })
}

fn obstacle(own: &Obstacle) -> pb::Obstacle {
    pb::Obstacle { rule: own.rule.code().to_owned(), people: own.people }
}

fn fallen(own: &FallenPost) -> pb::FallenPlace {
    pb::FallenPlace {
        place: Some(place(own.seat)),
        takers: own.takers.iter().map(candidate).collect(),
        obstacles: own.obstacles.iter().map(obstacle).collect(),
    }
}

fn remaining(own: &RemainingHole) -> pb::RemainingHole {
    pb::RemainingHole {
        place: Some(place(own.seat)),
        obstacles: own.obstacles.iter().map(obstacle).collect(),
    }
}

fn shift(own: &EquityShift) -> pb::EquityShift {
    pb::EquityShift {
        person: index(own.person),
        counter: own.counter.code().to_owned(),
        before: own.before,
        after: own.after,
        target: own.target,
    }
}

pub fn leave(effect: &LeaveEffect) -> pb::PreviewLeaveResponse {
    pb::PreviewLeaveResponse {
        falls: effect.falls.iter().map(fallen).collect(),
        locked: places(&effect.locked),
        alternatives: effect.alternatives.iter().map(alternative).collect(),
        holes: effect.holes.iter().map(remaining).collect(),
        difference_unmended: Some(encode_score(&effect.difference_unmended)),
        difference: Some(encode_score(&effect.difference)),
        equity: effect.equity.iter().map(shift).collect(),
        complete_up_to: effect.complete_up_to.map(count),
        steps: effect.steps,
        shifts: None,
    }
}

fn rule(own: &RuleDifference) -> pb::RuleDifference {
    pb::RuleDifference { rule: own.rule.code().to_owned(), difference: Some(encode_score(&own.difference)) }
}

pub fn why(own: &Why) -> pb::ExplainAssignmentResponse {
    use explain_assignment_response::Ground as Told;
    let ground = match own.ground {
        Ground::Locked => Told::Locked,
        Ground::Requested => Told::Requested,
        Ground::OnlyOne => Told::OnlyOne,
        Ground::Best => Told::Best,
        Ground::NotBest(_) => Told::NotBest,
    };
    let rivals = own.rivals.iter().map(|rival| pb::Rival {
        person: index(rival.person),
        verdict: Some(match rival.verdict {
            Verdict::Stopped(rule) => rival::Verdict::StoppedBy(rule.code().to_owned()),
            Verdict::Costs(score) => rival::Verdict::Difference(encode_score(&score)),
        }),
    });
    pb::ExplainAssignmentResponse {
        person: index(own.person),
        ground: ground.into(),
        published: own.is_published,
        worth: own.worth.iter().map(rule).collect(),
        rivals: rivals.collect(),
    }
}

fn counterfactual(own: &Counterfactual) -> pb::Counterfactual {
    let changes = own.changes.iter().map(|moved| pb::Change {
        place: Some(place(moved.seat)),
        before: moved.before.map(index),
        after: moved.after.map(index),
        ..pb::Change::default()
    });
    pb::Counterfactual {
        changes: changes.collect(),
        difference: Some(encode_score(&own.difference)),
        rules: own.rules.iter().map(rule).collect(),
    }
}

pub fn why_not(found: &WhyNot) -> pb::ExplainAlternativeResponse {
    use explain_alternative_response::Verdict as Told;
    let code = |rule: &roster::RuleId| rule.code().to_owned();
    match found {
        WhyNot::Holds => pb::ExplainAlternativeResponse {
            verdict: Told::Holds.into(),
            complete: true,
            ..pb::ExplainAlternativeResponse::default()
        },
        WhyNot::Never(rule) => pb::ExplainAlternativeResponse {
            verdict: Told::Never.into(),
            stopped_by: code(rule),
            counterfactual: None,
            complete: true,
        },
        WhyNot::At { stopped_by, counterfactual: found, is_complete } => pb::ExplainAlternativeResponse {
            verdict: Told::AtAPrice.into(),
            stopped_by: stopped_by.as_ref().map(code).unwrap_or_default(),
            counterfactual: found.as_ref().map(counterfactual),
            complete: *is_complete,
        },
    }
}

pub fn contradiction(found: &Contradiction) -> pb::FindContradictionResponse {
    use find_contradiction_response::Outcome as Told;
    let mut told = pb::FindContradictionResponse {
        relaxations: found.relaxations.iter().map(|(own, price)| relaxation(own, *price)).collect(),
        steps: found.steps,
        ..pb::FindContradictionResponse::default()
    };
    let outcome = match &found.outcome {
        Outcome::Contradiction { elements, is_irreducible } => {
            told.elements = elements.iter().map(element).collect();
            told.irreducible = *is_irreducible;
            Told::Contradiction
        }
        Outcome::Holds(roster) => {
            told.roster = Some(problem::encode_roster(roster));
            Told::Holds
        }
        Outcome::Unknown => Told::Unknown,
    };
    told.outcome = outcome.into();
    told
}

fn element(own: &Element) -> pb::Element {
    let told = match *own {
        Element::Demand(slot) => element::Element::Demand(slot.0),
        Element::Lock(seat) => element::Element::Lock(place(seat)),
        Element::Request(request) => element::Element::Request(count(request)),
        Element::Absence(person, on) => {
            element::Element::Absence(element::Absence { person: index(person), day: day(on) })
        }
    };
    pb::Element { element: Some(told) }
}

fn relaxation(own: &Relaxation, price: i64) -> pb::Relaxation {
    use relaxation::{CallBack, Derogate};
    let told = match *own {
        Relaxation::Close(slot) => relaxation::Relaxation::Close(slot.0),
        Relaxation::Unlock(seat) => relaxation::Relaxation::Unlock(place(seat)),
        Relaxation::Withdraw(request) => relaxation::Relaxation::Withdraw(count(request)),
        Relaxation::CallBack(person, on) => {
            relaxation::Relaxation::CallBack(CallBack { person: index(person), day: day(on) })
        }
        Relaxation::Derogate { rule, person, day: on } => {
            let rule = rule.code().to_owned();
            relaxation::Relaxation::Derogate(Derogate { rule, person: index(person), day: day(on) })
        }
    };
    pb::Relaxation { relaxation: Some(told), price }
}
