//! A published plan kept ready: judged once, asked many times.

use roster::{
    Evaluator, Problem, RuleId, Score,
    problem::{PersonIx, Post, Seat},
    roster::Roster,
    rules::catalogue,
};

use super::Span;

/// A published plan with its judge's state and who holds what, so that a question costs what it touches.
#[derive(Clone, Debug)]
pub struct Warm<'p> {
    judge: Evaluator<'p>,
    /// Places held, per person, in the order of the slots.
    held: Vec<Vec<Seat>>,
    /// What one unit of change weighs.
    change_weight: i64,
}

// === impl Warm ===

impl<'p> Warm<'p> {
    /// Judges a published plan and keeps what the judge knows of it.
    #[must_use]
    pub fn new(problem: &'p Problem, published: &Roster) -> Self {
        let mut held = vec![Vec::new(); problem.people().len()];
        for (seat, person) in published.held() {
            held[person.at()].push(seat);
        }
        Self { judge: Evaluator::new(problem, published), held, change_weight: change_weight(problem) }
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &'p Problem {
        self.judge.problem()
    }

    /// The published plan.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        self.judge.roster()
    }

    /// What the published plan costs.
    #[must_use]
    pub fn score(&self) -> Score {
        self.judge.score()
    }

    /// The places a person holds, in the order of the slots.
    #[must_use]
    pub fn held_by(&self, person: PersonIx) -> &[Seat] {
        &self.held[person.at()]
    }

    /// The places of a person that fall in a span: those that are open, and those that are locked.
    #[must_use]
    pub fn falls(&self, person: PersonIx, span: Span) -> (Vec<Seat>, Vec<Seat>) {
        let problem = self.problem();
        let covered = self.held_by(person).iter().copied().filter(|seat| span.covers(problem, *seat));
        covered.partition(|seat| problem.pin(*seat).is_none())
    }

    /// The judge, for a question of its own.
    pub(crate) fn judge(&self) -> Evaluator<'p> {
        self.judge.clone()
    }

    /// What a change of this place costs against the published plan, in thousandths.
    pub(crate) fn price(&self, seat: Seat, after: Option<PersonIx>) -> i64 {
        let published = self.problem().published(seat);
        let counted = published.filter(|own| own.person.is_some() && own.person != after);
        counted.map_or(0, |own| i64::from(own.change_cost) * Score::UNIT * self.change_weight)
    }
}

/// The weight of rule R6 in this rule set.
fn change_weight(problem: &Problem) -> i64 {
    let own = problem.parameters().settings.iter().find(|setting| setting.rule == RuleId::Change);
    let default =
        || catalogue().iter().find(|rule| rule.id == RuleId::Change).map(|rule| rule.default_weight);
    own.map(|setting| setting.weight).or_else(default).unwrap_or(1)
}

/// The other place of a slot.
pub(crate) fn other_post(seat: Seat) -> Seat {
    match seat.post {
        Post::Performer => Seat::supervisor(seat.slot),
        Post::Supervisor => Seat::performer(seat.slot),
    }
}
