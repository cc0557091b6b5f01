//! Posts as time that passes.

use std::collections::BTreeMap;

use calendar::{
    Day,
    working_time::{DUTY_START, TimeOfDay, Zone},
};
use jiff::Timestamp;

use crate::facts::{Facts, Figures, Hours, Kind, Post};

/// A post from one instant to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work<'f> {
    pub post: &'f Post,
    pub start: Timestamp,
    pub end: Timestamp,
    /// Minutes it counts for, where that is not the time that passes.
    minutes: Option<i64>,
}

/// Everybody's posts in the order in which they begin.
#[derive(Debug)]
pub(crate) struct Timeline<'f> {
    pub zone: Zone,
    pub by_person: BTreeMap<&'f str, Vec<Work<'f>>>,
}

// === impl Timeline ===

impl<'f> Timeline<'f> {
    pub fn of(facts: &'f Facts) -> Self {
        let zone = Zone::paris();
        let mut by_person: BTreeMap<&str, Vec<Work<'_>>> = BTreeMap::new();
        for post in &facts.posts {
            by_person.entry(post.person.as_str()).or_default().push(Work::of(post, &facts.figures, &zone));
        }
        for works in by_person.values_mut() {
            works.sort_by(|one, other| {
                (one.start, one.end, one.post).cmp(&(other.start, other.end, other.post))
            });
        }
        Self { zone, by_person }
    }

    /// The instant at which a day begins.
    pub fn midnight(&self, day: Day) -> Timestamp {
        TimeOfDay::new(0, 0).map_or(Timestamp::MIN, |midnight| self.zone.instant(day, midnight))
    }
}

// === impl Work ===

impl<'f> Work<'f> {
    fn of(post: &'f Post, figures: &Figures, zone: &Zone) -> Self {
        // Work of which nobody said when it is done takes the whole day: nothing passes by omission.
        let whole_day =
            Hours { kind: post.kind, part: post.part, start: DUTY_START, end: DUTY_START, minutes: None };
        let hours = figures.hours.iter().find(|own| own.kind == post.kind && own.part == post.part);
        let is_known = hours.is_some();
        let hours = hours.unwrap_or(&whole_day);
        let stretch = zone.stretch(post.day, hours.start, hours.end);
        let is_duty = post.kind.is_garde() || post.kind == Kind::Astreinte;
        let takes_none = is_known && hours.start == hours.end && !is_duty;
        let minutes = if post.kind == Kind::Astreinte { Some(0) } else { hours.minutes };
        let end = if takes_none { stretch.start() } else { stretch.end() };
        Self { post, start: stretch.start(), end, minutes }
    }

    /// Whether it is work, and not only being reachable.
    pub fn is_work(&self) -> bool {
        self.post.kind != Kind::Astreinte
    }

    /// Whether some time belongs to both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The minutes of it that count between two instants. What counts for other than the time that passes counts where it
    /// begins.
    pub fn minutes_within(&self, from: Timestamp, until: Timestamp) -> i64 {
        match self.minutes {
            Some(minutes) if from <= self.start && self.start < until => minutes,
            Some(_) => 0,
            None => between(self.start.max(from), self.end.min(until)).max(0),
        }
    }
}

/// The minutes from one instant to another; negative when it is before.
pub(crate) fn between(from: Timestamp, until: Timestamp) -> i64 {
    until.duration_since(from).as_mins()
}
