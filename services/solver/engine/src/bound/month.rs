//! The anesthetists' month as one program: consultations, OFF half-days and theatre half-days, and who can be there.
//!
//! Charged: consultations a week (C4), their mix (C6) and fair shares (C9); OFF half-days of a week (O1), of a month (O2)
//! and their fair share (O3); fair shares of theatre half-days and of rooms supervised (B2e), and of hardship (F2).
//!
//! # Why the bound is valid
//! Any lawful plan gives a feasible point: for each anesthetist and half-day whether in theatre, in consultation, on garde
//! or resting after it; what is left of the usual working half-days is OFF, by definition. Every limit here is one the
//! plan keeps (one post per half-day, C5, C7, spacing and number of gardes, rest, candidates); the number of
//! anesthetists a half-day's theatre and consultations take at least comes from [`super::day`]. Costs are convex in
//! counts that are whole numbers, and interpolated between these. Everything left out costs at least nothing.
//! What nurses can be supervised in comes from [`super::nursing`].
//! Consultations may be holes as far as the plans spoken of can afford; gardes are held, as [`super::day`] says.

use roster::{
    Problem, RuleId, Score,
    problem::{
        Counter, DayIx, DayKind, Half, HalfDay, PersonIx, Profession, RuleParameters, Seat, SlotIx, SlotKind,
    },
};

use super::{
    mip::{Program, Var},
    nursing::{self, Nursing},
};
use crate::duties::{charges::Charges, convex, equity_weight};

/// A full-timer's half-days in a week, and in a month of 21 working days.
const FULL_WEEK: i64 = 10;
const FULL_MONTH: i64 = 42;

/// Hardship, in points (domain dossier §4.9, model B).
mod points {
    pub const GARDE: f64 = 5.0;
    pub const REST: f64 = -3.0;
    pub const THEATRE: f64 = 1.0;
    pub const SUPERVISION_FIRST: f64 = 0.5;
    pub const SUPERVISION_MOST: f64 = 0.75;
    pub const CONSULTATION: [f64; 2] = [1.0, 1.5];
}

/// A counter's weight, as the balance of fairness and fatigue has it (400 is the catalogue's own weight).
fn fatigue_weight(problem: &Problem, counter: Counter) -> i64 {
    let parameters = problem.parameters();
    (parameters.counter_weight(counter) * i64::from(parameters.fatigue_permille) + 200) / 400
}

/// What the program is told of the plans spoken of.
pub(crate) struct Known<'k> {
    /// Per half-day: the least number of anesthetists (locums left out) in theatre or consultation.
    pub busy: &'k [i64],
    /// What holes may weigh in all.
    pub holes: i64,
    /// Per half-day: the rooms nurses can be supervised in.
    pub nursing: &'k Nursing,
}

/// The program under construction.
struct Month<'p, 'k> {
    problem: &'p Problem,
    charges: &'p Charges,
    known: &'k Known<'k>,
    program: Program,
    people: Vec<Anesthetist>,
}

struct Anesthetist {
    person: PersonIx,
    /// Per half-day: in theatre, in consultation.
    theatre: Vec<Option<Var>>,
    consults: Vec<Option<Var>>,
    /// Per half-day in theatre: rooms supervised.
    supervised: Vec<Var>,
    /// Per day: the gardes that may be held.
    gardes: Vec<Vec<(SlotIx, Var)>>,
    /// Nothing pinned, no derogation, no other kind of place: all limits hold.
    is_plain: bool,
}

/// The month's program, and who may hold which garde in it.
pub(crate) struct Built {
    pub program: Program,
    pub gardes: Vec<(PersonIx, SlotIx, Var)>,
}

/// The program of the month, which costs what it says in thousandths of the balance level.
pub(crate) fn build(problem: &Problem, charges: &Charges, known: &Known<'_>) -> Built {
    let mut month = Month { problem, charges, known, program: Program::default(), people: Vec::new() };
    month.gather();
    month.gardes();
    month.cover();
    month.supervisions();
    for at in 0..month.people.len() {
        month.consultations(at);
        month.offs(at);
        month.theatre_share(at);
        month.hardship_share(at);
    }
    let of = |own: &Anesthetist| {
        let person = own.person;
        own.gardes.iter().flatten().map(|(slot, var)| (person, *slot, *var)).collect::<Vec<_>>()
    };
    let gardes = month.people.iter().flat_map(of).collect();
    Built { program: month.program, gardes }
}

// === impl Month ===

impl Month<'_, '_> {
    fn may(&self, seat: Seat, person: PersonIx) -> bool {
        match self.problem.pin(seat) {
            Some(pinned) => pinned == Some(person),
            None => self.problem.candidates(seat).contains(&person),
        }
    }

    fn gather(&mut self) {
        let problem = self.problem;
        let halves = problem.days().len() * 2;
        let pinned: Vec<PersonIx> = problem.draft().pins.iter().filter_map(|pin| pin.person).collect();
        for person in problem.person_indices() {
            if problem.person(person).profession != Profession::Mar {
                continue;
            }
            let derogated = problem.draft().derogations.iter().any(|own| own.person == person);
            // Places this program does not know would make a half-day neither busy nor OFF.
            let is_other = |slot: &SlotIx| {
                !matches!(
                    problem.slot(*slot).kind,
                    SlotKind::Theatre { .. }
                        | SlotKind::Consultation { .. }
                        | SlotKind::Garde { .. }
                        | SlotKind::Astreinte { .. }
                )
            };
            let elsewhere =
                problem.slot_indices().any(|slot| is_other(&slot) && self.may(Seat::performer(slot), person));
            let mut own = Anesthetist {
                person,
                theatre: vec![None; halves],
                consults: vec![None; halves],
                supervised: Vec::new(),
                gardes: vec![Vec::new(); problem.days().len()],
                is_plain: !derogated && !elsewhere && !pinned.contains(&person),
            };
            for slot in problem.slot_indices() {
                let day = problem.slot(slot).day;
                let performs = self.may(Seat::performer(slot), person);
                match problem.slot(slot).kind {
                    SlotKind::Theatre { half, .. }
                        if performs || self.may(Seat::supervisor(slot), person) =>
                    {
                        let at = HalfDay::new(day, half).at();
                        own.theatre[at] =
                            own.theatre[at].or_else(|| Some(self.program.var(0.0, 0.0, 1.0, false)));
                    }
                    SlotKind::Consultation { half, .. } if performs => {
                        let at = HalfDay::new(day, half).at();
                        own.consults[at] =
                            own.consults[at].or_else(|| Some(self.program.var(0.0, 0.0, 1.0, false)));
                    }
                    SlotKind::Garde { .. } if performs => {
                        own.gardes[day.at()].push((slot, self.program.var(0.0, 0.0, 1.0, false)));
                    }
                    _ => {}
                }
            }
            self.people.push(own);
        }
    }

    /// Who is away on a day: on garde, or resting after the garde of the day before.
    fn away(&self, at: usize, day: usize) -> Vec<(Var, f64)> {
        let own = &self.people[at];
        let yesterday = day.checked_sub(1).map_or(&[][..], |day| &own.gardes[day]);
        own.gardes[day].iter().chain(yesterday).map(|(_, var)| (*var, 1.0)).collect()
    }

    /// Each garde is held once; nobody's come too close or too often.
    fn gardes(&mut self) {
        let parameters = self.problem.parameters();
        for slot in self.problem.slot_indices() {
            if matches!(self.problem.slot(slot).kind, SlotKind::Garde { .. }) {
                let held = self.people.iter().flat_map(|own| own.gardes.iter().flatten());
                let terms: Vec<(Var, f64)> =
                    held.filter(|(own, _)| *own == slot).map(|(_, var)| (*var, 1.0)).collect();
                if !terms.is_empty() {
                    self.program.row(1.0, 1.0, terms);
                }
            }
        }
        let gap = usize::from(parameters.garde_gap_min.max(2));
        let window = usize::from(parameters.gardes_rolling_days);
        let is_hard = |rule| self.charges.is_hard(rule);
        for own in self.people.iter().filter(|own| own.is_plain) {
            let who = self.problem.person(own.person);
            let days = own.gardes.len();
            let within = |from: usize, to: usize| -> Vec<(Var, f64)> {
                own.gardes[from..to.min(days)].iter().flatten().map(|(_, var)| (*var, 1.0)).collect()
            };
            if is_hard(RuleId::GardeSpacingMin) && is_hard(RuleId::ConsecutiveGardes) {
                for from in 0..days {
                    self.program.row(0.0, 1.0, within(from, from + gap));
                }
                let since = who.history.gardes.last().map_or(usize::MAX, |day| day.unsigned_abs() as usize);
                if since < gap {
                    self.program.row(0.0, 0.0, within(0, gap - since));
                }
            }
            if is_hard(RuleId::GardesRollingMax) {
                let most = parameters.gardes_rolling_max.max(parameters.gardes_rolling_max_school_holidays);
                let most = f64::from(RuleParameters::pro_rata(most, who.percentage));
                for from in 0..=days.saturating_sub(window) {
                    self.program.row(0.0, most, within(from, from + window));
                }
            }
        }
    }

    /// Each half-day's theatre and consultations take so many; nobody is in two places.
    fn cover(&mut self) {
        let problem = self.problem;
        let is_own = |own: &&Anesthetist| !problem.person(own.person).is_locum;
        let mut holes = Vec::new();
        for half in 0..problem.days().len() * 2 {
            let theatre: Vec<(Var, f64)> = self
                .people
                .iter()
                .filter(is_own)
                .filter_map(|own| own.theatre[half])
                .map(|var| (var, 1.0))
                .collect();
            let consults: Vec<(Var, f64)> = self
                .people
                .iter()
                .filter(is_own)
                .filter_map(|own| own.consults[half])
                .map(|var| (var, 1.0))
                .collect();
            self.program.row(self.known.busy[half] as f64, f64::INFINITY, [theatre, consults].concat());
            let everybody = self.people.iter().filter_map(|own| own.consults[half]).map(|var| (var, 1.0));
            let mut terms: Vec<(Var, f64)> = everybody.collect();
            let mut open = 0.0;
            for slot in problem.slots_of_day(DayIx((half / 2) as u16)) {
                let own = problem.slot(*slot);
                let is_here = own.kind.half().is_some_and(|own| own.at() == half % 2);
                if is_here
                    && matches!(own.kind, SlotKind::Consultation { .. })
                    && problem.pin(Seat::performer(*slot)) != Some(None)
                {
                    let hole = self.program.var(0.0, 0.0, 1.0, false);
                    holes.push((hole, f64::from(own.weight)));
                    terms.push((hole, 1.0));
                    open += 1.0;
                }
            }
            self.program.row(open, open, terms);
        }
        self.program.row(0.0, self.known.holes as f64, holes);
    }

    fn counted(
        &mut self,
        counter: Counter,
        rule: RuleId,
        person: PersonIx,
        terms: &[(Var, f64)],
        most: usize,
    ) {
        let Some(target) = self.problem.target(person, counter) else { return };
        let weight = equity_weight(self.problem, counter);
        let history = self.problem.history(person, counter);
        let cost = |count: usize| {
            let off = (history + count as i64 * Counter::ONE - target).abs();
            self.charges.cost(rule, weight * convex(off)).unwrap_or(0) as f64
        };
        let costs: Vec<f64> = (0..=most).map(cost).collect();
        self.program.convex(terms, &costs);
    }

    /// C4 C5 C6 C7 C9.
    fn consultations(&mut self, at: usize) {
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
    fn offs(&mut self, at: usize) {
        let problem = self.problem;
        let (person, is_plain) = (self.people[at].person, self.people[at].is_plain);
        let who = problem.person(person);
        let mut offs: Vec<Option<Var>> = Vec::new();
        for half in 0..problem.days().len() * 2 {
            let mut terms: Vec<(Var, f64)> = Vec::new();
            terms.extend(self.people[at].theatre[half].map(|var| (var, 1.0)));
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

    fn table(&mut self, rule: RuleId, terms: &[(Var, f64)], amount: impl Fn(i64) -> i64) {
        let costs: Vec<f64> = (0..=terms.len() as i64)
            .map(|count| self.charges.cost(rule, amount(count)).unwrap_or(0) as f64)
            .collect();
        self.program.convex(terms, &costs);
    }

    /// B2e, as far as theatre half-days go.
    fn theatre_share(&mut self, at: usize) {
        let own: Vec<(Var, f64)> = self.people[at].theatre.iter().flatten().map(|var| (*var, 1.0)).collect();
        let (person, most) = (self.people[at].person, own.len());
        self.counted(Counter::TheatreHalfDays, RuleId::TheatreEquity, person, &own, most);
        let supervised = &self.people[at].supervised;
        if self.people[at].is_plain {
            let one = Counter::ONE as f64;
            let terms = supervised.iter().map(|var| (*var, one)).collect();
            self.shared(Counter::Supervisions, RuleId::TheatreEquity, person, terms, 0.0);
        }
    }

    /// Rooms supervised: as many as one may in each half-day in theatre, and together no more than nurses can be in.
    fn supervisions(&mut self) {
        let mut by_half: Vec<Vec<(Var, f64)>> = vec![Vec::new(); self.problem.days().len() * 2];
        for own in self.people.iter_mut().filter(|own| own.is_plain) {
            for (half, theatre) in
                own.theatre.iter().enumerate().filter_map(|(half, var)| Some((half, (*var)?)))
            {
                let most = nursing::most_supervised(self.problem, own.person, HalfDay(half as u32)) as f64;
                let var = self.program.var(0.0, 0.0, most, false);
                self.program.row(f64::NEG_INFINITY, 0.0, vec![(var, 1.0), (theatre, -most)]);
                own.supervised.push(var);
                by_half[half].push((var, 1.0));
            }
        }
        self.known.nursing.limit(&mut self.program, by_half);
    }

    /// F2: points of theatre, consultations, gardes and rests; one room supervised adds half a point to a half-day in
    /// theatre, more add three quarters: at most a quarter of what is there and of what is supervised. A garde before the
    /// horizon's first day has its rest there.
    fn hardship_share(&mut self, at: usize) {
        if !self.people[at].is_plain {
            return;
        }
        let own = &self.people[at];
        let one = Counter::ONE as f64;
        let mut terms: Vec<(Var, f64)> =
            own.theatre.iter().flatten().map(|var| (*var, points::THEATRE * one)).collect();
        for (half, var) in own.consults.iter().enumerate().filter_map(|(half, var)| Some((half, (*var)?))) {
            terms.push((var, points::CONSULTATION[half % 2] * one));
        }
        for (day, gardes) in own.gardes.iter().enumerate() {
            let rests = if day + 1 < own.gardes.len() { points::REST } else { 0.0 };
            terms.extend(gardes.iter().map(|(_, var)| (*var, (points::GARDE + rests) * one)));
        }
        let more = self.program.var(0.0, 0.0, f64::INFINITY, false);
        let slope = points::SUPERVISION_MOST - points::SUPERVISION_FIRST;
        for (there, each) in
            [(points::SUPERVISION_MOST, 0.0), (0.0, points::SUPERVISION_FIRST), (slope, slope)]
        {
            let mut limit = vec![(more, 1.0)];
            limit.extend(own.theatre.iter().flatten().map(|var| (*var, -there * one)));
            limit.extend(own.supervised.iter().map(|var| (*var, -each * one)));
            self.program.row(f64::NEG_INFINITY, 0.0, limit);
        }
        terms.push((more, 1.0));
        let person = own.person;
        let rests = self.problem.person(person).history.gardes.contains(&-1);
        let before = if rests { points::REST * one } else { 0.0 };
        self.shared(Counter::Hardship, RuleId::FatigueEquity, person, terms, before);
    }

    /// A fair share of a quantity that is no whole number, `constant` of it given; terms are in thousandths.
    fn shared(
        &mut self,
        counter: Counter,
        rule: RuleId,
        person: PersonIx,
        mut terms: Vec<(Var, f64)>,
        constant: f64,
    ) {
        let Some(target) = self.problem.target(person, counter) else { return };
        let weight = match counter {
            Counter::Hardship => fatigue_weight(self.problem, counter),
            _ => equity_weight(self.problem, counter),
        };
        let Some(slope) = self.charges.cost(rule, weight) else { return };
        let slope = slope as f64;
        let one = Counter::ONE as f64;
        for sign in [1.0, -1.0] {
            for (step, high) in [one, one, f64::INFINITY].into_iter().enumerate() {
                let off = self.program.var(slope * (step + 1) as f64, 0.0, high, false);
                terms.push((off, sign));
            }
        }
        let wanted = (target - self.problem.history(person, counter)) as f64 - constant;
        self.program.row(wanted, wanted, terms);
    }
}
