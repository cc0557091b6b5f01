//! French public holidays, computed.
//!
//! The list is that of article L3133-1 of the Code du travail; Alsace and Moselle add Good Friday and 26 December
//! (article L3134-13). Each follows from the year alone, so no table has to be kept. School holidays are decided by
//! decree each year and are data of the leave service, not of this crate.

use serde::{Deserialize, Serialize};

use crate::Day;

/// A French public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// The Friday before Easter, in Alsace and Moselle.
    GoodFriday,
    /// The day after Easter Sunday.
    EasterMonday,
    /// 1 May.
    LaborDay,
    /// 8 May.
    VictoryDay,
    /// The Thursday 39 days after Easter.
    Ascension,
    /// The Monday 50 days after Easter.
    WhitMonday,
    /// 14 July.
    NationalDay,
    /// 15 August.
    Assumption,
    /// 1 November.
    AllSaints,
    /// 11 November.
    Armistice,
    /// 25 December.
    Christmas,
    /// 26 December, in Alsace and Moselle.
    SaintStephen,
}

/// Which list of public holidays holds at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// The eleven national holidays.
    #[default]
    France,
    /// The national ones, Good Friday and 26 December.
    AlsaceMoselle,
}

/// Easter Sunday of this year, by the anonymous Gregorian algorithm (Nature, 20 April 1876; also Meeus,
/// *Astronomical Algorithms*, chapter 8). Years outside 1 to 9999 are brought back to the nearest.
pub fn easter(year: i32) -> Day {
    let year = year.clamp(1, 9999);
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let leaps = (century / 4, century % 4);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - leaps.0 - correction + 15) % 30;
    let to_sunday = (32 + 2 * leaps.1 + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let sum = epact + to_sunday - 7 * late + 114;
    Day::new(year, sum / 31, sum % 31 + 1).expect("Easter is a day of March or April")
}

/// The public holidays of this year in order; two of them may fall on one day (1 May 2008 was also Ascension).
/// Years outside 1 to 9999 are brought back to the nearest.
pub fn holidays_of(year: i32, region: Region) -> Vec<(Day, Holiday)> {
    let easter = easter(year);
    let fixed = |month, day| Day::new(easter.year(), month, day).expect("the day exists in every year");
    let mut holidays = vec![
        (fixed(1, 1), Holiday::NewYear),
        (easter.plus(1), Holiday::EasterMonday),
        (fixed(5, 1), Holiday::LaborDay),
        (fixed(5, 8), Holiday::VictoryDay),
        (easter.plus(39), Holiday::Ascension),
        (easter.plus(50), Holiday::WhitMonday),
        (fixed(7, 14), Holiday::NationalDay),
        (fixed(8, 15), Holiday::Assumption),
        (fixed(11, 1), Holiday::AllSaints),
        (fixed(11, 11), Holiday::Armistice),
        (fixed(12, 25), Holiday::Christmas),
    ];
    if region == Region::AlsaceMoselle {
        holidays.push((easter.plus(-2), Holiday::GoodFriday));
        holidays.push((fixed(12, 26), Holiday::SaintStephen));
    }
    holidays.sort();
    holidays
}

/// The public holiday on this day, if it is one.
pub fn holiday_on(day: Day, region: Region) -> Option<Holiday> {
    holidays_of(day.year(), region).into_iter().find(|(date, _)| *date == day).map(|(_, holiday)| holiday)
}

/// Whether it is a Monday to Friday that is no public holiday.
pub fn is_working_day(day: Day, region: Region) -> bool {
    !day.is_weekend() && holiday_on(day, region).is_none()
}

impl Holiday {
    /// Its French name, as people read it.
    pub fn french_name(self) -> &'static str {
        match self {
            Holiday::NewYear => "Jour de l’an",
            Holiday::GoodFriday => "Vendredi saint",
            Holiday::EasterMonday => "Lundi de Pâques",
            Holiday::LaborDay => "Fête du Travail",
            Holiday::VictoryDay => "Victoire 1945",
            Holiday::Ascension => "Ascension",
            Holiday::WhitMonday => "Lundi de Pentecôte",
            Holiday::NationalDay => "Fête nationale",
            Holiday::Assumption => "Assomption",
            Holiday::AllSaints => "Toussaint",
            Holiday::Armistice => "Armistice 1918",
            Holiday::Christmas => "Noël",
            Holiday::SaintStephen => "Saint-Étienne",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Weekday;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn easter_falls_where_the_almanacs_say() {
        for text in [
            "1818-03-22",
            "1943-04-25",
            "1961-04-02",
            "2000-04-23",
            "2008-03-23",
            "2019-04-21",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25",
            "2285-03-22",
        ] {
            assert_eq!(easter(day(text).year()), day(text));
        }
    }

    #[test]
    fn the_holidays_of_2026_are_the_official_ones() {
        let days: Vec<String> =
            holidays_of(2026, Region::France).iter().map(|(day, _)| day.to_string()).collect();
        assert_eq!(
            days,
            [
                "2026-01-01",
                "2026-04-06",
                "2026-05-01",
                "2026-05-08",
                "2026-05-14",
                "2026-05-25",
                "2026-07-14",
                "2026-08-15",
                "2026-11-01",
                "2026-11-11",
                "2026-12-25",
            ]
        );
    }

    #[test]
    fn scenario_18_good_friday_is_a_holiday_in_alsace_only() {
        let good_friday = day("2026-04-03");
        assert_eq!(holiday_on(good_friday, Region::AlsaceMoselle), Some(Holiday::GoodFriday));
        assert_eq!(holiday_on(good_friday, Region::France), None);
        assert!(is_working_day(good_friday, Region::France));
        assert!(!is_working_day(good_friday, Region::AlsaceMoselle));
        assert_eq!(holiday_on(day("2026-12-26"), Region::AlsaceMoselle), Some(Holiday::SaintStephen));
        assert_eq!(holiday_on(day("2026-12-26"), Region::France), None);
    }

    proptest! {
        #[test]
        fn moving_holidays_keep_their_weekday(year in 1900i32..2500) {
            prop_assert_eq!(easter(year).weekday(), Weekday::Sunday);
            prop_assert!(easter(year) >= Day::new(year, 3, 22).unwrap());
            prop_assert!(easter(year) <= Day::new(year, 4, 25).unwrap());
            for (day, holiday) in holidays_of(year, Region::AlsaceMoselle) {
                let expected = match holiday {
                    Holiday::GoodFriday => Weekday::Friday,
                    Holiday::EasterMonday | Holiday::WhitMonday => Weekday::Monday,
                    Holiday::Ascension => Weekday::Thursday,
                    _ => day.weekday(),
                };
                prop_assert_eq!(day.weekday(), expected);
            }
        }

        #[test]
        fn alsace_adds_exactly_two_days(year in 1900i32..2500) {
            let national = holidays_of(year, Region::France);
            let local = holidays_of(year, Region::AlsaceMoselle);
            prop_assert_eq!((national.len(), local.len()), (11, 13));
            prop_assert!(national.iter().all(|holiday| local.contains(holiday)));
            prop_assert!(local.is_sorted());
        }
    }
}
