//! Shifts that want more people than they have: how many of each, and what is in everybody's way.

use super::Obstacle;
use crate::{
    evaluator::Evaluator,
    problem::{DayIx, Problem, ShiftIx},
    rules::{RuleId, shift::shift_of},
    shifts::{Code, OFF},
};

/// People missing from a shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftHole {
    /// The day.
    pub day: DayIx,
    /// The type of shift.
    pub shift: ShiftIx,
    /// People wanted.
    pub required: u16,
    /// People there.
    pub present: u16,
    /// How many people who are off that day could come as things stand.
    pub takers: u32,
    /// What is in the way of the others who work shifts, with how many it stops; the most frequent first.
    /// [`RuleId::ShiftAlone`]: they work another shift that day. Never empty when nobody could come.
    pub obstacles: Vec<Obstacle>,
}

/// How many people a type of shift wants and has, over the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftCoverage {
    /// The type of shift.
    pub shift: ShiftIx,
    /// People wanted, summed over the days.
    pub required: u32,
    /// Those of them who are there.
    pub covered: u32,
}

/// All holes, by day and type.
pub(super) fn holes(judge: &mut Evaluator) -> Vec<ShiftHole> {
    let table = judge.problem().shifts();
    let mut holes = Vec::new();
    for day in 0..table.days {
        for code in 1..table.codes as Code {
            let (required, present) = (table.cover(day, code).required, judge.sheet().count(day, code));
            if let Some(shift) = shift_of(code)
                && present < required
            {
                let day = DayIx(day as u16);
                let (takers, obstacles) = obstacles(judge, day, code);
                holes.push(ShiftHole { day, shift, required, present, takers, obstacles });
            }
        }
    }
    holes
}

fn obstacles(judge: &mut Evaluator, day: DayIx, code: Code) -> (u32, Vec<Obstacle>) {
    let problem = judge.problem();
    let mut tally = [0_u32; RuleId::COUNT];
    let mut takers = 0;
    for person in problem.person_indices().filter(|person| problem.works_shifts(*person)) {
        match judge.roster().shift(person, day) {
            OFF => match judge.can_work(person, day, &[code]) {
                Ok(()) => takers += 1,
                Err(blocker) => tally[blocker.rule as usize] += 1,
            },
            own if own != code => tally[RuleId::ShiftAlone as usize] += 1,
            _ => {}
        }
    }
    let found = RuleId::ALL.into_iter().zip(tally).filter(|(_, people)| *people > 0);
    let mut obstacles: Vec<_> = found.map(|(rule, people)| Obstacle { rule, people }).collect();
    obstacles.sort_by_key(|obstacle| (std::cmp::Reverse(obstacle.people), obstacle.rule));
    if obstacles.is_empty() && takers == 0 {
        obstacles.push(Obstacle { rule: RuleId::ShiftNotOpen, people: 0 });
    }
    (takers, obstacles)
}

/// How much of each type is staffed.
pub(super) fn coverage(problem: &Problem, judge: &Evaluator) -> Vec<ShiftCoverage> {
    let table = problem.shifts();
    let of_type = |shift: ShiftIx| {
        let code = shift.0 as Code + 1;
        let of_day = |day| (table.cover(day, code).required, judge.sheet().count(day, code));
        let days: Vec<_> = (0..table.days).map(of_day).collect();
        let required = days.iter().map(|(required, _)| u32::from(*required)).sum();
        let covered = days.iter().map(|(required, count)| u32::from(*required.min(count))).sum();
        ShiftCoverage { shift, required, covered }
    };
    (1..table.codes as Code).filter_map(shift_of).map(of_type).collect()
}
