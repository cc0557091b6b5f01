//! Chains: an empty place is given to somebody, who leaves what is in the way of it, which others take in turn.
//!
//! A depth-first search over what is still empty, the heaviest place first. For each place it is tried to give it to
//! every candidate, with every irreducible set of places that candidate must leave (`eject`), and to leave it empty.
//! The number of changes is deepened one by one, so that few changes are known first. A branch is cut when even
//! filling all that is empty could not reach what was found with as few changes: filling a place saves at most what
//! the hole costs.

use roster::{
    Evaluator, Level, Problem, RuleId, Score,
    problem::{DayIx, Half, PersonIx, Post, Profession, Seat},
    roster::Roster,
    rules::catalogue,
};

use super::{
    Alternative, Cause, Change, Warm,
    archive::{Archive, Found},
    warm::other_post,
};

/// How often places that fell together are mended in turn, each time by others.
const ROUNDS: u64 = 3;
/// Changes beyond the refilled places that one half-day may take, in turn.
pub(super) const SPARE: usize = 2;
/// How many changes more than asked for are looked at when places stay empty.
const BEYOND: usize = 3;

/// How far chains may go.
pub(crate) struct Limits {
    /// The most places that change hands.
    pub changes_max: usize,
    /// The most places to try somebody in.
    pub steps: u64,
}

/// A search for the chains that mend one plan.
pub(crate) struct Chains<'w, 'p> {
    warm: &'w Warm<'p>,
    pub(super) problem: &'p Problem,
    pub(super) judge: Evaluator<'p>,
    fallen: Vec<Seat>,
    /// Fallen places whose turn has not come: their rooms are not closed yet.
    undecided: Vec<Seat>,
    /// A place that is given whatever else has to move.
    given: Option<Seat>,
    /// Who is given nothing.
    banned: Vec<PersonIx>,
    /// Who is not to have which place: to find others.
    refused: Vec<(Seat, PersonIx)>,
    frozen_until: DayIx,
    /// The most the hard level may be: what was inherited.
    pub(super) hard_max: i64,
    /// What the roster costs with the fallen places empty.
    base: Score,
    /// Who held what was changed, oldest first.
    journal: Vec<(Seat, Option<PersonIx>)>,
    archive: Archive,
    changes_max: usize,
    pub(super) steps: u64,
    steps_max: u64,
    /// What one unit of a hole's weight costs at most.
    hole_price: i64,
}

/// One way to fill a place: who takes it, and what that person, or the other holder of the room, leaves.
struct Fill {
    seat: Seat,
    person: PersonIx,
    leaves: Vec<Seat>,
    score: Score,
}

// === impl Chains ===

impl<'w, 'p> Chains<'w, 'p> {
    /// Takes these places from whoever holds them. The banned are given nothing.
    pub fn new(warm: &'w Warm<'p>, fallen: &[Seat], banned: &[PersonIx], frozen_until: DayIx) -> Self {
        let problem = warm.problem();
        let mut judge = warm.judge();
        for seat in fallen {
            judge.set(*seat, None);
        }
        let base = judge.score();
        Chains {
            warm,
            problem,
            judge,
            fallen: fallen.to_vec(),
            undecided: Vec::new(),
            given: None,
            refused: Vec::new(),
            banned: banned.to_vec(),
            frozen_until,
            hard_max: base.level(Level::Hard),
            base,
            journal: Vec::new(),
            archive: Archive::default(),
            changes_max: 0,
            steps: 0,
            steps_max: 0,
            hole_price: hole_price(problem),
        }
    }

    /// Starts from a place given to somebody instead of its holder: what that person leaves is not decided yet.
    pub fn given(warm: &'w Warm<'p>, seat: Seat, person: PersonIx) -> Self {
        let holder: Vec<PersonIx> = warm.roster().get(seat).into_iter().collect();
        let hard_max = warm.score().level(Level::Hard);
        let mut chains = Chains::new(warm, &[seat], &holder, DayIx(0));
        chains.hard_max = hard_max;
        chains.banned = Vec::new();
        chains.given = Some(seat);
        chains.judge.set(seat, Some(person));
        chains
    }

    /// Tries all chains of 0, 1, 2 … changes; returns how far that was complete. When several places fell they are
    /// first mended one after the other, so that there is a good answer however soon the steps end.
    pub fn mend(&mut self, limits: &Limits) -> Option<usize> {
        if self.fallen.len() > 1 {
            self.steps_max = limits.steps / 2;
            self.mend_in_turn(limits.changes_max);
        }
        self.steps_max = limits.steps;
        let pending = self.fallen.clone();
        self.deepen(&pending, limits.changes_max)
    }

    /// When places stay empty within the budget: the best with a few changes more, if that leaves less empty. What was
    /// found within the budget is kept as it is.
    pub fn beyond(&mut self, limits: &Limits) -> Option<Alternative> {
        let within = self.best()?.score.level(Level::Critical);
        if within <= self.warm.score().level(Level::Critical) {
            return None;
        }
        self.steps_max = self.steps.saturating_add(limits.steps);
        let archive = self.archive.clone();
        let pending = self.fallen.clone();
        let mut found = None;
        for changes_max in limits.changes_max + 1..=limits.changes_max + BEYOND {
            self.changes_max = changes_max;
            self.descend(&pending);
            found = self.best().filter(|best| best.score.level(Level::Critical) < within).cloned();
            if found.is_some() || self.is_spent() {
                break;
            }
        }
        self.archive = archive;
        found.map(|found| self.alternative(&found, false))
    }

    /// Mends half-day after half-day, the heaviest first, each as well as can be with what the ones before left; then
    /// again without those who took the heaviest place, so that there is a choice.
    fn mend_in_turn(&mut self, changes_max: usize) {
        let parts = self.parts();
        let whole = (self.steps_max, self.steps);
        for round in 0..ROUNDS {
            let archive = std::mem::take(&mut self.archive);
            let mut found = None;
            for (position, part) in parts.iter().enumerate() {
                let later: Vec<Seat> = parts[position + 1..].concat();
                self.changes_max =
                    (self.changes() + part.len() + SPARE).min(changes_max.saturating_sub(later.len()));
                let left = (whole.0 - whole.1) / (ROUNDS * parts.len() as u64).max(1);
                self.steps_max = self.steps + left;
                self.undecided = later;
                self.archive = Archive::default();
                self.descend(part);
                found = self.archive.best().cloned().or(found);
                if let Some(best) = self.archive.best().cloned() {
                    self.undo_to(0);
                    for (seat, holder) in best.moves {
                        if !self.undecided.contains(&seat) {
                            self.put(seat, holder);
                        }
                    }
                }
            }
            self.undo_to(0);
            self.archive = archive;
            let heaviest = self.heaviest();
            match (found, heaviest) {
                (Some(found), Some(seat)) => {
                    self.refused.extend(found.by.map(|person| (seat, person)));
                    self.archive.add(found);
                }
                _ => break,
            }
            if self.refused.len() <= round as usize {
                break;
            }
        }
        self.refused.clear();
        self.undecided.clear();
    }

    /// The fallen places by half-day, those of a duty by day, the heaviest first.
    fn parts(&self) -> Vec<Vec<Seat>> {
        let mut parts: Vec<((DayIx, Option<Half>), Vec<Seat>)> = Vec::new();
        for seat in &self.fallen {
            let slot = self.problem.slot(seat.slot);
            let when = (slot.day, slot.kind.half());
            match parts.iter_mut().find(|(own, _)| *own == when) {
                Some((_, seats)) => seats.push(*seat),
                None => parts.push((when, vec![*seat])),
            }
        }
        parts.sort_by_key(|(_, seats)| {
            std::cmp::Reverse(seats.iter().map(|seat| self.worth(*seat)).max().unwrap_or(0))
        });
        parts.into_iter().map(|(_, seats)| seats).collect()
    }

    /// The fallen place that weighs most.
    fn heaviest(&self) -> Option<Seat> {
        self.fallen.iter().copied().max_by_key(|seat| (self.worth(*seat), std::cmp::Reverse(*seat)))
    }

    /// The same after [`Chains::given`]: the place stays given, whatever else has to move.
    pub fn mend_given(&mut self, seat: Seat, person: PersonIx, limits: &Limits) -> Option<usize> {
        self.steps_max = limits.steps;
        let mut complete = None;
        for changes_max in 1..=limits.changes_max {
            self.changes_max = changes_max;
            // The place itself is one change, so that it counts it is put anew.
            for leaves in self.ejections(seat, person, changes_max - 1) {
                let mark = self.apply(None, &leaves);
                let pending: Vec<Seat> = leaves.iter().copied().chain([other_post(seat)]).collect();
                self.descend(&pending);
                self.undo_to(mark);
            }
            if self.is_spent() {
                break;
            }
            complete = Some(changes_max);
        }
        complete
    }

    /// Steps spent.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The best found, ready to be told.
    pub fn alternatives(&self, limit: usize) -> Vec<Alternative> {
        let chosen = self.archive.select(limit);
        chosen.into_iter().map(|(found, is_pareto)| self.alternative(found, is_pareto)).collect()
    }

    /// The best found.
    pub fn best(&self) -> Option<&Found> {
        self.archive.best()
    }

    /// The plan as each of what was found would have it, the best first.
    pub fn rosters(&self) -> Vec<Roster> {
        self.archive.select(usize::MAX).into_iter().map(|(found, _)| self.roster_of(found)).collect()
    }

    /// The plan with what was found.
    pub fn roster_of(&self, found: &Found) -> Roster {
        let mut roster = self.warm.roster().clone();
        for (seat, person) in &found.moves {
            roster.set(*seat, *person);
        }
        roster
    }

    fn deepen(&mut self, pending: &[Seat], changes_max: usize) -> Option<usize> {
        let mut complete = None;
        for changes_max in 0..=changes_max {
            self.changes_max = changes_max;
            self.descend(pending);
            if self.is_spent() {
                break;
            }
            complete = Some(changes_max);
        }
        complete
    }

    /// Decides the heaviest of the empty places in every way, and the others after it.
    fn descend(&mut self, pending: &[Seat]) {
        let open: Vec<Seat> = pending.iter().copied().filter(|seat| self.is_wanting(*seat)).collect();
        let critical = self.judge.score().level(Level::Critical);
        let saved: i64 = open.iter().map(|seat| self.worth(*seat)).sum();
        if self.is_spent() || self.archive.beats(self.changes(), critical - saved) {
            return;
        }
        let Some(seat) =
            open.iter().copied().max_by_key(|seat| (self.worth(*seat), std::cmp::Reverse(*seat)))
        else {
            self.record();
            return;
        };
        let rest: Vec<Seat> = open.into_iter().filter(|own| *own != seat).collect();
        for fill in self.fills(seat) {
            let mark = self.apply(Some((fill.seat, fill.person)), &fill.leaves);
            let mut next = rest.clone();
            next.extend(fill.leaves.iter().chain([&other_post(seat)]));
            next.sort_unstable();
            next.dedup();
            self.descend(&next);
            self.undo_to(mark);
        }
        self.descend(&rest);
    }

    /// Every way to fill a place within the budget, the best first.
    fn fills(&mut self, seat: Seat) -> Vec<Fill> {
        let mut fills = Vec::new();
        let mut offer = |chains: &mut Self, seat: Seat, only: Option<Profession>| {
            if chains.problem.pin(seat).is_some() {
                return;
            }
            for person in chains.problem.candidates(seat) {
                let profession = chains.problem.person(*person).profession;
                if only.is_none_or(|only| only == profession) && !chains.is_out(seat, *person) {
                    chains.offer(seat, *person, &mut fills);
                }
            }
        };
        offer(self, seat, None);
        if seat.post == Post::Supervisor && self.may_leave(other_post(seat)) {
            // No supervisor: an anesthetist may take the nurse's room over.
            offer(self, other_post(seat), Some(Profession::Mar));
        }
        fills.sort_by_key(|fill| (fill.score, fill.leaves.len(), fill.person));
        fills
    }

    fn offer(&mut self, seat: Seat, person: PersonIx, fills: &mut Vec<Fill>) {
        let mark = self.apply(Some((seat, person)), &[]);
        let changes = self.changes();
        if changes <= self.changes_max {
            for leaves in self.ejections(seat, person, self.changes_max - changes) {
                let inner = self.apply(None, &leaves);
                fills.push(Fill { seat, person, leaves, score: self.judge.score() });
                self.undo_to(inner);
            }
        }
        self.undo_to(mark);
    }

    /// Keeps the roster as it stands, once rooms nobody answers for are closed.
    fn record(&mut self) {
        let mark = self.journal.len();
        let is_closed = self.close_rooms();
        let changes = self.changes();
        if is_closed && changes <= self.changes_max {
            let score = self.judge.score();
            let roster = self.judge.roster();
            let mut moves: Vec<_> = (self.fallen.iter().chain(self.journal.iter().map(|(seat, _)| seat)))
                .map(|seat| (*seat, roster.get(*seat)))
                .filter(|(seat, holder)| self.warm.roster().get(*seat) != *holder)
                .collect();
            moves.sort_unstable();
            moves.dedup();
            let by = self.heaviest().and_then(|seat| roster.get(seat));
            self.archive.add(Found { changes, score, moves, by });
        }
        self.undo_to(mark);
    }

    /// No nurse works without an anesthetist and nobody supervises an empty room; `false` when somebody was put into
    /// such a room, or closing it breaks a rule.
    fn close_rooms(&mut self) -> bool {
        let touched: Vec<Seat> =
            self.fallen.iter().copied().chain(self.journal.iter().map(|own| own.0)).collect();
        for seat in touched {
            let is_decided = self.undecided.iter().all(|own| own.slot != seat.slot);
            if !self.problem.slot(seat.slot).kind.is_theatre() || !is_decided {
                continue;
            }
            let (performer, supervisor) = (Seat::performer(seat.slot), Seat::supervisor(seat.slot));
            let close = match (self.judge.get(performer), self.judge.get(supervisor)) {
                (Some(nurse), None) if self.is_nurse(nurse) => performer,
                (None, Some(_)) => supervisor,
                _ => continue,
            };
            if self.warm.roster().get(close) != self.judge.get(close) {
                return false;
            }
            if self.problem.pin(close).is_none() {
                self.put(close, None);
            }
        }
        self.is_legal()
    }

    fn alternative(&self, found: &Found, is_pareto: bool) -> Alternative {
        let changes: Vec<Change> = (found.moves.iter())
            .map(|(seat, after)| {
                let before = self.warm.roster().get(*seat);
                let cost = self.warm.price(*seat, *after);
                Change { seat: *seat, before, after: *after, cause: self.cause(found, *seat, *after), cost }
            })
            .collect();
        let holes = changes
            .iter()
            .filter(|change| matches!(change.cause, Cause::Falls | Cause::Drops))
            .filter(|change| self.leaves_a_hole(found, change.seat))
            .map(|change| change.seat)
            .collect();
        let difference = found.score - self.base;
        Alternative { changes, changes_count: found.changes, difference, holes, is_pareto }
    }

    fn cause(&self, found: &Found, seat: Seat, after: Option<PersonIx>) -> Cause {
        let is_alone = |seat: Seat| self.holder_in(found, other_post(seat)).is_none();
        let closes = self.problem.slot(seat.slot).kind.is_theatre()
            && after.is_none()
            && is_alone(seat)
            && !self.fallen.contains(&seat)
            && (self.fallen.contains(&other_post(seat))
                || found.moves.iter().any(|own| own.0 == other_post(seat)));
        match (self.fallen.contains(&seat), self.warm.roster().get(seat), after) {
            (true, _, Some(_)) => Cause::Replaces,
            (true, _, None) => Cause::Falls,
            (false, None, _) => Cause::Joins,
            (false, Some(_), Some(_)) => Cause::Relays,
            (false, Some(_), None) if closes => Cause::Closes,
            (false, Some(_), None) => Cause::Drops,
        }
    }

    fn holder_in(&self, found: &Found, seat: Seat) -> Option<PersonIx> {
        let moved = found.moves.iter().find(|(own, _)| *own == seat);
        moved.map_or_else(|| self.warm.roster().get(seat), |(_, holder)| *holder)
    }

    /// An empty place that leaves its slot unstaffed: a supervisor's place in an anesthetist's room does not.
    fn leaves_a_hole(&self, found: &Found, seat: Seat) -> bool {
        match seat.post {
            Post::Performer => self.problem.slot(seat.slot).weight > 0,
            Post::Supervisor => {
                let performer = self.holder_in(found, Seat::performer(seat.slot));
                performer.is_none_or(|own| self.is_nurse(own))
            }
        }
    }

    // --- what a place is worth, and who may move ---

    /// Empty, and somebody is wanted there.
    fn is_wanting(&self, seat: Seat) -> bool {
        if self.judge.get(seat).is_some() {
            return false;
        }
        match seat.post {
            Post::Performer => self.problem.slot(seat.slot).weight > 0,
            Post::Supervisor => {
                let performer = self.judge.get(Seat::performer(seat.slot));
                performer.is_some_and(|own| self.is_nurse(own))
            }
        }
    }

    /// The most that filling a place can save at the critical level.
    fn worth(&self, seat: Seat) -> i64 {
        i64::from(self.problem.slot(seat.slot).weight) * self.hole_price
    }

    fn is_nurse(&self, person: PersonIx) -> bool {
        self.problem.person(person).profession == Profession::Iade
    }

    /// Whether somebody may be taken from a place.
    pub(super) fn may_leave(&self, seat: Seat) -> bool {
        self.problem.pin(seat).is_none()
            && self.given != Some(seat)
            && self.problem.slot(seat.slot).day >= self.frozen_until
            && self.judge.get(seat).is_none_or(|holder| !self.banned.contains(&holder))
    }

    /// Who is not asked: the absent, and whoever has just been taken from this place.
    fn is_out(&self, seat: Seat, person: PersonIx) -> bool {
        self.banned.contains(&person)
            || self.refused.contains(&(seat, person))
            || self.judge.get(seat) == Some(person)
            || self.journal.iter().any(|(own, before)| *own == seat && *before == Some(person))
    }

    pub(super) fn is_banned(&self, person: PersonIx) -> bool {
        self.banned.contains(&person)
    }

    pub(super) fn is_legal(&self) -> bool {
        self.judge.score().level(Level::Hard) <= self.hard_max
    }

    fn is_spent(&self) -> bool {
        self.steps >= self.steps_max
    }

    // --- the journal ---

    pub(super) fn put(&mut self, seat: Seat, person: Option<PersonIx>) {
        self.steps += 1;
        let before = self.judge.set(seat, person);
        self.journal.push((seat, before));
    }

    /// Puts somebody in a place and takes others away; returns where to undo to.
    fn apply(&mut self, taken: Option<(Seat, PersonIx)>, left: &[Seat]) -> usize {
        let mark = self.journal.len();
        if let Some((seat, person)) = taken {
            self.put(seat, Some(person));
        }
        for seat in left {
            self.put(*seat, None);
        }
        mark
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        while self.journal.len() > mark {
            if let Some((seat, before)) = self.journal.pop() {
                self.judge.set(seat, before);
            }
        }
    }

    pub(super) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Places that differ from the plan. What is empty in the rooms of fallen places does not count: it fell, or has
    /// nobody to work with.
    fn changes(&self) -> usize {
        let mut count = self.fallen.iter().filter(|seat| self.differs(**seat)).count();
        for (position, (seat, _)) in self.journal.iter().enumerate() {
            let again = self.journal[..position].iter().any(|(own, _)| own == seat);
            count += usize::from(!again && !self.fallen.contains(seat) && self.differs(*seat));
        }
        count
    }

    fn differs(&self, seat: Seat) -> bool {
        let holder = self.judge.get(seat);
        let fell = holder.is_none() && self.fallen.iter().any(|own| own.slot == seat.slot);
        !fell && holder != self.warm.roster().get(seat)
    }
}

/// What one unit of a hole's weight costs at most in this rule set, in thousandths.
fn hole_price(problem: &Problem) -> i64 {
    let rules = [
        RuleId::GardeCoverage,
        RuleId::AstreinteCoverage,
        RuleId::ConsultationCoverage,
        RuleId::ClosingCoverage,
        RuleId::TheatreCoverage,
        RuleId::SupervisorMissing,
    ];
    let weight = |rule: RuleId| {
        let own = problem.parameters().settings.iter().find(|setting| setting.rule == rule);
        let default = || catalogue().iter().find(|entry| entry.id == rule).map(|entry| entry.default_weight);
        own.map(|setting| setting.weight).or_else(default).unwrap_or(1)
    };
    rules.into_iter().map(weight).max().unwrap_or(1).saturating_mul(Score::UNIT)
}
