//! The best row of one person at given prices, by dynamic programming over the days.
//!
//! Validity: every lawful row is a path of the layers below, memories are merged only when they are equal, and all
//! labels are kept under [`Effort::Exact`]; the least label of the last layer is therefore the least reduced cost over
//! all lawful rows. [`Effort::Quick`] keeps the cheapest labels of each day only, and claims nothing.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::atomic::Ordering,
};

use super::{
    compile::{Choice, Duties, Somebody},
    state::Memory,
};
use crate::columns::{Column, Demand, Effort, Pricing};

/// Labels kept a day when in a hurry.
const QUICK_LABELS: usize = 160;
/// More labels a day than this are not worth their bound: the row's memory is too long.
const EXACT_LABELS_MAX: usize = 400_000;
/// Columns handed back.
const COLUMNS: usize = 6;

/// A way to have come to a memory.
#[derive(Clone, Copy)]
pub(super) struct Label {
    pub memory: u64,
    pub cost: i64,
    pub parent: u32,
    pub kind: u8,
}

/// Which position a memory has in its layer. Looked up only, never walked.
pub(super) type Positions = HashMap<u64, u32, BuildHasherDefault<Mix>>;

/// A hash for words that are already well spread: one multiplication.
#[derive(Default)]
pub(super) struct Mix(u64);

// === impl Mix ===

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

/// The kind of a day: bit 0 garde, bit 1 astreinte.
fn kind(choice: &Choice) -> usize {
    usize::from(choice.garde) | usize::from(choice.astreinte) << 1
}

/// By kind of day: the cheapest choice, with what it costs less what it is paid.
pub(super) type Cheapest = [Option<(i64, u32)>; 4];

/// The cheapest choice of each kind on each day, at these prices.
pub(super) fn cheapest(somebody: &Somebody, prices: &[i64]) -> Vec<Cheapest> {
    let of_day = |choices: &Vec<Choice>| {
        let mut best: Cheapest = [None; 4];
        for (at, choice) in choices.iter().enumerate() {
            let paid: i64 = choice.covers.iter().map(|demand| prices[*demand as usize]).sum();
            let own = (choice.cost - paid, at as u32);
            let seat = &mut best[kind(choice)];
            *seat = Some(seat.map_or(own, |best| best.min(own)));
        }
        best
    };
    somebody.days.iter().map(of_day).collect()
}

/// The positions of the cheapest labels, in order.
pub(super) fn best(labels: &[Label]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    let key = |at: &usize| (labels[*at].cost, labels[*at].memory);
    if order.len() > COLUMNS {
        order.select_nth_unstable_by_key(COLUMNS, key);
        order.truncate(COLUMNS);
    }
    order.sort_unstable_by_key(key);
    order
}

// === impl Duties ===

impl Duties {
    /// All layers of labels, one more than there are days; `None` when they grow beyond reason.
    pub(super) fn layers(
        &self,
        somebody: &Somebody,
        cheapest: &[Cheapest],
        effort: Effort,
    ) -> Option<Vec<Vec<Label>>> {
        let (memory, cost) = somebody.start(&self.calendar);
        let mut layers = vec![vec![Label { memory: memory.pack(), cost, parent: 0, kind: 0 }]];
        let mut positions = Positions::default();
        for (day, choices) in cheapest.iter().enumerate() {
            let before = &layers[day];
            let mut layer: Vec<Label> = Vec::with_capacity(before.len() * 2);
            positions.clear();
            for (parent, label) in before.iter().enumerate() {
                let memory = Memory::unpack(label.memory);
                for (kind, choice) in choices.iter().enumerate() {
                    let Some((own, _)) = choice else { continue };
                    let Some((next, step)) =
                        somebody.step(&self.calendar, day, memory, (kind & 1 == 1, kind & 2 == 2))
                    else {
                        continue;
                    };
                    let new = Label {
                        memory: next.pack(),
                        cost: label.cost + own + step,
                        parent: parent as u32,
                        kind: kind as u8,
                    };
                    let at = *positions.entry(new.memory).or_insert(layer.len() as u32) as usize;
                    if at == layer.len() {
                        layer.push(new);
                    } else if new.cost < layer[at].cost {
                        layer[at] = new;
                    }
                }
            }
            if effort == Effort::Quick && layer.len() > QUICK_LABELS {
                layer.select_nth_unstable_by_key(QUICK_LABELS, |label| (label.cost, label.memory));
                layer.truncate(QUICK_LABELS);
            }
            if layer.len() > EXACT_LABELS_MAX {
                return None;
            }
            self.labels.fetch_add(layer.len() as u64, Ordering::Relaxed);
            layers.push(layer);
        }
        Some(layers)
    }

    pub(super) fn column(
        somebody: &Somebody,
        layers: &[Vec<Label>],
        cheapest: &[Cheapest],
        prices: &[i64],
        last: usize,
    ) -> Column {
        let mut covers: Vec<u32> = Vec::new();
        let mut at = last;
        for day in (0..cheapest.len()).rev() {
            let label = layers[day + 1][at];
            if let Some((_, choice)) = cheapest[day][usize::from(label.kind)] {
                covers.extend(&somebody.days[day][choice as usize].covers);
            }
            at = label.parent as usize;
        }
        covers.sort_unstable();
        let paid: i64 = covers.iter().map(|demand| prices[*demand as usize]).sum();
        Column { cost: layers[cheapest.len()][last].cost + paid, covers }
    }
}

impl Pricing for Duties {
    fn people(&self) -> usize {
        self.people.len()
    }

    fn demands(&self) -> &[Demand] {
        &self.demands
    }

    fn price(&self, person: usize, prices: &[i64], effort: Effort, out: &mut Vec<Column>) -> Option<i64> {
        let somebody = &self.people[person];
        let cheapest = cheapest(somebody, prices);
        let layers = self.layers(somebody, &cheapest, effort)?;
        let last = layers.last()?;
        let order = best(last);
        for at in &order {
            out.push(Self::column(somebody, &layers, &cheapest, prices, *at));
        }
        let least = last[*order.first()?].cost;
        (effort == Effort::Exact).then_some(least)
    }

    fn take_steps(&self) -> u64 {
        self.labels.swap(0, Ordering::Relaxed) / 16
    }
}
