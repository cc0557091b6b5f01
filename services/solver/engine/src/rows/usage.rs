//! What a row uses of its limits: counted over some days, or taken from the running counts of a sheet.

use roster::shifts::{Code, OFF, Sheet, Table};

use super::{
    automaton::{Automaton, NONE},
    span::begins_weekend,
};

/// What some days of a row use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Units of working time.
    pub minutes: i32,
    /// Week-ends that begin there.
    pub weekends: u16,
    /// Per counter of the automaton.
    pub uses: Vec<u16>,
    /// Days with a code the person may never have.
    pub foreign: u16,
}

// === impl Usage ===

impl Usage {
    /// Counts days `from..to` of a row.
    pub fn count(&mut self, automaton: &Automaton, table: &Table, row: &[Code], (from, to): (usize, usize)) {
        self.clear(automaton);
        for (day, &code) in row.iter().enumerate().take(to).skip(from) {
            if code == OFF {
                continue;
            }
            self.add(automaton, code, 1);
            self.weekends += u16::from(begins_weekend(table, row, day));
        }
    }

    /// Takes over what a sheet counts of a person.
    pub fn take(&mut self, automaton: &Automaton, sheet: &Sheet<'_>, person: usize) {
        self.clear(automaton);
        for code in 1..automaton.group_of.len() {
            let uses = sheet.used(person, code as Code);
            if uses > 0 {
                self.add(automaton, code as Code, uses);
            }
        }
        self.weekends = sheet.weekends(person) as u16;
    }

    fn clear(&mut self, automaton: &Automaton) {
        (self.minutes, self.weekends, self.foreign) = (0, 0, 0);
        self.uses.clear();
        self.uses.resize(automaton.counters.len(), 0);
    }

    fn add(&mut self, automaton: &Automaton, code: Code, times: u16) {
        let group = automaton.group_of[usize::from(code)];
        if group == NONE {
            self.foreign += times;
            return;
        }
        let group = &automaton.groups[usize::from(group)];
        self.minutes += group.minutes * i32::from(times);
        if let Some(uses) = self.uses.get_mut(usize::from(group.counter)) {
            *uses += times;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rng, rows::testing::small};

    #[test]
    fn what_a_sheet_counts_is_what_its_row_uses() {
        let (mut taken, mut counted, mut foreign) = (Usage::default(), Usage::default(), 0);
        for seed in 0..500 {
            let mut rng = Rng::new(seed);
            let table = small(&mut rng);
            let Some(automaton) = Automaton::new(&table, 0) else { continue };
            // Any row at all, legal or not: what is pinned may break every rule.
            let row: Vec<Code> = (0..table.days).map(|_| rng.below(table.codes) as Code).collect();
            taken.take(&automaton, &Sheet::new(&table, &row), 0);
            counted.count(&automaton, &table, &row, (0, table.days));
            assert_eq!(taken, counted, "{seed} {row:?}");
            foreign += usize::from(taken.foreign > 0);
        }
        assert!(foreign > 20, "{foreign}");
    }
}
