//! How much a hospital calls, hour by hour, and when it calls least.
//!
//! Hours are counted in UTC, as they pass; what is usual is judged by the hour of the week that clocks show, for people
//! live by those: what was seen at eight on winter's Mondays says what summer's are like at eight.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{IsoWeek, Weekday, working_time::Zone};
use jiff::{SignedDuration, Timestamp};

/// An hour of UTC, by its number since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(i64);

/// What one process of the gateway counted in one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which process.
    pub reporter: String,
    /// Which hour.
    pub hour: Hour,
    /// Whether the process was there for all of it, and it is over.
    pub is_whole: bool,
    /// Calls by hospital id.
    pub calls: BTreeMap<String, i64>,
}

/// The hours in which somebody counted, from the hospital's first call on, with its calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(pub BTreeMap<Hour, u64>);

/// What was asked for; `None` and 0 where nothing was said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// How long a window is, minutes.
    pub length_minutes: i32,
    /// Its earliest beginning.
    pub not_before: Option<Timestamp>,
    /// Its latest end.
    pub not_after: Option<Timestamp>,
    /// How many at most.
    pub count: i32,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    minutes: u64,
    not_before: Timestamp,
    not_after: Timestamp,
    count: usize,
}

/// A window, and how much is called in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// How many calls are usual in it.
    pub calls: u64,
    /// In how many weeks at least each of its hours was seen.
    pub weeks: usize,
}

/// The quietest windows, and what they rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestions {
    /// The quietest first.
    pub windows: Vec<Window>,
    /// Calls in a window of the same length on average of all that were compared.
    pub usual: u64,
    /// How many hours were seen.
    pub hours: usize,
    /// Since when.
    pub since: Timestamp,
}

/// Why nothing is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Fewer hours were seen than a week has.
    TooLittle,
    /// No window asked for lies in hours of the week that were seen.
    Unseen,
}

/// How long what was counted is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(8 * 7 * 24);

/// How many hours must have been seen: seven days' worth.
pub const HOURS_MIN: usize = 7 * 24;

/// How far ahead of ours a gateway's clock may be.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// How long after its end an hour is not looked at: gateways report the last of it within a minute or so.
const GRACE: SignedDuration = SignedDuration::from_mins(5);

const LENGTH_DEFAULT: i32 = 120;
const LENGTH_MIN: i32 = 15;
const LENGTH_MAX: i32 = 24 * 60;
const COUNT_DEFAULT: i32 = 3;
const COUNT_MAX: i32 = 20;
/// Planned work is announced so long before.
const LEAD_DEFAULT: SignedDuration = SignedDuration::from_hours(3 * 24);
const SPAN_DEFAULT: SignedDuration = SignedDuration::from_hours(14 * 24);
const HORIZON: SignedDuration = SignedDuration::from_hours(62 * 24);

/// Calls are compared in thousandths: medians and parts of hours are no whole numbers.
const FINE: u64 = 1_000;

/// An hour of the week, as clocks show it.
type Usual = (Weekday, i32);

/// What was seen of an hour of the week.
#[derive(Debug)]
struct Habit {
    /// The median, in thousandths. One night on which everything was imported does not make a night busy.
    median: u64,
    /// The mean, in thousandths: of two hours in which mostly nobody calls, in which more was called.
    mean: u64,
    /// In how many weeks.
    weeks: usize,
}

/// A window while windows are compared, the quietest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    median: u64,
    mean: u64,
    start: Hour,
    weeks: usize,
}

/// The quietest windows among those wanted.
///
/// # Errors
/// When too little was seen to say so.
pub fn suggest(seen: &Seen, wanted: &Wanted, zone: &Zone) -> Result<Suggestions, Refusal> {
    let hours = seen.0.len();
    let Some((first, _)) = seen.0.first_key_value().filter(|_| hours >= HOURS_MIN) else {
        return Err(Refusal::TooLittle);
    };
    let habits = habits(seen, zone);
    let candidates = wanted.starts().filter_map(|start| candidate(start, wanted.minutes, &habits, zone));
    let mut candidates: Vec<Candidate> = candidates.collect();
    let all = candidates.len() as u64;
    let sum: u64 = candidates.iter().map(|candidate| candidate.median).sum();
    let usual = whole(sum.checked_div(all).ok_or(Refusal::Unseen)?);
    candidates.sort_unstable();
    let mut windows: Vec<Window> = Vec::new();
    for candidate in candidates {
        let (start, end) = (candidate.start.start(), wanted.end(candidate.start));
        if windows.len() < wanted.count
            && windows.iter().all(|other| end <= other.start || other.end <= start)
        {
            windows.push(Window { start, end, calls: whole(candidate.median), weeks: candidate.weeks });
        }
    }
    Ok(Suggestions { windows, usual, hours, since: first.start() })
}

/// The last hour of which everything has been told at `now`.
pub fn last_told(now: Timestamp) -> Hour {
    Hour::of(now.saturating_sub(GRACE).unwrap_or(now)).before()
}

/// The first hour that is kept at `now`.
pub fn first_kept(now: Timestamp) -> Hour {
    Hour::of(now.saturating_sub(KEPT).unwrap_or(now))
}

fn habits(seen: &Seen, zone: &Zone) -> BTreeMap<Usual, Habit> {
    let mut samples: BTreeMap<Usual, (Vec<u64>, BTreeSet<IsoWeek>)> = BTreeMap::new();
    for (hour, calls) in &seen.0 {
        let (counts, weeks) = samples.entry(hour.usual(zone)).or_default();
        counts.push(*calls);
        weeks.insert(zone.day_at(hour.start()).iso_week());
    }
    let habit = |(mut counts, weeks): (Vec<u64>, BTreeSet<IsoWeek>)| {
        counts.sort_unstable();
        let (low, high) = (counts[(counts.len() - 1) / 2], counts[counts.len() / 2]);
        let sum: u64 = counts.iter().sum();
        Habit { median: (low + high) * FINE / 2, mean: sum * FINE / counts.len() as u64, weeks: weeks.len() }
    };
    samples.into_iter().map(|(usual, samples)| (usual, habit(samples))).collect()
}

/// The window that begins with an hour; none when one of its hours was never seen: unknown is not quiet.
fn candidate(start: Hour, minutes: u64, habits: &BTreeMap<Usual, Habit>, zone: &Zone) -> Option<Candidate> {
    let mut found = Candidate { median: 0, mean: 0, start, weeks: usize::MAX };
    let (mut hour, mut left) = (start, minutes);
    while left > 0 {
        let habit = habits.get(&hour.usual(zone))?;
        // Of an hour that the window leaves early its part.
        let part = left.min(60);
        found.median += habit.median * part / 60;
        found.mean += habit.mean * part / 60;
        found.weeks = found.weeks.min(habit.weeks);
        (hour, left) = (hour.next(), left - part);
    }
    Some(found)
}

/// Thousandths as a whole number, the nearest.
fn whole(fine: u64) -> u64 {
    (fine + FINE / 2) / FINE
}

// === impl Hour ===

impl Hour {
    /// The hour that a moment lies in.
    pub fn of(moment: Timestamp) -> Self {
        Self(moment.as_second().div_euclid(3_600))
    }

    /// The hour of a number since 1970.
    pub fn at(number: i64) -> Self {
        Self(number)
    }

    /// Its number since 1970.
    pub fn number(self) -> i64 {
        self.0
    }

    /// When it begins.
    pub fn start(self) -> Timestamp {
        let bound = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_second(self.0.saturating_mul(3_600)).unwrap_or(bound)
    }

    fn next(self) -> Self {
        Self(self.0 + 1)
    }

    fn before(self) -> Self {
        Self(self.0 - 1)
    }

    fn usual(self, zone: &Zone) -> Usual {
        (zone.day_at(self.start()).weekday(), zone.time_at(self.start()).minutes() / 60)
    }
}

// === impl Report ===

impl Report {
    /// Whether its hour has not begun at `now`, or is kept no longer.
    pub fn is_misdated(&self, now: Timestamp) -> bool {
        let latest = Hour::of(now.saturating_add(AHEAD_MAX).unwrap_or(now));
        self.hour > latest || self.hour < first_kept(now)
    }
}

// === impl Wanted ===

impl Wanted {
    /// What is looked for at `now`, with what is usual where nothing was said.
    ///
    /// # Errors
    /// Every field that cannot be, and what was expected.
    pub fn of(asked: Asked, now: Timestamp) -> Result<Self, Vec<(&'static str, String)>> {
        let mut flaws = Vec::new();
        let or = |asked: i32, default: i32| if asked == 0 { default } else { asked };
        let minutes = or(asked.length_minutes, LENGTH_DEFAULT);
        if !(LENGTH_MIN..=LENGTH_MAX).contains(&minutes) {
            flaws.push((
                "length_minutes",
                format!("expected from {LENGTH_MIN} to {LENGTH_MAX}, got {minutes}"),
            ));
        }
        let count = or(asked.count, COUNT_DEFAULT);
        if !(1..=COUNT_MAX).contains(&count) {
            flaws.push(("window_count_max", format!("expected from 1 to {COUNT_MAX}, got {count}")));
        }
        let after =
            |moment: Timestamp, by: SignedDuration| moment.saturating_add(by).unwrap_or(Timestamp::MAX);
        let horizon = after(now, HORIZON);
        let not_before = asked.not_before.unwrap_or_else(|| after(now, LEAD_DEFAULT));
        if not_before < now {
            flaws.push(("not_before_time", "expected a moment that is still to come".to_owned()));
        }
        let usual = || after(not_before, SPAN_DEFAULT).min(horizon);
        let not_after = asked.not_after.unwrap_or_else(usual);
        if not_after > horizon {
            flaws.push(("not_after_time", "expected at most 62 days from now".to_owned()));
        }
        let wanted = Self {
            minutes: minutes.unsigned_abs().into(),
            not_before,
            not_after,
            count: count.unsigned_abs() as usize,
        };
        // Told only of what can be otherwise.
        if flaws.is_empty() && wanted.starts().next().is_none() {
            let text = "expected room for a window of this length that begins on a full hour";
            flaws.push(("not_after_time", text.to_owned()));
        }
        if flaws.is_empty() { Ok(wanted) } else { Err(flaws) }
    }

    /// The hours with which a window can begin.
    fn starts(&self) -> impl Iterator<Item = Hour> {
        let holding = Hour::of(self.not_before);
        let first = if holding.start() < self.not_before { holding.next() } else { holding };
        let is_early_enough = |start: &Hour| self.end(*start) <= self.not_after;
        std::iter::successors(Some(first), |start| Some(start.next())).take_while(is_early_enough)
    }

    fn end(&self, start: Hour) -> Timestamp {
        let length = SignedDuration::from_mins(self.minutes as i64);
        start.start().saturating_add(length).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests;
