//! Which of those who ask for the same days can have them, taken in their order.

use calendar::DayRange;

use crate::domain::{
    conflict::{Away, Surroundings},
    holiday::PublicHolidays,
    leave::Leave,
    leave_type,
    policy::Policy,
    rule::team,
};

/// The team that they would leave.
#[derive(Debug)]
pub struct Team<'a> {
    /// The hospital's policy.
    pub policy: &'a Policy,
    /// How many people the profession has.
    pub head_count: i32,
    /// Who is away already.
    pub away: Vec<Away>,
    /// School holidays that count here.
    pub school_holidays: &'a [DayRange],
}

/// Whether each leave could be approved after those before it that can. A person's own other leaves are no matter here.
pub fn fit(leaves: &[&Leave], team: &Team<'_>) -> Vec<bool> {
    let mut away = team.away.clone();
    let holidays = PublicHolidays::default();
    leaves
        .iter()
        .map(|leave| {
            let others: Vec<Away> =
                away.iter().filter(|other| other.staff_member != leave.staff_member).cloned().collect();
            let Some(leave_type) = leave_type::find(&leave.leave_type) else { return false };
            let around = Surroundings {
                leave_type,
                policy: team.policy,
                today: leave.span.first().day,
                own: &[],
                others: &others,
                pending: &[],
                head_count: team.head_count,
                missing: &[],
                duties: &[],
                school_holidays: team.school_holidays,
                public_holidays: &holidays,
            };
            let rules = [team::profession_absence, team::capacity, team::peaks, team::blackouts];
            let fits = rules.iter().all(|rule| rule(leave, &around).is_empty());
            if fits {
                away.push(Away::of(leave));
            }
            fits
        })
        .collect()
}
