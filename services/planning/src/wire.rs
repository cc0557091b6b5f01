//! Problems and rosters as bytes: how tasks are stored and handed to solvers.

use chassis::Problem as Refusal;
use prost::Message;
use proto::solver::v1 as pb;
use roster::{Problem, Roster};

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

/// What a solver hands in.
#[derive(Debug)]
pub enum Outcome {
    /// The best roster it found.
    Found { roster: pb::Roster, was_cancelled: bool, seed: u64, steps: u64, elapsed_ms: i64 },
    /// Why there is none.
    Failed { reason: String, message: String },
}
