//! The program that chooses among people's ways to spend a half-day.

use roster::{
    Level, Problem, RuleId, Score,
    problem::{Post, SectorIx, SlotIx, SlotKind},
};

use super::choices::Choices;
use crate::{
    duties::charges::{Charges, Weighing},
    program::{Program, Var},
    search::acceptors::FACTORS,
};

/// Nodes of branch and bound.
const NODES: i32 = 50;
/// Most choices the whole program knows, besides what is held: those the linear program likes best.
const CHOICES_MAX: usize = 1_000;
/// Less than this, in quarters of a unit of preference, is nothing.
const SMALL: f64 = 1e-3;

/// The program, with what is held now as a point of it.
pub(super) struct Master {
    program: Program,
    now: Vec<f64>,
    /// Per person: the first choice's variable, and how many there are.
    people: Vec<(Var, usize)>,
}

/// A slot's terms: who performs; nurses who perform less supervisors.
#[derive(Clone, Default)]
struct Place {
    performed: Vec<(Var, f64)>,
    nursed: Vec<(Var, f64)>,
}

/// A sector that wants a nurse among those who perform in it.
struct Wanting {
    sector: SectorIx,
    nurses: Vec<Var>,
    holes: Vec<Var>,
}

// === impl Master ===

impl Master {
    /// The program of these slots, in order, and these people.
    pub fn new(problem: &Problem, slots: &[SlotIx], people: &[Choices]) -> Self {
        let mut own = Self { program: Program::default(), now: Vec::new(), people: Vec::new() };
        let charges = charges(problem);
        let lacking: Vec<i64> = slots.iter().map(|slot| nurse_lacking(problem, &charges, *slot)).collect();
        let places = own.choices(slots, &lacking, people);
        own.places(problem, &charges, slots, places);
        own
    }

    fn var(&mut self, cost: i64, is_integer: bool, is_now: bool) -> Var {
        self.now.push(f64::from(u8::from(is_now)));
        self.program.var(cost as f64 / Score::UNIT as f64, 0.0, 1.0, is_integer)
    }

    /// Everybody chooses once. `lacking`: what each slot costs without a nurse.
    fn choices(&mut self, slots: &[SlotIx], lacking: &[i64], people: &[Choices]) -> Vec<Place> {
        let mut places = vec![Place::default(); slots.len()];
        for person in people {
            let first = self.program.len();
            for (at, (seats, cost)) in person.iter().enumerate() {
                let performed = seats.iter().filter(|seat| seat.post == Post::Performer && !person.is_nurse);
                let performed = performed.filter_map(|seat| slots.binary_search(&seat.slot).ok());
                let cost = cost + performed.map(|slot| lacking[slot]).sum::<i64>();
                let var = self.var(cost, true, at == 0);
                for seat in seats {
                    let Ok(slot) = slots.binary_search(&seat.slot) else { continue };
                    let place = &mut places[slot];
                    match seat.post {
                        Post::Supervisor => place.nursed.push((var, -1.0)),
                        Post::Performer => {
                            place.performed.push((var, 1.0));
                            place.nursed.extend(person.is_nurse.then_some((var, 1.0)));
                        }
                    }
                }
            }
            self.people.push((first, person.len()));
            self.program.row(1.0, 1.0, (first..first + person.len()).map(|var| (var, 1.0)).collect());
        }
        places
    }

    /// Every place has its performer or is a hole; a room has a supervisor exactly when a nurse performs.
    fn places(&mut self, problem: &Problem, charges: &Charges, slots: &[SlotIx], places: Vec<Place>) {
        let mut wanting: Vec<Wanting> = Vec::new();
        for (slot, mut place) in slots.iter().zip(places) {
            let own = problem.slot(*slot);
            let empty = match own.kind {
                SlotKind::Theatre { .. } => charges.hole(RuleId::TheatreCoverage, own.weight, false),
                SlotKind::Consultation { .. } => {
                    charges.hole(RuleId::ConsultationCoverage, own.weight, false)
                }
                _ => 0,
            };
            let is_empty = !place.performed.iter().any(|(var, _)| self.now[*var] > 0.5);
            let hole = self.var(empty, true, is_empty);
            place.performed.push((hole, 1.0));
            self.program.row(1.0, 1.0, place.performed);
            if !own.kind.is_theatre() {
                continue;
            }
            if let Some(sector) = problem.sector_of(*slot)
                && problem.topology().sectors[sector.at()].limits.is_iade_wanted
            {
                let nurses = place.nursed.iter().filter(|(_, factor)| *factor > 0.0).map(|(var, _)| *var);
                match wanting.iter_mut().find(|own| own.sector == sector) {
                    Some(own) => {
                        own.nurses.extend(nurses);
                        own.holes.push(hole);
                    }
                    None => wanting.push(Wanting { sector, nurses: nurses.collect(), holes: vec![hole] }),
                }
            }
            self.program.row(0.0, 0.0, place.nursed);
        }
        let missed = charges.unit(RuleId::IadeInSector).unwrap_or(0);
        wanting.into_iter().for_each(|own| self.wanting(own, missed));
    }

    /// B19: where somebody performs, a nurse does, or that is paid for.
    fn wanting(&mut self, mut own: Wanting, cost: i64) {
        own.nurses.sort_unstable();
        own.nurses.dedup();
        let is_there = own.nurses.iter().any(|var| self.now[*var] > 0.5);
        let is_closed = own.holes.iter().all(|hole| self.now[*hole] > 0.5);
        let missed = self.var(cost, false, !is_there && !is_closed);
        for hole in own.holes {
            let nurses = own.nurses.iter().map(|var| (*var, 1.0));
            self.program.row(1.0, f64::INFINITY, nurses.chain([(missed, 1.0), (hole, 1.0)]).collect());
        }
    }

    /// Everybody's choice, when together they cost less than what is held now.
    pub fn best(mut self) -> Option<Vec<usize>> {
        let (least, reduced) = self.program.reduced_costs()?;
        let now = self.program.cost(&self.now);
        let between = now - least;
        if between < SMALL {
            return None;
        }
        // A choice that costs more at these prices than lies between is in no better plan.
        let mut others: Vec<Var> =
            (self.people.iter().flat_map(|(first, count)| first + 1..first + count)).collect();
        others.sort_by(|one, other| reduced[*one].total_cmp(&reduced[*other]).then(one.cmp(other)));
        for (position, var) in others.into_iter().enumerate() {
            if position >= CHOICES_MAX || reduced[var] > between + SMALL {
                self.program.forbid(var);
            }
        }
        let found = self.program.best(&self.now, NODES)?;
        if self.program.cost(&found) > now - SMALL {
            return None;
        }
        self.people.iter().map(|(first, count)| (0..*count).find(|at| found[first + at] > 0.5)).collect()
    }
}

/// B18: what an anesthetist who performs costs where nurses should.
fn nurse_lacking(problem: &Problem, charges: &Charges, slot: SlotIx) -> i64 {
    let SlotKind::Theatre { room, .. } = problem.slot(slot).kind else { return 0 };
    let wanted = problem.rooms().limits_of(room).iades_per_room_min;
    charges.cost(RuleId::IadePerRoom, i64::from(wanted) * Score::UNIT).unwrap_or(0)
}

/// The rule set's prices, as annealing weighs levels.
fn charges(problem: &Problem) -> Charges {
    let mut factors = [0; Level::COUNT];
    FACTORS.iter().for_each(|(level, factor)| factors[*level as usize] = *factor);
    Charges::of(problem, Weighing { factors, ceilings: [i64::MAX; Level::COUNT], hole: None })
}
