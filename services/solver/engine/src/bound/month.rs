//! The anesthetists' month as one program: consultations, OFF half-days and theatre half-days, and who can be there.
//!
//! Charged: consultations a week (C4), their mix (C6) and fair shares (C9); OFF half-days of a week (O1), of a month (O2)
//! and their fair share (O3), in [`super::weeks`]; fair shares of theatre half-days and of rooms supervised (B2e), and of
//! hardship (F2); changes of site at noon (B14~), in [`super::crews`]; what nurses' floating costs beyond its least (I3),
//! in [`super::posted`].
//!
//! # Why the bound is valid
//! Any lawful plan gives a feasible point: for each anesthetist and half-day whether in theatre and with how many rooms
//! supervised, in consultation, on garde or resting after it; what is left of the usual working half-days is OFF, by
//! definition. Every limit here is one the plan keeps (one post per half-day, C5, C7, spacing and number of gardes, rest,
//! candidates). Costs are convex in counts that are whole numbers, and interpolated between these. Everything left out
//! costs at least nothing. What theatre and consultations ask of a day comes from its program, people by people
//! ([`super::crews`]) and as the least number of anesthetists ([`super::day`]); what nurses can be supervised in from
//! [`super::nursing`] and [`super::posted`]. Consultations may be holes as far as the plans spoken of can afford; gardes
//! are held, as [`super::day`] says.

use roster::{
    Problem, RuleId,
    problem::{Counter, DayIx, HalfDay, PersonIx, Profession, RuleParameters, Seat, SlotIx, SlotKind},
};

use super::{
    crews::Crew,
    nursing::{self, Nursing},
    posted::Nurse,
};
use crate::{
    duties::{charges::Charges, convex, equity_weight},
    program::{Program, Var},
};

/// Hardship, in points (domain dossier §4.9, model B).
mod points {
    pub const GARDE: f64 = 5.0;
    pub const REST: f64 = -3.0;
    pub const THEATRE: f64 = 1.0;
    /// By the number of rooms supervised: none, one, more.
    pub const SUPERVISION: [f64; 3] = [0.0, 0.5, 0.75];
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
    /// Per day: its program, where people can be told apart in it.
    pub crews: &'k [Option<Crew<'k>>],
    /// What may be paid at RELAXED, and the prices there.
    pub relaxed: i64,
    pub relaxing: &'k Charges,
}

/// The program under construction.
pub(super) struct Month<'p, 'k> {
    pub problem: &'p Problem,
    pub charges: &'p Charges,
    pub known: &'k Known<'k>,
    pub program: Program,
    pub people: Vec<Anesthetist>,
    pub nurses: Vec<Nurse>,
}

pub(super) struct Anesthetist {
    pub person: PersonIx,
    /// Per half-day: in theatre, by the number of rooms supervised there (none first); in consultation.
    pub theatre: Vec<Vec<Var>>,
    pub consults: Vec<Option<Var>>,
    /// Per day: the gardes that may be held.
    pub gardes: Vec<Vec<(SlotIx, Var)>>,
    /// Nothing pinned, no derogation, no other kind of place: all limits hold.
    pub is_plain: bool,
}

/// The month's program, and who may hold which garde in it.
pub(crate) struct Built {
    pub program: Program,
    pub gardes: Vec<(PersonIx, SlotIx, Var)>,
    /// The row of what may be paid at RELAXED.
    allowed: usize,
}

/// The program of the month, which costs what it says in thousandths of the balance level.
pub(crate) fn build(problem: &Problem, charges: &Charges, known: &Known<'_>) -> Built {
    let (program, people, nurses) = (Program::default(), Vec::new(), Vec::new());
    let mut month = Month { problem, charges, known, program, people, nurses };
    month.gather();
    month.gardes();
    month.cover();
    month.nurses();
    month.supervisions();
    month.crews();
    for at in 0..month.people.len() {
        month.consultations(at);
        month.offs(at);
        month.theatre_share(at);
        month.hardship_share(at);
    }
    let allowed = month.idle();
    let of = |own: &Anesthetist| {
        let person = own.person;
        own.gardes.iter().flatten().map(|(slot, var)| (person, *slot, *var)).collect::<Vec<_>>()
    };
    let gardes = month.people.iter().flat_map(of).collect();
    Built { program: month.program, gardes, allowed }
}

// === impl Built ===

impl Built {
    /// The same for plans that pay whatever they like at RELAXED.
    pub fn unconditional(&self) -> Self {
        let mut program = self.program.clone();
        program.free(self.allowed);
        Self { program, gardes: self.gardes.clone(), allowed: self.allowed }
    }
}

/// Variables weighed by the number of rooms they stand for.
fn by_rooms(vars: &[Var]) -> impl Iterator<Item = (Var, f64)> + '_ {
    vars.iter().enumerate().skip(1).map(|(rooms, var)| (*var, rooms as f64))
}

// === impl Anesthetist ===

impl Anesthetist {
    /// All rooms supervised.
    fn supervised(&self) -> Vec<(Var, f64)> {
        self.theatre.iter().flat_map(|own| by_rooms(own)).collect()
    }
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
                theatre: vec![Vec::new(); halves],
                consults: vec![None; halves],
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
                        if own.theatre[at].is_empty() {
                            let most = nursing::most_supervised(problem, person, HalfDay(at as u32));
                            let most = if own.is_plain { most } else { 0 };
                            own.theatre[at] =
                                (0..=most).map(|_| self.program.var(0.0, 0.0, 1.0, false)).collect();
                        }
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
    pub fn away(&self, at: usize, day: usize) -> Vec<(Var, f64)> {
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
                .flat_map(|own| &own.theatre[half])
                .map(|var| (*var, 1.0))
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

    pub fn counted(
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

    pub fn table(&mut self, rule: RuleId, terms: &[(Var, f64)], amount: impl Fn(i64) -> i64) {
        let costs: Vec<f64> = (0..=terms.len() as i64)
            .map(|count| self.charges.cost(rule, amount(count)).unwrap_or(0) as f64)
            .collect();
        self.program.convex(terms, &costs);
    }

    /// B2e.
    fn theatre_share(&mut self, at: usize) {
        let own: Vec<(Var, f64)> = self.people[at].theatre.iter().flatten().map(|var| (*var, 1.0)).collect();
        let most = self.people[at].theatre.iter().filter(|own| !own.is_empty()).count();
        let person = self.people[at].person;
        self.counted(Counter::TheatreHalfDays, RuleId::TheatreEquity, person, &own, most);
        if self.people[at].is_plain {
            let supervised = self.people[at].supervised();
            let most = self.people[at].theatre.iter().map(|own| own.len().saturating_sub(1)).sum();
            self.counted(Counter::Supervisions, RuleId::TheatreEquity, person, &supervised, most);
        }
    }

    /// Rooms supervised, together no more than nurses can be in.
    fn supervisions(&mut self) {
        let mut by_half: Vec<Vec<(Var, f64)>> = vec![Vec::new(); self.problem.days().len() * 2];
        for own in self.people.iter().filter(|own| own.is_plain) {
            for (terms, theatre) in by_half.iter_mut().zip(&own.theatre) {
                terms.extend(by_rooms(theatre));
            }
        }
        self.known.nursing.limit(&mut self.program, by_half, &self.nurses);
    }

    /// F2: points of theatre, consultations, gardes and rests. A garde before the horizon's first day has its rest there.
    fn hardship_share(&mut self, at: usize) {
        if !self.people[at].is_plain {
            return;
        }
        let own = &self.people[at];
        let one = Counter::ONE as f64;
        let mut terms: Vec<(Var, f64)> = Vec::new();
        for (rooms, var) in own.theatre.iter().flat_map(|own| own.iter().enumerate()) {
            terms.push((*var, (points::THEATRE + points::SUPERVISION[rooms.min(2)]) * one));
        }
        for (half, var) in own.consults.iter().enumerate().filter_map(|(half, var)| Some((half, (*var)?))) {
            terms.push((var, points::CONSULTATION[half % 2] * one));
        }
        for (day, gardes) in own.gardes.iter().enumerate() {
            let rests = if day + 1 < own.gardes.len() { points::REST } else { 0.0 };
            terms.extend(gardes.iter().map(|(_, var)| (*var, (points::GARDE + rests) * one)));
        }
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
        let weight = fatigue_weight(self.problem, counter);
        let Some(slope) = self.charges.cost(rule, weight) else { return };
        let slope = slope as f64;
        let one = Counter::ONE as f64;
        let wanted = (target - self.problem.history(person, counter)) as f64 - constant;
        let most = terms.iter().map(|(_, factor)| factor.abs()).sum::<f64>() + wanted.abs();
        for sign in [1.0, -1.0] {
            for (step, high) in [one, one, most].into_iter().enumerate() {
                let off = self.program.var(slope * (step + 1) as f64, 0.0, high, false);
                terms.push((off, sign));
            }
        }
        self.program.row(wanted, wanted, terms);
    }
}
