//! Public holidays, computed, and school holidays, imported.

use calendar::{
    Day, DayRange,
    holiday::{Region, holidays_of},
};
use serde::{Deserialize, Serialize};

/// Which sort of holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HolidayKind {
    /// Counts as no working day.
    Public,
    /// Schools are closed.
    School,
}

/// A public holiday, or school holidays of a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Its id: the day, or zone and first day.
    pub id: String,
    /// Which sort.
    pub kind: HolidayKind,
    /// In French.
    pub display_name: String,
    /// The days.
    pub days: DayRange,
    /// School zone; empty for a public holiday.
    pub zone: String,
}

/// The public holidays of a year, by day.
pub fn public(year: i32, region: Region) -> Vec<Holiday> {
    holidays_of(year, region)
        .into_iter()
        .map(|(day, holiday)| Holiday {
            id: day.to_string(),
            kind: HolidayKind::Public,
            display_name: holiday.french_name().to_owned(),
            days: DayRange::single(day),
            zone: String::new(),
        })
        .collect()
}

/// School holidays of a zone.
pub fn school(display_name: String, days: DayRange, zone: &str) -> Holiday {
    let id = format!("{}-{}", zone.to_lowercase(), days.first());
    Holiday { id, kind: HolidayKind::School, display_name, days, zone: zone.to_owned() }
}

/// The public holidays that count at a hospital: those it loaded, and for a year it has loaded nothing of, those
/// of France.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicHolidays(Vec<Day>);

// === impl PublicHolidays ===

impl PublicHolidays {
    /// Joins what was loaded with the defaults, for the years of a range.
    pub fn of(loaded: &[Holiday], range: DayRange) -> Self {
        let mut days: Vec<Day> = loaded.iter().map(|holiday| holiday.days.first()).collect();
        for year in range.first().year()..=range.last().year() {
            if !days.iter().any(|day| day.year() == year) {
                days.extend(holidays_of(year, Region::France).into_iter().map(|(day, _)| day));
            }
        }
        Self(days)
    }

    /// Whether a day is one.
    pub fn contains(&self, day: Day) -> bool {
        self.0.contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_that_was_not_loaded_has_the_holidays_of_france() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let range = DayRange::new(day("2026-12-01"), day("2027-12-31")).unwrap();
        let holidays = PublicHolidays::of(&public(2026, Region::AlsaceMoselle), range);
        assert!(holidays.contains(day("2026-12-26")), "loaded with Alsace-Moselle");
        assert!(!holidays.contains(day("2027-12-26")) && holidays.contains(day("2027-12-25")));
    }
}
