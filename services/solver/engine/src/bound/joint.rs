//! The duties and the month together: two programs that give the same gardes to the same people.
//!
//! # Why the bound is valid
//! Both programs bound their own rules from below, whoever holds the gardes. A lawful plan gives a row of duties to
//! everybody and a point of the month's program, and a garde is held in the one by whom it is held in the other. For ANY
//! price of somebody's garde, paid in the one and handed back in the other, what the plan costs stays the same: the least
//! of the duties at these prices and the least of the month at these prices together are no more than any plan's cost.
//! Prices are whole thousandths, so nothing is lost by rounding.
//!
//! Good prices come from a linear program of both, with the rows of duties known so far; any others would be as valid.

use std::ops::ControlFlow;

use super::{NEAR, ROUNDS, mip::Var, month::Built};
use crate::{
    budget::Meter,
    columns::{
        Column, Pricing,
        generate::{self, Generator, Limits},
    },
    duties::Duties,
};

/// How often the prices are set anew.
const PRICES: usize = 6;
/// How far prices go from the best ones towards those of the linear program, as a divisor.
const HALFWAY: i64 = 2;
/// Less than this share of the bound to gain is not worth another round.
const CLOSE: f64 = 0.008;

/// Somebody's garde in both programs.
struct Link {
    /// Position and demand among the duties.
    duty: (usize, u32),
    var: Var,
    /// What the month is paid extra for it, and the duties are spared.
    price: i64,
    best: i64,
}

/// Both programs.
pub(crate) struct Joint<'m> {
    month: &'m Built,
    duties: Duties,
    links: Vec<Link>,
    /// Rows of duties known, with their own cost.
    rows: Vec<Vec<Column>>,
    center: Option<Vec<f64>>,
}

// === impl Joint ===

impl<'m> Joint<'m> {
    /// The two programs; gardes that rows of duties do not know are not linked.
    pub fn new(month: &'m Built, duties: Duties) -> Self {
        let link = |(person, slot, var): &(_, _, Var)| {
            let duty = duties.position(*person, *slot)?;
            Some(Link { duty, var: *var, price: 0, best: 0 })
        };
        let links = month.gardes.iter().filter_map(link).collect();
        let rows = vec![Vec::new(); duties.people()];
        Self { month, duties, links, rows, center: None }
    }

    /// Begins at the prices that were best beside other duties.
    pub fn begin_at(&mut self, prices: &[i64]) {
        for (at, price) in prices.iter().enumerate().take(self.links.len()) {
            self.set_price(at, *price);
        }
    }

    /// The prices that were best.
    pub fn prices(&self) -> Vec<i64> {
        self.links.iter().map(|own| own.best).collect()
    }

    /// The least of both together, in thousandths; every proof on the way is told.
    pub fn run(&mut self, meter: &mut Meter<'_>, told: &mut dyn FnMut(i64)) {
        let mut best = i64::MIN;
        for _ in 0..PRICES {
            let Some(month) = self.month() else { return };
            let Some(duties) = self.rows(meter) else { return };
            if month + duties > best {
                best = month + duties;
                told(best);
                self.links.iter_mut().for_each(|own| own.best = own.price);
            }
            if meter.charge(self.month.program.len() as u64) == ControlFlow::Break(()) {
                return;
            }
            let Some((value, prices)) = self.wanted() else { return };
            if value - (best as f64) < CLOSE * value {
                return;
            }
            for (at, price) in prices.into_iter().enumerate() {
                let best = self.links[at].best;
                self.set_price(at, best + (price - best) / HALFWAY);
            }
        }
    }

    fn set_price(&mut self, at: usize, price: i64) {
        let own = &mut self.links[at];
        self.duties.surcharge(own.duty, own.price - price);
        own.price = price;
    }

    /// The least of the month at these prices, by its linear relaxation: whole numbers add next to nothing to it.
    fn month(&self) -> Option<i64> {
        let mut program = self.month.program.relaxed();
        for own in &self.links {
            program.set_cost(own.var, own.price as f64);
        }
        Some(program.least(0)?.floor())
    }

    /// The least of the duties at these prices; the rows met on the way are kept.
    fn rows(&mut self, meter: &mut Meter<'_>) -> Option<i64> {
        let start = generate::first(&self.duties, meter)?;
        let mut generator = Generator::new(&self.duties, &start, self.center.take());
        let limits = Limits { rounds: ROUNDS, cutoff: i64::MAX, gap: NEAR, is_exact: true };
        generator.run(limits, meter, &mut |_| ());
        let proven = generator.proof.as_ref()?.bound;
        self.center = Some(generator.center().to_vec());
        for (position, known) in self.rows.iter_mut().enumerate() {
            for row in generator.master.columns(position) {
                let held = self
                    .links
                    .iter()
                    .filter(|own| own.duty.0 == position && row.covers.contains(&own.duty.1));
                let spared: i64 = held.map(|own| own.price).sum();
                known.push(Column { cost: row.cost + spared, covers: row.covers.clone() });
            }
            known.sort_unstable();
            known.dedup();
        }
        Some(proven)
    }

    /// The value of the linear program of both, and the prices of the links there.
    fn wanted(&self) -> Option<(f64, Vec<i64>)> {
        let mut program = self.month.program.relaxed();
        let demands = self.duties.demands();
        let mut covered: Vec<Vec<(Var, f64)>> = vec![Vec::new(); demands.len()];
        let mut held: Vec<Vec<(Var, f64)>> = self.links.iter().map(|own| vec![(own.var, -1.0)]).collect();
        for (position, rows) in self.rows.iter().enumerate() {
            let mut one = Vec::new();
            for row in rows {
                let var = program.var(row.cost as f64, 0.0, 1.0, false);
                one.push((var, 1.0));
                for (at, demand) in row.covers.iter().enumerate() {
                    if at > 0 && row.covers[at - 1] == *demand {
                        continue;
                    }
                    let times = row.covers.iter().filter(|own| *own == demand).count() as f64;
                    covered[*demand as usize].push((var, times));
                }
                for (own, terms) in self.links.iter().zip(&mut held) {
                    if own.duty.0 == position && row.covers.contains(&own.duty.1) {
                        terms.push((var, 1.0));
                    }
                }
            }
            program.row(1.0, 1.0, one);
        }
        for (demand, mut terms) in demands.iter().zip(covered) {
            program.var(demand.base as f64, 1.0, 1.0, false);
            let mut from = 0;
            for (to, slope) in &demand.slopes {
                let width = if *to == u32::MAX { f64::INFINITY } else { f64::from(to - from) };
                terms.push((program.var(*slope as f64, 0.0, width, false), -1.0));
                from = *to;
            }
            program.row(0.0, 0.0, terms);
        }
        let first = program.rows();
        for terms in held {
            program.row(0.0, 0.0, terms);
        }
        let (value, duals) = program.duals()?;
        Some((value, duals[first..].iter().map(|own| own.round() as i64).collect()))
    }
}
