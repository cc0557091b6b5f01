//! The best row of one person for given costs: dynamic programming with labels, guided by a Lagrangian relaxation.
//!
//! A relaxed pass backwards gives a lower bound from everywhere to the end; labels go forwards and are dropped where
//! label plus bound is no better than the best row known. With good multipliers few labels are left, and the answer
//! is proven. See Irnich and Desaulniers, "Shortest Path Problems with Resource Constraints" (2005), and for bounding
//! by relaxed completion Lozano and Medaglia, "On an exact method for the constrained shortest path problem" (2013).

use roster::shifts::{Code, Limits, Sheet, Table};

use super::{
    automaton::{Automaton, NONE},
    labels::{Label, Labels},
    reach::Reach,
    relax::{Hint, INFINITE, Relaxed},
    span::Span,
    usage::Usage,
};

/// One person's row: a code per day.
pub(crate) type Row = Vec<Code>;

/// Labels an exact search may keep before it gives up its proof.
const LABELS_MAX: usize = 6_000_000;

/// The width an exact search first looks for a good row with.
const SCOUT_WIDTH: usize = 48;

/// Passes to tune multipliers with that begin near good ones.
const PASSES_HINTED: usize = 2;

/// How far to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Until the row is proven best.
    Exact,
    /// At most so many labels a day: good, legal, not proven.
    Beam {
        /// Labels a day.
        width: usize,
    },
}

/// What is paid for a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prices<'a> {
    /// What a code costs on a day, own cost and price: `costs[day * codes + code]`.
    pub costs: &'a [i64],
    /// What each week-end costs, where they are limited.
    pub weekend: i64,
}

/// The rules of one person's row, compiled for searching.
#[derive(Clone, Debug)]
pub(crate) struct Dp<'t> {
    table: &'t Table,
    person: usize,
    automaton: Automaton,
}

/// Memory a search works in, reused from call to call. Answers do not depend on what it was used for before.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    span: Span,
    usage: Usage,
    reach: Reach,
    relaxed: Relaxed,
    labels: Labels,
    is_keyed: Vec<bool>,
    is_checked: Vec<bool>,
    ends: Vec<(i64, u32)>,
    /// Labels made and states relaxed since the scratch was new: what the work is charged by.
    work: u64,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Rows and their costs, cheapest first, no two alike. Empty: none was found, and none exists if `is_proven`.
    pub rows: Vec<(i64, Row)>,
    /// No legal row costs less than this.
    pub bound: i64,
    /// The first row is a best one, or there is none.
    pub is_proven: bool,
}

/// How a forward pass may prune.
#[derive(Clone, Copy)]
struct Pass {
    width: usize,
    /// Labels with at least this excess are dropped.
    excess: i64,
}

// === impl Dp ===

impl<'t> Dp<'t> {
    /// Compiles the rules of a person; `None` for people who work no shifts.
    pub fn new(table: &'t Table, person: usize) -> Option<Dp<'t>> {
        Some(Dp { table, person, automaton: Automaton::new(table, person)? })
    }

    /// Compiles other rules than the person's own: for people whose own cannot all be kept.
    pub fn with(table: &'t Table, person: usize, limits: Limits) -> Dp<'t> {
        Dp { table, person, automaton: Automaton::with(table, person, limits) }
    }

    /// The best row: `costs[day * codes + code]` is all that a code costs on a day (own cost and price). In exact mode
    /// `None` means that no legal row exists.
    pub fn best(&self, costs: &[i64], mode: Mode, scratch: &mut Scratch) -> Option<(i64, Row)> {
        self.search(costs, mode, 1, scratch).rows.pop()
    }

    /// Up to `most` rows, all different, the cheapest first, with a bound and whether it is proven.
    pub fn search(&self, costs: &[i64], mode: Mode, most: usize, scratch: &mut Scratch) -> Found {
        if !scratch.span.whole(&self.automaton, self.table, self.person) {
            return Found { is_proven: true, bound: INFINITE, ..Found::default() };
        }
        self.run(costs, mode, most, scratch)
    }

    /// The best days `from..to` for the person's row of a sheet whose other days stay, and what they cost. The hint is
    /// what limits were worth the last time, for a start near by; it is brought up to date.
    pub fn window(
        &self,
        prices: Prices<'_>,
        sheet: &Sheet<'_>,
        days: (usize, usize),
        mode: Mode,
        hint: &mut Hint,
        scratch: &mut Scratch,
    ) -> Option<(i64, Row)> {
        scratch.usage.take(&self.automaton, sheet, self.person);
        let now = (sheet.row(self.person), &scratch.usage);
        if !scratch.span.window(&self.automaton, self.table, self.person, now, days) {
            return None;
        }
        (scratch.relaxed.hint, scratch.relaxed.charge) = (Some(*hint), prices.weekend);
        let found = self.run(prices.costs, mode, 1, scratch);
        *hint = scratch.relaxed.learned();
        (scratch.relaxed.hint, scratch.relaxed.charge) = (None, 0);
        found.rows.into_iter().next()
    }

    /// Rows, bound and proof at once for days `from..to` of a row whose other days stay: rows and costs are those of
    /// these days only.
    pub fn search_window(
        &self,
        costs: &[i64],
        row: &[Code],
        days: (usize, usize),
        mode: Mode,
        most: usize,
        scratch: &mut Scratch,
    ) -> Found {
        scratch.usage.count(&self.automaton, self.table, row, (0, row.len()));
        let now = (row, &scratch.usage);
        if !scratch.span.window(&self.automaton, self.table, self.person, now, days) {
            return Found { is_proven: true, bound: INFINITE, ..Found::default() };
        }
        self.run(costs, mode, most, scratch)
    }

    /// Passes to tune multipliers with: longer rows have more to gain.
    fn passes(&self, scratch: &Scratch) -> usize {
        match scratch.span.len() {
            _ if scratch.relaxed.hint.is_some() => PASSES_HINTED,
            ..=60 => 8,
            _ => 12,
        }
    }

    fn run(&self, costs: &[i64], mode: Mode, most: usize, scratch: &mut Scratch) -> Found {
        let (bound, is_possible) = self.prepare(costs, self.passes(scratch), scratch);
        if !is_possible {
            return Found { is_proven: true, bound: INFINITE, ..Found::default() };
        }
        let width = match mode {
            Mode::Beam { width } => width.max(1),
            Mode::Exact => SCOUT_WIDTH,
        };
        let mut found = Found { bound, ..Found::default() };
        // A window has at least the row it had: nothing is lost when a narrow beam misses it.
        let is_quick = scratch.relaxed.hint.is_some() && mode != Mode::Exact;
        for widening in 0..if is_quick { 1 } else { 4 } {
            let pass = Pass { width: width << (3 * widening), excess: INFINITE };
            found.is_proven = self.beam(pass, most, bound, scratch, &mut found.rows);
            if !found.rows.is_empty() || found.is_proven {
                break;
            }
        }
        if !found.is_proven && !is_quick && (mode == Mode::Exact || found.rows.is_empty()) {
            self.prove(most, scratch, &mut found);
        }
        if found.is_proven {
            found.bound = found.rows.first().map_or(INFINITE, |&(cost, _)| cost);
        }
        found
    }

    /// Loads costs, tunes multipliers and looks how far working time reaches.
    fn prepare(&self, costs: &[i64], passes: usize, scratch: &mut Scratch) -> (i64, bool) {
        let Scratch { span, reach, relaxed, work, .. } = scratch;
        reach.fill(&self.automaton, span);
        relaxed.load(&self.automaton, span, self.table, self.person, costs);
        let bound = relaxed.tune(&self.automaton, span, passes);
        *work += (passes * span.len() * self.automaton.states() / 4) as u64;
        let start = self.automaton.run_of[usize::from(span.start)];
        let is_possible =
            relaxed.value(&self.automaton, 0, span.start) < INFINITE && reach.allows(span, 0, start, 0, 0);
        (bound, is_possible)
    }

    /// A pass of bounded width with all counters respected; true when nothing was dropped that could be a best row.
    fn beam(
        &self,
        pass: Pass,
        most: usize,
        bound: i64,
        scratch: &mut Scratch,
        rows: &mut Vec<(i64, Row)>,
    ) -> bool {
        let counters = scratch.span.counters.len();
        scratch.is_keyed.clear();
        scratch.is_keyed.resize(counters, false);
        scratch.is_checked.clear();
        scratch.is_checked.resize(counters, true);
        let is_whole = self.forward(pass, scratch);
        self.ends(scratch);
        *rows = scratch.ends.iter().take(most).map(|&(cost, end)| (cost, self.trace(scratch, end))).collect();
        let is_least = rows.first().is_some_and(|&(cost, _)| cost <= bound);
        is_least || (is_whole && counters == 0)
    }

    /// Passes without a bound on the width until the best row is proven: a counter is respected once the best row
    /// without it would break it.
    fn prove(&self, most: usize, scratch: &mut Scratch, found: &mut Found) {
        let counters = scratch.span.counters.len();
        scratch.is_checked.clear();
        // A priced counter has to tell labels apart from the start: of two labels that differ in its uses, the one of
        // less excess may be the dearer, and may be dropped later for an excess the other does not have.
        scratch.is_checked.extend(scratch.relaxed.multipliers.counters.iter().map(|price| *price > 0));
        loop {
            let known = found.rows.first().map_or(INFINITE, |&(cost, _)| cost);
            let excess = if known >= INFINITE { INFINITE } else { known - found.bound };
            scratch.is_keyed.clone_from(&scratch.is_checked);
            if !self.forward(Pass { width: usize::MAX, excess }, scratch) {
                return;
            }
            self.ends(scratch);
            let Some(&(cost, end)) = scratch.ends.first() else {
                found.is_proven = true;
                return;
            };
            let uses = scratch.labels.uses(end as usize);
            let broken: Vec<usize> = (0..counters).filter(|&k| uses[k] > scratch.span.counters[k]).collect();
            if broken.is_empty() {
                let is_legal = |&&(_, end): &&(i64, u32)| {
                    let uses = scratch.labels.uses(end as usize);
                    uses.iter().zip(&scratch.span.counters).all(|(uses, most)| uses <= most)
                };
                if cost < known {
                    let ends = scratch.ends.iter().filter(is_legal).take(most);
                    let mut rows: Vec<(i64, Row)> =
                        ends.map(|&(cost, end)| (cost, self.trace(scratch, end))).collect();
                    rows.append(&mut found.rows);
                    rows.truncate(most);
                    found.rows = rows;
                }
                found.is_proven = true;
                return;
            }
            for counter in broken {
                scratch.is_checked[counter] = true;
            }
        }
    }

    /// Labels day by day; false when some were dropped for want of room.
    fn forward(&self, pass: Pass, scratch: &mut Scratch) -> bool {
        let counters = scratch.span.counters.len();
        scratch.labels.start(scratch.span.start, counters);
        let mut is_whole = true;
        for day in 0..scratch.span.len() {
            let (from, to) = (scratch.labels.layers[day], scratch.labels.layers[day + 1]);
            scratch.labels.open(pass.width, pass.excess);
            for label in from..to {
                let Scratch { span, relaxed, labels, .. } = &mut *scratch;
                let cut = labels.cut(pass.width, |label| label.excess + relaxed.drift(span, day, label));
                self.extend(day, label, cut, scratch);
            }
            is_whole &= scratch.labels.waiting() <= pass.width;
            scratch.work += scratch.labels.waiting() as u64;
            let Scratch { span, relaxed, labels, .. } = &mut *scratch;
            labels.close(pass.width, |label| label.excess + relaxed.drift(span, day, label));
            if scratch.labels.kept.len() > LABELS_MAX {
                return false;
            }
        }
        is_whole
    }

    /// All ways to go on from a label for a day.
    #[inline]
    fn extend(&self, day: usize, index: u32, excess: i64, scratch: &mut Scratch) {
        let Scratch { span, reach, relaxed, labels, is_keyed, is_checked, .. } = scratch;
        let automaton = &self.automaton;
        let (groups, kinds) = (automaton.groups.len(), automaton.kinds.len());
        let label = labels.kept[index as usize];
        let begins = span.begins_weekend(day, automaton.is_working[usize::from(label.state)]);
        let base = label.excess - relaxed.value(automaton, day, label.state);
        let weekend = if begins { relaxed.multipliers.weekends } else { 0 };
        for step in automaton.steps(usize::from(label.state)) {
            let later = relaxed.value(automaton, day + 1, step.next);
            if later >= INFINITE {
                continue;
            }
            let run = automaton.run_of[usize::from(step.next)];
            if step.kind == NONE {
                let cost = relaxed.priced[day * groups];
                let next =
                    Label { excess: base + cost + later, parent: index, state: step.next, group: 0, ..label };
                let is_good = cost < INFINITE && next.excess < excess;
                if is_good && reach.allows(span, day + 1, run, label.minutes, label.weekends) {
                    labels.offer(next, NONE, is_keyed);
                }
                continue;
            }
            let weekends = label.weekends + u16::from(begins && span.weekends_left.is_some());
            let least = relaxed.kind[day * kinds + usize::from(step.kind)];
            let is_hopeless = least >= INFINITE || base + least + weekend + later >= excess;
            if is_hopeless || span.weekends_left.is_some_and(|most| weekends > most) {
                continue;
            }
            for &group in &automaton.kinds[usize::from(step.kind)] {
                let cost = relaxed.priced[day * groups + usize::from(group)];
                let next_excess = base + cost + weekend + later;
                let minutes = label.minutes + automaton.groups[usize::from(group)].minutes;
                let counter = span.counter_of[usize::from(group)];
                if cost >= INFINITE
                    || next_excess >= excess
                    || !reach.allows(span, day + 1, run, minutes, weekends)
                {
                    continue;
                }
                let k = usize::from(counter);
                if counter != NONE && is_checked[k] && labels.uses(index as usize)[k] >= span.counters[k] {
                    continue;
                }
                let next =
                    Label { excess: next_excess, parent: index, minutes, state: step.next, weekends, group };
                labels.offer(next, counter, is_keyed);
            }
        }
    }

    /// The last day's labels by what their rows cost, cheapest first.
    fn ends(&self, scratch: &mut Scratch) {
        let Scratch { span, relaxed, labels, ends, .. } = scratch;
        ends.clear();
        let from = labels.layers[span.len()];
        let start = relaxed.value(&self.automaton, 0, span.start);
        let multipliers = &relaxed.multipliers;
        for end in from..labels.layers[span.len() + 1] {
            let label = &labels.kept[end as usize];
            let Some(extra) = span.terminal[usize::from(label.state)] else { continue };
            let weekends = i64::from(label.weekends + extra);
            let uses = labels.uses(end as usize).iter().zip(&multipliers.counters);
            let priced = multipliers.minutes * i64::from(label.minutes)
                + (multipliers.weekends - relaxed.charge) * weekends
                + uses.map(|(&uses, price)| i64::from(uses) * price).sum::<i64>();
            ends.push((start + label.excess - priced, end));
        }
        ends.sort_unstable();
    }

    /// The codes of a label's days.
    fn trace(&self, scratch: &Scratch, end: u32) -> Row {
        let groups = self.automaton.groups.len();
        let mut row = vec![0; scratch.span.len()];
        let mut label = &scratch.labels.kept[end as usize];
        for day in (0..row.len()).rev() {
            row[day] = scratch.relaxed.code[day * groups + usize::from(label.group)];
            label = &scratch.labels.kept[label.parent as usize];
        }
        row
    }
}

// === impl Scratch ===

impl Scratch {
    /// Work done since the last call, in labels.
    pub fn take_work(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Rng,
        rows::testing::{is_legal, small},
    };

    fn price(table: &Table, costs: &[i64], row: &[Code]) -> i64 {
        row.iter().enumerate().map(|(day, &code)| costs[day * table.codes + usize::from(code)]).sum()
    }

    /// The same with what week-ends are charged, where they are limited.
    fn charge(table: &Table, weekend: i64, row: &[Code]) -> i64 {
        let limits = table.limits[0].as_ref().unwrap();
        let is_limited = usize::from(limits.weekends_max) < table.weekends;
        if is_limited { weekend * i64::from(Sheet::new(table, row).weekends(0)) } else { 0 }
    }

    /// All rows, the slow way.
    fn brute(
        table: &Table,
        costs: &[i64],
        weekend: i64,
        fixed: Option<(&[Code], usize, usize)>,
    ) -> Option<i64> {
        let rows = table.codes.pow(table.days as u32);
        let row = |mut number: usize| {
            let digit = |_| {
                let code = (number % table.codes) as Code;
                number /= table.codes;
                code
            };
            (0..table.days).map(digit).collect::<Row>()
        };
        let fits = |row: &Row| {
            fixed.is_none_or(|(old, from, to)| row[..from] == old[..from] && row[to..] == old[to..])
        };
        (0..rows)
            .map(row)
            .filter(|row| fits(row) && is_legal(table, 0, row))
            .map(|row| price(table, costs, &row) + charge(table, weekend, &row))
            .min()
    }

    fn costs(table: &Table, rng: &mut Rng) -> Vec<i64> {
        (0..table.days * table.codes).map(|_| rng.below(200) as i64 - 100).collect()
    }

    #[test]
    fn an_exact_row_is_the_best_of_all_rows_and_none_means_none() {
        let mut scratch = Scratch::default();
        let (mut found, mut none) = (0, 0);
        for seed in 0..400 {
            let mut rng = Rng::new(seed);
            let table = small(&mut rng);
            let costs = costs(&table, &mut rng);
            let dp = Dp::new(&table, 0).unwrap();
            let exact = dp.search(&costs, Mode::Exact, 1, &mut scratch);
            let expected = brute(&table, &costs, 0, None);
            assert!(exact.is_proven, "{seed}");
            assert_eq!(exact.rows.first().map(|(cost, _)| *cost), expected, "{seed} {table:?}");
            let beam = dp.search(&costs, Mode::Beam { width: 3 }, 4, &mut scratch);
            assert_eq!(beam.rows.is_empty(), expected.is_none(), "{seed}");
            let Some(expected) = expected else {
                none += 1;
                continue;
            };
            found += 1;
            assert!(beam.bound <= expected, "{seed}");
            for (cost, row) in exact.rows.iter().chain(&beam.rows) {
                assert!(is_legal(&table, 0, row), "{seed} {row:?}");
                assert_eq!(*cost, price(&table, &costs, row), "{seed}");
            }
        }
        assert!(found > 100 && none > 20, "{found} {none}");
    }

    #[test]
    fn a_window_is_the_best_among_rows_that_differ_there_only() {
        let mut scratch = Scratch::default();
        let (mut changed, mut hint) = (0, Hint::default());
        for seed in 0..600 {
            let mut rng = Rng::new(seed);
            let table = small(&mut rng);
            let first = costs(&table, &mut rng);
            let dp = Dp::new(&table, 0).unwrap();
            let Some((_, row)) = dp.best(&first, Mode::Exact, &mut scratch) else { continue };
            let costs = costs(&table, &mut rng);
            let from = rng.below(table.days);
            let to = from + 1 + rng.below(table.days - from);
            let sheet = Sheet::new(&table, &row);
            let weekend = 40 * rng.below(4) as i64;
            let prices = Prices { costs: &costs, weekend };
            let (cost, days) =
                dp.window(prices, &sheet, (from, to), Mode::Exact, &mut hint, &mut scratch).unwrap();
            let mut new = row.clone();
            new[from..to].copy_from_slice(&days);
            let expected = brute(&table, &costs, weekend, Some((&row, from, to))).unwrap();
            assert!(is_legal(&table, 0, &new), "{seed}");
            let paid = price(&table, &costs, &new) + charge(&table, weekend, &new);
            assert_eq!(paid, expected, "{seed} {from}..{to}");
            let outside = (0..from).chain(to..table.days);
            let outside: i64 = outside.map(|day| costs[day * table.codes + usize::from(row[day])]).sum();
            assert!(weekend > 0 || cost + outside == expected, "{seed}");
            changed += usize::from(new != row);
        }
        assert!(changed > 50, "{changed}");
    }

    #[test]
    fn several_rows_are_all_different_and_the_cheapest_comes_first() {
        let mut scratch = Scratch::default();
        for seed in 0..100 {
            let mut rng = Rng::new(seed);
            let table = small(&mut rng);
            let costs = costs(&table, &mut rng);
            let dp = Dp::new(&table, 0).unwrap();
            let rows = dp.search(&costs, Mode::Beam { width: 50 }, 5, &mut scratch).rows;
            assert!(rows.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 != pair[1].1), "{seed}");
        }
    }
}
