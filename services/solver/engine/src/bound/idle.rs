//! What nurse anesthetists must pay for being there without a post (I2), with the overtime (H4+) that posts would cost.
//!
//! # Why the bound is valid
//! A posted half-day takes at least the minutes of one. How many halves of each day somebody is posted decides what is
//! charged here: each half-day in which the theatre runs and the nurse is there unposted, and the working time of
//! every 7 days that end within the horizon beyond the usual. More minutes, and work outside the horizon, only make
//! both dearer. What may never be (7 days beyond the most, H4; a week beyond the ceiling, I7) is left out as soon as the
//! fewest minutes say so. The cheapest sequence of days is found by dynamic programming over the last six days' posts,
//! nurse by nurse: people share neither rule. Hours left to give bound the horizon as a whole, and the larger of both
//! counts.

use std::ops::Range;

use roster::{
    Problem, RuleId, Score,
    problem::{HalfDay, PersonIx, Profession},
};

use crate::duties::charges::Charges;

/// Days a window looks back.
const BACK: usize = 6;
/// Posted halves of the last six days, most recent first, as digits: none, one or both of each.
const STATES: usize = 3_usize.pow(BACK as u32);
const OLDEST: usize = STATES / 3;

/// The least of I2 and H4+ together, in thousandths under these charges.
pub(crate) fn least(problem: &Problem, charges: &Charges) -> i64 {
    let people = problem.person_indices().filter_map(|person| Nurse::of(problem, charges, person));
    people.map(|nurse| nurse.by_days().max(nurse.in_all())).sum()
}

/// A nurse who has to be posted.
struct Nurse<'a> {
    problem: &'a Problem,
    charges: &'a Charges,
    person: PersonIx,
    /// The fewest minutes of a posted half-day.
    minutes: i64,
    /// Per day, half-days that are charged unless they are posted.
    there: Vec<usize>,
}

// === impl Nurse ===

impl<'a> Nurse<'a> {
    fn of(problem: &'a Problem, charges: &'a Charges, person: PersonIx) -> Option<Self> {
        let who = problem.person(person);
        let is_pinned = problem.draft().pins.iter().any(|pin| pin.person == Some(person));
        if who.profession != Profession::Iade || who.is_locum || who.abilities.garde || is_pinned {
            return None;
        }
        let parameters = problem.parameters();
        let mut minutes = parameters.half_day_minutes;
        if who.abilities.consultation {
            minutes = minutes.min(parameters.consultation_minutes);
        }
        let there = |half: usize| {
            who.availability[half].allows_post() && is_open(problem, person, HalfDay(half as u32))
        };
        let days = 0..problem.days().len();
        let there = days.map(|day| (day * 2..day * 2 + 2).filter(|half| there(*half)).count()).collect();
        (minutes > 0).then_some(Self { problem, charges, person, minutes, there })
    }

    /// The rule may never be broken, nor was it derogated from for this person.
    fn forbids(&self, rule: RuleId) -> bool {
        self.charges.is_hard(rule) && !self.is_derogated(rule)
    }

    fn is_derogated(&self, rule: RuleId) -> bool {
        self.problem.draft().derogations.iter().any(|own| own.rule == rule && own.person == self.person)
    }

    fn idle(&self, halves: i64) -> i64 {
        self.charges.unit(RuleId::IadeUnposted).unwrap_or(0) * halves
    }

    /// The least over all sequences of days.
    fn by_days(&self) -> i64 {
        let mut known = vec![i64::MAX; STATES];
        known[0] = 0;
        for week in 0..self.problem.week_count() {
            let days = self.problem.days_of_week(week);
            for day in days.clone() {
                let mut next = vec![i64::MAX; STATES];
                for (state, cost) in known.iter().enumerate().filter(|(_, cost)| **cost < i64::MAX) {
                    for posted in 0..=self.there[day] {
                        if let Some(more) = self.cost(state, posted, day, days.start..day) {
                            let own = &mut next[state % OLDEST * 3 + posted];
                            *own = (*own).min(cost + more);
                        }
                    }
                }
                known = next;
            }
        }
        // No post at all is always allowed, so there is a sequence.
        known.into_iter().min().filter(|least| *least < i64::MAX).unwrap_or(0)
    }

    /// What a day with so many posted halves adds after these days; `None` when it may not be. `before` are the days of
    /// its week before it.
    fn cost(&self, state: usize, posted: usize, day: usize, before: Range<usize>) -> Option<i64> {
        let who = self.problem.person(self.person);
        let minutes = |days: usize| self.minutes * (digits(state, days) + posted) as i64;
        let window = minutes(BACK);
        let most = who.working_time.seven_days_max.map(i64::from);
        let is_beyond = most.is_some_and(|most| window > most) && self.forbids(RuleId::SevenDaysMax);
        let ceiling = who.week_minutes_max.filter(|_| self.forbids(RuleId::WeekMinutes));
        if posted > 0 && (is_beyond || ceiling.is_some_and(|most| minutes(before.len()) > most)) {
            return None;
        }
        let usual = who.working_time.seven_days_usual.map(i64::from);
        let usual = usual.filter(|_| !self.is_derogated(RuleId::SevenDaysUsual));
        let over = usual.map_or(0, |usual| (window.min(most.unwrap_or(i64::MAX)) - usual).max(0));
        let overtime = self.charges.cost(RuleId::SevenDaysUsual, over * Score::UNIT / 60).unwrap_or(0);
        Some(self.idle((self.there[day] - posted) as i64) + overtime)
    }

    /// The least by what is left to give.
    fn in_all(&self) -> i64 {
        let who = self.problem.person(self.person);
        let credit = who.credit_minutes.filter(|_| self.forbids(RuleId::HoursCredit));
        let Some(credit) = credit.filter(|_| !who.working_time.is_volunteer) else { return 0 };
        let there: usize = self.there.iter().sum();
        self.idle((there as i64 - credit.max(0) / self.minutes).max(0))
    }
}

/// Posted halves of so many last days.
fn digits(state: usize, days: usize) -> usize {
    (0..days.min(BACK)).scan(state, |left, _| Some((std::mem::replace(left, *left / 3)) % 3)).sum()
}

/// The theatre runs at one of the person's sites.
pub(super) fn is_open(problem: &Problem, person: PersonIx, half: HalfDay) -> bool {
    let sites = &problem.person(person).sites;
    problem.slots_of_day(half.day()).iter().any(|slot| {
        let own = problem.slot(*slot);
        own.kind.is_theatre()
            && own.kind.half() == Some(half.half())
            && problem.site_of(*slot).is_some_and(|site| sites.contains(&site))
    })
}
