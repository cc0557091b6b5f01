//! Explanation: what a roster costs, rule by rule and match by match; why each hole is a hole; who carries what.
//!
//! Everything is typed. Words for people are made elsewhere, from rule titles and numbers.

mod hidden;
mod holes;
mod shifts;

pub use self::{
    hidden::HiddenRoom,
    holes::{Hole, Obstacle, Relaxation},
    shifts::{ShiftCoverage, ShiftHole},
};
use crate::{
    evaluator::Evaluator,
    problem::{Counter, PersonIx, Problem, Profession, SectorIx, SlotIx, What},
    roster::Roster,
    rules::{self, Match, Matches, RuleId},
    score::Score,
};

/// All that can be said about a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysis {
    /// The rules' version that judged.
    pub rules_version: &'static str,
    /// The whole cost.
    pub score: Score,
    /// The rules that matched, in the catalogue's order.
    pub rules: Vec<RuleReport>,
    /// What is not staffed, or not lawfully, with the reasons; in the order of the slots.
    pub holes: Vec<Hole>,
    /// What each person carries against the target, for the counters the person takes part in.
    pub equity: Vec<Share>,
    /// How much is staffed, per sector and per kind of slot.
    pub coverage: Vec<Coverage>,
    /// Who covers the rooms that are never on the plan, day by day.
    pub hidden_rooms: Vec<HiddenRoom>,
    /// Shifts with people missing, by day and type.
    pub shift_holes: Vec<ShiftHole>,
    /// How much is staffed, per type of shift.
    pub shift_coverage: Vec<ShiftCoverage>,
}

/// One rule's matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleReport {
    /// The rule.
    pub rule: RuleId,
    /// What its matches cost together, at the level or levels they count at.
    pub cost: Score,
    /// Its matches.
    pub matches: Vec<Match>,
}

/// A person's quantity of one counter. Quantities are in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub person: PersonIx,
    /// Of what.
    pub counter: Counter,
    /// Carried, history included.
    pub quantity: i64,
    /// Fair share, history included.
    pub target: i64,
    /// The part of `quantity` this roster gives.
    pub assigned: i64,
    /// Further off the target than the hospital tolerates (20 % by default), and by a whole one at least.
    pub is_remarkable: bool,
}

/// What a line of coverage counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CoverageOf {
    /// Gardes.
    Gardes,
    /// Astreintes.
    Astreintes,
    /// Consultations.
    Consultations,
    /// Closings of the theatre.
    Closings,
    /// Theatre half-days of one sector.
    Sector(SectorIx),
}

/// How much of something is staffed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Of what.
    pub of: CoverageOf,
    /// Slots open.
    pub open: u32,
    /// Slots lawfully staffed; a nurse's room without a supervisor is not.
    pub covered: u32,
}

/// What a roster costs, match by match in the catalogue's order of the rules; nothing is explained.
#[must_use]
pub fn matches(problem: &Problem, roster: &Roster) -> Vec<Match> {
    found(&Evaluator::new(problem, roster), problem)
}

fn found(judge: &Evaluator, problem: &Problem) -> Vec<Match> {
    let mut matches = Matches::new(problem);
    rules::everything(judge.state(), &mut matches);
    matches.found.sort_by_key(|found| found.rule);
    matches.found
}

/// Everything about a roster.
#[must_use]
pub fn analyze(problem: &Problem, roster: &Roster) -> Analysis {
    let mut judge = Evaluator::new(problem, roster);
    Analysis {
        rules_version: rules::VERSION,
        score: judge.score(),
        rules: by_rule(found(&judge, problem)),
        equity: equity(&judge),
        coverage: coverage(problem, roster),
        shift_coverage: shifts::coverage(problem, &judge),
        hidden_rooms: hidden::rooms(problem, roster),
        holes: holes::of(&mut judge),
        shift_holes: shifts::holes(&mut judge),
    }
}

/// Whether a slot is lawfully staffed.
pub(crate) fn is_covered(problem: &Problem, roster: &Roster, slot: SlotIx) -> bool {
    let Some(performer) = roster.performer(slot) else { return false };
    let needs_supervisor =
        problem.look(slot).is_theatre() && problem.person(performer).profession == Profession::Iade;
    !needs_supervisor || roster.supervisor(slot).is_some()
}

/// Matches of one rule after the other.
fn by_rule(matches: Vec<Match>) -> Vec<RuleReport> {
    let mut reports: Vec<RuleReport> = Vec::new();
    for found in matches {
        match reports.last_mut() {
            Some(report) if report.rule == found.rule => {
                report.cost.charge(found.level, found.cost);
                report.matches.push(found);
            }
            _ => reports.push(RuleReport {
                rule: found.rule,
                cost: Score::at(found.level, found.cost),
                matches: vec![found],
            }),
        }
    }
    reports
}

fn equity(judge: &Evaluator) -> Vec<Share> {
    let problem = judge.problem();
    let tolerance = i64::from(problem.parameters().equity_tolerance);
    let mut shares = Vec::new();
    for person in problem.person_indices() {
        for counter in Counter::ALL {
            if let Some(target) = problem.target(person, counter) {
                let quantity = judge.state().counter(person, counter);
                let assigned = quantity - problem.history(person, counter);
                // Less than one whole off is nobody's fault: nobody can be given a part of a garde.
                let off = (quantity - target).abs();
                let is_remarkable = off >= Counter::ONE && off * 1_000 > target * tolerance;
                shares.push(Share { person, counter, quantity, target, assigned, is_remarkable });
            }
        }
    }
    shares
}

fn coverage(problem: &Problem, roster: &Roster) -> Vec<Coverage> {
    let mut lines: Vec<Coverage> = Vec::new();
    for slot in problem.slot_indices() {
        let look = problem.look(slot);
        let of = match look.what {
            What::Garde | What::GardeDay | What::GardeNight => CoverageOf::Gardes,
            What::Astreinte => CoverageOf::Astreintes,
            What::Consultation => CoverageOf::Consultations,
            What::Closing => CoverageOf::Closings,
            What::Theatre => CoverageOf::Sector(look.sector),
            What::Volant => continue,
        };
        let covered = u32::from(is_covered(problem, roster, slot));
        match lines.iter_mut().find(|line| line.of == of) {
            Some(line) => {
                line.open += 1;
                line.covered += covered;
            }
            None => lines.push(Coverage { of, open: 1, covered }),
        }
    }
    lines.sort_by_key(|line| line.of);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        problem::{Post, Seat},
        score::Level,
        testing,
        testing::Dice,
    };

    /// A roster filled by whoever can, place after place.
    fn filled(problem: &Problem, seed: u64) -> Roster {
        let mut dice = Dice::new(seed);
        let mut judge = Evaluator::new(problem, &Roster::pinned(problem));
        for slot in problem.slot_indices() {
            for post in Post::ALL {
                let seat = Seat { slot, post };
                let candidates = problem.candidates(seat);
                if candidates.is_empty() || judge.get(seat).is_some() {
                    continue;
                }
                let person = candidates[dice.below(candidates.len())];
                if judge.can_take(seat, person).is_ok() {
                    judge.set(seat, Some(person));
                }
            }
        }
        judge.into_roster()
    }

    #[test]
    fn the_matches_of_all_rules_add_up_to_the_score() {
        for seed in 0..20 {
            let problem = testing::small(seed);
            for roster in [filled(&problem, seed), Roster::published(&problem)] {
                let analysis = analyze(&problem, &roster);
                let sum = analysis.rules.iter().fold(Score::ZERO, |sum, report| sum + report.cost);
                assert_eq!(sum, analysis.score, "seed {seed}");
                let matches = analysis.rules.iter().flat_map(|report| &report.matches);
                let again = matches.fold(Score::ZERO, |sum, found| sum + Score::at(found.level, found.cost));
                assert_eq!(again, analysis.score, "seed {seed}");
            }
        }
    }

    #[test]
    fn every_open_slot_is_covered_or_a_hole_with_its_obstacles() {
        for seed in 0..10 {
            let problem = testing::small(seed);
            let roster = filled(&problem, seed);
            let analysis = analyze(&problem, &roster);
            let open: u32 = analysis.coverage.iter().map(|line| line.open).sum();
            let covered: u32 = analysis.coverage.iter().map(|line| line.covered).sum();
            assert_eq!((open - covered) as usize, analysis.holes.len(), "seed {seed}");
            for hole in &analysis.holes {
                assert!(hole.takers > 0 || !hole.obstacles.is_empty(), "{hole:?}");
            }
            let holes_cost = !analysis.holes.is_empty();
            assert_eq!(holes_cost, analysis.score.level(Level::Critical) > 0);
        }
    }

    #[test]
    fn counters_add_up_to_what_was_assigned() {
        for seed in 0..10 {
            let problem = testing::small(seed);
            let roster = filled(&problem, seed);
            let analysis = analyze(&problem, &roster);
            for counter in [Counter::Gardes, Counter::GardesSunday, Counter::Astreintes, Counter::Closings] {
                let of = analysis.equity.iter().filter(|share| share.counter == counter);
                let assigned: i64 = of.map(|share| share.assigned).sum();
                let mut expected = 0;
                for slot in problem.slot_indices() {
                    let is_shared = |person| problem.target(person, counter).is_some();
                    if roster.performer(slot).is_some_and(is_shared) {
                        let gained = problem.counters_of(slot).into_iter().filter(|own| own.0 == counter);
                        expected += gained.map(|own| own.1).sum::<i64>();
                    }
                }
                assert_eq!(assigned, expected, "seed {seed} {counter:?}");
            }
        }
    }
}
