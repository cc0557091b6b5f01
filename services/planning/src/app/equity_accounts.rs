//! ListEquityAccounts: what each did in a year against their share, and where the year ends.

use std::collections::BTreeMap;

use calendar::{Day, DayRange, Span, working_time::Zone};
use chassis::{Ctx, Problem};
use futures::future::try_join;
use roster::problem::Counter;

use super::{App, standing::done_before};
use crate::{
    domain::{
        counting,
        equity::{self, Periods, Sums},
        ledger as lines,
        plan::State,
        projection::{self, Own, Projected},
        rule_set::RuleSet,
        shift::Duty,
        snapshot::{Person, Profession, Snapshot},
        team,
    },
    store::{ledger, plans, rules, shifts},
};

/// One person, one counter, one year.
#[derive(Clone, Debug)]
pub struct Account {
    pub staff_member: String,
    pub counter: Counter,
    pub own: Own,
    pub projected: Projected,
    pub carried: i64,
    pub weighted: i64,
    pub is_newcomer: bool,
}

/// What is asked.
#[derive(Debug)]
pub struct Asked<'a> {
    pub hospital: &'a str,
    /// `-` is everybody.
    pub staff_member: &'a str,
    /// The present one by default.
    pub year: Option<i32>,
    /// The site whose people are the team; empty: all.
    pub site: &'a str,
}

/// What the heads of plans would add to the sums of the year.
#[derive(Default)]
struct Drafted {
    sums: Sums,
    last: Option<Day>,
}

// === impl App ===

impl App {
    /// The year, and its accounts by person.
    pub async fn list_equity_accounts(
        &self,
        ctx: &Ctx,
        asked: Asked<'_>,
    ) -> Result<(i32, Vec<Account>), Problem> {
        let hospital = asked.hospital;
        let sight = self.sees_equity(ctx, hospital, asked.staff_member).await?;
        let year = asked.year.unwrap_or_else(|| Zone::paris().day_at(ctx.now).year());
        let first = Day::new(year, 1, 1).map_err(Problem::internal)?;
        let last = Day::new(year, 12, 31).map_err(Problem::internal)?;
        let reader = self.db.stale(ctx).await;
        let rules = rules::load(&reader, hospital).await?.rules;
        let known = ledger::first_day(&reader, hospital).await?;
        let days = DayRange::new(known.unwrap_or(first).clamp(first, last), last);
        let days = days.map_err(Problem::internal)?;
        let policy = &rules.team.equity;
        let widest = Periods::before(last.next(), known, policy);
        let (snapshot, absences) = try_join(
            self.peers.people_and_holidays(ctx, hospital, days),
            self.peers.past_absences(ctx, hospital, widest.years.or(Some(days))),
        )
        .await?;
        let drafted = if self.allow(ctx, "plans.edit", hospital).is_ok() {
            drafted(&reader, hospital, days, &snapshot).await?
        } else {
            Drafted::default()
        };
        let published = ledger::last_published_day(&reader, hospital, days).await?;
        let planned = [published, drafted.last].into_iter().flatten().max();
        let in_team = |person: &&Person| {
            !person.is_locum && (asked.site.is_empty() || person.sites.iter().any(|site| site == asked.site))
        };
        let people: Vec<&Person> = snapshot.people.iter().filter(in_team).collect();
        // What would be carried into a plan that began the day after.
        let (periods, mut done) = match planned {
            Some(last) => done_before(&reader, hospital, last.next(), policy).await?,
            None => done_before(&reader, hospital, first, policy).await?,
        };
        let reach = periods.years.unwrap_or(days);
        let reach = DayRange::new(reach.first().min(days.first()), last).map_err(Problem::internal)?;
        done.early = super::standing::early(&reader, hospital, policy, &people, Some(reach)).await?;
        let carried = equity::standing(policy, &people, &absences, periods, &done).carried;
        let mut sums = ledger::sums(&reader, hospital, None, None, days).await?;
        equity::without_early(policy, &people, &mut sums, &done.early, Some(days));
        let facts = Facts { rules: &rules, days, planned, absences: &absences, sums, drafted, carried };
        let mut accounts = Vec::new();
        for profession in [Profession::Mar, Profession::Iade] {
            let team: Vec<&Person> =
                people.iter().copied().filter(|own| own.profession == profession).collect();
            for counter in Counter::ALL.into_iter().filter(|own| !team::ONLY_ANALYZED.contains(own)) {
                if team.first().is_some_and(|own| equity::is_of(own, counter)) {
                    accounts.extend(facts.accounts(&team, counter));
                }
            }
        }
        let is_asked = |own: &Account| {
            (asked.staff_member == "-" || own.staff_member == asked.staff_member)
                && sight.includes(&own.staff_member)
        };
        accounts.retain(|own| is_asked(own) && !own.is_empty());
        accounts.sort_by_key(|own| (own.staff_member.clone(), counting::id_of(own.counter)));
        Ok((year, accounts))
    }
}

/// What the heads of plans would add to the ledger's year if they were published as they are.
async fn drafted(
    db: &impl sea_orm::ConnectionTrait,
    hospital: &str,
    days: DayRange,
    snapshot: &Snapshot,
) -> Result<Drafted, Problem> {
    let mut drafted = Drafted::default();
    for plan in plans::overlapping(db, hospital, days).await? {
        if plan.state == State::Archived || !plan.has_unpublished_changes() {
            continue;
        }
        let duties = shifts::assignments_of_plan(db, hospital, &plan.id).await?;
        let duties: Vec<Duty> = duties.into_iter().map(|own| own.duty).collect();
        drafted.last =
            drafted.last.max(duties.iter().map(|own| own.day).filter(|day| days.contains(*day)).max());
        let due = lines::tally(&duties, |day| snapshot.public_holidays.contains(&day));
        let said = ledger::sums_of_plan(db, hospital, &plan.id).await?;
        for ((staff_member, _, counter), (day, quantity)) in lines::owed(said, due) {
            if days.contains(day) {
                *drafted.sums.entry((staff_member, counter)).or_default() += quantity;
            }
        }
    }
    Ok(drafted)
}

/// What accounts are made of.
struct Facts<'a> {
    rules: &'a RuleSet,
    /// The year, as far back as the ledger goes.
    days: DayRange,
    /// The last day on which anything is published or drafted.
    planned: Option<Day>,
    absences: &'a BTreeMap<String, Vec<Span>>,
    sums: Sums,
    drafted: Drafted,
    carried: Sums,
}

// === impl Facts ===

impl Facts<'_> {
    fn accounts(&self, team: &[&Person], counter: Counter) -> Vec<Account> {
        let policy = &self.rules.team.equity;
        let id = counting::id_of(counter);
        let of = |sums: &Sums, person: &Person, id: &str| {
            sums.get(&(person.id.clone(), id.to_owned())).copied().unwrap_or(0)
        };
        let since = self.days.first();
        let so_far = self.planned.and_then(|last| DayRange::new(since, last).ok());
        let own = |person: &&Person| {
            let away = self.absences.get(&person.id).map_or(&[][..], Vec::as_slice);
            let there = |days| equity::presence(policy, person, away, days, since);
            Own {
                done: of(&self.sums, person, &id),
                drafted: of(&self.drafted.sums, person, &id),
                presence: so_far.map_or(0, there),
                year_presence: there(self.days),
            }
        };
        let all: Vec<Own> = team.iter().map(own).collect();
        let tolerance = i64::from(self.rules.parameters().equity_tolerance);
        let projected = projection::project(&all, tolerance);
        let accounts = team.iter().zip(all).zip(projected).map(|((person, own), projected)| Account {
            staff_member: person.id.clone(),
            counter,
            own,
            projected,
            carried: of(&self.carried, person, &id),
            weighted: equity::weighted(policy, counter, |other| {
                of(&self.sums, person, &counting::id_of(other))
            }),
            is_newcomer: equity::is_newcomer(person, since),
        });
        accounts.collect()
    }
}

// === impl Account ===

impl Account {
    /// Nothing done, nothing owed.
    fn is_empty(&self) -> bool {
        let Projected { share, projected, year_share, .. } = self.projected;
        [self.own.done, self.own.drafted, share, projected, year_share, self.carried]
            .iter()
            .all(|own| *own == 0)
    }
}
