//! Islands: several searches side by side that meet at barriers.
//!
//! A long horizon is divided among them: each island changes its own days of everybody's row, and because all limits
//! but working time, week-ends and uses are local, and those are shared out ([`Dp::share`]), what they made is put
//! together without a repair. Costs of days are independent, so their gains add up. On a short horizon each has a plan
//! of its own and the worst goes on from the best. Their number is fixed by the caller and not by the threads.

use std::thread;

use roster::shifts::{Code, Table};

use super::{
    dp::Dp,
    island::{Cooling, Island, ROWS},
    pool::Pool,
};
use crate::{budget::Meter, rng::Rng};

/// How often the islands meet.
const EPOCHS: usize = 24;
/// Days between what two islands change: no stretch or rest reaches further.
const GAP: usize = 14;
/// Fewest days worth an island of their own.
const ZONE_MIN: usize = 56;

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
/// rules ([`super::construct::compile`]), `None` for people whose row is not to be touched. Rows met on the way go to
/// the pool; `told` hears of each better plan, breaches left out of its cost.
pub(crate) fn improve<'t>(
    table: &'t Table,
    dps: &[Option<Dp<'t>>],
    rows: &[Code],
    setting: Setting,
    meter: &mut Meter<'_>,
    pool: &mut Pool,
    told: &mut dyn FnMut(&[Code]),
) -> Vec<Code> {
    let islands = setting.islands.max(1);
    let cooling = cooling(table, setting.is_warm);
    let is_zoned = divides(table, islands);
    let mut rng = Rng::stream(setting.seed, 77);
    let mut all: Vec<Island<'t>> = (0..islands)
        .map(|island| Island::new(table, rows, dps.to_vec(), Rng::stream(setting.seed, 100 + island as u64)))
        .collect();
    let mut best = (all[0].cost(), rows.to_vec());
    let mut current = rows.to_vec();
    let (quota, mut done) = (meter.left(), 0);
    for epoch in 0..EPOCHS {
        if meter.is_over() {
            break;
        }
        if is_zoned {
            divide(table, dps, &current, &mut all, &mut rng);
        }
        let range = (epoch as f64 / EPOCHS as f64, (epoch + 1) as f64 / EPOCHS as f64);
        let steps = (quota - done) / ((EPOCHS - epoch) * islands) as u64;
        run(&mut all, setting.threads, (cooling, range), meter, (steps.max(1), epoch));
        let spent: u64 = all.iter_mut().map(|island| std::mem::take(&mut island.steps)).sum();
        done = (done + spent).min(quota);
        meter.count(spent);
        let found = if is_zoned { join(table, &mut all, &mut current) } else { exchange(&mut all, epoch) };
        if found.0 < best.0 {
            best = found;
            told(&best.1);
        }
    }
    for island in &all {
        pool.absorb(&island.pool);
    }
    pool.add_plan(&best.1);
    best.1
}

/// Whether so many islands share the horizon out by days, and so get through it in as much less time: then they are
/// worth a thread each. On a shorter one a second island is a second attempt.
pub(crate) fn divides(table: &Table, islands: usize) -> bool {
    islands > 1 && table.days >= islands * (ZONE_MIN + GAP)
}

/// One epoch of all islands.
fn run(
    all: &mut [Island<'_>],
    threads: usize,
    (cooling, range): (Cooling, (f64, f64)),
    meter: &Meter<'_>,
    (steps, epoch): (u64, usize),
) {
    let per_thread = all.len().div_ceil(threads.clamp(1, all.len()));
    let share = 1.0 / (EPOCHS - epoch) as f64;
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

/// Gives each island days of its own, cut anew each time, and its share of what limits leave.
fn divide<'t>(
    table: &'t Table,
    dps: &[Option<Dp<'t>>],
    rows: &[Code],
    all: &mut [Island<'t>],
    rng: &mut Rng,
) {
    let count = all.len();
    let zone = table.days / count;
    let shift = rng.below(zone / 2 + 1);
    for (index, island) in all.iter_mut().enumerate() {
        let from = if index == 0 { 0 } else { index * zone + shift - zone / 4 };
        let to = if index + 1 == count { table.days } else { (index + 1) * zone + shift - zone / 4 - GAP };
        island.days = (from, to);
        island.dps = dps.to_vec();
        island.restart(rows);
    }
    for person in 0..dps.len() {
        let (riser, faller) = (rng.below(count), rng.below(count));
        let row = &rows[person * table.days..][..table.days];
        for (index, island) in all.iter_mut().enumerate() {
            if let Some(dp) = &mut island.dps[person] {
                dp.share(row, index == riser, index == faller);
            }
        }
    }
}

/// Puts everybody's days together; returns the best of all days, and leaves the current ones in `current`.
fn join(table: &Table, all: &mut [Island<'_>], current: &mut [Code]) -> (i64, Vec<Code>) {
    let mut best = current.to_vec();
    for island in all.iter() {
        let (from, to) = island.days;
        for person in 0..table.limits.len() {
            let days = person * table.days + from..person * table.days + to;
            best[days.clone()].copy_from_slice(&island.best.1[days.clone()]);
            current[days.clone()].copy_from_slice(&island.sheet.rows()[days]);
        }
    }
    all[0].restart(&best);
    (all[0].cost(), best)
}

/// The best plan of all; in the second half the worst island goes on from it.
fn exchange(all: &mut [Island<'_>], epoch: usize) -> (i64, Vec<Code>) {
    let rank = |&index: &usize| (all[index].best.0, index);
    let first = (0..all.len()).min_by_key(rank).unwrap_or(0);
    let last = (0..all.len()).max_by_key(rank).unwrap_or(0);
    let best = all[first].best.clone();
    if 2 * epoch >= EPOCHS && all[last].best.0 > best.0 {
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
    Cooling { first, octaves: (octaves << 16) + rest.clamp(0, 65_535) }
}

/// A pool as large as one island's.
pub(crate) fn pool(table: &Table) -> Pool {
    Pool::new(table.limits.len(), 2 * ROWS)
}
