//! What is told, without words: facts that a template turns into a text.

use calendar::DayRange;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    exchange::Exchange,
    notice::{Category, Part, Severity},
};

/// What a person is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Message {
    /// To those who decide: a leave waits for them.
    LeaveSubmitted {
        /// Profession code of who asks.
        profession: String,
        /// The days asked for.
        days: DayRange,
    },
    /// To the person: they are away.
    LeaveApproved {
        /// The days.
        days: DayRange,
    },
    /// To the person: they are not.
    LeaveRejected {
        /// The days.
        days: DayRange,
    },
    /// To the person when somebody else cancelled; to those who decide when the person cancelled approved leave.
    LeaveCancelled {
        /// The days.
        days: DayRange,
        /// Whether the reader is the person whose leave it was.
        is_own: bool,
    },
    /// To the person: the request is theirs again, to change or to cancel.
    LeaveReturned {
        /// The days.
        days: DayRange,
    },
    /// To those who decide for all: a leave has waited for too long.
    LeaveEscalated {
        /// Profession code of who asks.
        profession: String,
        /// The days asked for.
        days: DayRange,
        /// For how long.
        waiting_days: i32,
    },
    /// To those who decide: somebody cannot take duties on some days, and that waits for them.
    UnavailabilitySubmitted {
        /// Profession code of the person.
        profession: String,
        /// The days of the first time.
        days: DayRange,
    },
    /// To the person: they need take no duties.
    UnavailabilityApproved {
        /// The days of the first time.
        days: DayRange,
    },
    /// To the person: they may have to.
    UnavailabilityRejected {
        /// The days of the first time.
        days: DayRange,
    },
    /// To the person: other days were proposed.
    UnavailabilityCountered {
        /// The days of the first time, as the person entered them.
        days: DayRange,
    },
    /// To each whose duties a publication changed.
    PlanPublished {
        /// The plan's days.
        days: DayRange,
        /// What became theirs, went, or moved.
        changes: Vec<Tally>,
    },
    /// To the person: their leave begins soon.
    LeaveReminder {
        /// The days.
        days: DayRange,
        /// In how many days it begins; at least 1.
        days_ahead: i32,
    },
    /// To those who decide: a leave still waits for them.
    ApprovalNeeded {
        /// Profession code of who asks.
        profession: String,
        /// The days asked for.
        days: DayRange,
    },
    /// To those whom an exchange of duties, or a post to replace, concerns.
    Exchange {
        /// What is new.
        exchange: Exchange,
    },
    /// To those who decide for all: another system's endpoint was given up.
    WebhookFailed,
    /// To everybody: what somebody who looks after the system wrote.
    Notice {
        /// What it is about.
        category: Category,
        /// How much it matters.
        severity: Severity,
        /// What is said in French.
        french: String,
        /// What is said in English; empty means the French text.
        english: String,
        /// When the window begins.
        start: Timestamp,
        /// When it ends.
        end: Timestamp,
        /// What only answers questions during the window.
        read_only: Vec<Part>,
        /// Whether it was called off.
        is_cancelled: bool,
    },
}

/// How many duties of one kind changed in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// What happened to them.
    pub change: Change,
    /// What they are.
    pub duty: Duty,
    /// How many.
    pub count: u32,
}

/// What a publication did to a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Change {
    /// It is new for the reader.
    Added,
    /// It stays, elsewhere.
    Moved,
    /// It is no longer the reader's.
    Removed,
}

/// Kinds of duties that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Duty {
    /// Twenty-four hours on site.
    Garde,
    /// Twenty-four hours on call.
    Astreinte,
    /// Anything of half a day.
    HalfDay,
}

/// How soon the person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Can wait.
    Low,
    /// Today.
    Medium,
    /// Soon.
    High,
    /// At once.
    Urgent,
}

/// Every kind of message.
pub const KINDS: [&str; 29] = [
    "LEAVE_SUBMITTED",
    "LEAVE_APPROVED",
    "LEAVE_REJECTED",
    "LEAVE_CANCELLED",
    "PLAN_PUBLISHED",
    "LEAVE_REMINDER",
    "APPROVAL_NEEDED",
    "MAINTENANCE",
    "GENERAL_INFORMATION",
    "LEAVE_RETURNED",
    "LEAVE_ESCALATED",
    "UNAVAILABILITY_SUBMITTED",
    "UNAVAILABILITY_APPROVED",
    "UNAVAILABILITY_REJECTED",
    "UNAVAILABILITY_COUNTERED",
    "SYSTEM_ALERT",
    "SWAP_REQUESTED",
    "SWAP_ACCEPTED",
    "SWAP_APPROVAL_NEEDED",
    "SWAP_APPLIED",
    "SWAP_DECLINED",
    "SWAP_REFUSED",
    "SWAP_CANCELLED",
    "SWAP_EXPIRED",
    "REPLACEMENT_NEEDED",
    "REPLACEMENT_REQUESTED",
    "REPLACEMENT_CLOSED",
    "REPLACEMENT_COVERED",
    "REPLACEMENT_UNFILLED",
];

// === impl Message ===

impl Message {
    /// The closed word for what happened.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LeaveSubmitted { .. } => "LEAVE_SUBMITTED",
            Self::LeaveApproved { .. } => "LEAVE_APPROVED",
            Self::LeaveRejected { .. } => "LEAVE_REJECTED",
            Self::LeaveCancelled { .. } => "LEAVE_CANCELLED",
            Self::LeaveReturned { .. } => "LEAVE_RETURNED",
            Self::LeaveEscalated { .. } => "LEAVE_ESCALATED",
            Self::UnavailabilitySubmitted { .. } => "UNAVAILABILITY_SUBMITTED",
            Self::UnavailabilityApproved { .. } => "UNAVAILABILITY_APPROVED",
            Self::UnavailabilityRejected { .. } => "UNAVAILABILITY_REJECTED",
            Self::UnavailabilityCountered { .. } => "UNAVAILABILITY_COUNTERED",
            Self::PlanPublished { .. } => "PLAN_PUBLISHED",
            Self::LeaveReminder { .. } => "LEAVE_REMINDER",
            Self::ApprovalNeeded { .. } => "APPROVAL_NEEDED",
            Self::Exchange { exchange } => exchange.kind(),
            Self::WebhookFailed => "SYSTEM_ALERT",
            Self::Notice { category: Category::Maintenance, .. } => "MAINTENANCE",
            Self::Notice { category: Category::General, .. } => "GENERAL_INFORMATION",
        }
    }

    /// How soon the person should know (domain §8).
    pub fn priority(&self) -> Priority {
        match self {
            Self::LeaveSubmitted { .. }
            | Self::LeaveCancelled { is_own: false, .. }
            | Self::UnavailabilitySubmitted { .. }
            | Self::ApprovalNeeded { .. } => Priority::Medium,
            Self::LeaveApproved { .. }
            | Self::LeaveRejected { .. }
            | Self::LeaveCancelled { .. }
            | Self::LeaveReturned { .. }
            | Self::LeaveEscalated { .. }
            | Self::UnavailabilityApproved { .. }
            | Self::UnavailabilityRejected { .. }
            | Self::UnavailabilityCountered { .. }
            | Self::WebhookFailed
            | Self::PlanPublished { .. } => Priority::High,
            Self::LeaveReminder { .. } => Priority::Low,
            Self::Exchange { exchange } => exchange.priority(),
            Self::Notice { severity, .. } => severity.priority(),
        }
    }
}

// === impl Priority ===

impl Priority {
    /// The word in filters and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Urgent => "URGENT",
        }
    }

    /// Whether it passes quiet hours and is not gathered.
    pub fn is_urgent(self) -> bool {
        self == Self::Urgent
    }
}

/// Counts changes by what happened and what they are, in a stable order.
pub fn tally(changes: impl IntoIterator<Item = (Change, Duty)>) -> Vec<Tally> {
    let mut counts = std::collections::BTreeMap::<(Change, Duty), u32>::new();
    for change in changes {
        *counts.entry(change).or_default() += 1;
    }
    counts.into_iter().map(|((change, duty), count)| Tally { change, duty, count }).collect()
}
