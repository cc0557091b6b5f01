//! Faults of the bus.

use std::time::{Duration, Instant};

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::foundation::Foundation;

pub(super) fn faults<B: Foundation>() -> Vec<Fault<B>> {
    vec![
        Fault {
            number: 6,
            title: "the primary Redis dies; then all it holds is deleted (FLUSHALL)",
            bar: Bar { gap_s: Some(3.0), ..NONE },
            is_nemesis: true,
            strike: lose_redis,
        },
        Fault {
            number: 9,
            title: "every recent event is delivered again, and taken from who held it",
            bar: NONE,
            is_nemesis: true,
            strike: deliver_twice,
        },
    ]
}

/// How long it takes from a decision to its news, now; so far as that can be said. News that do not come are missed and
/// end nothing: a nemesis may have put an event before them that nobody can apply.
fn news<B: Foundation>(struck: &mut Struck<B>, when: &'static str) -> Duration {
    let world = struck.world.clone();
    let begun = Instant::now();
    match struck.wait(world.time_to_news()) {
        Ok(took) => {
            struck.measured.insert(when, took.as_secs_f64());
            took
        }
        Err(status) => {
            struck.misses.push(format!("{when}: {}", status.message()));
            begun.elapsed()
        }
    }
}

fn lose_redis<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    news(struck, "from a decision to its news before, s");
    struck.mesh.backends.lose_bus()?;
    let killed = news(struck, "from a decision to its news after the kill, s");
    struck.mesh.backends.mend_bus()?;
    struck.mesh.backends.command(&["FLUSHALL"])?;
    let flushed = news(struck, "from a decision to its news after FLUSHALL, s");
    struck.gap_s = Some(killed.max(flushed).as_secs_f64());
    Ok(())
}

/// Adds every entry of each stream's end once more, and lets a consumer that will never acknowledge take what others
/// hold.
const AGAIN: &str = "
local found = redis.call('KEYS', '*:stream:*')
local count = 0
for _, key in ipairs(found) do
  for _, entry in ipairs(redis.call('XREVRANGE', key, '+', '-', 'COUNT', 200)) do
    redis.call('XADD', key, '*', unpack(entry[2]))
    count = count + 1
  end
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    redis.call('XAUTOCLAIM', key, group[2], 'somebody-else', 0, '0-0')
  end
end
return count";

fn deliver_twice<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    let mut count = 0.0;
    for _ in 0..3 {
        let answer = struck.mesh.backends.command(&["EVAL", AGAIN, "0"])?;
        count += answer.trim().parse::<f64>().unwrap_or_default();
        struck.rest(Duration::from_secs(2));
    }
    struck.measured.insert("events delivered again", count);
    Ok(())
}
