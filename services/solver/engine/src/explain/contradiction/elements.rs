//! The elements of a contradiction, and the problem without some of them.

use roster::problem::{Availability, DayIx, Draft, Half, HalfDay, PersonIx, Problem, Seat, SlotIx};

use super::Element;

/// Which elements are still in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub demands: Vec<SlotIx>,
    /// Positions in the problem's requests.
    pub requests: Vec<usize>,
    pub locks: Vec<Seat>,
    pub absences: Vec<(PersonIx, DayIx)>,
}

// === impl Kept ===

impl Kept {
    /// All of them, decisions before demands.
    pub fn elements(&self) -> Vec<Element> {
        let locks = self.locks.iter().map(|seat| Element::Lock(*seat));
        let requests = self.requests.iter().map(|request| Element::Request(*request));
        let absences = self.absences.iter().map(|(person, day)| Element::Absence(*person, *day));
        let demands = self.demands.iter().map(|slot| Element::Demand(*slot));
        locks.chain(requests).chain(absences).chain(demands).collect()
    }

    pub fn without(&self, element: Element) -> Self {
        let mut less = self.clone();
        match element {
            Element::Demand(slot) => less.demands.retain(|own| *own != slot),
            Element::Lock(seat) => less.locks.retain(|own| *own != seat),
            Element::Request(request) => less.requests.retain(|own| *own != request),
            Element::Absence(person, day) => less.absences.retain(|own| *own != (person, day)),
        }
        less
    }

    pub fn without_locks(&self) -> Self {
        Self { locks: Vec::new(), ..self.clone() }
    }

    pub fn without_requests(&self) -> Self {
        Self { requests: Vec::new(), ..self.clone() }
    }

    pub fn without_absences(&self) -> Self {
        Self { absences: Vec::new(), ..self.clone() }
    }

    pub fn without_demands(&self, leaves_out: impl Fn(SlotIx) -> bool) -> Self {
        let mut less = self.clone();
        less.demands.retain(|slot| !leaves_out(*slot));
        less
    }

    /// The problem with no other locks and absences than these around its demands; demands and requests are the
    /// search's own matter.
    pub fn draft(&self, problem: &Problem) -> Draft {
        let mut draft = problem.draft().clone();
        let near_locks = locks_around(problem, &self.demands);
        draft.pins.retain(|pin| self.locks.contains(&pin.seat) || !near_locks.contains(&pin.seat));
        for (person, day) in absences_around(problem, &self.demands) {
            if !self.absences.contains(&(person, day)) {
                call_back(&mut draft, person, day);
            }
        }
        draft
    }
}

/// Days on which something could matter to these demands: theirs, and those within reach of a garde.
fn days_around(problem: &Problem, demands: &[SlotIx]) -> Vec<DayIx> {
    let reach = problem.parameters().garde_gap_min.max(2) - 1;
    let near = |day: &DayIx| demands.iter().any(|slot| problem.slot(*slot).day.0.abs_diff(day.0) <= reach);
    problem.day_indices().filter(near).collect()
}

/// The locks that could matter.
pub(super) fn locks_around(problem: &Problem, demands: &[SlotIx]) -> Vec<Seat> {
    let days = days_around(problem, demands);
    let pins = problem.draft().pins.iter().map(|pin| pin.seat);
    pins.filter(|seat| days.contains(&problem.slot(seat.slot).day)).collect()
}

/// The absences that could matter: those of the demands' own days.
pub(super) fn absences_around(problem: &Problem, demands: &[SlotIx]) -> Vec<(PersonIx, DayIx)> {
    let mut days: Vec<DayIx> = demands.iter().map(|slot| problem.slot(*slot).day).collect();
    days.sort_unstable();
    days.dedup();
    let pairs = problem.person_indices().flat_map(|person| days.iter().map(move |day| (person, *day)));
    pairs.filter(|(person, day)| is_away(problem, *person, *day)).collect()
}

/// Away by decision on a day, whole or half, or from its duties.
fn is_away(problem: &Problem, person: PersonIx, day: DayIx) -> bool {
    let who = problem.person(person);
    let halves = Half::ALL.map(|half| who.availability[HalfDay::new(day, half).at()]);
    let is_decided = |own: Availability| matches!(own, Availability::Absent | Availability::Unavailable);
    halves.into_iter().any(is_decided)
        || who.duty_unavailabilities.iter().any(|own| own.day == day && !own.is_flexible)
}

/// Takes somebody's absence on a day away.
pub(super) fn call_back(draft: &mut Draft, person: PersonIx, day: DayIx) {
    let usual =
        if draft.days[day.at()].is_working_day() { Availability::Working } else { Availability::DutyOnly };
    let who = &mut draft.people[person.at()];
    for half in Half::ALL {
        let own = &mut who.availability[HalfDay::new(day, half).at()];
        if matches!(own, Availability::Absent | Availability::Unavailable) {
            *own = usual;
        }
    }
    who.duty_unavailabilities.retain(|own| own.day != day || own.is_flexible);
}
