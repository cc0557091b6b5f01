//! The problem: self-contained, pseudonymous, dense, checked once.

mod check;
mod counter;
mod derived;
mod draft;
mod graph;
mod horizon;
mod index;
mod look;
mod margins;
mod parameters;
mod person;
mod shares;
mod shift;
mod slot;
mod topology;

use std::{collections::BTreeMap, ops::Range};

pub use self::{
    check::Violation,
    counter::Counter,
    draft::{Ask, Derogation, Draft, Pin, Published, Request, Wish},
    graph::{Reach, RoomGraph},
    horizon::{Day, DayKind, Half, HalfDay, Weekday},
    index::{
        DayIx, LineIx, PersonIx, RoomIx, SectorIx, ShiftIx, SiteIx, SkillIx, SlotIx, SpecialtyIx, SurgeonIx,
    },
    parameters::{RuleParameters, RuleSetting},
    person::{
        Abilities, Availability, Counterpart, DutyUnavailability, Following, History, Incompatibility,
        LegalPack, Person, Profession, WorkedDay, WorkingTime,
    },
    shift::{
        PublishedShift, SHIFT_TYPES_MAX, ShiftCover, ShiftLimits, ShiftPin, ShiftType, ShiftWish, Shifts,
    },
    slot::{Post, Seat, Slot, SlotKind},
    topology::{Line, LineKind, Room, Sector, SectorCategory, SectorLimits, Site, Topology},
};
pub(crate) use self::{
    derived::{Derived, counters_of, duty},
    look::{Look, What},
    margins::inside,
};
use crate::rules::RuleId;

/// A checked problem. Read-only: a change is a new draft.
#[derive(Clone, Debug)]
pub struct Problem {
    draft: Draft,
    derived: Derived,
}

// === impl Problem ===

impl Problem {
    /// Checks a draft once and for all and prepares the tables the judge reads.
    ///
    /// # Errors
    /// All violations, not the first.
    pub fn build(mut draft: Draft) -> Result<Self, Vec<Violation>> {
        let violations = check::violations(&draft);
        if violations.is_empty() {
            draft.shifts.normalize();
            let derived = Derived::of(&draft);
            Ok(Self { draft, derived })
        } else {
            Err(violations)
        }
    }

    /// Checks a draft that is a part of a larger problem. What a part cannot know by itself is given: each person's
    /// fair target of every counter, as in the whole, and who is only there for the posts they are pinned to and
    /// may take nothing else.
    ///
    /// # Errors
    /// All violations, not the first.
    pub fn build_part(
        draft: Draft,
        targets: Vec<[Option<i64>; Counter::COUNT]>,
        frozen: &[PersonIx],
    ) -> Result<Self, Vec<Violation>> {
        let mut part = Self::build(draft)?;
        if targets.len() == part.draft.people.len() {
            part.derived.targets = targets;
        }
        for candidates in &mut part.derived.candidates {
            candidates.retain(|person| !frozen.contains(person));
        }
        for person in frozen {
            part.derived.shifts.freeze(person.at());
        }
        Ok(part)
    }

    /// The same problem with more places pinned: to search it in stretches. Whatever a part was built with stays.
    ///
    /// # Panics
    /// When a place is not one of the problem's.
    #[must_use]
    pub fn with_pins(&self, pins: impl IntoIterator<Item = Pin>) -> Self {
        let mut own = self.clone();
        for pin in pins {
            own.derived.pins[roster_position(pin.seat)] = Some(pin.person);
            own.draft.pins.retain(|other| other.seat != pin.seat);
            own.draft.pins.push(pin);
        }
        own
    }

    /// What it was built from.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The days.
    #[must_use]
    pub fn days(&self) -> &[Day] {
        &self.draft.days
    }

    /// One day.
    #[must_use]
    pub fn day(&self, day: DayIx) -> &Day {
        &self.draft.days[day.at()]
    }

    /// The people.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.draft.people
    }

    /// One person.
    #[must_use]
    pub fn person(&self, person: PersonIx) -> &Person {
        &self.draft.people[person.at()]
    }

    /// The slots.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.draft.slots
    }

    /// One slot.
    #[must_use]
    pub fn slot(&self, slot: SlotIx) -> &Slot {
        &self.draft.slots[slot.at()]
    }

    /// The places.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.draft.topology
    }

    /// The rule set's figures.
    #[must_use]
    pub fn parameters(&self) -> &RuleParameters {
        &self.draft.parameters
    }

    /// All slot indices, in order.
    pub fn slot_indices(&self) -> impl DoubleEndedIterator<Item = SlotIx> + ExactSizeIterator + use<> {
        (0..self.draft.slots.len() as u32).map(SlotIx)
    }

    /// All person indices, in order.
    pub fn person_indices(&self) -> impl DoubleEndedIterator<Item = PersonIx> + ExactSizeIterator + use<> {
        (0..self.draft.people.len() as u16).map(PersonIx)
    }

    /// All day indices, in order.
    pub fn day_indices(&self) -> impl DoubleEndedIterator<Item = DayIx> + ExactSizeIterator + use<> {
        (0..self.draft.days.len() as u16).map(DayIx)
    }

    /// The slots of a day, in order.
    #[must_use]
    pub fn slots_of_day(&self, day: DayIx) -> &[SlotIx] {
        &self.derived.slots_of_day[day.at()]
    }

    /// The dense week of a day; weeks are ISO weeks, numbered from the horizon's first.
    #[must_use]
    pub fn week_of(&self, day: DayIx) -> usize {
        usize::from(self.derived.week_of_day[day.at()])
    }

    /// Number of weeks the horizon touches.
    #[must_use]
    pub fn week_count(&self) -> usize {
        self.derived.days_of_week.len()
    }

    /// The days of a week, as positions.
    #[must_use]
    pub fn days_of_week(&self, week: usize) -> Range<usize> {
        self.derived.days_of_week[week].clone()
    }

    /// The sector of a theatre slot.
    #[must_use]
    pub fn sector_of(&self, slot: SlotIx) -> Option<SectorIx> {
        match self.slot(slot).kind {
            SlotKind::Theatre { room, .. } => Some(self.draft.topology.rooms[room.at()].sector),
            _ => None,
        }
    }

    /// The site a slot is worked at; `None` for a duty line that serves all sites.
    #[must_use]
    pub fn site_of(&self, slot: SlotIx) -> Option<SiteIx> {
        self.derived.site_of_slot[slot.at()]
    }

    /// Who could ever hold a place, looking at nothing but the person and the slot (profession, ability, site,
    /// skill, availability, strict incompatibility with the surgeon); in order.
    #[must_use]
    pub fn candidates(&self, seat: Seat) -> &[PersonIx] {
        &self.derived.candidates[roster_position(seat)]
    }

    /// Whether a person and somebody else were declared incompatible, by either of them.
    #[must_use]
    pub fn has_incompatible_people(&self, person: PersonIx) -> bool {
        !self.derived.conflicts[person.at()].people.is_empty()
    }

    /// The pin of a place: `Some(None)` is a place locked empty.
    #[must_use]
    pub fn pin(&self, seat: Seat) -> Option<Option<PersonIx>> {
        self.derived.pins[roster_position(seat)]
    }

    /// What was published for a place, if anything.
    #[must_use]
    pub fn published(&self, seat: Seat) -> Option<&Published> {
        self.derived.published[roster_position(seat)].map(|position| &self.draft.published[position as usize])
    }

    /// The target of a counter for a person, in thousandths, history included; `None` when out of this counter.
    #[must_use]
    pub fn target(&self, person: PersonIx, counter: Counter) -> Option<i64> {
        self.derived.targets[person.at()][counter.at()]
    }

    /// What a person's counter stood at before the horizon, in thousandths.
    #[must_use]
    pub fn history(&self, person: PersonIx, counter: Counter) -> i64 {
        self.derived.history[person.at()][counter.at()]
    }

    /// What shifts cost and forbid; empty when the problem knows none.
    #[must_use]
    pub fn shifts(&self) -> &crate::shifts::Table {
        &self.derived.shifts
    }

    /// The rooms as a graph: links, components, what goes together, what may be supervised at once.
    #[must_use]
    pub fn rooms(&self) -> &RoomGraph {
        &self.derived.rooms
    }

    /// All sets of theatre slots of a half-day that one anesthetist who performs in `own` (slots of that half-day) may
    /// supervise at once, as far as rooms and sessions say: limits, sectors, chains, pediatrics, one site. Sets beyond
    /// the usual limit are among them when an administrator authorized derogations.
    #[must_use]
    pub fn supervisable_sets(&self, half_day: HalfDay, own: &[SlotIx]) -> Vec<Vec<SlotIx>> {
        if own.iter().any(|slot| self.look(*slot).is_pediatric) {
            return Vec::new();
        }
        let parameters = self.parameters();
        let open = self.slots_of_day(half_day.day()).iter().copied().filter(|slot| {
            let look = self.look(*slot);
            look.is_theatre() && look.is_in(half_day.half())
        });
        let by_room: BTreeMap<RoomIx, SlotIx> = open.map(|slot| (self.look(slot).room, slot)).collect();
        let mut sites: Vec<_> = by_room.values().map(|slot| self.look(*slot).site).collect();
        sites.sort_unstable();
        sites.dedup();
        let own_rooms: Vec<RoomIx> = own.iter().map(|slot| self.look(*slot).room).collect();
        let mut found = Vec::new();
        for site in sites.into_iter().filter(|site| own.iter().all(|slot| self.look(*slot).site == *site)) {
            let here: Vec<RoomIx> = (by_room.iter())
                .filter(|(_, slot)| self.look(**slot).site == site)
                .map(|(room, _)| *room)
                .collect();
            let with_derogation = parameters.supervision_derogation_authorized;
            for rooms in self.derived.rooms.supervisable_sets(&own_rooms, &here, with_derogation) {
                let slots: Vec<SlotIx> = rooms.iter().map(|room| by_room[room]).collect();
                let is_pediatric = slots.iter().any(|slot| self.look(*slot).is_pediatric);
                if !is_pediatric || slots.len() <= usize::from(parameters.pediatric_supervision_max) {
                    found.push(slots);
                }
            }
        }
        found
    }

    /// What a counter gains from a slot, in thousandths, whoever performs in it.
    #[must_use]
    pub fn counters_of(&self, slot: SlotIx) -> Vec<(Counter, i64)> {
        let mut gained = Vec::new();
        let slot = self.slot(slot);
        counters_of(slot, self.day(slot.day), |counter, quantity| gained.push((counter, quantity)));
        gained
    }

    /// What one unit off the fair share of a counter weighs in this problem.
    #[must_use]
    pub fn counter_weight(&self, counter: Counter) -> i64 {
        self.derived.counter_weights[counter.at()]
    }

    /// A rule's level and weight in this problem.
    #[must_use]
    pub fn setting(&self, rule: RuleId) -> RuleSetting {
        self.derived.settings[rule as usize]
    }

    /// Whether a person works shifts.
    #[must_use]
    pub fn works_shifts(&self, person: PersonIx) -> bool {
        self.derived.shifts.limits.get(person.at()).is_some_and(Option::is_some)
    }

    /// A slot in few bytes.
    pub(crate) fn look(&self, slot: SlotIx) -> &Look {
        &self.derived.looks[slot.at()]
    }

    /// The table the judge reads.
    pub(crate) fn derived(&self) -> &Derived {
        &self.derived
    }
}

/// Position of a place in flat tables of places.
pub(crate) fn roster_position(seat: Seat) -> usize {
    seat.slot.at() * 2 + seat.post as usize
}
