//! The duties and the month together: two programs that give the same gardes to the same people.
//!
//! # Why the bound is valid
//! Both programs bound their own rules from below, whoever holds the gardes. A lawful plan gives a row of duties to
//! everybody and a point of the month's program, and a garde is held in the one by whom it is held in the other. For ANY
//! price of somebody's garde, paid in the one and handed back in the other, what the plan costs stays the same: the least
//! of the duties at these prices and the least of the month at these prices together are no more than any plan's cost.
//! Prices are whole thousandths, so nothing is lost by rounding. What the month costs at least is in turn proven by any
//! prices of its rows ([`Program::proven_by`]); at no prices at all it is 0, for no rule ever pays.
//!
//! Good prices of both kinds come from a linear program of both, with the rows of duties known so far; any others would
//! be as valid. Prices of an interior point are extreme for gardes that no known row holds: each step is kept within
//! [`STEP`].

use std::ops::ControlFlow;

use super::{NEAR, ROUNDS, month::Built};
use crate::{
    budget::Meter,
    columns::{
        Column, Pricing,
        generate::{self, Generator, Limits},
    },
    duties::Duties,
    program::{Program, Var},
};

/// How often the prices are set anew.
const PRICES: usize = 6;
/// How far the price of a garde is looked for from the best one, either way.
const STEP: f64 = 15_000.0;
/// How far prices go from the best ones towards those of the linear program, as a divisor.
const HALFWAY: i64 = 2;
/// Less than this share of the bound to gain is not worth another round.
const CLOSE: f64 = 0.002;

/// Somebody's garde in both programs.
struct Link {
    /// Position and demand among the duties.
    duty: (usize, u32),
    var: Var,
    /// What the month is paid extra for it, and the duties are spared.
    price: i64,
}

/// What is paid for gardes and for the rows of the month.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    links: Vec<i64>,
    rows: Vec<f64>,
}

/// Both programs.
pub(crate) struct Joint<'m> {
    month: &'m Built,
    /// `None` where there are no rows of duties: the month alone.
    duties: Option<Duties>,
    links: Vec<Link>,
    /// Rows of duties known, with their own cost.
    rows: Vec<Vec<Column>>,
    center: Option<Vec<f64>>,
}

// === impl Prices ===

impl Prices {
    /// A step towards others: all the way, or the part that the divisor says.
    fn towards(&self, wanted: &Self, divisor: i64) -> Self {
        let links = self.links.iter().zip(&wanted.links);
        let rows = self.rows.iter().zip(&wanted.rows);
        Self {
            links: links.map(|(own, other)| own + (other - own) / divisor).collect(),
            rows: rows.map(|(own, other)| own + (other - own) / divisor as f64).collect(),
        }
    }
}

// === impl Joint ===

impl<'m> Joint<'m> {
    /// The two programs; gardes that rows of duties do not know are not linked.
    pub fn new(month: &'m Built, duties: Option<Duties>) -> Self {
        let link = |(person, slot, var): &(_, _, Var)| {
            let duty = duties.as_ref()?.position(*person, *slot)?;
            Some(Link { duty, var: *var, price: 0 })
        };
        let links = month.gardes.iter().filter_map(link).collect();
        let rows = vec![Vec::new(); duties.as_ref().map_or(0, Pricing::people)];
        Self { month, duties, links, rows, center: None }
    }

    /// The least of both together, in thousandths, at given prices of gardes and the month's best prices beside them.
    pub fn proven_beside(&mut self, prices: &Prices, meter: &mut Meter<'_>) -> Option<i64> {
        self.set_prices(&prices.links);
        let (_, rows) = self.priced().prices()?;
        let _ = meter.charge(self.month.program.len() as u64);
        Some(self.priced().proven_by(&rows)?.saturating_add(self.rows(meter)?))
    }

    /// The least of both together, in thousandths, at given prices.
    fn proven_at(&mut self, prices: &Prices, meter: &mut Meter<'_>) -> Option<i64> {
        self.set_prices(&prices.links);
        Some(self.priced().proven_by(&prices.rows)?.saturating_add(self.rows(meter)?))
    }

    /// The least of both together, in thousandths, at better and better prices; every proof on the way is told. The best
    /// prices come back.
    pub fn run(&mut self, meter: &mut Meter<'_>, told: &mut dyn FnMut(i64)) -> Prices {
        let mut best =
            Prices { links: vec![0; self.links.len()], rows: vec![0.0; self.month.program.rows()] };
        let mut next = best.clone();
        let mut worth = i64::MIN;
        for round in 0..PRICES {
            let Some(proven) = self.proven_at(&next, meter) else { break };
            if proven > worth {
                worth = proven;
                told(worth);
                best.clone_from(&next);
            }
            if meter.charge(self.month.program.len() as u64) == ControlFlow::Break(()) {
                break;
            }
            let Some((value, wanted)) = self.wanted(&best) else { break };
            if value - (worth as f64) < CLOSE * value {
                break;
            }
            next = best.towards(&wanted, if round == 0 { 1 } else { HALFWAY });
        }
        best
    }

    fn set_prices(&mut self, prices: &[i64]) {
        for (own, price) in self.links.iter_mut().zip(prices) {
            if let Some(duties) = &mut self.duties {
                duties.surcharge(own.duty, own.price - price);
            }
            own.price = *price;
        }
    }

    /// The month's program at the links' prices.
    fn priced(&self) -> Program {
        let mut program = self.month.program.clone();
        for own in &self.links {
            program.set_cost(own.var, own.price as f64);
        }
        program
    }

    /// The least of the duties at these prices; the rows met on the way are kept.
    fn rows(&mut self, meter: &mut Meter<'_>) -> Option<i64> {
        let Some(duties) = &self.duties else { return Some(0) };
        let start = generate::first(duties, meter)?;
        let mut generator = Generator::new(duties, &start, self.center.take());
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

    /// The value of the linear program of both, and the prices there, near those that were best.
    fn wanted(&self, best: &Prices) -> Option<(f64, Prices)> {
        let mut program: Program = self.month.program.relaxed();
        let demands = self.duties.as_ref().map_or(&[][..], Pricing::demands);
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
        for (mut terms, best) in held.into_iter().zip(&best.links) {
            for sign in [1.0, -1.0] {
                terms.push((program.var(STEP + sign * *best as f64, 0.0, 1.0, false), sign));
            }
            program.row(0.0, 0.0, terms);
        }
        let (value, prices) = program.prices()?;
        let links = prices[first..].iter().map(|own| own.round() as i64).collect();
        Some((value, Prices { links, rows: prices[..self.month.program.rows()].to_vec() }))
    }
}
