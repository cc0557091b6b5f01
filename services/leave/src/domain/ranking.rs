//! In which order those who ask for the same days have them (rules L8, L14). Nobody is first because they asked first.

use calendar::{Day, DayRange, Span};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::policy::{Policy, Ranking};

/// How many years before count.
pub const YEARS: i32 = 3;

/// One who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Id of the person.
    pub staff_member: String,
    /// First day of the leave.
    pub first: Day,
    /// First day of the person's first contract; unknown comes last.
    pub employed_since: Option<Day>,
    /// Earlier years in which the person had these days, ascending.
    pub years_had: Vec<i32>,
}

/// What put somebody before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Criterion {
    /// Nobody else asks.
    Alone,
    /// Had these days less often.
    TimesHad,
    /// Had them longer ago.
    LastHad,
    /// Employed for longer.
    Seniority,
    /// Drawn by lot.
    Draw,
}

/// A place among those who ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// From 1.
    pub position: i32,
    /// How many ask.
    pub count: i32,
    /// What decided between this place and its neighbor.
    pub criterion: Criterion,
    /// Earlier years in which the person had these days.
    pub years_had: Vec<i32>,
    /// First day of the person's first contract.
    pub employed_since: Option<Day>,
}

/// A key that sorts, each part with what it stands for.
type Key = [(Criterion, Vec<u8>); 4];

/// The order of those who ask: index into `candidates`, and the rank there.
pub fn rank(candidates: &[Candidate], method: Ranking) -> Vec<(usize, Rank)> {
    let mut order: Vec<(Key, usize)> =
        candidates.iter().enumerate().map(|(index, candidate)| (key(candidate, method), index)).collect();
    order.sort_by(|(one, first), (other, second)| {
        let parts = |key: &Key| key.clone().map(|(_, part)| part);
        // Two leaves of one person on one day are told apart by nothing but their place.
        parts(one).cmp(&parts(other)).then(first.cmp(second))
    });
    let count = i32::try_from(order.len()).unwrap_or(i32::MAX);
    (0..order.len())
        .map(|place| {
            let neighbor = if place == 0 { order.get(1) } else { order.get(place - 1) };
            let criterion = neighbor.map_or(Criterion::Alone, |(key, _)| differs(&order[place].0, key));
            let candidate = &candidates[order[place].1];
            let rank = Rank {
                position: i32::try_from(place + 1).unwrap_or(i32::MAX),
                count,
                criterion,
                years_had: candidate.years_had.clone(),
                employed_since: candidate.employed_since,
            };
            (order[place].1, rank)
        })
        .collect()
}

/// By what the requests for these days are ranked.
pub fn method(policy: &Policy, span: Span) -> Ranking {
    policy.peak_of(span).map_or(Ranking::Rotation, |(peak, _)| peak.ranking)
}

/// These days in an earlier year: the peak they belong to, or the same days of the calendar.
pub fn years_before(policy: &Policy, span: Span, years: i32) -> Option<DayRange> {
    if let Some((peak, days)) = policy.peak_of(span) {
        return peak.of_year(days.first().year() - years);
    }
    let earlier = |day: Day| {
        let same = Day::new(day.year() - years, day.month(), day.day());
        same.or_else(|_| Day::new(day.year() - years, day.month(), 28)).ok()
    };
    let days = span.range();
    DayRange::new(earlier(days.first())?, earlier(days.last())?).ok()
}

fn key(candidate: &Candidate, method: Ranking) -> Key {
    let sorted = |number: i64| (number.wrapping_sub(i64::MIN) as u64).to_be_bytes().to_vec();
    let times = (Criterion::TimesHad, sorted(i64::try_from(candidate.years_had.len()).unwrap_or(i64::MAX)));
    let last =
        (Criterion::LastHad, sorted(candidate.years_had.last().map_or(i64::MIN, |year| i64::from(*year))));
    let since = candidate.employed_since.map_or(i64::MAX, |day| i64::from(day.number()));
    let since = (Criterion::Seniority, sorted(since));
    let lot = Sha256::digest(format!("{}|{}", candidate.staff_member, candidate.first)).to_vec();
    let lot = (Criterion::Draw, lot);
    match method {
        Ranking::Rotation => [times, last, since, lot],
        Ranking::Seniority => [since, times, last, lot],
    }
}

fn differs(one: &Key, other: &Key) -> Criterion {
    let first = one.iter().zip(other).find(|((_, one), (_, other))| one != other);
    first.map_or(Criterion::Draw, |((criterion, _), _)| *criterion)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn asks(person: &str, since: &str, years_had: &[i32]) -> Candidate {
        Candidate {
            staff_member: person.to_owned(),
            first: day("2026-12-21"),
            employed_since: Some(day(since)),
            years_had: years_had.to_vec(),
        }
    }

    fn order(candidates: &[Candidate], method: Ranking) -> Vec<(&str, Criterion)> {
        let ranked = rank(candidates, method);
        ranked
            .into_iter()
            .map(|(index, rank)| (candidates[index].staff_member.as_str(), rank.criterion))
            .collect()
    }

    #[test]
    fn l08_christmas_rotates_and_summer_goes_by_seniority() {
        let all = [
            asks("old", "2001-01-01", &[2023, 2025]),
            asks("young", "2020-01-01", &[]),
            asks("middle", "2010-01-01", &[2024]),
        ];
        assert_eq!(
            order(&all, Ranking::Rotation),
            [("young", Criterion::TimesHad), ("middle", Criterion::TimesHad), ("old", Criterion::TimesHad)]
        );
        assert_eq!(
            order(&all, Ranking::Seniority),
            [
                ("old", Criterion::Seniority),
                ("middle", Criterion::Seniority),
                ("young", Criterion::Seniority)
            ]
        );
        let policy = Policy::defaults("chu");
        let span = |first, last| Span::from(DayRange::new(day(first), day(last)).unwrap());
        assert_eq!(method(&policy, span("2026-12-21", "2026-12-24")), Ranking::Rotation);
        assert_eq!(method(&policy, span("2026-07-20", "2026-08-02")), Ranking::Seniority);
    }

    #[test]
    fn l14_who_asked_first_is_of_no_account() {
        let (one, other) = (asks("a", "2010-01-01", &[2024]), asks("b", "2010-01-01", &[2023]));
        let expected = [("b", Criterion::LastHad), ("a", Criterion::LastHad)];
        assert_eq!(order(&[one.clone(), other.clone()], Ranking::Rotation), expected);
        assert_eq!(order(&[other, one], Ranking::Rotation), expected);
        let (one, other) = (asks("a", "2010-01-01", &[]), asks("b", "2010-01-01", &[]));
        let drawn = order(&[one.clone(), other.clone()], Ranking::Rotation)
            .iter()
            .map(|r| r.0.to_owned())
            .collect::<Vec<_>>();
        let again = order(&[other, one.clone()], Ranking::Rotation)
            .iter()
            .map(|r| r.0.to_owned())
            .collect::<Vec<_>>();
        assert_eq!(drawn, again);
        assert_eq!(order(&[one], Ranking::Rotation), [("a", Criterion::Alone)]);
    }

    #[test]
    fn a_peak_is_compared_with_the_peaks_before_and_other_days_with_the_same_days() {
        let policy = Policy::defaults("chu");
        let before = |first, last, years| {
            years_before(&policy, DayRange::new(day(first), day(last)).unwrap().into(), years)
        };
        let range = |first, last| DayRange::new(day(first), day(last)).ok();
        assert_eq!(before("2027-01-02", "2027-01-03", 1), range("2025-12-20", "2026-01-03"));
        assert_eq!(before("2028-02-29", "2028-03-03", 2), range("2026-02-28", "2026-03-03"));
    }
}
