//! Shifts, read.

use proto::solver::v1 as pb;
use roster::problem::{
    DayIx, PersonIx, PublishedShift, ShiftCover, ShiftIx, ShiftLimits, ShiftPin, ShiftType, ShiftWish, Shifts,
};

use crate::path::{Path, Reader};

const ROOT: Path<'static> = Path::root("shifts");

/// The shifts of a message; `people` is how many people the problem has.
pub fn shifts(reader: &mut Reader, message: &pb::Shifts, people: usize) -> Shifts {
    Shifts {
        types: list("types", &message.types, |at, own| ShiftType {
            id: own.id.clone(),
            minutes: reader.figure(&at.field("minutes"), own.minutes),
            forbidden_next: reader.indices(at, "forbidden_next", &own.forbidden_next, ShiftIx::of),
        }),
        covers: list("covers", &message.covers, |at, own| ShiftCover {
            day: day(reader, at, own.day),
            shift: shift(reader, at, own.r#type),
            required: reader.figure(&at.field("required_count"), own.required_count),
            under_weight: own.under_weight,
            over_weight: own.over_weight,
        }),
        limits: limits(reader, message, people),
        pins: list("pins", &message.pins, |at, own| ShiftPin {
            person: person(reader, at, own.person),
            day: day(reader, at, own.day),
            shift: own.r#type.map(|own| shift(reader, at, own)),
        }),
        wishes: list("wishes", &message.wishes, |at, own| ShiftWish {
            person: person(reader, at, own.person),
            day: day(reader, at, own.day),
            shift: shift(reader, at, own.r#type),
            is_wanted: own.wanted,
            weight: own.weight,
        }),
        published: list("published", &message.published, |at, own| PublishedShift {
            person: person(reader, at, own.person),
            day: day(reader, at, own.day),
            shift: own.r#type.map(|own| shift(reader, at, own)),
            change_cost: own.change_cost,
        }),
    }
}

/// One entry per person as soon as somebody works shifts.
fn limits(reader: &mut Reader, message: &pb::Shifts, people: usize) -> Vec<Option<ShiftLimits>> {
    let mut all = vec![None; if message.limits.is_empty() { 0 } else { people }];
    for (position, own) in message.limits.iter().enumerate() {
        let at = ROOT.item("limits", position);
        let read = ShiftLimits {
            minutes_min: own.minutes_min,
            minutes_max: own.minutes_max,
            stretch_min: reader.figure(&at.field("stretch_min"), own.stretch_min),
            stretch_max: reader.figure(&at.field("stretch_max"), own.stretch_max),
            rest_min: reader.figure(&at.field("rest_min"), own.rest_min),
            weekends_max: reader.figure(&at.field("weekends_max"), own.weekends_max),
            most: own.most.iter().map(|most| reader.figure(&at.field("most"), *most)).collect(),
        };
        match all.get_mut(own.person as usize) {
            Some(place @ None) => *place = Some(read),
            Some(Some(_)) => reader.refuse(&at, "the person is named twice"),
            None => reader.refuse(&at.field("person"), "expected a person of the problem"),
        }
    }
    all
}

fn list<M, T>(name: &'static str, messages: &[M], mut read: impl FnMut(&Path<'_>, &M) -> T) -> Vec<T> {
    let items = messages.iter().enumerate();
    items.map(|(position, message)| read(&ROOT.item(name, position), message)).collect()
}

fn day(reader: &mut Reader, at: &Path<'_>, index: u32) -> DayIx {
    reader.index(&at.field("day"), index, DayIx::of)
}

fn person(reader: &mut Reader, at: &Path<'_>, index: u32) -> PersonIx {
    reader.index(&at.field("person"), index, PersonIx::of)
}

fn shift(reader: &mut Reader, at: &Path<'_>, index: u32) -> ShiftIx {
    reader.index(&at.field("type"), index, ShiftIx::of)
}
