//! What several use cases share.

use calendar::{Day, working_time::Zone};
use chassis::{Ctx, Problem, Target};
use durable::Tx;
use proto::{
    error::v1::Reason,
    leave::v1::{
        BalanceChanged, LeaveApproved, LeaveCancelled, LeaveRejected, LeaveReturned, LeaveSubmitted,
    },
    names::{BalanceName, LeaveName, StaffMemberName},
    r#type::v1 as value,
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::{App, audit, permissions};
use crate::{
    domain::{
        balance::{Balance, BalanceKey, EntryKind, NewEntry},
        conflict::{self, Conflict},
        contract::Contracts,
        leave::{Change, Decision, Event, Leave, State},
        leave_type::{self, LeaveType},
        policy::Policy,
        refusal::Refusal,
    },
    metrics,
    store::Guard,
};

/// A leave as a reader may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The leave.
    pub leave: Leave,
    /// What speaks against it.
    pub conflicts: Vec<Conflict>,
    /// The balances it touches, where asked.
    pub balances: Vec<Balance>,
    /// Whether the reader may know type, comment and conflicts.
    pub is_open: bool,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let reason = refusal.reason();
        metrics::refused(reason.as_str_name());
        match refusal {
            Refusal::NotPending { leave, state } => {
                let text = format!("leave `{leave}` is not pending (state: {})", state.word());
                let problem = Self::precondition(reason, &text).and("STATE", leave, text);
                problem.with("state", state.word())
            }
            Refusal::NotCancellable { leave, state } => {
                let text = format!("leave `{leave}` cannot be cancelled (state: {})", state.word());
                let problem = Self::precondition(reason, &text).and("STATE", leave, text);
                problem.with("state", state.word())
            }
            Refusal::NothingCounted => {
                Self::precondition(reason, "the person would not have worked on any of these days")
            }
            Refusal::OutsideContract => {
                Self::precondition(reason, "the person has no contract on some of these days, or has left")
            }
            Refusal::UnavailabilityState { unavailability, state } => {
                let text = format!("unavailability `{unavailability}` does not allow it (state: {state})");
                let problem = Self::precondition(reason, &text).and("STATE", unavailability, text);
                problem.with("state", state)
            }
            Refusal::TransferNotOffered => {
                Self::precondition(reason, "the policy lets nothing move between these balances")
            }
            Refusal::TransferCapped { left } => {
                Self::precondition(reason, format!("the policy lets {left} half-days move"))
                    .with("left_half_days", left.to_string())
            }
            Refusal::TransferExceedsBalance { projected } => {
                Self::precondition(reason, format!("the balance holds {projected} half-days"))
                    .with("projected_half_days", projected.to_string())
            }
            Refusal::Conflicts(conflicts) => {
                let text = format!("{} conflicts stand against the leave", conflicts.len());
                conflicts.iter().fold(Self::precondition(reason, text), |problem, conflict| {
                    let text =
                        format!("{}: found {}, allowed {}", conflict.days, conflict.found, conflict.allowed);
                    problem.and(&format!("{:?}", conflict.kind), &conflict.resource, text)
                })
            }
        }
    }
}

/// The actor of what nobody did.
pub const SERVICE: &str = "services/leave";

/// Today, where the hospital is.
pub fn today(ctx: &Ctx) -> Day {
    Zone::paris().day_at(ctx.now)
}

/// Who acts, as a name.
pub fn actor(ctx: &Ctx) -> String {
    ctx.principal.subject()
}

/// Whether the caller is that person.
pub fn is_own(ctx: &Ctx, hospital: &str, staff_member: &str) -> bool {
    let caller = ctx.principal.person();
    caller.is_some_and(|caller| caller.staff_member == staff_member && caller.hospital == hospital)
}

/// A decision of the caller, now.
pub fn decision(ctx: &Ctx, comment: String, is_forced: bool) -> Decision {
    Decision { decider: actor(ctx), comment, is_forced, decide_time: ctx.now, rank: None }
}

/// The type of a leave; every stored leave has one.
pub fn type_of(leave: &Leave) -> Result<&'static LeaveType, Problem> {
    leave_type::find(&leave.leave_type)
        .ok_or_else(|| Problem::internal(format!("leave type `{}` is unknown", leave.leave_type)))
}

/// The refusal of a leave that is not there.
pub fn leave_not_found(name: &LeaveName) -> Problem {
    Problem::not_found("leave", name.to_string())
}

// === impl App ===

impl App {
    /// Finds what speaks against a leave. `missing` are the half-days its balances lack, by year.
    pub(super) async fn conflicts(
        &self,
        conn: &impl ConnectionTrait,
        ctx: &Ctx,
        leave: &Leave,
        known: (&Policy, i32, Vec<(i32, i32)>),
    ) -> Result<Vec<Conflict>, Problem> {
        Ok(conflict::assess(leave, &self.scene(conn, ctx, leave, known).await?.around()))
    }

    /// The balances that a leave touches, each with its entitlement brought up to date.
    pub(super) async fn balances_of(
        &self,
        tx: &Tx,
        leave: &Leave,
        contracts: &Contracts,
        now: (&Policy, Day),
    ) -> Result<Vec<Balance>, Problem> {
        let mut balances = Vec::new();
        for key in balance_keys(leave) {
            balances.push(self.entitled_balance(tx, key, contracts, now).await?);
        }
        Ok(balances)
    }

    /// The balances that a leave touches, as they are written down.
    pub(super) async fn balances_read(
        &self,
        conn: &impl ConnectionTrait,
        leave: &Leave,
    ) -> Result<Vec<Balance>, Problem> {
        let keys = balance_keys(leave);
        let known = self.store.balances(conn, &keys).await?;
        let balance = |key: BalanceKey| {
            let known = known.iter().find(|balance| balance.key == key).cloned();
            known.unwrap_or_else(|| empty(key))
        };
        Ok(keys.into_iter().map(balance).collect())
    }

    /// A balance whose grants and accruals equal what the contracts entitle to by now; the difference becomes a line.
    pub(super) async fn entitled_balance(
        &self,
        tx: &Tx,
        key: BalanceKey,
        contracts: &Contracts,
        (policy, today): (&Policy, Day),
    ) -> Result<Balance, Problem> {
        let mut balance = self.balance_or_empty(tx.conn(), key).await?;
        for (kind, half_days) in due(&balance, contracts, policy, today) {
            let entry = NewEntry::new(balance.key.year, kind, half_days);
            balance = self.post(tx, balance.key, SERVICE, entry).await?;
        }
        Ok(balance)
    }

    /// Writes a line that no leave caused and tells it.
    pub(super) async fn post(
        &self,
        tx: &Tx,
        key: BalanceKey,
        actor: &str,
        entry: NewEntry,
    ) -> Result<Balance, Problem> {
        let owner = (key.hospital.as_str(), key.staff_member.as_str(), key.leave_type.as_str());
        self.store.append(tx, owner, actor, &[entry]).await?;
        let balance = self.balance_or_empty(tx.conn(), key).await?;
        tell(tx, &balance).await?;
        Ok(balance)
    }

    pub(super) async fn balance_or_empty(
        &self,
        conn: &impl ConnectionTrait,
        key: BalanceKey,
    ) -> Result<Balance, Problem> {
        let balance = self.store.balance(conn, &key).await?;
        Ok(balance.unwrap_or_else(|| empty(key)))
    }

    /// A leave that is there, before something is decided about it.
    pub(super) async fn leave(&self, name: &LeaveName) -> Result<Leave, Problem> {
        let conn = self.store.db().read();
        let leave = self.store.leave(conn, &name.hospital, &name.staff_member, &name.leave).await?;
        leave.ok_or_else(|| leave_not_found(name))
    }

    /// A leave as this transaction sees it.
    pub(super) async fn leave_in(&self, tx: &Tx, name: &LeaveName) -> Result<Leave, Problem> {
        let leave = self.store.leave(tx.conn(), &name.hospital, &name.staff_member, &name.leave).await?;
        leave.ok_or_else(|| leave_not_found(name))
    }

    /// Waits for its turn among those who decide about this person's leave, and about its profession's absences.
    pub(super) async fn take_turn(&self, tx: &Tx, leave: &Leave) -> Result<(), Problem> {
        self.store.guard(tx, &leave.hospital, Guard::Profession(&leave.profession)).await?;
        self.store.guard(tx, &leave.hospital, Guard::Person(&leave.staff_member)).await
    }

    /// Saves a transition of a leave that was read in this transaction: row, ledger, event.
    pub(super) async fn save(&self, tx: &Tx, ctx: &Ctx, change: Change) -> Result<Leave, Problem> {
        let Change { mut leave, entries, event } = change;
        self.store.update_leave(tx, &mut leave).await?;
        self.write_down(tx, ctx, &leave, &entries, &event).await?;
        Ok(leave)
    }

    /// Ledger, event and line of the audit log of a transition.
    pub(super) async fn write_down(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        leave: &Leave,
        entries: &[NewEntry],
        event: &Event,
    ) -> Result<(), Problem> {
        let owner = (leave.hospital.as_str(), leave.staff_member.as_str(), leave.balance_type());
        self.store.append(tx, owner, &actor(ctx), entries).await?;
        publish(tx, leave, event).await?;
        if let Some(line) = audit::of_leave(ctx, leave, event) {
            tx.audit(line);
        }
        metrics::reached(leave.state);
        tracing::info!(leave.id = leave.id, leave.state = leave.state.word(), "leave changed");
        Ok(())
    }

    /// A leave as the caller may see it; conflicts of what is not over, for who may know them.
    pub(super) fn view(&self, ctx: &Ctx, leave: Leave, conflicts: Vec<Conflict>) -> View {
        let target = Target::person(&leave.hospital, &leave.staff_member);
        let is_open = permissions::allows(ctx, "leaves.read_reason", target, &leave.profession);
        View { conflicts: if is_open { conflicts } else { vec![] }, leave, balances: vec![], is_open }
    }
}

/// Tells that a balance changed.
pub async fn tell(tx: &Tx, balance: &Balance) -> Result<(), Problem> {
    let key = &balance.key;
    let event = BalanceChanged {
        balance: balance_name(key),
        staff_member: StaffMemberName::new(&key.hospital, &key.staff_member).to_string(),
        remaining_half_days: balance.figures.remaining(),
    };
    tx.publish("leave", &event, &key.hospital, &event.balance).await
}

async fn publish(tx: &Tx, leave: &Leave, event: &Event) -> Result<(), Problem> {
    let subject = leave.name();
    let staff_member = StaffMemberName::new(&leave.hospital, &leave.staff_member).to_string();
    let (profession, hospital) = (leave.profession.clone(), leave.hospital.as_str());
    let (first, last) = (leave.span.first(), leave.span.last());
    let (first_date, last_date) = (Some(first.day.into()), Some(last.day.into()));
    let first_part = value::DayPart::from(first.part).into();
    let last_part = value::DayPart::from(last.part).into();
    let name = subject.clone();
    match event {
        Event::Submitted => {
            let event = LeaveSubmitted {
                leave: name,
                staff_member,
                profession,
                first_date,
                first_part,
                last_date,
                last_part,
            };
            tx.publish("leave", &event, hospital, subject).await
        }
        Event::Approved => {
            let is_forced = leave.decision.as_ref().is_some_and(|decision| decision.is_forced);
            let event = LeaveApproved {
                leave: name,
                staff_member,
                profession,
                first_date,
                first_part,
                last_date,
                last_part,
                is_forced,
            };
            tx.publish("leave", &event, hospital, subject).await
        }
        Event::Rejected => {
            let event = LeaveRejected { leave: name, staff_member, first_date, last_date };
            tx.publish("leave", &event, hospital, subject).await
        }
        Event::Returned => {
            let event = LeaveReturned { leave: name, staff_member, first_date, last_date };
            tx.publish("leave", &event, hospital, subject).await
        }
        Event::Cancelled { was_approved, actor } => {
            let event = LeaveCancelled {
                leave: name,
                staff_member,
                profession,
                first_date,
                first_part,
                last_date,
                last_part,
                was_approved: *was_approved,
                actor: actor.clone(),
            };
            tx.publish("leave", &event, hospital, subject).await
        }
    }
}

/// What a balance lacks of what the contracts entitle to by now.
pub fn due(
    balance: &Balance,
    contracts: &Contracts,
    policy: &Policy,
    today: Day,
) -> impl Iterator<Item = (EntryKind, i32)> + use<> {
    let (year, yearly) = (balance.key.year, policy.yearly(&balance.key.leave_type));
    let granted = contracts.entitlement(year, yearly.granted) - balance.figures.entitled;
    let accrued = contracts.accrual(year, yearly.accrued, today) - balance.figures.accrued;
    let lines = [(EntryKind::Grant, granted), (EntryKind::Accrual, accrued)];
    lines.into_iter().filter(|(_, half_days)| *half_days != 0)
}

/// The balances that a leave touches: one for each year in which it costs something.
fn balance_keys(leave: &Leave) -> Vec<BalanceKey> {
    let charges = leave.charges.iter().filter(|_| leave.has_balance);
    charges
        .map(|charge| BalanceKey {
            hospital: leave.hospital.clone(),
            staff_member: leave.staff_member.clone(),
            leave_type: leave.balance_type().to_owned(),
            year: charge.year,
        })
        .collect()
}

/// A balance without a line.
fn empty(key: BalanceKey) -> Balance {
    Balance { key, figures: Default::default(), version: 0 }
}

/// The name of a balance.
pub fn balance_name(key: &BalanceKey) -> String {
    BalanceName::new(&key.hospital, &key.staff_member, key.id()).to_string()
}

/// How far below zero the balances of a leave would fall, by year. A pending leave is reserved already.
pub fn missing(leave: &Leave, balances: &[Balance]) -> Vec<(i32, i32)> {
    let charge = |year| leave.charges.iter().find(|charge| charge.year == year).map_or(0, |c| c.half_days);
    balances
        .iter()
        .map(|balance| {
            let (cost, projected) = (charge(balance.key.year), balance.figures.projected());
            let lacks = if leave.state == State::Pending { -projected } else { cost - projected };
            (balance.key.year, lacks.max(0))
        })
        .collect()
}

/// The refusal of somebody who no longer works here.
pub fn inactive(name: &StaffMemberName) -> Problem {
    Problem::precondition(Reason::StaffMemberInactive, format!("staff member `{name}` is not active"))
}
