//! Questions about one roster: who could replace, what a leave would do, why and why not. Each takes a thread of the
//! pool for a bounded number of steps.

use chassis::{Ctx, Problem as Refusal};
use engine::explain::{self, Patience, Question};
use engine::replan;
use metrics::counter;
use proto::error::v1::Reason;
use proto::solver::v1 as pb;
use proto::solver::v1::recommend_assignments_response::Recommendation;
use roster::{Problem, Roster, problem::PersonIx};
use tonic::{Request, Response, Status};

use super::read::{CHANGES_MAX, Reader};
use super::{Api, BUSY_RETRY_AFTER, PATIENCE, tell};
use crate::metrics::QUESTIONS_TOTAL;
use crate::permissions;

/// The most places ranked in one call.
const PLACES_MAX: usize = 100;
/// The most holes looked at together.
const HOLES_MAX: usize = 10;
/// Steps for a contradiction when the caller names none.
const CONTRADICTION_STEPS: u64 = 200_000;

impl Api {
    /// Lets the mesh in, reads the question, thinks about it on a thread of the pool, and counts it.
    pub(super) async fn ask<Q, A: Send + 'static>(
        &self,
        name: &'static str,
        request: Request<Q>,
        read: impl FnOnce(Q) -> Asked<A>,
    ) -> Result<Response<A>, Status> {
        permissions::authorize(&Ctx::of(&request)?)?;
        let Thought { problem, roster, think } = read(request.into_inner())?;
        let place = self.pool.place_within(PATIENCE).await.ok_or_else(|| {
            Refusal::exhausted(Reason::SolverBusy, "all solver threads are taken", BUSY_RETRY_AFTER)
        })?;
        let answer = place.run(move || think(&problem, &roster)).await.map_err(Refusal::internal)?;
        counter!(QUESTIONS_TOTAL, "asked" => name).increment(1);
        Ok(Response::new(answer))
    }
}

/// Ranks who could take places.
pub(super) fn recommend(request: pb::RecommendAssignmentsRequest) -> Asked<pb::RecommendAssignmentsResponse> {
    let mut reader = Reader::new(request.problem, request.roster, true);
    if request.places.is_empty() || request.places.len() > PLACES_MAX {
        reader.refuse("places", format!("expected 1 to {PLACES_MAX} places"));
    }
    let places = request.places.into_iter().take(PLACES_MAX).enumerate();
    let seats: Vec<_> =
        places.map(|(at, place)| reader.place(&format!("places[{at}]"), Some(place))).collect();
    Thought::new(reader, move |problem, roster| {
        let ranked = seats.iter().map(|seat| {
            let candidates = engine::recommend(problem, roster, *seat);
            let candidates = candidates.iter().map(tell::candidate).collect();
            Recommendation { place: Some(tell::place(*seat)), candidates }
        });
        pb::RecommendAssignmentsResponse { recommendations: ranked.collect() }
    })
}

/// Mends a roster when somebody is away.
pub(super) fn suggest(request: pb::SuggestReplacementsRequest) -> Asked<pb::SuggestReplacementsResponse> {
    let reader = Reader::new(request.problem, request.roster, true);
    away(reader, request.person, request.span, request.budget, |warm, person, span, budget| {
        let shifts = tell::shifts(&replan::absence_of_shifts(warm, person, span, budget));
        let told = tell::replanning(&replan::absence(warm, person, span, budget));
        pb::SuggestReplacementsResponse { shifts, ..told }
    })
}

/// Tells what a leave would do.
pub(super) fn preview(request: pb::PreviewLeaveRequest) -> Asked<pb::PreviewLeaveResponse> {
    let reader = Reader::new(request.problem, request.roster, true);
    away(reader, request.person, request.span, request.budget, |warm, person, span, budget| {
        let shifts = tell::shifts(&replan::absence_of_shifts(warm, person, span, budget));
        let told = tell::leave(&replan::what_if_leave(warm, person, span, budget));
        pb::PreviewLeaveResponse { shifts, ..told }
    })
}

/// A question about somebody who is away.
fn away<A>(
    mut reader: Reader,
    person: u32,
    span: Option<pb::HalfDaySpan>,
    budget: Option<pb::ChangeBudget>,
    think: impl FnOnce(&replan::Warm<'_>, PersonIx, replan::Span, &replan::ChangeBudget) -> A + Send + 'static,
) -> Asked<A> {
    let person = reader.person("person", person);
    let (span, budget) = (reader.span(span), reader.budget(budget));
    Thought::new(reader, move |problem, roster| {
        think(&replan::Warm::new(problem, roster), person, span, &budget)
    })
}

/// Explains who holds a place.
pub(super) fn explain(request: pb::ExplainAssignmentRequest) -> Asked<pb::ExplainAssignmentResponse> {
    let mut reader = Reader::new(request.problem, request.roster, true);
    let seat = reader.place("place", request.place);
    let is_empty = |(problem, roster): &(Problem, Roster)| {
        seat.slot.at() < problem.slots().len() && roster.get(seat).is_none()
    };
    if reader.asked().is_some_and(is_empty) {
        reader.refuse("place", "expected a place somebody holds");
    }
    Thought::new(reader, move |problem, roster| {
        explain::why(problem, roster, seat).as_ref().map(tell::why).unwrap_or_default()
    })
}

/// Explains who does not hold a place.
pub(super) fn explain_other(request: pb::ExplainAlternativeRequest) -> Asked<pb::ExplainAlternativeResponse> {
    let mut reader = Reader::new(request.problem, request.roster, true);
    let seat = reader.place("place", request.place);
    let person = reader.person("person", request.person);
    let usual = Patience::default();
    let patience = Patience {
        changes_max: reader.count("changes_max", request.changes_max, CHANGES_MAX, usual.changes_max),
        steps: reader.steps("step_limit", request.step_limit, usual.steps),
    };
    Thought::new(reader, move |problem, roster| {
        tell::why_not(&explain::why_not(problem, roster, seat, person, &patience))
    })
}

/// Finds what contradicts what.
pub(super) fn contradiction(request: pb::FindContradictionRequest) -> Asked<pb::FindContradictionResponse> {
    let mut reader = Reader::new(request.problem, request.roster, !request.holes.is_empty());
    if request.holes.len() > HOLES_MAX {
        reader.refuse("holes", format!("expected at most {HOLES_MAX} slots"));
    }
    let holes = request.holes.iter().take(HOLES_MAX).enumerate();
    let holes: Vec<_> = holes.map(|(at, slot)| reader.slot(&format!("holes[{at}]"), *slot)).collect();
    let steps = reader.steps("step_limit", request.step_limit, CONTRADICTION_STEPS);
    let question = if holes.is_empty() { Question::Locks } else { Question::Holes(holes) };
    Thought::new(reader, move |problem, roster| {
        tell::contradiction(&explain::contradiction(problem, roster, &question, steps))
    })
}

/// A question as it was read.
pub(super) type Asked<A> = Result<Thought<A>, Refusal>;

/// What answers a question about a roster.
type Think<A> = Box<dyn FnOnce(&Problem, &Roster) -> A + Send>;

/// A question that was read, and how to answer it.
pub(super) struct Thought<A> {
    problem: Problem,
    roster: Roster,
    think: Think<A>,
}

impl<A> Thought<A> {
    fn new(reader: Reader, think: impl FnOnce(&Problem, &Roster) -> A + Send + 'static) -> Asked<A> {
        let (problem, roster) = reader.end()?;
        Ok(Self { problem, roster, think: Box::new(think) })
    }
}
