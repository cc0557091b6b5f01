//! One person's row as a walk through an automaton: which code may come next, given the last one and how long the
//! stretch of work or rest has lasted.
//!
//! Codes that cannot be told apart by any rule of the row (same successors, same predecessors, same minutes, no limit
//! of their own) are one [`Group`]: on each day only its cheapest code matters. Thirty types of shift become a dozen.

use std::collections::BTreeMap;

use roster::shifts::{Code, Limits, OFF, Table};

/// No counter, no group.
pub(super) const NONE: u8 = u8::MAX;

/// Codes of a row that all rules treat alike.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The codes, as bits.
    pub codes: u64,
    /// Units of working time; 0 when working time cannot bind.
    pub minutes: i32,
    /// The counter that limits its use, or [`NONE`].
    pub counter: u8,
}

/// A step to another state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The kind of work done, or [`NONE`] for a day off.
    pub kind: u8,
    /// The state after it.
    pub next: u16,
}

/// No state.
pub(super) const NOWHERE: u16 = u16::MAX;

/// States that differ in the last code only.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    pub states: Vec<u16>,
    pub rest: u16,
    pub work: Vec<u16>,
    pub is_working: bool,
}

/// A set of kinds: those of another node and some more.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub base: Option<u8>,
    pub more: Vec<u8>,
}

/// What the rules remember of the days before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Memory {
    /// Before the first day.
    Start,
    /// Off for so many days, counted up to the least rest.
    Off(u16),
    /// At work: the class of the last code, the days of the stretch, and whether it began before the horizon or on
    /// its first day and may therefore be shorter than the least.
    Work { class: u8, run: u16, is_exempt: bool },
}

/// The rules of one person's row, compiled.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    /// Groups of codes; group 0 is a day off.
    pub groups: Vec<Group>,
    /// Per code: its group, or [`NONE`] for what the person may never do.
    pub group_of: Vec<u8>,
    /// Per kind (same successors and predecessors): its groups.
    pub kinds: Vec<Vec<u8>>,
    /// Per state: the steps out of it, at `steps[first[s]..first[s + 1]]`; the day off comes first.
    pub steps: Vec<Step>,
    pub first: Vec<u32>,
    /// Per state: whether the day before was worked.
    pub is_working: Vec<bool>,
    /// Per state: its stretch without the class, for [`super::reach`].
    pub run_of: Vec<u16>,
    /// Per run: where a day off and a day of work lead; `u16::MAX` where the rules forbid it.
    pub runs: Vec<(u16, u16)>,
    /// Per run: its states, where a day off leads ([`NOWHERE`] if it may not end), and per kind of work the state after
    /// it (empty if nobody may go on).
    pub levels: Vec<Level>,
    /// The sets of kinds that may follow, each built from a smaller one.
    pub nodes: Vec<Node>,
    /// Per state: the set of kinds that may follow.
    pub node_of: Vec<u8>,
    /// Limits in units: least and most working time.
    pub minutes: (i32, i32),
    /// Minutes in one unit.
    pub unit: i32,
    /// Most week-ends; `None` when it cannot bind.
    pub weekends_max: Option<u16>,
    /// Per counter: the code it counts and the most uses.
    pub counters: Vec<(Code, u16)>,
    is_working_run: Vec<bool>,
    /// The state of a rest that has lasted long enough; the start's when nobody may ever rest.
    rested: u16,
    limits: Limits,
    class_of: Vec<u8>,
    class_of_kind: Vec<u8>,
    state_by_memory: BTreeMap<Memory, u16>,
}

/// The state every full row starts in.
pub(super) const START: u16 = 0;

// === impl Automaton ===

impl Automaton {
    /// Compiles the rules of a person; `None` for people who work no shifts.
    pub fn new(table: &Table, person: usize) -> Option<Automaton> {
        Some(Automaton::with(table, person, table.limits.get(person)?.as_ref()?.clone()))
    }

    /// Compiles other rules than the person's own.
    pub fn with(table: &Table, person: usize, limits: Limits) -> Automaton {
        let usable = usable(table, person, &limits);
        let unit = (1..table.codes)
            .filter(|&c| usable >> c & 1 == 1)
            .fold(0, |g, c| gcd(g, table.minutes[c]))
            .max(1);
        let minutes = (
            limits.minutes_min.max(0).saturating_add(unit - 1) / unit,
            limits.minutes_max.max(-1).div_euclid(unit),
        );
        let longest =
            (0..table.codes).filter(|&c| usable >> c & 1 == 1).map(|c| table.minutes[c] / unit).max();
        let days = table.days as i32;
        let is_timed = minutes.0 > 0 || minutes.1 < longest.unwrap_or(0).saturating_mul(days);
        let mut automaton = Automaton {
            groups: vec![Group { codes: 1, minutes: 0, counter: NONE }],
            group_of: vec![NONE; table.codes],
            kinds: Vec::new(),
            steps: Vec::new(),
            first: Vec::new(),
            is_working: Vec::new(),
            run_of: Vec::new(),
            runs: Vec::new(),
            levels: Vec::new(),
            nodes: Vec::new(),
            node_of: Vec::new(),
            minutes: if is_timed { minutes } else { (0, 0) },
            unit,
            weekends_max: (usize::from(limits.weekends_max) < table.weekends).then_some(limits.weekends_max),
            counters: Vec::new(),
            is_working_run: Vec::new(),
            rested: START,
            limits,
            class_of: vec![NONE; table.codes],
            class_of_kind: Vec::new(),
            state_by_memory: BTreeMap::new(),
        };
        automaton.group_of[0] = 0;
        let forbids = automaton.group(table, usable, is_timed);
        automaton.link(table.days, &forbids);
        automaton
    }

    /// Puts codes into groups, kinds and classes; returns per class and kind whether the kind may not follow.
    fn group(&mut self, table: &Table, usable: u64, is_timed: bool) -> Vec<Vec<bool>> {
        let codes: Vec<usize> = (1..table.codes).filter(|&c| usable >> c & 1 == 1).collect();
        let after = |c: usize| table.forbidden_next[c] & usable & !1;
        let before = |c: usize| codes.iter().fold(0_u64, |bits, &p| bits | (after(p) >> c & 1) << p);
        let mut class_by_after: BTreeMap<u64, u8> = BTreeMap::new();
        let mut kind_by_rule: BTreeMap<(u64, u64), u8> = BTreeMap::new();
        let mut group_by_key: BTreeMap<(u8, i32, u8), u8> = BTreeMap::new();
        let mut kind_sample = Vec::new();
        for &c in &codes {
            let class = class_by_after.len() as u8;
            let class = *class_by_after.entry(after(c)).or_insert(class);
            self.class_of[c] = class;
            let kind = *kind_by_rule.entry((after(c), before(c))).or_insert_with(|| {
                self.kinds.push(Vec::new());
                self.class_of_kind.push(class);
                kind_sample.push(c);
                (self.kinds.len() - 1) as u8
            });
            let most = self.limits.most[c];
            let length = table.minutes[c] / self.unit;
            let by_time = if length > 0 && is_timed { (self.minutes.1 / length).max(0) } else { i32::MAX };
            let counter = if i32::from(most) < by_time.min(table.days as i32) {
                self.counters.push((c as Code, most));
                (self.counters.len() - 1) as u8
            } else {
                NONE
            };
            let minutes = if is_timed { length } else { 0 };
            let group = *group_by_key.entry((kind, minutes, counter)).or_insert_with(|| {
                self.groups.push(Group { codes: 0, minutes, counter });
                let group = (self.groups.len() - 1) as u8;
                self.kinds[usize::from(kind)].push(group);
                group
            });
            self.groups[usize::from(group)].codes |= 1 << c;
            self.group_of[c] = group;
        }
        let mut forbids = vec![vec![false; self.kinds.len()]; class_by_after.len()];
        for (&after, &class) in &class_by_after {
            for (kind, &sample) in kind_sample.iter().enumerate() {
                forbids[usize::from(class)][kind] = after >> sample & 1 == 1;
            }
        }
        forbids
    }

    /// Walks through all states that can be reached and writes their steps.
    fn link(&mut self, days: usize, forbids: &[Vec<bool>]) {
        let mut memories = vec![Memory::Start];
        self.state_by_memory.insert(Memory::Start, START);
        let mut state = 0;
        while let Some(&memory) = memories.get(state) {
            self.first.push(self.steps.len() as u32);
            self.is_working.push(matches!(memory, Memory::Work { .. }));
            let mut push = |this: &mut Automaton, kind: u8, memory: Memory| {
                let next = *this.state_by_memory.entry(memory).or_insert_with(|| {
                    memories.push(memory);
                    (memories.len() - 1) as u16
                });
                this.steps.push(Step { kind, next });
            };
            if let Some(rest) = self.rest(memory) {
                push(self, NONE, rest);
            }
            for (kind, class) in self.class_of_kind.clone().into_iter().enumerate() {
                let forbidden =
                    matches!(memory, Memory::Work { class, .. } if forbids[usize::from(class)][kind]);
                if !forbidden && let Some(work) = self.work(memory, class, days) {
                    push(self, kind as u8, work);
                }
            }
            state += 1;
        }
        self.first.push(self.steps.len() as u32);
        self.project(&memories);
    }

    /// The memory after a day off; `None` when the stretch is too short to end.
    fn rest(&self, memory: Memory) -> Option<Memory> {
        let least = self.limits.rest_min.max(1);
        match memory {
            Memory::Start => Some(Memory::Off(least)),
            Memory::Off(days) => Some(Memory::Off((days + 1).min(least))),
            Memory::Work { run, is_exempt, .. } => {
                (is_exempt || run >= self.limits.stretch_min).then_some(Memory::Off(1))
            }
        }
    }

    /// The memory after a day of work; `None` when the rest is too short or the stretch too long.
    fn work(&self, memory: Memory, class: u8, days: usize) -> Option<Memory> {
        let (run, is_exempt) = match memory {
            Memory::Start => (self.limits.stretch_before.saturating_add(1), true),
            Memory::Off(rest) if rest < self.limits.rest_min => return None,
            Memory::Off(_) => (1, false),
            Memory::Work { run, is_exempt, .. } => (run.saturating_add(1), is_exempt),
        };
        (run <= self.limits.stretch_max).then(|| self.at_work(class, run, is_exempt, days))
    }

    /// Forgets what no rule asks: the length of a stretch that may last forever, an exemption no longer needed.
    fn at_work(&self, class: u8, run: u16, is_exempt: bool, days: usize) -> Memory {
        let longest = usize::from(self.limits.stretch_before) + days;
        let run = if usize::from(self.limits.stretch_max) >= longest {
            run.min(self.limits.stretch_min.max(1))
        } else {
            run
        };
        Memory::Work { class, run, is_exempt: is_exempt && run < self.limits.stretch_min }
    }

    /// The automaton without classes.
    fn project(&mut self, memories: &[Memory]) {
        let mut run_by_memory: BTreeMap<Memory, u16> = BTreeMap::new();
        for &memory in memories {
            let next = run_by_memory.len() as u16;
            self.run_of.push(*run_by_memory.entry(without_class(memory)).or_insert(next));
        }
        self.runs = vec![(u16::MAX, u16::MAX); run_by_memory.len()];
        self.is_working_run = vec![false; run_by_memory.len()];
        let rested = Memory::Off(self.limits.rest_min.max(1));
        self.rested = self.state_by_memory.get(&rested).copied().unwrap_or(START);
        for state in 0..memories.len() {
            let run = usize::from(self.run_of[state]);
            self.is_working_run[run] = self.is_working[state];
            for step in &self.steps[self.first[state] as usize..self.first[state + 1] as usize] {
                let next = self.run_of[usize::from(step.next)];
                if step.kind == NONE { self.runs[run].0 = next } else { self.runs[run].1 = next }
            }
        }
        self.level();
        self.nest();
    }

    /// Puts states of the same run side by side.
    fn level(&mut self) {
        let empty = Level { rest: NOWHERE, ..Level::default() };
        self.levels = vec![empty; self.runs.len()];
        for state in 0..self.states() {
            let level = &mut self.levels[usize::from(self.run_of[state])];
            level.states.push(state as u16);
            level.is_working = self.is_working[state];
            for step in &self.steps[self.first[state] as usize..self.first[state + 1] as usize] {
                if step.kind == NONE {
                    level.rest = step.next;
                } else {
                    level.work.resize(self.kinds.len(), NOWHERE);
                    level.work[usize::from(step.kind)] = step.next;
                }
            }
        }
    }

    /// Builds each set of kinds that may follow from the largest smaller one: sets of successors are mostly nested.
    fn nest(&mut self) {
        let set_of = |state: usize| {
            let steps = &self.steps[self.first[state] as usize..self.first[state + 1] as usize];
            steps.iter().filter(|step| step.kind != NONE).fold(0_u64, |bits, step| bits | 1 << step.kind)
        };
        let mut sets: Vec<u64> = (0..self.states()).map(set_of).collect();
        let of_state = sets.clone();
        sets.sort_unstable_by_key(|set| (set.count_ones(), *set));
        sets.dedup();
        for (index, &set) in sets.iter().enumerate() {
            let base = (0..index).rev().find(|&smaller| sets[smaller] & !set == 0);
            let more = set & !base.map_or(0, |base| sets[base]);
            let more = (0..self.kinds.len() as u8).filter(|&kind| more >> kind & 1 == 1).collect();
            self.nodes.push(Node { base: base.map(|base| base as u8), more });
        }
        let place = |set: &u64| sets.iter().position(|other| other == set).unwrap_or(0) as u8;
        self.node_of = of_state.iter().map(place).collect();
    }

    /// The number of states.
    pub fn states(&self) -> usize {
        self.is_working.len()
    }

    /// Whether a run is one of work.
    pub fn is_run_working(&self, run: usize) -> bool {
        self.is_working_run[run]
    }

    /// Whether the rest has lasted long enough for anything to follow.
    pub fn is_rested(&self, state: u16) -> bool {
        state == self.rested
    }

    /// The steps out of a state.
    pub fn steps(&self, state: usize) -> &[Step] {
        &self.steps[self.first[state] as usize..self.first[state + 1] as usize]
    }

    /// The state a row is in before a day; `None` when the row cannot be there legally.
    pub fn state_before(&self, row: &[Code], day: usize) -> Option<u16> {
        let memory = if day == 0 {
            Memory::Start
        } else if row[day - 1] == OFF {
            let run = row[..day].iter().rev().take_while(|&&code| code == OFF).count();
            let least = self.limits.rest_min.max(1);
            Memory::Off(if run == day { least } else { (run as u16).min(least) })
        } else {
            let run = row[..day].iter().rev().take_while(|&&code| code != OFF).count();
            let before = if run == day { self.limits.stretch_before } else { 0 };
            let class = self.class_of[usize::from(row[day - 1])];
            self.at_work(class, (run as u16).saturating_add(before), run == day, row.len())
        };
        self.state_by_memory.get(&memory).copied()
    }

    /// The state after a code; `None` when the rules forbid it.
    pub fn after(&self, state: u16, code: Code) -> Option<u16> {
        let group = *self.group_of.get(usize::from(code))?;
        if group == NONE {
            return None;
        }
        let step = self.steps(usize::from(state)).iter().find(|step| match step.kind {
            NONE => code == OFF,
            kind => self.kinds[usize::from(kind)].contains(&group),
        })?;
        Some(step.next)
    }
}

/// The codes a person may ever do, as bits.
fn usable(table: &Table, person: usize, limits: &Limits) -> u64 {
    let allowed = (0..table.days).fold(0, |bits, day| bits | table.allowed(person, day));
    (1..table.codes).filter(|&c| limits.most[c] > 0).fold(0, |bits, c| bits | allowed & 1 << c)
}

fn without_class(memory: Memory) -> Memory {
    match memory {
        Memory::Work { run, is_exempt, .. } => Memory::Work { class: 0, run, is_exempt },
        other => other,
    }
}

fn gcd(a: i32, b: i32) -> i32 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}
