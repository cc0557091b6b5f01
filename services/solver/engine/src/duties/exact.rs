//! The best row of one person when counters belong to the row: exact, and dearer to find.
//!
//! Pricing counters apart ([`super::pricing`]) forgets that one row must hit all of a person's counters at once. Here a
//! label also carries how many of each counter it holds, and pays their convex costs at the end.
//!
//! Validity: labels are merged only when memory and counts are equal, and dropped only when no completion can be as
//! good as a row already known. The completion's bound is the priced problem's own: a convex cost is at least any of
//! its supporting lines, `f(N) >= min over M >= n of (f(M) - s M) + s N` for every final count `N >= n` and slope `s`.

use std::{collections::HashMap, hash::BuildHasherDefault, sync::atomic::Ordering};

use super::{
    compile::{Duties, Somebody},
    pricing::{Cheapest, Label, Mix, best, cheapest},
    state::Memory,
};
use crate::columns::{Column, Demand, Effort, Pricing};

/// More labels a day than this are not worth their bound.
const LABELS_MAX: usize = 300_000;
/// Counts are kept in four bits each.
const COUNT_MAX: usize = 14;

/// The same months as [`Duties`], with slots as the only demands.
pub(crate) struct Exact<'d> {
    duties: &'d Duties,
    demands: Vec<Demand>,
    /// What one more of each demand is paid in the priced problem: slopes of the counters' supporting lines.
    slopes: Vec<i64>,
}

/// A way to have come to a memory and to counts.
#[derive(Clone, Copy)]
struct Counted {
    memory: u64,
    counts: u64,
    cost: i64,
    parent: u32,
    kind: u8,
}

/// A person's counters: what counts cost, and what they cost at least beside a line.
struct Tables {
    costs: Vec<Vec<i64>>,
    lines: Vec<Vec<i64>>,
}

// === impl Exact ===

impl<'d> Exact<'d> {
    /// `prices` are good prices of the priced problem.
    pub fn new(duties: &'d Duties, prices: &[i64]) -> Self {
        Self { duties, demands: duties.demands[..duties.slots.len()].to_vec(), slopes: prices.to_vec() }
    }

    fn tables(&self, somebody: &Somebody) -> Tables {
        let mut tables = Tables { costs: Vec::new(), lines: Vec::new() };
        for demand in somebody.counters.clone() {
            let slope = -self.slopes[demand as usize];
            // No row holds more of it than it has days, unless pins do.
            let most = (somebody.days.len() * 2).max(COUNT_MAX + 1);
            let costs: Vec<i64> =
                (0..=most as u32).map(|n| self.duties.demands[demand as usize].cost(n)).collect();
            let beside = |n: usize| costs[n] - slope * n as i64;
            let lines = (0..=COUNT_MAX)
                .map(|n| (n..=most).map(beside).min().unwrap_or(0) + slope * n as i64)
                .collect();
            tables.costs.push(costs);
            tables.lines.push(lines);
        }
        tables
    }

    /// What a row of the priced problem costs with its counters' own costs.
    fn recounted(&self, somebody: &Somebody, tables: &Tables, column: &Column) -> Option<Column> {
        let slots = self.duties.slots.len() as u32;
        let mut counts = vec![0_usize; tables.costs.len()];
        for cover in column.covers.iter().filter(|cover| **cover >= slots) {
            counts[(cover - somebody.counters.start) as usize] += 1;
        }
        let mut cost = column.cost;
        for (own, count) in tables.costs.iter().zip(counts) {
            cost += own.get(count)?;
        }
        Some(Column { cost, covers: column.covers.iter().copied().filter(|cover| *cover < slots).collect() })
    }

    /// The least that is left to pay from each label of the priced problem on.
    fn to_go(
        &self,
        somebody: &Somebody,
        layers: &[Vec<Label>],
        priced: &[Cheapest],
    ) -> Vec<HashMap<u64, i64, BuildHasherDefault<Mix>>> {
        let mut values: Vec<HashMap<u64, i64, BuildHasherDefault<Mix>>> =
            vec![HashMap::default(); layers.len()];
        if let Some((last, values)) = layers.last().zip(values.last_mut()) {
            values.extend(last.iter().map(|label| (label.memory, 0)));
        }
        for day in (0..priced.len()).rev() {
            let mut own = HashMap::default();
            for label in &layers[day] {
                let memory = Memory::unpack(label.memory);
                let ways = priced[day].iter().enumerate().filter_map(|(kind, choice)| {
                    let (next, step) =
                        somebody.step(&self.duties.calendar, day, memory, (kind & 1 == 1, kind & 2 == 2))?;
                    Some((*choice)?.0 + step + values[day + 1].get(&next.pack())?)
                });
                if let Some(least) = ways.min() {
                    own.insert(label.memory, least);
                }
            }
            values[day] = own;
        }
        values
    }

    /// Layers of counted labels, without those that cannot come to `most` or less.
    fn counted(
        &self,
        somebody: &Somebody,
        tables: &Tables,
        plain: &[Cheapest],
        to_go: &[HashMap<u64, i64, BuildHasherDefault<Mix>>],
        most: i64,
    ) -> Option<Vec<Vec<Counted>>> {
        let (memory, cost) = somebody.start(&self.duties.calendar);
        let mut layers = vec![vec![Counted { memory: memory.pack(), counts: 0, cost, parent: 0, kind: 0 }]];
        let mut positions: HashMap<(u64, u64), u32, BuildHasherDefault<Mix>> = HashMap::default();
        for (day, choices) in plain.iter().enumerate() {
            let added = self.added(somebody, day, choices);
            // Two gardes pinned to one day count twice: not for four bits to hold.
            if added.iter().any(|own| own & !0x1111_1111_1111_1111 != 0) {
                return None;
            }
            let mut layer: Vec<Counted> = Vec::new();
            positions.clear();
            for (parent, label) in layers[day].iter().enumerate() {
                let memory = Memory::unpack(label.memory);
                for (kind, choice) in choices.iter().enumerate() {
                    let Some((own, _)) = choice else { continue };
                    let Some((next, step)) =
                        somebody.step(&self.duties.calendar, day, memory, (kind & 1 == 1, kind & 2 == 2))
                    else {
                        continue;
                    };
                    let counts = label.counts + added[kind];
                    let new = Counted {
                        memory: next.pack(),
                        counts,
                        cost: label.cost + own + step,
                        parent: parent as u32,
                        kind: kind as u8,
                    };
                    let lines = tables.at(&tables.lines, counts, COUNT_MAX)?;
                    let Some(rest) = to_go[day + 1].get(&new.memory) else { continue };
                    if new.cost + lines + rest > most {
                        continue;
                    }
                    let at = *positions.entry((new.memory, counts)).or_insert(layer.len() as u32) as usize;
                    if at == layer.len() {
                        layer.push(new);
                    } else if new.cost < layer[at].cost {
                        layer[at] = new;
                    }
                }
            }
            self.duties.labels.fetch_add(layer.len() as u64, Ordering::Relaxed);
            if layer.len() > LABELS_MAX {
                return None;
            }
            layers.push(layer);
        }
        Some(layers)
    }

    /// What each kind of day adds to the counts.
    fn added(&self, somebody: &Somebody, day: usize, choices: &Cheapest) -> [u64; 4] {
        let mut added = [0; 4];
        for (kind, choice) in choices.iter().enumerate() {
            let Some((_, at)) = choice else { continue };
            for cover in &somebody.days[day][*at as usize].covers {
                if somebody.counters.contains(cover) {
                    added[kind] += 1 << (4 * (cover - somebody.counters.start));
                }
            }
        }
        added
    }

    fn row(&self, somebody: &Somebody, layers: &[Vec<Counted>], plain: &[Cheapest], last: usize) -> Vec<u32> {
        let slots = self.duties.slots.len() as u32;
        let mut covers = Vec::new();
        let mut at = last;
        for day in (0..plain.len()).rev() {
            let label = layers[day + 1][at];
            if let Some((_, choice)) = plain[day][usize::from(label.kind)] {
                covers.extend(
                    somebody.days[day][choice as usize].covers.iter().filter(|cover| **cover < slots),
                );
            }
            at = label.parent as usize;
        }
        covers.sort_unstable();
        covers
    }
}

// === impl Tables ===

impl Tables {
    /// The sum of a table over counts; `None` when a count is beyond it.
    fn at(&self, tables: &[Vec<i64>], counts: u64, most: usize) -> Option<i64> {
        let mut sum = 0;
        for (position, table) in tables.iter().enumerate() {
            let count = (counts >> (4 * position) & 15) as usize;
            if count > most {
                return None;
            }
            sum += table[count];
        }
        Some(sum)
    }
}

impl Pricing for Exact<'_> {
    fn people(&self) -> usize {
        self.duties.people.len()
    }

    fn demands(&self) -> &[Demand] {
        &self.demands
    }

    fn price(&self, person: usize, prices: &[i64], effort: Effort, out: &mut Vec<Column>) -> Option<i64> {
        let somebody = &self.duties.people[person];
        let tables = self.tables(somebody);
        let mut all = self.slopes.clone();
        all[..prices.len()].copy_from_slice(prices);
        let priced = cheapest(somebody, &all);
        let layers = self.duties.layers(somebody, &priced, effort)?;
        let paid = |column: &Column| column.covers.iter().map(|cover| prices[*cover as usize]).sum::<i64>();
        let rows =
            best(layers.last()?).into_iter().map(|at| Duties::column(somebody, &layers, &priced, &all, at));
        let mut rows: Vec<Column> = rows.filter_map(|row| self.recounted(somebody, &tables, &row)).collect();
        rows.sort_by_key(|column| column.cost - paid(column));
        let most = rows.first().map(|column| column.cost - paid(column));
        out.append(&mut rows);
        if effort == Effort::Quick {
            return None;
        }
        // Counters paid at the end: their slopes are no part of the choices' prices here.
        all[self.duties.slots.len()..].fill(0);
        let plain = cheapest(somebody, &all);
        let to_go = self.to_go(somebody, &layers, &priced);
        let layers = self.counted(somebody, &tables, &plain, &to_go, most?)?;
        let ends = layers.last()?.iter().enumerate();
        let cost = |label: &Counted| Some(label.cost + tables.at(&tables.costs, label.counts, COUNT_MAX)?);
        let (least, at) = ends.filter_map(|(at, label)| Some((cost(label)?, at))).min()?;
        if Some(least) < most {
            let covers = self.row(somebody, &layers, &plain, at);
            let column = Column { cost: 0, covers };
            let own = least + paid(&column);
            out.insert(0, Column { cost: own, ..column });
        }
        Some(least)
    }

    fn take_steps(&self) -> u64 {
        self.duties.take_steps()
    }
}
