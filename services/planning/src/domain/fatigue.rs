//! Fatigue points and heavy weeks: a hint for planners, never a refusal, and nobody else's business.
//!
//! Points (model A of domain dossier §4.9) go up with duties and down with free days. What is balanced between people is
//! hardship (model B), which the judge counts: its heavy weeks (F1) are taken over here.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayPart, DayRange, Weekday};

use super::{
    shift::{Duty, Kind, Post},
    team,
};

/// What makes a half-day in theatre heavier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    pub is_pediatric: bool,
    pub is_heavy: bool,
}

/// A week that weighs much on somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    pub monday: Day,
    pub staff_member: String,
    /// In order.
    pub reasons: Vec<Reason>,
    /// The most hardship of seven days that end in the week, in hundredths; 0 when it is not above the figure.
    pub hardship: i64,
    /// The most points of a day of it, and that day.
    pub points: i64,
    pub peak: Day,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Hardship,
    Fatigue,
    HighFatigue,
}

/// From how many rooms on a half-day is wide supervision.
const WIDE: usize = 3;

/// The points at the end of each day, of somebody who has these duties; before the first day there are none.
pub fn points(
    policy: &team::Fatigue,
    days: DayRange,
    duties: &[&Duty],
    extra: impl Fn(&Duty) -> Extra,
) -> Vec<(Day, i64)> {
    let mut by_day: BTreeMap<Day, Vec<&Duty>> = BTreeMap::new();
    for duty in duties {
        by_day.entry(duty.day).or_default().push(duty);
    }
    let none = Vec::new();
    let on = |day: Day| by_day.get(&day).unwrap_or(&none).as_slice();
    let mut sum = 0;
    let each = days.days().map(|day| {
        sum = (sum + gained(policy, on(day), &extra) - recovered(policy, day, &on)).max(0);
        (day, sum)
    });
    each.collect()
}

/// What the duties of a day add.
fn gained(policy: &team::Fatigue, duties: &[&Duty], extra: &impl Fn(&Duty) -> Extra) -> i64 {
    let whole = duties.iter().map(|duty| match (duty.kind, duty.part) {
        (Kind::Garde, None) => policy.garde,
        (Kind::Garde, Some(_)) => policy.garde / 2,
        (Kind::Astreinte, _) => policy.astreinte,
        _ => 0,
    });
    let halves = DayPart::ALL.into_iter().map(|part| {
        let theatre: Vec<&&Duty> =
            duties.iter().filter(|own| own.kind == Kind::Theatre && own.part == Some(part)).collect();
        let supervised = theatre.iter().filter(|own| own.post == Post::Supervisor).count();
        let has = |which: fn(Extra) -> bool| theatre.iter().any(|own| which(extra(own)));
        let wide = if supervised >= WIDE { policy.wide_supervision } else { 0 };
        let children = if has(|own| own.is_pediatric) { policy.pediatrics } else { 0 };
        let heavy = if has(|own| own.is_heavy) { policy.heavy_specialty } else { 0 };
        wide + children + heavy
    });
    whole.sum::<i64>() + halves.sum::<i64>()
}

/// What a day gives back. The rest after a garde gives nothing: it is no free day.
fn recovered<'d>(policy: &team::Fatigue, day: Day, on: &impl Fn(Day) -> &'d [&'d Duty]) -> i64 {
    let rests = |day: Day| {
        let night = |own: &&Duty| own.kind == Kind::Garde && own.part != Some(DayPart::Morning);
        on(day.previous()).iter().any(night)
    };
    let is_free = |day: Day| on(day).is_empty() && !rests(day);
    match day.weekday() {
        // A free week-end gives what it gives at its end.
        Weekday::Saturday if is_free(day) && is_free(day.next()) => 0,
        Weekday::Sunday if is_free(day) && is_free(day.previous()) => policy.free_weekend,
        _ if is_free(day) => policy.free_day,
        _ if !day.is_weekend() && !rests(day) && has_free_half(on(day)) => policy.free_half_day,
        _ => 0,
    }
}

/// Whether the posts of a day leave one of its halves free.
fn has_free_half(duties: &[&Duty]) -> bool {
    let is_half = |own: &&Duty| own.kind.is_half_day() || own.kind == Kind::Closing;
    let half = |own: &&Duty| own.part.unwrap_or(DayPart::Afternoon);
    let halves: BTreeSet<DayPart> = duties.iter().filter(|own| is_half(own)).map(half).collect();
    duties.iter().all(is_half) && halves.len() == 1
}

/// The weeks of `days` that weigh much. `points` are those of each person's days, `hardship` what the judge found above
/// its figure: the person, the last of the seven days, how much.
pub fn heavy_weeks(
    policy: &team::Fatigue,
    days: DayRange,
    points: &BTreeMap<String, Vec<(Day, i64)>>,
    hardship: &[(String, Day, i64)],
) -> Vec<Week> {
    let mut weeks: BTreeMap<(Day, &str), Week> = BTreeMap::new();
    let found = |day: Day, staff_member: &str| Week {
        monday: day.iso_week().monday(),
        staff_member: staff_member.to_owned(),
        reasons: Vec::new(),
        hardship: 0,
        points: 0,
        peak: day,
    };
    for (person, own) in points {
        for (day, points) in own.iter().filter(|(day, _)| days.contains(*day)) {
            let place = (day.iso_week().monday(), person.as_str());
            let week = weeks.entry(place).or_insert_with(|| found(*day, person));
            if *points > week.points {
                (week.points, week.peak) = (*points, *day);
            }
        }
    }
    for (person, day, amount) in hardship {
        let place = (day.iso_week().monday(), person.as_str());
        let week = weeks.entry(place).or_insert_with(|| found(*day, person));
        week.hardship = week.hardship.max(*amount);
    }
    let told = weeks.into_values().map(|mut week| {
        if week.hardship > 0 {
            week.reasons.push(Reason::Hardship);
        }
        if week.points >= policy.high_threshold {
            week.reasons.push(Reason::HighFatigue);
        } else if week.points >= policy.threshold {
            week.reasons.push(Reason::Fatigue);
        }
        week
    });
    told.filter(|week| !week.reasons.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn duty(kind: Kind, date: &str, part: Option<DayPart>) -> Duty {
        Duty {
            staff_member: "a".into(),
            day: day(date),
            part,
            kind,
            post: Post::Performer,
            shift: date.into(),
            site: "main".into(),
            sector: String::new(),
            room: String::new(),
        }
    }

    fn of(first: &str, last: &str, duties: &[Duty]) -> Vec<i64> {
        let days = DayRange::new(day(first), day(last)).unwrap();
        let duties: Vec<&Duty> = duties.iter().collect();
        let points = points(&team::Fatigue::default(), days, &duties, |_| Extra::default());
        points.into_iter().map(|(_, points)| points).collect()
    }

    /// A Monday.
    const MONDAY: &str = "2026-12-07";

    #[test]
    fn duties_add_and_free_days_take_away_but_the_rest_after_a_garde_does_not() {
        let week = [duty(Kind::Garde, MONDAY, None), duty(Kind::Astreinte, "2026-12-10", None)];
        // Garde, its rest, a free day, an astreinte, a free Friday, a free week-end.
        assert_eq!(of(MONDAY, "2026-12-13", &week), [30, 30, 15, 25, 10, 10, 0]);
    }

    #[test]
    fn a_half_day_off_gives_half_a_day_and_a_broken_weekend_is_none() {
        let morning = Some(DayPart::Morning);
        let duties = [
            duty(Kind::Garde, "2026-12-01", None),
            duty(Kind::Consultation, "2026-12-03", morning),
            duty(Kind::Theatre, "2026-12-04", morning),
            duty(Kind::Theatre, "2026-12-04", Some(DayPart::Afternoon)),
            duty(Kind::Astreinte, "2026-12-06", None),
        ];
        // Garde, rest, a half-day, a whole day, a free Saturday, an astreinte.
        assert_eq!(of("2026-12-01", "2026-12-06", &duties), [30, 30, 22, 22, 7, 17]);
    }

    #[test]
    fn three_rooms_children_and_heavy_specialties_weigh_once_a_half_day() {
        let room = |room: &str| Duty {
            post: Post::Supervisor,
            room: room.into(),
            ..duty(Kind::Theatre, MONDAY, Some(DayPart::Morning))
        };
        let rooms = [room("1"), room("2"), room("3")];
        let duties: Vec<&Duty> = rooms.iter().collect();
        let extra = |own: &Duty| Extra { is_pediatric: own.room != "3", is_heavy: own.room == "1" };
        let days = DayRange::single(day(MONDAY));
        let points = |duties: &[&Duty]| points(&team::Fatigue::default(), days, duties, extra)[0].1;
        assert_eq!(points(&duties), 15 + 10 + 8 - 8);
        assert_eq!(points(&duties[..2]), 10 + 8 - 8);
    }

    #[test]
    fn a_week_is_hinted_at_with_every_reason_and_its_peak() {
        let gardes: Vec<Duty> = ["2026-12-07", "2026-12-09", "2026-12-11", "2026-12-13"]
            .map(|date| duty(Kind::Garde, date, None))
            .to_vec();
        let duties: Vec<&Duty> = gardes.iter().collect();
        let days = DayRange::new(day("2026-12-07"), day("2026-12-20")).unwrap();
        let policy = team::Fatigue::default();
        let own = points(&policy, days, &duties, |_| Extra::default());
        let hardship =
            [("a".to_owned(), day("2026-12-13"), 1_700), ("b".to_owned(), day("2026-12-14"), 1_500)];
        let weeks = heavy_weeks(&policy, days, &[("a".to_owned(), own)].into(), &hardship);
        let told: Vec<_> = (weeks.iter())
            .map(|own| (own.staff_member.as_str(), own.monday, own.reasons.as_slice(), own.points))
            .collect();
        let (first, second) = (day("2026-12-07"), day("2026-12-14"));
        let expected = [
            ("a", first, &[Reason::Hardship, Reason::HighFatigue][..], 120),
            ("a", second, &[Reason::HighFatigue], 120),
            ("b", second, &[Reason::Hardship], 0),
        ];
        assert_eq!(told, expected);
        assert_eq!((weeks[0].peak, weeks[0].hardship), (day("2026-12-13"), 1_700));
    }

    proptest! {
        /// One more garde never makes anybody less tired.
        #[test]
        fn points_grow_with_duties_and_are_never_negative(
            gardes in prop::collection::btree_set(0_i32..60, 0..20), more in 0_i32..60
        ) {
            let first = day("2026-10-01");
            let days = DayRange::new(first, first.plus(59)).unwrap();
            let of = |offsets: &BTreeSet<i32>| {
                let duties: Vec<Duty> = offsets.iter()
                    .map(|own| duty(Kind::Garde, &first.plus(*own).to_string(), None)).collect();
                let duties: Vec<&Duty> = duties.iter().collect();
                points(&team::Fatigue::default(), days, &duties, |_| Extra::default())
            };
            let mut with = gardes.clone();
            with.insert(more);
            let both = of(&gardes).into_iter().zip(of(&with));
            // The Saturday before a Sunday's garde is a free day of its own.
            for ((day, fewer), (_, points)) in both.filter(|((day, _), _)| *day >= first.plus(more)) {
                prop_assert!((0..=points).contains(&fewer), "{} {} {}", day, fewer, points);
            }
        }
    }
}
