//! A plan of shifts made better by exact sub-solves: some people on some days are free, everything else stays.
//!
//! The first part is the whole plan, if the budget bears that: column generation then proves a bound, and a dive
//! ends near it. After that parts are drawn by where costs are and how seldom they were looked at; each is solved
//! like the whole: generate, dive, keep what is better. A part whose bound reaches what it costs is finished with
//! for now. Which windows and how many people follows from what they win and what they take ([`super::arms`]).

use roster::shifts::{Code, Table};

use super::{
    arms::{Arms, Outcome},
    branch::Tree,
    lagrange,
    pricing::{Column, Pricing},
    shifts::{Part, Search, ShiftPricing},
    solve::{self, Answer, News, Tries, Verdict},
};
use crate::{
    Rng,
    budget::Meter,
    rows::dp::{Dp, Row},
};

/// Share of the budget the whole plan may take, and any part of it.
const WHOLE_SHARE: f64 = 0.9;
const PART_SHARE: f64 = 0.04;
/// Dives that may fail before the whole plan, or a part of it, is left; fewer where branches are dived into next.
const WHOLE_TRIES: u32 = 6;
const TRIES_BEFORE_BRANCHING: u32 = 2;
const PART_TRIES: Tries = Tries { dives: 1, is_branching: false };
/// How many of the people a part of the whole horizon frees at most.
const LARGEST: f64 = 0.7;
/// How rows are searched.
const SEARCH: Search = Search { width: 48, most: 5 };

/// What happens while a plan is improved.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'e> {
    /// No legal plan costs less.
    Bound(i64),
    /// A better plan.
    Plan(&'e [Row]),
}

/// A plan, and what is known about it.
pub(crate) struct Improver<'t> {
    table: &'t Table,
    dps: Vec<Option<Dp<'t>>>,
    people: Vec<usize>,
    rows: Vec<Row>,
    counts: Vec<u32>,
    cost: i64,
    /// Proven of every legal plan.
    bound: i64,
    /// Prices per cell, as the last parts that had them left them.
    prices: Vec<f64>,
    /// How often each day was part of a part.
    visits: Vec<u32>,
    arms: Arms,
    /// The whole plan was taken at once already.
    is_tried: bool,
    /// What it left open is branched on.
    is_branching: bool,
    tree: Option<Tree>,
}

// === impl Improver ===

impl<'t> Improver<'t> {
    /// Takes over a plan.
    pub fn new(table: &'t Table, rows: Vec<Row>) -> Self {
        let dps: Vec<_> = (0..table.limits.len()).map(|person| Dp::new(table, person)).collect();
        let people: Vec<usize> = (0..dps.len()).filter(|person| dps[*person].is_some()).collect();
        let mut improver = Self {
            table,
            arms: Arms::new(people.len(), table.days, LARGEST),
            people,
            dps,
            counts: vec![0; table.days * table.codes],
            cost: 0,
            bound: i64::MIN,
            prices: Vec::new(),
            visits: vec![0; table.days],
            is_tried: false,
            is_branching: false,
            tree: None,
            rows,
        };
        improver.recount();
        improver.prices = improver.marginals();
        improver
    }

    /// Branches on what the first solve of the whole leaves open, instead of going on with parts.
    pub fn branching(self) -> Self {
        Self { is_branching: true, ..self }
    }

    /// Goes on from another plan, if that costs less.
    pub fn adopt(&mut self, rows: Vec<Row>) {
        let (rows, cost) = (std::mem::replace(&mut self.rows, rows), self.cost);
        self.recount();
        if self.cost >= cost {
            self.rows = rows;
            self.recount();
        }
    }

    /// The plan as it stands.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What is proven of every legal plan; the least number when nothing is.
    pub fn bound(&self) -> i64 {
        self.bound
    }

    fn recount(&mut self) {
        self.counts.fill(0);
        for index in 0..self.people.len() {
            let person = self.people[index];
            self.count(person, 0, self.table.days, true);
        }
        self.cost = self.evaluate();
    }

    /// Improves the plan until the budget is over or the plan is proven best.
    pub fn run(&mut self, meter: &mut Meter<'_>, rng: &mut Rng, told: &mut dyn FnMut(Event<'_>)) {
        if self.people.is_empty() {
            return;
        }
        let all = self.people.clone();
        let whole = Part { people: &all, from: 0, to: self.table.days };
        if self.is_bearable() && !self.is_tried {
            // What the first run cannot bear, a later and shorter one cannot either: its prices serve the parts.
            self.is_tried = true;
            let mut share = meter.part(WHOLE_SHARE);
            let dives = if self.is_branching { TRIES_BEFORE_BRANCHING } else { WHOLE_TRIES };
            let tries = Tries { dives, is_branching: self.is_branching };
            self.tree = self.solve(whole, tries, &mut share, rng, told).tree;
            meter.settle(&share);
        }
        self.branch(whole, meter, rng, told);
        while !meter.is_over() && self.bound < self.cost {
            let arm = self.arms.draw(rng);
            let (people, from, to) = self.draw(arm, rng);
            let mut share = meter.part(PART_SHARE);
            let _ = share.charge(1);
            let old = self.cost;
            let part = Part { people: &people, from, to };
            let verdict = self.solve(part, PART_TRIES, &mut share, rng, told).verdict;
            let outcome = Outcome {
                gain: old - self.cost,
                steps: share.done(),
                spent: share.spent(),
                is_stopped: verdict == Verdict::Stopped,
            };
            self.arms.learn(arm, outcome);
            meter.settle(&share);
        }
    }

    /// Splits the whole plan's problem into branches, as long as some are open.
    fn branch(
        &mut self,
        whole: Part<'_>,
        meter: &mut Meter<'_>,
        rng: &mut Rng,
        told: &mut dyn FnMut(Event<'_>),
    ) {
        let Some(mut tree) = self.tree.take() else { return };
        let counts = vec![0; self.counts.len()];
        let rows = Vec::new();
        let pricing = ShiftPricing::new(self.table, &self.dps, &rows, &counts, whole, SEARCH);
        while !tree.is_done() && !meter.is_over() {
            let best: Vec<Column> = (0..pricing.people())
                .map(|index| pricing.column(index, &self.rows[pricing.person(index)]))
                .collect();
            let plan = tree.step(&pricing, &best, rng, meter);
            if let Some(plan) = plan {
                for (index, column) in plan.iter().enumerate() {
                    pricing.write(column, &mut self.rows[pricing.person(index)]);
                }
                self.cost = lagrange::cost(&plan, pricing.demands());
                told(Event::Plan(&self.rows));
            }
            let proven = tree.bound(self.cost);
            if proven > self.bound {
                self.bound = proven;
                told(Event::Bound(proven));
            }
        }
        drop(pricing);
        self.recount();
        self.tree = Some(tree);
    }

    /// Whether the whole plan can be solved at once.
    pub fn is_bearable(&self) -> bool {
        let demanded = self.table.cover.iter().filter(|cover| cover.under != 0 || cover.over != 0).count();
        self.people.len() + demanded <= 700 && self.table.days <= 100
    }

    /// Draws who is free on which days.
    fn draw(&mut self, arm: usize, rng: &mut Rng) -> (Vec<usize>, usize, usize) {
        let (length, members) = self.arms.shape(arm);
        let starts = self.table.days - length + 1;
        let from =
            (0..3).map(|_| rng.below(starts)).max_by_key(|from| self.interest(*from, length)).unwrap_or(0);
        let to = from + length;
        for visits in &mut self.visits[from..to] {
            *visits += 1;
        }
        let mut order = self.people.clone();
        rng.shuffle(&mut order);
        if members < order.len() && rng.below(2) == 0 {
            self.put_related_first(&mut order, from, to, rng);
        }
        order.truncate(members);
        order.sort_unstable();
        (order, from, to)
    }

    /// How much a window promises: what its demands cost, by how often it was visited.
    fn interest(&self, from: usize, length: usize) -> i64 {
        let cost: i64 = (from..from + length).map(|day| self.day_cost(day) + 1).sum();
        let visits: u32 = self.visits[from..from + length].iter().sum();
        cost * 64 / i64::from(visits + length as u32)
    }

    fn day_cost(&self, day: usize) -> i64 {
        let codes = self.table.codes;
        (1..codes).map(|code| self.cell_cost(day * codes + code)).sum()
    }

    fn cell_cost(&self, cell: usize) -> i64 {
        self.table.cover[cell].cost(u16::try_from(self.counts[cell]).unwrap_or(u16::MAX))
    }

    /// Those who may work a cell that costs something come first.
    fn put_related_first(&self, order: &mut [usize], from: usize, to: usize, rng: &mut Rng) {
        let codes = self.table.codes;
        let costly = (from * codes..to * codes)
            .filter(|cell| cell % codes > 0 && self.cell_cost(*cell) > 0)
            .collect::<Vec<_>>();
        let Some(&cell) = rng.pick(&costly) else { return };
        let (day, code) = (cell / codes, cell % codes);
        order.sort_by_key(|person| self.table.allowed(*person, day) >> code & 1 == 0);
    }

    /// Solves one part; a better plan is taken over.
    fn solve(
        &mut self,
        part: Part<'_>,
        tries: Tries,
        meter: &mut Meter<'_>,
        rng: &mut Rng,
        told: &mut dyn FnMut(Event<'_>),
    ) -> Answer {
        let is_whole = part.people.len() == self.people.len() && part.to - part.from == self.table.days;
        part.people.iter().for_each(|&person| self.count(person, part.from, part.to, false));
        let before = self.rows.clone();
        let counts = self.counts.clone();
        let pricing = ShiftPricing::new(self.table, &self.dps, &before, &counts, part, SEARCH);
        let start: Vec<Column> = (0..pricing.people())
            .map(|index| pricing.column(index, &before[pricing.person(index)]))
            .collect();
        let rest = self.cost - lagrange::cost(&start, pricing.demands());
        let cells = part.from * self.table.codes..part.to * self.table.codes;
        let prices = self.prices[cells.clone()].to_vec();
        let (rows, bound) = (&mut self.rows, &mut self.bound);
        let answer =
            solve::solve(&pricing, &start, Some(prices), tries, meter, rng, &mut |news| match news {
                News::Bound(proven) if is_whole && proven + rest > *bound => {
                    *bound = proven + rest;
                    told(Event::Bound(*bound));
                }
                News::Bound(_) => {}
                News::Plan(plan) => {
                    for (index, column) in plan.iter().enumerate() {
                        pricing.write(column, &mut rows[pricing.person(index)]);
                    }
                    told(Event::Plan(rows));
                }
            });
        drop(pricing);
        self.prices[cells].copy_from_slice(&answer.prices);
        part.people.iter().for_each(|&person| self.count(person, part.from, part.to, true));
        let cost = self.evaluate();
        debug_assert!(cost <= self.cost, "a part got better and the whole worse");
        self.cost = cost;
        answer
    }

    /// Counts a person's days in, or out.
    fn count(&mut self, person: usize, from: usize, to: usize, is_in: bool) {
        for (day, &code) in self.rows[person].iter().enumerate().take(to).skip(from) {
            let cell = &mut self.counts[day * self.table.codes + usize::from(code)];
            *cell = if is_in { *cell + 1 } else { *cell - 1 };
        }
    }

    /// What the plan costs.
    fn evaluate(&self) -> i64 {
        let own = |person: &usize| -> i64 {
            let row = self.rows[*person].iter().enumerate();
            row.map(|(day, code): (usize, &Code)| self.table.costs(*person, day)[usize::from(*code)]).sum()
        };
        self.people.iter().map(own).sum::<i64>()
            + (0..self.table.days).map(|day| self.day_cost(day)).sum::<i64>()
    }

    /// What one more person would save in each cell, as first prices.
    fn marginals(&self) -> Vec<f64> {
        let marginal = |(cover, count): (&roster::shifts::Cover, &u32)| {
            -cover.marginal(u16::try_from(*count).unwrap_or(u16::MAX)) as f64 / super::master::UNIT
        };
        self.table.cover.iter().zip(&self.counts).map(marginal).collect()
    }
}
