//! Counters: what a duty adds to the sums of the person who does it.

use calendar::{Day, DayPart, Weekday};
use roster::problem::Counter;

use super::shift::{Duty, Kind, Post};

/// Theatre half-days: counted once, whatever the number of rooms.
pub const THEATRE: &str = "theatre-half-days";

/// Days shared out over the years: Christmas and New Year with their eves.
pub fn is_special(day: Day) -> bool {
    matches!((day.month(), day.day()), (12, 24 | 25 | 31) | (1, 1))
}

/// The id of a judge's counter in names: `gardes-friday`.
pub fn id_of(counter: Counter) -> String {
    counter.code().to_lowercase().replace('_', "-")
}

/// The counters one duty adds its [`quantity`] to.
pub fn of(duty: &Duty, is_holiday: bool) -> Vec<String> {
    let weekday = duty.day.weekday();
    let is_friday = weekday == Weekday::Friday && !is_holiday;
    let is_weekend = weekday.is_weekend() && !is_holiday;
    let special = is_special(duty.day);
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
            vec![
                Some(Counter::Gardes),
                Some(of_day),
                is_weekend.then_some(Counter::GardesWeekend),
                special.then_some(Counter::GardesSpecial),
            ]
        }
        (Kind::Astreinte, _) => vec![
            Some(Counter::Astreintes),
            (is_holiday || weekday.is_weekend()).then_some(Counter::AstreintesWeekend),
            is_friday.then_some(Counter::AstreintesFriday),
            is_holiday.then_some(Counter::AstreintesHoliday),
            special.then_some(Counter::AstreintesSpecial),
        ],
        (Kind::Consultation, Some(DayPart::Afternoon)) => vec![
            Some(Counter::ConsultationsAfternoon),
            is_friday.then_some(Counter::ConsultationsFridayAfternoon),
        ],
        (Kind::Consultation, _) => vec![Some(Counter::ConsultationsMorning)],
        (Kind::Closing, _) => vec![Some(Counter::Closings), is_friday.then_some(Counter::ClosingsFriday)],
        (Kind::Theatre, _) => vec![
            Some(Counter::TheatreHalfDays),
            (duty.post == Post::Supervisor).then_some(Counter::Supervisions),
        ],
        (Kind::Volant, _) => vec![Some(Counter::TheatreHalfDays)],
    };
    counters.into_iter().flatten().map(id_of).collect()
}

/// How much of its counters one duty is, in thousandths: a part of a split garde is half of one.
pub fn quantity(duty: &Duty) -> i64 {
    if duty.kind == Kind::Garde && duty.part.is_some() { ONE / 2 } else { ONE }
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
            (Kind::Garde, "2026-12-13", None, false, &["gardes", "gardes-sunday", "gardes-weekend"]),
            (Kind::Astreinte, "2026-12-12", None, false, &["astreintes", "astreintes-weekend"]),
            (Kind::Astreinte, "2026-12-11", None, false, &["astreintes", "astreintes-friday"]),
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
    fn a_part_of_a_split_garde_is_half_of_one_of_its_day() {
        let night = duty(Kind::Garde, "2026-12-13", Some(DayPart::Afternoon));
        assert_eq!(of(&night, false), ["gardes", "gardes-sunday", "gardes-weekend"]);
        assert_eq!(quantity(&night), 500);
        assert_eq!(quantity(&duty(Kind::Theatre, "2026-12-11", Some(DayPart::Afternoon))), ONE);
    }

    #[test]
    fn every_judge_counter_has_an_id_of_its_own() {
        let ids: std::collections::BTreeSet<String> = Counter::ALL.into_iter().map(id_of).collect();
        assert_eq!(ids.len(), Counter::COUNT);
        assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }
}
