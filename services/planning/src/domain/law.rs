//! Working-time law in force on the days of a plan.
//!
//! A pack of law comes in versions, each from a day on. A plan over the day on which a version begins is held to the
//! stricter figure of both: whoever is rostered does not ask on which side of the day a week lies.

use calendar::{Day, DayRange};
use roster::problem::{LegalPack, WorkingTime};

/// A version of a pack, as staff lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What contracts name.
    pub code: String,
    /// First day on which it binds; none is ever.
    pub first: Option<Day>,
    /// Last day on which it binds; none is open.
    pub last: Option<Day>,
    /// The text it comes from.
    pub source: String,
    pub law: Law,
}

/// What is asked for of a full-timer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Law {
    pub working_time: WorkingTime,
    /// Each is a limit of its own.
    pub averages: Vec<Average>,
}

/// A limit of the average week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Average {
    pub week_minutes: i64,
    /// Days over which the average is taken.
    pub days: i32,
}

/// Hospital doctors: 48 hours a week over four months (R6152-27).
const DOCTORS: Average = Average { week_minutes: 48 * 60, days: 122 };

/// The pack behind what a contract says, and whether it says that the person volunteers for more time.
pub fn code_of(said: &str) -> (&str, bool) {
    match said {
        "hospital-practitioner" => ("FR-PUBLIC-DOCTOR", false),
        "FR-PUBLIC-DOCTOR-VOLUNTEER" => ("FR-PUBLIC-DOCTOR", true),
        "nurse" => ("FR-PUBLIC-NURSE", false),
        code => (code, false),
    }
}

/// What the versions of a pack that bind on some of these days ask for together. A code of which no version is known is
/// what it was before there were versions: a staff that is older than planning lists none.
pub fn in_force(versions: &[Version], code: &str, days: DayRange) -> Law {
    let mut own: Vec<&Version> = versions.iter().filter(|version| version.code == code).collect();
    if own.is_empty() {
        return unlisted(code);
    }
    own.retain(|version| version.binds_in(days));
    own.sort_by_key(|version| version.first);
    own.into_iter()
        .map(|version| version.law.clone())
        .reduce(|one, later| one.and(&later))
        .unwrap_or_default()
}

/// The versions of a pack as they are, each with its days. A code of which none is known has one that binds since ever.
pub fn versions_of(versions: &[Version], code: &str) -> Vec<Version> {
    let own: Vec<Version> = versions.iter().filter(|version| version.code == code).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let law = unlisted(code);
    vec![Version { code: code.to_owned(), first: None, last: None, source: String::new(), law }]
}

fn unlisted(code: &str) -> Law {
    let pack = LegalPack::from_code(code).unwrap_or_default();
    let averages = if pack == LegalPack::PublicDoctor { vec![DOCTORS] } else { vec![] };
    Law { working_time: pack.working_time(), averages }
}

// === impl Version ===

impl Version {
    fn binds_in(&self, days: DayRange) -> bool {
        self.first.is_none_or(|first| first <= days.last())
            && self.last.is_none_or(|last| days.first() <= last)
    }
}

// === impl Law ===

impl Law {
    /// The stricter of both in everything. What a week aims at is no limit: there the later one holds.
    fn and(&self, later: &Self) -> Self {
        let (one, other) = (&self.working_time, &later.working_time);
        let mut averages = self.averages.clone();
        averages.extend(later.averages.iter().filter(|own| !self.averages.contains(own)));
        Self {
            working_time: WorkingTime {
                pack: other.pack,
                daily_rest_min: one.daily_rest_min.max(other.daily_rest_min),
                day_max: least(one.day_max, other.day_max),
                seven_days_max: least(one.seven_days_max, other.seven_days_max),
                seven_days_usual: least(one.seven_days_usual, other.seven_days_usual),
                weekly_rest_min: one.weekly_rest_min.max(other.weekly_rest_min),
                fortnight_rest_days: one.fortnight_rest_days.max(other.fortnight_rest_days),
                fortnight_sunday: one.fortnight_sunday || other.fortnight_sunday,
                week_half_days_max: least(one.week_half_days_max, other.week_half_days_max),
                week_target: other.week_target,
                is_volunteer: one.is_volunteer || other.is_volunteer,
            },
            averages,
        }
    }
}

/// The smaller limit; none is no limit.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: &str, last: &str) -> DayRange {
        DayRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    fn version(
        first: Option<&str>,
        last: Option<&str>,
        rest: u16,
        day_max: Option<u16>,
        days: i32,
    ) -> Version {
        Version {
            code: "FR-PRIVATE-EMPLOYEE".into(),
            first: first.map(|day| day.parse().unwrap()),
            last: last.map(|day| day.parse().unwrap()),
            source: String::new(),
            law: Law {
                working_time: WorkingTime { daily_rest_min: Some(rest), day_max, ..WorkingTime::default() },
                averages: vec![Average { week_minutes: 44 * 60, days }],
            },
        }
    }

    #[test]
    fn the_version_of_the_days_binds_and_both_do_over_the_day_between_them() {
        let versions = [
            version(Some("2027-01-16"), None, 10 * 60, Some(600), 84),
            version(None, Some("2027-01-15"), 11 * 60, None, 70),
        ];
        let of = |first, last| {
            let law = in_force(&versions, "FR-PRIVATE-EMPLOYEE", range(first, last));
            let days: Vec<_> = law.averages.iter().map(|own| own.days).collect();
            (law.working_time.daily_rest_min, law.working_time.day_max, days)
        };
        assert_eq!(of("2026-12-01", "2026-12-31"), (Some(660), None, vec![70]));
        assert_eq!(of("2027-02-01", "2027-02-28"), (Some(600), Some(600), vec![84]));
        assert_eq!(of("2027-01-01", "2027-01-31"), (Some(660), Some(600), vec![70, 84]));
        assert_eq!(of("2027-01-15", "2027-01-15"), (Some(660), None, vec![70]));
    }

    #[test]
    fn before_the_first_version_of_a_code_nothing_binds() {
        let versions = [version(Some("2027-03-01"), None, 660, None, 84)];
        let law = in_force(&versions, "FR-PRIVATE-EMPLOYEE", range("2027-01-01", "2027-01-31"));
        assert_eq!(law, Law::default());
    }

    #[test]
    fn codes_that_staff_does_not_list_are_what_they_were() {
        let days = range("2027-01-01", "2027-01-31");
        let doctors = in_force(&[], code_of("hospital-practitioner").0, days);
        assert_eq!((doctors.working_time.pack, doctors.averages), (LegalPack::PublicDoctor, vec![DOCTORS]));
        assert_eq!(in_force(&[], "", days), Law::default());
    }
}
