//! Lower bounds of a hospital's month, level by level.
//!
//! Levels are lexicographic, so a bound of a light level that held for *every* plan would say little: leaving the
//! theatre empty makes everybody's share fair. What is proven here of BALANCE and PREFERENCE therefore speaks of every
//! lawful plan whose critical level costs at most what the incumbent's does, whatever it pays in between; HARD to CHANGE
//! speak of every lawful plan. A plan that beats the incumbent has a first level at which it is better, and costs the
//! same at the heavier ones: so the bound of that level holds for it, and an incumbent that is at its bound on every
//! level is the best plan there is.
//!
//! *Lawful* is what the engine may hand back: places go to their candidates or as pinned, no inviolable rule is broken
//! beyond the pins, no nurse is alone.
//!
//! | level | bound | argument |
//! |---|---|---|
//! | CRITICAL | per day, the least weight of holes; duties nobody may hold | [`day`] |
//! | RELAXED | nurses there without a post, with the overtime that posts would cost (I2 H4+) | [`idle`] |
//! | CHANGE | published places whose holder may not hold them any more | [`forced_changes`] |
//! | BALANCE | duties by column generation; consultations, OFF, theatre, hardship, changes of site; closings; floating | [`crate::duties`], [`month`], [`nurses`]; the first two agree on gardes by [`joint`] |
//! | PREFERENCE | per day, changes of room and sector and locums (B7 B8 R9) | [`day`] |
//!
//! The parts of a level charge different rules, every rule costs at least nothing, so they add up. What the rule set
//! moved to another level is charged there by nobody: the bound only gets weaker.
//!
//! [`Bound::gap`] says how the gap is measured.

mod crews;
mod day;
pub(crate) mod guided;
pub mod holes;
mod idle;
mod joint;
mod month;
mod nurses;
mod nursing;
mod posted;
#[cfg(test)]
mod tests;
mod weeks;

use std::ops::ControlFlow;

use roster::{
    Level, Problem, RuleId, Score,
    problem::{DayIx, Half, Post, Seat, SlotIx, SlotKind},
};

use self::{
    crews::Crew,
    day::Day,
    joint::{Joint, Prices},
    month::{Built, Known},
    nursing::Nursing,
};
use crate::{
    budget::Meter,
    columns::generate::{self, Generator, Limits},
    duties::{
        Duties,
        charges::{Charges, Weighing},
    },
    proof::Bound,
};

/// Nodes of a day's programs.
const DAY_NODES: i32 = 200;
/// What a duty hole costs where there may be none: any price is valid, this one is more than any row can save.
const FORBIDDEN_HOLE: i64 = 4_000_000;
/// Rounds of column generation.
const ROUNDS: u32 = 1_500;
/// Column generation stops this near to its end, in thousandths.
const NEAR: i64 = 200;

/// The days' programs with what is known of them.
struct Days<'p> {
    programs: Vec<Option<Day<'p>>>,
    /// Least weight of holes per day.
    holes: Vec<i64>,
}

/// What is proven of a month.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proven {
    /// For plans whose critical level is within the incumbent's.
    pub bound: Bound,
    /// The bound of BALANCE for those of them that pay at most so much at RELAXED (as much as the incumbent at least).
    pub strict: (i64, i64),
}

/// The bound of a problem for plans whose critical level is within this incumbent's (`None`: one that is at its bound);
/// `told` hears of each level as it gets better.
pub(crate) fn of(
    problem: &Problem,
    incumbent: Option<&Score>,
    meter: &mut Meter<'_>,
    told: &mut dyn FnMut(&Bound),
) -> Proven {
    let mut bound = Bound::UNKNOWN;
    bound.raise(Level::Hard, 0);
    let days = Days::of(problem, meter);
    let critical = days.as_ref().map_or(0, |days| days.critical(problem)) + forced_holes(problem);
    bound.raise(Level::Critical, critical);
    // Only the critical level is held to what the incumbent pays.
    let mut left = [i64::MAX; Level::COUNT];
    left[Level::Critical as usize] =
        incumbent.map_or(0, |own| (own.level(Level::Critical) - critical).max(0));
    let charges = |level| Charges::of(problem, Weighing::of_level(level, left, 0));
    bound.raise(Level::Relaxed, idle::least(problem, &charges(Level::Relaxed)));
    bound.raise(Level::Change, forced_changes(problem, &charges(Level::Change)));
    told(&bound);
    let balance = Balance { problem, charges: charges(Level::Balance), left };
    let sum = nurses::floating(problem, &balance.charges) + balance.closings();
    balance.duties(meter, &mut |proven| {
        bound.raise(Level::Balance, sum + proven);
        told(&bound);
    });
    let (paid, strictly) = balance.strict(bound.level(Level::Relaxed).unwrap_or(0), incumbent);
    let mut strict = 0;
    if let Some(days) = &days {
        let month = strictly.month(days, paid, meter);
        let prices = strictly.both(&month, meter, &mut |proven| strict = strict.max(proven));
        if let Some(proven) = balance.beside(&month.unconditional(), &prices, meter) {
            bound.raise(Level::Balance, sum + proven);
            told(&bound);
        }
        let left = left[Level::Critical as usize];
        let disturbance = days.disturbance(&charges(Level::Preference), left, meter);
        bound.raise(Level::Preference, disturbance);
        told(&bound);
    } else {
        strictly.duties(meter, &mut |proven| strict = proven);
    }
    Proven { bound, strict: (paid, sum + strict) }
}

/// The parts of the balance level.
struct Balance<'p> {
    problem: &'p Problem,
    charges: Charges,
    left: [i64; Level::COUNT],
}

// === impl Balance ===

impl Balance<'_> {
    /// Units of holes that the plans spoken of may have beyond what is proven.
    fn holes_left(&self) -> i64 {
        self.left[Level::Critical as usize] / Score::UNIT
    }

    fn closings(&self) -> i64 {
        nurses::closings(self.problem, &self.charges, self.holes_left(), DAY_NODES).unwrap_or(0)
    }

    /// The month's program, for plans that pay at most so much at RELAXED.
    fn month(&self, days: &Days<'_>, relaxed: i64, meter: &mut Meter<'_>) -> Built {
        let crews = days.crews(self.problem, self.holes_left());
        let halves = self.problem.days().len() * 2;
        let mut busy = vec![0; halves];
        for (at, program) in days.programs.iter().enumerate() {
            // A day's own program says more.
            let Some(program) = program.as_ref().filter(|_| crews[at].is_none()) else { continue };
            let holes = (days.holes[at] + self.holes_left()) as f64;
            for half in Half::ALL {
                busy[at * 2 + half.at()] = program.least_busy(half, holes, DAY_NODES).unwrap_or(0);
            }
            if meter.charge(program.size()) == ControlFlow::Break(()) {
                break;
            }
        }
        let holes = self.holes_left() + days.holes.iter().sum::<i64>();
        let nursing = Nursing::of(self.problem, holes);
        // What is paid for all is no limit of a single breach.
        let relaxing =
            Charges::of(self.problem, Weighing::of_level(Level::Relaxed, [i64::MAX; Level::COUNT], 0));
        let known =
            Known { busy: &busy, holes, nursing: &nursing, crews: &crews, relaxed, relaxing: &relaxing };
        month::build(self.problem, &self.charges, &known)
    }

    /// The duties' rows; `None` when there are none.
    fn rows(&self) -> Option<Duties> {
        let lightest = duty_slots(self.problem).map(|slot| self.problem.slot(slot).weight).min();
        let afford = lightest.is_some_and(|weight| i64::from(weight) <= self.holes_left());
        let hole = if afford { 0 } else { FORBIDDEN_HOLE };
        Duties::of(self.problem, Weighing::of_level(Level::Balance, self.left, hole))
    }

    /// Duties alone, by column generation; every proof on the way counts.
    fn duties(&self, meter: &mut Meter<'_>, told: &mut dyn FnMut(i64)) {
        let Some(duties) = self.rows() else { return };
        let Some(start) = generate::first(&duties, meter) else { return };
        let mut generator = Generator::new(&duties, &start, None);
        let limits = Limits { rounds: ROUNDS, cutoff: i64::MAX, gap: NEAR, is_exact: true };
        generator.run(limits, meter, &mut |proof| told(proof.bound.max(0)));
    }

    /// The duties and the month together, or the month alone where there are no rows of duties; the best prices come back.
    fn both(&self, month: &Built, meter: &mut Meter<'_>, told: &mut dyn FnMut(i64)) -> Prices {
        Joint::new(month, self.rows()).run(meter, told)
    }

    /// The same beside prices of gardes that were good for others.
    fn beside(&self, month: &Built, prices: &Prices, meter: &mut Meter<'_>) -> Option<i64> {
        Joint::new(month, self.rows()).proven_beside(prices, meter)
    }

    /// The same for plans that pay at RELAXED what is proven, and less than one garde more than the usual number (G10+) on
    /// top, so that nobody holds one; or what the incumbent pays, where that is more. Others' proof says what is paid
    /// anyway: the rest is all that one breach of a duties' rule may cost. With what such plans pay at most.
    fn strict(&self, relaxed: i64, incumbent: Option<&Score>) -> (i64, Self) {
        let charges = Charges::of(self.problem, Weighing::of_level(Level::Relaxed, self.left, 0));
        let price = charges.unit(RuleId::GardesRollingMaxHolidays).unwrap_or(0);
        let is_asked = self.problem.days().iter().any(|day| day.is_school_holiday);
        let usual = if is_asked { (price - 1).max(0) } else { 0 };
        let more = incumbent.map_or(usual, |own| usual.max(own.level(Level::Relaxed) - relaxed));
        let mut left = self.left;
        left[Level::Relaxed as usize] = more;
        (relaxed + more, Balance { problem: self.problem, charges: self.charges.clone(), left })
    }
}

// === impl Days ===

impl<'p> Days<'p> {
    /// `None` when the rule set is not the one the days' programs speak of.
    fn of(problem: &'p Problem, meter: &mut Meter<'_>) -> Option<Self> {
        if !day::is_spoken(problem) {
            return None;
        }
        let mut days = Self { programs: Vec::new(), holes: Vec::new() };
        for day in problem.day_indices() {
            // A day without a program has no hole that is proven.
            let program = if meter.is_over() { None } else { Day::of(problem, day) };
            let solved = program.as_ref().and_then(|own| own.least_holes(DAY_NODES));
            days.holes.push(solved.map_or(0, |(weight, _)| weight as i64));
            let _ = meter.charge(program.as_ref().map_or(0, Day::size));
            days.programs.push(program);
        }
        Some(days)
    }

    /// The days in which people can be told apart: nothing is pinned there, nor the day before.
    fn crews(&self, problem: &Problem, left: i64) -> Vec<Option<Crew<'_>>> {
        let mut pinned = vec![false; self.programs.len() + 1];
        for pin in &problem.draft().pins {
            let day = problem.slot(pin.seat.slot).day.at();
            (pinned[day], pinned[day + 1]) = (true, true);
        }
        (self.programs.iter().zip(&self.holes).zip(pinned))
            .map(|((program, holes), pinned)| {
                let day = program.as_ref().filter(|_| !pinned)?;
                Some(Crew { day, least: *holes as f64, most: (holes + left) as f64 })
            })
            .collect()
    }

    /// The least weight of holes, in thousandths: unless a garde is left empty, which costs its own weight.
    fn critical(&self, problem: &Problem) -> i64 {
        let empty = duty_slots(problem)
            .filter(|slot| {
                matches!(problem.slot(*slot).kind, SlotKind::Garde { .. }) && !is_out_of_reach(problem, *slot)
            })
            .map(|slot| i64::from(problem.slot(slot).weight))
            .min();
        let sum: i64 = self.holes.iter().sum();
        sum.min(empty.unwrap_or(sum)) * Score::UNIT
    }

    fn disturbance(&self, charges: &Charges, left: i64, meter: &mut Meter<'_>) -> i64 {
        let mut sum = 0;
        for (program, holes) in self.programs.iter().zip(&self.holes) {
            let Some(program) = program else { continue };
            if meter.charge(program.size() * 4) == ControlFlow::Break(()) {
                break;
            }
            let most = (holes + left / Score::UNIT) as f64;
            sum += program.least_disturbance(charges, most, DAY_NODES).unwrap_or(0);
        }
        sum
    }
}

fn duty_slots(problem: &Problem) -> impl Iterator<Item = SlotIx> + '_ {
    problem.slot_indices().filter(|slot| problem.slot(*slot).kind.is_duty())
}

/// Nobody may perform there.
fn is_out_of_reach(problem: &Problem, slot: SlotIx) -> bool {
    let seat = Seat::performer(slot);
    match problem.pin(seat) {
        Some(pinned) => pinned.is_none(),
        None => problem.candidates(seat).is_empty(),
    }
}

/// Duties and closings that nobody may hold, in thousandths of the critical level.
fn forced_holes(problem: &Problem) -> i64 {
    let charges = Charges::of(problem, Weighing::of_level(Level::Critical, [i64::MAX; Level::COUNT], 0));
    let slots = problem.slot_indices().filter(|slot| is_out_of_reach(problem, *slot));
    let cost = |slot: SlotIx| {
        let own = problem.slot(slot);
        let rule = match own.kind {
            SlotKind::Garde { .. } => RuleId::GardeCoverage,
            SlotKind::Astreinte { .. } => RuleId::AstreinteCoverage,
            SlotKind::Closing { .. } => RuleId::ClosingCoverage,
            _ => return 0,
        };
        charges.cost(rule, i64::from(own.weight) * Score::UNIT).unwrap_or(0)
    };
    slots.map(cost).sum()
}

/// Published places whose holder may not hold them any more, in thousandths: absent, unavailable, or pinned otherwise.
fn forced_changes(problem: &Problem, charges: &Charges) -> i64 {
    let slots = problem.slot_indices().flat_map(|slot| Post::ALL.map(|post| Seat { slot, post }));
    let cost = |seat: Seat| {
        let entry = problem.published(seat)?;
        let person = entry.person?;
        let kept = match problem.pin(seat) {
            Some(pinned) => pinned == Some(person),
            None => problem.candidates(seat).contains(&person),
        };
        if kept { None } else { charges.cost(RuleId::Change, i64::from(entry.change_cost) * Score::UNIT) }
    };
    slots.filter_map(cost).sum()
}

/// The least weight of holes of one day, in weight units: what a hole's proof rests on.
pub(crate) fn least_holes(problem: &Problem, day: DayIx) -> Option<i64> {
    if !day::is_spoken(problem) {
        return None;
    }
    let (weight, _) = Day::of(problem, day)?.least_holes(DAY_NODES)?;
    Some(weight as i64)
}
