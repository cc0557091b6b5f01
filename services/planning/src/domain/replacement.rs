//! A post to replace: its life, those who are asked, and the order in which they are suggested.

use calendar::Span;

use super::exchange::Item;

/// Where a replacement is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Offered,
    Filled,
    Cancelled,
    Unfilled,
}

/// A post that is to pass to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    pub hospital: String,
    pub id: String,
    pub plan: String,
    pub item: Item,
    /// Who held it; empty when nobody did.
    pub absent: String,
    /// What it was opened for: the name of an absence or a leave; empty when a planner did.
    pub origin: String,
    pub state: State,
    /// Who took it; empty before.
    pub staff_member: String,
    /// The revision in which somebody else holds it; 0 before.
    pub revision: i32,
    /// When it is too late, as people read it.
    pub due_time: i64,
    /// The same by the database's clock.
    pub deadline_time: i64,
    pub version: i64,
    pub create_time: i64,
    pub end_time: i64,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Sent,
    Accepted,
    Declined,
    Closed,
}

/// Somebody who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub staff_member: String,
    pub answer: Answer,
    pub offer_time: i64,
    /// By the database's clock.
    pub expire_time: i64,
    pub answer_time: i64,
}

/// Half-days on which somebody is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnplannedAbsence {
    pub hospital: String,
    pub id: String,
    pub staff_member: String,
    pub span: Span,
    pub is_withdrawn: bool,
    pub create_time: i64,
}

/// Why a post cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("somebody has taken the post")]
    Filled,
    #[error("nobody is needed any more")]
    Ended,
    #[error("the offer has ended")]
    OfferExpired,
}

/// What decides among those who could take a post: fewest changes, what costs least in whole units of weight, who was
/// asked least recently, and then what costs least exactly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    changes: usize,
    units: Vec<i64>,
    last_offer_time: i64,
    levels: Vec<i64>,
    person: String,
}

// === impl State ===

impl State {
    pub const ALL: [State; 5] =
        [State::Open, State::Offered, State::Filled, State::Cancelled, State::Unfilled];

    pub fn code(self) -> &'static str {
        match self {
            State::Open => "OPEN",
            State::Offered => "OFFERED",
            State::Filled => "FILLED",
            State::Cancelled => "CANCELLED",
            State::Unfilled => "UNFILLED",
        }
    }

    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Somebody is still looked for.
    pub fn is_open(self) -> bool {
        matches!(self, State::Open | State::Offered)
    }
}

// === impl Answer ===

impl Answer {
    pub fn code(self) -> &'static str {
        match self {
            Answer::Sent => "SENT",
            Answer::Accepted => "ACCEPTED",
            Answer::Declined => "DECLINED",
            Answer::Closed => "CLOSED",
        }
    }

    pub fn from_code(code: &str) -> Option<Answer> {
        [Answer::Sent, Answer::Accepted, Answer::Declined, Answer::Closed]
            .into_iter()
            .find(|answer| answer.code() == code)
    }
}

// === impl Replacement ===

impl Replacement {
    /// Whether somebody is still looked for at `now`, by the clock that `deadline_time` is of.
    pub fn open(&self, now: i64) -> Result<(), Refusal> {
        match self.state {
            State::Filled => Err(Refusal::Filled),
            state if state.is_open() && now < self.deadline_time => Ok(()),
            _ => Err(Refusal::Ended),
        }
    }

    /// Whether this offer of it can be taken at `now`.
    pub fn takes(&self, offer: &Offer, now: i64) -> Result<(), Refusal> {
        self.open(now)?;
        if offer.answer == Answer::Sent && now < offer.expire_time {
            Ok(())
        } else {
            Err(Refusal::OfferExpired)
        }
    }

    /// Ends it.
    pub fn end(&mut self, state: State, now: i64) {
        self.state = state;
        self.end_time = now;
    }
}

// === impl Rank ===

impl Rank {
    /// `levels` are those of a score's difference, heaviest first; `unit` is one unit of weight in them.
    pub fn new(changes: usize, levels: &[i64], unit: i64, last_offer_time: i64, person: &str) -> Self {
        Self {
            changes,
            units: levels.iter().map(|level| level.div_euclid(unit)).collect(),
            last_offer_time,
            levels: levels.to_vec(),
            person: person.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::shift::{Kind, Post};

    fn replacement(state: State) -> Replacement {
        Replacement {
            hospital: "h".into(),
            id: "r".into(),
            plan: "p".into(),
            item: Item {
                shift: "s".into(),
                post: Post::Performer,
                kind: Kind::Garde,
                day: "2026-12-07".parse().unwrap(),
                part: None,
                site: "main".into(),
            },
            absent: "ann".into(),
            origin: String::new(),
            state,
            staff_member: String::new(),
            revision: 0,
            due_time: 100,
            deadline_time: 100,
            version: 1,
            create_time: 0,
            end_time: 0,
        }
    }

    #[test]
    fn a_post_is_taken_once_in_time_and_by_an_offer_that_holds() {
        let offer = |answer| Offer {
            staff_member: "bob".into(),
            answer,
            offer_time: 0,
            expire_time: 50,
            answer_time: 0,
        };
        for (state, answer, now, expected) in [
            (State::Offered, Answer::Sent, 49, Ok(())),
            (State::Offered, Answer::Sent, 50, Err(Refusal::OfferExpired)),
            (State::Offered, Answer::Declined, 49, Err(Refusal::OfferExpired)),
            (State::Offered, Answer::Sent, 100, Err(Refusal::Ended)),
            (State::Filled, Answer::Closed, 49, Err(Refusal::Filled)),
            (State::Filled, Answer::Accepted, 200, Err(Refusal::Filled)),
            (State::Cancelled, Answer::Closed, 49, Err(Refusal::Ended)),
            (State::Unfilled, Answer::Closed, 49, Err(Refusal::Ended)),
        ] {
            assert_eq!(replacement(state).takes(&offer(answer), now), expected, "{state:?} {answer:?} {now}");
        }
        assert_eq!(replacement(State::Open).open(99), Ok(()));
    }

    #[test]
    fn fewest_changes_come_first_then_cost_then_who_was_asked_least_recently() {
        let rank = |changes, level, asked, who: &str| Rank::new(changes, &[0, level], 1_000, asked, who);
        let mut ranks = [
            rank(2, 0, 0, "two changes"),
            rank(1, 3_000, 0, "dearer"),
            rank(1, 1_100, 90, "asked lately"),
            rank(1, 1_900, 10, "asked long ago"),
            rank(1, 1_950, 0, "never asked"),
            rank(1, -500, 99, "cheapest"),
        ];
        ranks.sort();
        let names: Vec<&str> = ranks.iter().map(|rank| rank.person.as_str()).collect();
        let expected = ["cheapest", "never asked", "asked long ago", "asked lately", "dearer", "two changes"];
        assert_eq!(names, expected);
    }

    #[test]
    fn every_state_and_answer_is_found_by_its_code() {
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
        }
        for answer in [Answer::Sent, Answer::Accepted, Answer::Declined, Answer::Closed] {
            assert_eq!(Answer::from_code(answer.code()), Some(answer));
        }
    }
}
