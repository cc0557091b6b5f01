//! Hashing passwords, and giving and changing them.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use chassis::{Ctx, Problem, Target, Violation, compute::Line};
use durable::{Once, time};
use jiff::Timestamp;
use proto::error::v1::Reason;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    App,
    audit::of_person,
    permissions::{POLICY, own},
    resources::load,
};
use crate::{
    domain::{Kind, StaffMember, password, resource::Resource, staff_member::State},
    store::{Stored, accounts, keys, resources as store, sessions, unhex},
};

/// How many passwords are hashed at once: each takes 19 MiB for a while.
const HASHES_MAX: usize = 4;

/// Hashes passwords with argon2id, away from the threads that serve.
#[derive(Clone)]
pub struct Hasher {
    line: Line,
    /// Compared with where there is no account, so that both take the same time.
    nobody: Arc<str>,
}

/// What is remembered of a reset: the password is made again from it, so that it is never kept.
#[derive(Serialize, Deserialize)]
struct Reset {
    key: String,
    nonce: String,
    expire_time: i64,
}

impl Hasher {
    /// A hasher with its own hash of nobody's password.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub async fn new() -> Result<Self, Problem> {
        let mut hasher = Self { line: Line::new(HASHES_MAX), nobody: "".into() };
        hasher.nobody = hasher.hash(Uuid::new_v4().to_string()).await?.into();
        Ok(hasher)
    }

    /// The PHC string of a password.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.away(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| Problem::internal(error.to_string()))
        })
        .await
    }

    /// Whether the password is the one of the hash. Without a hash it takes the same time and is not.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let is_right = self
            .away(move || {
                let hash = PasswordHash::new(&hash).map_err(|error| Problem::internal(error.to_string()))?;
                Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(is_right && is_somebody)
    }

    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.line.run(work).await.map_err(Problem::internal)?
    }
}

/// The refusal of a password that is not good enough.
pub(super) fn check_strength(field: &str, password: &str, email: &str) -> Result<(), Problem> {
    match password::weakness(password, email) {
        None => Ok(()),
        Some(expected) => {
            let violation = Violation::new(field, format!("expected {expected}"));
            Err(Problem::invalid_as(Reason::PasswordTooWeak, vec![violation]))
        }
    }
}

/// The refusal of a wrong pair of address and password.
pub(super) fn wrong_credentials() -> Problem {
    Problem::unauthenticated(Reason::CredentialsInvalid, "e-mail address and password do not belong together")
}

impl App {
    /// Counts an attempt before the password is looked at.
    pub(super) async fn count_attempt(&self, ctx: &Ctx, hospital: &str, email: &str) -> Result<(), Problem> {
        let tx = self.db.begin(ctx).await?;
        let lockout = accounts::lockout(&tx, hospital, email).await?;
        match lockout.attempt(ctx.now) {
            Ok(lockout) => {
                accounts::remember(&tx, hospital, email, lockout).await?;
                tx.commit().await
            }
            Err(wait) => {
                let wait = std::time::Duration::try_from(wait).unwrap_or_default();
                Err(Problem::exhausted(Reason::AccountLocked, "too many wrong passwords in a row", wait))
            }
        }
    }

    /// Gives a person a temporary password.
    pub async fn reset_password(
        &self,
        ctx: &Ctx,
        once: &Once,
        hospital: &str,
        id: &str,
        request_id: &str,
    ) -> Result<(String, Timestamp), Problem> {
        POLICY.authorize(ctx, "passwords.reset", Target::hospital(hospital))?;
        let nonce = if request_id.is_empty() { Uuid::new_v4().to_string() } else { request_id.to_owned() };
        let key = self.signing_key(ctx).await?;
        let temporary = password::temporary(&key.secret, &Kind::StaffMember.name(hospital, id), &nonce);
        // Hashed before the transaction begins: writers do not wait for it.
        let hash = self.hasher.hash(temporary.clone()).await?;
        let tx = self.db.begin(ctx).await?;
        if let Some(reset) = once.replay::<Reset>(&tx).await? {
            return self.same_password(hospital, id, reset).await;
        }
        let person = load::<StaffMember>(&tx, hospital, id, "").await?;
        if person.value.is_administrator() {
            POLICY.authorize(ctx, "roles.grant", Target::hospital(hospital))?;
        }
        if person.value.state == State::Inactive {
            return Err(inactive());
        }
        let expire_time = ctx.now + self.sessions.temporary_password();
        // In the order of signing in: two that wait for each other would be a deadlock.
        accounts::forgive(&tx, hospital, &person.value.email).await?;
        accounts::set_password(&tx, hospital, id, hash, Some(expire_time)).await?;
        sessions::end_all(&tx, hospital, id, None).await?;
        tx.audit(of_person(hospital, "account.reset_password", id));
        let reset = Reset { key: key.id, nonce, expire_time: time::micros(expire_time) };
        once.record(&tx, &reset).await?;
        tx.commit().await?;
        Ok((temporary, expire_time))
    }

    async fn same_password(
        &self,
        hospital: &str,
        id: &str,
        reset: Reset,
    ) -> Result<(String, Timestamp), Problem> {
        let key = keys::find(self.db.read(), &reset.key).await?;
        let key = key.ok_or_else(|| Problem::internal("the key of a temporary password is gone"))?;
        let name = Kind::StaffMember.name(hospital, id);
        let temporary = password::temporary(&unhex(&key.secret)?, &name, &reset.nonce);
        Ok((temporary, time::timestamp(reset.expire_time)))
    }

    /// Replaces the caller's password and ends the person's other sessions; answers how many.
    pub async fn change_password(
        &self,
        ctx: &Ctx,
        once: &Once,
        current_password: String,
        new_password: String,
    ) -> Result<u64, Problem> {
        let (hospital, id) = own(ctx)?;
        let session = ctx.principal.person().map_or("", |person| person.session.as_str());
        // A repeated request would find its current password replaced: it is answered before that is looked at.
        let tx = self.db.begin(ctx).await?;
        if let Some(ended) = once.replay(&tx).await? {
            return Ok(ended);
        }
        drop(tx);
        let person = store::find::<StaffMember>(self.db.read(), hospital, id).await?;
        let email = person.ok_or_else(Problem::denied)?.value.email;
        check_strength("new_password", &new_password, &email)?;
        self.count_attempt(ctx, hospital, &email).await?;
        let account = accounts::find(self.db.read(), hospital, id).await?;
        let is_same = current_password == new_password;
        if !self.hasher.verify(current_password, account.map(|account| account.password_hash)).await? {
            return Err(wrong_credentials());
        }
        if is_same {
            let violation = Violation::new("new_password", "expected another one than the current one");
            return Err(Problem::invalid_as(Reason::PasswordTooWeak, vec![violation]));
        }
        let hash = self.hasher.hash(new_password).await?;
        let tx = self.db.begin(ctx).await?;
        if let Some(ended) = once.replay(&tx).await? {
            return Ok(ended);
        }
        accounts::forgive(&tx, hospital, &email).await?;
        accounts::set_password(&tx, hospital, id, hash, None).await?;
        let ended = sessions::end_all(&tx, hospital, id, Some(session)).await?;
        tx.audit(of_person(hospital, "account.change_password", id));
        once.record(&tx, &ended).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// The person with this address.
    pub(super) async fn person_by_email(
        &self,
        hospital: &str,
        email: &str,
    ) -> Result<Option<Stored<StaffMember>>, Problem> {
        let key = StaffMember { email: email.trim().to_owned(), ..StaffMember::default() }.natural_key("");
        store::find_by_key(self.db.read(), hospital, &key).await
    }
}

/// The refusal of somebody who has left.
pub(super) fn inactive() -> Problem {
    Problem::precondition(Reason::StaffMemberInactive, "the staff member is not active")
}
