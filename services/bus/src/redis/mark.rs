//! Marks in Redis, and since when this Redis can be trusted to have kept them.

use std::time::Duration;

use deadpool_redis::redis::{cmd, pipe};

use super::{Shared, run_of};
use crate::{Error, Mark};

/// What is owed, a mark, who keeps the marks, the server's time in seconds and microseconds, and its description.
type Found = (Option<String>, Option<String>, Option<String>, (u64, u64), String);

/// Texts of one length compare as their numbers do.
const LEAVE: &str = "\
local old = redis.call('GET', KEYS[1])
if old and old > ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1";

/// Of several that were opened the last one counts.
const CLOSE: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1";

// === impl Shared ===

impl Shared {
    pub(super) async fn leave(&self, name: &str, value: &str, kept: Duration) -> Result<(), Error> {
        let mut command = cmd("EVAL");
        command.arg(LEAVE).arg(1).arg(self.mark_key(name)).arg(value).arg(millis(kept));
        let mut connection = self.connection().await?;
        self.within(command.query_async::<()>(&mut *connection)).await
    }

    pub(super) async fn open(&self, name: &str, token: &str, kept: Duration) -> Result<(), Error> {
        let mut command = cmd("SET");
        command.arg(self.open_key(name)).arg(token).arg("PX").arg(millis(kept));
        let mut connection = self.connection().await?;
        self.within(command.query_async::<()>(&mut *connection)).await
    }

    /// First the value, then that it is no longer owed: whoever looks in between finds it owed.
    pub(super) async fn close(
        &self,
        name: &str,
        token: &str,
        value: &str,
        kept: Duration,
    ) -> Result<(), Error> {
        let mut commands = pipe();
        commands.cmd("EVAL").arg(LEAVE).arg(1).arg(self.mark_key(name)).arg(value).arg(millis(kept));
        commands.cmd("EVAL").arg(CLOSE).arg(1).arg(self.open_key(name)).arg(token);
        let mut connection = self.connection().await?;
        self.within(commands.query_async::<()>(&mut *connection)).await
    }

    /// Beside the marks a key says which run of the server keeps them, and since when by its own clock: a server that
    /// has restarted, took over or was emptied may lack marks until all of them would have expired anyway.
    pub(super) async fn find(&self, name: &str, kept: Duration) -> Result<Mark, Error> {
        let keeper = format!("{}:marks", self.config.prefix);
        let mut commands = pipe();
        commands.cmd("GET").arg(self.open_key(name));
        commands.cmd("GET").arg(self.mark_key(name));
        commands.cmd("GET").arg(&keeper);
        commands.cmd("TIME");
        commands.cmd("INFO").arg("server");
        let mut connection = self.connection().await?;
        let asked = commands.query_async::<Found>(&mut *connection);
        let (open, mark, kept_by, (seconds, micros), info) = self.within(asked).await?;
        let (run, now) = (run_of(&info), seconds * 1_000 + micros / 1_000);
        let since = kept_by.as_deref().and_then(|text| text.split_once(' '));
        let since = since.filter(|(keeper, _)| *keeper == run).and_then(|(_, since)| since.parse().ok());
        match since {
            Some(since) if now >= since => {
                let is_whole = now - since > millis(kept);
                Ok(match (is_whole, open, mark) {
                    (false, ..) => Mark::Unknown,
                    (true, Some(_), _) => Mark::Open,
                    (true, None, Some(value)) => Mark::At(value),
                    (true, None, None) => Mark::None,
                })
            }
            _ => {
                let mut begin = cmd("SET");
                begin.arg(&keeper).arg(format!("{run} {now}"));
                self.within(begin.query_async::<()>(&mut *connection)).await?;
                Ok(Mark::Unknown)
            }
        }
    }

    fn open_key(&self, name: &str) -> String {
        format!("{}:open:{name}", self.config.prefix)
    }

    fn mark_key(&self, name: &str) -> String {
        format!("{}:mark:{name}", self.config.prefix)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
