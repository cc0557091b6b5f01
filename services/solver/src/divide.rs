//! A task read: what is asked of this solver. Large problems are divided, so that every solver can help.
//!
//! Solvers cut a problem alike, so that a part is named by its number. The first one to lease a divided task makes a
//! complete roster, whoever leases it after each round puts the parts together.

use std::sync::Arc;
use std::time::Duration;

use engine::partition::{Cut, Turn};
use problem::Violation;
use proto::planning::v1 as pb;
use proto::planning::v1::divide_task_request::Part;
use proto::solver::v1 as solver;
use roster::{Problem, Roster};

use crate::bridge::Budget;
use crate::pool::Job;
use crate::search::{PartWork, Work};
use crate::solution;

/// A round of parts, ready to be queued.
pub struct Round {
    /// The round.
    pub round: i32,
    /// The roster all parts start from.
    pub roster: solver::Roster,
    /// The parts with their budgets.
    pub parts: Vec<Part>,
    /// The share of the whole budget that is spent when it ends.
    pub percent: i32,
}

/// What is asked.
pub enum Asked {
    /// A search; of a part, with the way back to the whole.
    Search(Job, Option<Arc<PartWork>>),
    /// A first roster of a large problem, which is then divided.
    First(Job, Box<Divided>),
    /// A large problem with a roster: another round of parts.
    Next(Box<Divided>, Roster),
    /// A large problem whose rounds are all done.
    Last(Job),
}

/// A large problem.
pub struct Divided {
    /// The problem.
    pub problem: Problem,
    cut: Cut,
    round: usize,
    options: solver::SolveOptions,
    budget: Budget,
    threads: usize,
}

/// What a task asks, with what its answer has to name.
pub struct Order {
    /// What is asked.
    pub asked: Asked,
    /// The seed of the whole search.
    pub seed: u64,
    /// The hash of the problem.
    pub input_hash: String,
    /// What attempts before have spent.
    pub spent: Spent,
}

/// What was spent of a budget.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// Steps.
    pub steps: u64,
    /// Time.
    pub elapsed: Duration,
}

/// Reads a task. Problems with fewer people than `divided_from` are not divided; `threads` work on one that is not.
///
/// # Errors
/// Everything that is wrong with the problem or its budget.
pub fn read(task: pb::Task, threads: usize, divided_from: usize) -> Result<Order, Vec<Violation>> {
    let message = task.problem.unwrap_or_default();
    let problem = problem::decode(&message)?;
    let options = task.options.unwrap_or_default();
    let whole = solution::budget(&options).map_err(|violation| vec![violation])?;
    let spent = task.spent.unwrap_or_default();
    let spent = Spent {
        steps: spent.steps,
        elapsed: spent.elapsed.and_then(|own| Duration::try_from(own).ok()).unwrap_or_default(),
    };
    let budget = left(whole, spent);
    let input_hash = solution::input_hash(&problem);
    // A checkpoint is a help, not a condition: without a usable one the search starts anew.
    let base = task.warm_start.and_then(|roster| problem::decode_roster(&roster, &problem).ok());
    // An attempt that goes on from a checkpoint does not repeat the course that led there.
    let lost = u64::try_from(task.attempt - 1 - task.rounds).unwrap_or(0);
    let seed = options.seed.wrapping_add(lost);
    let order = |asked| Ok(Order { asked, seed: options.seed, input_hash, spent });
    if let Some(named) = task.part {
        let Some(work) = part(problem, base, &named, lost).map(Arc::new) else {
            return Err(vec![Violation {
                field: "part.index".to_owned(),
                description: "expected a part of the problem".to_owned(),
            }]);
        };
        let job = Job { work: Work::Part(work.clone()), seed, budget, threads: 1 };
        return order(Asked::Search(job, Some(work)));
    }
    let is_large = problem.people().len() >= divided_from;
    let Some(cut) = Cut::of(&problem).filter(|_| is_large) else {
        return order(Asked::Search(
            Job { work: Work::Whole(Box::new(problem), base), seed, budget, threads },
            None,
        ));
    };
    let round = usize::try_from(task.rounds).unwrap_or(0);
    let base = base.map(|base| united(&problem, &cut, base, &task.part_results, round));
    let first = Budget { steps: Some(0), time: None };
    order(match base {
        Some(base) if round >= cut.rounds() => {
            Asked::Last(Job { work: Work::Close(Box::new(problem), base), seed, budget: first, threads })
        }
        Some(base) => Asked::Next(Box::new(Divided { problem, cut, round, options, budget, threads }), base),
        None => {
            let job =
                Job { work: Work::Whole(Box::new(problem.clone()), None), seed, budget: first, threads };
            Asked::First(job, Box::new(Divided { problem, cut, round, options, budget, threads }))
        }
    })
}

/// What is left of a budget.
fn left(budget: Budget, spent: Spent) -> Budget {
    Budget {
        steps: budget.steps.map(|steps| steps.saturating_sub(spent.steps)),
        time: budget.time.map(|time| time.saturating_sub(spent.elapsed)),
    }
}

/// The part that is named; `None` when there is none.
fn part(whole: Problem, base: Option<Roster>, named: &pb::TaskPart, lost: u64) -> Option<PartWork> {
    let cut = Cut::of(&whole)?;
    let (index, round) = (usize::try_from(named.index).ok()?, usize::try_from(named.round).ok()?);
    let base = base.filter(|_| index < cut.parts() && round < cut.rounds())?;
    let part = cut.part(&whole, &base, Turn::search(round), index);
    Some(PartWork { whole, base, part, is_fresh: round == 0 && lost == 0 })
}

/// The roster of the whole with what the parts of the last round found.
fn united(problem: &Problem, cut: &Cut, base: Roster, results: &[pb::PartResult], round: usize) -> Roster {
    let mut whole = base.clone();
    for result in results {
        let index = usize::try_from(result.index).ok().filter(|index| *index < cut.parts());
        let (Some(index), Some(last)) = (index, round.checked_sub(1)) else { continue };
        let found = result.roster.as_ref().and_then(|own| problem::decode_roster(own, problem).ok());
        let Some(found) = found else { continue };
        let part = cut.part(problem, &base, Turn::search(last), index);
        part.merge(problem, &part.take(problem, &found), &mut whole);
    }
    whole
}

// === impl Divided ===

impl Divided {
    /// The round that comes next.
    pub fn round(&self, roster: &Roster) -> Round {
        let searched = (0..self.cut.parts()).filter(|part| self.cut.size(*part) > 0);
        let parts = searched.map(|part| Part { index: part as i32, options: Some(self.options_of(part)) });
        let rounds = self.cut.rounds();
        Round {
            round: self.round as i32,
            roster: problem::encode_roster(roster),
            parts: parts.collect(),
            percent: i32::try_from((self.round + 1) * 100 / rounds.max(1)).unwrap_or(100),
        }
    }

    /// A part's seed and share of the budget. Time is shared as if this process's threads worked alone.
    fn options_of(&self, part: usize) -> solver::SolveOptions {
        let share = self.cut.time_share(self.round, part, self.threads);
        let time = self.budget.time.map(|time| time.mul_f64(share).max(Duration::from_millis(1)));
        solver::SolveOptions {
            seed: self.cut.seed(self.options.seed, Turn::search(self.round), part),
            step_limit: match self.options.step_limit {
                0 => 0,
                steps => self.cut.steps(steps, self.round, part).max(1),
            },
            time_limit: time.and_then(|time| prost_types::Duration::try_from(time).ok()),
        }
    }

    /// What there is when no further round is wanted.
    pub fn close(self, roster: Roster) -> Job {
        let budget = Budget { steps: Some(0), time: None };
        Job {
            work: Work::Close(Box::new(self.problem), roster),
            seed: self.options.seed,
            budget,
            threads: self.threads,
        }
    }
}

#[cfg(test)]
mod tests {
    use generator::{Preset, generate};

    use super::*;
    use crate::bridge::connect;
    use crate::search::search;

    const STEPS: u64 = 3_000;

    /// Three departments that share nobody, for a week.
    fn problem() -> Problem {
        let mut parameters = Preset::Department.parameters(3);
        (parameters.teams, parameters.days, parameters.shared_percent) = (3, 7, 0);
        Problem::build(generate(&parameters).unwrap()).unwrap()
    }

    fn task(problem: &Problem) -> pb::Task {
        pb::Task {
            attempt: 1,
            problem: Some(problem::encode(problem)),
            options: Some(solver::SolveOptions { seed: 11, step_limit: STEPS, time_limit: None }),
            ..pb::Task::default()
        }
    }

    fn asked(task: pb::Task) -> Asked {
        read(task, 1, 50).map(|order| order.asked).unwrap_or_else(|found| panic!("{found:?}"))
    }

    fn run(job: Job) -> Roster {
        let budget = job.budget;
        search(job, &mut connect(budget).0).roster
    }

    #[test]
    fn many_processes_find_what_one_finds() {
        let problem = problem();
        let Asked::First(job, divided) = asked(task(&problem)) else { panic!("a first roster is asked for") };
        let mut base = run(job);
        let mut rounds = 0;
        let mut divided = divided;
        let last = loop {
            let round = divided.round(&base);
            // The last part first: the order does not matter.
            let parts = round.parts.iter().rev().map(|part| {
                let named = pb::TaskPart { index: part.index, round: round.round };
                let own = pb::Task {
                    options: part.options,
                    part: Some(named),
                    warm_start: Some(round.roster.clone()),
                    ..task(&problem)
                };
                let Asked::Search(job, Some(work)) = asked(own) else { panic!("a part is asked for") };
                let roster = Some(problem::encode_roster(&work.alone(&run(job))));
                pb::PartResult { index: part.index, roster }
            });
            let part_results = parts.collect();
            rounds += 1;
            let warm_start = Some(round.roster.clone());
            match asked(pb::Task { attempt: 1 + rounds, rounds, part_results, warm_start, ..task(&problem) })
            {
                Asked::Next(next, roster) => (divided, base) = (next, roster),
                Asked::Last(job) => break run(job),
                _ => panic!("another round or the end"),
            }
        };
        let options = engine::Options { seed: 11, steps: STEPS, ..engine::Options::default() };
        assert_eq!(last, engine::solve(&problem, &options, &mut ()).roster);
    }

    #[test]
    fn a_part_that_the_problem_does_not_have_is_refused() {
        let problem = problem();
        let named = Some(pb::TaskPart { index: 9, round: 0 });
        let warm_start = Some(problem::encode_roster(&Roster::pinned(&problem)));
        let found = read(pb::Task { part: named, warm_start, ..task(&problem) }, 1, 50);
        assert_eq!(found.err().unwrap()[0].field, "part.index");
    }

    #[test]
    fn what_attempts_before_spent_is_not_spent_again() {
        let spent = Some(pb::TaskSpent { steps: 1_000, elapsed: None });
        let problem = roster::testing::small(1);
        let Asked::Search(job, None) = asked(pb::Task { spent, attempt: 2, ..task(&problem) }) else {
            panic!("the whole is asked for")
        };
        assert_eq!((job.budget.steps, job.seed), (Some(STEPS - 1_000), 12));
    }
}
