//! What planning tells the others.

use std::collections::BTreeMap;

use chassis::Problem;
use durable::Tx;
use proto::{
    names::{
        AssignmentName, LedgerLineName, OperationName, PlanName, ProposalName, RevisionName, StaffMemberName,
        TaskName, WishName,
    },
    planning::v1 as pb,
    r#type::v1::Score,
};

use crate::{
    api::convert,
    domain::{diff::Changed, ledger::Line, plan::Plan, wish},
    store::operations::Operation,
};

/// Planning's topic.
pub const TOPIC: &str = "planning";
/// The topic of wake-ups for solvers.
pub const TASKS: &str = "tasks";

pub async fn plan_published(
    tx: &Tx,
    plan: &Plan,
    changes: BTreeMap<String, Vec<Changed>>,
    certificate_hash: &str,
) -> Result<(), Problem> {
    let hospital = plan.hospital.as_str();
    let name = PlanName::new(hospital, &plan.id).to_string();
    let people = changes.into_iter().map(|(staff_member, changes)| pb::PersonChanges {
        staff_member: StaffMemberName::new(hospital, staff_member).to_string(),
        changes: changes.iter().map(|own| convert::duty_change(plan, own)).collect(),
    });
    let event = pb::PlanPublished {
        plan: name.clone(),
        revision: RevisionName::new(hospital, &plan.id, plan.revision.to_string()).to_string(),
        first_date: Some(plan.days.first().into()),
        last_date: Some(plan.days.last().into()),
        people: people.collect(),
        certificate_hash: certificate_hash.to_owned(),
    };
    tx.publish(TOPIC, &event, hospital, name).await
}

/// The head changed; `assignment` is none when a whole proposal was adopted.
pub async fn assignment_changed(tx: &Tx, plan: &Plan, assignment: Option<&str>) -> Result<(), Problem> {
    let name = PlanName::new(&plan.hospital, &plan.id).to_string();
    let assignment = assignment.map(|id| AssignmentName::new(&plan.hospital, &plan.id, id).to_string());
    let event = pb::AssignmentChanged { plan: name.clone(), assignment: assignment.unwrap_or_default() };
    tx.publish(TOPIC, &event, &plan.hospital, name).await
}

/// A counter was corrected.
pub async fn counter_adjusted(tx: &Tx, hospital: &str, line: &Line) -> Result<(), Problem> {
    let name = LedgerLineName::new(hospital, &line.staff_member, &line.counter, &line.id).to_string();
    let staff_member = StaffMemberName::new(hospital, &line.staff_member).to_string();
    let event = pb::CounterAdjusted { ledger_line: name.clone(), staff_member };
    tx.publish(TOPIC, &event, hospital, name).await
}

/// A wish was granted or declined.
pub async fn wish_decided(tx: &Tx, hospital: &str, own: &wish::Wish) -> Result<(), Problem> {
    let name = WishName::new(hospital, &own.staff_member, &own.id).to_string();
    let state = match own.state {
        wish::State::Submitted => pb::wish::State::Submitted,
        wish::State::Approved => pb::wish::State::Approved,
        wish::State::Rejected => pb::wish::State::Rejected,
    };
    let event = pb::WishDecided {
        wish: name.clone(),
        staff_member: StaffMemberName::new(hospital, &own.staff_member).to_string(),
        state: state.into(),
    };
    tx.publish(TOPIC, &event, hospital, name).await
}

/// A generation ended, one way or the other.
pub async fn generation_ended(tx: &Tx, operation: &Operation, levels: &[i64]) -> Result<(), Problem> {
    let hospital = operation.hospital.as_str();
    let name = OperationName::new(hospital, &operation.plan, &operation.id).to_string();
    let requester = StaffMemberName::new(hospital, &operation.requester).to_string();
    if operation.proposal.is_empty() {
        let reason = operation.error_reason.clone();
        let event = pb::GenerationFailed { operation: name.clone(), requester, reason };
        return tx.publish(TOPIC, &event, hospital, name).await;
    }
    let event = pb::GenerationFinished {
        operation: name.clone(),
        proposal: ProposalName::new(hospital, &operation.plan, &operation.proposal).to_string(),
        requester,
        score: Some(Score { levels: levels.to_vec() }),
    };
    tx.publish(TOPIC, &event, hospital, name).await
}

/// A task waits for a solver.
pub async fn task_queued(tx: &Tx, hospital: &str, task: &str) -> Result<(), Problem> {
    let name = TaskName::new(hospital, task).to_string();
    tx.publish(TASKS, &pb::TaskQueued { task: name.clone() }, hospital, name).await
}
