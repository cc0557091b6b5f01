//! What must be staffed, and what is asked, read.

use proto::solver::v1 as pb;
use proto::solver::v1::{ask, slot};
use roster::RuleId;
use roster::problem::{
    Ask, DayIx, Derogation, HalfDay, LineIx, PersonIx, Pin, Published, Request, RoomIx, Seat, SiteIx, Slot,
    SlotIx, SlotKind, SpecialtyIx, SurgeonIx, Wish,
};

use super::{half, post};
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

pub fn rule(reader: &mut Reader, at: &Path<'_>, code: &str) -> Option<RuleId> {
    reader.known(at, RuleId::from_code(code), "a rule of the catalog")
}
