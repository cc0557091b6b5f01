//! Islands: several searches side by side that meet at barriers.
//!
//! A long horizon is divided among them: each island changes its own days of its own people's rows, drawn anew at each
//! barrier. Costs of days are independent and so are limits of people, so what they made is put together without a
//! repair and their gains add up. On a short horizon each has a plan of its own and the worst goes on from the best.
//! Their number is fixed by the caller and not by the threads.

use std::thread;

use roster::shifts::{Code, Table};

use super::{
    dp::Dp,
    island::{Cooling, Island},
};
use crate::{budget::Meter, rng::Rng};

/// How often islands with a plan of their own meet, and how often is told of a plan.
const EPOCHS: usize = 24;
/// How often days and people are divided anew between two of those: seldom enough that each division is worked on,
/// and so often that all meet all at nearly the same temperature.
const DIVISIONS: u64 = 25;
/// Fewest steps of an island worth a division.
const DIVISION_MIN: u64 = 2_000;
/// Fewest days worth an island of their own.
const ZONE_MIN: usize = 70;

/// How to improve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub seed: u64,
    /// Searches side by side: part of what is searched, whatever the threads.
    pub islands: usize,
    pub threads: usize,
    /// The rows are good already: search near them.
    pub is_warm: bool,
}

/// Improves rows until the budget is spent; the best rows found, never dearer than those given. `dps` are everybody's
/// rules ([`super::construct::compile`]), `None` for people whose row is not to be touched. `told` hears of each better
/// plan, breaches left out of its cost.
pub(crate) fn improve<'t>(
    table: &'t Table,
    dps: &[Option<Dp<'t>>],
    rows: &[Code],
    setting: Setting,
    meter: &mut Meter<'_>,
    told: &mut dyn FnMut(&[Code]),
) -> Vec<Code> {
    let islands = setting.islands.max(1);
    let cooling = cooling(table, setting.is_warm);
    let is_divided = islands == 1 || divides(table, islands);
    let mut rng = Rng::stream(setting.seed, 77);
    let mut all: Vec<Island<'t>> = (0..islands)
        .map(|island| Island::new(table, rows, dps.to_vec(), Rng::stream(setting.seed, 100 + island as u64)))
        .collect();
    let mut best = (all[0].cost(), rows.to_vec());
    let mut current = best.clone();
    let mut people = all[0].people.clone();
    let (quota, mut done) = (meter.left(), 0);
    let divisions = (quota / (DIVISION_MIN * (EPOCHS * islands) as u64)).clamp(1, DIVISIONS) as usize;
    let epochs = if is_divided { EPOCHS * divisions } else { EPOCHS };
    let mut is_told = true;
    for epoch in 0..epochs {
        if meter.is_over() {
            break;
        }
        if is_divided {
            divide(table, &current.1, &mut all, &mut people, &mut rng);
        }
        let range = (epoch as f64 / epochs as f64, (epoch + 1) as f64 / epochs as f64);
        let steps = (quota - done) / ((epochs - epoch) * islands) as u64;
        let share = 1.0 / (epochs - epoch) as f64;
        run(&mut all, setting.threads, (cooling, range), meter, (steps.max(1), share));
        let spent: u64 = all.iter_mut().map(|island| std::mem::take(&mut island.steps)).sum();
        done = (done + spent).min(quota);
        meter.count(spent);
        let is_late = 2 * epoch >= epochs;
        let found = if is_divided { join(table, &all, &mut current) } else { exchange(&mut all, is_late) };
        if found.0 < best.0 {
            best = found;
            is_told = false;
        }
        // To tell of a plan is to judge it whole: not at every division.
        if !is_told && (epoch + 1) % (epochs / EPOCHS) == 0 {
            told(&best.1);
            is_told = true;
        }
    }
    if !is_told {
        told(&best.1);
    }
    best.1
}

/// Whether so many islands share the horizon out by days, and so get through it in as much less time: then they are
/// worth a thread each. On a shorter one a second island is a second attempt.
pub(crate) fn divides(table: &Table, islands: usize) -> bool {
    islands > 1 && table.days >= islands * ZONE_MIN
}

/// One epoch of all islands.
fn run(
    all: &mut [Island<'_>],
    threads: usize,
    (cooling, range): (Cooling, (f64, f64)),
    meter: &Meter<'_>,
    (steps, share): (u64, f64),
) {
    let per_thread = all.len().div_ceil(threads.clamp(1, all.len()));
    let is_alone = all.len() <= per_thread;
    thread::scope(|scope| {
        for own in all.chunks_mut(per_thread) {
            let mut work = move || {
                let left = own.len();
                for (position, island) in own.iter_mut().enumerate() {
                    island.run(cooling, range, meter.slice(steps, share / (left - position) as f64));
                }
            };
            if is_alone {
                work();
            } else {
                scope.spawn(work);
            }
        }
    });
}

/// Gives each island days and people of its own, drawn anew each time: whose days one island changes, no other does, so
/// that everybody's limits are kept without being shared out.
fn divide(table: &Table, rows: &[Code], all: &mut [Island<'_>], people: &mut [usize], rng: &mut Rng) {
    let count = all.len();
    let zone = table.days / count;
    let shift = rng.below(zone / 2 + 1);
    rng.shuffle(people);
    let border = |index: usize| match index {
        0 => 0,
        _ if index == count => table.days,
        _ => index * zone + shift - zone / 4,
    };
    for (index, island) in all.iter_mut().enumerate() {
        let own = people.len() * index / count..people.len() * (index + 1) / count;
        island.go_on(rows, (border(index), border(index + 1)), &people[own]);
    }
}

/// Puts what the islands made together: the plan as it is goes to `current`. Returns the plan of everybody's best
/// days and its cost; what each island gained adds up, for they have neither days nor people in common.
fn join(table: &Table, all: &[Island<'_>], current: &mut (i64, Vec<Code>)) -> (i64, Vec<Code>) {
    let mut best = current.clone();
    let before = current.0;
    for island in all {
        let (from, to) = island.days;
        best.0 += island.best.0 - before;
        current.0 += island.cost() - before;
        for &person in &island.people {
            let days = person * table.days + from..person * table.days + to;
            best.1[days.clone()].copy_from_slice(&island.best.1[days.clone()]);
            current.1[days.clone()].copy_from_slice(&island.sheet.rows()[days]);
        }
    }
    best
}

/// The best plan of all; in the second half the worst island goes on from it.
fn exchange(all: &mut [Island<'_>], is_late: bool) -> (i64, Vec<Code>) {
    let rank = |&index: &usize| (all[index].best.0, index);
    let first = (0..all.len()).min_by_key(rank).unwrap_or(0);
    let last = (0..all.len()).max_by_key(rank).unwrap_or(0);
    let best = all[first].best.clone();
    if is_late && all[last].best.0 > best.0 {
        all[last].restart(&best.1);
    }
    best
}

/// A schedule from what the table's costs are: from a part of what a hole costs down to a part of the least wish.
fn cooling(table: &Table, is_warm: bool) -> Cooling {
    let mut holes: Vec<i64> =
        table.cover.iter().filter(|cover| cover.required > 0).map(|cover| cover.under).collect();
    holes.retain(|&cost| cost > 0);
    holes.sort_unstable();
    let hole = holes.get(holes.len() / 2).copied().unwrap_or(1_000);
    let small =
        table.cost.iter().chain(table.cover.iter().map(|cover| &cover.over)).filter(|&&cost| cost > 0);
    let small = small.min().copied().unwrap_or(hole / 100).min(hole).max(3);
    let last = (small * 3 / 10).max(1);
    let first = if is_warm { 3 * last } else { (hole / 12).max(4 * last) };
    let mut octaves = 0;
    while first >> (octaves + 1) >= last {
        octaves += 1;
    }
    let rest = ((first >> octaves) - last) * 2 * 65_536 / (first >> octaves).max(1);
    // A little less than a hole: what fills one pays for its week-end.
    let weekend = hole - hole / 100;
    Cooling { first, octaves: (octaves << 16) + rest.clamp(0, 65_535), weekend }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        budget::Clock,
        rows::{construct, testing::team},
    };

    #[test]
    fn what_divided_islands_gain_adds_up() {
        let table = team(8, 145, 4);
        let (clock, mut dps) = (Clock::new(false), construct::compile(&table));
        let meter = Meter::new(&clock, u64::MAX);
        let rows = construct::construct(&table, &mut dps, None, 1, &mut meter.clone());
        let mut all: Vec<Island<'_>> =
            (0..2).map(|stream| Island::new(&table, &rows, dps.clone(), Rng::stream(1, stream))).collect();
        let cost = |rows: &[Code]| Island::new(&table, rows, dps.clone(), Rng::new(0)).cost();
        let (mut current, mut people, mut rng) = ((cost(&rows), rows), all[0].people.clone(), Rng::new(2));
        for _ in 0..4 {
            divide(&table, &current.1, &mut all, &mut people, &mut rng);
            run(&mut all, 2, (cooling(&table, false), (0.0, 1.0)), &meter, (500, 1.0));
            let best = join(&table, &all, &mut current);
            assert_eq!((best.0, current.0), (cost(&best.1), cost(&current.1)));
            assert!(best.0 <= current.0);
        }
    }
}
