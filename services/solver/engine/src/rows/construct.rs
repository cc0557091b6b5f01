//! A first plan: everybody in turn gets the best row for the cover that is still missing, a few times over. It is
//! legal from the first pass; what nobody could take is under-cover, the named hole.

use std::ops::ControlFlow;

use roster::shifts::{Code, Limits, OFF, Sheet, Table};

use super::{
    dp::{Dp, Mode, Row, Scratch},
    large::{Large, Opening},
};
use crate::{budget::Meter, rng::Rng};

/// Passes over everybody.
const PASSES: usize = 3;
/// Labels a day.
const WIDTH: usize = 12;
/// Labels that count as one step.
pub(super) const LABELS_PER_STEP: u64 = 16;

/// Everybody's rules, compiled; `None` for people who work no shifts and those who have no legal row.
pub(crate) fn compile(table: &Table) -> Vec<Option<Dp<'_>>> {
    (0..table.limits.len()).map(|person| Dp::new(table, person)).collect()
}

/// A plan, from rows that are kept where they are legal (`start`) or from none. People with no legal row keep `None`
/// in `dps` from then on and get the row least in breach.
pub(crate) fn construct(
    table: &Table,
    dps: &mut [Option<Dp<'_>>],
    start: Option<&[Code]>,
    seed: u64,
    meter: &mut Meter<'_>,
) -> Vec<Code> {
    let mut rng = Rng::new(seed);
    let days = table.days;
    let mut rows = vec![OFF; table.limits.len() * days];
    let mut scratch = Scratch::default();
    let mut order = Vec::new();
    for person in 0..table.limits.len() {
        let own = &mut rows[person * days..][..days];
        let given = start.map(|start| &start[person * days..][..days]);
        match given {
            Some(given) if table.row_amounts(person, given).is_legal() => own.copy_from_slice(given),
            _ => order.push(person),
        }
    }
    order.retain(|&person| {
        let costs = own_costs(table, person);
        let row =
            dps[person].as_ref().and_then(|dp| dp.best(&costs, Mode::Beam { width: WIDTH }, &mut scratch));
        let is_legal = row.is_some();
        let row = row.map_or_else(|| least_in_breach(table, person, &costs, &mut scratch), |(_, row)| row);
        rows[person * days..][..days].copy_from_slice(&row);
        if !is_legal {
            dps[person] = None;
        }
        is_legal
    });
    fill(table, dps, &mut rows, &mut order, &mut rng, meter);
    rows
}

/// Row after row for the cover that is missing.
fn fill(
    table: &Table,
    dps: &[Option<Dp<'_>>],
    rows: &mut [Code],
    order: &mut [usize],
    rng: &mut Rng,
    meter: &mut Meter<'_>,
) {
    let days = table.days;
    let mut large = Large::new(table);
    // Nobody is anywhere before their turn.
    let mut empty = rows.to_vec();
    for &person in order.iter() {
        empty[person * days..][..days].fill(OFF);
    }
    let mut sheet = Sheet::new(table, &empty);
    for pass in 0..PASSES {
        rng.shuffle(order);
        for (turn, &person) in order.iter().enumerate() {
            let mode = Mode::Beam { width: WIDTH };
            let opening = Opening { people: &[person], days: (0, days), weekend: 0, noise: 0, mode };
            if let Some([row]) = large.rebuild(dps, &sheet, &opening, rng) {
                sheet.put(person, 0, row);
            } else if pass == 0 {
                sheet.put(person, 0, &rows[person * days..][..days]);
            }
            if meter.charge(1 + large.scratch.take_work() / LABELS_PER_STEP) == ControlFlow::Break(()) {
                // Those who had no turn yet keep the legal row they began with.
                let rest = if pass == 0 { &order[turn + 1..] } else { &[] };
                for &person in rest {
                    sheet.put(person, 0, &rows[person * days..][..days]);
                }
                rows.copy_from_slice(sheet.rows());
                return;
            }
        }
    }
    rows.copy_from_slice(sheet.rows());
}

fn own_costs(table: &Table, person: usize) -> Vec<i64> {
    table.cost[person * table.days * table.codes..][..table.days * table.codes].to_vec()
}

/// For somebody whose pins, absences and limits contradict each other: limits are given up one after the other until
/// a row is left; at last only what is pinned.
fn least_in_breach(table: &Table, person: usize, costs: &[i64], scratch: &mut Scratch) -> Row {
    if let Some(limits) = &table.limits[person] {
        let mut limits: Limits = limits.clone();
        let days = u16::try_from(table.days).unwrap_or(u16::MAX);
        let give_up: [fn(&mut Limits, u16); 5] = [
            |limits, _| limits.minutes_min = 0,
            |limits, days| limits.weekends_max = days,
            |limits, _| limits.minutes_max = i32::MAX / 2,
            |limits, _| (limits.rest_min, limits.stretch_min) = (0, 0),
            |limits, days| {
                limits.most.fill(days);
                limits.stretch_max = u16::MAX;
            },
        ];
        for give_up in give_up {
            give_up(&mut limits, days);
            let dp = Dp::with(table, person, limits.clone());
            if let Some((_, row)) = dp.best(costs, Mode::Beam { width: WIDTH }, scratch) {
                return row;
            }
        }
    }
    (0..table.days).map(|day| table.allowed(person, day).trailing_zeros() as Code % 64).collect()
}
