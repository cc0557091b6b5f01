//! Signing in, staying signed in, signing out.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chassis::{Ctx, Problem, Target};
use durable::{Once, Tx, page::Page, time};
use jiff::Timestamp;
use proto::error::v1::Reason;
use uuid::Uuid;

use super::{
    App,
    audit::{of_person, of_session},
    passwords::{check_strength, inactive, wrong_credentials},
    permissions::{POLICY, own},
};
use crate::{
    domain::{
        Kind, StaffMember,
        refresh::{self, Chain, Verdict},
        staff_member::State,
    },
    metrics,
    store::{Stored, accounts, accounts::Account, resources as store, sessions, sessions::Session},
};

/// What signing in needs.
pub struct SignIn {
    /// Hospital id.
    pub hospital: String,
    /// The login.
    pub email: String,
    /// The password.
    pub password: String,
    /// Replaces the password, if not empty.
    pub new_password: String,
    /// The device.
    pub user_agent: String,
    /// The same id gets the same session.
    pub request_id: String,
}

/// A session and, after signing in or refreshing, its tokens.
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub person: Stored<StaffMember>,
    /// The tokens.
    pub tokens: Option<Tokens>,
}

/// What a client keeps.
pub struct Tokens {
    /// For `authorization`.
    pub access: String,
    /// When the access token ends.
    pub access_expire_time: Timestamp,
    /// For one refresh.
    pub refresh: String,
}

impl App {
    /// Signs a person in.
    pub async fn create_session(&self, ctx: &Ctx, sign_in: SignIn) -> Result<SignedIn, Problem> {
        let hospital = sign_in.hospital.as_str();
        self.count_attempt(ctx, hospital, &sign_in.email)
            .await
            .inspect_err(|_| metrics::sign_in("locked"))?;
        let person = self.person_by_email(hospital, &sign_in.email).await?;
        let account = match &person {
            Some(person) => accounts::find(self.db.read(), hospital, &person.id).await?,
            None => None,
        };
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let is_right = self.hasher.verify(sign_in.password.clone(), hash).await?;
        let is_repeated = !is_right && self.is_repeated(&sign_in, account.as_ref()).await?;
        let (Some(person), Some(account), true) = (person, account, is_right || is_repeated) else {
            metrics::sign_in("wrong");
            return Err(wrong_credentials());
        };
        if person.value.state == State::Inactive {
            return Err(inactive());
        }
        let is_temporary = account.temporary_until.is_some();
        if account.temporary_until.is_some_and(|until| until <= time::micros(ctx.now)) {
            metrics::sign_in("wrong");
            return Err(wrong_credentials());
        }
        if is_temporary && sign_in.new_password.is_empty() {
            let text = "the password is temporary: repeat with new_password";
            return Err(Problem::precondition(Reason::PasswordChangeRequired, text).and(
                "PASSWORD",
                person.name(),
                "must be replaced",
            ));
        }
        let new_hash = if is_repeated { None } else { self.new_hash(&sign_in).await? };
        let signed_in = self.begin_session(ctx, &sign_in, person, &account.password_hash, new_hash).await?;
        metrics::sign_in("right");
        Ok(signed_in)
    }

    /// Whether this sign-in replaced the password before and its answer was lost: its request made a session, and
    /// its new password is the current one. The request is looked up first, so that nobody who does not know it
    /// tries two passwords in one attempt.
    async fn is_repeated(&self, sign_in: &SignIn, account: Option<&Account>) -> Result<bool, Problem> {
        let Some(account) = account else { return Ok(false) };
        if sign_in.request_id.is_empty()
            || sign_in.new_password.is_empty()
            || account.temporary_until.is_some()
        {
            return Ok(false);
        }
        let request = refresh::hash(sign_in.request_id.as_bytes());
        let hospital = sign_in.hospital.as_str();
        let session =
            sessions::find_by_request(self.db.read(), hospital, &account.staff_member, request).await?;
        if session.is_none() {
            return Ok(false);
        }
        self.hasher.verify(sign_in.new_password.clone(), Some(account.password_hash.clone())).await
    }

    async fn new_hash(&self, sign_in: &SignIn) -> Result<Option<String>, Problem> {
        if sign_in.new_password.is_empty() || sign_in.new_password == sign_in.password {
            // The same one again is no replacement; for a temporary one that is refused as too weak.
            return match sign_in.new_password.is_empty() {
                true => Ok(None),
                false => Err(Problem::invalid_as(
                    Reason::PasswordTooWeak,
                    vec![chassis::Violation::new(
                        "new_password",
                        "expected another one than the current one",
                    )],
                )),
            };
        }
        check_strength("new_password", &sign_in.new_password, &sign_in.email)?;
        self.hasher.hash(sign_in.new_password.clone()).await.map(Some)
    }

    async fn begin_session(
        &self,
        ctx: &Ctx,
        sign_in: &SignIn,
        person: Stored<StaffMember>,
        seen_hash: &str,
        new_hash: Option<String>,
    ) -> Result<SignedIn, Problem> {
        let hospital = sign_in.hospital.as_str();
        let request = Some(&sign_in.request_id).filter(|id| !id.is_empty());
        let create_request = request.map(|id| refresh::hash(id.as_bytes()));
        let tx = self.db.begin(ctx).await?;
        let person = still_here(&tx, person).await?;
        accounts::forgive(&tx, hospital, &sign_in.email).await?;
        let account = accounts::lock(&tx, hospital, &person.id).await?;
        if account.is_none_or(|account| account.password_hash != seen_hash) {
            return Err(wrong_credentials());
        }
        if let Some(hash) = new_hash {
            accounts::set_password(&tx, hospital, &person.id, hash, None).await?;
            sessions::end_all(&tx, hospital, &person.id, None).await?;
            tx.audit(of_person(hospital, "account.change_password", &person.id).by(person.name()));
        }
        if let (Some(request), Some(hash)) = (request, create_request)
            && let Some(session) = sessions::find_by_request(tx.conn(), hospital, &person.id, hash).await?
        {
            tx.commit().await?;
            let first = sessions::chain(&session)?.first(request.as_bytes());
            let first = first.filter(|_| sessions::is_live(&session, ctx.now));
            let secret = first.ok_or_else(|| {
                let text = "was used for a session that has been refreshed or has ended";
                Problem::invalid_as(
                    Reason::RequestIdReused,
                    vec![chassis::Violation::new("request_id", text)],
                )
            })?;
            return self.signed_in(ctx, session, person, Some(secret)).await;
        }
        let entropy: [u8; 32] = rand::random();
        let (chain, secret) =
            Chain::begin(rand::random(), request.map_or(entropy.as_slice(), |id| id.as_bytes()), ctx.now);
        let new = sessions::New {
            hospital,
            id: &Uuid::now_v7().to_string(),
            staff_member: &person.id,
            user_agent: &sign_in.user_agent,
            create_request,
            chain: &chain,
            expire_time: ctx.now + self.sessions.refresh(),
        };
        let session = sessions::insert(&tx, new).await?;
        tx.audit(of_session(hospital, "session.create", &session.id).by(person.name()));
        tx.commit().await?;
        tracing::info!(session.id = session.id, "a person signed in");
        self.signed_in(ctx, session, person, Some(secret)).await
    }

    async fn signed_in(
        &self,
        ctx: &Ctx,
        session: Session,
        person: Stored<StaffMember>,
        secret: Option<refresh::Secret>,
    ) -> Result<SignedIn, Problem> {
        let tokens = match secret {
            None => None,
            Some(secret) => {
                let (access, access_expire_time) = self.access_token(ctx, &person, &session.id).await?;
                let refresh = compose(&session.hospital, &session.id, session.generation, &secret);
                Some(Tokens { access, access_expire_time, refresh })
            }
        };
        Ok(SignedIn { session, person, tokens })
    }

    /// Exchanges a refresh token for its successor.
    pub async fn refresh_session(
        &self,
        ctx: &Ctx,
        token: &str,
        request_id: &str,
    ) -> Result<SignedIn, Problem> {
        let (hospital, id, generation, secret) = decompose(token).ok_or_else(unknown_token)?;
        let request = Some(request_id).filter(|id| !id.is_empty()).map(|id| refresh::hash(id.as_bytes()));
        let tx = self.db.begin(ctx).await?;
        let session = sessions::find(tx.conn(), &hospital, &id).await?.ok_or_else(unknown_token)?;
        let verdict = sessions::chain(&session)?.present(generation, &secret, request, ctx.now);
        if !sessions::is_live(&session, ctx.now) {
            return Err(unknown_token());
        }
        let person = store::find::<StaffMember>(tx.conn(), &hospital, &session.staff_member).await?;
        let person = person.ok_or_else(unknown_token)?;
        if person.value.state == State::Inactive {
            return Err(inactive());
        }
        match verdict {
            Verdict::Rotated(chain, successor) => {
                let expire_time = ctx.now + self.sessions.refresh();
                let rotated = sessions::rotate(&tx, &session, &chain, expire_time).await;
                match rotated {
                    Ok(session) => {
                        tx.commit().await?;
                        self.signed_in(ctx, session, person, Some(successor)).await
                    }
                    // Another tab was faster: there is one successor, and both get it.
                    Err(problem) if problem.reason() == Reason::EtagMismatch => {
                        drop(tx);
                        // Unless it was not a tab but the end of the session.
                        let now = sessions::find(self.db.read(), &hospital, &id).await?;
                        if now.is_none_or(|now| !sessions::is_live(&now, ctx.now)) {
                            return Err(unknown_token());
                        }
                        let session = Session { generation: session.generation + 1, ..session };
                        self.signed_in(ctx, session, person, Some(successor)).await
                    }
                    Err(problem) => Err(problem),
                }
            }
            Verdict::Repeated(successor) => self.signed_in(ctx, session, person, Some(successor)).await,
            Verdict::Reused => {
                sessions::end(&tx, &hospital, &id).await?;
                tx.audit(of_session(&hospital, "session.end_reused", &id).by("services/staff"));
                tx.commit().await?;
                metrics::refresh_reused();
                tracing::warn!(
                    session.id = id,
                    "an old refresh token was used again, the session is revoked"
                );
                Err(Problem::unauthenticated(Reason::RefreshTokenReused, "the refresh token was used before"))
            }
            Verdict::Unknown => Err(unknown_token()),
        }
    }

    /// The session of the token that calls.
    pub async fn current_session(&self, ctx: &Ctx) -> Result<SignedIn, Problem> {
        let (hospital, person) = own(ctx)?;
        let id = ctx.principal.person().map_or("", |person| person.session.as_str());
        let reader = self.db.fresh(ctx);
        let session = sessions::find(&reader, hospital, id).await?;
        let session =
            session.filter(|session| session.staff_member == person && sessions::is_live(session, ctx.now));
        let session = reader.vouch(session.ok_or_else(|| session_not_found(hospital, id)))?;
        let person = store::find::<StaffMember>(&reader, hospital, person).await?;
        let person = reader.vouch(person.ok_or_else(|| session_not_found(hospital, id)))?;
        Ok(SignedIn { session, person, tokens: None })
    }

    /// Signs the caller out. `id` must be the caller's own session, or `-`.
    pub async fn delete_session(
        &self,
        ctx: &Ctx,
        once: &Once,
        hospital: &str,
        id: &str,
    ) -> Result<(), Problem> {
        let (own_hospital, _) = own(ctx)?;
        let current = ctx.principal.person().map_or("", |person| person.session.as_str());
        if own_hospital != hospital || (id != "-" && id != current) {
            return Err(Problem::denied());
        }
        let tx = self.db.begin(ctx).await?;
        if once.replay::<()>(&tx).await?.is_none() {
            sessions::end(&tx, hospital, current).await?;
            tx.audit(of_session(hospital, "session.end", current));
            once.record(&tx, &()).await?;
        }
        tx.commit().await
    }

    /// Live sessions of a person, newest first.
    pub async fn list_sessions(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        page: &Page,
    ) -> Result<(Vec<SignedIn>, String), Problem> {
        POLICY.authorize(ctx, "sessions.read", Target::person(hospital, staff_member))?;
        let reader = self.db.fresh(ctx);
        let person = store::find::<StaffMember>(&reader, hospital, staff_member).await?;
        let Some(person) = person else { return Ok((vec![], String::new())) };
        let limit = page.limit() + 1;
        let mut rows = sessions::live(&reader, hospital, staff_member, page.after(), limit, ctx.now).await?;
        let token = page.next(&mut rows, |session| session.id.clone());
        let all = rows.into_iter().map(|session| SignedIn { session, person: person.clone(), tokens: None });
        Ok((all.collect(), token))
    }

    /// Ends a session elsewhere.
    pub async fn revoke_session(
        &self,
        ctx: &Ctx,
        once: &Once,
        hospital: &str,
        id: &str,
    ) -> Result<SignedIn, Problem> {
        POLICY.authorize(ctx, "sessions.own", own_target(ctx, hospital))?;
        let tx = self.db.begin(ctx).await?;
        let session = sessions::find(tx.conn(), hospital, id).await?;
        // Whoever may not revoke it does not learn whether it exists.
        let owner = session.as_ref().map_or("-", |session| session.staff_member.as_str());
        POLICY.authorize(ctx, "sessions.revoke", Target::person(hospital, owner))?;
        let session = session.ok_or_else(|| session_not_found(hospital, id))?;
        let person = store::find::<StaffMember>(tx.conn(), hospital, &session.staff_member).await?;
        let person = person.ok_or_else(|| session_not_found(hospital, id))?;
        if once.replay::<()>(&tx).await?.is_none() {
            sessions::end(&tx, hospital, id).await?;
            tx.audit(of_session(hospital, "session.end", id));
            once.record(&tx, &()).await?;
        }
        tx.commit().await?;
        Ok(SignedIn { session, person, tokens: None })
    }
}

/// The person again, kept as they are until the transaction ends. Whoever deactivates somebody, or gives a new
/// password, ends the sessions there are: a session of the old kind must not begin just after.
async fn still_here(tx: &Tx, person: Stored<StaffMember>) -> Result<Stored<StaffMember>, Problem> {
    store::lock(tx, &person.hospital, Kind::StaffMember, &person.id).await?;
    let person = store::find::<StaffMember>(tx.conn(), &person.hospital, &person.id).await?;
    let person = person.ok_or_else(wrong_credentials)?;
    if person.value.state == State::Inactive { Err(inactive()) } else { Ok(person) }
}

fn own_target<'a>(ctx: &'a Ctx, hospital: &'a str) -> Target<'a> {
    Target::person(hospital, ctx.principal.person().map_or("-", |person| person.staff_member.as_str()))
}

fn session_not_found(hospital: &str, id: &str) -> Problem {
    Problem::not_found("session", format!("hospitals/{hospital}/sessions/{id}"))
}

fn unknown_token() -> Problem {
    Problem::unauthenticated(Reason::RefreshTokenInvalid, "the refresh token does not hold")
}

/// A refresh token: opaque to clients, it tells where to look and holds the secret.
fn compose(hospital: &str, session: &str, generation: i64, secret: &refresh::Secret) -> String {
    format!("{hospital}.{session}.{generation}.{}", URL_SAFE_NO_PAD.encode(secret))
}

fn decompose(token: &str) -> Option<(String, String, i64, refresh::Secret)> {
    let mut parts = token.split('.');
    let (hospital, session) = (parts.next()?, parts.next()?);
    let generation = parts.next()?.parse().ok()?;
    let secret = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?.try_into().ok()?;
    parts.next().is_none().then(|| (hospital.to_owned(), session.to_owned(), generation, secret))
}
