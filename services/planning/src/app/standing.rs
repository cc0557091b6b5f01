//! Where people stand when a plan begins, by the ledger.

use std::collections::BTreeMap;

use calendar::{Day, DayRange, Span};
use chassis::Problem;
use sea_orm::ConnectionTrait;

use super::{App, board::Board};
use crate::{
    domain::{
        equity::{self, Done, Early, Periods, Sums},
        snapshot::Person,
        team,
    },
    store::ledger,
};

// === impl App ===

impl App {
    /// Works out where the people of a plan stand; `away` is when they were away before it.
    pub(super) async fn stand(
        &self,
        board: &mut Board,
        mut away: BTreeMap<String, Vec<Span>>,
    ) -> Result<(), Problem> {
        // An absence that goes on into the plan is as long as it is.
        for (person, spans) in &board.snapshot.absences {
            away.entry(person.clone()).or_default().extend(spans);
        }
        let policy = &board.rules.team.equity;
        let people = board.snapshot.people_of(&board.plan.sites, board.plan.days);
        let hospital = board.plan.hospital.as_str();
        board.done.early = early(self.db.read(), hospital, policy, &people, board.periods.years).await?;
        board.standing = equity::standing(policy, &people, &away, board.periods, &board.done);
        Ok(())
    }
}

/// What the ledger says before a day.
pub(super) async fn done_before(
    db: &impl ConnectionTrait,
    hospital: &str,
    day: Day,
    policy: &team::Equity,
) -> Result<(Periods, Done), Problem> {
    let periods = Periods::before(day, ledger::first_day(db, hospital).await?, policy);
    let year = match periods.year {
        Some(days) => ledger::sums(db, hospital, None, None, days).await?,
        None => Sums::new(),
    };
    let smoothed: Vec<&str> = policy.smoothed_counters.iter().map(String::as_str).collect();
    let years = match periods.years {
        Some(days) if !smoothed.is_empty() => ledger::sums(db, hospital, None, Some(&smoothed), days).await?,
        _ => Sums::new(),
    };
    Ok((periods, Done { year, years, early: Vec::new() }))
}

/// Lines of newcomers, of which some do not count.
pub(super) async fn early(
    db: &impl ConnectionTrait,
    hospital: &str,
    policy: &team::Equity,
    people: &[&Person],
    days: Option<DayRange>,
) -> Result<Vec<Early>, Problem> {
    let Some(days) = days else { return Ok(Vec::new()) };
    let from: Vec<(&str, Day)> = (people.iter())
        .filter_map(|person| Some((person.id.as_str(), equity::counts_from(policy, person, days.first())?)))
        .collect();
    let Some(last) = from.iter().map(|(_, day)| *day).max() else { return Ok(Vec::new()) };
    let ids: Vec<&str> = from.into_iter().map(|(id, _)| id).collect();
    ledger::early(db, hospital, &ids, last).await
}
