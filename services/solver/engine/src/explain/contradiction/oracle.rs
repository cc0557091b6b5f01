//! An exact answer for a few demands: can they all be staffed lawfully, with these requests granted?
//!
//! A depth-first search that staffs the demand with the fewest ways first, people who hold it in the roster tried
//! first. A place is only refused for rules that more places can never mend; the whole is judged at the end. Before a
//! branch is entered, people are counted against what is left: a matching of demands to people, each with as many
//! places as one person could ever hold at once.

use roster::{
    Evaluator, Level, Problem, Roster, RuleId,
    problem::{Ask, DayIx, Half, PersonIx, Post, Profession, Seat, SlotIx, SlotKind},
};

use super::matching::place;

/// What the search found.
pub(super) enum Answer {
    /// This roster, with nothing but the locks and what was asked in it.
    Yes(Roster),
    /// No lawful roster does.
    No,
    /// The steps ended.
    Unknown,
}

/// A question under search.
pub(super) struct Oracle<'a, 'p> {
    judge: Evaluator<'p>,
    problem: &'p Problem,
    roster: &'a Roster,
    demands: Vec<SlotIx>,
    requests: Vec<usize>,
    hard_max: i64,
    steps: u64,
    steps_max: u64,
}

/// Places that are given together: a performer, a nurse with the supervisor.
type Way = Vec<(Seat, PersonIx)>;

/// Whether a slot is lawfully staffed; floating places always are.
pub(super) fn is_staffed(problem: &Problem, roster: &Roster, slot: SlotIx) -> bool {
    if problem.slot(slot).weight == 0 {
        return true;
    }
    match roster.performer(slot) {
        None => false,
        Some(person) => {
            !problem.slot(slot).kind.is_theatre()
                || problem.person(person).profession == Profession::Mar
                || roster.supervisor(slot).is_some()
        }
    }
}

// === impl Oracle ===

impl<'a, 'p> Oracle<'a, 'p> {
    pub fn new(
        problem: &'p Problem,
        roster: &'a Roster,
        demands: &[SlotIx],
        requests: &[usize],
        steps_max: u64,
    ) -> Self {
        let judge = Evaluator::new(problem, &Roster::pinned(problem));
        let hard_max = judge.score().level(Level::Hard);
        let (demands, requests) = (demands.to_vec(), requests.to_vec());
        Oracle { judge, problem, roster, demands, requests, hard_max, steps: 0, steps_max }
    }

    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn ask(&mut self) -> Answer {
        match self.descend() {
            Some(true) => Answer::Yes(self.judge.roster().clone()),
            Some(false) => Answer::No,
            None => Answer::Unknown,
        }
    }

    /// Staffs what is left; on `Some(true)` the judge holds the roster.
    fn descend(&mut self) -> Option<bool> {
        if self.steps >= self.steps_max {
            return None;
        }
        if !self.has_people_enough() {
            return Some(false);
        }
        let Some(ways) = self.tightest() else {
            return Some(self.judge.score().level(Level::Hard) <= self.hard_max && self.grants());
        };
        let mut is_known = true;
        for way in ways {
            let mark = self.put(&way);
            match self.descend() {
                Some(true) => return Some(true),
                Some(false) => {}
                None => is_known = false,
            }
            self.take_back(mark);
            if !is_known {
                break;
            }
        }
        is_known.then_some(false)
    }

    /// The ways of the demand or request that has the fewest; `None`: all is staffed and granted.
    fn tightest(&mut self) -> Option<Vec<Way>> {
        let mut best: Option<Vec<Way>> = None;
        let open: Vec<SlotIx> = (self.demands.iter().copied())
            .filter(|slot| !is_staffed(self.problem, self.judge.roster(), *slot))
            .collect();
        for slot in open {
            let ways = self.ways(slot, None);
            if best.as_ref().is_none_or(|own| ways.len() < own.len()) {
                best = Some(ways);
            }
        }
        for request in self.requests.clone() {
            if let Some(ways) = self.ways_to_grant(request)
                && best.as_ref().is_none_or(|own| ways.len() < own.len())
            {
                best = Some(ways);
            }
        }
        best
    }

    /// Every way to staff a slot that no rule refuses for good, people who hold it in the roster first.
    fn ways(&mut self, slot: SlotIx, only: Option<PersonIx>) -> Vec<Way> {
        let (performer, supervisor) = (Seat::performer(slot), Seat::supervisor(slot));
        let mut ways = Vec::new();
        for person in self.takers(performer, only) {
            let is_nurse = self.problem.person(person).profession == Profession::Iade;
            if !is_nurse || !self.problem.slot(slot).kind.is_theatre() {
                ways.push(vec![(performer, person)]);
                continue;
            }
            let before = self.judge.set(performer, Some(person));
            for other in self.takers(supervisor, None) {
                ways.push(vec![(performer, person), (supervisor, other)]);
            }
            self.judge.set(performer, before);
        }
        let holds =
            |way: &Way| way.iter().filter(|(seat, person)| self.roster.get(*seat) == Some(*person)).count();
        ways.sort_by_key(|way| std::cmp::Reverse(holds(way)));
        ways
    }

    /// Who may take a place, or holds it already.
    fn takers(&mut self, seat: Seat, only: Option<PersonIx>) -> Vec<PersonIx> {
        if let Some(holder) = self.judge.get(seat) {
            return Some(holder).filter(|own| only.is_none_or(|only| only == *own)).into_iter().collect();
        }
        if self.problem.pin(seat).is_some() {
            return Vec::new();
        }
        let candidates = self.problem.candidates(seat);
        let wanted = candidates.iter().copied().filter(|person| only.is_none_or(|only| only == *person));
        wanted.filter(|person| self.may(seat, *person)).collect()
    }

    /// Nothing that more places could not mend is in the way.
    fn may(&mut self, seat: Seat, person: PersonIx) -> bool {
        self.steps += 1;
        match self.judge.can_take(seat, person) {
            Ok(()) => !self.is_refused_by_request(seat, person),
            // A room between may come, and so may a room performed in elsewhere.
            Err(blocker) => matches!(blocker.rule, RuleId::Contiguity | RuleId::FullDayForbidden),
        }
    }

    fn is_refused_by_request(&self, seat: Seat, person: PersonIx) -> bool {
        let slot = self.problem.slot(seat.slot);
        let asked = self.requests.iter().map(|position| &self.problem.draft().requests[*position]);
        asked.filter(|request| request.person == person).any(|request| match request.ask {
            Ask::NoGarde(day) => slot.kind.is_garde() && slot.day == day,
            Ask::NoAstreinte(day) => matches!(slot.kind, SlotKind::Astreinte { .. }) && slot.day == day,
            Ask::Off(half) => {
                slot.half_day() == Some(half) || (slot.kind.is_garde() && slot.day == half.day())
            }
            _ => false,
        })
    }

    /// The ways to grant a request that asks for a post and has none yet.
    fn ways_to_grant(&mut self, position: usize) -> Option<Vec<Way>> {
        let request = self.problem.draft().requests[position];
        let problem = self.problem;
        let fits = |slot: SlotIx| {
            let own = problem.slot(slot);
            match request.ask {
                Ask::Slot(asked) => slot == asked,
                Ask::Garde(day) => own.kind.is_garde() && own.day == day,
                Ask::Astreinte(day) => matches!(own.kind, SlotKind::Astreinte { .. }) && own.day == day,
                Ask::Work(half) => {
                    own.half_day() == Some(half) || (own.kind.is_garde() && own.day == half.day())
                }
                Ask::Consultation(half) => {
                    matches!(own.kind, SlotKind::Consultation { .. }) && own.half_day() == Some(half)
                }
                Ask::NoGarde(_) | Ask::NoAstreinte(_) | Ask::Off(_) => false,
            }
        };
        let wants = !matches!(request.ask, Ask::NoGarde(_) | Ask::NoAstreinte(_) | Ask::Off(_));
        let day = request.ask.day(problem.slots());
        let slots: Vec<SlotIx> =
            problem.slots_of_day(day).iter().copied().filter(|slot| fits(*slot)).collect();
        let has = |slot: &SlotIx| {
            Post::ALL.into_iter().any(|post| {
                let seat = Seat { slot: *slot, post };
                let counts = !matches!(request.ask, Ask::Slot(_)) || post == Post::Performer;
                counts && self.judge.get(seat) == Some(request.person)
            })
        };
        if !wants || slots.iter().any(has) {
            return None;
        }
        let mut ways = Vec::new();
        for slot in slots {
            ways.extend(self.ways(slot, Some(request.person)));
            if matches!(request.ask, Ask::Work(_)) && problem.slot(slot).kind.is_theatre() {
                let all = self.ways(slot, None);
                let supervises = |way: &Way| way.get(1).is_some_and(|(_, person)| *person == request.person);
                ways.extend(all.into_iter().filter(supervises));
            }
        }
        Some(ways)
    }

    /// Every request kept is granted, as the judge sees it: refusals too.
    fn grants(&self) -> bool {
        let held: Vec<(Seat, PersonIx)> = self.judge.roster().held().collect();
        held.iter().all(|(seat, person)| {
            self.problem.pin(*seat).is_some() || !self.is_refused_by_request(*seat, *person)
        })
    }

    /// Whether there are people enough for what is left, each demand alone with who may take it: a matching.
    fn has_people_enough(&mut self) -> bool {
        let mut groups: Vec<(DayIx, Option<Half>, Vec<SlotIx>)> = Vec::new();
        for slot in &self.demands {
            if is_staffed(self.problem, self.judge.roster(), *slot) {
                continue;
            }
            let own = self.problem.slot(*slot);
            let when = (own.day, own.kind.half());
            match groups.iter_mut().find(|(day, half, _)| (*day, *half) == when) {
                Some((.., slots)) => slots.push(*slot),
                None => groups.push((when.0, when.1, vec![*slot])),
            }
        }
        groups.into_iter().filter(|(.., slots)| slots.len() > 1).all(|(.., slots)| self.matches(&slots))
    }

    fn matches(&mut self, slots: &[SlotIx]) -> bool {
        let places = &self.problem.topology().sectors;
        let most = slots
            .iter()
            .filter_map(|slot| self.problem.sector_of(*slot))
            .map(|sector| usize::from(places[sector.at()].limits.rooms_per_person.max(1)));
        let capacity = most.max().unwrap_or(1);
        let takers: Vec<Vec<PersonIx>> =
            slots.iter().map(|slot| self.takers(Seat::performer(*slot), None)).collect();
        let mut held: Vec<Vec<usize>> = vec![Vec::new(); self.problem.people().len()];
        (0..slots.len()).all(|demand| {
            let mut seen = vec![false; held.len()];
            place(demand, &takers, capacity, &mut held, &mut seen)
        })
    }

    fn put(&mut self, way: &Way) -> Vec<(Seat, Option<PersonIx>)> {
        way.iter().map(|(seat, person)| (*seat, self.judge.set(*seat, Some(*person)))).collect()
    }

    fn take_back(&mut self, mark: Vec<(Seat, Option<PersonIx>)>) {
        for (seat, person) in mark.into_iter().rev() {
            self.judge.set(seat, person);
        }
    }
}
