//! A standby that lags: what people just wrote is in what they read.

use std::time::Duration;

use super::{Failure, Fault, NONE, Struck};
use crate::kit::{Kit, NODES};

pub(super) fn faults() -> Vec<Fault<Kit>> {
    vec![Fault {
        number: 29,
        title: "the standbys lag half a minute behind",
        bar: NONE,
        is_nemesis: false,
        strike: lag,
    }]
}

/// Times that somebody writes and reads at once.
const TIMES: usize = 40;

fn lag(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    delay(struck, "30s")?;
    struck.rest(Duration::from_secs(3));
    let world = struck.world.clone();
    let missing = struck.wait(world.write_and_read(TIMES))?;
    struck.measured.insert("own writes not seen at once", missing as f64);
    if missing > 0 {
        struck.misses.push(format!("{missing} of {TIMES} own writes were not seen at once"));
    }
    // Beyond what a standby may lag: nobody is asked there any more.
    struck.rest(Duration::from_secs(8));
    let world = struck.world.clone();
    let missing = struck.wait(world.write_and_read(TIMES))?;
    if missing > 0 {
        struck.misses.push(format!("{missing} of {TIMES} own writes were not seen later"));
    }
    delay(struck, "0")
}

fn delay(struck: &Struck<Kit>, time: &str) -> Result<(), Failure> {
    let databases = &struck.mesh.backends.databases;
    let primary = databases.primary();
    for (at, (port, _)) in databases.ports().into_iter().enumerate().take(NODES) {
        if Some(at) != primary {
            let order = format!("ALTER SYSTEM SET recovery_min_apply_delay = '{time}'");
            databases.query(port, "postgres", &order)?;
            databases.query(port, "postgres", "SELECT pg_reload_conf()")?;
        }
    }
    Ok(())
}
