//! Ranks those who ask for the same days.

use calendar::DayRange;
use chassis::{Ctx, Problem, Target, Violation};

use super::{App, View, permissions};
use crate::domain::{
    arbitration::{Team, fit},
    conflict::Away,
    leave::{Leave, State},
    ranking::{self, Rank},
};

/// The longest range.
const DAYS_MAX: usize = 124;

/// A leave in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// As the reader may see it.
    pub view: View,
    /// Its place.
    pub rank: Rank,
    /// Whether it could be approved after those before it that can.
    pub fits: bool,
}

// === impl App ===

impl App {
    /// The pending leaves of a profession that touch a range, by their rank.
    pub async fn rank_leaves(
        &self,
        ctx: &Ctx,
        hospital: &str,
        profession: &str,
        range: Result<DayRange, Problem>,
    ) -> Result<Vec<Ranked>, Problem> {
        let target = Target::hospital(hospital);
        permissions::begin(ctx, "leaves.approve", target)?;
        let range = range?;
        if profession.is_empty() {
            return Err(Problem::invalid(vec![Violation::new("profession", "required")]));
        }
        if range.len() > DAYS_MAX {
            return Err(Problem::invalid(vec![Violation::new("last_date", "at most 124 days at once")]));
        }
        permissions::authorize(ctx, "leaves.approve", target, profession)?;
        let head_count = self.staff.head_count(&ctx.shown(), hospital, profession).await?;
        let reader = self.store.db().fresh(ctx);
        let policy = self.store.policy(&reader, hospital).await?;
        let waiting = self.store.leaves_touching(&reader, hospital, &[State::Pending], range).await?;
        let waiting: Vec<Leave> =
            waiting.into_iter().filter(|leave| leave.profession == profession).collect();
        let hull = waiting.iter().fold(range, |hull, leave| {
            let own = leave.span.range();
            DayRange::new(hull.first().min(own.first()), hull.last().max(own.last())).unwrap_or(hull)
        });
        let away = self.store.absences(&reader, hospital, Some(profession), hull).await?;
        let school_holidays = self.school_holidays(&reader, hospital, &policy, hull).await?;
        let candidates = self.candidates(&reader, &policy, range.into(), &waiting).await?;
        let ranked = ranking::rank(&candidates, ranking::method(&policy, range.into()));
        let in_order: Vec<&Leave> = ranked.iter().map(|(index, _)| &waiting[*index]).collect();
        let away = away.iter().map(Away::of).collect();
        let team = Team { policy: &policy, head_count, away, school_holidays: &school_holidays };
        let fits = fit(&in_order, &team);
        let all = ranked.into_iter().zip(fits);
        Ok(all
            .map(|((index, rank), fits)| Ranked {
                view: self.view(ctx, waiting[index].clone(), vec![]),
                rank,
                fits,
            })
            .collect())
    }
}
