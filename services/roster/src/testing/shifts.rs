//! Shifts of any size, like the public benchmarks': early, late and night shifts, contracts, leave, wishes.

use super::builders::{Dice, days, iade, number_of};
use crate::problem::{
    Availability, DayIx, Draft, Person, PersonIx, PublishedShift, ShiftCover, ShiftIx, ShiftLimits, ShiftPin,
    ShiftType, ShiftWish, Site, Topology,
};

/// The draft behind [`super::shifts`].
#[must_use]
pub fn shifts_draft(seed: u64, people: usize, day_count: usize, types: usize) -> Draft {
    let mut dice = Dice::new(seed);
    let days = days(number_of(2027, 3, 1), day_count);
    let mut draft = Draft {
        people: (0..people).map(|at| worker(&mut dice, at, &days)).collect(),
        days,
        topology: Topology { sites: vec![Site { id: "main".to_owned() }], ..Topology::default() },
        ..Draft::default()
    };
    draft.shifts.types = (0..types).map(|at| shift_type(&mut dice, at)).collect();
    draft.shifts.limits = (0..people).map(|_| Some(limits(&mut dice, day_count, types))).collect();
    demand(&mut dice, &mut draft);
    let cells = people * day_count;
    for _ in 0..cells / 8 {
        let wish = ShiftWish {
            person: PersonIx(dice.below(people) as u16),
            day: DayIx(dice.below(day_count) as u16),
            shift: ShiftIx(dice.below(types) as u16),
            is_wanted: dice.percent(60),
            weight: 1 + dice.below(3) as u32,
        };
        draft.shifts.wishes.push(wish);
    }
    if dice.percent(50) {
        publish(&mut dice, &mut draft);
    }
    pin(&mut dice, &mut draft);
    draft
}

/// Somebody with a leave of a few days, now and then; worked before the horizon, now and then.
fn worker(dice: &mut Dice, at: usize, days: &[crate::problem::Day]) -> Person {
    let mut person = iade(&format!("nurse-{at}"), days);
    if dice.percent(60) {
        let first = dice.below(days.len());
        let last = (first + 1 + dice.below(4)).min(days.len());
        person.availability[first * 2..last * 2].fill(Availability::Absent);
    }
    person.history.consecutive_days = if dice.percent(30) { dice.below(4) as u8 } else { 0 };
    person
}

/// Later shifts forbid earlier ones the next day.
fn shift_type(dice: &mut Dice, at: usize) -> ShiftType {
    let lengths = [480, 480, 600, 720];
    ShiftType {
        id: format!("shift-{at}"),
        minutes: lengths[dice.below(lengths.len())],
        forbidden_next: (0..at as u16).filter(|_| dice.percent(60)).map(ShiftIx).collect(),
    }
}

fn limits(dice: &mut Dice, days: usize, types: usize) -> ShiftLimits {
    let minutes_max = (days as u32 * 480 * 5 / 7).max(480);
    let stretch_min = 1 + dice.below(3) as u16;
    let of_type = |dice: &mut Dice| match dice.below(4) {
        0 => 0,
        1 => 1 + dice.below(days) as u16,
        _ => days as u16,
    };
    ShiftLimits {
        minutes_min: minutes_max * 3 / 4,
        minutes_max,
        stretch_min,
        stretch_max: stretch_min + 2 + dice.below(3) as u16,
        rest_min: 1 + dice.below(3) as u16,
        weekends_max: (days / 14) as u16 + 1,
        most: (0..types).map(|_| of_type(dice)).collect(),
    }
}

/// People enough for about the half of everybody each day.
fn demand(dice: &mut Dice, draft: &mut Draft) {
    let (people, types) = (draft.people.len(), draft.shifts.types.len());
    for day in 0..draft.days.len() {
        for shift in 0..types {
            if dice.percent(90) {
                let required = dice.below((people / types).max(1) + 1) as u16;
                let (day, shift) = (DayIx(day as u16), ShiftIx(shift as u16));
                draft.shifts.covers.push(ShiftCover {
                    day,
                    shift,
                    required,
                    under_weight: 100,
                    over_weight: 1,
                });
            }
        }
    }
}

fn publish(dice: &mut Dice, draft: &mut Draft) {
    for person in 0..draft.people.len() as u16 {
        for day in 0..draft.days.len() as u16 {
            if dice.percent(40) {
                let shift = dice.percent(60).then(|| ShiftIx(dice.below(draft.shifts.types.len()) as u16));
                let change_cost = 1 + dice.below(5) as u32;
                let entry = PublishedShift { person: PersonIx(person), day: DayIx(day), shift, change_cost };
                draft.shifts.published.push(entry);
            }
        }
    }
}

/// A day off locked here, a shift there where the contract has it; never two for one person.
fn pin(dice: &mut Dice, draft: &mut Draft) {
    for (at, limits) in draft.shifts.limits.iter().enumerate() {
        let day = dice.below(draft.days.len());
        let shift = dice.below(draft.shifts.types.len());
        let open = draft.people[at].availability[day * 2].allows_duty();
        let allowed = open && limits.as_ref().is_some_and(|own| own.most[shift] > 0 && own.weekends_max > 0);
        let shift = (allowed && dice.percent(50)).then_some(ShiftIx(shift as u16));
        if dice.percent(30) {
            draft.shifts.pins.push(ShiftPin { person: PersonIx(at as u16), day: DayIx(day as u16), shift });
        }
    }
}
