//! Small makers of days, people and slots, and dice.

use crate::problem::{
    Abilities, Availability, Day, DayIx, Following, Half, History, Person, Profession, RoomIx, SiteIx, Slot,
    SlotKind, SurgeonIx, Weekday, WorkingTime,
};

/// A small deterministic generator (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

// === impl Dice ===

impl Dice {
    /// Dice of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which must not be 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit as u64) as usize
    }

    /// True that many times in a hundred.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.roll() % 100 < chance
    }
}

/// The day number of a civil date (days since 1970-01-01).
#[must_use]
pub fn number_of(year: i32, month: i32, day: i32) -> i32 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The civil date of a day number.
fn civil(number: i32) -> (i32, i32, i32) {
    let shifted = number + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let civil_month = if month < 10 { month + 3 } else { month - 9 };
    let civil_year = year + era * 400 + i32::from(civil_month <= 2);
    (civil_year, civil_month, of_year - (153 * month + 2) / 5 + 1)
}

/// Plain days from a day number on: week-ends are week-ends, no holidays.
#[must_use]
pub fn days(first: i32, count: usize) -> Vec<Day> {
    let day_of = |number: i32| {
        let (year, month, day) = civil(number);
        let weekday = Weekday::of_number(number);
        let thursday = number + 3 - weekday as i32;
        let (iso_year, ..) = civil(thursday);
        let iso_week = (thursday - number_of(iso_year, 1, 1)) / 7 + 1;
        Day {
            number,
            weekday,
            iso_week: (iso_year * 100 + iso_week) as u32,
            month: (year * 12 + month - 1) as u32,
            day_of_month: day as u8,
            is_public_holiday: false,
            is_school_holiday: false,
            is_special: false,
            garde_minutes: 1_440,
        }
    };
    (first..first + count as i32).map(day_of).collect()
}

fn person(id: &str, profession: Profession, days: &[Day]) -> Person {
    let of_day = |day: &Day| {
        let usual = if day.is_working_day() { Availability::Working } else { Availability::DutyOnly };
        [usual, usual]
    };
    Person {
        id: id.to_owned(),
        profession,
        percentage: 100,
        equity_share: 1_000,
        is_locum: false,
        sites: vec![SiteIx(0)],
        skills: Vec::new(),
        abilities: Abilities::of(profession),
        availability: days.iter().flat_map(of_day).collect(),
        duty_unavailabilities: Vec::new(),
        incompatibilities: Vec::new(),
        history: History::default(),
        credit_minutes: None,
        week_minutes_max: None,
        working_time: WorkingTime::default(),
        following: Following::default(),
    }
}

/// A full-time anesthetist of the first site, there every working day, without history.
#[must_use]
pub fn mar(id: &str, days: &[Day]) -> Person {
    person(id, Profession::Mar, days)
}

/// A full-time nurse anesthetist of the first site, there every working day, without history.
#[must_use]
pub fn iade(id: &str, days: &[Day]) -> Person {
    person(id, Profession::Iade, days)
}

/// A slot of the default weight; its id is its position.
#[must_use]
pub fn slot(position: usize, day: DayIx, kind: SlotKind) -> Slot {
    Slot { id: format!("slot-{position}"), day, kind, weight: kind.default_weight() }
}

/// A theatre room open for a half-day.
#[must_use]
pub fn theatre(half: Half, room: RoomIx, surgeon: Option<SurgeonIx>) -> SlotKind {
    SlotKind::Theatre { half, room, surgeon, specialty: None, is_pediatric: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_and_iso_weeks_are_right_around_a_53_week_year() {
        for (year, month, day) in [(1970, 1, 1), (2000, 2, 29), (2026, 12, 31), (2027, 1, 1), (2028, 2, 29)] {
            assert_eq!(civil(number_of(year, month, day)), (year, month, day));
        }
        let turn = days(number_of(2026, 12, 31), 5);
        let weeks: Vec<_> = turn.iter().map(|day| day.iso_week).collect();
        assert_eq!(weeks, [202_653, 202_653, 202_653, 202_653, 202_701]);
    }
}
