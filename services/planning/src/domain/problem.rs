//! From a plan and what its neighbors know to the judge's problem, without names.

mod people;
mod places;
mod wishes;

use std::collections::BTreeMap;

use calendar::{Day, DayRange, working_time};
use roster::{
    Problem, Roster, Violation,
    problem::{self as judge, DayIx, Draft, Half, Pin, Published, Seat, SlotIx, SlotKind},
};
use serde::{Deserialize, Serialize};

use self::places::Places;
use super::{
    counting,
    equity::Standing,
    rule_set::RuleSet,
    shift::{Duty, Holder, Kind, Post, Shift},
    snapshot::Snapshot,
    wish::Wish,
};

/// Everything a problem is made of.
#[derive(Debug)]
pub struct Inputs<'a> {
    pub days: DayRange,
    /// Ids of the plan's sites.
    pub sites: &'a [String],
    pub shifts: &'a [Shift],
    /// Assignments of the head; the pinned ones become locks.
    pub holders: &'a [Holder],
    /// What the plan's last publication said.
    pub published: &'a [Duty],
    /// Published duties of the months before the plan.
    pub before: &'a [Duty],
    /// Published duties of the days after the plan.
    pub after: &'a [Duty],
    /// Published duties of the same days in plans of other sites.
    pub elsewhere: &'a [Duty],
    /// What each brings of the years before: counters to date, and presence.
    pub standing: &'a Standing,
    /// What people wish for; the rejected wishes are left out.
    pub wishes: &'a [Wish],
    pub snapshot: &'a Snapshot,
    pub rules: &'a RuleSet,
    /// Changes near this day are dearer.
    pub today: Day,
}

/// Who is who: the ids behind a problem's indices. Never leaves planning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub people: Vec<String>,
    pub shifts: Vec<String>,
}

/// Why no problem can be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody has a contract at the plan's sites in its days.
    #[error("nobody has a contract at the plan's sites in its dates")]
    NoStaff,
    /// A shift's room is no longer there.
    #[error("room `{room}` of shift `{shift}` is gone")]
    RoomGone { shift: String, room: String },
    /// The judge refuses the draft: a bug of this module.
    #[error("the judge refuses the problem: {0:?}")]
    Refused(Vec<Violation>),
}

/// Makes the problem, and the key that leads back.
///
/// # Errors
/// See [`Error`].
pub fn build(inputs: &Inputs<'_>) -> Result<(Problem, Key), Error> {
    let people = inputs.snapshot.people_of(inputs.sites, inputs.days);
    if people.is_empty() {
        return Err(Error::NoStaff);
    }
    let mut shifts: Vec<&Shift> = inputs.shifts.iter().collect();
    shifts.sort_by(|one, other| one.order().cmp(&other.order()));
    let key = Key {
        people: people.iter().map(|person| person.id.clone()).collect(),
        shifts: shifts.iter().map(|shift| shift.id.clone()).collect(),
    };
    let places = Places::of(inputs, &shifts, &people);
    let mut draft = Draft {
        days: inputs.days.days().map(|day| day_facts(day, inputs.snapshot)).collect(),
        people: people::of(inputs, &people, &places),
        slots: Vec::with_capacity(shifts.len()),
        parameters: inputs.rules.parameters(),
        ..Draft::default()
    };
    for (position, shift) in shifts.iter().enumerate() {
        let kind = places.slot_kind(shift)?;
        let day = DayIx::of((shift.day - inputs.days.first()).max(0) as usize).unwrap_or_default();
        draft.slots.push(judge::Slot {
            id: format!("s{position}"),
            day,
            kind,
            weight: kind.default_weight(),
        });
    }
    let index = Index::of(&key);
    draft.pins = (inputs.holders.iter().filter(|holder| holder.is_pinned))
        .filter_map(|holder| {
            index.seat(holder, &draft).map(|(seat, person)| Pin { seat, person: Some(person) })
        })
        .collect();
    draft.published =
        inputs.published.iter().filter_map(|duty| published(duty, inputs.today, &index)).collect();
    (draft.requests, draft.wishes) = wishes::of(inputs, &index.people);
    draft.topology = places.topology;
    let problem = Problem::build(draft).map_err(Error::Refused)?;
    Ok((problem, key))
}

/// The roster that assignments make; people and shifts outside the problem are left out.
pub fn roster(problem: &Problem, key: &Key, holders: &[Holder]) -> Roster {
    let index = Index::of(key);
    let mut roster = Roster::empty(problem);
    for (seat, person) in holders.iter().filter_map(|holder| index.seat(holder, problem.draft())) {
        roster.set(seat, Some(person));
    }
    roster
}

/// The assignments of a roster.
pub fn holders(key: &Key, roster: &Roster) -> Vec<Holder> {
    let held = roster.held().filter_map(|(seat, person)| {
        Some(Holder {
            shift: key.shifts.get(seat.slot.at())?.clone(),
            post: post(seat.post),
            staff_member: key.people.get(person.at())?.clone(),
            is_pinned: false,
        })
    });
    held.collect()
}

/// What the judge's place is to planning.
pub fn post(post: judge::Post) -> Post {
    match post {
        judge::Post::Performer => Post::Performer,
        judge::Post::Supervisor => Post::Supervisor,
    }
}

// === impl Key ===

impl Key {
    /// The place of a post, when the problem has it.
    pub fn seat(&self, shift: &str, post: Post) -> Option<Seat> {
        let at = self.shifts.iter().position(|id| id == shift)?;
        Some(seat(SlotIx::of(at)?, post))
    }

    /// Who a person is in the problem.
    pub fn index_of(&self, staff_member: &str) -> Option<judge::PersonIx> {
        judge::PersonIx::of(self.people.iter().position(|id| id == staff_member)?)
    }

    /// The id of a person.
    pub fn person(&self, person: judge::PersonIx) -> &str {
        self.people.get(person.at()).map_or("", String::as_str)
    }

    /// The id of a shift.
    pub fn shift(&self, slot: SlotIx) -> &str {
        self.shifts.get(slot.at()).map_or("", String::as_str)
    }
}

/// Positions by id.
struct Index<'k> {
    people: BTreeMap<&'k str, judge::PersonIx>,
    shifts: BTreeMap<&'k str, SlotIx>,
}

// === impl Index ===

impl<'k> Index<'k> {
    fn of(key: &'k Key) -> Self {
        let people = key.people.iter().enumerate();
        let shifts = key.shifts.iter().enumerate();
        Self {
            people: people.filter_map(|(at, id)| Some((id.as_str(), judge::PersonIx::of(at)?))).collect(),
            shifts: shifts.filter_map(|(at, id)| Some((id.as_str(), SlotIx::of(at)?))).collect(),
        }
    }

    /// The place and the person of an assignment, when the problem has both.
    fn seat(&self, holder: &Holder, draft: &Draft) -> Option<(Seat, judge::PersonIx)> {
        let slot = *self.shifts.get(holder.shift.as_str())?;
        let person = *self.people.get(holder.staff_member.as_str())?;
        let seat = seat(slot, holder.post);
        let fits = seat.post == judge::Post::Performer || draft.slots.get(slot.at())?.kind.is_theatre();
        fits.then_some((seat, person))
    }
}

fn seat(slot: SlotIx, post: Post) -> Seat {
    match post {
        Post::Performer => Seat::performer(slot),
        Post::Supervisor => Seat::supervisor(slot),
    }
}

/// What moving a published duty costs: dearer for gardes, at week-ends, and the nearer it is.
fn published(duty: &Duty, today: Day, index: &Index<'_>) -> Option<Published> {
    let slot = *index.shifts.get(duty.shift.as_str())?;
    let base = match duty.kind {
        Kind::Garde => 30,
        Kind::Astreinte => 20,
        _ => 8,
    };
    let weekend = if duty.day.is_weekend() { 2 } else { 1 };
    let near = match duty.day - today {
        ..=7 => 3,
        8..=14 => 2,
        _ => 1,
    };
    let person = index.people.get(duty.staff_member.as_str()).copied();
    Some(Published { seat: seat(slot, duty.post), person, change_cost: base * weekend * near })
}

fn day_facts(day: Day, snapshot: &Snapshot) -> judge::Day {
    let week = day.iso_week();
    let minutes = working_time::garde(day, &working_time::Zone::paris()).minutes();
    judge::Day {
        number: day.number(),
        weekday: judge::Weekday::of_number(day.number()),
        iso_week: (week.year() * 100 + week.number()) as u32,
        month: (day.year() * 12 + day.month() - 1) as u32,
        day_of_month: day.day() as u8,
        is_public_holiday: snapshot.public_holidays.contains(&day),
        is_school_holiday: snapshot.is_school_holiday(day),
        is_special: counting::is_special(day),
        garde_minutes: u16::try_from(minutes).unwrap_or(1_440),
    }
}

fn half(shift: &Shift) -> Half {
    match shift.part {
        Some(calendar::DayPart::Afternoon) => Half::Afternoon,
        _ => Half::Morning,
    }
}

/// The kind of a slot needs no place of its own.
fn plain_kind(shift: &Shift, site: judge::SiteIx) -> Option<SlotKind> {
    match shift.kind {
        Kind::Consultation => Some(SlotKind::Consultation { half: half(shift), site }),
        Kind::Closing => Some(SlotKind::Closing { site }),
        Kind::Volant => Some(SlotKind::Volant { half: half(shift), site }),
        Kind::Garde | Kind::Astreinte | Kind::Theatre => None,
    }
}

#[cfg(test)]
mod tests;
