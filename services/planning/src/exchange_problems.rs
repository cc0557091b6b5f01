//! Refusals of swaps and replacements in the terms of the caller.

use chassis::Problem;
use proto::{
    error::v1::Reason,
    names::{AssignmentName, PlanName, ReplacementName, SwapName},
};

use crate::domain::{
    plan::Plan,
    replacement::{self, Replacement},
    swap::{self, Swap},
};

pub fn swap_refusal(own: &Swap, refusal: swap::Refusal) -> Problem {
    let reason = match refusal {
        swap::Refusal::NotPending => Reason::SwapNotPending,
        swap::Refusal::NotAccepted => Reason::SwapNotAccepted,
        swap::Refusal::Expired => Reason::SwapExpired,
    };
    Problem::precondition(reason, refusal.to_string()).and("STATE", swap_name(own), own.state.code())
}

pub fn swap_pending_already(own: &Swap) -> Problem {
    let name = AssignmentName::new(&own.hospital, &own.plan, &own.offered).to_string();
    Problem::precondition(Reason::SwapPendingAlready, "the duty is offered in another swap that waits").and(
        "SWAP",
        name,
        "offered already",
    )
}

pub fn swap_without_candidates(own: &Swap) -> Problem {
    let name = AssignmentName::new(&own.hospital, &own.plan, &own.offered).to_string();
    let text = "nobody it is offered to could take the duty without breaking a hard rule";
    Problem::precondition(Reason::SwapWithoutCandidates, text).and("CANDIDATES", name, "nobody")
}

pub fn give_away_not_allowed() -> Problem {
    Problem::precondition(Reason::SwapGiveAwayNotAllowed, "duties are exchanged here, not given away").and(
        "POLICY",
        "exchangePolicy",
        "give_away_allowed is false",
    )
}

/// `kind` is what differs: VALUE or PROFESSION.
pub fn unequal(plan: &Plan, kind: &str, text: &str) -> Problem {
    let name = PlanName::new(&plan.hospital, &plan.id).to_string();
    Problem::precondition(Reason::SwapUnequal, "the duties do not count alike").and(kind, name, text)
}

pub fn duty_over(plan: &Plan, id: &str) -> Problem {
    duty(plan, id, Reason::SwapDutyOver, "the duty has begun")
}

pub fn duty_locked(plan: &Plan, id: &str) -> Problem {
    duty(plan, id, Reason::SwapDutyLocked, "a planner has locked the duty")
}

pub fn duty_not_held(plan: &Plan, id: &str) -> Problem {
    duty(plan, id, Reason::SwapDutyNotHeld, "the duty is no longer that person's")
}

fn duty(plan: &Plan, id: &str, reason: Reason, text: &str) -> Problem {
    let name = AssignmentName::new(&plan.hospital, &plan.id, id).to_string();
    Problem::precondition(reason, text).and("DUTY", name, text)
}

/// What is judged moves again and again.
pub fn plan_moves() -> Problem {
    Problem::aborted(Reason::Conflict, "the plan is published again and again while this is judged")
}

pub fn replacement_refusal(own: &Replacement, refusal: replacement::Refusal) -> Problem {
    let reason = match refusal {
        replacement::Refusal::Filled => Reason::ReplacementFilled,
        replacement::Refusal::Ended => Reason::ReplacementEnded,
        replacement::Refusal::OfferExpired => Reason::ReplacementOfferExpired,
    };
    Problem::precondition(reason, refusal.to_string()).and("STATE", replacement_name(own), own.state.code())
}

pub fn replacement_open_already(own: &Replacement) -> Problem {
    let name = replacement_name(own);
    Problem::precondition(Reason::ReplacementOpenAlready, "the post is to replace already")
        .and("REPLACEMENT", name.clone(), own.state.code())
        .with("replacement", name)
}

pub fn replacement_too_late() -> Problem {
    Problem::precondition(Reason::ReplacementTooLate, "the deadline has passed").and(
        "DEADLINE",
        "replacement.deadline_time",
        "expected a moment to come, before the post ends",
    )
}

pub fn replacement_without_candidates(own: &Replacement) -> Problem {
    let text = "nobody could take the post without breaking a hard rule";
    Problem::precondition(Reason::ReplacementWithoutCandidates, text).and(
        "CANDIDATES",
        replacement_name(own),
        "nobody",
    )
}

/// People who cannot take a post, each with the rule in the way.
pub fn replacement_breaks(stopped: impl IntoIterator<Item = (&'static str, String)>) -> Problem {
    let text = "some people cannot take the post without breaking hard rules";
    let problem = Problem::precondition(Reason::ReplacementBreaksHardRules, text);
    stopped
        .into_iter()
        .fold(problem, |problem, (rule, person)| problem.and(rule, person, "cannot take the post"))
}

fn swap_name(own: &Swap) -> String {
    SwapName::new(&own.hospital, &own.id).to_string()
}

fn replacement_name(own: &Replacement) -> String {
    ReplacementName::new(&own.hospital, &own.id).to_string()
}
