//! One day of theatre and consultations as an exact program: the least weight of holes, and the least that its people
//! must change rooms and sectors.
//!
//! # Why the bound is valid
//! Any lawful plan gives a feasible point of the program of each day: people of one kind (same places open to them that
//! day) are counted together; each has at most one bench ([`crate::benches`]) a half-day, or a consultation, or
//! neither; whoever holds the day's garde, or held the day before's, has none (G4, G6). Every room is performed in by
//! one person or is a hole, a nurse's room has one supervisor or is a hole (B2, B4); B17 keeps people out of a sector
//! for half the day. What is left out (weekly hours, days in a row, personal incompatibilities, who it was the day
//! before yesterday) can only make real plans dearer. Days share no slot, so their holes add up.
//!
//! Each garde is taken to be held by somebody: true of every plan whose critical level is below an empty garde's
//! weight. Whoever calls sees to that. Places that are pinned are covered for free and bind nobody.

use roster::{
    Problem, RuleId,
    problem::{DayIx, Half, PersonIx, Profession, Seat, SiteIx, SlotIx, SlotKind},
};

use crate::{
    benches::{self, Bench, Open},
    duties::charges::{Charges, Weighing},
    program::{Program, Solved, Var},
};

/// A supervisor missing is almost as bad as an empty room.
const UNSUPERVISED_PERCENT: f64 = 0.9;

/// People with the same places open to them on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub profession: Profession,
    is_locum: bool,
    /// Per half: rooms that may be performed in, supervised; sites of consultations.
    performs: [Vec<u16>; 2],
    supervises: [Vec<u16>; 2],
    pub consults: [Vec<SiteIx>; 2],
    /// May consult morning and afternoon (a derogation from C7).
    consults_twice: bool,
    /// Gardes of today and of yesterday that may be held.
    pub gardes: Vec<SlotIx>,
    pub rests: Vec<SlotIx>,
}

/// A day's program, without its objective.
pub(crate) struct Day<'p> {
    problem: &'p Problem,
    pub(super) rooms: [Vec<Open>; 2],
    pub(super) kinds: Vec<(Kind, Vec<PersonIx>)>,
    pub(super) program: Program,
    /// Holes with their weights.
    pub(super) holes: Vec<(Var, f64)>,
    /// Weight of holes that pins force.
    pub(super) forced: f64,
    /// Per kind and half: the benches with their variables.
    pub(super) benches: Vec<[Vec<(Bench, Var)>; 2]>,
    /// Per kind: consultations per half.
    pub(super) consultations: Vec<[Vec<Var>; 2]>,
    /// Per kind: gardes of today; gardes and rests of today.
    gardes: Vec<Vec<Var>>,
    pub(super) away: Vec<Vec<Var>>,
}

/// Whether a rule set enforces what the benches and the day take for granted.
pub(crate) fn is_spoken(problem: &Problem) -> bool {
    let granted = [
        RuleId::GardeAlone,
        RuleId::RestAfterGarde,
        RuleId::DoubleBooking,
        RuleId::RoomsPerPerson,
        RuleId::TwoPrimaries,
        RuleId::SectorsCompatible,
        RuleId::Contiguity,
        RuleId::PediatricPrimary,
        RuleId::SupervisionMax,
        RuleId::OwnSites,
        RuleId::FullDayForbidden,
        RuleId::ConsecutiveGardes,
        RuleId::ConsultationTwiceADay,
    ];
    let charges = Charges::of(problem, Weighing::of_search());
    let derogable = [RuleId::RestAfterGarde, RuleId::ConsultationTwiceADay];
    let derogated = |rule: &RuleId| {
        !derogable.contains(rule) && problem.draft().derogations.iter().any(|own| own.rule == *rule)
    };
    granted.iter().all(|rule| charges.is_hard(*rule) && !derogated(rule))
}

// === impl Day ===

impl<'p> Day<'p> {
    /// The program of a day; `None` when it has no post, or when pins or too many possibilities make it unsayable.
    pub fn of(problem: &'p Problem, day: DayIx) -> Option<Self> {
        let slots = problem.slots_of_day(day);
        let of_half = |half: Half| -> Vec<SlotIx> {
            slots.iter().copied().filter(|slot| problem.slot(*slot).kind.half() == Some(half)).collect()
        };
        let halves = Half::ALL.map(of_half);
        let rooms = [benches::open(problem, &halves[0]), benches::open(problem, &halves[1])];
        if halves.iter().all(Vec::is_empty) || is_pinned_twice(problem, &halves) {
            return None;
        }
        let mut own = Self {
            problem,
            rooms,
            kinds: Vec::new(),
            program: Program::default(),
            holes: Vec::new(),
            forced: 0.0,
            benches: Vec::new(),
            consultations: Vec::new(),
            gardes: Vec::new(),
            away: Vec::new(),
        };
        own.sort_people(day);
        own.people()?;
        own.duties(day);
        own.theatre();
        own.consultations(&halves);
        Some(own)
    }

    fn sort_people(&mut self, day: DayIx) {
        let duties = |day: Option<DayIx>| -> Vec<SlotIx> {
            let slots = day.map_or(&[][..], |day| self.problem.slots_of_day(day));
            let is_garde = |slot: &&SlotIx| matches!(self.problem.slot(**slot).kind, SlotKind::Garde { .. });
            slots.iter().filter(is_garde).copied().collect()
        };
        let today = duties(Some(day));
        let yesterday = duties(day.0.checked_sub(1).map(DayIx));
        let mut kinds: Vec<(Kind, Vec<PersonIx>)> = Vec::new();
        for person in self.problem.person_indices() {
            let Some(kind) = self.kind(person, day, &today, &yesterday) else { continue };
            match kinds.iter_mut().find(|(own, _)| *own == kind) {
                Some((_, people)) => people.push(person),
                None => kinds.push((kind, vec![person])),
            }
        }
        self.kinds = kinds;
    }

    /// Of which kind somebody is; `None` when nothing of the day is open to them.
    fn kind(&self, person: PersonIx, day: DayIx, today: &[SlotIx], yesterday: &[SlotIx]) -> Option<Kind> {
        let problem = self.problem;
        let who = problem.person(person);
        let derogated =
            |rule| problem.draft().derogations.iter().any(|own| own.rule == rule && own.person == person);
        let may = |seat: Seat| match problem.pin(seat) {
            Some(pinned) => pinned == Some(person),
            None => problem.candidates(seat).contains(&person),
        };
        let rests_anyway =
            day.0 == 0 && who.history.gardes.contains(&-1) && !derogated(RuleId::RestAfterGarde);
        let rooms_of = |half: usize, seat: fn(SlotIx) -> Seat| -> Vec<u16> {
            let own =
                self.rooms[half].iter().enumerate().filter(|(_, open)| !rests_anyway && may(seat(open.slot)));
            own.map(|(at, _)| at as u16).collect()
        };
        let consults_of = |half: usize| -> Vec<SiteIx> {
            let mut sites = Vec::new();
            for slot in problem.slots_of_day(day) {
                if let SlotKind::Consultation { half: own, site } = problem.slot(*slot).kind
                    && own.at() == half
                    && !rests_anyway
                    && may(Seat::performer(*slot))
                    && !sites.contains(&site)
                {
                    sites.push(site);
                }
            }
            sites
        };
        let rests = if derogated(RuleId::RestAfterGarde) { &[] } else { yesterday };
        let held =
            |slots: &[SlotIx]| slots.iter().copied().filter(|slot| may(Seat::performer(*slot))).collect();
        let kind = Kind {
            profession: who.profession,
            is_locum: who.is_locum,
            performs: [rooms_of(0, Seat::performer), rooms_of(1, Seat::performer)],
            supervises: [rooms_of(0, Seat::supervisor), rooms_of(1, Seat::supervisor)],
            consults: [consults_of(0), consults_of(1)],
            consults_twice: derogated(RuleId::ConsultationTwiceADay),
            gardes: held(today),
            rests: held(rests),
        };
        let is_idle = kind.performs.iter().chain(&kind.supervises).all(Vec::is_empty)
            && kind.consults.iter().all(Vec::is_empty);
        (!is_idle || !kind.gardes.is_empty() || !kind.rests.is_empty()).then_some(kind)
    }

    /// Benches and consultations per kind, as many in all as there are people who are not away.
    fn people(&mut self) -> Option<()> {
        for (kind, people) in &self.kinds {
            let count = people.len() as f64;
            let mut own: [Vec<(Bench, Var)>; 2] = [Vec::new(), Vec::new()];
            let mut consults: [Vec<Var>; 2] = [Vec::new(), Vec::new()];
            for half in 0..2 {
                let sets = benches::of(
                    self.problem,
                    &self.rooms[half],
                    &kind.performs[half],
                    &kind.supervises[half],
                    kind.profession == Profession::Mar,
                )?;
                own[half] =
                    sets.into_iter().map(|bench| (bench, self.program.var(0.0, 0.0, count, true))).collect();
                consults[half] =
                    kind.consults[half].iter().map(|_| self.program.var(0.0, 0.0, count, true)).collect();
            }
            self.benches.push(own);
            self.consultations.push(consults);
        }
        Some(())
    }

    /// Somebody holds each garde of today and rests from each of yesterday, and has no post.
    fn duties(&mut self, day: DayIx) {
        let mut holders: Vec<(SlotIx, bool, Vec<Var>)> = Vec::new();
        for (kind, people) in &self.kinds {
            let count = people.len() as f64;
            let (mut gardes, mut away) = (Vec::new(), Vec::new());
            for (slots, is_today) in [(&kind.gardes, true), (&kind.rests, false)] {
                for slot in slots {
                    let var = self.program.var(0.0, 0.0, count.min(1.0), true);
                    away.push(var);
                    if is_today {
                        gardes.push(var);
                    }
                    match holders.iter_mut().find(|own| (own.0, own.1) == (*slot, is_today)) {
                        Some(own) => own.2.push(var),
                        None => holders.push((*slot, is_today, vec![var])),
                    }
                }
            }
            self.gardes.push(gardes);
            self.away.push(away);
        }
        for (slot, is_today, vars) in holders {
            debug_assert!(is_today == (self.problem.slot(slot).day == day));
            // Whoever has a derogation from the rest may hold yesterday's garde and still be here.
            let least = if is_today || self.all_rest(slot) { 1.0 } else { 0.0 };
            self.program.row(least, 1.0, vars.into_iter().map(|var| (var, 1.0)).collect());
        }
        for at in 0..self.kinds.len() {
            let count = self.kinds[at].1.len() as f64;
            for half in 0..2 {
                let posts = self.benches[at][half].iter().map(|(_, var)| *var);
                let terms = posts
                    .chain(self.consultations[at][half].iter().copied())
                    .chain(self.away[at].iter().copied());
                self.program.row(0.0, count, terms.map(|var| (var, 1.0)).collect());
            }
            if !self.kinds[at].0.consults_twice {
                let terms = self.consultations[at].iter().flatten().chain(&self.away[at]);
                self.program.row(0.0, count, terms.map(|var| (*var, 1.0)).collect());
            }
            self.full_days(at);
        }
    }

    /// Everybody who may hold a garde rests after it.
    fn all_rest(&self, slot: SlotIx) -> bool {
        let seat = Seat::performer(slot);
        let derogated = |person: &PersonIx| {
            (self.problem.draft().derogations.iter())
                .any(|own| own.rule == RuleId::RestAfterGarde && own.person == *person)
        };
        match self.problem.pin(seat) {
            Some(pinned) => pinned.is_some_and(|person| !derogated(&person)),
            None => !self.problem.candidates(seat).iter().any(derogated),
        }
    }

    /// B17: nobody stands in such a sector morning and afternoon.
    fn full_days(&mut self, at: usize) {
        let (kind, people) = &self.kinds[at];
        for (position, sector) in self.problem.topology().sectors.iter().enumerate() {
            let is_forbidden = match kind.profession {
                Profession::Mar => sector.limits.mar_full_day_forbidden,
                Profession::Iade => sector.limits.iade_full_day_forbidden,
            };
            if !is_forbidden {
                continue;
            }
            let mut terms: Vec<(Var, f64)> = self.away[at].iter().map(|var| (*var, 1.0)).collect();
            for half in 0..2 {
                let is_there = |room: &u16| self.rooms[half][usize::from(*room)].sector.at() == position;
                for (bench, var) in &self.benches[at][half] {
                    // One stands where one performs; only who performs nowhere stands where they supervise.
                    let stands = if bench.performs.is_empty() { &bench.supervises } else { &bench.performs };
                    if stands.iter().any(is_there) {
                        terms.push((*var, 1.0));
                    }
                }
            }
            self.program.row(0.0, people.len() as f64, terms);
        }
    }

    /// Every room has its performer, every nurse's room its supervisor.
    fn theatre(&mut self) {
        for half in 0..2 {
            for (at, open) in self.rooms[half].clone().iter().enumerate() {
                let (performer, supervisor) = (Seat::performer(open.slot), Seat::supervisor(open.slot));
                let weight = f64::from(self.problem.slot(open.slot).weight);
                if self.problem.pin(performer).is_some() || self.problem.pin(supervisor).is_some() {
                    self.forced += if self.problem.pin(performer) == Some(None) { weight } else { 0.0 };
                    continue;
                }
                let mut performed = Vec::new();
                let mut nursed = Vec::new();
                for (position, (kind, _)) in self.kinds.iter().enumerate() {
                    for (bench, var) in &self.benches[position][half] {
                        if bench.performs.contains(&(at as u16)) {
                            performed.push((*var, 1.0));
                            if kind.profession == Profession::Iade {
                                nursed.push((*var, 1.0));
                            }
                        }
                        if bench.supervises.contains(&(at as u16)) {
                            nursed.push((*var, -1.0));
                        }
                    }
                }
                let hole = self.program.var(0.0, 0.0, 1.0, false);
                self.holes.push((hole, weight));
                performed.push((hole, 1.0));
                self.program.row(1.0, 1.0, performed);
                let alone = self.program.var(0.0, 0.0, 1.0, false);
                self.holes.push((alone, (weight * UNSUPERVISED_PERCENT).floor()));
                nursed.push((alone, -1.0));
                self.program.row(0.0, 0.0, nursed);
            }
        }
    }

    fn consultations(&mut self, halves: &[Vec<SlotIx>; 2]) {
        for (half, slots) in halves.iter().enumerate() {
            let mut groups: Vec<(SiteIx, Vec<f64>)> = Vec::new();
            // A pinned consultation binds its holder for free: more may consult than are asked for.
            let mut is_pinned = false;
            for slot in slots {
                let own = self.problem.slot(*slot);
                let SlotKind::Consultation { site, .. } = own.kind else { continue };
                let weight = f64::from(own.weight);
                is_pinned |= self.problem.pin(Seat::performer(*slot)).is_some();
                match self.problem.pin(Seat::performer(*slot)) {
                    Some(None) => self.forced += weight,
                    Some(Some(_)) => {}
                    None => match groups.iter_mut().find(|(own, _)| *own == site) {
                        Some((_, weights)) => weights.push(weight),
                        None => groups.push((site, vec![weight])),
                    },
                }
            }
            for (site, weights) in groups {
                let mut terms: Vec<(Var, f64)> = Vec::new();
                for (at, (kind, _)) in self.kinds.iter().enumerate() {
                    if let Some(position) = kind.consults[half].iter().position(|own| *own == site) {
                        terms.push((self.consultations[at][half][position], 1.0));
                    }
                }
                let count = weights.len() as f64;
                for weight in weights {
                    let hole = self.program.var(0.0, 0.0, 1.0, false);
                    self.holes.push((hole, weight));
                    terms.push((hole, 1.0));
                }
                self.program.row(count, if is_pinned { f64::INFINITY } else { count }, terms);
            }
        }
    }

    /// How much work a program of this day is, in steps.
    pub fn size(&self) -> u64 {
        self.program.len() as u64 * 4
    }

    /// The least weight of holes, pins' own included.
    pub fn least_holes(&self, nodes: i32) -> Option<(f64, Solved)> {
        let mut program = self.program.clone();
        for (hole, weight) in &self.holes {
            program.set_cost(*hole, *weight);
        }
        let solved = program.least(nodes)?;
        Some((self.forced + solved.rounded(1.0) as f64, solved))
    }

    /// The least number of anesthetists, locums left out, whom a half-day takes in theatre and consultation, in plans
    /// with at most this weight of holes that day.
    pub fn least_busy(&self, half: Half, holes_max: f64, nodes: i32) -> Option<i64> {
        let mut program = self.program.clone();
        program.row(0.0, (holes_max - self.forced).max(0.0), self.holes.clone());
        for (at, (kind, _)) in self.kinds.iter().enumerate() {
            if kind.profession == Profession::Mar && !kind.is_locum {
                let benches = self.benches[at][half.at()].iter().map(|(_, var)| *var);
                for var in benches.chain(self.consultations[at][half.at()].iter().copied()) {
                    program.set_cost(var, 1.0);
                }
            }
        }
        Some(program.least(nodes)?.rounded(1.0))
    }

    /// The least of B7, B8 and R9 of the day's posts, for plans with at most this weight of holes that day; in
    /// thousandths.
    pub fn least_disturbance(&self, charges: &Charges, holes_max: f64, nodes: i32) -> Option<i64> {
        let mut program = self.program.clone();
        program.row(0.0, (holes_max - self.forced).max(0.0), self.holes.clone());
        let unit = |rule| charges.unit(rule).unwrap_or(0) as f64 / 1_000.0;
        let (change, same, locum) =
            (unit(RuleId::SectorChange), unit(RuleId::SameRoomAllDay), unit(RuleId::LocumUsed));
        for at in 0..self.kinds.len() {
            if self.kinds[at].0.is_locum {
                self.charge_locum(&mut program, at, locum);
            }
            if change > 0.0 || same > 0.0 {
                self.charge_changes(&mut program, at, change, same);
            }
        }
        Some(program.least(nodes)?.rounded(1.0) * 1_000)
    }

    /// R9: each place a locum holds.
    fn charge_locum(&self, program: &mut Program, at: usize, locum: f64) {
        for half in 0..2 {
            for (bench, var) in &self.benches[at][half] {
                program.set_cost(*var, locum * (bench.performs.len() + bench.supervises.len()) as f64);
            }
            for var in &self.consultations[at][half] {
                program.set_cost(*var, locum);
            }
        }
        for var in &self.gardes[at] {
            program.set_cost(*var, locum);
        }
    }

    /// B7 and B8: of those who perform in both halves, some stay in a sector, and of these some in a room.
    fn charge_changes(&self, program: &mut Program, at: usize, change: f64, same: f64) {
        let sets = [self.performed_sets(at, 0), self.performed_sets(at, 1)];
        let people = self.kinds[at].1.len() as f64;
        let mut stays: Vec<(SetRef<'_>, SetRef<'_>, Var)> = Vec::new();
        for morning in &sets[0] {
            for afternoon in &sets[1] {
                if morning.sectors.iter().any(|own| afternoon.sectors.contains(own)) {
                    stays.push((morning, afternoon, program.var(0.0, 0.0, people, false)));
                }
            }
        }
        for (half, own) in sets.iter().enumerate() {
            for set in own {
                let stay =
                    stays.iter().filter(|stay| std::ptr::eq(if half == 0 { stay.0 } else { stay.1 }, set));
                let mut terms: Vec<(Var, f64)> = stay.map(|stay| (stay.2, 1.0)).collect();
                terms.extend(set.vars.iter().map(|var| (*var, -1.0)));
                program.row(f64::NEG_INFINITY, 0.0, terms);
            }
        }
        // Who performs twice and does not stay changes sector.
        let changed = program.var(change, 0.0, people, false);
        let mut terms: Vec<(Var, f64)> = vec![(changed, 1.0)];
        terms.extend(stays.iter().map(|stay| (stay.2, 1.0)));
        terms.extend(sets.iter().flatten().flat_map(|set| &set.vars).map(|var| (*var, -1.0)));
        terms.extend(self.away[at].iter().map(|var| (*var, -1.0)));
        program.row(-people, f64::INFINITY, terms);
        self.charge_rooms(program, at, &stays, same);
    }

    /// B7: who stays in a sector that asks for it and keeps no room.
    fn charge_rooms(
        &self,
        program: &mut Program,
        at: usize,
        stays: &[(SetRef<'_>, SetRef<'_>, Var)],
        same: f64,
    ) {
        let people = self.kinds[at].1.len() as f64;
        let mut sectors: Vec<usize> =
            stays.iter().filter_map(|stay| stay.0.sectors.first().copied()).collect();
        sectors.sort_unstable();
        sectors.dedup();
        for sector in sectors {
            if !self.problem.topology().sectors[sector].limits.is_contiguous {
                continue;
            }
            let moved = program.var(same, 0.0, people, false);
            let mut terms = vec![(moved, 1.0)];
            let first = |stay: &&(SetRef<'_>, SetRef<'_>, Var)| stay.0.sectors.first() == Some(&sector);
            terms.extend(stays.iter().filter(first).map(|stay| (stay.2, -1.0)));
            for (morning, open) in self.rooms[0].iter().enumerate() {
                let Some(afternoon) = self.rooms[1].iter().position(|own| own.room == open.room) else {
                    continue;
                };
                let kept = program.var(0.0, 0.0, people.min(1.0), false);
                for (half, room) in [(0, morning as u16), (1, afternoon as u16)] {
                    let there =
                        self.benches[at][half].iter().filter(|(bench, _)| bench.performs.contains(&room));
                    let mut own = vec![(kept, 1.0)];
                    own.extend(there.map(|(_, var)| (*var, -1.0)));
                    program.row(f64::NEG_INFINITY, 0.0, own);
                }
                terms.push((kept, 1.0));
            }
            program.row(0.0, f64::INFINITY, terms);
        }
    }

    /// The benches of a kind by the sectors performed in; those that only supervise are left out.
    fn performed_sets(&self, at: usize, half: usize) -> Vec<Performed> {
        let mut sets: Vec<Performed> = Vec::new();
        for (bench, var) in &self.benches[at][half] {
            let rooms = bench.performs.iter().map(|room| self.rooms[half][usize::from(*room)].sector.at());
            let mut sectors: Vec<usize> = rooms.collect();
            sectors.sort_unstable();
            sectors.dedup();
            if sectors.is_empty() {
                continue;
            }
            match sets.iter_mut().find(|own| own.sectors == sectors) {
                Some(own) => own.vars.push(*var),
                None => sets.push(Performed { sectors, vars: vec![*var] }),
            }
        }
        sets
    }
}

/// Benches that perform in the same sectors.
struct Performed {
    sectors: Vec<usize>,
    vars: Vec<Var>,
}

type SetRef<'s> = &'s Performed;

/// Somebody is pinned to two theatre places of one half-day: what is lawful beside them is not for benches to say.
fn is_pinned_twice(problem: &Problem, halves: &[Vec<SlotIx>; 2]) -> bool {
    halves.iter().any(|slots| {
        let mut holders: Vec<PersonIx> = (slots.iter())
            .flat_map(|slot| [Seat::performer(*slot), Seat::supervisor(*slot)])
            .filter_map(|seat| problem.pin(seat).flatten())
            .collect();
        let count = holders.len();
        holders.sort_unstable();
        holders.dedup();
        holders.len() < count
    })
}
