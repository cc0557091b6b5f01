//! The days a problem covers, with everything the rules ask about a day.

use super::index::DayIx;

/// Half of a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Half {
    /// 08:00–13:00 by default.
    Morning,
    /// 13:30–18:30 by default.
    Afternoon,
}

/// A half-day of the horizon: morning of day 0 is 0, afternoon of day 0 is 1, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HalfDay(pub u32);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names of the days say it all")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// What the rules ask about one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01, as `calendar::Day::number` gives them.
    pub number: i32,
    /// Day of the week.
    pub weekday: Weekday,
    /// ISO week, unique across years: `iso_year * 100 + iso_week`.
    pub iso_week: u32,
    /// Civil month, unique across years: `year * 12 + month - 1`.
    pub month: u32,
    /// Day of the month, 1–31.
    pub day_of_month: u8,
    /// A public holiday at the hospital.
    pub is_public_holiday: bool,
    /// In school holidays.
    pub is_school_holiday: bool,
    /// A special day shared over the years, such as Christmas or New Year.
    pub is_special: bool,
    /// How long a garde beginning this day lasts: 1440, or 1380 and 1500 over a clock change.
    pub garde_minutes: u16,
}

/// The kind of a day for equity: each garde counts under exactly one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayKind {
    /// Monday to Thursday.
    Weekday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
    /// A public holiday, whatever its day of the week.
    Holiday,
}

// === impl Half ===

impl Half {
    /// Both halves, in order.
    pub const ALL: [Half; 2] = [Half::Morning, Half::Afternoon];

    /// 0 for the morning, 1 for the afternoon.
    #[must_use]
    pub fn at(self) -> usize {
        self as usize
    }
}

// === impl HalfDay ===

impl HalfDay {
    /// The half-day of a day.
    #[must_use]
    pub fn new(day: DayIx, half: Half) -> Self {
        Self(u32::from(day.0) * 2 + half as u32)
    }

    /// Its day.
    #[must_use]
    pub fn day(self) -> DayIx {
        DayIx((self.0 / 2) as u16)
    }

    /// Its half.
    #[must_use]
    pub fn half(self) -> Half {
        if self.0.is_multiple_of(2) { Half::Morning } else { Half::Afternoon }
    }

    /// Position in a table of half-days.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

// === impl Weekday ===

impl Weekday {
    /// The days of the week from Monday.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// The weekday of a day number (1970-01-01 was a Thursday).
    #[must_use]
    pub fn of_number(number: i32) -> Self {
        Self::ALL[(number + 3).rem_euclid(7) as usize]
    }

    /// Saturday or Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        matches!(self, Weekday::Saturday | Weekday::Sunday)
    }
}

// === impl Day ===

impl Day {
    /// The kind a garde of this day counts under.
    #[must_use]
    pub fn kind(&self) -> DayKind {
        if self.is_public_holiday {
            return DayKind::Holiday;
        }
        match self.weekday {
            Weekday::Friday => DayKind::Friday,
            Weekday::Saturday => DayKind::Saturday,
            Weekday::Sunday => DayKind::Sunday,
            _ => DayKind::Weekday,
        }
    }

    /// A day on which the theatre and consultations may open: not a week-end, not a public holiday.
    #[must_use]
    pub fn is_working_day(&self) -> bool {
        !self.weekday.is_weekend() && !self.is_public_holiday
    }

    /// The Saturday's day number of the week-end this day belongs to, for Saturdays and Sundays.
    #[must_use]
    pub fn weekend(&self) -> Option<i32> {
        match self.weekday {
            Weekday::Saturday => Some(self.number),
            Weekday::Sunday => Some(self.number - 1),
            _ => None,
        }
    }
}
