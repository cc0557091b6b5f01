//! A notification on its way out of the application.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A delivery as its person sees it, or an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Hospital id.
    pub hospital: String,
    /// Its own id.
    pub id: String,
    /// To whom, and what.
    pub to: Recipient,
    /// The kind of what is delivered.
    pub kind: String,
    /// How far it is.
    pub state: State,
    /// How often it was tried.
    pub attempts: i32,
    /// What the last attempt was answered.
    pub answer: Option<Answer>,
    /// When it was written.
    pub create_time: Timestamp,
    /// When it was last tried.
    pub last_attempt_time: Option<Timestamp>,
    /// When it is tried next at the earliest.
    pub next_attempt_time: Timestamp,
}

/// To whom something is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipient {
    /// By e-mail.
    Person {
        /// Their id.
        staff_member: String,
        /// Id of what is delivered.
        notification: String,
    },
    /// To an endpoint.
    Webhook {
        /// Its id.
        webhook: String,
        /// Name of the resource that it is told about.
        subject: String,
    },
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It waits for its time or its next attempt.
    Pending,
    /// The provider took it over.
    Sent,
    /// It was given up.
    Failed,
}

/// What a provider answered, without anything of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It took the delivery over.
    Accepted,
    /// It refuses for now.
    RefusedForNow,
    /// It refuses for ever.
    Refused,
    /// It did not answer, or not safely.
    Unreachable,
    /// There is nobody to ask for.
    NoAddress,
    /// It is somewhere to which nothing may be sent.
    AddressRefused,
}

/// The pause after the first attempt, and the longest one.
const PAUSE_MIN: Duration = Duration::from_secs(30);
const PAUSE_MAX: Duration = Duration::from_secs(3_600);

// === impl State ===

impl State {
    /// The word in the database and in filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Pending, Self::Sent, Self::Failed].into_iter().find(|state| state.word() == word)
    }
}

// === impl Answer ===

impl Answer {
    const ALL: [Self; 6] = [
        Self::Accepted,
        Self::RefusedForNow,
        Self::Refused,
        Self::Unreachable,
        Self::NoAddress,
        Self::AddressRefused,
    ];

    /// The word in the database and in filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::RefusedForNow => "REFUSED_FOR_NOW",
            Self::Refused => "REFUSED",
            Self::Unreachable => "UNREACHABLE",
            Self::NoAddress => "NO_ADDRESS",
            Self::AddressRefused => "ADDRESS_REFUSED",
        }
    }

    /// The answer of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.word() == word)
    }

    /// What the HTTP status of an endpoint says. It is not led elsewhere: a redirect is no success. Gone is for ever.
    pub fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Accepted,
            410 => Self::Refused,
            _ => Self::RefusedForNow,
        }
    }

    /// Where a delivery is after this many attempts, the last of which was answered so.
    pub fn state(self, attempts: i32, attempts_max: i32) -> State {
        match self {
            Self::Accepted => State::Sent,
            Self::Refused | Self::NoAddress => State::Failed,
            Self::RefusedForNow | Self::Unreachable | Self::AddressRefused if attempts >= attempts_max => {
                State::Failed
            }
            Self::RefusedForNow | Self::Unreachable | Self::AddressRefused => State::Pending,
        }
    }
}

/// How long to wait after so many attempts, but for chance.
pub fn pause(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    PAUSE_MIN.saturating_mul(2_u32.pow(doublings)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_until_it_is_given_up() {
        let table = [
            (Answer::Accepted, 1, State::Sent),
            (Answer::Refused, 1, State::Failed),
            (Answer::NoAddress, 1, State::Failed),
            (Answer::Unreachable, 11, State::Pending),
            (Answer::RefusedForNow, 11, State::Pending),
            (Answer::RefusedForNow, 12, State::Failed),
            (Answer::AddressRefused, 11, State::Pending),
            (Answer::AddressRefused, 12, State::Failed),
        ];
        for (answer, attempts, state) in table {
            assert_eq!(answer.state(attempts, 12), state, "{answer:?} {attempts}");
        }
    }

    #[test]
    fn only_two_hundreds_are_success_and_only_gone_is_for_ever() {
        for (status, answer) in [
            (200, Answer::Accepted),
            (204, Answer::Accepted),
            (301, Answer::RefusedForNow),
            (307, Answer::RefusedForNow),
            (400, Answer::RefusedForNow),
            (404, Answer::RefusedForNow),
            (410, Answer::Refused),
            (429, Answer::RefusedForNow),
            (500, Answer::RefusedForNow),
        ] {
            assert_eq!(Answer::of_status(status), answer, "{status}");
        }
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let seconds: Vec<u64> = [1, 2, 3, 7, 8, 30].map(|attempts| pause(attempts).as_secs()).to_vec();
        assert_eq!(seconds, [30, 60, 120, 1_920, 3_600, 3_600]);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for answer in Answer::ALL {
            assert_eq!(Answer::of(answer.word()), Some(answer));
        }
        for state in [State::Pending, State::Sent, State::Failed] {
            assert_eq!(State::of(state.word()), Some(state));
        }
    }
}
