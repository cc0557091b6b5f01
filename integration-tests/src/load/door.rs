//! A patient client of two gateways: asks the other one when one does not answer, signs in again when the token has
//! ended, and gives up after as long as a person waits.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chassis::BoxError;
use mathildanesth::demo::visitor::{Login, Visitor};
use rand::Rng;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// How long a person waits for what they want, repetitions included.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long one attempt may take: the deadline that clients set for writes.
const ATTEMPT_MAX: Duration = Duration::from_secs(5);
/// The first pause before asking again; each one is up to twice as long as the one before, and never shorter than the
/// answer asked for.
const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(4);

/// The gateways, for people who have not signed in.
pub struct Doors {
    doors: Vec<Visitor>,
    turn: AtomicUsize,
}

impl Doors {
    /// The gateways at these addresses.
    ///
    /// # Errors
    /// When an address or the authority is not valid.
    pub fn new(addresses: &[String], authority: &Path) -> Result<Self, BoxError> {
        let open = |address: &String| Visitor::new(address, Some(authority), Duration::ZERO);
        Ok(Self { doors: addresses.iter().map(open).collect::<Result<_, _>>()?, turn: AtomicUsize::new(0) })
    }

    /// Any of them.
    pub fn any(&self) -> &Visitor {
        self.next()
    }

    fn next(&self) -> &Visitor {
        &self.doors[self.turn.fetch_add(1, Ordering::Relaxed) % self.doors.len()]
    }
}

/// Somebody who may sign in.
pub struct Person {
    /// Resource name.
    pub name: String,
    login: Login,
    token: Mutex<Option<String>>,
    /// Held while signing in: a person does so once, however much they want at the moment.
    signing_in: tokio::sync::Mutex<()>,
}

/// How it went until the answer came, or patience ended.
pub struct Asked<T> {
    /// The last answer.
    pub answer: Result<T, Status>,
    /// How often it was asked.
    pub attempts: u32,
    /// How long the first attempt took.
    pub first: Duration,
    /// What it was answered, if not what was wished for.
    pub first_failure: Option<Code>,
}

impl Person {
    /// Somebody with a password, who has signed in already or not.
    pub fn new(name: String, login: Login, visitor: Option<&Visitor>) -> Self {
        let token = visitor.and_then(token_of);
        Self { name, login, token: Mutex::new(token), signing_in: tokio::sync::Mutex::default() }
    }

    /// What they sign in with.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Asks until the answer is final. Whatever is asked must be a read or carry its own `request_id`.
    pub async fn ask<T, R>(&self, doors: &Doors, call: impl Fn(Visitor) -> R) -> Asked<T>
    where
        R: Future<Output = Result<Response<T>, Status>>,
    {
        self.ask_for((PATIENCE, ATTEMPT_MAX), doors, call).await
    }

    /// Asks once.
    pub async fn ask_once<T, R>(&self, doors: &Doors, call: impl Fn(Visitor) -> R) -> Asked<T>
    where
        R: Future<Output = Result<Response<T>, Status>>,
    {
        self.ask_once_within(ATTEMPT_MAX, doors, call).await
    }

    /// Asks once, and waits so long for the answer.
    pub async fn ask_once_within<T, R>(
        &self,
        time: Duration,
        doors: &Doors,
        call: impl Fn(Visitor) -> R,
    ) -> Asked<T>
    where
        R: Future<Output = Result<Response<T>, Status>>,
    {
        self.ask_for((Duration::ZERO, time), doors, call).await
    }

    async fn ask_for<T, R>(
        &self,
        (patience, time): (Duration, Duration),
        doors: &Doors,
        call: impl Fn(Visitor) -> R,
    ) -> Asked<T>
    where
        R: Future<Output = Result<Response<T>, Status>>,
    {
        let begun = Instant::now();
        let (mut attempts, mut first, mut first_failure) = (0, Duration::ZERO, None);
        let mut pause = PAUSE;
        loop {
            attempts += 1;
            let used = self.token();
            let attempt = async { call(self.signed_in(doors.next()).await?.within(time)).await };
            let answer = match tokio::time::timeout(time, attempt).await {
                Ok(answer) => answer,
                Err(_) => Err(Status::deadline_exceeded("no answer in time")),
            };
            if attempts == 1 {
                first = begun.elapsed();
                first_failure = answer.as_ref().err().map(Status::code);
            }
            let status = match answer {
                Ok(response) => {
                    return Asked { answer: Ok(response.into_inner()), attempts, first, first_failure };
                }
                Err(status) => status,
            };
            if status.code() == Code::Unauthenticated {
                self.forget(used);
            }
            if !is_passing(&status) || begun.elapsed() > patience {
                return Asked { answer: Err(status), attempts, first, first_failure };
            }
            let share = rand::rng().random_range(0.5..1.0);
            let asked_for = status.get_details_retry_info().and_then(|info| info.retry_delay);
            tokio::time::sleep(pause.mul_f64(share).max(asked_for.unwrap_or_default())).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn signed_in(&self, door: &Visitor) -> Result<Visitor, Status> {
        if let Some(token) = self.token() {
            return door.with_token(&token);
        }
        let _alone = self.signing_in.lock().await;
        if let Some(token) = self.token() {
            return door.with_token(&token);
        }
        let signed_in = door.sign_in(&self.login).await?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token_of(&signed_in);
        Ok(signed_in)
    }

    fn token(&self) -> Option<String> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets a token that has ended, unless somebody has a newer one already.
    fn forget(&self, used: Option<String>) {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if *token == used {
            *token = None;
        }
    }
}

fn token_of(visitor: &Visitor) -> Option<String> {
    let value = visitor.authorization()?.to_str().ok()?;
    Some(value.trim_start_matches("Bearer ").to_owned())
}

/// What a client asks again: nobody answered, nobody could, or the token has ended. An answer that never came whole has
/// no details.
fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Unauthenticated
        // Two edits of one plan met, and neither was asked to be the second.
        | Code::Aborted => true,
        Code::Unknown | Code::Cancelled | Code::Internal => status.details().is_empty(),
        _ => false,
    }
}
