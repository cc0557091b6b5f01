//! Refusals in the terms of the caller: each has exactly one reason.

use chassis::{Problem, Violation};
use proto::{error::v1::Reason, names};

use crate::domain::{
    plan::{Plan, Refusal},
    problem, rule_set, trame, wish,
};

pub fn plan_refusal(plan: &Plan, refusal: Refusal) -> Problem {
    let reason = match refusal {
        Refusal::Archived => Reason::PlanArchived,
        Refusal::NotDraft => Reason::PlanNotDraft,
        Refusal::NotPublished => Reason::PlanNotPublished,
    };
    let name = names::PlanName::new(&plan.hospital, &plan.id);
    Problem::precondition(reason, refusal.to_string()).and("STATE", name.to_string(), plan.state.code())
}

pub fn overlaps(other: &Plan) -> Problem {
    let name = names::PlanName::new(&other.hospital, &other.id).to_string();
    Problem::precondition(Reason::PlanOverlaps, "another plan covers a site on some of the days")
        .and("OVERLAP", name.clone(), format!("covers {} to {}", other.days.first(), other.days.last()))
        .with("plan", name)
}

pub fn without_staff(hospital: &str, plan: &str) -> Problem {
    let name = names::PlanName::new(hospital, plan).to_string();
    Problem::precondition(Reason::PlanWithoutStaff, "nobody has a contract at the plan's sites in its dates")
        .and("STAFF", name, "expected at least one person with a contract")
}

pub fn empty(plan: &Plan) -> Problem {
    let name = names::PlanName::new(&plan.hospital, &plan.id).to_string();
    Problem::precondition(Reason::PlanEmpty, "the plan has no shift to staff").and("SHIFTS", name, "no shift")
}

pub fn generation_running(hospital: &str, plan: &str, operation: &str) -> Problem {
    let name = names::OperationName::new(hospital, plan, operation).to_string();
    Problem::aborted(Reason::GenerationRunning, "a generation of this plan is running")
        .with("operation", name)
}

pub fn proposal_stale() -> Problem {
    Problem::aborted(
        Reason::ProposalStale,
        "shifts or pins of the plan moved since the proposal was computed",
    )
}

pub fn absences_moved() -> Problem {
    Problem::precondition(Reason::AbsencesMoved, "absences moved since the plan was analyzed").and(
        "ABSENCES",
        "leave",
        "analyze the plan again",
    )
}

pub fn operation_done() -> Problem {
    Problem::precondition(Reason::OperationDone, "the operation has ended").and("STATE", "operation", "DONE")
}

pub fn task_lost() -> Problem {
    Problem::aborted(Reason::TaskLost, "the lease of the task has passed on")
}

pub fn post_held(shift: &str) -> Problem {
    Problem::already_exists(Reason::NameTaken, "Assignment", shift)
}

pub fn template_taken(display_name: &str) -> Problem {
    Problem::already_exists(Reason::NameTaken, "Template", display_name)
}

pub fn room_closed(field: &str, number: &str) -> Problem {
    let violation =
        Violation::new(field, format!("room `{number}` is closed or unknown; expected an open one"));
    Problem::invalid_as(Reason::RoomClosed, vec![violation])
}

/// Hard rules that forbid a publication, one violation per match.
pub fn hard_violations(matches: impl IntoIterator<Item = (String, String, String)>) -> Problem {
    let problem = Problem::precondition(Reason::PlanHasHardViolations, "the plan breaks hard rules");
    matches.into_iter().fold(problem, |problem, (rule, subject, text)| problem.and(&rule, subject, text))
}

/// What only the certificate finds, one violation per breach.
pub fn not_certified(breaches: impl IntoIterator<Item = (String, String, String)>) -> Problem {
    let problem =
        Problem::precondition(Reason::PlanNotCertified, "the plan breaks what its certificate checks");
    breaches.into_iter().fold(problem, |problem, (rule, subject, text)| problem.and(&rule, subject, text))
}

pub fn trame(file: &str, cells: Vec<trame::Cell>) -> Problem {
    let violations = cells
        .into_iter()
        .map(|cell| Violation::new(format!("{file}:{}:{}", cell.line, cell.column), cell.description));
    Problem::invalid_as(Reason::ImportInvalid, violations.collect())
}

pub fn justification_required() -> Problem {
    let violation = Violation::new("justification", "an adjustment says why; expected a text");
    Problem::invalid_as(Reason::LedgerJustificationRequired, vec![violation])
}

pub fn counter_not_kept(hospital: &str, staff_member: &str, counter: &str) -> Problem {
    let name = names::CounterName::new(hospital, staff_member, counter).to_string();
    Problem::precondition(Reason::CounterNotKept, "the ledger keeps no such counter").and(
        "COUNTER",
        name,
        "unknown, or known to analyses only",
    )
}

pub fn wish(hospital: &str, own: &wish::Wish, refusal: wish::Refusal) -> Problem {
    let name = |id: &str| names::WishName::new(hospital, &own.staff_member, id).to_string();
    match refusal {
        wish::Refusal::WindowClosed { first, last } => {
            let text = "the window for wishes of the month is not open";
            Problem::precondition(Reason::WishWindowClosed, text)
                .and("WINDOW", own.day.to_string(), format!("open from {first} to {last}"))
                .with("first_date", first.to_string())
                .with("last_date", last.to_string())
        }
        wish::Refusal::AllowanceSpent { allowance } => {
            let text = "as many wishes of the rank as a month may have";
            Problem::precondition(Reason::WishAllowanceSpent, text)
                .and("ALLOWANCE", own.rank.code(), format!("at most {allowance} in a month"))
                .with("allowance", allowance.to_string())
        }
        wish::Refusal::Known { id } => Problem::already_exists(Reason::NameTaken, "Wish", name(&id)),
        wish::Refusal::Contradicts { id } => {
            Problem::precondition(Reason::WishContradicts, "the contrary is wished for at the same time")
                .and("WISH", name(&id), "take it back first")
                .with("wish", name(&id))
        }
        wish::Refusal::NotPending { state } => Problem::precondition(
            Reason::WishNotPending,
            "the wish is decided",
        )
        .and("STATE", name(&own.id), state.code()),
    }
}

pub fn rules(wrong: Vec<rule_set::Wrong>) -> Problem {
    let is_unknown = wrong.iter().any(|own| matches!(own, rule_set::Wrong::UnknownRule { .. }));
    let violations = wrong.into_iter().map(|own| match own {
        rule_set::Wrong::UnknownRule { field, rule } => {
            Violation::new(field, format!("`{rule}` is not in the catalog; ListRules names them"))
        }
        rule_set::Wrong::Field { field, expected } => Violation::new(field, format!("expected {expected}")),
    });
    let reason = if is_unknown { Reason::RuleUnknown } else { Reason::FieldViolations };
    Problem::invalid_as(reason, violations.collect())
}

pub fn no_problem(plan: &Plan, error: problem::Error) -> Problem {
    match error {
        problem::Error::NoStaff => without_staff(&plan.hospital, &plan.id),
        problem::Error::RoomGone { shift, room } => {
            let name = names::ShiftName::new(&plan.hospital, &plan.id, shift).to_string();
            Problem::precondition(Reason::RoomClosed, "the room of a shift is gone").and(
                "ROOM",
                name,
                format!("room `{room}` is no longer there; delete the shift"),
            )
        }
        error @ problem::Error::Refused(_) => Problem::internal(error),
    }
}

/// A reason of its name, as solvers hand it in.
pub fn reason(name: &str) -> Reason {
    Reason::from_str_name(&format!("REASON_{name}")).unwrap_or(Reason::Internal)
}
