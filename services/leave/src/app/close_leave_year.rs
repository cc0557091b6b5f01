//! Closes a year: what remains is carried into the next one or lapses.

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, Tx, audit::Change};
use proto::error::v1::Reason;
use serde::{Deserialize, Serialize};

use super::{
    App,
    permissions::POLICY,
    support::{actor, tell, today},
};
use crate::{
    domain::{balance::BalanceKey, closing::close, contract::Contracts, leave_type::SHIPPED, policy::Policy},
    store::Guard,
};

/// How many people a page has when none is said, and at most.
const PAGE_DEFAULT: i32 = 50;
const PAGE_MAX: i32 = 200;

/// The years that can be closed.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// What is closed.
pub struct CloseLeaveYear {
    /// Hospital id.
    pub hospital: String,
    /// The year.
    pub year: i32,
    /// How many people.
    pub page_size: i32,
    /// After whom.
    pub page_token: String,
    /// Changes nothing.
    pub validate_only: bool,
}

/// What became of a balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Which.
    pub key: BalanceKey,
    /// What remained.
    pub remaining: i32,
    /// What of it goes on.
    pub carried: i32,
    /// What of it is lost.
    pub lapsed: i32,
    /// Whether anything was written.
    pub is_changed: bool,
}

// === impl App ===

impl App {
    /// Closes the balances of a page of people, all or none; answers what became of them and the token of the next page.
    pub async fn close_leave_year(
        &self,
        ctx: &Ctx,
        command: CloseLeaveYear,
        once: Once,
    ) -> Result<(Vec<Closed>, String), Problem> {
        let CloseLeaveYear { hospital, year, .. } = &command;
        POLICY.authorize(ctx, "balances.adjust", Target::hospital(hospital))?;
        let page_size = match command.page_size {
            0 => PAGE_DEFAULT,
            size if size > 0 => size.min(PAGE_MAX),
            _ => return Err(Problem::invalid(vec![Violation::new("page_size", "must not be negative")])),
        };
        if !YEARS.contains(year) {
            return Err(Problem::invalid(vec![Violation::new("year", "expected 2000 to 2100")]));
        }
        if *year >= today(ctx).year() && !command.validate_only {
            return Err(Problem::precondition(Reason::LeaveYearNotOver, format!("{year} is not over")));
        }
        let (mut people, token) = self.staff.people(ctx, hospital, (page_size, &command.page_token)).await?;
        // Guards are taken in one order, whoever takes several.
        people.sort();
        let mut contracts = Vec::with_capacity(people.len());
        for person in people {
            let of_person = self.staff.contracts(ctx, hospital, &person).await?;
            contracts.push((person, of_person));
        }

        let tx = self.store.db().begin(ctx).await?;
        if let Some(done) = once.replay(&tx).await? {
            return Ok(done);
        }
        let policy = self.store.policy(tx.conn(), hospital).await?;
        let mut closed = Vec::new();
        for (person, contracts) in &contracts {
            closed.extend(self.close_person(&tx, ctx, (hospital, person, *year), contracts, &policy).await?);
        }
        let done = (closed, token);
        if !command.validate_only {
            let changed = done.0.iter().filter(|closed| closed.is_changed).count();
            if changed > 0 {
                let line = Change::of(hospital, "leave_year.close", format!("hospitals/{hospital}"));
                let (year, balances) = (year.to_string(), changed.to_string());
                tx.audit(line.value("year", "", &year).value("balances", "", &balances));
            }
            once.record(&tx, &done).await?;
            tx.commit().await?;
            tracing::info!(
                hospital.id = hospital,
                leave.year = year,
                balances = changed,
                "leave year closed"
            );
        }
        Ok(done)
    }

    async fn close_person(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        (hospital, person, year): (&str, &str, i32),
        contracts: &Contracts,
        policy: &Policy,
    ) -> Result<Vec<Closed>, Problem> {
        self.store.guard(tx, hospital, Guard::Person(person)).await?;
        let mut closed = Vec::new();
        for leave_type in SHIPPED.iter().filter(|kind| kind.has_balance) {
            let key = BalanceKey {
                hospital: hospital.to_owned(),
                staff_member: person.to_owned(),
                leave_type: leave_type.id.to_owned(),
                year,
            };
            let balance = self.entitled_balance(tx, key, contracts, (policy, today(ctx))).await?;
            let next = self.balance_or_empty(tx.conn(), balance.key.of_year(year + 1)).await?;
            if balance.version == 0 && next.figures.brought == 0 {
                continue;
            }
            let rule = policy.carry_over_rules.iter().find(|rule| rule.leave_type == leave_type.id);
            let closing = close(year, balance.figures, next.figures, rule);
            let is_changed = !closing.entries.is_empty();
            if is_changed {
                let owner = (hospital, person, leave_type.id);
                self.store.append(tx, owner, &actor(ctx), &closing.entries).await?;
                for key in [&balance.key, &next.key] {
                    let balance = self.balance_or_empty(tx.conn(), key.clone()).await?;
                    tell(tx, &balance).await?;
                }
            }
            let (remaining, carried, lapsed) = (closing.remaining, closing.carried, closing.lapsed);
            closed.push(Closed { key: balance.key, remaining, carried, lapsed, is_changed });
        }
        Ok(closed)
    }
}
