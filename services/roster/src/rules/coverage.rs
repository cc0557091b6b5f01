//! Coverage: every slot is staffed, or is a hole that is named. G1 G2 C3 I4 B2, and B3 B4 for rooms with a nurse.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{Profession, SlotIx, What},
};

/// A nurse's room without a supervisor is not lawfully staffed: a hole almost as heavy as an empty room.
const UNSUPERVISED_PERCENT: i64 = 90;

/// The rule a hole of this kind breaks; floating places may stay empty.
pub(crate) fn rule_of(what: What) -> Option<RuleId> {
    match what {
        What::Garde | What::GardeDay | What::GardeNight => Some(RuleId::GardeCoverage),
        What::Astreinte => Some(RuleId::AstreinteCoverage),
        What::Consultation => Some(RuleId::ConsultationCoverage),
        What::Theatre => Some(RuleId::TheatreCoverage),
        What::Closing => Some(RuleId::ClosingCoverage),
        What::Volant => None,
    }
}

pub(super) fn judge(state: &State, slot: SlotIx, sink: &mut impl Sink) {
    let look = state.problem.look(slot);
    let (performer, supervisor) = (state.roster.performer(slot), state.roster.supervisor(slot));
    let weight = i64::from(look.weight) * UNIT;
    let facts = || Facts::slot(state.problem, slot, &[performer, supervisor]);
    let Some(performer) = performer else {
        if let Some(rule) = rule_of(look.what) {
            sink.found(rule, weight, facts);
        }
        return;
    };
    if !look.is_theatre() {
        return;
    }
    match (state.profession(performer), supervisor) {
        (Profession::Iade, None) => {
            sink.found(RuleId::SupervisorMissing, weight / 100 * UNSUPERVISED_PERCENT, facts)
        }
        (Profession::Mar, Some(_)) => sink.found(RuleId::TwoPrimaries, UNIT, facts),
        _ => {}
    }
}
