//! Windows in which a service only answers questions: people's changes are refused, with the moment until when.
//!
//! Which methods change something is told by their verb, and a verb that nobody knows does: a new method is closed
//! during maintenance until somebody says that it only answers. Services act on: what they do for each other is what the
//! window's operator stops when it must stop.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use proto::error::v1::Reason;

use crate::{Principal, Problem};

/// Verbs of methods that only answer.
const READS: &[&str] = &[
    "Get",
    "List",
    "BatchGet",
    "Watch",
    "Analyze",
    "Compare",
    "Explain",
    "Find",
    "Preview",
    "Rank",
    "Recommend",
    "Simulate",
    "Solve",
    "Suggest",
    "Verify",
];

/// Methods that stay open whatever is closed: people come in and go out, feeds are read, and whoever announced a window
/// can end it.
const OPEN: &[&str] = &[
    "planning.v1.PlanningService/ReadCalendarFeed",
    "staff.v1.SessionService/CreateSession",
    "staff.v1.SessionService/RefreshSession",
    "staff.v1.SessionService/ExchangeIdentity",
    "staff.v1.SessionService/DeleteSession",
    "staff.v1.SessionService/RevokeSession",
    "notification.v1.NotificationService/CreateNotice",
    "notification.v1.NotificationService/UpdateNotice",
    "notification.v1.NotificationService/CancelNotice",
];

/// Everything else of the mesh has this before its package.
const OURS: &str = "/mathildanesth.";

/// A window of a hospital.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Hospital id.
    pub hospital: String,
    /// From when on.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
}

/// The windows of one service, shared between those who know of them and the server stack.
#[derive(Clone, Debug, Default)]
pub struct ReadOnly(Arc<ArcSwap<Vec<Window>>>);

/// Whether a method (`/package.Service/Method`) is open in a window.
pub fn is_open(path: &str) -> bool {
    let Some(method) = path.strip_prefix(OURS) else { return true };
    let name = method.rsplit('/').next().unwrap_or_default();
    let is_verb = |verb: &&str| {
        name.strip_prefix(*verb)
            .is_some_and(|noun| noun.is_empty() || noun.starts_with(|c: char| c.is_uppercase()))
    };
    OPEN.contains(&method) || READS.iter().any(is_verb)
}

// === impl ReadOnly ===

impl ReadOnly {
    /// What is known from now on.
    pub fn set(&self, windows: Vec<Window>) {
        self.0.store(Arc::new(windows));
    }

    /// What is known.
    pub fn windows(&self) -> Arc<Vec<Window>> {
        self.0.load_full()
    }

    /// Refuses a person's change during a window of their hospital.
    ///
    /// # Errors
    /// `FAILED_PRECONDITION / READ_ONLY_WINDOW`, with the end of the window. Not `UNAVAILABLE`, which clients and neighbours
    /// repeat by themselves: nothing they do helps before that end.
    pub(crate) fn check(&self, path: &str, principal: &Principal, now: Timestamp) -> Result<(), Problem> {
        let windows = self.0.load();
        if windows.is_empty() || is_open(path) {
            return Ok(());
        }
        let Some(person) = principal.person() else { return Ok(()) };
        let mine = windows.iter().filter(|window| window.hospital == person.hospital);
        let end =
            mine.filter(|window| (window.start..window.end).contains(&now)).map(|window| window.end).max();
        let Some(end) = end else { return Ok(()) };
        let wait = Duration::try_from(end.duration_since(now)).unwrap_or_default();
        let text = "only questions are answered during this maintenance";
        Err(Problem::precondition(Reason::ReadOnlyWindow, text)
            .and("MAINTENANCE", format!("hospitals/{}", person.hospital), text)
            .with("end_time", end.to_string())
            .after(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_answers_is_open_and_what_nobody_knows_is_not() {
        for (path, expected) in [
            ("/mathildanesth.leave.v1.LeaveService/GetLeave", true),
            ("/mathildanesth.planning.v1.PlanningService/WatchPlan", true),
            ("/mathildanesth.planning.v1.PlanningService/ReadCalendarFeed", true),
            ("/mathildanesth.staff.v1.SessionService/RefreshSession", true),
            ("/grpc.health.v1.Health/Check", true),
            ("/mathildanesth.leave.v1.LeaveService/CreateLeave", false),
            ("/mathildanesth.notification.v1.NotificationService/ReadNotifications", false),
            ("/mathildanesth.staff.v1.SessionService/ChangePassword", false),
            ("/mathildanesth.leave.v1.LeaveService/Getaway", false),
            ("/mathildanesth.leave.v1.LeaveService/Frobnicate", false),
        ] {
            assert_eq!(is_open(path), expected, "{path}");
        }
    }
}
