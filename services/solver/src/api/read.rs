//! Questions read: the problem, the roster and what is asked about them, with everything that is wrong told at once.

use chassis::{Problem as Refusal, Violation};
use engine::replan::{ChangeBudget, Span};
use proto::solver::v1 as pb;
use roster::problem::{DayIx, HalfDay, PersonIx, Post, Seat, SlotIx};
use roster::{Problem, Roster};

/// The most changes a caller may ask for.
pub const CHANGES_MAX: u32 = 12;
/// The most alternatives a caller may ask for.
const ALTERNATIVES_MAX: u32 = 20;
/// The most steps a caller may ask for: a few seconds of one thread.
pub const STEPS_MAX: u64 = 1_000_000;

/// A problem and a roster of it, and what was wrong with them and what was asked.
pub struct Reader {
    asked: Option<(Problem, Roster)>,
    violations: Vec<Violation>,
}

impl Reader {
    /// Reads a problem and a roster; a missing roster is an empty one only when `needs_roster` is false.
    pub fn new(problem: Option<pb::Problem>, roster: Option<pb::Roster>, needs_roster: bool) -> Self {
        let mut reader = Self { asked: None, violations: Vec::new() };
        let read = problem::decode(&problem.unwrap_or_default());
        let problem = read.map_err(|found| reader.all("problem.", found)).ok();
        if needs_roster && roster.is_none() {
            reader.refuse("roster", "is required");
        }
        let Some(problem) = problem else { return reader };
        match problem::decode_roster(&roster.unwrap_or_default(), &problem) {
            Ok(roster) => reader.asked = Some((problem, roster)),
            Err(found) => reader.all("roster.", found),
        }
        reader
    }

    fn all(&mut self, prefix: &str, found: Vec<problem::Violation>) {
        self.violations.extend(found.into_iter().map(|found| super::violation(prefix, found)));
    }

    /// Something is wrong with a field.
    pub fn refuse(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation::new(field, description));
    }

    /// A person of the problem.
    pub fn person(&mut self, field: &str, person: u32) -> PersonIx {
        let index = PersonIx::of(person as usize);
        let people = self.asked.as_ref().map(|(problem, _)| problem.people().len());
        match index.filter(|own| people.is_none_or(|people| own.at() < people)) {
            Some(own) => own,
            None => {
                self.refuse(field, "expected a person of the problem");
                PersonIx::default()
            }
        }
    }

    /// A slot of the problem.
    pub fn slot(&mut self, field: &str, slot: u32) -> SlotIx {
        let slots = self.asked.as_ref().map(|(problem, _)| problem.slots().len());
        if slots.is_some_and(|slots| slot as usize >= slots) {
            self.refuse(field, "expected a slot of the problem");
        }
        SlotIx(slot)
    }

    /// A place of the problem.
    pub fn place(&mut self, field: &str, place: Option<pb::Place>) -> Seat {
        let Some(place) = place else {
            self.refuse(field, "is required");
            return Seat::performer(SlotIx(0));
        };
        let slot = self.slot(&format!("{field}.slot"), place.slot);
        let post = match place.post() {
            pb::Post::Performer => Post::Performer,
            pb::Post::Supervisor => Post::Supervisor,
            pb::Post::Unspecified => {
                self.refuse(format!("{field}.post"), "expected a post");
                Post::Performer
            }
        };
        let is_theatre = |(problem, _): &(Problem, Roster)| {
            problem.slots().get(slot.at()).is_none_or(|slot| slot.kind.is_theatre())
        };
        if post == Post::Supervisor && !self.asked.as_ref().is_none_or(is_theatre) {
            self.refuse(format!("{field}.post"), "only rooms of the theatre have a supervisor");
        }
        Seat { slot, post }
    }

    /// A span of half-days of the problem.
    pub fn span(&mut self, span: Option<pb::HalfDaySpan>) -> Span {
        let nothing = Span { first: HalfDay(0), last: HalfDay(0) };
        let Some(span) = span else {
            self.refuse("span", "is required");
            return nothing;
        };
        if span.last_half_day < span.first_half_day {
            self.refuse("span.last_half_day", "expected a half-day not before the first");
        }
        let halves = self.asked.as_ref().map(|(problem, _)| problem.days().len() * 2);
        if halves.is_some_and(|halves| span.last_half_day as usize >= halves) {
            self.refuse("span.last_half_day", "expected a half-day of the problem");
        }
        Span { first: HalfDay(span.first_half_day), last: HalfDay(span.last_half_day) }
    }

    /// How much may change.
    pub fn budget(&mut self, budget: Option<pb::ChangeBudget>) -> ChangeBudget {
        let budget = budget.unwrap_or_default();
        let usual = ChangeBudget::default();
        let frozen = DayIx::of(budget.frozen_until_day as usize);
        if frozen.is_none() {
            self.refuse("budget.frozen_until_day", "expected a day of the problem");
        }
        ChangeBudget {
            changes_max: self.count("budget.changes_max", budget.changes_max, CHANGES_MAX, usual.changes_max),
            frozen_until: frozen.unwrap_or_default(),
            alternatives_max: self.count(
                "budget.alternatives_max",
                budget.alternatives_max,
                ALTERNATIVES_MAX,
                usual.alternatives_max,
            ),
            steps: self.steps("budget.step_limit", budget.step_limit, usual.steps),
        }
    }

    /// A number with a usual value and a limit.
    pub fn count(&mut self, field: &str, asked: u32, limit: u32, usual: usize) -> usize {
        if asked > limit {
            self.refuse(field, format!("expected at most {limit}"));
        }
        if asked == 0 { usual } else { asked as usize }
    }

    /// A budget of steps.
    pub fn steps(&mut self, field: &str, asked: u64, usual: u64) -> u64 {
        if asked > STEPS_MAX {
            self.refuse(field, format!("expected at most {STEPS_MAX}"));
        }
        if asked == 0 { usual } else { asked }
    }

    /// What was read of the problem and the roster so far.
    pub fn asked(&self) -> Option<&(Problem, Roster)> {
        self.asked.as_ref()
    }

    /// The problem and the roster, when nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub fn end(self) -> Result<(Problem, Roster), Refusal> {
        match self.asked {
            Some(asked) if self.violations.is_empty() => Ok(asked),
            _ => Err(Refusal::invalid(self.violations)),
        }
    }
}
