//! What a person wrote last, so that their next reads see it: a position in the WAL, here and at the other instances.

use std::{sync::Arc, time::Duration};

use bus::Mark;
use chassis::Ctx;
use sea_orm::ConnectionTrait;
use tokio::time::{Instant, timeout};

use super::{PATIENCE, Replica, lock, row};
use crate::metric;

/// A position that no replica has: of a write whose position could not be asked for.
const BEYOND: &str = "ffffffffffffffffffffffff";

/// Where the primary's WAL ends: timeline and place in hexadecimal digits, so that texts compare as positions do.
const POSITION: &str = "\
SELECT lower(left(pg_walfile_name(lsn), 8)) || lpad(to_hex(CAST(lsn - '0/0' AS BIGINT)), 16, '0') AS position \
FROM pg_current_wal_insert_lsn() AS lsn";

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

    /// Says that everything committed so far is to be seen in the author's next reads. Never fails: without an answer
    /// of the primary their reads stay with it, without the bus the other instances say how stale they answer.
    pub(crate) async fn wrote(&self, primary: &impl ConnectionTrait) {
        let asked = async { row(primary, POSITION).await?.try_get::<String>("", "position") };
        let position = match timeout(PATIENCE, asked).await {
            Ok(Ok(position)) => position,
            _ => BEYOND.to_owned(),
        };
        metric::mark(self.replica.leave(&self.subject, &position).await);
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
        let shared = match found {
            Mark::Unknown => return Err(UNKNOWN),
            Mark::None => None,
            Mark::At(position) => Some(position),
        };
        let own = lock(&self.own).find(&name, std::time::Instant::now()).map(str::to_owned);
        Ok(shared.max(own))
    }

    /// Leaves the mark of a write: here, and for the other instances.
    async fn leave(&self, subject: &str, position: &str) -> &'static str {
        let Some((bus, service)) = self.bus.get() else { return "failed" };
        let name = format!("{service}:{subject}");
        lock(&self.own).leave(&name, position, std::time::Instant::now(), self.kept());
        if !self.bus_rest.may_ask(Instant::now()) {
            return "failed";
        }
        match timeout(PATIENCE, bus.leave_mark(&name, position, self.kept())).await {
            Ok(Ok(())) => {
                self.bus_rest.end();
                "left"
            }
            _ => {
                self.bus_rest.begin(Instant::now());
                "failed"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_a_later_timeline_come_later() {
        let positions = ["000000090000000fffffffff", "0000000a0000000000000001", "0000000a0000000100000000"];
        assert!(positions.is_sorted() && positions[2] < BEYOND);
    }
}
