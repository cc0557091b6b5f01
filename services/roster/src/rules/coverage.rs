//! Coverage: every slot is staffed, or is a hole that is named. G1 G2 C3 I4 B2; B3 B4 for rooms with a nurse;
//! nurses a room (B18) and a sector (B19) should have.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, Profession, SectorIx, SlotIx, What},
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
    let profession = state.profession(performer);
    let wanted = state.problem.rooms().limits_of(look.room).iades_per_room_min;
    if wanted > 0 && profession == Profession::Mar {
        sink.found(RuleId::IadePerRoom, i64::from(wanted) * UNIT, facts);
    }
    match (profession, supervisor) {
        (Profession::Iade, None) => {
            sink.found(RuleId::SupervisorMissing, weight / 100 * UNSUPERVISED_PERCENT, facts)
        }
        (Profession::Mar, Some(_)) => sink.found(RuleId::TwoPrimaries, UNIT, facts),
        _ => {}
    }
}

/// B19, for the sector and half-day of a theatre slot.
pub(super) fn bench(state: &State, slot: SlotIx, sink: &mut impl Sink) {
    let look = state.problem.look(slot);
    let Some((performed, (day, sector))) = performed(state, slot).zip(Some((look.day, look.sector))) else {
        return;
    };
    let (rooms, nurses) = performed;
    if rooms > 0 && nurses == 0 {
        sink.found(RuleId::IadeInSector, UNIT, || {
            let same = state.problem.slots_of_day(day).iter().copied();
            let same = same.filter(|own| is_there(state, *own, day, sector, slot));
            Facts { days: vec![day], slots: same.collect(), ..Facts::default() }
        });
    }
}

/// Rooms and nurses of a sector that wants one.
fn performed(state: &State, slot: SlotIx) -> Option<(u16, u16)> {
    let look = state.problem.look(slot);
    let wants = look.is_theatre() && state.problem.rooms().limits_of(look.room).is_iade_wanted;
    if wants { state.bench(slot) } else { None }
}

fn is_there(state: &State, own: SlotIx, day: DayIx, sector: SectorIx, slot: SlotIx) -> bool {
    let (look, asked) = (state.problem.look(own), state.problem.look(slot));
    let same = look.is_theatre() && look.day == day && look.sector == sector && look.half == asked.half;
    same && state.roster.performer(own).is_some()
}
