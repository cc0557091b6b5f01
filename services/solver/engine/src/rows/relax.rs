//! The Lagrangian relaxation of a row: working time, week-ends and uses of a code are priced instead of limited, so
//! that one backward pass over days and states gives the least cost from everywhere to the end.
//!
//! Validity: for multipliers `λ >= 0` of limits `a(row) <= b`, every legal row costs at least
//! `min over all rows of cost + λ (a - b)`. For the two-sided limit of working time, `λ < 0` prices the least instead
//! of the most. A charge on week-ends is a cost and no price: their multiplier never falls below it, and only what it is
//! above it is paid back by the limit. Everything is integer, so the bound is exact for any multipliers; tuning only
//! makes it tighter.

use roster::shifts::{Code, OFF, Table};

use super::{
    automaton::{Automaton, NONE},
    labels::Label,
    span::Span,
};

/// More than any row costs, and far from overflow when added a few times.
pub(super) const INFINITE: i64 = i64::MAX / 8;

/// Prices of the limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Multipliers {
    /// Of a unit of working time: positive prices the most, negative the least.
    pub minutes: i64,
    /// Of a week-end, what each is charged included.
    pub weekends: i64,
    /// Of a use, per counter.
    pub counters: Vec<i64>,
}

/// What limits of a row were worth: where to begin the next time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hint {
    minutes: i64,
    weekends: i64,
}

/// Costs of a span's days with the limits priced, and the least cost to the end.
#[derive(Debug, Default)]
pub(super) struct Relaxed {
    /// Per day and group: the cost of its cheapest code, or [`INFINITE`]; and that code.
    pub cheapest: Vec<i64>,
    pub code: Vec<Code>,
    /// The same with multipliers.
    pub priced: Vec<i64>,
    /// Per day and kind: the least of its groups, priced.
    pub kind: Vec<i64>,
    /// Per day and state: the least priced cost to the end.
    pub value: Vec<i64>,
    pub multipliers: Multipliers,
    /// Where to begin.
    pub hint: Option<Hint>,
    /// What each week-end costs, where they are limited.
    pub charge: i64,
    extras: Vec<i64>,
    /// Per day and run: whether the span's start leads there.
    reached: Vec<bool>,
    next: Vec<i64>,
    node: Vec<i64>,
    counts: Vec<i32>,
    steps: Vec<(i64, i8)>,
    /// Working time up to each day on the last walk, on the last with too much, and on the last with too little.
    path: Vec<i32>,
    paths: [Vec<i32>; 2],
    /// What a unit of working time usually is worth.
    usual: i64,
    /// Per day: the working time a row that ends within the limits may be expected to have by then.
    expected: Vec<i32>,
}

/// What the cheapest walk uses of each limit.
struct Use {
    minutes: i32,
    weekends: i32,
}

// === impl Relaxed ===

impl Relaxed {
    /// Finds the cheapest code of each group on each day.
    pub fn load(&mut self, automaton: &Automaton, span: &Span, table: &Table, person: usize, costs: &[i64]) {
        let groups = automaton.groups.len();
        self.cheapest.clear();
        self.cheapest.resize(span.len() * groups, INFINITE);
        self.code.clear();
        self.code.resize(span.len() * groups, OFF);
        for day in 0..span.len() {
            let costs = &costs[(span.from + day) * table.codes..][..table.codes];
            let mut allowed = table.allowed(person, span.from + day);
            while allowed != 0 {
                let code = allowed.trailing_zeros() as usize;
                allowed &= allowed - 1;
                let group = automaton.group_of[code];
                if group == NONE {
                    continue;
                }
                let cell = day * groups + usize::from(group);
                if costs[code] < self.cheapest[cell] {
                    self.cheapest[cell] = costs[code];
                    self.code[cell] = code as Code;
                }
            }
        }
        let hint = self.hint.unwrap_or_default();
        self.multipliers.minutes = hint.minutes;
        self.charge = if span.weekends_left.is_some() { self.charge } else { 0 };
        self.multipliers.weekends =
            if span.weekends_left.is_some() { hint.weekends.max(self.charge) } else { 0 };
        self.multipliers.counters.clear();
        self.multipliers.counters.resize(span.counters.len(), 0);
    }

    /// What the limits turned out to be worth.
    pub fn learned(&self) -> Hint {
        Hint { minutes: self.multipliers.minutes, weekends: self.multipliers.weekends }
    }

    /// Seeks good multipliers in so many passes and returns the bound of the best: each multiplier moves by a step of
    /// its own, doubled while its limit stays broken (or slack), halved when that turns.
    pub fn tune(&mut self, automaton: &Automaton, span: &Span, passes: usize) -> i64 {
        self.first_steps(automaton, span);
        self.reach(automaton, span);
        self.paths.iter_mut().for_each(Vec::clear);
        let mut bound = self.pass(automaton, span);
        let mut best = self.multipliers.clone();
        let mut is_best_current = true;
        for _ in 1..passes {
            let used = self.walk(automaton, span);
            let is_short = used.minutes < span.minutes.0;
            self.paths[usize::from(is_short)].clone_from(&self.path);
            if !self.shift(span, &used) {
                break;
            }
            let next = self.pass(automaton, span);
            is_best_current = next >= bound;
            if is_best_current {
                bound = next;
                best.clone_from(&self.multipliers);
            }
        }
        if !is_best_current {
            self.multipliers = best;
            bound = self.pass(automaton, span);
        }
        self.expect(span);
        bound
    }

    /// Between the relaxation's walks with too much and too little working time lies one with enough.
    fn expect(&mut self, span: &Span) {
        self.expected.clear();
        let target = i64::from(span.minutes.0.max(0)) + i64::from(span.minutes.1);
        let [most, least] = &self.paths;
        let last = |path: &Vec<i32>| path.last().map_or(0, |&minutes| 2 * i64::from(minutes));
        let (high, low) = (last(most), last(least));
        for day in 0..span.len() {
            let high_now = most.get(day).copied().unwrap_or(0);
            let low_now = least.get(day).copied().unwrap_or(0);
            let expected = if most.is_empty() || (high <= target && high > 0) {
                let (path, end) = if most.is_empty() { (low_now, low) } else { (high_now, high) };
                i64::from(path) * target / end.max(1)
            } else {
                // With no walk that has too little, the one that never works.
                let share = target - low;
                i64::from(low_now) + i64::from(high_now - low_now) * share / (high - low).max(1)
            };
            self.expected.push(expected as i32);
        }
    }

    /// What a beam holds against a label whose working time has drifted from what is expected by its day: where many
    /// rows cost the same, a beam would else fill with rows that can no longer end within the limits.
    pub fn drift(&self, span: &Span, day: usize, label: &Label) -> i64 {
        let apart = i64::from((label.minutes - self.expected[day]).abs());
        let free = i64::from(span.longest) * 2;
        let beyond = (apart - free).max(0);
        beyond * beyond * self.usual / (16 * i64::from(span.longest).max(1))
    }

    /// The relaxed cost from a state before a day (counted from the span's first) to the end.
    #[inline]
    pub fn value(&self, automaton: &Automaton, day: usize, state: u16) -> i64 {
        self.value[day * automaton.states() + usize::from(state)]
    }

    /// What the limits' right-hand sides are worth at the current multipliers.
    pub fn allowance(&self, span: &Span) -> i64 {
        let multipliers = &self.multipliers;
        let minutes = if multipliers.minutes >= 0 { span.minutes.1 } else { span.minutes.0 };
        let counters = multipliers.counters.iter().zip(&span.counters);
        multipliers.minutes * i64::from(minutes)
            + (multipliers.weekends - self.charge) * i64::from(span.weekends_left.unwrap_or(0))
            + counters.map(|(price, &most)| price * i64::from(most)).sum::<i64>()
    }

    fn first_steps(&mut self, automaton: &Automaton, span: &Span) {
        let groups = automaton.groups.len();
        let (mut sum, mut days, mut units) = (0_i64, 0_i64, 0_i64);
        for day in 0..span.len() {
            let costs = &self.cheapest[day * groups..][..groups];
            let best = (1..groups).filter(|&group| costs[group] < INFINITE).min_by_key(|&group| costs[group]);
            if let Some(best) = best
                && costs[0] < INFINITE
            {
                sum += (costs[best] - costs[0]).abs();
                days += 1;
                units += i64::from(automaton.groups[best].minutes);
            }
        }
        let usual = (sum / days.max(1)).max(4);
        self.steps.clear();
        self.usual = usual * days.max(1) / units.max(1) + 1;
        let part = if self.hint.is_some() { 4 } else { 2 };
        self.steps.push((self.usual / part + 1, 0));
        self.steps.resize(span.counters.len() + 2, (usual / part + 1, 0));
    }

    /// Finds the runs that the start leads to: in a short window these are few.
    fn reach(&mut self, automaton: &Automaton, span: &Span) {
        let runs = automaton.runs.len();
        self.reached.clear();
        self.reached.resize((span.len() + 1) * runs, false);
        self.reached[usize::from(automaton.run_of[usize::from(span.start)])] = true;
        for day in 0..span.len() {
            let (now, later) = self.reached.split_at_mut((day + 1) * runs);
            let (now, later) = (&now[day * runs..], &mut later[..runs]);
            for (run, _) in now.iter().enumerate().filter(|(_, reached)| **reached) {
                let (rest, work) = automaton.runs[run];
                if let Some(rest) = later.get_mut(usize::from(rest)) {
                    *rest |= span.may_rest[day];
                }
                if let Some(work) = later.get_mut(usize::from(work)) {
                    *work |= span.work[day].is_some();
                }
            }
        }
    }

    /// One backward pass at the current multipliers; the bound it proves.
    fn pass(&mut self, automaton: &Automaton, span: &Span) -> i64 {
        let (groups, kinds, states) = (automaton.groups.len(), automaton.kinds.len(), automaton.states());
        self.priced.clone_from(&self.cheapest);
        self.kind.clear();
        self.kind.resize(span.len() * kinds, INFINITE);
        self.value.clear();
        self.value.resize((span.len() + 1) * states, INFINITE);
        for (state, extra) in span.terminal.iter().enumerate() {
            if let Some(extra) = extra {
                self.value[span.len() * states + state] = i64::from(*extra) * self.multipliers.weekends;
            }
        }
        self.extras.clear();
        for (group, &counter) in automaton.groups.iter().zip(&span.counter_of) {
            let counter = self.multipliers.counters.get(usize::from(counter)).copied().unwrap_or(0);
            self.extras.push(self.multipliers.minutes * i64::from(group.minutes) + counter);
        }
        for day in (0..span.len()).rev() {
            let priced = &mut self.priced[day * groups..][..groups];
            for (cost, extra) in priced.iter_mut().zip(&self.extras) {
                if *cost < INFINITE {
                    *cost += extra;
                }
            }
            let kind = &mut self.kind[day * kinds..][..kinds];
            for (least, members) in kind.iter_mut().zip(&automaton.kinds) {
                *least = members.iter().map(|&group| priced[usize::from(group)]).min().unwrap_or(INFINITE);
            }
            let (now, later) = self.value.split_at_mut((day + 1) * states);
            let (now, later) = (&mut now[day * states..], &later[..states]);
            for (run, level) in automaton.levels.iter().enumerate() {
                if !self.reached[day * automaton.levels.len() + run] {
                    continue;
                }
                let begins = span.begins_weekend(day, level.is_working);
                let weekend = if begins { self.multipliers.weekends } else { 0 };
                let rest = later.get(usize::from(level.rest)).map_or(INFINITE, |value| priced[0] + value);
                self.node.clear();
                if !level.work.is_empty() {
                    self.next.clear();
                    let next = level.work.iter().zip(kind.iter());
                    self.next.extend(next.map(|(&state, cost)| {
                        later.get(usize::from(state)).map_or(INFINITE, |value| cost + weekend + value)
                    }));
                    for node in &automaton.nodes {
                        let base = node.base.map_or(INFINITE, |base| self.node[usize::from(base)]);
                        let least =
                            node.more.iter().fold(base, |least, &k| least.min(self.next[usize::from(k)]));
                        self.node.push(least);
                    }
                }
                for &state in &level.states {
                    let state = usize::from(state);
                    let work =
                        self.node.get(usize::from(automaton.node_of[state])).copied().unwrap_or(INFINITE);
                    now[state] = rest.min(work).min(INFINITE);
                }
            }
        }
        self.value(automaton, 0, span.start) - self.allowance(span)
    }

    /// Follows the cheapest walk and counts what it uses.
    fn walk(&mut self, automaton: &Automaton, span: &Span) -> Use {
        let (groups, kinds) = (automaton.groups.len(), automaton.kinds.len());
        self.counts.clear();
        self.counts.resize(span.counters.len(), 0);
        let mut used = Use { minutes: 0, weekends: 0 };
        let mut state = span.start;
        self.path.clear();
        for day in 0..span.len() {
            let begins = span.begins_weekend(day, automaton.is_working[usize::from(state)]);
            let weekend = if begins { self.multipliers.weekends } else { 0 };
            let cost = |step: &super::automaton::Step| {
                let own = match step.kind {
                    NONE => self.priced[day * groups],
                    work => self.kind[day * kinds + usize::from(work)] + weekend,
                };
                own + self.value(automaton, day + 1, step.next)
            };
            let Some(step) = automaton.steps(usize::from(state)).iter().min_by_key(|step| cost(step)) else {
                break;
            };
            state = step.next;
            if step.kind == NONE {
                self.path.push(used.minutes);
                continue;
            }
            used.weekends += i32::from(begins);
            let members = &automaton.kinds[usize::from(step.kind)];
            let best = members.iter().min_by_key(|&&group| self.priced[day * groups + usize::from(group)]);
            if let Some(&best) = best {
                used.minutes += automaton.groups[usize::from(best)].minutes;
                let counter = span.counter_of[usize::from(best)];
                if counter != NONE {
                    self.counts[usize::from(counter)] += 1;
                }
            }
            self.path.push(used.minutes);
        }
        used.weekends += i32::from(span.terminal[usize::from(state)].unwrap_or(0));
        used
    }

    /// Moves every multiplier whose limit is broken or slack; false when none is.
    fn shift(&mut self, span: &Span, used: &Use) -> bool {
        let price = self.multipliers.minutes;
        let direction = match used.minutes {
            minutes if minutes > span.minutes.1 => 1,
            minutes if minutes < span.minutes.0 => -1,
            minutes if price > 0 && minutes < span.minutes.1 => -1,
            minutes if price < 0 && minutes > span.minutes.0 => 1,
            _ => 0,
        };
        let mut is_moved = direction != 0;
        let moved = advance(&mut self.steps[0], price, direction);
        // The price of the most never turns into one of the least in one step: at zero both are slack.
        self.multipliers.minutes = if price != 0 && moved.signum() == -price.signum() { 0 } else { moved };
        let mut one_sided = |price: &mut i64, step: &mut (i64, i8), floor: i64, (used, most): (i32, i32)| {
            let direction = if used > most { 1 } else { -i8::from(*price > floor && used < most) };
            is_moved |= direction != 0;
            *price = advance(step, *price, direction).max(floor);
        };
        if let Some(most) = span.weekends_left {
            let (price, step) = (&mut self.multipliers.weekends, &mut self.steps[1]);
            one_sided(price, step, self.charge, (used.weekends, i32::from(most)));
        }
        for (index, price) in self.multipliers.counters.iter_mut().enumerate() {
            let most = i32::from(span.counters[index]);
            one_sided(price, &mut self.steps[index + 2], 0, (self.counts[index], most));
        }
        is_moved
    }
}

/// The multiplier after a step in a direction.
fn advance(step: &mut (i64, i8), price: i64, direction: i8) -> i64 {
    if direction == 0 {
        return price;
    }
    if step.1 == direction {
        step.0 = (step.0 * 2).min(INFINITE >> 24);
    } else if step.1 == -direction {
        step.0 = (step.0 / 2).max(1);
    }
    step.1 = direction;
    price + i64::from(direction) * step.0
}
