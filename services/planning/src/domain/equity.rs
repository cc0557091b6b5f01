//! Where each person stands when a plan begins: what of the ledger counts, and how long they were there to do it.
//!
//! Everything is divided by presence: working percentage by day of contract, without long absences. Most counters are
//! balanced within the civil year. Those that come seldom (week-ends, holidays, Christmas) are balanced over several:
//! what somebody did above their share of those years is carried into this one. Both generations and the accounts that
//! people read go by these sums.

use std::collections::BTreeMap;

use calendar::{Day, DayPart, DayRange, Span};
use roster::problem::{Counter, Profession as Rostered};

use super::{
    snapshot::{Person, Profession},
    team::{self, Newcomer},
};

/// Sums by person and counter, in thousandths.
pub type Sums = BTreeMap<(String, String), i64>;

/// The days that count before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// The civil year until the day before; none on the first of January, and before the ledger knows anything.
    pub year: Option<DayRange>,
    /// The years over which smoothed counters are balanced, this one included.
    pub years: Option<DayRange>,
}

/// What the ledger says of both periods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub year: Sums,
    /// Of the smoothed counters.
    pub years: Sums,
    /// Lines of newcomers by day, from which what does not count is taken off.
    pub early: Vec<Early>,
}

/// What a newcomer did on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Early {
    pub staff_member: String,
    pub counter: String,
    pub day: Day,
    pub quantity: i64,
}

/// Where each person stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What each brings into a plan: the sums of the year, and for smoothed counters what the years make of them.
    pub counters: Sums,
    /// What of it is carried over the years: above the share if positive.
    pub carried: Sums,
    /// Presence in the year: days of a full-timer, in thousandths.
    pub presence: BTreeMap<String, i64>,
}

/// A full-timer's day, in thousandths.
const DAY: i64 = 1_000;

// === impl Periods ===

impl Periods {
    /// What counts before `day`; `known` is the first day of which the ledger says anything.
    pub fn before(day: Day, known: Option<Day>, policy: &team::Equity) -> Self {
        let since = |years: i32| {
            let first = Day::new(day.year() - years, 1, 1).ok()?;
            DayRange::new(first.max(known?), day.previous()).ok()
        };
        Self { year: since(0), years: since(i32::from(policy.smoothed_years.max(1)) - 1) }
    }
}

/// Divides a total by weights; the parts add up to it exactly. Nobody weighs anything: nobody gets anything.
pub fn divided(total: i64, weights: &[i64]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|own| i128::from(*own)).sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    // Cumulated, so that the remainders of the division are nobody's.
    let (mut weight, mut given) = (0_i128, 0_i128);
    let parts = weights.iter().map(|own| {
        weight += i128::from(*own);
        let upto = (i128::from(total) * weight).div_euclid(all);
        let part = upto - given;
        given = upto;
        i64::try_from(part).unwrap_or_default()
    });
    parts.collect()
}

/// The day from which a newcomer counts; none for who was there when the period began, and by a policy that has
/// everybody count from then on.
pub fn counts_from(policy: &team::Equity, person: &Person, since: Day) -> Option<Day> {
    let arrival = arrival(person).filter(|arrival| *arrival > since)?;
    (policy.newcomer == Newcomer::TeamMean).then(|| arrival.plus(i32::from(policy.adaptation_days)))
}

/// Whether somebody arrived after a day.
pub fn is_newcomer(person: &Person, since: Day) -> bool {
    arrival(person).is_some_and(|arrival| arrival > since)
}

fn arrival(person: &Person) -> Option<Day> {
    let first = person.contracts.iter().map(|own| own.first).min()?;
    Some(person.first.map_or(first, |own| own.max(first)))
}

/// How long somebody was there: days of a full-timer, in thousandths.
pub fn presence(
    policy: &team::Equity,
    person: &Person,
    absences: &[Span],
    days: DayRange,
    since: Day,
) -> i64 {
    let from = counts_from(policy, person, since).unwrap_or(days.first());
    let Some(counted) = DayRange::new(days.first().max(from), days.last()).ok() else { return 0 };
    let away = long_absences(policy, absences);
    let mut sum = 0;
    for contract in &person.contracts {
        let first = person.first.map_or(contract.first, |own| own.max(contract.first));
        let last = [contract.last, person.last].into_iter().flatten().min().unwrap_or(Day::MAX);
        let Some(own) = DayRange::new(first, last).ok().and_then(|own| own.intersect(counted)) else {
            continue;
        };
        let gone: usize = away.iter().filter_map(|away| away.intersect(own)).map(DayRange::len).sum();
        sum += (own.len() - gone) as i64 * i64::from(contract.percentage) * DAY / 100;
    }
    sum + before_arrival(policy, person, counted, since)
}

/// By the policy that has newcomers count from their imported history on: the time before they came, as their first
/// contract has it.
fn before_arrival(policy: &team::Equity, person: &Person, days: DayRange, since: Day) -> i64 {
    let Some(arrival) = arrival(person).filter(|arrival| *arrival > since) else { return 0 };
    let contract = person.contracts.iter().min_by_key(|own| own.first);
    let before = DayRange::new(since, arrival.previous()).ok().and_then(|own| own.intersect(days));
    match (policy.newcomer, contract, before) {
        (Newcomer::History, Some(contract), Some(before)) => {
            before.len() as i64 * i64::from(contract.percentage) * DAY / 100
        }
        _ => 0,
    }
}

/// Absences of whole days that follow one another for long enough, in order.
fn long_absences(policy: &team::Equity, absences: &[Span]) -> Vec<DayRange> {
    let whole = absences.iter().filter_map(|own| {
        let (first, last) = (own.first(), own.last());
        let from = if first.part == DayPart::Morning { first.day } else { first.day.next() };
        let until = if last.part == DayPart::Afternoon { last.day } else { last.day.previous() };
        DayRange::new(from, until).ok()
    });
    let mut whole: Vec<DayRange> = whole.collect();
    whole.sort_unstable_by_key(|own| (own.first(), own.last()));
    let mut runs: Vec<DayRange> = Vec::new();
    for own in whole {
        match runs.last_mut() {
            // One leave that follows another goes on with it.
            Some(run) if own.first() <= run.last().next() => {
                if let Ok(longer) = DayRange::new(run.first(), run.last().max(own.last())) {
                    *run = longer;
                }
            }
            _ => runs.push(own),
        }
    }
    runs.retain(|run| run.len() >= usize::from(policy.long_absence_days));
    runs
}

/// Takes off what newcomers did before they count.
pub fn without_early(
    policy: &team::Equity,
    people: &[&Person],
    sums: &mut Sums,
    early: &[Early],
    days: Option<DayRange>,
) {
    let Some(days) = days else { return };
    let from: BTreeMap<&str, Day> = (people.iter())
        .filter_map(|person| Some((person.id.as_str(), counts_from(policy, person, days.first())?)))
        .collect();
    for own in early.iter().filter(|own| days.contains(own.day)) {
        let is_early = from.get(own.staff_member.as_str()).is_some_and(|from| own.day < *from);
        let sum = sums.get_mut(&(own.staff_member.clone(), own.counter.clone())).filter(|_| is_early);
        if let Some(sum) = sum {
            *sum -= own.quantity;
        }
    }
}

/// Where people stand.
pub fn standing(
    policy: &team::Equity,
    people: &[&Person],
    absences: &BTreeMap<String, Vec<Span>>,
    periods: Periods,
    done: &Done,
) -> Standing {
    let there = |person: &Person, days: Option<DayRange>| {
        let away = absences.get(&person.id).map_or(&[][..], Vec::as_slice);
        days.map_or(0, |days| presence(policy, person, away, days, days.first()))
    };
    let (mut year, mut years) = (done.year.clone(), done.years.clone());
    without_early(policy, people, &mut year, &done.early, periods.year);
    without_early(policy, people, &mut years, &done.early, periods.years);
    let mut standing = Standing {
        counters: year.clone(),
        carried: Sums::new(),
        presence: people.iter().map(|person| (person.id.clone(), there(person, periods.year))).collect(),
    };
    let over_years: BTreeMap<&str, i64> =
        people.iter().map(|person| (person.id.as_str(), there(person, periods.years))).collect();
    for id in &policy.smoothed_counters {
        let Some(counter) = team::kept(id) else { continue };
        let sharing: Vec<&&Person> =
            people.iter().filter(|person| !person.is_locum && is_of(person, counter)).collect();
        let of = |sums: &Sums| -> Vec<i64> {
            let key = |person: &&&Person| (person.id.clone(), id.clone());
            sharing.iter().map(|person| sums.get(&key(person)).copied().unwrap_or(0)).collect()
        };
        let (own_year, own_years) = (of(&year), of(&years));
        let weights: Vec<i64> = sharing.iter().map(|person| over_years[person.id.as_str()]).collect();
        if weights.iter().all(|own| *own == 0) {
            continue;
        }
        let shares = divided(own_years.iter().sum(), &weights);
        let in_year: Vec<i64> = sharing.iter().map(|person| standing.presence[&person.id]).collect();
        let base = if in_year.iter().all(|own| *own == 0) {
            own_year
        } else {
            divided(own_year.iter().sum(), &in_year)
        };
        for (at, person) in sharing.iter().enumerate() {
            let carried = own_years[at] - shares[at];
            let key = (person.id.clone(), id.clone());
            standing.counters.insert(key.clone(), base[at] + carried);
            standing.carried.insert(key, carried);
        }
    }
    standing
}

/// Whether a person's profession shares a counter.
pub fn is_of(person: &Person, counter: Counter) -> bool {
    match person.profession {
        Profession::Mar => counter.profession() == Rostered::Mar,
        Profession::Iade => counter.profession() == Rostered::Iade,
    }
}

/// What the day weights make of somebody's gardes, or of their astreintes, in thousandths. `of` tells the sum of a
/// counter.
pub fn weighted(policy: &team::Equity, counter: Counter, of: impl Fn(Counter) -> i64) -> i64 {
    let by = |counter: Counter, weight: i64| of(counter) * weight / 1_000;
    match counter {
        Counter::Gardes => {
            let plain = of(Counter::GardesWeekday) + of(Counter::GardesFriday);
            let weekend = by(Counter::GardesSaturday, policy.weekend_weight)
                + by(Counter::GardesSunday, policy.weekend_weight);
            plain + weekend + by(Counter::GardesHoliday, policy.holiday_weight)
        }
        Counter::Astreintes => {
            of(Counter::Astreintes) + by(Counter::AstreintesWeekend, policy.astreinte_weekend_weight - 1_000)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
