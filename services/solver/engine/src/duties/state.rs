//! What a row remembers from one day to the next, in one word, and what the next day costs.

use super::compile::{Calendar, Choice, Somebody};

/// What the past says to the coming day.
///
/// Gardes whose window reaches beyond the horizon's end never leave it: they are only counted. The others keep their
/// day, as a bit that moves with time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// Days since the last garde, capped at the end of the person's table.
    garde_gap: u8,
    /// The same for astreintes.
    astreinte_gap: u8,
    /// Gardes that stay in the window until the end.
    staying: u8,
    /// Astreintes of this month.
    of_month: u8,
    /// The last duty week-end as the next week-end sees it.
    last: Last,
    /// Duties of the week-end under way: 1 garde, 2 astreinte.
    weekend: u8,
    /// Bit `i`: a garde `i + 1` days ago that will leave the window.
    leaving: u32,
}

/// The last duty week-end, seen from the next week-end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Last {
    /// Three weeks ago or more, or never.
    #[default]
    Far,
    /// Two weeks ago.
    TwoWeeks,
    /// Last week-end, with a garde.
    Garde,
    /// Last week-end, with an astreinte.
    Astreinte,
    /// Last week-end, with both.
    Both,
}

// === impl Last ===

impl Last {
    const ALL: [Last; 5] = [Last::Far, Last::TwoWeeks, Last::Garde, Last::Astreinte, Last::Both];

    fn of(weeks: i32, kinds: u8) -> Self {
        match (weeks, kinds) {
            (1, 1) => Last::Garde,
            (1, 2) => Last::Astreinte,
            (1, _) => Last::Both,
            (2, _) => Last::TwoWeeks,
            _ => Last::Far,
        }
    }

    fn kinds(self) -> u8 {
        match self {
            Last::Garde => 1,
            Last::Astreinte => 2,
            Last::Both => 3,
            Last::Far | Last::TwoWeeks => 0,
        }
    }

    /// A week later, without duty in between.
    fn aged(self) -> Self {
        match self {
            Last::Far | Last::TwoWeeks => Last::Far,
            _ => Last::TwoWeeks,
        }
    }
}

// === impl Memory ===

impl Memory {
    /// In one word, different for different memories.
    pub fn pack(self) -> u64 {
        u64::from(self.garde_gap)
            | u64::from(self.astreinte_gap) << 6
            | u64::from(self.staying) << 12
            | u64::from(self.of_month) << 18
            | (self.last as u64) << 24
            | u64::from(self.weekend) << 27
            | u64::from(self.leaving) << 29
    }

    /// From the word.
    pub fn unpack(word: u64) -> Self {
        let field = |from: u32, bits: u32| (word >> from & ((1 << bits) - 1)) as u8;
        Self {
            garde_gap: field(0, 6),
            astreinte_gap: field(6, 6),
            staying: field(12, 6),
            of_month: field(18, 6),
            last: Last::ALL[usize::from(field(24, 3)).min(4)],
            weekend: field(27, 2),
            leaving: (word >> 29) as u32,
        }
    }
}

// === impl Somebody ===

impl Somebody {
    /// What the past leaves for day 0, and what it costs by itself (a week-end that the start cuts).
    pub fn start(&self, calendar: &Calendar) -> (Memory, i64) {
        let days = calendar.from_saturday.len();
        let cap = |gap: usize, table: &[Option<i64>]| gap.min(table.len() - 1) as u8;
        let mut memory = Memory {
            garde_gap: cap(self.gardes_before.trailing_zeros() as usize + 1, &self.garde_gap),
            astreinte_gap: cap(
                self.astreinte_before.map_or(usize::MAX, |day| day.unsigned_abs() as usize),
                &self.astreinte_gap,
            ),
            of_month: self.astreintes_of_first_month.min(60) as u8,
            ..Memory::default()
        };
        for ago in (0..calendar.window.saturating_sub(1)).filter(|ago| self.gardes_before >> ago & 1 == 1) {
            if days + ago < calendar.window {
                memory.staying += 1;
            } else {
                memory.leaving |= 1 << ago;
            }
        }
        let next = if calendar.from_saturday[0] < 2 {
            -calendar.from_saturday[0]
        } else {
            7 - calendar.from_saturday[0]
        };
        let kinds = |(_, garde, astreinte): &(i32, bool, bool)| u8::from(*garde) | u8::from(*astreinte) << 1;
        if let Some(last) = self.weekends_before.iter().rfind(|own| own.0 < next) {
            memory.last = Last::of((next - last.0) / 7, kinds(last));
        }
        let mut cost = 0;
        if let Some(under_way) = self.weekends_before.iter().find(|own| own.0 == next) {
            cost = self.weekend_cost(memory.last, 0, kinds(under_way)).unwrap_or(0);
            memory.weekend = kinds(under_way);
        }
        (memory, cost)
    }

    /// The memory after a day spent so, and what the sequence costs; `None` when a rule of sequence forbids it.
    pub fn step(
        &self,
        calendar: &Calendar,
        day: usize,
        memory: Memory,
        (garde, astreinte): (bool, bool),
    ) -> Option<(Memory, i64)> {
        let mut next = memory;
        let mut cost = 0;
        if calendar.begins_month[day] {
            next.of_month = 0;
        }
        if garde {
            cost += self.garde_gap[usize::from(memory.garde_gap)]?;
            let in_window = usize::from(memory.staying) + memory.leaving.count_ones() as usize + 1;
            cost += self.in_window[in_window.min(64)][usize::from(calendar.touches_holidays[day])]?;
        }
        if astreinte {
            cost += self.astreinte_gap[usize::from(memory.astreinte_gap)]?;
            let before = usize::from(next.of_month);
            cost += self.in_month[before + 1]? - self.in_month[before].unwrap_or(0);
            next.of_month = (next.of_month + 1).min(60);
            if memory.garde_gap == 1 && !garde {
                cost += self.astreinte_in_rest?;
            }
        }
        let from_saturday = calendar.from_saturday[day];
        if from_saturday < 2 {
            let kinds = memory.weekend | u8::from(garde) | u8::from(astreinte) << 1;
            cost += self.weekend_cost(memory.last, memory.weekend, kinds)?;
            next.weekend = kinds;
            if from_saturday == 1 {
                next.last = if kinds == 0 { memory.last.aged() } else { Last::of(1, kinds) };
                next.weekend = 0;
            }
        }
        self.age(calendar, day, &mut next, garde, astreinte);
        Some((next, cost))
    }

    /// A day passes.
    fn age(&self, calendar: &Calendar, day: usize, next: &mut Memory, garde: bool, astreinte: bool) {
        let grow = |gap: u8, table: &[Option<i64>]| (usize::from(gap) + 1).min(table.len() - 1) as u8;
        next.garde_gap = if garde { 1 } else { grow(next.garde_gap, &self.garde_gap) };
        next.astreinte_gap = if astreinte {
            1.min(self.astreinte_gap.len() - 1) as u8
        } else {
            grow(next.astreinte_gap, &self.astreinte_gap)
        };
        let reach = calendar.window.saturating_sub(1) as u32;
        let seen = if reach >= 31 { u32::MAX >> 1 } else { (1 << reach) - 1 };
        next.leaving <<= 1;
        if garde && reach > 0 {
            if calendar.from_saturday.len() - (day + 1) < calendar.window {
                next.staying = (next.staying + 1).min(60);
            } else {
                next.leaving |= 1;
            }
        }
        next.leaving &= seen;
    }

    /// What a week-end costs more, now that it holds these duties.
    fn weekend_cost(&self, last: Last, before: u8, after: u8) -> Option<i64> {
        let crossed =
            |kinds: u8| (last.kinds() & 1 > 0 && kinds & 2 > 0) || (last.kinds() & 2 > 0 && kinds & 1 > 0);
        let mut cost = 0;
        if before == 0 && after != 0 {
            cost += match last {
                Last::Far => 0,
                Last::TwoWeeks => self.near[1]?,
                _ => self.near[0]?,
            };
        }
        if crossed(after) && !crossed(before) {
            cost += self.crossed?;
        }
        if after == 3 && before != 3 {
            cost += self.crossed?;
        }
        Some(cost)
    }

    /// What a whole sequence costs, the choices' own costs not included; `None` when it is forbidden.
    pub fn sequence_cost(&self, calendar: &Calendar, row: &[&Choice]) -> Option<i64> {
        let (mut memory, mut cost) = self.start(calendar);
        for (day, choice) in row.iter().enumerate() {
            let (next, own) = self.step(calendar, day, memory, (choice.garde, choice.astreinte))?;
            memory = next;
            cost += own;
        }
        Some(cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_survives_its_word() {
        let memory = Memory {
            garde_gap: 60,
            astreinte_gap: 3,
            staying: 4,
            of_month: 59,
            last: Last::Both,
            weekend: 3,
            leaving: 0x3fff_ffff,
        };
        assert_eq!(Memory::unpack(memory.pack()), memory);
    }
}
