//! A swap's life: who may do what to it, and when.

use super::exchange::{Finding, Item};

/// Where a swap is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Accepted,
    Applied,
    Declined,
    Refused,
    Cancelled,
    Expired,
}

/// Two people who exchange published duties, or one who gives one away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    pub hospital: String,
    pub id: String,
    pub plan: String,
    /// Ids of the assignments; the wanted one is empty when it is not known, or none.
    pub offered: String,
    pub wanted: String,
    pub offered_item: Item,
    pub wanted_item: Option<Item>,
    pub proposer: String,
    /// Empty while it is offered to several.
    pub counterpart: String,
    /// The profession of both.
    pub profession: String,
    pub is_give_away: bool,
    pub state: State,
    pub findings: Vec<Finding>,
    pub needs_approval: bool,
    /// The revision that it made; 0 before.
    pub revision: i32,
    /// By the database's clock.
    pub expire_time: i64,
    pub version: i64,
    pub create_time: i64,
    pub update_time: i64,
}

/// Why a swap cannot do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the swap does not wait for an answer")]
    NotPending,
    #[error("the swap does not wait for an approval")]
    NotAccepted,
    #[error("it is too late for the swap")]
    Expired,
}

/// What people do to a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Accept,
    Approve,
    Decline,
    Refuse,
    Cancel,
    Expire,
}

// === impl State ===

impl State {
    pub const ALL: [State; 7] = [
        State::Pending,
        State::Accepted,
        State::Applied,
        State::Declined,
        State::Refused,
        State::Cancelled,
        State::Expired,
    ];

    pub fn code(self) -> &'static str {
        match self {
            State::Pending => "PENDING",
            State::Accepted => "ACCEPTED",
            State::Applied => "APPLIED",
            State::Declined => "DECLINED",
            State::Refused => "REFUSED",
            State::Cancelled => "CANCELLED",
            State::Expired => "EXPIRED",
        }
    }

    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }

    /// It waits for somebody.
    pub fn is_open(self) -> bool {
        matches!(self, State::Pending | State::Accepted)
    }
}

// === impl Swap ===

impl Swap {
    /// Whether a step can be taken at `now`, by the clock that `expire_time` is of.
    pub fn allows(&self, step: Step, now: i64) -> Result<(), Refusal> {
        let is_late = now >= self.expire_time;
        match (step, self.state) {
            (_, State::Expired) => Err(Refusal::Expired),
            (Step::Accept, State::Pending) | (Step::Approve, State::Accepted) if is_late => {
                Err(Refusal::Expired)
            }
            (Step::Accept, State::Pending) | (Step::Approve, State::Accepted) => Ok(()),
            (Step::Approve, _) => Err(Refusal::NotAccepted),
            (Step::Decline | Step::Refuse | Step::Cancel, state) if state.is_open() => Ok(()),
            (Step::Expire, state) if state.is_open() && is_late => Ok(()),
            _ => Err(Refusal::NotPending),
        }
    }

    /// Ends it, or moves it on.
    pub fn step(&mut self, state: State, now: i64) {
        self.state = state;
        self.update_time = now;
    }

    /// Its duties.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        std::iter::once(&self.offered_item).chain(&self.wanted_item)
    }

    /// Whether its duties are of one week: such swaps of nurse anesthetists are their administrator's.
    pub fn is_within_a_week(&self) -> bool {
        let mut weeks = self.items().map(|item| item.day.iso_week());
        let first = weeks.next();
        weeks.all(|week| Some(week) == first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::shift::{Kind, Post};

    fn swap(state: State) -> Swap {
        let item = |day: &str| Item {
            shift: "s".into(),
            post: Post::Performer,
            kind: Kind::Garde,
            day: day.parse().unwrap(),
            part: None,
            site: "main".into(),
        };
        Swap {
            hospital: "h".into(),
            id: "x".into(),
            plan: "p".into(),
            offered: "a".into(),
            wanted: "b".into(),
            offered_item: item("2026-12-07"),
            wanted_item: Some(item("2026-12-13")),
            proposer: "ann".into(),
            counterpart: "bob".into(),
            profession: "MAR".into(),
            is_give_away: false,
            state,
            findings: vec![],
            needs_approval: false,
            revision: 0,
            expire_time: 100,
            version: 1,
            create_time: 0,
            update_time: 0,
        }
    }

    #[test]
    fn each_state_allows_its_steps_only_and_time_ends_both_waits() {
        use Refusal::{Expired, NotAccepted, NotPending};
        use Step::{Accept, Approve, Cancel, Decline, Expire, Refuse};
        for (state, step, now, expected) in [
            (State::Pending, Accept, 99, Ok(())),
            (State::Pending, Accept, 100, Err(Expired)),
            (State::Pending, Approve, 99, Err(NotAccepted)),
            (State::Pending, Decline, 99, Ok(())),
            (State::Pending, Refuse, 99, Ok(())),
            (State::Pending, Cancel, 99, Ok(())),
            (State::Pending, Expire, 99, Err(NotPending)),
            (State::Pending, Expire, 100, Ok(())),
            (State::Accepted, Accept, 99, Err(NotPending)),
            (State::Accepted, Approve, 99, Ok(())),
            (State::Accepted, Approve, 100, Err(Expired)),
            (State::Accepted, Decline, 99, Ok(())),
            (State::Applied, Cancel, 99, Err(NotPending)),
            (State::Applied, Approve, 99, Err(NotAccepted)),
            (State::Declined, Accept, 99, Err(NotPending)),
            (State::Refused, Accept, 99, Err(NotPending)),
            (State::Cancelled, Decline, 99, Err(NotPending)),
            (State::Expired, Accept, 101, Err(Expired)),
            (State::Expired, Expire, 101, Err(Expired)),
        ] {
            assert_eq!(swap(state).allows(step, now), expected, "{state:?} {step:?} {now}");
        }
    }

    #[test]
    fn every_state_is_found_by_its_code() {
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
        }
    }

    #[test]
    fn a_week_is_that_of_the_calendar() {
        let mut swap = swap(State::Pending);
        assert!(swap.is_within_a_week(), "Monday and Sunday");
        swap.offered_item.day = "2026-12-06".parse().unwrap();
        assert!(!swap.is_within_a_week());
        swap.wanted_item = None;
        assert!(swap.is_within_a_week());
    }
}
