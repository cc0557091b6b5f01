//! Shifts, written.

use proto::solver::v1 as pb;
use proto::solver::v1::shifts;
use roster::problem::{
    PublishedShift, ShiftCover, ShiftIx, ShiftLimits, ShiftPin, ShiftType, ShiftWish, Shifts,
};

/// Nothing for a problem without shifts.
pub fn shifts(shifts: &Shifts) -> Option<pb::Shifts> {
    let limits = shifts.limits.iter().enumerate();
    let message = pb::Shifts {
        types: shifts.types.iter().map(shift_type).collect(),
        covers: shifts.covers.iter().map(cover).collect(),
        limits: limits.filter_map(|(person, own)| Some(self::limits(person, own.as_ref()?))).collect(),
        pins: shifts.pins.iter().map(pin).collect(),
        wishes: shifts.wishes.iter().map(wish).collect(),
        published: shifts.published.iter().map(published).collect(),
    };
    (message != pb::Shifts::default()).then_some(message)
}

fn shift_type(own: &ShiftType) -> shifts::Type {
    shifts::Type {
        id: own.id.clone(),
        minutes: u32::from(own.minutes),
        forbidden_next: own.forbidden_next.iter().map(|next| u32::from(next.0)).collect(),
    }
}

fn cover(cover: &ShiftCover) -> shifts::Cover {
    shifts::Cover {
        day: u32::from(cover.day.0),
        r#type: u32::from(cover.shift.0),
        required_count: u32::from(cover.required),
        under_weight: cover.under_weight,
        over_weight: cover.over_weight,
    }
}

fn limits(person: usize, limits: &ShiftLimits) -> shifts::Limits {
    shifts::Limits {
        person: person as u32,
        minutes_min: limits.minutes_min,
        minutes_max: limits.minutes_max,
        stretch_min: u32::from(limits.stretch_min),
        stretch_max: u32::from(limits.stretch_max),
        rest_min: u32::from(limits.rest_min),
        weekends_max: u32::from(limits.weekends_max),
        most: limits.most.iter().map(|most| u32::from(*most)).collect(),
    }
}

fn pin(pin: &ShiftPin) -> shifts::ShiftPin {
    shifts::ShiftPin { person: u32::from(pin.person.0), day: u32::from(pin.day.0), r#type: index(pin.shift) }
}

fn wish(wish: &ShiftWish) -> shifts::ShiftWish {
    shifts::ShiftWish {
        person: u32::from(wish.person.0),
        day: u32::from(wish.day.0),
        r#type: u32::from(wish.shift.0),
        wanted: wish.is_wanted,
        weight: wish.weight,
    }
}

fn published(published: &PublishedShift) -> shifts::PublishedShift {
    shifts::PublishedShift {
        person: u32::from(published.person.0),
        day: u32::from(published.day.0),
        r#type: index(published.shift),
        change_cost: published.change_cost,
    }
}

fn index(shift: Option<ShiftIx>) -> Option<u32> {
    shift.map(|shift| u32::from(shift.0))
}
