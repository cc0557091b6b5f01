//! The days' programs within the month's: what the people of a kind do on a day is what they do one by one; and what
//! changes of site at noon cost (B14~).
//!
//! # Why this is valid
//! A lawful plan gives a feasible point of each day's program ([`super::day`]) and of the month's. In both, the people of
//! a kind are in theatre with as many rooms supervised, in consultation, on garde and at rest equally often, for they are
//! the same people: the sums agree. Only kinds are linked all of whose people are *plain* (nothing pinned, no derogation),
//! on days without a pinned place, for pins are covered in a day's program without anybody's bench.
//!
//! A day's holes weigh what is proven at least, and at most what the plans spoken of have left, alone and together.
//!
//! **B14~.** Of `n` people of a kind, `a` of whom are away, `m` have posts in the morning and `p` in the afternoon: at
//! least `m + p - (n - a)` have both. Those who stay at a site are at most as many as are there in either half; the others
//! change.

use roster::{
    RuleId,
    problem::{Profession, SiteIx},
};

use super::{day::Day, month::Month};
use crate::program::Var;

/// A day's program, and what its holes weigh at least and at most.
pub(crate) struct Crew<'k> {
    pub day: &'k Day<'k>,
    pub least: f64,
    pub most: f64,
}

/// Terms of a row.
type Terms = Vec<(Var, f64)>;

// === impl Month ===

impl Month<'_, '_> {
    /// Adds the days' programs.
    pub fn crews(&mut self) {
        let mut all = Vec::new();
        let mut forced = 0.0;
        for (at, crew) in self.known.crews.iter().enumerate() {
            let Some(crew) = crew else { continue };
            let day = crew.day;
            let first = self.program.append(&day.program);
            let holes: Terms = day.holes.iter().map(|(var, weight)| (var + first, *weight)).collect();
            self.program.row(crew.least - day.forced, crew.most - day.forced, holes.clone());
            all.extend(holes);
            forced += day.forced;
            for kind in 0..day.kinds.len() {
                let rows = match day.kinds[kind].0.profession {
                    Profession::Mar => self.anesthetists(at, day, kind, first),
                    Profession::Iade => self.nurses_of(at, day, kind, first),
                };
                for row in rows.unwrap_or_default() {
                    self.program.row(0.0, 0.0, row);
                }
                self.sites(day, kind, first);
            }
        }
        self.program.row(f64::NEG_INFINITY, self.known.holes as f64 - forced, all);
    }

    /// What nurses of a kind do; `None` when they cannot be told apart.
    fn nurses_of(&self, at: usize, day: &Day<'_>, kind: usize, first: usize) -> Option<Vec<Terms>> {
        let people = &day.kinds[kind].1;
        let found = self.nurses.iter().filter(|own| own.is_plain && people.contains(&own.person));
        let found: Vec<_> = found.collect();
        let rows = (0..2).map(|half| {
            let present = found.iter().filter_map(|own| own.theatre[at * 2 + half]);
            let benches = day.benches[kind][half].iter().map(|(_, var)| (var + first, -1.0));
            present.map(|var| (var, 1.0)).chain(benches).collect()
        });
        (found.len() == people.len()).then(|| rows.collect())
    }

    /// What anesthetists of a kind do; `None` when they cannot be told apart.
    fn anesthetists(&self, at: usize, day: &Day<'_>, kind: usize, first: usize) -> Option<Vec<Terms>> {
        let (own, people) = &day.kinds[kind];
        let found = self.people.iter().filter(|own| own.is_plain && people.contains(&own.person));
        let found: Vec<_> = found.collect();
        if found.len() < people.len() {
            return None;
        }
        let mut rows: Vec<Terms> = Vec::new();
        for half in 0..2 {
            let benches = &day.benches[kind][half];
            let half_day = at * 2 + half;
            let most = found.iter().map(|own| own.theatre[half_day].len()).max().unwrap_or(0);
            for rooms in 0..most {
                let there = found.iter().filter_map(|own| own.theatre[half_day].get(rooms));
                let mut row: Terms = there.map(|var| (*var, 1.0)).collect();
                let same = benches.iter().filter(|(bench, _)| bench.supervises.len() == rooms);
                row.extend(same.map(|(_, var)| (var + first, -1.0)));
                rows.push(row);
            }
            let there = found.iter().filter_map(|own| own.consults[half_day]);
            let mut row: Terms = there.map(|var| (var, 1.0)).collect();
            row.extend(day.consultations[kind][half].iter().map(|var| (var + first, -1.0)));
            rows.push(row);
        }
        // The day's variables of who is away are today's gardes, then yesterday's.
        let today = own.gardes.iter().map(|slot| (at, *slot));
        let yesterday = own.rests.iter().filter_map(|slot| Some((at.checked_sub(1)?, *slot)));
        for ((on, slot), var) in today.chain(yesterday).zip(&day.away[kind]) {
            let held = found.iter().flat_map(|own| &own.gardes[on]).filter(|own| own.0 == slot);
            let mut row: Terms = held.map(|(_, var)| (*var, 1.0)).collect();
            row.push((var + first, -1.0));
            rows.push(row);
        }
        Some(rows)
    }

    /// B14~.
    fn sites(&mut self, day: &Day<'_>, kind: usize, first: usize) {
        let price = self.charges.unit(RuleId::SiteChange).unwrap_or(0) as f64;
        let there = sites(day, kind, first);
        if price <= 0.0 || !self.problem.parameters().site_change_at_noon_allowed || there.len() < 2 {
            return;
        }
        let people = day.kinds[kind].1.len() as f64;
        let mut terms = vec![(self.program.var(price, 0.0, people, false), 1.0)];
        for (_, halves) in &there {
            let stays = self.program.var(0.0, 0.0, people, false);
            terms.push((stays, 1.0));
            for vars in halves {
                let mut row = vec![(stays, 1.0)];
                row.extend(vars.iter().map(|var| (*var, -1.0)));
                self.program.row(f64::NEG_INFINITY, 0.0, row);
                terms.extend(vars.iter().map(|var| (*var, -1.0)));
            }
        }
        terms.extend(day.away[kind].iter().map(|var| (var + first, -1.0)));
        self.program.row(-people, f64::INFINITY, terms);
    }
}

/// Posts of a kind by site and half.
fn sites(day: &Day<'_>, kind: usize, first: usize) -> Vec<(SiteIx, [Vec<Var>; 2])> {
    let mut there: Vec<(SiteIx, [Vec<Var>; 2])> = Vec::new();
    for half in 0..2 {
        let benches = day.benches[kind][half].iter().filter_map(|(bench, var)| {
            let rooms = bench.performs.iter().chain(&bench.supervises);
            let site = rooms.filter_map(|room| day.rooms[half][usize::from(*room)].site).min()?;
            Some((site, *var))
        });
        let consults = day.kinds[kind].0.consults[half].iter().copied();
        let consults = consults.zip(day.consultations[kind][half].iter().copied());
        for (site, var) in benches.chain(consults) {
            match there.iter_mut().find(|own| own.0 == site) {
                Some(own) => own.1[half].push(var + first),
                None => {
                    let mut halves = [Vec::new(), Vec::new()];
                    halves[half].push(var + first);
                    there.push((site, halves));
                }
            }
        }
    }
    there
}
