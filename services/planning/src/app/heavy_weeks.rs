//! ListHeavyWeeks: a hint for planners. It refuses nothing and is told to nobody else.

use std::collections::BTreeMap;

use calendar::DayRange;
use chassis::{Ctx, Problem};
use roster::RuleId;

use super::{App, board::HISTORY_DAYS};
use crate::domain::{
    fatigue::{self, Extra, Week},
    shift::{Duty, Shift},
};

// === impl App ===

impl App {
    /// The heavy weeks of a plan's head, by week.
    pub async fn list_heavy_weeks(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
    ) -> Result<Vec<Week>, Problem> {
        self.allow(ctx, "plans.edit", hospital)?;
        let board = self.board(ctx, hospital, plan).await?;
        let holders = board.holders();
        let (problem, key) = board.problem(&holders)?;
        let judged = self.judges.judge(problem, key, holders).await?;
        let days = board.plan.days;
        let hardship: Vec<_> = (judged.analysis.rules.iter())
            .filter(|report| report.rule == RuleId::Fatigue)
            .flat_map(|report| &report.matches)
            .filter_map(|found| {
                let facts = &found.facts;
                let (person, day) = (facts.people.first()?, facts.days.last()?);
                let day = days.first().plus(i32::from(day.0));
                Some((judged.person(*person).to_owned(), day, facts.observed))
            })
            .collect();
        let policy = &board.rules.team.fatigue;
        let shifts: BTreeMap<&str, &Shift> =
            board.shifts.iter().map(|shift| (shift.id.as_str(), shift)).collect();
        // Which rooms were for children in former plans is not kept with what was published.
        let extra = |duty: &Duty| {
            shifts.get(duty.shift.as_str()).map_or_else(Extra::default, |shift| Extra {
                is_pediatric: shift.is_pediatric,
                is_heavy: policy.heavy_specialties.contains(&shift.specialty),
            })
        };
        let known =
            DayRange::new(days.first().plus(-HISTORY_DAYS), days.last()).map_err(Problem::internal)?;
        let mut duties: BTreeMap<&str, Vec<&Duty>> = BTreeMap::new();
        for duty in board.duties_until_end() {
            duties.entry(duty.staff_member.as_str()).or_default().push(duty);
        }
        let points = (judged.key.people.iter())
            .filter_map(|id| Some((id.clone(), duties.get(id.as_str())?)))
            .map(|(id, own)| (id, fatigue::points(policy, known, own, extra)))
            .collect();
        Ok(fatigue::heavy_weeks(policy, days, &points, &hardship))
    }
}
