//! The public keys that access tokens are verified with, and how they are kept fresh.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use futures::future::BoxFuture;
use tokio::{sync::Mutex, time::Instant};

use crate::{BoxError, Next, Problem, Worker, worker::async_trait};

/// A public key of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The `kid` of the tokens it verifies.
    pub id: String,
    /// Raw Ed25519 public key (RFC 8032), 32 bytes.
    pub ed25519: Vec<u8>,
}

/// Where the public keys come from. Clones share what has been fetched.
#[derive(Clone)]
pub struct KeySource(Arc<Inner>);

struct Inner {
    keys: ArcSwap<Vec<PublicKey>>,
    generation: AtomicU64,
    fetch: Option<Fetch>,
    /// When the keys were last asked for; one question at a time.
    asked: Mutex<Option<Instant>>,
}

type Fetch = Box<dyn Fn() -> BoxFuture<'static, Result<Vec<PublicKey>, BoxError>> + Send + Sync>;

/// An unknown key id makes us ask again, but no more often than this.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// A withdrawn key is forgotten within this time.
const REFRESH_EVERY: Duration = Duration::from_secs(60);

impl KeySource {
    /// Keys that never change.
    pub fn fixed(keys: Vec<PublicKey>) -> Self {
        Self::new(keys, None)
    }

    /// Keys asked from staff: at once when an unknown key id is seen, and every minute.
    pub fn fetched<F, R>(fetch: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<PublicKey>, BoxError>> + Send + 'static,
    {
        Self::new(vec![], Some(Box::new(move || Box::pin(fetch()))))
    }

    fn new(keys: Vec<PublicKey>, fetch: Option<Fetch>) -> Self {
        Self(Arc::new(Inner {
            keys: ArcSwap::from_pointee(keys),
            generation: AtomicU64::new(0),
            fetch,
            asked: Mutex::new(None),
        }))
    }

    /// Replaces the keys: staff itself, when it rotates them.
    pub fn set(&self, keys: Vec<PublicKey>) {
        if **self.0.keys.load() != keys {
            self.0.keys.store(Arc::new(keys));
            self.0.generation.fetch_add(1, Ordering::Release);
        }
    }

    /// Grows whenever the set of keys changes.
    pub fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// The key of that id.
    ///
    /// # Errors
    /// Unavailable while no key has ever been had.
    pub async fn find(&self, id: &str) -> Result<Option<PublicKey>, Problem> {
        if let Some(key) = self.known(id) {
            return Ok(Some(key));
        }
        if self.0.fetch.is_some() {
            let mut asked = self.0.asked.lock().await;
            // Somebody else may have fetched it while we waited for our turn.
            if self.known(id).is_none() && asked.is_none_or(|at| at.elapsed() >= ASK_EVERY) {
                *asked = Some(Instant::now());
                if let Err(error) = self.refresh().await {
                    tracing::warn!(%error, "signing keys cannot be fetched");
                }
            }
            if self.0.keys.load().is_empty() {
                return Err(Problem::unavailable("the signing keys cannot be had yet", ASK_EVERY));
            }
        }
        Ok(self.known(id))
    }

    /// A worker that keeps fetched keys fresh; none for fixed ones.
    pub fn worker(&self) -> Option<Box<dyn Worker>> {
        self.0.fetch.as_ref()?;
        Some(Box::new(Refresh(self.clone())))
    }

    fn known(&self, id: &str) -> Option<PublicKey> {
        self.0.keys.load().iter().find(|key| key.id == id).cloned()
    }

    async fn refresh(&self) -> Result<(), BoxError> {
        if let Some(fetch) = &self.0.fetch {
            self.set(fetch().await?);
        }
        Ok(())
    }
}

struct Refresh(KeySource);

#[async_trait]
impl Worker for Refresh {
    fn name(&self) -> &'static str {
        "chassis.refresh_keys"
    }

    fn every(&self) -> Duration {
        REFRESH_EVERY
    }

    async fn run(&self, _stop: &tokio_util::sync::CancellationToken) -> Result<Next, BoxError> {
        self.0.refresh().await?;
        Ok(Next::Idle)
    }
}
