//! The sheet: everybody's rows with their running counts, changed in place, worth so much at every moment.

use super::{
    line::{Bits, Bounds},
    rule::{Amounts, Weights},
    table::{Code, OFF, Table},
};

/// Room for every code there can be.
const CODES: usize = 64;
/// Days exchanged at once.
const CHUNK: usize = 64;

/// A code as an index of arrays of [`CODES`], for the compiler to see that it is within.
#[inline]
pub(super) fn at(code: Code) -> usize {
    usize::from(code) % CODES
}

/// Counts kept for one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Days worked.
    pub worked: Bits,
    pub minutes: i32,
    pub weekends: i32,
}

/// Everybody's shifts, with what they break and cost. A question about a change reads the days it touches and the
/// runs around them, nothing else.
#[derive(Clone, Debug)]
pub struct Sheet<'p> {
    pub(super) table: &'p Table,
    /// Codes at `person * days + day`.
    pub(super) rows: Vec<Code>,
    pub(super) lines: Vec<Line>,
    pub(super) bounds: Vec<Bounds>,
    /// The table's, by code, in arrays that no code is beyond: see [`at`].
    pub(super) forbidden_next: [u64; CODES],
    pub(super) minutes: [i32; CODES],
    /// How often each person has each code, at `person * codes + code`.
    pub(super) used: Vec<u16>,
    /// How many people have each code, at `day * codes + code`.
    pub(super) counts: Vec<u16>,
    /// The first days of week-ends.
    pub(super) saturdays: Bits,
    /// The horizon begins with the second day of a week-end.
    pub(super) begins_on_sunday: bool,
    amounts: Amounts,
}

// === impl Sheet ===

impl<'p> Sheet<'p> {
    /// A sheet of these rows, one after the other, each as long as the horizon.
    ///
    /// # Panics
    /// When the rows are not as many codes as the table has people and days, or one is no code of the table.
    #[must_use]
    pub fn new(table: &'p Table, rows: &[Code]) -> Self {
        let (days, codes, people) = (table.days, table.codes, table.people());
        assert_eq!(rows.len(), days * people, "one code per person and day");
        let mut sheet = Self {
            table,
            rows: rows.to_vec(),
            lines: vec![Line::default(); people],
            bounds: (0..people).map(|person| Bounds::of(table, person)).collect(),
            forbidden_next: std::array::from_fn(|code| table.forbidden_next.get(code).copied().unwrap_or(0)),
            minutes: std::array::from_fn(|code| table.minutes.get(code).copied().unwrap_or(0)),
            used: vec![0; people * codes],
            counts: vec![0; days * codes],
            saturdays: Bits::default(),
            begins_on_sunday: days > 0
                && table.weekend[0].is_some()
                && table.weekend.get(1).is_none_or(|second| *second != table.weekend[0]),
            amounts: Amounts::ZERO,
        };
        for day in 0..days {
            let begins =
                table.weekend[day].is_some() && (day == 0 || table.weekend[day - 1] != table.weekend[day]);
            sheet.saturdays.set(day, begins && !(day == 0 && sheet.begins_on_sunday));
        }
        for person in 0..people {
            sheet.count_line(person);
        }
        sheet.amounts = sheet.recount();
        sheet
    }

    fn count_line(&mut self, person: usize) {
        let (days, codes) = (self.table.days, self.table.codes);
        let line = &mut self.lines[person];
        let mut weekends: Vec<u16> = Vec::new();
        for (day, code) in self.rows[person * days..][..days].iter().copied().enumerate() {
            let code = usize::from(code);
            assert!(code < codes, "no such code");
            self.counts[day * codes + code] += 1;
            self.used[person * codes + code] += 1;
            line.minutes += self.table.minutes[code];
            line.worked.set(day, code != usize::from(OFF));
            if code != usize::from(OFF) {
                weekends.extend(self.table.weekend[day]);
            }
        }
        weekends.dedup();
        line.weekends = weekends.len() as i32;
    }

    /// What it counts by.
    #[must_use]
    pub fn table(&self) -> &'p Table {
        self.table
    }

    /// One person's row.
    #[must_use]
    #[inline]
    pub fn row(&self, person: usize) -> &[Code] {
        &self.rows[person * self.table.days..][..self.table.days]
    }

    /// All rows, one after the other.
    #[must_use]
    pub fn rows(&self) -> &[Code] {
        &self.rows
    }

    /// How many people have a code on a day.
    #[must_use]
    #[inline]
    pub fn count(&self, day: usize, code: Code) -> u16 {
        self.counts[day * self.table.codes + usize::from(code)]
    }

    /// How often a person has a code.
    #[must_use]
    pub fn used(&self, person: usize, code: Code) -> u16 {
        self.used[person * self.table.codes + usize::from(code)]
    }

    /// A person's working time.
    #[must_use]
    pub fn minutes(&self, person: usize) -> i32 {
        self.lines[person].minutes
    }

    /// How many week-ends a person works in.
    #[must_use]
    pub fn weekends(&self, person: usize) -> i32 {
        self.lines[person].weekends
    }

    /// What everything breaks and costs.
    #[must_use]
    pub fn amounts(&self) -> &Amounts {
        &self.amounts
    }

    /// The same, weighed.
    #[must_use]
    pub fn cost(&self, weights: &Weights) -> i64 {
        self.amounts.cost(weights)
    }

    /// Gives a person these codes from a day on.
    ///
    /// # Panics
    /// When the days go beyond the horizon, or one is no code of the table.
    pub fn put(&mut self, person: usize, first_day: usize, codes: &[Code]) {
        self.amounts += self.change(person, first_day, codes);
        let table = self.table;
        let cell = person * table.days + first_day;
        self.lines[person].weekends += self.weekends_gained(person, first_day, codes);
        for (at, code) in codes.iter().copied().enumerate() {
            let before = std::mem::replace(&mut self.rows[cell + at], code);
            if before == code {
                continue;
            }
            let (day, old, new) = (first_day + at, usize::from(before), usize::from(code));
            self.counts[day * table.codes + old] -= 1;
            self.counts[day * table.codes + new] += 1;
            self.used[person * table.codes + old] -= 1;
            self.used[person * table.codes + new] += 1;
            let line = &mut self.lines[person];
            line.minutes += table.minutes[new] - table.minutes[old];
            line.worked.set(day, code != OFF);
        }
    }

    /// Exchanges some days of two people.
    ///
    /// # Panics
    /// When the days go beyond the horizon.
    pub fn swap(&mut self, one: usize, other: usize, first_day: usize, length: usize) {
        let mut day = first_day;
        while day < first_day + length {
            let span = (first_day + length - day).min(CHUNK);
            let (mut left, mut right) = ([OFF; CHUNK], [OFF; CHUNK]);
            left[..span].copy_from_slice(&self.row(one)[day..day + span]);
            right[..span].copy_from_slice(&self.row(other)[day..day + span]);
            self.put(one, day, &right[..span]);
            self.put(other, day, &left[..span]);
            day += span;
        }
    }

    /// Counts everything again, the plain way.
    #[must_use]
    pub fn recount(&self) -> Amounts {
        let rows = (0..self.table.people()).map(|person| self.table.row_amounts(person, self.row(person)));
        rows.fold(self.table.cover_amounts(&self.counts), |sum, own| sum + own)
    }

    /// Compares the running counts with counts from scratch.
    ///
    /// # Panics
    /// When they differ: a bug in the sheet, never in the input.
    pub fn check(&self) {
        let fresh = Self::new(self.table, &self.rows);
        assert_eq!(self.amounts, fresh.amounts, "the running amounts differ from a recount");
        assert_eq!(self.lines, fresh.lines, "the running counts of a row differ from a recount");
        assert!(self.counts == fresh.counts && self.used == fresh.used, "the running counts differ");
    }
}
