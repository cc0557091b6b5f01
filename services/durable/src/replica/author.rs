//! What a person wrote last, so that their next reads see it: a position in the WAL, here and at the other instances.

use std::{sync::Arc, time::Duration};

use bus::Mark;
use chassis::Ctx;
use sea_orm::ConnectionTrait;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::{PATIENCE, Replica, lock, row};
use crate::metric;

/// What is selected to learn where the primary's WAL ends: timeline and place in hexadecimal digits, so that texts compare
/// as positions do.
pub(super) const POSITION: &str = "\
lower(left(pg_walfile_name(lsn), 8)) || lpad(to_hex(CAST(lsn - '0/0' AS BIGINT)), 16, '0') AS position \
FROM pg_current_wal_insert_lsn() AS lsn";

/// Of how many people at most it is remembered that the positions of their writes are owed; beyond, their marks stay open
/// until they are forgotten.
const OWED_MAX: usize = 10_000;

/// Whoever writes in a transaction, so that their next reads see it.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    replica: Arc<Replica>,
    subject: String,
}

// === impl Author ===

impl Author {
    /// The person behind a call, where there is a replica that could lack what they write.
    pub(crate) fn of(replica: Option<Arc<Replica>>, ctx: &Ctx) -> Option<Self> {
        ctx.principal.person()?;
        // Where no marks are shared no person is sent to a replica.
        let replica = replica.filter(|replica| replica.bus.get().is_some())?;
        Some(Self { replica, subject: ctx.principal.subject() })
    }

    /// Says that everything committed so far is to be seen in the author's next reads. Never fails: until the primary
    /// has said where that is their reads stay with it, without the bus the other instances say how stale they answer.
    pub(crate) async fn wrote(&self, primary: &impl ConnectionTrait) {
        let asked =
            async { row(primary, &format!("SELECT {POSITION}")).await?.try_get::<String>("", "position") };
        let outcome = match timeout(PATIENCE, asked).await {
            Ok(Ok(position)) => self.replica.leave(&self.subject, &position).await,
            _ => self.replica.owe(&self.subject).await,
        };
        metric::mark(outcome);
    }
}

// === impl Replica ===

impl Replica {
    /// The position of the caller's last write within a time.
    pub(super) async fn mark(
        &self,
        ctx: &Ctx,
        kept: Duration,
        patience: Duration,
    ) -> Result<Option<String>, &'static str> {
        const UNKNOWN: &str = "mark_unknown";
        const OWN_WRITE: &str = "own_write";
        // Only people are promised to see what they wrote.
        if ctx.principal.person().is_none() {
            return Ok(None);
        }
        let Some((bus, service)) = self.bus.get().filter(|_| self.bus_rest.may_ask(Instant::now())) else {
            return Err(UNKNOWN);
        };
        let name = format!("{service}:{}", ctx.principal.subject());
        let found = timeout(patience, bus.find_mark(&name, kept)).await;
        let Ok(Ok(found)) = found else {
            self.bus_rest.begin(Instant::now());
            return Err(UNKNOWN);
        };
        self.bus_rest.end();
        let own = lock(&self.own).find(&name, std::time::Instant::now());
        let position = |mark| match mark {
            Mark::Unknown => Err(UNKNOWN),
            Mark::Open => Err(OWN_WRITE),
            Mark::None => Ok(None),
            Mark::At(position) => Ok(Some(position)),
        };
        Ok(position(found)?.max(position(own)?))
    }

    /// Leaves the mark of a write: here, and for the other instances.
    async fn leave(&self, subject: &str, position: &str) -> &'static str {
        let Some((bus, service)) = self.bus.get() else { return "failed" };
        let name = format!("{service}:{subject}");
        lock(&self.own).leave(&name, position, std::time::Instant::now(), self.kept());
        if self.told(bus.leave_mark(&name, position, self.kept())).await { "left" } else { "failed" }
    }

    /// Leaves a mark whose position the heartbeat will learn.
    async fn owe(&self, subject: &str) -> &'static str {
        let Some((bus, service)) = self.bus.get() else { return "failed" };
        let name = format!("{service}:{subject}");
        let token = Uuid::now_v7().to_string();
        lock(&self.own).open(&name, &token, std::time::Instant::now(), self.kept());
        self.remember(&name, &token);
        if self.told(bus.open_mark(&name, &token, self.kept())).await { "owed" } else { "failed" }
    }

    fn remember(&self, name: &str, token: &str) {
        let mut owed = lock(&self.owed);
        if owed.len() < OWED_MAX || owed.contains_key(name) {
            owed.insert(name.to_owned(), token.to_owned());
        }
    }

    fn forget(&self, name: &str, token: &str) {
        let mut owed = lock(&self.owed);
        if owed.get(name).is_some_and(|own| own == token) {
            owed.remove(name);
        }
    }

    /// Whose positions are owed: names of marks, and what they were opened with.
    pub(super) fn owed(&self) -> Vec<(String, String)> {
        lock(&self.owed).iter().map(|(name, token)| (name.clone(), token.clone())).collect()
    }

    /// Leaves the position that was owed to these marks; it was asked for after they had been opened. What the bus does
    /// not take now it is told at the next beat.
    pub(super) async fn settle(&self, owed: Vec<(String, String)>, position: &str) {
        let Some((bus, _)) = self.bus.get() else { return };
        for (name, token) in owed {
            lock(&self.own).close(&name, &token, position, std::time::Instant::now(), self.kept());
            if !self.told(bus.close_mark(&name, &token, position, self.kept())).await {
                return;
            }
            self.forget(&name, &token);
        }
    }

    /// Whether the bus took it at once; one that did not is left alone for a while.
    async fn told(&self, telling: impl Future<Output = Result<(), bus::Error>>) -> bool {
        if !self.bus_rest.may_ask(Instant::now()) {
            return false;
        }
        let is_told = matches!(timeout(PATIENCE, telling).await, Ok(Ok(())));
        match is_told {
            true => self.bus_rest.end(),
            false => self.bus_rest.begin(Instant::now()),
        }
        is_told
    }
}
