//! For the tests of services: identities, peers in the same process, patience without sleeping.

use std::time::Duration;

use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use tokio_util::sync::CancellationToken;

use crate::{
    BuildError, Clock, KeySource, Parts, Peer, Process, PublicKey, Role, auth::Claims, config::Server,
    run::Launch,
};

/// Signs tokens as staff would.
pub struct Identity {
    key: SigningKey,
    issued: Timestamp,
}

const KEY_ID: &str = "testing";

impl Identity {
    /// An identity whose tokens are issued at `now` and end ten minutes later.
    pub fn new(now: Timestamp) -> Self {
        Self { key: SigningKey::from_bytes(&[7; 32]), issued: now }
    }

    /// The keys that verify its tokens.
    pub fn keys(&self) -> KeySource {
        let ed25519 = self.key.verifying_key().to_bytes().to_vec();
        KeySource::fixed(vec![PublicKey { id: KEY_ID.to_owned(), ed25519 }])
    }

    /// A token of a member of staff.
    pub fn token(&self, hospital: &str, staff_member: &str, profession: &str, roles: &[Role]) -> String {
        self.token_at(hospital, staff_member, (profession, &[]), roles)
    }

    /// A token of a member of staff who belongs to sites.
    ///
    /// # Panics
    /// Never with the key above.
    #[allow(clippy::unwrap_used, reason = "test support")]
    pub fn token_at(
        &self,
        hospital: &str,
        staff_member: &str,
        (profession, sites): (&str, &[&str]),
        roles: &[Role],
    ) -> String {
        let claims = Claims {
            sub: format!("hospitals/{hospital}/staffMembers/{staff_member}"),
            sid: "testing".to_owned(),
            roles: roles.to_vec(),
            profession: profession.to_owned(),
            sites: sites.iter().map(|site| (*site).to_owned()).collect(),
            password_change_required: false,
            iat: self.issued.as_second(),
            exp: self.issued.as_second() + 600,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(KEY_ID.to_owned());
        let key = self.key.to_pkcs8_der().unwrap();
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(key.as_bytes())).unwrap()
    }
}

/// A message with a person's token.
///
/// # Panics
/// When the token is not ASCII.
#[allow(clippy::unwrap_used, reason = "test support")]
pub fn with_token<M>(message: M, token: &str) -> tonic::Request<M> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// A service in this process, inside its whole stack, called as `caller`. The empty caller has no mesh identity.
///
/// # Errors
/// When the value cannot be wrapped.
pub fn serve_local(
    caller: &'static str,
    name: &'static str,
    parts: Parts,
    clock: Clock,
) -> Result<Local, BuildError> {
    let process = Process { name, clock, stop: CancellationToken::new(), certificates: None };
    let launch = Launch::new(name, parts, &Server::default(), &process)?;
    let peer = Peer::local(caller, name, launch.app.clone());
    let workers = crate::worker::spawn(launch.workers, &process.stop);
    Ok(Local { peer, app: launch.app, stop: process.stop.drop_guard(), _workers: workers })
}

/// A service served in this process until dropped.
pub struct Local {
    /// Its client end.
    pub peer: Peer,
    /// The service itself, to be reached under another caller's name with [`Peer::local`].
    pub app: crate::App,
    /// Ends its workers when dropped.
    pub stop: tokio_util::sync::DropGuard,
    _workers: tokio::task::JoinSet<()>,
}

/// Asks until the answer is `Some`, giving way between two questions; fails after ten seconds.
///
/// # Panics
/// When the answer never comes.
pub async fn eventually<T, F, R>(what: &str, mut ask: F) -> T
where
    F: FnMut() -> R,
    R: Future<Output = Option<T>>,
{
    let patience = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < patience, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
