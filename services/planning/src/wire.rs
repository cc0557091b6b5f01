//! Problems, rosters and certificates as bytes: how they are stored, and handed to solvers.

use certificate::{Breach, Certificate, Unit, Verdict};
use chassis::Problem as Refusal;
use durable::time;
use jiff::Timestamp;
use prost::Message;
use proto::{
    names::{CertificateName, StaffMemberName},
    planning::v1 as planning,
    solver::v1 as pb,
};
use roster::{Problem, Roster};

use crate::{domain::plan::Plan, store::entity::certificate as certificate_row};

/// A problem as stored.
pub fn problem_bytes(problem: &Problem) -> Vec<u8> {
    problem::encode(problem).encode_to_vec()
}

/// The message of a stored problem, as solvers get it.
pub fn problem_message(bytes: &[u8]) -> Result<pb::Problem, Refusal> {
    pb::Problem::decode(bytes).map_err(Refusal::internal)
}

/// The problem of its stored form.
pub fn problem_of(bytes: &[u8]) -> Result<Problem, Refusal> {
    let message = problem_message(bytes)?;
    problem::decode(&message)
        .map_err(|violations| Refusal::internal(format!("stored problem: {violations:?}")))
}

/// The message of a stored roster; none when nothing is stored.
pub fn roster_message(bytes: &[u8]) -> Result<Option<pb::Roster>, Refusal> {
    if bytes.is_empty() {
        return Ok(None);
    }
    pb::Roster::decode(bytes).map(Some).map_err(Refusal::internal)
}

/// The roster of a message, for its problem.
///
/// # Errors
/// Every field that is wrong: the solver's mistake.
pub fn roster_of(message: &pb::Roster, problem: &Problem) -> Result<Roster, Refusal> {
    problem::decode_roster(message, problem).map_err(|violations| {
        let violations = violations.into_iter();
        let field = |own: &str| format!("solution.roster.{own}");
        Refusal::invalid(
            violations.map(|own| chassis::Violation::new(field(&own.field), own.description)).collect(),
        )
    })
}

/// What is proved of a search, as stored: the message's bytes, in hexadecimal.
pub fn bound_text(bound: &proto::r#type::v1::Bound) -> String {
    hex::encode(bound.encode_to_vec())
}

/// The message of a stored bound; none when nothing is proved.
pub fn bound_message(text: &str) -> Result<Option<proto::r#type::v1::Bound>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = hex::decode(text).map_err(Refusal::internal)?;
    proto::r#type::v1::Bound::decode(bytes.as_slice()).map(Some).map_err(Refusal::internal)
}

/// What a certificate says.
pub fn verdict(own: Verdict) -> planning::certificate::Verdict {
    match own {
        Verdict::Compliant => planning::certificate::Verdict::Compliant,
        Verdict::Breached => planning::certificate::Verdict::Breached,
    }
}

/// A certificate as stored: its message, but for what its row says besides.
pub fn certificate_bytes(plan: &Plan, own: &Certificate) -> Vec<u8> {
    let finding = |own: &Breach| planning::certificate::Finding {
        start_time: Some(to_proto(own.start)),
        end_time: Some(to_proto(own.end)),
        law: own.law.clone(),
        staff_members: (own.people.iter())
            .map(|id| StaffMemberName::new(&plan.hospital, id).to_string())
            .collect(),
        shifts: own.shifts.clone(),
        measured: own.measured,
        limit: own.limit,
        unit: match own.unit {
            Unit::Minutes => planning::certificate::Unit::Minutes,
            Unit::Things => planning::certificate::Unit::Things,
        }
        .into(),
    };
    let checks = own.checks.iter().map(|check| planning::certificate::Check {
        rule: check.rule.code().to_owned(),
        law: check.rule.law().to_owned(),
        fact_count: i32::try_from(check.count).unwrap_or(i32::MAX),
        breaches: check.breaches.iter().map(finding).collect(),
        derogations: check.derogations.iter().map(finding).collect(),
    });
    let message = planning::Certificate {
        name: CertificateName::new(&plan.hospital, &plan.id, plan.revision.to_string()).to_string(),
        verdict: verdict(own.verdict).into(),
        checks: checks.collect(),
        ..Default::default()
    };
    message.encode_to_vec()
}

/// The message of a stored certificate.
pub fn certificate_message(row: &certificate_row::Model) -> Result<planning::Certificate, Refusal> {
    let message = planning::Certificate::decode(row.content.as_slice()).map_err(Refusal::internal)?;
    Ok(planning::Certificate {
        hash: row.hash.clone(),
        fact_count: row.fact_count,
        format: row.format.clone(),
        create_time: Some(time::micros_to_proto(row.create_time)),
        ..message
    })
}

fn to_proto(instant: Timestamp) -> prost_types::Timestamp {
    time::micros_to_proto(time::micros(instant))
}

/// What a solver hands in.
#[derive(Debug)]
pub enum Outcome {
    /// The best roster it found.
    Found { roster: pb::Roster, was_cancelled: bool, seed: u64, steps: u64, elapsed_ms: i64 },
    /// Why there is none.
    Failed { reason: String, message: String },
}
