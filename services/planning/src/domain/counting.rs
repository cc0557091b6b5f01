//! Counters: what a duty adds to the sums of the person who does it.

use calendar::{Day, DayPart, Weekday};
use roster::problem::Counter;

use super::shift::{Duty, Kind, Post};

/// Theatre half-days, only shown.
pub const THEATRE: &str = "theatre-half-days";
/// Rooms supervised for half a day, only shown.
pub const SUPERVISIONS: &str = "supervisions";

/// Days shared out over the years: Christmas and New Year with their eves.
pub fn is_special(day: Day) -> bool {
    matches!((day.month(), day.day()), (12, 24 | 25 | 31) | (1, 1))
}

/// The id of a judge's counter in names: `gardes-friday`.
pub fn id_of(counter: Counter) -> String {
    counter.code().to_lowercase().replace('_', "-")
}

/// The counters one duty adds one to.
pub fn of(duty: &Duty, is_holiday: bool) -> Vec<String> {
    let weekday = duty.day.weekday();
    let is_friday = weekday == Weekday::Friday && !is_holiday;
    let counters = match (duty.kind, duty.part) {
        (Kind::Garde, _) => {
            let of_day = if is_holiday {
                Counter::GardesHoliday
            } else {
                match weekday {
                    Weekday::Friday => Counter::GardesFriday,
                    Weekday::Saturday => Counter::GardesSaturday,
                    Weekday::Sunday => Counter::GardesSunday,
                    _ => Counter::GardesWeekday,
                }
            };
            let special = is_special(duty.day).then_some(Counter::GardesSpecial);
            [Some(Counter::Gardes), Some(of_day), special]
        }
        (Kind::Astreinte, _) => {
            let weekend = (is_holiday || weekday.is_weekend()).then_some(Counter::AstreintesWeekend);
            [Some(Counter::Astreintes), weekend, None]
        }
        (Kind::Consultation, Some(DayPart::Afternoon)) => {
            let friday = is_friday.then_some(Counter::ConsultationsFridayAfternoon);
            [Some(Counter::ConsultationsAfternoon), friday, None]
        }
        (Kind::Consultation, _) => [Some(Counter::ConsultationsMorning), None, None],
        (Kind::Closing, _) => [Some(Counter::Closings), is_friday.then_some(Counter::ClosingsFriday), None],
        (Kind::Theatre, _) => {
            let shown = if duty.post == Post::Supervisor { SUPERVISIONS } else { THEATRE };
            return vec![shown.to_owned()];
        }
        (Kind::Volant, _) => return vec![THEATRE.to_owned()],
    };
    counters.into_iter().flatten().map(id_of).collect()
}

/// What a line of the ledger counts one duty for, in thousandths.
pub const ONE: i64 = Counter::ONE;

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(kind: Kind, day: &str, part: Option<DayPart>) -> Duty {
        Duty {
            staff_member: "x".into(),
            day: day.parse().unwrap(),
            part,
            kind,
            post: Post::Performer,
            shift: "s".into(),
            site: "main".into(),
            sector: String::new(),
            room: String::new(),
        }
    }

    #[test]
    fn each_duty_counts_in_the_counters_of_its_day() {
        let afternoon = Some(DayPart::Afternoon);
        for (kind, day, part, is_holiday, expected) in [
            (Kind::Garde, "2026-12-07", None, false, &["gardes", "gardes-weekday"][..]),
            (Kind::Garde, "2026-12-11", None, false, &["gardes", "gardes-friday"]),
            (Kind::Garde, "2026-12-25", None, true, &["gardes", "gardes-holiday", "gardes-special"]),
            (Kind::Astreinte, "2026-12-12", None, false, &["astreintes", "astreintes-weekend"]),
            (
                Kind::Consultation,
                "2026-12-11",
                afternoon,
                false,
                &["consultations-afternoon", "consultations-friday-afternoon"],
            ),
            (Kind::Closing, "2026-12-11", None, false, &["closings", "closings-friday"]),
            (Kind::Theatre, "2026-12-11", afternoon, false, &["theatre-half-days"]),
        ] {
            assert_eq!(of(&duty(kind, day, part), is_holiday), expected, "{kind:?} {day}");
        }
    }

    #[test]
    fn every_judge_counter_has_an_id_of_its_own() {
        let ids: std::collections::BTreeSet<String> = Counter::ALL.into_iter().map(id_of).collect();
        assert_eq!(ids.len(), Counter::COUNT);
        assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }
}
