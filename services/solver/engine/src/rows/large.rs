//! Large steps: a few people's rows are taken out of some days and put back one after the other, each the best row
//! given the cover that the others leave, found by dynamic programming.
//!
//! Shaw, "Using constraint programming and local search methods to solve vehicle routing problems" (1998), with the
//! exact row of Burke and Curtois, "New approaches to nurse rostering benchmark instances" (2014), as what rebuilds.

use roster::shifts::{Code, Sheet, Table};

use super::{
    dp::{Dp, Mode, Prices, Scratch},
    relax::Hint,
};
use crate::rng::Rng;

/// Takes rows out and puts them back.
#[derive(Debug)]
pub(crate) struct Large<'t> {
    table: &'t Table,
    pub scratch: Scratch,
    /// What each code costs on each day, for the person being put back.
    costs: Vec<i64>,
    /// People at each code of the window's days, without those taken out.
    counts: Vec<u16>,
    /// What limits were worth to each person.
    hints: Vec<Hint>,
    /// What was put back: the window's days of each.
    rows: Vec<Vec<Code>>,
}

/// What is taken out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening<'a> {
    /// Whose rows, in the order they are put back.
    pub people: &'a [usize],
    /// Days from and up to.
    pub days: (usize, usize),
    /// What a week-end costs, where they are limited: only a part of a row is charged for it.
    pub weekend: i64,
    /// The most by which a cost is changed at random.
    pub noise: i64,
    /// How far the rows are searched.
    pub mode: Mode,
}

// === impl Large ===

impl<'t> Large<'t> {
    pub fn new(table: &'t Table) -> Self {
        Self {
            table,
            scratch: Scratch::default(),
            costs: vec![0; table.days * table.codes],
            counts: Vec::new(),
            hints: vec![Hint::default(); table.limits.len()],
            rows: Vec::new(),
        }
    }

    /// New days for the people of an opening, in their order; `None` when somebody has no legal row with those days.
    /// The sheet is not changed.
    pub fn rebuild(
        &mut self,
        dps: &[Option<Dp<'_>>],
        sheet: &Sheet<'_>,
        opening: &Opening<'_>,
        rng: &mut Rng,
    ) -> Option<&[Vec<Code>]> {
        let (from, to) = opening.days;
        let codes = self.table.codes;
        self.counts.clear();
        for day in from..to {
            self.counts.extend((0..codes).map(|code| sheet.count(day, code as Code)));
        }
        for &person in opening.people {
            self.count(&sheet.row(person)[from..to], false);
        }
        self.rows.clear();
        for &person in opening.people {
            let dp = dps.get(person)?.as_ref()?;
            self.price(person, from, to, opening.noise, rng);
            let (_, days) = if to - from == self.table.days {
                dp.best(&self.costs, opening.mode, &mut self.scratch)?
            } else {
                dp.window(
                    Prices { costs: &self.costs, weekend: opening.weekend },
                    sheet,
                    opening.days,
                    opening.mode,
                    &mut self.hints[person],
                    &mut self.scratch,
                )?
            };
            self.count(&days, true);
            self.rows.push(days);
        }
        Some(&self.rows)
    }

    /// What each code would cost a person on each day of the window, shaken by up to the noise.
    fn price(&mut self, person: usize, from: usize, to: usize, noise: i64, rng: &mut Rng) {
        let codes = self.table.codes;
        let mut dice = 0;
        for day in from..to {
            let own = self.table.costs(person, day);
            let cover = &self.table.cover[day * codes..][..codes];
            let counts = &self.counts[(day - from) * codes..][..codes];
            let costs = &mut self.costs[day * codes..][..codes];
            let mut allowed = self.table.allowed(person, day);
            while allowed != 0 {
                let code = allowed.trailing_zeros() as usize;
                allowed &= allowed - 1;
                // Four numbers of eight bits from one draw.
                dice = if dice < 1 << 8 { rng.next() | 1 << 31 } else { dice >> 8 };
                let crowd = if code == 0 { 0 } else { cover[code].marginal(counts[code]) };
                costs[code] = own[code] + crowd + ((noise * i64::from(dice & 0xff)) >> 8);
            }
        }
    }

    fn count(&mut self, days: &[Code], is_in: bool) {
        for (at, &code) in days.iter().enumerate() {
            let count = &mut self.counts[at * self.table.codes + usize::from(code)];
            *count = if is_in { *count + 1 } else { *count - 1 };
        }
    }
}
