//! Reads balances and their ledger.

use chassis::{Ctx, Problem, Target};
use durable::{filter, page::Page};
use proto::names::{BalanceName, StaffMemberName};

use super::{
    App,
    permissions::{self, POLICY},
    support::today,
};
use crate::{
    domain::{
        balance::{Balance, BalanceKey},
        leave_type::{self, LeaveType, SHIPPED},
    },
    store::{EntryRow, Guard},
};

/// The fields of a filter.
const FIELDS: &[&str] = &["year", "leave_type"];

/// Reads the id of a balance, `{leave_type}-{year}`; `None` for what no balance is kept of.
pub fn balance_key(name: &BalanceName) -> Option<BalanceKey> {
    let (leave_type, year) = name.balance.rsplit_once('-')?;
    let year = year.parse().ok().filter(|year| (1900..=2200).contains(year))?;
    leave_type::find(leave_type).filter(|kind| kind.has_balance)?;
    Some(BalanceKey {
        hospital: name.hospital.clone(),
        staff_member: name.staff_member.clone(),
        leave_type: leave_type.to_owned(),
        year,
    })
}

// === impl App ===

impl App {
    /// One balance. Its entitlement is written down when it is first looked at.
    pub async fn get_balance(&self, ctx: &Ctx, name: &BalanceName) -> Result<Balance, Problem> {
        self.authorize_balances(ctx, &name.hospital, &name.staff_member).await?;
        let key = balance_key(name).ok_or_else(|| Problem::not_found("balance", name.to_string()))?;
        match self.store.balance(&self.store.db().fresh(ctx), &key).await? {
            Some(balance) => Ok(balance),
            None => self.open_balance(ctx, key).await,
        }
    }

    /// A page of balances, by person, type and year.
    pub async fn list_balances(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        filter: &str,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<Balance>, String), Problem> {
        let target = Target::person(&parent.hospital, &parent.staff_member);
        self.authorize_balances(ctx, &parent.hospital, &parent.staff_member).await?;
        let page = Page::of(page_size, page_token, &[&parent.to_string(), filter])?;
        let mut filter = filter::parse(filter, FIELDS)?;
        filter.map_values(|_, value| value.rsplit('/').next().unwrap_or_default().to_owned());
        if target.staff_member.is_some() {
            self.open_current_balances(ctx, parent).await?;
        }
        let reader = self.store.db().stale(ctx).await;
        let mut rows =
            self.store.balances_page(&reader, &parent.hospital, target.staff_member, &filter, &page).await?;
        let token = page.next(&mut rows, Balance::page_key);
        Ok((rows, token))
    }

    /// A page of a balance's ledger, oldest first.
    pub async fn list_balance_entries(
        &self,
        ctx: &Ctx,
        parent: &BalanceName,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<EntryRow>, String), Problem> {
        self.authorize_balances(ctx, &parent.hospital, &parent.staff_member).await?;
        let page = Page::of(page_size, page_token, &[&parent.to_string()])?;
        let key = balance_key(parent).ok_or_else(|| Problem::not_found("balance", parent.to_string()))?;
        let reader = self.store.db().stale(ctx).await;
        let mut rows = self.store.entries_page(&reader, &key, &page).await?;
        let token = page.next(&mut rows, |row| row.id.clone());
        Ok((rows, token))
    }

    /// A balance tells why somebody is away: whoever decides about some professions reads theirs only, and not everybody's.
    async fn authorize_balances(&self, ctx: &Ctx, hospital: &str, staff_member: &str) -> Result<(), Problem> {
        let target = Target::person(hospital, staff_member);
        if POLICY.allows(ctx, "balances.read", target) {
            return Ok(());
        }
        permissions::begin(ctx, "balances.read", target)?;
        if target.staff_member.is_none() {
            return Err(Problem::denied());
        }
        let person = self.staff.person(ctx, hospital, staff_member).await?;
        permissions::authorize(ctx, "balances.read", target, &person.profession)
    }

    /// Opens this year's balances that nobody has looked at.
    async fn open_current_balances(&self, ctx: &Ctx, person: &StaffMemberName) -> Result<(), Problem> {
        let reader = self.store.db().fresh(ctx);
        let policy = self.store.policy(&reader, &person.hospital).await?;
        let is_granted = |kind: &LeaveType| {
            let yearly = policy.yearly(kind.id);
            kind.has_balance && (yearly.granted > 0 || yearly.accrued > 0)
        };
        for leave_type in SHIPPED.iter().filter(|kind| is_granted(kind)) {
            let key = BalanceKey {
                hospital: person.hospital.clone(),
                staff_member: person.staff_member.clone(),
                leave_type: leave_type.id.to_owned(),
                year: today(ctx).year(),
            };
            if self.store.balance(&reader, &key).await?.is_none() {
                self.open_balance(ctx, key).await?;
            }
        }
        Ok(())
    }

    /// Writes the year's entitlement down.
    async fn open_balance(&self, ctx: &Ctx, key: BalanceKey) -> Result<Balance, Problem> {
        let person = self.staff.person(ctx, &key.hospital, &key.staff_member).await?;
        let tx = self.store.db().begin(ctx).await?;
        self.store.guard(&tx, &key.hospital, Guard::Person(&key.staff_member)).await?;
        let policy = self.store.policy(tx.conn(), &key.hospital).await?;
        let balance = self.entitled_balance(&tx, key, &person.contracts, (&policy, today(ctx))).await?;
        tx.commit().await?;
        Ok(balance)
    }
}
