//! ListMarks: the colors of people's days in a plan's head.

use std::collections::BTreeSet;

use calendar::Day;
use chassis::{Ctx, Problem};
use roster::RuleId;

use super::App;
use crate::domain::{
    marks::{self, Color},
    wish::State,
};

/// One mark.
#[derive(Clone, Debug)]
pub struct Mark {
    pub day: Day,
    pub staff_member: String,
    pub color: Color,
    /// Codes.
    pub rules: Vec<&'static str>,
    /// Ids.
    pub shifts: Vec<String>,
    /// Id of the wish that is granted; empty for the others.
    pub wish: String,
}

// === impl App ===

impl App {
    /// The marks of a plan's head, by day and person.
    pub async fn list_marks(&self, ctx: &Ctx, hospital: &str, plan: &str) -> Result<Vec<Mark>, Problem> {
        self.allow(ctx, "plans.edit", hospital)?;
        let board = self.board(ctx, hospital, plan).await?;
        let holders = board.holders();
        let (problem, key) = board.problem(&holders)?;
        let judged = self.judges.judge(problem, key, holders).await?;
        let first = board.plan.days.first();
        let matches = || judged.analysis.rules.iter().flat_map(|report| &report.matches);
        let found = marks::of(
            matches(),
            |own| own.facts.days.iter().map(|day| first.plus(i32::from(day.0))).collect(),
            |person| judged.person(person).to_owned(),
            |slot| judged.shift(slot).to_owned(),
        );
        let broken: BTreeSet<(Day, &str)> = matches()
            .filter(|own| own.rule == RuleId::RequestGranted)
            .filter_map(|own| {
                let (person, day) = (own.facts.people.first()?, own.facts.days.first()?);
                Some((first.plus(i32::from(day.0)), judged.person(*person)))
            })
            .collect();
        let holds = |day: Day, person: &str| {
            judged.key.people.iter().any(|own| own == person) && !broken.contains(&(day, person))
        };
        let granted = (board.wishes().iter())
            .filter(|own| own.state == State::Approved && holds(own.day, &own.staff_member))
            .map(|own| Mark {
                day: own.day,
                staff_member: own.staff_member.clone(),
                color: Color::Blue,
                rules: vec![RuleId::RequestGranted.code()],
                shifts: Vec::new(),
                wish: own.id.clone(),
            });
        let found = found.into_iter().map(|((day, staff_member, color), why)| Mark {
            day,
            staff_member,
            color,
            rules: why.rules.into_iter().collect(),
            shifts: why.shifts.into_iter().collect(),
            wish: String::new(),
        });
        let mut marks: Vec<Mark> = found.chain(granted).collect();
        marks.sort_by_key(|mark| mark.sort_key());
        Ok(marks)
    }
}

// === impl Mark ===

impl Mark {
    /// Where it stands among the marks of a plan.
    pub fn sort_key(&self) -> String {
        format!("{}/{}/{}/{}", self.day, self.staff_member, self.color as u8, self.wish)
    }
}
