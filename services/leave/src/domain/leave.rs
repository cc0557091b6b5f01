//! A leave and its life: draft → pending → approved, rejected or cancelled.

use calendar::{Day, Span};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    balance::{Charge, EntryKind, NewEntry},
    ranking::Rank,
    refusal::Refusal,
};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Written down, not sent.
    Draft,
    /// Waits for a decision.
    Pending,
    /// Went back to the requester for a change.
    RevisionAsked,
    /// The person is away.
    Approved,
    /// Refused, with a comment.
    Rejected,
    /// Withdrawn, or taken back.
    Cancelled,
}

/// Days off that a person asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// Its own id.
    pub id: String,
    /// The person's profession code when it was asked for.
    pub profession: String,
    /// Id of the leave type.
    pub leave_type: String,
    /// From half-day to half-day.
    pub span: Span,
    /// What it costs, year by year.
    pub charges: Vec<Charge>,
    /// Whether it is kept in balances.
    pub has_balance: bool,
    /// Id of the type whose balance pays; its own where none is said.
    #[serde(default)]
    pub charged_type: Option<String>,
    /// First day of the person's first contract, when it was asked for.
    #[serde(default)]
    pub employed_since: Option<Day>,
    /// Where it stands.
    pub state: State,
    /// For those who decide.
    pub comment: String,
    /// The decision, once there is one.
    pub decision: Option<Decision>,
    /// Id of the series that it is one time of.
    #[serde(default)]
    pub series: Option<String>,
    /// When it had waited for so long that it was escalated.
    #[serde(default)]
    pub escalate_time: Option<Timestamp>,
    /// Grows with each change.
    pub version: i64,
    /// When it was asked for.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// Who decided what, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Name of who decided; of the service where no person did.
    pub decider: String,
    /// What was said to the requester.
    pub comment: String,
    /// Approved against blocking conflicts.
    pub is_forced: bool,
    /// When.
    pub decide_time: Timestamp,
    /// Where it stood among those that asked for the same days.
    #[serde(default)]
    pub rank: Option<Rank>,
}

/// What happened, to be told to others: never with type, comment or reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was asked for.
    Submitted,
    /// The person is away.
    Approved,
    /// It was refused.
    Rejected,
    /// It went back to the requester.
    Returned,
    /// It was taken back.
    Cancelled {
        /// The person is available again.
        was_approved: bool,
        /// Name of who did it.
        actor: String,
    },
}

/// A transition: the leave as it is now, what it writes into the ledger, what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The leave after it.
    pub leave: Leave,
    /// New lines of the ledger.
    pub entries: Vec<NewEntry>,
    /// What is told.
    pub event: Event,
}

// === impl Leave ===

impl Leave {
    /// What it costs, in half-days.
    pub fn counted_half_days(&self) -> i32 {
        self.charges.iter().map(|charge| charge.half_days).sum()
    }

    /// Id of the type whose balance pays, where one does.
    pub fn balance_type(&self) -> &str {
        self.charged_type.as_deref().unwrap_or(&self.leave_type)
    }

    /// Its name.
    pub fn name(&self) -> String {
        proto::names::LeaveName::new(&self.hospital, &self.staff_member, &self.id).to_string()
    }

    /// The same without what people wrote; none if nobody wrote anything.
    pub fn without_texts(&self) -> Option<Self> {
        let decided = self.decision.as_ref().is_some_and(|decision| !decision.comment.is_empty());
        (decided || !self.comment.is_empty()).then(|| Self {
            comment: String::new(),
            decision: self.decision.clone().map(Decision::without_text),
            ..self.clone()
        })
    }

    /// Whether it keeps its person from another leave on the same half-days.
    pub fn is_alive(&self) -> bool {
        matches!(self.state, State::Pending | State::RevisionAsked | State::Approved)
    }

    /// DRAFT or REVISION_ASKED → PENDING: reserves what it costs.
    pub fn submit(self, now: Timestamp) -> Result<Change, Refusal> {
        if !matches!(self.state, State::Draft | State::RevisionAsked) {
            return Err(Refusal::NotPending { leave: self.name(), state: self.state });
        }
        let entries = self.entries(&[(EntryKind::Reservation, -1)]);
        Ok(Change { leave: self.into_state(State::Pending, now), entries, event: Event::Submitted })
    }

    /// PENDING → APPROVED: what was reserved is used.
    pub fn approve(self, decision: Decision) -> Result<Change, Refusal> {
        self.must_be_pending()?;
        let entries = self.entries(&[(EntryKind::Release, 1), (EntryKind::Usage, -1)]);
        Ok(Change { leave: self.decided(State::Approved, decision), entries, event: Event::Approved })
    }

    /// PENDING → REJECTED: what was reserved is released.
    pub fn reject(self, decision: Decision) -> Result<Change, Refusal> {
        self.must_be_pending()?;
        let entries = self.entries(&[(EntryKind::Release, 1)]);
        Ok(Change { leave: self.decided(State::Rejected, decision), entries, event: Event::Rejected })
    }

    /// PENDING → REVISION_ASKED: what was reserved is released. The decision then says who asked for what.
    pub fn give_back(self, decision: Decision) -> Result<Change, Refusal> {
        self.must_be_pending()?;
        let entries = self.entries(&[(EntryKind::Release, 1)]);
        Ok(Change { leave: self.decided(State::RevisionAsked, decision), entries, event: Event::Returned })
    }

    /// What a revision makes of it, not sent yet: the draft's days, type, cost and comment under this one's name. What it
    /// had reserved is released. One answers the lines for the balance that held it.
    pub fn revise(self, draft: Self) -> Result<(Self, Vec<NewEntry>), Refusal> {
        let released = match self.state {
            State::Pending => self.entries(&[(EntryKind::Release, 1)]),
            State::RevisionAsked | State::Draft => Vec::new(),
            State::Approved | State::Rejected | State::Cancelled => {
                self.must_be_pending().map(|()| vec![])?
            }
        };
        let (id, series) = (self.id, self.series);
        let (version, create_time) = (self.version, self.create_time);
        Ok((Self { id, series, version, create_time, state: State::Draft, ..draft }, released))
    }

    /// Anything alive → CANCELLED: the balance is as if it had never been. The decision then says who cancelled.
    pub fn cancel(self, decision: Decision) -> Result<Change, Refusal> {
        let entries = match self.state {
            State::Pending => self.entries(&[(EntryKind::Release, 1)]),
            State::Approved => self.entries(&[(EntryKind::Refund, 1)]),
            State::Draft | State::RevisionAsked => Vec::new(),
            State::Rejected | State::Cancelled => {
                return Err(Refusal::NotCancellable { leave: self.name(), state: self.state });
            }
        };
        let was_approved = self.state == State::Approved;
        let event = Event::Cancelled { was_approved, actor: decision.decider.clone() };
        Ok(Change { leave: self.decided(State::Cancelled, decision), entries, event })
    }

    fn must_be_pending(&self) -> Result<(), Refusal> {
        if self.state == State::Pending {
            return Ok(());
        }
        Err(Refusal::NotPending { leave: self.name(), state: self.state })
    }

    fn into_state(self, state: State, now: Timestamp) -> Self {
        // A leave that waits anew has not waited yet.
        Self { state, update_time: now, escalate_time: None, ..self }
    }

    fn decided(self, state: State, decision: Decision) -> Self {
        let now = decision.decide_time;
        Self { decision: Some(decision), ..self.into_state(state, now) }
    }

    /// One line for each kind and year.
    fn entries(&self, kinds: &[(EntryKind, i32)]) -> Vec<NewEntry> {
        if !self.has_balance {
            return Vec::new();
        }
        kinds
            .iter()
            .flat_map(|&(kind, sign)| {
                self.charges.iter().map(move |charge| NewEntry {
                    leave: Some(self.id.clone()),
                    ..NewEntry::new(charge.year, kind, sign * charge.half_days)
                })
            })
            .collect()
    }
}

// === impl Decision ===

impl Decision {
    /// The same without what was said.
    pub fn without_text(self) -> Self {
        Self { comment: String::new(), ..self }
    }
}

// === impl State ===

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Pending, Self::RevisionAsked, Self::Approved, Self::Rejected, Self::Cancelled];

    /// The word in filters and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Pending => "PENDING",
            Self::RevisionAsked => "REVISION_ASKED",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

#[cfg(test)]
mod tests;
