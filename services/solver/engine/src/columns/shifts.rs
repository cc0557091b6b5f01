//! Pricing of shifts: one person's best rows at given prices, by dynamic programming.
//!
//! A demand is a cell: day times code. A column is a row of codes; what it costs by itself are the person's own costs
//! of its cells, and it covers the cell of every day worked, so that the row can be read back from it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use roster::shifts::{Code, OFF, Table};

use super::pricing::{Column, Demand, Effort, Pricing};
use crate::rows::dp::{Dp, Mode, Scratch};

/// Labels of dynamic programming that take as long as one step.
const LABELS_PER_STEP: u64 = 16;

/// Some people of a table, priced over the whole horizon, beside others who stay as they are.
pub(crate) struct ShiftPricing<'d, 't> {
    table: &'t Table,
    people: Vec<usize>,
    dps: Vec<&'d Dp<'t>>,
    demands: Vec<Demand>,
    granularity: i64,
    effort: Search,
    scratch: Mutex<Scratch>,
    labels: AtomicU64,
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
    /// Prices these people; `counts` says how many others, who stay as they are, work each cell.
    pub fn new(
        table: &'t Table,
        dps: &'d [Option<Dp<'t>>],
        people: &[usize],
        counts: &[u32],
        effort: Search,
    ) -> Self {
        let workers = people.iter().filter_map(|person| Some((*person, dps[*person].as_ref()?)));
        let (people, dps): (Vec<_>, Vec<_>) = workers.unzip();
        let demands = (0..table.days * table.codes).map(|cell| demand(table, cell, counts[cell])).collect();
        Self {
            table,
            people,
            dps,
            demands,
            granularity: granularity(table),
            effort,
            scratch: Mutex::default(),
            labels: AtomicU64::new(0),
        }
    }

    /// Whom the people priced are in the table.
    pub fn members(&self) -> &[usize] {
        &self.people
    }

    /// The column that a row of the `index`-th person is.
    pub fn column(&self, index: usize, row: &[Code]) -> Column {
        column(self.table, self.people[index], row)
    }
}

impl Pricing for ShiftPricing<'_, '_> {
    fn people(&self) -> usize {
        self.people.len()
    }

    fn demands(&self) -> &[Demand] {
        &self.demands
    }

    fn price(&self, person: usize, prices: &[i64], effort: Effort, out: &mut Vec<Column>) -> Option<i64> {
        let cells = self.table.days * self.table.codes;
        let own = &self.table.cost[self.people[person] * cells..][..cells];
        let costs: Vec<i64> = own.iter().zip(prices).map(|(cost, price)| cost - price).collect();
        let mode = match effort {
            Effort::Quick => Mode::Beam { width: self.effort.width },
            Effort::Exact => Mode::Exact,
        };
        // A panic while pricing ends the search anyway, and a scratch remembers nothing.
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.dps[person].search(&costs, mode, self.effort.most, &mut scratch);
        self.labels.fetch_add(scratch.take_work(), Ordering::Relaxed);
        drop(scratch);
        out.extend(found.rows.iter().map(|(_, row)| self.column(person, row)));
        (!found.rows.is_empty()).then_some(found.bound)
    }

    fn granularity(&self) -> i64 {
        self.granularity
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

/// The column that a row is.
pub(crate) fn column(table: &Table, person: usize, row: &[Code]) -> Column {
    let cells = row.iter().enumerate().map(|(day, &code)| (day, usize::from(code)));
    let cost = cells.clone().map(|(day, code)| table.costs(person, day)[code]).sum();
    let covers = cells
        .filter(|(_, code)| *code != usize::from(OFF))
        .map(|(day, code)| (day * table.codes + code) as u32)
        .collect();
    Column { cost, covers }
}

/// The row that a column is.
pub(crate) fn row(table: &Table, column: &Column) -> Vec<Code> {
    let mut row = vec![OFF; table.days];
    for cover in &column.covers {
        let cell = *cover as usize;
        row[cell / table.codes] = (cell % table.codes) as Code;
    }
    row
}
