//! The part of a row that is decided anew, and what the rest of the row leaves of the limits.

use roster::shifts::{Code, OFF, Table};

use super::{
    automaton::{Automaton, NONE, START},
    usage::Usage,
};

/// Days `from..to` of a row: where they start, how they may end, and what is left of each limit.
#[derive(Debug, Default)]
pub(super) struct Span {
    pub from: usize,
    pub to: usize,
    /// The state before the first day.
    pub start: u16,
    /// Per state after the last day: `None` when the rest of the row cannot follow, else the week-ends it adds.
    pub terminal: Vec<Option<u16>>,
    /// Units of working time still wanted and still allowed.
    pub minutes: (i32, i32),
    /// Week-ends still allowed; `None` when they cannot bind.
    pub weekends_left: Option<u16>,
    /// Week-ends these days touch.
    pub weekends: u16,
    /// Per counter that can bind in these days: uses still allowed.
    pub counters: Vec<u16>,
    /// Per group: its place among those counters, or [`NONE`].
    pub counter_of: Vec<u8>,
    /// Per counter of the automaton: uses still allowed.
    left: Vec<u16>,
    /// What these days use now.
    inside: Usage,
    /// Per day: whether a day off is allowed.
    pub may_rest: Vec<bool>,
    /// Per day: the shortest and longest allowed work.
    pub work: Vec<Option<(i32, i32)>>,
    /// The longest work of any day.
    pub longest: i32,
    /// Per day: 0 outside week-ends, 1 on the first day of one, 2 on a day after another of the same week-end.
    weekend: Vec<u8>,
}

// === impl Span ===

impl Span {
    pub fn len(&self) -> usize {
        self.to - self.from
    }

    /// Whether working on a day (counted from the span's first) begins a week-end.
    #[inline]
    pub fn begins_weekend(&self, day: usize, worked_before: bool) -> bool {
        let weekend = self.weekend[day];
        weekend == 1 || (weekend == 2 && !worked_before)
    }

    /// The whole row.
    pub fn whole(&mut self, automaton: &Automaton, table: &Table, person: usize) -> bool {
        self.days(automaton, table, person, 0, table.days);
        self.start = START;
        self.terminal.clear();
        self.terminal.resize(automaton.states(), Some(0));
        self.minutes = automaton.minutes;
        self.weekends_left = automaton.weekends_max;
        self.left.clear();
        self.left.extend(automaton.counters.iter().map(|&(_, most)| most));
        self.count(automaton);
        self.minutes.0 <= self.minutes.1
    }

    /// Some days of a row whose other days stay, and what the whole row uses now; false when the other days alone
    /// already break a limit.
    pub fn window(
        &mut self,
        automaton: &Automaton,
        table: &Table,
        person: usize,
        (row, usage): (&[Code], &Usage),
        (from, to): (usize, usize),
    ) -> bool {
        self.days(automaton, table, person, from, to);
        let Some(start) = automaton.state_before(row, from) else { return false };
        self.start = start;
        self.inside.count(automaton, table, row, (from, to));
        let inside = &self.inside;
        if inside.foreign != usage.foreign {
            return false;
        }
        let minutes = usage.minutes - inside.minutes;
        self.minutes = (automaton.minutes.0 - minutes, automaton.minutes.1 - minutes);
        self.left.clear();
        for (index, &(_, most)) in automaton.counters.iter().enumerate() {
            let Some(left) = most.checked_sub(usage.uses[index] - inside.uses[index]) else { return false };
            self.left.push(left);
        }
        // A week-end that begins on the first day after the window is counted by its terminal state.
        let weekends = usage.weekends - inside.weekends - u16::from(begins_weekend(table, row, to));
        self.weekends_left = None;
        if let Some(most) = automaton.weekends_max {
            let Some(left) = most.checked_sub(weekends) else { return false };
            self.weekends_left = Some(left);
        }
        self.end(automaton, table, row);
        self.count(automaton);
        self.minutes.1 >= 0
    }

    /// Keeps the counters that these days can exhaust.
    fn count(&mut self, automaton: &Automaton) {
        self.counters.clear();
        self.counter_of.clear();
        self.counter_of.resize(automaton.groups.len(), NONE);
        for (group, place) in automaton.groups.iter().zip(&mut self.counter_of) {
            let Some(&left) = self.left.get(usize::from(group.counter)) else { continue };
            if usize::from(left) < self.to - self.from {
                *place = self.counters.len() as u8;
                self.counters.push(left);
            }
        }
    }

    /// Which states the rest of the row may follow.
    fn end(&mut self, automaton: &Automaton, table: &Table, row: &[Code]) {
        self.terminal.clear();
        let is_limited = self.weekends_left.is_some();
        for state in 0..automaton.states() as u16 {
            let works =
                is_limited && self.to < row.len() && row[self.to] != OFF && table.weekend[self.to].is_some();
            let is_new = !is_same_weekend(table, self.to) || !automaton.is_working[usize::from(state)];
            let end = (!is_barred(automaton, state, &row[self.to..])).then_some(u16::from(works && is_new));
            self.terminal.push(end);
        }
    }

    fn days(&mut self, automaton: &Automaton, table: &Table, person: usize, from: usize, to: usize) {
        (self.from, self.to) = (from, to);
        self.may_rest.clear();
        self.work.clear();
        self.weekend.clear();
        self.weekends = 0;
        self.longest = automaton.groups.iter().map(|group| group.minutes).max().unwrap_or(0);
        for day in from..to {
            let allowed = table.allowed(person, day);
            self.may_rest.push(allowed & 1 == 1);
            let minutes = automaton.groups[1..].iter().filter(|group| group.codes & allowed != 0);
            let minutes = minutes.map(|group| group.minutes);
            self.work.push(minutes.fold(None, |range: Option<(i32, i32)>, m| {
                Some(range.map_or((m, m), |(low, high)| (low.min(m), high.max(m))))
            }));
            let weekend = match table.weekend[day] {
                None => 0,
                Some(_) if is_same_weekend(table, day) => 2,
                Some(_) => 1,
            };
            self.weekends += u16::from(weekend == 1 || (weekend == 2 && day == from));
            self.weekend.push(weekend);
        }
    }
}

/// Whether a week-end of a row begins on a day: it is worked, and no day before it of the same week-end is.
pub(super) fn begins_weekend(table: &Table, row: &[Code], day: usize) -> bool {
    day < row.len()
        && row[day] != OFF
        && table.weekend[day].is_some()
        && !(is_same_weekend(table, day) && row[day - 1] != OFF)
}

/// Whether a day belongs to the week-end of the day before.
fn is_same_weekend(table: &Table, day: usize) -> bool {
    day > 0
        && day < table.days
        && table.weekend[day].is_some()
        && table.weekend[day] == table.weekend[day - 1]
}

/// Whether the days after the window break a rule when they follow a state. Once a rest is long enough, what follows
/// no longer depends on the state and was judged before.
fn is_barred(automaton: &Automaton, state: u16, rest: &[Code]) -> bool {
    let mut state = state;
    for &code in rest {
        match automaton.after(state, code) {
            Some(next) => state = next,
            None => return true,
        }
        if automaton.is_rested(state) {
            return false;
        }
    }
    false
}
