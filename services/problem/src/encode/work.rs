//! What must be staffed, what is asked, and the rules' figures, written.

use proto::solver::v1 as pb;
use proto::solver::v1::{ask, rule_parameters, slot};
use roster::problem::{
    Ask, Derogation, HalfDay, LineIx, Pin, Published, Request, RuleParameters, Slot, SlotKind, Wish,
};

use super::{counters, half, post};

pub fn slot(slot: &Slot) -> pb::Slot {
    let kind = match slot.kind {
        SlotKind::Garde { line } => slot::Kind::Garde(duty(line, slot::duty::Part::Unspecified)),
        SlotKind::GardeDay { line } => slot::Kind::Garde(duty(line, slot::duty::Part::Day)),
        SlotKind::GardeNight { line } => slot::Kind::Garde(duty(line, slot::duty::Part::Night)),
        SlotKind::Astreinte { line } => slot::Kind::Astreinte(duty(line, slot::duty::Part::Unspecified)),
        SlotKind::Consultation { half: part, site } => {
            slot::Kind::Consultation(slot::HalfDay { half: half(part), site: u32::from(site.0) })
        }
        SlotKind::Theatre { half: part, room, surgeon, specialty, is_pediatric } => {
            slot::Kind::Theatre(slot::Theatre {
                half: half(part),
                room: u32::from(room.0),
                surgeon: surgeon.map(|surgeon| u32::from(surgeon.0)),
                specialty: specialty.map(|specialty| u32::from(specialty.0)),
                pediatric: is_pediatric,
            })
        }
        SlotKind::Closing { site } => slot::Kind::Closing(slot::Closing { site: u32::from(site.0) }),
        SlotKind::Volant { half: part, site } => {
            slot::Kind::Volant(slot::HalfDay { half: half(part), site: u32::from(site.0) })
        }
    };
    pb::Slot { id: slot.id.clone(), day: u32::from(slot.day.0), weight: slot.weight, kind: Some(kind) }
}

fn duty(line: LineIx, part: slot::duty::Part) -> slot::Duty {
    slot::Duty { line: u32::from(line.0), part: part.into() }
}

pub fn pin(pin: &Pin) -> pb::Pin {
    pb::Pin {
        slot: pin.seat.slot.0,
        post: post(pin.seat.post),
        person: pin.person.map(|person| u32::from(person.0)),
    }
}

pub fn published(published: &Published) -> pb::PublishedSeat {
    pb::PublishedSeat {
        slot: published.seat.slot.0,
        post: post(published.seat.post),
        person: published.person.map(|person| u32::from(person.0)),
        change_cost: published.change_cost,
    }
}

pub fn request(request: &Request) -> pb::Request {
    pb::Request { person: u32::from(request.person.0), ask: Some(ask(request.ask)) }
}

pub fn wish(wish: &Wish) -> pb::Wish {
    pb::Wish { person: u32::from(wish.person.0), ask: Some(ask(wish.ask)), weight: u32::from(wish.weight) }
}

fn ask(ask: Ask) -> pb::Ask {
    let kind = match ask {
        Ask::Garde(day) => ask::Kind::Garde(u32::from(day.0)),
        Ask::NoGarde(day) => ask::Kind::NoGarde(u32::from(day.0)),
        Ask::Astreinte(day) => ask::Kind::Astreinte(u32::from(day.0)),
        Ask::NoAstreinte(day) => ask::Kind::NoAstreinte(u32::from(day.0)),
        Ask::Work(half_day) => ask::Kind::Work(asked_half_day(half_day)),
        Ask::Off(half_day) => ask::Kind::Off(asked_half_day(half_day)),
        Ask::Consultation(half_day) => ask::Kind::Consultation(asked_half_day(half_day)),
        Ask::Slot(slot) => ask::Kind::Slot(slot.0),
    };
    pb::Ask { kind: Some(kind) }
}

fn asked_half_day(half_day: HalfDay) -> ask::HalfDay {
    ask::HalfDay { day: u32::from(half_day.day().0), half: half(half_day.half()) }
}

pub fn derogation(derogation: &Derogation) -> pb::Derogation {
    pb::Derogation {
        rule: derogation.rule.code().to_owned(),
        person: u32::from(derogation.person.0),
        day: u32::from(derogation.day.0),
    }
}

pub fn parameters(parameters: &RuleParameters) -> pb::RuleParameters {
    let settings = parameters.settings.iter().map(|setting| rule_parameters::Setting {
        rule: setting.rule.code().to_owned(),
        level: setting.level as u32,
        weight: setting.weight,
    });
    pb::RuleParameters {
        garde_gap_min: u32::from(parameters.garde_gap_min),
        garde_gap_ideal: u32::from(parameters.garde_gap_ideal),
        gardes_rolling_max: u32::from(parameters.gardes_rolling_max),
        gardes_rolling_days: u32::from(parameters.gardes_rolling_days),
        gardes_rolling_max_school_holidays: u32::from(parameters.gardes_rolling_max_school_holidays),
        astreintes_month_max: u32::from(parameters.astreintes_month_max),
        astreinte_gap_min: u32::from(parameters.astreinte_gap_min),
        astreinte_in_rest_forbidden: parameters.astreinte_in_rest_forbidden,
        consecutive_days_max: u32::from(parameters.consecutive_days_max),
        consultations_week_target: parameters.consultations_week_target,
        consultations_week_max: u32::from(parameters.consultations_week_max),
        consultations_same_half_bad: u32::from(parameters.consultations_same_half_bad),
        volant_week_target: u32::from(parameters.volant_week_target),
        closings_week_max: u32::from(parameters.closings_week_max),
        pediatric_supervision_max: u32::from(parameters.pediatric_supervision_max),
        supervision_derogation_authorized: parameters.supervision_derogation_authorized,
        site_change_at_noon_allowed: parameters.site_change_at_noon_allowed,
        hardship_week_max: parameters.hardship_week_max,
        half_day_minutes: parameters.half_day_minutes,
        consultation_minutes: parameters.consultation_minutes,
        closing_minutes: parameters.closing_minutes,
        settings: settings.collect(),
        counter_weights: counters(&parameters.counter_weights),
        morning_start: Some(u32::from(parameters.morning_start)),
        morning_end: Some(u32::from(parameters.morning_end)),
        afternoon_start: Some(u32::from(parameters.afternoon_start)),
        afternoon_end: Some(u32::from(parameters.afternoon_end)),
        closing_end: Some(u32::from(parameters.closing_end)),
        garde_split: Some(u32::from(parameters.garde_split)),
        garde_day_rest_min: Some(u32::from(parameters.garde_day_rest_min)),
        sector_changes_week_max: Some(u32::from(parameters.sector_changes_week_max)),
        surgeon_days_max: Some(u32::from(parameters.surgeon_days_max)),
        sector_stay_min: Some(u32::from(parameters.sector_stay_min)),
        sector_stay_max: Some(u32::from(parameters.sector_stay_max)),
        off_week_min: Some(parameters.off_week_min),
        off_week_max: Some(parameters.off_week_max),
        off_month_min: Some(parameters.off_month_min),
        equity_permille: Some(u32::from(parameters.equity_permille)),
        fatigue_permille: Some(u32::from(parameters.fatigue_permille)),
        equity_tolerance: Some(u32::from(parameters.equity_tolerance)),
    }
}
