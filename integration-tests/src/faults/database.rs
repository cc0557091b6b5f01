//! Faults of the databases and of the way to them.

use std::time::{Duration, Instant};

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::{
    kit::{Kit, haproxy::PROXIES},
    load::history::End,
};

pub(super) fn faults() -> Vec<Fault<Kit>> {
    vec![
        Fault {
            number: 3,
            title: "kill -9 of the primary database's process",
            bar: Bar { gap_s: Some(5.0), ..NONE },
            is_nemesis: true,
            strike: kill_primary,
        },
        Fault {
            number: 4,
            title: "the primary database's host dies, then another hangs",
            bar: Bar { gap_s: Some(25.0), ..NONE },
            is_nemesis: true,
            strike: lose_host,
        },
        Fault {
            number: 5,
            title: "no database at all for a minute",
            bar: Bar { gap_s: Some(10.0), failed_share: 1.0 },
            is_nemesis: true,
            strike: no_database,
        },
    ]
}

fn primary(struck: &Struck<Kit>) -> Result<usize, Failure> {
    struck.mesh.backends.databases.primary().ok_or_else(|| "there is no primary".into())
}

fn kill_primary(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let at = primary(struck)?;
    struck.mesh.backends.databases.kill_server(at);
    struck.rest(Duration::from_secs(8));
    struck.mesh.backends.databases.wait_until_whole()?;
    Ok(())
}

fn lose_host(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let at = primary(struck)?;
    struck.mesh.backends.databases.kill_host(at);
    struck.rest(Duration::from_secs(26));
    struck.mesh.backends.databases.start_host(at)?;
    struck.mesh.backends.databases.wait_until_whole()?;

    let at = primary(struck)?;
    struck.mesh.backends.databases.hang_host(at, true);
    struck.rest(Duration::from_secs(28));
    struck.mesh.backends.databases.hang_host(at, false);
    // Straight to the one that still believes it is the primary, before anybody tells it.
    let (port, _) = struck.mesh.backends.databases.ports()[at];
    let write = "CREATE TABLE written_to_the_former_primary (id INT)";
    let accepted = struck.mesh.backends.databases.query(port, "staff", write).is_ok();
    struck.measured.insert("the former primary took a write", f64::from(u8::from(accepted)));
    struck.mesh.backends.databases.wait_until_whole()?;
    let now = struck.mesh.backends.proxies.primary_port(0);
    let seen = "SELECT to_regclass('written_to_the_former_primary') IS NOT NULL";
    let rows = struck.mesh.backends.databases.query(now, "staff", seen)?;
    if rows.iter().any(|row| row == "t") {
        struck.misses.push("a write to the former primary is in the new one".to_owned());
    }
    Ok(())
}

/// How long there is no way to any database.
const AWAY: Duration = Duration::from_secs(60);
/// What nobody can do is said so within.
const FAST: Duration = Duration::from_secs(1);

fn no_database(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    for at in 0..PROXIES {
        struck.mesh.backends.proxies.kill(at);
    }
    // The first calls still wait for connections that they believe in.
    struck.rest(Duration::from_secs(2));
    let world = struck.world.clone();
    let away = if struck.is_hurried { AWAY / 6 } else { AWAY };
    let end = Instant::now() + away - Duration::from_secs(2);
    let mut slowest = Duration::ZERO;
    while Instant::now() < end {
        let took = struck.wait(world.look_once());
        slowest = slowest.max(took);
        struck.rest(Duration::from_millis(500));
    }
    for at in 0..PROXIES {
        struck.mesh.backends.proxies.start_one(at)?;
    }
    let back = Instant::now();
    let world = struck.world.clone();
    let written = struck.wait(world.write_once());
    struck.measured.insert("slowest refusal without a database, s", slowest.as_secs_f64());
    if slowest > FAST {
        struck.misses.push(format!("a refusal took {:.2} s", slowest.as_secs_f64()));
    }
    if !matches!(written.end, End::Done(_)) {
        struck.misses.push("no write after the database came back".to_owned());
    }
    struck.gap_s = Some(back.elapsed().as_secs_f64());
    Ok(())
}
