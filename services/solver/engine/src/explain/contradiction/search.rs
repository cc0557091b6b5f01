//! The search for one contradiction: demands that cannot all be staffed, and then what of them is needed for that.

use roster::{
    Problem, Roster,
    problem::{DayIx, Half, PersonIx, Seat, SlotIx},
};

use super::{
    Outcome, certificate,
    elements::{Kept, absences_around, locks_around},
    mended,
    oracle::{self, Answer, Oracle},
};

/// The most demands an exact search looks at together.
const DEMANDS_MAX: usize = 48;
/// Steps of the exact search around a hole, before the day's program is asked.
const NEAR_STEPS: u64 = 20_000;
/// Steps of the exact search for each element, and of chains.
const ELEMENT_STEPS: u64 = 4_000;

/// A search for one contradiction.
pub(super) struct Search<'p> {
    problem: &'p Problem,
    roster: &'p Roster,
    steps_max: u64,
    steps_left: u64,
}

// === impl Search ===

impl<'p> Search<'p> {
    pub fn new(problem: &'p Problem, roster: &'p Roster, steps_max: u64) -> Self {
        Self { problem, roster, steps_max, steps_left: steps_max }
    }

    /// Steps spent.
    pub fn steps(&self) -> u64 {
        self.steps_max - self.steps_left
    }

    fn ask(&mut self, problem: &Problem, demands: &[SlotIx], requests: &[usize], steps: u64) -> Answer {
        let steps = steps.min(self.steps_left);
        let mut oracle = Oracle::new(problem, self.roster, demands, requests, steps);
        let answer = oracle.ask();
        self.steps_left = self.steps_left.saturating_sub(oracle.steps());
        answer
    }

    /// The requests that could matter to these demands: those of their days.
    fn requests_around(&self, demands: &[SlotIx]) -> Vec<usize> {
        let problem = self.problem;
        let days: Vec<DayIx> = demands.iter().map(|slot| problem.slot(*slot).day).collect();
        let asked = problem.draft().requests.iter().enumerate();
        asked
            .filter(|(_, own)| days.contains(&own.ask.day(problem.slots())))
            .map(|(position, _)| position)
            .collect()
    }

    /// Demands around the holes that cannot all be staffed; `None`: not found.
    pub fn grow(&mut self, holes: &[SlotIx]) -> Option<Vec<SlotIx>> {
        self.grow_near(holes).or_else(|| {
            let demands = certificate::of_day(self.problem, self.roster, holes)?;
            self.charge(ELEMENT_STEPS);
            let is_proven = certificate::is_impossible(self.problem, &demands);
            is_proven.then_some(demands)
        })
    }

    fn charge(&mut self, steps: u64) {
        self.steps_left = self.steps_left.saturating_sub(steps);
    }

    /// The same along the chains, by exact search.
    fn grow_near(&mut self, holes: &[SlotIx]) -> Option<Vec<SlotIx>> {
        let mut demands = holes.to_vec();
        demands.sort_unstable();
        demands.dedup();
        loop {
            let requests = self.requests_around(&demands);
            let staffed = match self.ask(self.problem, &demands, &requests, NEAR_STEPS) {
                Answer::No => return Some(demands),
                Answer::Unknown => return None,
                Answer::Yes(staffed) => staffed,
            };
            let before = demands.len();
            for slot in self.left_by(&staffed) {
                if !demands.contains(&slot) {
                    demands.push(slot);
                }
            }
            if demands.len() == before {
                self.widen(&mut demands);
            }
            demands.sort_unstable();
            if demands.len() == before || demands.len() > DEMANDS_MAX {
                return None;
            }
        }
    }

    /// What the people of a partial roster leave in the whole one: the days it is about, and gardes that are near.
    fn left_by(&self, staffed: &Roster) -> Vec<SlotIx> {
        let problem = self.problem;
        let reach = i64::from(problem.parameters().garde_gap_min.max(2)) - 1;
        let moved: Vec<(Seat, PersonIx)> =
            staffed.held().filter(|(seat, person)| self.roster.get(*seat) != Some(*person)).collect();
        let is_left = |seat: Seat, person: PersonIx| {
            let held = problem.slot(seat.slot);
            moved.iter().any(|(taken, own)| {
                let slot = problem.slot(taken.slot);
                let apart = (i64::from(slot.day.0) - i64::from(held.day.0)).abs();
                let near = match (slot.kind.is_garde(), held.kind.is_garde()) {
                    (true, true) => apart <= reach,
                    (true, false) => held.day.0 == slot.day.0 || held.day.0 == slot.day.0 + 1,
                    (false, true) => apart == 0 || held.day.0 + 1 == slot.day.0,
                    (false, false) => {
                        apart == 0 && (slot.kind.half().is_none() || slot.kind.half() == held.kind.half())
                    }
                };
                *own == person && near
            })
        };
        let mut slots: Vec<SlotIx> = (self.roster.held())
            .filter(|(seat, person)| staffed.get(*seat) != Some(*person) && is_left(*seat, *person))
            .map(|(seat, _)| seat.slot)
            .filter(|slot| problem.slot(*slot).weight > 0)
            .collect();
        slots.dedup();
        slots
    }

    /// Nothing near is left and yet chains found no way: all demands of these days and the days around.
    fn widen(&self, demands: &mut Vec<SlotIx>) {
        let days: Vec<u16> = demands.iter().map(|slot| self.problem.slot(*slot).day.0).collect();
        for slot in self.problem.slot_indices() {
            let own = self.problem.slot(slot);
            let is_near = days.iter().any(|day| own.day.0.abs_diff(*day) <= 1);
            let is_held = oracle::is_staffed(self.problem, self.roster, slot);
            if is_near && is_held && own.weight > 0 && !demands.contains(&slot) {
                demands.push(slot);
            }
        }
    }

    /// Leaves out what the contradiction does not need.
    pub fn shrink(&mut self, demands: &[SlotIx]) -> Outcome {
        let requests = self.requests_around(demands);
        let locks = locks_around(self.problem, demands);
        let absences = absences_around(self.problem, demands);
        let mut kept = Kept { demands: demands.to_vec(), requests, locks, absences };
        let mut is_irreducible = true;
        // Decisions first, so that demands are only blamed for what decisions do not explain; all of a kind together
        // first, which is most often enough.
        let problem = self.problem;
        let kinds: [&dyn Fn(&Kept) -> Kept; 6] = [
            &Kept::without_locks,
            &Kept::without_requests,
            &Kept::without_absences,
            &|kept| kept.without_demands(|slot| problem.slot(slot).kind.is_garde()),
            &|kept| kept.without_demands(|slot| problem.slot(slot).kind.half() == Some(Half::Morning)),
            &|kept| kept.without_demands(|slot| problem.slot(slot).kind.half() == Some(Half::Afternoon)),
        ];
        for kind in kinds {
            let less = kind(&kept);
            if less != kept && self.contradicts(&less) == Some(true) {
                kept = less;
            }
        }
        for element in kept.elements() {
            let less = kept.without(element);
            match self.contradicts(&less) {
                Some(true) => kept = less,
                Some(false) => {}
                None => is_irreducible = false,
            }
        }
        Outcome::Contradiction { elements: kept.elements(), is_irreducible }
    }

    /// Whether what is kept still cannot hold together; `None`: unknown.
    fn contradicts(&mut self, kept: &Kept) -> Option<bool> {
        let problem = Problem::build(kept.draft(self.problem)).ok()?;
        if kept.demands.is_empty() {
            return Some(false);
        }
        self.charge(1);
        if kept.requests.is_empty() && certificate::is_impossible(&problem, &kept.demands) {
            return Some(true);
        }
        if self.holds(&problem, kept) {
            return Some(false);
        }
        match self.ask(&problem, &kept.demands, &kept.requests, ELEMENT_STEPS.max(self.steps_left / 8)) {
            Answer::No => Some(true),
            Answer::Yes(_) => Some(false),
            Answer::Unknown => None,
        }
    }

    /// Chains find a roster that holds what is kept, starting from what the roster has of it.
    fn holds(&mut self, problem: &Problem, kept: &Kept) -> bool {
        if !kept.requests.is_empty() {
            return false;
        }
        let mut start = Roster::pinned(problem);
        for (seat, person) in self.roster.held().filter(|(seat, _)| kept.demands.contains(&seat.slot)) {
            if problem.pin(seat).is_none() {
                start.set(seat, Some(person));
            }
        }
        let open = kept.demands.iter().copied();
        let holes: Vec<SlotIx> = open.filter(|slot| !oracle::is_staffed(problem, &start, *slot)).collect();
        self.charge(ELEMENT_STEPS);
        holes.is_empty() || mended(problem, &start, &holes, ELEMENT_STEPS).is_some()
    }
}
