//! Whether a person fits a slot at all: availability (A1), profession (G5 C1 I1), site (B14), skill (B16), room (B9),
//! declared unavailability (G19), incompatibility (B11); and what calling a locum costs.
//!
//! Availability is P0: approved leave and declared unavailability are never overridden by a search.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{
        Availability, Half, HalfDay, Look, PersonIx, Post, Problem, Profession, Seat, SlotIx, What, duty,
    },
};

pub(super) fn judge(state: &State, slot: SlotIx, sink: &mut impl Sink) {
    for post in Post::ALL {
        let seat = Seat { slot, post };
        if let Some(person) = state.roster.get(seat) {
            alone(state.problem, seat, person, sink);
        }
    }
    if let (Some(one), Some(other)) = (state.roster.performer(slot), state.roster.supervisor(slot)) {
        together(state, slot, one, other, sink);
    }
}

/// What the person and the slot say, whatever the rest of the roster.
pub(crate) fn alone(problem: &Problem, seat: Seat, person: PersonIx, sink: &mut impl Sink) {
    let look = problem.look(seat.slot);
    let facts = || Facts::slot(problem, seat.slot, &[Some(person)]);
    availability(problem, look, person, seat.slot, sink);
    if let Some(rule) = unable(problem, seat, look, person) {
        sink.found(rule, UNIT, facts);
    }
    if seat.post == Post::Supervisor && !look.is_theatre() {
        sink.found(RuleId::TwoPrimaries, UNIT, facts);
    }
    let who = problem.person(person);
    if look.site.is_some_and(|site| !who.sites.contains(&site)) {
        sink.found(RuleId::OwnSites, UNIT, facts);
    }
    if look.is_reserved_for_others {
        sink.found(RuleId::ReservedRoom, UNIT, facts);
    }
    let bits = problem.derived().duty_bits[person.at()][look.day.at()];
    let (refused, unwelcome) = match look.what {
        What::Garde | What::GardeDay | What::GardeNight => (duty::NO_GARDE, duty::GARDE_UNWELCOME),
        What::Astreinte => (duty::NO_ASTREINTE, duty::ASTREINTE_UNWELCOME),
        _ => (0, 0),
    };
    if bits & refused != 0 {
        sink.found(RuleId::DutyUnavailable, UNIT, facts);
    } else if bits & unwelcome != 0 {
        sink.found(RuleId::DutyUnwelcome, UNIT, facts);
    }
    let conflicts = &problem.derived().conflicts[person.at()];
    let of_surgeon = conflicts.surgeons.iter().filter(|(other, _)| look.surgeon == Some(*other));
    let of_specialty = conflicts.specialties.iter().filter(|(other, _)| look.specialty == Some(*other));
    for is_strict in of_surgeon.map(|own| own.1).chain(of_specialty.map(|own| own.1)) {
        let rule = if is_strict { RuleId::IncompatibleStrict } else { RuleId::IncompatiblePreferred };
        sink.found(rule, UNIT, facts);
    }
    if who.is_locum {
        sink.found(RuleId::LocumUsed, UNIT, facts);
    }
}

fn availability(problem: &Problem, look: &Look, person: PersonIx, slot: SlotIx, sink: &mut impl Sink) {
    let halves: &[Half] = match (look.half, look.what) {
        (Some(Half::Morning), _) => &[Half::Morning],
        (Some(Half::Afternoon), _) | (None, What::Closing | What::GardeNight) => &[Half::Afternoon],
        (None, _) => &Half::ALL,
    };
    let is_duty = look.is_garde() || look.is_astreinte();
    let fits = |own: Availability| if is_duty { own.allows_duty() } else { own.allows_post() };
    let own = &problem.person(person).availability;
    let refused = halves.iter().filter(|half| !fits(own[HalfDay::new(look.day, **half).at()])).count();
    if refused > 0 {
        sink.found(RuleId::Availability, refused as i64 * UNIT, || {
            Facts::slot(problem, slot, &[Some(person)])
        });
    }
}

/// The rule of profession, ability or skill that forbids the place.
fn unable(problem: &Problem, seat: Seat, look: &Look, person: PersonIx) -> Option<RuleId> {
    let who = problem.person(person);
    let abilities = &who.abilities;
    let line_fits = || {
        let line = problem.slot(seat.slot).kind.line();
        line.is_none_or(|line| problem.topology().lines[line.at()].profession == who.profession)
    };
    let nurse = who.profession == Profession::Iade;
    let (able, rule) = match look.what {
        What::Garde | What::GardeDay | What::GardeNight => {
            (abilities.garde && line_fits(), RuleId::DutyProfession)
        }
        What::Astreinte => (abilities.astreinte && line_fits(), RuleId::DutyProfession),
        What::Consultation => (abilities.consultation, RuleId::ConsultationProfession),
        What::Closing => (abilities.closing, RuleId::IadeTheatreOnly),
        What::Volant => (abilities.volant, RuleId::IadeTheatreOnly),
        What::Theatre => {
            let sector = &problem.topology().sectors[look.sector.at()];
            let (able, skill) = match seat.post {
                Post::Performer => (abilities.theatre, sector.skill_to_perform),
                Post::Supervisor => (abilities.supervision, sector.skill_to_supervise),
            };
            if skill.is_some_and(|skill| !who.skills.contains(&skill)) {
                return Some(RuleId::SectorSkill);
            }
            (able, RuleId::IadeTheatreOnly)
        }
    };
    // A nurse outside the theatre breaks I1, whatever else the place asks for.
    let misplaced = nurse && matches!(look.what, What::Consultation);
    (!able).then_some(if misplaced { RuleId::IadeTheatreOnly } else { rule })
}

/// Two people in one room.
fn together(state: &State, slot: SlotIx, one: PersonIx, other: PersonIx, sink: &mut impl Sink) {
    let problem = state.problem;
    let own = &problem.derived().conflicts[one.at()].people;
    for (_, is_strict) in own.iter().filter(|(with, _)| *with == other) {
        let rule = if *is_strict { RuleId::IncompatibleStrict } else { RuleId::IncompatiblePreferred };
        sink.found(rule, UNIT, || Facts::slot(problem, slot, &[Some(one), Some(other)]));
    }
}
