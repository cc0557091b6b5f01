//! What must be staffed, what is asked, and the rules' figures, read.

use proto::solver::v1 as pb;
use proto::solver::v1::{ask, slot};
use roster::problem::{
    Ask, DayIx, Derogation, HalfDay, LineIx, PersonIx, Pin, Published, Request, RoomIx, RuleParameters,
    RuleSetting, Seat, SiteIx, Slot, SlotIx, SlotKind, SpecialtyIx, SurgeonIx, Wish,
};
use roster::{Level, RuleId};

use super::{counters, half, post};
use crate::path::{Path, Reader};

pub fn slot(reader: &mut Reader, at: &Path<'_>, message: &pb::Slot) -> Option<Slot> {
    let kind = reader.some(&at.field("kind"), message.kind.as_ref())?;
    Some(Slot {
        id: message.id.clone(),
        day: reader.index(&at.field("day"), message.day, DayIx::of),
        weight: message.weight,
        kind: slot_kind(reader, at, kind)?,
    })
}

fn slot_kind(reader: &mut Reader, at: &Path<'_>, kind: &slot::Kind) -> Option<SlotKind> {
    Some(match kind {
        slot::Kind::Garde(duty) => {
            let at = at.field("garde");
            let line = line(reader, &at, duty);
            match slot::duty::Part::try_from(duty.part) {
                Ok(slot::duty::Part::Unspecified) => SlotKind::Garde { line },
                Ok(slot::duty::Part::Day) => SlotKind::GardeDay { line },
                Ok(slot::duty::Part::Night) => SlotKind::GardeNight { line },
                Err(_) => reader.known(&at.field("part"), None, "DAY, NIGHT or nothing")?,
            }
        }
        slot::Kind::Astreinte(duty) => {
            SlotKind::Astreinte { line: line(reader, &at.field("astreinte"), duty) }
        }
        slot::Kind::Consultation(value) => {
            let (half, site) = half_day(reader, &at.field("consultation"), value)?;
            SlotKind::Consultation { half, site }
        }
        slot::Kind::Volant(value) => {
            let (half, site) = half_day(reader, &at.field("volant"), value)?;
            SlotKind::Volant { half, site }
        }
        slot::Kind::Theatre(value) => theatre(reader, &at.field("theatre"), value)?,
        slot::Kind::Closing(value) => {
            let at = at.field("closing");
            SlotKind::Closing { site: reader.index(&at.field("site"), value.site, SiteIx::of) }
        }
    })
}

fn line(reader: &mut Reader, at: &Path<'_>, message: &slot::Duty) -> LineIx {
    reader.index(&at.field("line"), message.line, LineIx::of)
}

fn half_day(
    reader: &mut Reader,
    at: &Path<'_>,
    message: &slot::HalfDay,
) -> Option<(roster::problem::Half, SiteIx)> {
    let site = reader.index(&at.field("site"), message.site, SiteIx::of);
    Some((half(reader, &at.field("half"), message.half())?, site))
}

fn theatre(reader: &mut Reader, at: &Path<'_>, message: &slot::Theatre) -> Option<SlotKind> {
    let room = reader.index(&at.field("room"), message.room, RoomIx::of);
    let surgeon = message.surgeon.map(|value| reader.index(&at.field("surgeon"), value, SurgeonIx::of));
    let specialty =
        message.specialty.map(|value| reader.index(&at.field("specialty"), value, SpecialtyIx::of));
    let half = half(reader, &at.field("half"), message.half())?;
    Some(SlotKind::Theatre { half, room, surgeon, specialty, is_pediatric: message.pediatric })
}

fn seat(reader: &mut Reader, at: &Path<'_>, slot: u32, message: pb::Post) -> Option<Seat> {
    let slot = reader.index(&at.field("slot"), slot, SlotIx::of);
    Some(Seat { slot, post: post(reader, &at.field("post"), message)? })
}

fn holder(reader: &mut Reader, at: &Path<'_>, person: Option<u32>) -> Option<PersonIx> {
    person.map(|person| reader.index(&at.field("person"), person, PersonIx::of))
}

pub fn pin(reader: &mut Reader, at: &Path<'_>, message: &pb::Pin) -> Option<Pin> {
    let person = holder(reader, at, message.person);
    Some(Pin { seat: seat(reader, at, message.slot, message.post())?, person })
}

pub fn published(reader: &mut Reader, at: &Path<'_>, message: &pb::PublishedSeat) -> Option<Published> {
    let person = holder(reader, at, message.person);
    let seat = seat(reader, at, message.slot, message.post())?;
    Some(Published { seat, person, change_cost: message.change_cost })
}

pub fn request(reader: &mut Reader, at: &Path<'_>, message: &pb::Request) -> Option<Request> {
    let person = reader.index(&at.field("person"), message.person, PersonIx::of);
    Some(Request { person, ask: ask(reader, &at.field("ask"), message.ask.as_ref())? })
}

pub fn wish(reader: &mut Reader, at: &Path<'_>, message: &pb::Wish) -> Option<Wish> {
    let person = reader.index(&at.field("person"), message.person, PersonIx::of);
    let weight = reader.figure(&at.field("weight"), message.weight);
    Some(Wish { person, ask: ask(reader, &at.field("ask"), message.ask.as_ref())?, weight })
}

fn ask(reader: &mut Reader, at: &Path<'_>, message: Option<&pb::Ask>) -> Option<Ask> {
    let kind = reader.some(at, message.and_then(|ask| ask.kind.as_ref()))?;
    let mut day = |name, value: &u32| reader.index(&at.field(name), *value, DayIx::of);
    Some(match kind {
        ask::Kind::Garde(value) => Ask::Garde(day("garde", value)),
        ask::Kind::NoGarde(value) => Ask::NoGarde(day("no_garde", value)),
        ask::Kind::Astreinte(value) => Ask::Astreinte(day("astreinte", value)),
        ask::Kind::NoAstreinte(value) => Ask::NoAstreinte(day("no_astreinte", value)),
        ask::Kind::Work(value) => Ask::Work(asked_half_day(reader, &at.field("work"), value)?),
        ask::Kind::Off(value) => Ask::Off(asked_half_day(reader, &at.field("off"), value)?),
        ask::Kind::Consultation(value) => {
            Ask::Consultation(asked_half_day(reader, &at.field("consultation"), value)?)
        }
        ask::Kind::Slot(value) => Ask::Slot(reader.index(&at.field("slot"), *value, SlotIx::of)),
    })
}

fn asked_half_day(reader: &mut Reader, at: &Path<'_>, message: &ask::HalfDay) -> Option<HalfDay> {
    let day = reader.index(&at.field("day"), message.day, DayIx::of);
    Some(HalfDay::new(day, half(reader, &at.field("half"), message.half())?))
}

pub fn derogation(reader: &mut Reader, at: &Path<'_>, message: &pb::Derogation) -> Option<Derogation> {
    let person = reader.index(&at.field("person"), message.person, PersonIx::of);
    let day = reader.index(&at.field("day"), message.day, DayIx::of);
    Some(Derogation { rule: rule(reader, &at.field("rule"), &message.rule)?, person, day })
}

fn rule(reader: &mut Reader, at: &Path<'_>, code: &str) -> Option<RuleId> {
    reader.known(at, RuleId::from_code(code), "a rule of the catalog")
}

pub fn parameters(reader: &mut Reader, message: &pb::RuleParameters) -> RuleParameters {
    let at = Path::root("parameters");
    let settings = message.settings.iter().enumerate();
    let settings = settings.filter_map(|(position, setting)| {
        let at = at.item("settings", position);
        let level = Level::ALL.get(setting.level as usize).copied();
        let level = reader.known(&at.field("level"), level, "a level of the score");
        let rule = rule(reader, &at.field("rule"), &setting.rule)?;
        Some(RuleSetting { rule, level: level?, weight: setting.weight })
    });
    let settings = settings.collect();
    let mut days = |name, value| reader.figure::<u16>(&at.field(name), value);
    let garde_gap_min = days("garde_gap_min", message.garde_gap_min);
    let garde_gap_ideal = days("garde_gap_ideal", message.garde_gap_ideal);
    let gardes_rolling_days = days("gardes_rolling_days", message.gardes_rolling_days);
    let astreinte_gap_min = days("astreinte_gap_min", message.astreinte_gap_min);
    let mut count = |name, value| reader.figure::<u8>(&at.field(name), value);
    let usual = RuleParameters::default();
    RuleParameters {
        garde_gap_min,
        garde_gap_ideal,
        gardes_rolling_max: count("gardes_rolling_max", message.gardes_rolling_max),
        gardes_rolling_days,
        gardes_rolling_max_school_holidays: count(
            "gardes_rolling_max_school_holidays",
            message.gardes_rolling_max_school_holidays,
        ),
        astreintes_month_max: count("astreintes_month_max", message.astreintes_month_max),
        astreinte_gap_min,
        astreinte_in_rest_forbidden: message.astreinte_in_rest_forbidden,
        consecutive_days_max: count("consecutive_days_max", message.consecutive_days_max),
        consultations_week_target: message.consultations_week_target,
        consultations_week_max: count("consultations_week_max", message.consultations_week_max),
        consultations_same_half_bad: count(
            "consultations_same_half_bad",
            message.consultations_same_half_bad,
        ),
        volant_week_target: count("volant_week_target", message.volant_week_target),
        closings_week_max: count("closings_week_max", message.closings_week_max),
        pediatric_supervision_max: count("pediatric_supervision_max", message.pediatric_supervision_max),
        supervision_derogation_authorized: message.supervision_derogation_authorized,
        site_change_at_noon_allowed: message.site_change_at_noon_allowed,
        hardship_week_max: message.hardship_week_max,
        half_day_minutes: message.half_day_minutes,
        consultation_minutes: message.consultation_minutes,
        closing_minutes: message.closing_minutes,
        settings,
        counter_weights: counters(reader, &at, "counter_weights", &message.counter_weights),
        morning_start: or(reader, &at.field("morning_start"), message.morning_start, usual.morning_start),
        morning_end: or(reader, &at.field("morning_end"), message.morning_end, usual.morning_end),
        afternoon_start: or(
            reader,
            &at.field("afternoon_start"),
            message.afternoon_start,
            usual.afternoon_start,
        ),
        afternoon_end: or(reader, &at.field("afternoon_end"), message.afternoon_end, usual.afternoon_end),
        closing_end: or(reader, &at.field("closing_end"), message.closing_end, usual.closing_end),
        garde_split: or(reader, &at.field("garde_split"), message.garde_split, usual.garde_split),
        garde_day_rest_min: or(
            reader,
            &at.field("garde_day_rest_min"),
            message.garde_day_rest_min,
            usual.garde_day_rest_min,
        ),
        sector_changes_week_max: or(
            reader,
            &at.field("sector_changes_week_max"),
            message.sector_changes_week_max,
            usual.sector_changes_week_max,
        ),
        surgeon_days_max: or(
            reader,
            &at.field("surgeon_days_max"),
            message.surgeon_days_max,
            usual.surgeon_days_max,
        ),
        sector_stay_min: or(
            reader,
            &at.field("sector_stay_min"),
            message.sector_stay_min,
            usual.sector_stay_min,
        ),
        sector_stay_max: or(
            reader,
            &at.field("sector_stay_max"),
            message.sector_stay_max,
            usual.sector_stay_max,
        ),
        off_week_min: message.off_week_min.unwrap_or(usual.off_week_min),
        off_week_max: message.off_week_max.unwrap_or(usual.off_week_max),
        off_month_min: message.off_month_min.unwrap_or(usual.off_month_min),
        equity_permille: or(
            reader,
            &at.field("equity_permille"),
            message.equity_permille,
            usual.equity_permille,
        ),
        fatigue_permille: or(
            reader,
            &at.field("fatigue_permille"),
            message.fatigue_permille,
            usual.fatigue_permille,
        ),
        equity_tolerance: or(
            reader,
            &at.field("equity_tolerance"),
            message.equity_tolerance,
            usual.equity_tolerance,
        ),
    }
}

/// A figure that may be absent: the default then.
fn or<T: TryFrom<u32> + Default>(reader: &mut Reader, at: &Path<'_>, value: Option<u32>, usual: T) -> T {
    value.map_or(usual, |value| reader.figure(at, value))
}
