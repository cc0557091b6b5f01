//! Faults of work that nobody waits for: generations, events that cannot be applied, relays that lose their lease.

use std::time::{Duration, Instant};

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::{foundation::Foundation, solver_death};

pub(super) fn faults<B: Foundation>() -> Vec<Fault<B>> {
    vec![
        Fault {
            number: 7,
            title: "the solver that searches is killed",
            bar: Bar { gap_s: Some(5.0), ..NONE },
            is_nemesis: true,
            strike: kill_solver,
        },
        Fault {
            number: 28,
            title: "whoever relays hangs until its lease is another's",
            bar: NONE,
            is_nemesis: false,
            strike: lose_lease,
        },
    ]
}

/// Those that last minutes.
pub(super) fn long_faults<B: Foundation>() -> Vec<Fault<B>> {
    vec![Fault {
        number: 8,
        title: "an event that nobody can apply",
        bar: NONE,
        is_nemesis: true,
        strike: poison,
    }]
}

/// Long enough for five attempts with their pauses.
const BURIED_MAX: Duration = Duration::from_secs(240);

fn poison<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    let id = uuid::Uuid::now_v7();
    let sql = format!(
        "INSERT INTO outbox (event_id, topic, kind, hospital, subject, time, traceparent, payload) \
         SELECT '{id}', 'leave', 'mathildanesth.leave.v1.LeaveApproved', 'tilleuls', 'poison', time, '', '\\xff' \
         FROM outbox ORDER BY id DESC LIMIT 1"
    );
    struck.mesh.backends.query("leave", &sql)?;
    if struck.is_hurried {
        return Ok(());
    }
    let begun = Instant::now();
    for service in ["planning", "notification"] {
        let sql = format!("SELECT attempts FROM dead_letter WHERE event_id = '{id}'");
        loop {
            if let Some(attempts) = struck.mesh.backends.query(service, &sql)?.first() {
                struck.measured.insert("attempts", attempts.parse()?);
                break;
            }
            if begun.elapsed() > BURIED_MAX {
                struck.misses.push(format!("{service} did not put the event aside"));
                break;
            }
            struck.rest(Duration::from_millis(500));
        }
    }
    struck.measured.insert("put aside after, s", begun.elapsed().as_secs_f64());
    let world = struck.world.clone();
    let news = struck.wait(world.time_to_news())?;
    struck.measured.insert("from a decision to its news afterwards, s", news.as_secs_f64());
    Ok(())
}

fn kill_solver<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    let world = struck.world.clone();
    let operation = struck.wait(world.generate())?;
    let holder = solver_death::searching(&struck.mesh)?;
    // So that there is a checkpoint to go on from.
    struck.rest(Duration::from_secs(4));
    let resumed = solver_death::kill_searching(&mut struck.mesh)?;
    struck.mesh.start_instance("solver", holder)?;
    let world = struck.world.clone();
    let proposals = struck.wait(world.proposals_of(&operation))?;
    if proposals != 1 {
        struck.misses.push(format!("{proposals} proposals came of one generation"));
    }
    struck.gap_s = Some(resumed.as_secs_f64());
    Ok(())
}

/// Longer than a relay's lease.
const HANGS: Duration = Duration::from_secs(20);

fn lose_lease<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    let before = token(struck)?;
    let begun = Instant::now();
    for instance in 0..struck.mesh.instances("leave") {
        struck.mesh.signal_instance("leave", instance, "STOP");
        struck.rest(HANGS);
        struck.mesh.signal_instance("leave", instance, "CONT");
        struck.rest(Duration::from_secs(2));
        if struck.is_hurried && token(struck)? > before {
            break;
        }
    }
    let after = token(struck)?;
    struck.measured.insert("holders of the relay's lease", (after - before) as f64);
    struck.measured.insert("time, s", begun.elapsed().as_secs_f64());
    if after == before {
        struck.misses.push("nobody took the relay over".to_owned());
    }
    Ok(())
}

/// Grows with each holder.
fn token<B: Foundation>(struck: &Struck<B>) -> Result<i64, Failure> {
    let sql = "SELECT token FROM lease WHERE name = 'outbox'";
    let rows = struck.mesh.backends.query("leave", sql)?;
    Ok(rows.first().ok_or("leave has a relay")?.parse()?)
}
