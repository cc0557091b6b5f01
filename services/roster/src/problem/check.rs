//! Checks a draft: every reference exists, every table has its length, every figure is in range.

mod shifts;

use std::collections::BTreeSet;

use super::{
    draft::{Ask, Draft},
    horizon::HalfDay,
    index::{DayIx, PersonIx, SiteIx, SlotIx},
    person::{Counterpart, Person},
    slot::{Post, Seat, SlotKind},
    topology::LineKind,
};

/// Something wrong in a draft, by field path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Violation {
    /// The field, such as `slots[3].kind.room`.
    pub field: String,
    /// What is wrong and what was expected.
    pub message: String,
}

/// The most days a problem may cover: longer horizons are planned in windows.
const DAYS_MAX: usize = 400;

/// All violations of a draft.
pub(super) fn violations(draft: &Draft) -> Vec<Violation> {
    let mut check = Check { draft, found: Vec::new() };
    check.sizes();
    if check.found.is_empty() {
        check.days();
        check.topology();
        for (position, person) in draft.people.iter().enumerate() {
            check.person(position, person);
        }
        check.slots();
        check.seats();
        check.asks();
        check.parameters();
        check.shifts();
    }
    check.found
}

struct Check<'d> {
    draft: &'d Draft,
    found: Vec<Violation>,
}

// === impl Check ===

impl Check<'_> {
    fn refuse(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.found.push(Violation { field: field.into(), message: message.into() });
    }

    fn need(&mut self, holds: bool, field: impl FnOnce() -> String, message: &str) {
        if !holds {
            self.refuse(field(), message);
        }
    }

    fn sizes(&mut self) {
        let (days, people, slots) = (self.draft.days.len(), self.draft.people.len(), self.draft.slots.len());
        self.need((1..=DAYS_MAX).contains(&days), || "days".into(), "expected 1 to 400 days");
        self.need(people < usize::from(u16::MAX), || "people".into(), "expected fewer than 65535 people");
        self.need(slots < u32::MAX as usize / 2, || "slots".into(), "too many slots");
    }

    fn days(&mut self) {
        for position in 0..self.draft.days.len() {
            let day = &self.draft.days[position];
            let follows = position == 0 || day.number == self.draft.days[position - 1].number + 1;
            self.need(follows, || format!("days[{position}].number"), "expected consecutive days");
            let weekday = super::horizon::Weekday::of_number(day.number) == day.weekday;
            self.need(weekday, || format!("days[{position}].weekday"), "does not match the date");
            let week = position == 0 || day.iso_week >= self.draft.days[position - 1].iso_week;
            self.need(week, || format!("days[{position}].iso_week"), "weeks cannot go backwards");
            let minutes = (1_320..=1_560).contains(&day.garde_minutes);
            self.need(minutes, || format!("days[{position}].garde_minutes"), "expected about 1440 minutes");
        }
    }

    fn unique<'a>(&mut self, table: &str, ids: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (position, id) in ids.enumerate() {
            if id.is_empty() {
                self.refuse(format!("{table}[{position}].id"), "expected an id");
            } else if !seen.insert(id) {
                self.refuse(format!("{table}[{position}].id"), format!("`{id}` appears twice"));
            }
        }
    }

    fn topology(&mut self) {
        let draft = self.draft;
        let places = &draft.topology;
        self.unique("topology.sites", places.sites.iter().map(|site| site.id.as_str()));
        self.unique("topology.sectors", places.sectors.iter().map(|sector| sector.id.as_str()));
        self.unique("topology.rooms", places.rooms.iter().map(|room| room.id.as_str()));
        self.unique("topology.lines", places.lines.iter().map(|line| line.id.as_str()));
        for (position, sector) in places.sectors.iter().enumerate() {
            let field = || format!("topology.sectors[{position}]");
            self.need(self.has_site(sector.site), || field() + ".site", "no such site");
            let limits = &sector.limits;
            self.need(
                limits.rooms_per_person >= 1,
                || field() + ".limits.rooms_per_person",
                "expected at least 1",
            );
            let derogation = limits.supervision_derogation_max >= limits.supervision_max;
            let path = || field() + ".limits.supervision_derogation_max";
            self.need(derogation, path, "expected at least supervision_max");
            for skill in [sector.skill_to_perform, sector.skill_to_supervise].into_iter().flatten() {
                self.need(skill.0 < places.skills, || field() + ".skill", "no such skill");
            }
        }
        for (position, room) in places.rooms.iter().enumerate() {
            let field = || format!("topology.rooms[{position}]");
            self.need(room.sector.at() < places.sectors.len(), || field() + ".sector", "no such sector");
            for specialty in &room.specialties {
                self.need(specialty.0 < places.specialties, || field() + ".specialties", "no such specialty");
            }
            for neighbor in &room.neighbors {
                let exists = places.rooms.get(neighbor.at());
                let symmetric =
                    exists.is_some_and(|other| other.neighbors.iter().any(|back| back.at() == position));
                self.need(symmetric, || field() + ".neighbors", "expected existing rooms, both ways");
            }
        }
        for (position, line) in places.lines.iter().enumerate() {
            let exists = line.site.is_none_or(|site| self.has_site(site));
            self.need(exists, || format!("topology.lines[{position}].site"), "no such site");
        }
        for (position, (one, other)) in places.sector_pairs.iter().enumerate() {
            let exists = one.at().max(other.at()) < places.sectors.len();
            self.need(exists, || format!("topology.sector_pairs[{position}]"), "no such sector");
        }
        let pairs = [("room_pairs", &places.room_pairs), ("supervision_pairs", &places.supervision_pairs)];
        for (name, pairs) in pairs {
            for (position, (one, other)) in pairs.iter().enumerate() {
                let exists = one.at().max(other.at()) < places.rooms.len();
                self.need(exists, || format!("topology.{name}[{position}]"), "no such room");
            }
        }
    }

    fn has_site(&self, site: SiteIx) -> bool {
        site.at() < self.draft.topology.sites.len()
    }

    fn has_day(&self, day: DayIx) -> bool {
        day.at() < self.draft.days.len()
    }

    fn has_half_day(&self, half_day: HalfDay) -> bool {
        half_day.at() < self.draft.days.len() * 2
    }

    fn has_person(&self, person: PersonIx) -> bool {
        person.at() < self.draft.people.len()
    }

    fn has_slot(&self, slot: SlotIx) -> bool {
        slot.at() < self.draft.slots.len()
    }

    fn person(&mut self, position: usize, person: &Person) {
        let field = |name: &str| format!("people[{position}].{name}");
        let percentage = (1..=100).contains(&person.percentage);
        self.need(percentage, || field("percentage"), "expected 1 to 100");
        self.need(!person.sites.is_empty(), || field("sites"), "expected at least one site");
        for site in &person.sites {
            self.need(self.has_site(*site), || field("sites"), "no such site");
        }
        for skill in &person.skills {
            self.need(skill.0 < self.draft.topology.skills, || field("skills"), "no such skill");
        }
        let halves = self.draft.days.len() * 2;
        let length = person.availability.len() == halves;
        self.need(length, || field("availability"), "expected one value per half-day");
        for own in &person.duty_unavailabilities {
            self.need(self.has_day(own.day), || field("duty_unavailabilities"), "no such day");
        }
        for own in &person.incompatibilities {
            let exists = match own.with {
                Counterpart::Person(other) => self.has_person(other) && other.at() != position,
                Counterpart::Surgeon(surgeon) => surgeon.0 < self.draft.topology.surgeons,
                Counterpart::Specialty(specialty) => specialty.0 < self.draft.topology.specialties,
            };
            self.need(exists, || field("incompatibilities"), "no such counterpart");
        }
        self.around(&field, person);
        let history = &person.history;
        let past = [&history.gardes, &history.astreintes, &history.garde_days, &history.garde_nights];
        for offsets in past {
            let ordered = offsets.windows(2).all(|pair| pair[0] < pair[1]);
            let past = offsets.last().is_none_or(|last| *last < 0);
            self.need(ordered && past, || field("history"), "expected ascending negative offsets");
        }
    }

    /// Days outside the horizon are outside it, in order, and of a day's length.
    fn around(&mut self, field: &impl Fn(&str) -> String, person: &Person) {
        let days = self.draft.days.len() as i32;
        let following = &person.following;
        for offsets in [&following.gardes, &following.astreintes] {
            let ordered = offsets.windows(2).all(|pair| pair[0] < pair[1]);
            let later = offsets.first().is_none_or(|first| *first >= days);
            self.need(
                ordered && later,
                || field("following"),
                "expected ascending offsets after the horizon",
            );
        }
        let worked = [("history.worked", &person.history.worked), ("following.worked", &following.worked)];
        for (name, worked) in worked {
            let ordered = worked.windows(2).all(|pair| pair[0].day < pair[1].day);
            let outside = worked.iter().all(|own| (own.day < 0) == (name == "history.worked"));
            let beyond = worked.iter().all(|own| own.day < 0 || own.day >= days);
            let hours = worked.iter().all(|own| own.starts < own.ends && own.ends <= 2 * 1_440);
            let fits = ordered && outside && beyond && hours;
            self.need(fits, || field(name), "expected ascending days outside the horizon, of a day's hours");
        }
        let presence = person.history.presence.is_none_or(|own| own <= 10_000_000);
        self.need(presence, || field("history.presence"), "expected at most 10000000");
    }

    fn slots(&mut self) {
        let draft = self.draft;
        self.unique("people", draft.people.iter().map(|person| person.id.as_str()));
        self.unique("slots", draft.slots.iter().map(|slot| slot.id.as_str()));
        let places = &draft.topology;
        let mut open = BTreeSet::new();
        for (position, slot) in draft.slots.iter().enumerate() {
            let field = || format!("slots[{position}]");
            self.need(self.has_day(slot.day), || field() + ".day", "no such day");
            match slot.kind {
                SlotKind::Garde { line }
                | SlotKind::GardeDay { line }
                | SlotKind::GardeNight { line }
                | SlotKind::Astreinte { line } => {
                    let kind = if slot.kind.is_garde() { LineKind::Garde } else { LineKind::Astreinte };
                    let exists = places.lines.get(line.at()).is_some_and(|line| line.kind == kind);
                    self.need(exists, || field() + ".kind.line", "no such line of this kind");
                }
                SlotKind::Consultation { site, .. }
                | SlotKind::Closing { site }
                | SlotKind::Volant { site, .. } => {
                    self.need(self.has_site(site), || field() + ".kind.site", "no such site");
                }
                SlotKind::Theatre { half, room, surgeon, specialty, .. } => {
                    self.need(room.at() < places.rooms.len(), || field() + ".kind.room", "no such room");
                    let surgeon = surgeon.is_none_or(|surgeon| surgeon.0 < places.surgeons);
                    self.need(surgeon, || field() + ".kind.surgeon", "no such surgeon");
                    let specialty = specialty.is_none_or(|specialty| specialty.0 < places.specialties);
                    self.need(specialty, || field() + ".kind.specialty", "no such specialty");
                    let once = open.insert((slot.day, half, room));
                    self.need(once, || field() + ".kind.room", "the room is open twice on this half-day");
                }
            }
        }
    }

    fn seat(&mut self, field: &str, seat: Seat, person: Option<PersonIx>) {
        self.need(self.has_slot(seat.slot), || format!("{field}.seat.slot"), "no such slot");
        let is_theatre = self.draft.slots.get(seat.slot.at()).is_some_and(|slot| slot.kind.is_theatre());
        let fits = seat.post == Post::Performer || is_theatre;
        self.need(fits, || format!("{field}.seat.post"), "only theatre slots have a supervisor");
        let exists = person.is_none_or(|person| self.has_person(person));
        self.need(exists, || format!("{field}.person"), "no such person");
    }

    fn seats(&mut self) {
        let draft = self.draft;
        let mut seen = BTreeSet::new();
        for (position, pin) in draft.pins.iter().enumerate() {
            let field = format!("pins[{position}]");
            self.seat(&field, pin.seat, pin.person);
            self.need(seen.insert(pin.seat), || field + ".seat", "pinned twice");
        }
        seen.clear();
        for (position, published) in draft.published.iter().enumerate() {
            let field = format!("published[{position}]");
            self.seat(&field, published.seat, published.person);
            self.need(seen.insert(published.seat), || field + ".seat", "published twice");
        }
    }

    fn asks(&mut self) {
        let draft = self.draft;
        let requests = draft.requests.iter().map(|request| ("requests", request.person, request.ask));
        let wishes = draft.wishes.iter().map(|wish| ("wishes", wish.person, wish.ask));
        for (table, person, ask) in requests.chain(wishes) {
            self.need(self.has_person(person), || format!("{table}.person"), "no such person");
            let exists = match ask {
                Ask::Garde(day) | Ask::NoGarde(day) | Ask::Astreinte(day) | Ask::NoAstreinte(day) => {
                    self.has_day(day)
                }
                Ask::Work(half_day) | Ask::Off(half_day) | Ask::Consultation(half_day) => {
                    self.has_half_day(half_day)
                }
                Ask::Slot(slot) => self.has_slot(slot),
            };
            self.need(exists, || format!("{table}.ask"), "no such day or slot");
        }
        for derogation in &draft.derogations {
            let exists = self.has_person(derogation.person) && self.has_day(derogation.day);
            self.need(exists, || "derogations".into(), "no such person or day");
        }
    }

    /// The hours of a day follow one another, and the ranges of figures are ranges.
    fn hours(&mut self) {
        let own = &self.draft.parameters;
        let day = [own.morning_start, own.morning_end, own.afternoon_start, own.afternoon_end];
        let ordered = day.windows(2).all(|pair| pair[0] <= pair[1]) && own.afternoon_end <= 1_440;
        self.need(ordered, || "parameters.morning_start".into(), "expected hours in the order of the day");
        let closing = (own.afternoon_start..=1_440).contains(&own.closing_end);
        self.need(closing, || "parameters.closing_end".into(), "expected an hour after noon");
        let split = own.garde_split > own.morning_start && own.garde_split < 1_440;
        self.need(split, || "parameters.garde_split".into(), "expected an hour between morning and midnight");
        let stay = own.sector_stay_min <= own.sector_stay_max;
        self.need(stay, || "parameters.sector_stay_max".into(), "expected at least sector_stay_min");
        let off = own.off_week_min <= own.off_week_max;
        self.need(off, || "parameters.off_week_max".into(), "expected at least off_week_min");
        let figures = [own.off_week_min, own.off_week_max, own.off_month_min];
        let fits = figures.iter().all(|figure| (0..=1_000_000).contains(figure));
        self.need(fits, || "parameters.off_month_min".into(), "expected OFF half-days from 0 to 1000000");
        let balance = own.equity_permille <= 1_000 && own.fatigue_permille <= 1_000;
        self.need(balance, || "parameters.equity_permille".into(), "expected at most 1000");
    }

    fn parameters(&mut self) {
        let parameters = &self.draft.parameters;
        let gap = parameters.garde_gap_ideal >= parameters.garde_gap_min;
        self.need(gap, || "parameters.garde_gap_ideal".into(), "expected at least garde_gap_min");
        self.need(
            (1..=31).contains(&parameters.gardes_rolling_days),
            || "parameters.gardes_rolling_days".into(),
            "expected 1 to 31, as far as the history reaches",
        );
        self.hours();
        let school = parameters.gardes_rolling_max_school_holidays >= parameters.gardes_rolling_max;
        let path = || "parameters.gardes_rolling_max_school_holidays".into();
        self.need(school, path, "expected at least gardes_rolling_max");
        let settings = parameters.settings.iter().all(|setting| (0..=1_000_000).contains(&setting.weight));
        self.need(settings, || "parameters.settings".into(), "expected weights from 0 to 1000000");
        let counters = parameters.counter_weights.iter().all(|(_, weight)| (0..=1_000_000).contains(weight));
        self.need(counters, || "parameters.counter_weights".into(), "expected weights from 0 to 1000000");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        problem::{Availability, LineIx, Pin, RoomIx, SurgeonIx, Weekday, WorkedDay},
        testing::{department_draft, small_draft, theatre},
    };

    /// A field and what spoils it.
    type Fault = (&'static str, fn(&mut Draft));

    #[test]
    fn sound_drafts_have_no_violation() {
        for seed in 0..50 {
            assert_eq!(violations(&small_draft(seed)), []);
        }
        assert_eq!(violations(&department_draft(0)), []);
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        let faults: [Fault; 24] = [
            ("days", |draft| draft.days.clear()),
            ("days[3].number", |draft| draft.days[3].number += 1),
            ("days[2].weekday", |draft| draft.days[2].weekday = Weekday::Sunday),
            ("people[0].percentage", |draft| draft.people[0].percentage = 130),
            ("people[1].sites", |draft| draft.people[1].sites.clear()),
            ("people[2].availability", |draft| draft.people[2].availability.push(Availability::Working)),
            ("people[4].id", |draft| draft.people[4].id = draft.people[3].id.clone()),
            ("people[0].history", |draft| draft.people[0].history.gardes = vec![2]),
            ("topology.rooms[0].neighbors", |draft| draft.topology.rooms[0].neighbors.push(RoomIx(4))),
            ("topology.sectors[1].limits.rooms_per_person", |draft| {
                draft.topology.sectors[1].limits.rooms_per_person = 0;
            }),
            ("slots[0].kind.line", |draft| draft.slots[0].kind = SlotKind::Garde { line: LineIx(1) }),
            ("slots[1].kind.room", |draft| {
                draft.slots[1].kind = theatre(super::super::Half::Morning, RoomIx(99), None);
            }),
            ("slots[1].kind.surgeon", |draft| {
                draft.slots[1].kind = theatre(super::super::Half::Morning, RoomIx(0), Some(SurgeonIx(99)));
            }),
            ("pins[0].seat.post", |draft| {
                draft.pins = vec![Pin { seat: Seat::supervisor(SlotIx(0)), person: None }];
            }),
            ("pins[0].person", |draft| {
                draft.pins = vec![Pin { seat: Seat::performer(SlotIx(0)), person: Some(PersonIx(500)) }];
            }),
            ("parameters.garde_gap_ideal", |draft| draft.parameters.garde_gap_ideal = 0),
            ("parameters.morning_start", |draft| draft.parameters.morning_end = 0),
            ("parameters.garde_split", |draft| draft.parameters.garde_split = 1_440),
            ("parameters.sector_stay_max", |draft| draft.parameters.sector_stay_max = 0),
            ("parameters.off_week_max", |draft| draft.parameters.off_week_max = 0),
            ("people[0].following", |draft| draft.people[0].following.gardes = vec![3]),
            ("people[1].following.worked", |draft| {
                draft.people[1].following.worked =
                    vec![WorkedDay { day: 2, minutes: 300, starts: 480, ends: 780 }];
            }),
            ("topology.rooms[2].specialties", |draft| {
                draft.topology.rooms[2].specialties = vec![crate::problem::SpecialtyIx(9)];
            }),
            ("topology.supervision_pairs[0]", |draft| {
                draft.topology.supervision_pairs = vec![(RoomIx(0), RoomIx(77))];
            }),
        ];
        for (field, spoil) in faults {
            let mut draft = small_draft(1);
            spoil(&mut draft);
            let found = violations(&draft);
            assert!(
                found.iter().any(|violation| violation.field == field),
                "expected {field}, found {found:?}"
            );
        }
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let mut draft = small_draft(1);
        draft.people[0].percentage = 0;
        draft.people[5].percentage = 200;
        draft.parameters.gardes_rolling_days = 90;
        assert_eq!(violations(&draft).len(), 3);
    }
}
