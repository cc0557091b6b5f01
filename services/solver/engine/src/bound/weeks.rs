//! What an anesthetist's weeks and months cost: consultations (C4 C6 C9) and OFF half-days (O1 O2 O3), in the program of
//! [`super::month`].

use roster::{
    RuleId, Score,
    problem::{Counter, DayKind, Half, PersonIx},
};

use super::month::Month;
use crate::program::Var;

/// A full-timer's half-days in a week, and in a month of 21 working days.
const FULL_WEEK: i64 = 10;
const FULL_MONTH: i64 = 42;

// === impl Month ===

impl Month<'_, '_> {
    /// C4 C5 C6 C7 C9.
    pub fn consultations(&mut self, at: usize) {
        let problem = self.problem;
        let (person, is_plain) = (self.people[at].person, self.people[at].is_plain);
        let who = problem.person(person);
        let parameters = problem.parameters();
        let mut halves: [Vec<(Var, f64)>; 2] = [Vec::new(), Vec::new()];
        let mut fridays = Vec::new();
        for week in 0..problem.week_count() {
            let mut held = [None; 2];
            for half in Half::ALL {
                let days = problem.days_of_week(week);
                let own: Vec<(Var, f64)> = days
                    .filter_map(|day| self.people[at].consults[day * 2 + half.at()])
                    .map(|var| (var, 1.0))
                    .collect();
                if own.is_empty() {
                    continue;
                }
                let count = self.program.var(0.0, 0.0, own.len() as f64, true);
                let mut terms = own.clone();
                terms.push((count, -1.0));
                self.program.row(0.0, 0.0, terms);
                let bad = i64::from(parameters.consultations_same_half_bad);
                let spread = |count: usize| (count as i64 - bad + 1).max(0) * Score::UNIT;
                let costs: Vec<f64> = (0..=own.len())
                    .map(|count| {
                        self.charges.cost(RuleId::ConsultationSpread, spread(count)).unwrap_or(0) as f64
                    })
                    .collect();
                self.program.convex(&[(count, 1.0)], &costs);
                halves[half.at()].push((count, 1.0));
                held[half.at()] = Some((count, own.len()));
            }
            let terms: Vec<(Var, f64)> = held.iter().flatten().map(|(var, _)| (*var, 1.0)).collect();
            let most: usize = held.iter().flatten().map(|(_, most)| most).sum();
            if is_plain && self.charges.is_hard(RuleId::ConsultationsWeekMax) {
                self.program.row(0.0, f64::from(parameters.consultations_week_max), terms.clone());
            }
            if who.abilities.consultation && !who.is_locum {
                let target =
                    parameters.consultations_week_target * self.working_halves(person, week) / FULL_WEEK;
                let cost = |count: usize| {
                    let off = (count as i64 * Score::UNIT - target).abs();
                    self.charges.cost(RuleId::ConsultationsWeekTarget, off).unwrap_or(0) as f64
                };
                let costs: Vec<f64> = (0..=most).map(cost).collect();
                self.program.convex(&terms, &costs);
            }
        }
        for day in 0..problem.days().len() {
            let pair = [self.people[at].consults[day * 2], self.people[at].consults[day * 2 + 1]];
            if let ([Some(_), Some(afternoon)] | [None, Some(afternoon)], DayKind::Friday) =
                (pair, problem.days()[day].kind())
            {
                fridays.push((afternoon, 1.0));
            }
            if is_plain && self.charges.is_hard(RuleId::ConsultationTwiceADay) {
                let mut terms: Vec<(Var, f64)> = pair.into_iter().flatten().map(|var| (var, 1.0)).collect();
                if !terms.is_empty() {
                    terms.extend(self.away(at, day));
                    self.program.row(0.0, 1.0, terms);
                }
            }
        }
        let most = problem.days().len();
        let [morning, afternoon] = halves;
        let equity = RuleId::ConsultationEquity;
        self.counted(Counter::ConsultationsMorning, equity, person, &morning, most);
        self.counted(Counter::ConsultationsAfternoon, equity, person, &afternoon, most);
        self.counted(Counter::ConsultationsFridayAfternoon, equity, person, &fridays, most);
    }

    fn working_halves(&self, person: PersonIx, week: usize) -> i64 {
        let days = self.problem.days_of_week(week);
        let own = &self.problem.person(person).availability[days.start * 2..days.end * 2];
        own.iter().filter(|own| own.allows_post()).count() as i64
    }

    /// O1 O2 O3, and that nobody is in two places: what is left of the usual half-days is OFF.
    pub fn offs(&mut self, at: usize) {
        let problem = self.problem;
        let (person, is_plain) = (self.people[at].person, self.people[at].is_plain);
        let who = problem.person(person);
        let mut offs: Vec<Option<Var>> = Vec::new();
        for half in 0..problem.days().len() * 2 {
            let mut terms: Vec<(Var, f64)> = Vec::new();
            terms.extend(self.people[at].theatre[half].iter().map(|var| (*var, 1.0)));
            terms.extend(self.people[at].consults[half].map(|var| (var, 1.0)));
            let is_usual = who.availability[half].allows_post();
            let rested = half < 2 && who.history.gardes.contains(&-1);
            terms.extend(self.away(at, half / 2));
            if !is_plain || (!is_usual && terms.is_empty()) {
                offs.push(None);
                continue;
            }
            if is_usual && !rested {
                let off = self.program.var(0.0, 0.0, 1.0, false);
                terms.push((off, 1.0));
                self.program.row(1.0, 1.0, terms);
                offs.push(Some(off));
            } else {
                self.program.row(0.0, 1.0, terms);
                offs.push(None);
            }
        }
        if who.is_locum || !is_plain {
            return;
        }
        for week in 0..problem.week_count() {
            let days = problem.days_of_week(week);
            let own: Vec<(Var, f64)> =
                offs[days.start * 2..days.end * 2].iter().flatten().map(|var| (*var, 1.0)).collect();
            let halves = self.working_halves(person, week).min(FULL_WEEK);
            let least = problem.parameters().off_week_min * halves / FULL_WEEK;
            let most = problem.parameters().off_week_max * halves / FULL_WEEK;
            self.table(RuleId::OffWeek, &own, |count| {
                let held = count * Score::UNIT;
                (least - held).max(held - most).max(0)
            });
        }
        self.months(person, &offs);
        let all: Vec<(Var, f64)> = offs.iter().flatten().map(|var| (*var, 1.0)).collect();
        let most = all.len();
        self.counted(Counter::OffHalfDays, RuleId::OffEquity, person, &all, most);
    }

    /// O2.
    fn months(&mut self, person: PersonIx, offs: &[Option<Var>]) {
        let problem = self.problem;
        let mut months: Vec<u32> = problem.days().iter().map(|day| day.month).collect();
        months.dedup();
        for month in months {
            let is_of = |half: &usize| problem.days()[half / 2].month == month;
            let halves: Vec<usize> = (0..offs.len()).filter(is_of).collect();
            let usual = halves
                .iter()
                .filter(|half| problem.person(person).availability[**half].allows_post())
                .count();
            let least = problem.parameters().off_month_min * (usual as i64).min(FULL_MONTH) / FULL_MONTH;
            let own: Vec<(Var, f64)> =
                halves.iter().filter_map(|half| offs[*half]).map(|var| (var, 1.0)).collect();
            self.table(RuleId::OffMonth, &own, |count| (least - count * Score::UNIT).max(0));
        }
    }
}
