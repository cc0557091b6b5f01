//! The surgeon trame: which room is open for whom, week after week, and what that makes of a range of days.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayPart, DayRange, Parity, WeekParity, Weekday};
use serde::{Deserialize, Serialize};

use super::shift::{Kind, Shift};

/// A trame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    pub slots: Vec<Slot>,
    pub exceptions: Vec<Exception>,
}

/// A room, by the ids of its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub site: String,
    pub sector: String,
    pub room: String,
}

/// One line of the weekly pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub weekday: Weekday,
    /// Even or odd ISO weeks only; none: every week.
    pub parity: Option<Parity>,
    pub part: DayPart,
    pub place: Place,
    pub surgeon: String,
    pub specialty: String,
}

/// What a room does on one half-day instead of its pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub day: Day,
    pub part: DayPart,
    pub place: Place,
    /// Empty closes the room.
    pub surgeon: String,
    pub specialty: String,
}

/// What applying a trame makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub shifts: Vec<Shift>,
    pub existing_count: i32,
    pub holiday_count: i32,
    pub other_site_count: i32,
    pub closed_count: i32,
}

/// The longest trame.
pub const LINES_MAX: usize = 2_000;

// === impl Pattern ===

impl Pattern {
    /// Ids of the sites of its lines.
    pub fn sites(&self) -> Vec<String> {
        let slots = self.slots.iter().map(|slot| &slot.place.site);
        let all: BTreeSet<&String> =
            slots.chain(self.exceptions.iter().map(|exception| &exception.place.site)).collect();
        all.into_iter().cloned().collect()
    }

    /// The theatre shifts of a range of days that are not there yet, without their ids.
    pub fn apply(
        &self,
        days: DayRange,
        sites: &[String],
        existing: &BTreeSet<String>,
        is_holiday: impl Fn(Day) -> bool,
        is_pediatric: impl Fn(&str) -> bool,
    ) -> Applied {
        let mut applied = Applied::default();
        let mut taken = existing.clone();
        for (day, part, place, surgeon, specialty) in self.lines(days, &mut applied) {
            if !sites.contains(&place.site) {
                applied.other_site_count += 1;
                continue;
            }
            if is_holiday(day) {
                applied.holiday_count += 1;
                continue;
            }
            let shift = Shift {
                id: String::new(),
                kind: Kind::Theatre,
                day,
                part: Some(part),
                site: place.site.clone(),
                sector: place.sector.clone(),
                room: place.room.clone(),
                surgeon: surgeon.to_owned(),
                specialty: specialty.to_owned(),
                is_pediatric: is_pediatric(specialty),
                ordinal: 0,
                template: String::new(),
            };
            if taken.insert(shift.key()) {
                applied.shifts.push(shift);
            } else {
                applied.existing_count += 1;
            }
        }
        applied
    }

    /// Every open room of the range: the pattern, with dated exceptions in its place.
    fn lines<'p>(
        &'p self,
        days: DayRange,
        applied: &mut Applied,
    ) -> Vec<(Day, DayPart, &'p Place, &'p str, &'p str)> {
        let exceptions: BTreeMap<(Day, DayPart, &Place), &Exception> =
            self.exceptions.iter().map(|own| ((own.day, own.part, &own.place), own)).collect();
        let mut lines = Vec::new();
        for day in days.days() {
            for slot in self.slots.iter().filter(|slot| slot.applies(day)) {
                if !exceptions.contains_key(&(day, slot.part, &slot.place)) {
                    lines.push((day, slot.part, &slot.place, slot.surgeon.as_str(), slot.specialty.as_str()));
                }
            }
        }
        for own in exceptions.into_values().filter(|own| days.contains(own.day)) {
            if own.surgeon.is_empty() {
                applied.closed_count += 1;
            } else {
                lines.push((own.day, own.part, &own.place, &own.surgeon, &own.specialty));
            }
        }
        lines
    }
}

// === impl Slot ===

impl Slot {
    fn applies(&self, day: Day) -> bool {
        self.weekday == day.weekday() && self.parity.is_none_or(|parity| WeekParity::Iso.of(day) == parity)
    }

    /// Whether two lines would open the same room at the same time.
    pub fn collides(&self, other: &Slot) -> bool {
        let weeks = self.parity.is_none() || other.parity.is_none() || self.parity == other.parity;
        weeks && self.weekday == other.weekday && self.part == other.part && self.place == other.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(room: &str) -> Place {
        Place { site: "main".into(), sector: "septic".into(), room: room.into() }
    }

    fn slot(weekday: Weekday, parity: Option<Parity>, room: &str) -> Slot {
        let part = DayPart::Morning;
        Slot { weekday, parity, part, place: place(room), surgeon: "s".into(), specialty: "kids".into() }
    }

    #[test]
    fn a_trame_opens_rooms_by_parity_and_skips_holidays_exceptions_and_what_is_there() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        // 2026-12-07 is the Monday of week 50.
        let pattern = Pattern {
            slots: vec![slot(Weekday::Monday, None, "1"), slot(Weekday::Monday, Some(Parity::Even), "2")],
            exceptions: vec![Exception {
                day: day("2026-12-14"),
                part: DayPart::Morning,
                place: place("1"),
                surgeon: String::new(),
                specialty: String::new(),
            }],
        };
        let days = DayRange::new(day("2026-12-07"), day("2026-12-28")).unwrap();
        let sites = ["main".to_owned()];
        let holiday = |own: Day| own == day("2026-12-28");
        let applied = pattern.apply(days, &sites, &BTreeSet::new(), holiday, |specialty| specialty == "kids");
        let opened: Vec<String> = applied.shifts.iter().map(Shift::key).collect();
        assert_eq!(
            opened,
            [
                "THEATRE/2026-12-07/MORNING/main/septic/1",
                "THEATRE/2026-12-07/MORNING/main/septic/2",
                "THEATRE/2026-12-21/MORNING/main/septic/1",
                "THEATRE/2026-12-21/MORNING/main/septic/2",
            ]
        );
        assert!(applied.shifts.iter().all(|shift| shift.is_pediatric));
        assert_eq!((applied.holiday_count, applied.closed_count, applied.existing_count), (1, 1, 0));
        let again = pattern.apply(days, &sites, &opened.into_iter().collect(), holiday, |_| false);
        assert_eq!((again.shifts.len(), again.existing_count), (0, 4));
    }

    #[test]
    fn two_lines_of_a_room_collide_unless_their_weeks_differ() {
        let every = slot(Weekday::Monday, None, "1");
        let even = slot(Weekday::Monday, Some(Parity::Even), "1");
        let odd = slot(Weekday::Monday, Some(Parity::Odd), "1");
        assert!(every.collides(&even) && !even.collides(&odd));
        assert!(!every.collides(&slot(Weekday::Tuesday, None, "1")));
    }
}
