//! Pricing of shifts: one person's best rows at given prices, by dynamic programming.
//!
//! A demand is a cell: day times code. A column is a row of codes; what it costs by itself are the person's own costs
//! of its cells, and it covers the cell of every day worked, so that the row can be read back from it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use roster::shifts::{Code, OFF, Table};

use super::pricing::{Column, Demand, Effort, Pricing};
use crate::rows::dp::{Dp, Mode, Row, Scratch};

/// Labels of dynamic programming that take as long as one step.
const LABELS_PER_STEP: u64 = 4;

/// Some people of a table on some days, priced beside everything else, which stays as it is.
pub(crate) struct ShiftPricing<'d, 't> {
    table: &'t Table,
    /// Who, with the rules of the row and the row as it is.
    members: Vec<Member<'d, 't>>,
    from: usize,
    to: usize,
    demands: Vec<Demand>,
    granularity: i64,
    search: Search,
    scratches: Mutex<Vec<Scratch>>,
    labels: AtomicU64,
}

struct Member<'d, 't> {
    person: usize,
    dp: &'d Dp<'t>,
    /// Empty when the whole row is free.
    row: &'d [Code],
}

/// What is free and what is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'p> {
    /// Whose rows may change; who works no shifts is passed over.
    pub people: &'p [usize],
    /// First day that may change.
    pub from: usize,
    /// First day after those.
    pub to: usize,
}

/// How widely rows are searched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    /// Labels a day of the quick search.
    pub width: usize,
    /// Rows handed back by one pricing.
    pub most: usize,
}

// === impl ShiftPricing ===

impl<'d, 't> ShiftPricing<'d, 't> {
    /// Prices a part of a plan; `counts` says how many of those who stay as they are work each cell.
    pub fn new(
        table: &'t Table,
        dps: &'d [Option<Dp<'t>>],
        rows: &'d [Row],
        counts: &[u32],
        part: Part<'_>,
        search: Search,
    ) -> Self {
        let is_whole = part.from == 0 && part.to == table.days;
        let member = |&person: &usize| {
            let row: &[Code] = if is_whole { &[] } else { &rows[person] };
            dps[person].as_ref().map(|dp| Member { person, dp, row })
        };
        let cells = part.from * table.codes..part.to * table.codes;
        Self {
            table,
            members: part.people.iter().filter_map(member).collect(),
            from: part.from,
            to: part.to,
            demands: cells.map(|cell| demand(table, cell, counts[cell])).collect(),
            granularity: granularity(table),
            search,
            scratches: Mutex::default(),
            labels: AtomicU64::new(0),
        }
    }

    /// The column that a whole row of the `index`-th member is.
    pub fn column(&self, index: usize, row: &[Code]) -> Column {
        self.column_of(self.members[index].person, &row[self.from..self.to])
    }

    /// Writes a column into a whole row.
    pub fn write(&self, column: &Column, row: &mut [Code]) {
        row[self.from..self.to].fill(OFF);
        for cover in &column.covers {
            let cell = *cover as usize;
            row[self.from + cell / self.table.codes] = (cell % self.table.codes) as Code;
        }
    }

    /// Who the `index`-th member is.
    pub fn person(&self, index: usize) -> usize {
        self.members[index].person
    }

    fn column_of(&self, person: usize, days: &[Code]) -> Column {
        let cells = days.iter().enumerate().map(|(day, &code)| (day, usize::from(code)));
        let cost = cells.clone().map(|(day, code)| self.table.costs(person, self.from + day)[code]).sum();
        let covers = cells
            .filter(|(_, code)| *code != usize::from(OFF))
            .map(|(day, code)| (day * self.table.codes + code) as u32)
            .collect();
        Column { cost, covers }
    }

    fn scratch(&self) -> Scratch {
        // Whoever panicked while holding the lock ended the search; a scratch remembers nothing.
        let mut scratches = self.scratches.lock().unwrap_or_else(PoisonError::into_inner);
        scratches.pop().unwrap_or_default()
    }

    fn give_back(&self, mut scratch: Scratch) {
        self.labels.fetch_add(scratch.take_work(), Ordering::Relaxed);
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
    }
}

impl Pricing for ShiftPricing<'_, '_> {
    fn people(&self) -> usize {
        self.members.len()
    }

    fn demands(&self) -> &[Demand] {
        &self.demands
    }

    fn price(&self, person: usize, prices: &[i64], effort: Effort, out: &mut Vec<Column>) -> Option<i64> {
        let Member { person, dp, row } = &self.members[person];
        let cells = self.table.days * self.table.codes;
        let start = self.from * self.table.codes;
        let own = &self.table.cost[person * cells..][..cells];
        let mut costs = own.to_vec();
        for (cost, price) in costs[start..].iter_mut().zip(prices) {
            *cost -= price;
        }
        let mode = match effort {
            Effort::Quick => Mode::Beam { width: self.search.width },
            Effort::Exact => Mode::Exact,
        };
        let mut scratch = self.scratch();
        let found = if row.is_empty() {
            dp.search(&costs, mode, self.search.most, &mut scratch)
        } else {
            dp.search_window(&costs, row, (self.from, self.to), mode, self.search.most, &mut scratch)
        };
        self.give_back(scratch);
        out.extend(found.rows.iter().map(|(_, days)| self.column_of(*person, days)));
        (!found.rows.is_empty()).then_some(found.bound)
    }

    fn granularity(&self) -> i64 {
        self.granularity
    }

    fn aggregates(&self) -> Vec<Vec<u32>> {
        let codes = self.table.codes;
        let useful: Vec<u32> = (0..self.demands.len() as u32)
            .filter(|demand| self.demands[*demand as usize].useful() > 0)
            .collect();
        let whole = |_: usize, _: usize| 0;
        let by_code = |_: usize, code: usize| code;
        let by_week = |day: usize, _: usize| day / 7;
        let by_both = |day: usize, code: usize| day / 7 * codes + code;
        let by_day = |day: usize, _: usize| day;
        let by_cell = |day: usize, code: usize| day * codes + code;
        let kinds: [&dyn Fn(usize, usize) -> usize; 6] =
            [&whole, &by_code, &by_week, &by_both, &by_day, &by_cell];
        let mut sets: Vec<Vec<u32>> = Vec::new();
        for kind in kinds {
            let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
            for &demand in &useful {
                let cell = demand as usize;
                groups.entry(kind(self.from + cell / codes, cell % codes)).or_default().push(demand);
            }
            for group in groups.into_values() {
                if !sets.contains(&group) {
                    sets.push(group);
                }
            }
        }
        sets
    }

    fn take_steps(&self) -> u64 {
        self.labels.swap(0, Ordering::Relaxed) / LABELS_PER_STEP
    }
}

/// The demand of a cell beside so many people who work it anyway.
fn demand(table: &Table, cell: usize, count: u32) -> Demand {
    if cell % table.codes == usize::from(OFF) {
        return Demand { base: 0, slopes: vec![(u32::MAX, 0)] };
    }
    let cover = &table.cover[cell];
    let required = u32::from(cover.required);
    let mut demand = Demand::target(required.saturating_sub(count), cover.under, cover.over);
    demand.base += cover.over * i64::from(count.saturating_sub(required));
    demand
}

/// The greatest number that every cost of the table is a multiple of.
fn granularity(table: &Table) -> i64 {
    let covers = table.cover.iter().flat_map(|cover| [cover.under, cover.over]);
    covers.chain(table.cost.iter().copied()).fold(0, gcd).max(1)
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
