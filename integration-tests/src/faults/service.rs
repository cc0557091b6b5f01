//! Faults of the services' own processes.

use std::time::{Duration, Instant};

use mathildanesth::certs::SERVICES;

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::foundation::Foundation;

/// Load between two strikes of one fault.
const BETWEEN: Duration = Duration::from_secs(3);
/// How long an instance hangs: longer than it takes to be left out.
const HANGS: Duration = Duration::from_secs(12);
/// The longest drain.
const DRAIN_MAX: Duration = Duration::from_secs(30);

pub(super) fn faults<B: Foundation>() -> Vec<Fault<B>> {
    vec![
        Fault { number: 0, title: "nothing breaks", bar: NONE, is_nemesis: false, strike: |_| Ok(()) },
        Fault {
            number: 1,
            title: "kill -9 of one instance of each service in turn",
            bar: NONE,
            is_nemesis: true,
            strike: kill_each,
        },
        Fault {
            number: 2,
            title: "rolling restart of all instances (SIGTERM)",
            bar: NONE,
            is_nemesis: true,
            strike: roll,
        },
        Fault {
            number: 16,
            title: "one instance of each service hangs (SIGSTOP, 12 s)",
            bar: Bar { gap_s: Some(10.0), ..NONE },
            is_nemesis: false,
            strike: hang_each,
        },
    ]
}

fn between<B>(struck: &Struck<B>) -> Duration {
    if struck.is_hurried { BETWEEN / 3 } else { BETWEEN }
}

fn kill_each<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    for (turn, service) in SERVICES.into_iter().enumerate() {
        let instance = turn % 2;
        struck.mesh.kill_instance(service, instance);
        struck.rest(between(struck));
        struck.mesh.start_instance(service, instance)?;
        struck.rest(between(struck));
    }
    Ok(())
}

fn roll<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    let mut longest = Duration::ZERO;
    for service in SERVICES {
        for instance in 0..struck.mesh.instances(service) {
            let begun = Instant::now();
            struck.mesh.stop_instance(service, instance)?;
            longest = longest.max(begun.elapsed());
            struck.mesh.start_instance(service, instance)?;
        }
    }
    struck.measured.insert("longest drain, s", longest.as_secs_f64());
    if longest > DRAIN_MAX {
        struck.misses.push(format!("a drain took {:.1} s", longest.as_secs_f64()));
    }
    Ok(())
}

fn hang_each<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    for (turn, service) in SERVICES.into_iter().enumerate() {
        let instance = turn % 2;
        struck.mesh.signal_instance(service, instance, "STOP");
        struck.rest(if struck.is_hurried { HANGS / 3 } else { HANGS });
        struck.mesh.signal_instance(service, instance, "CONT");
        struck.rest(between(struck));
    }
    Ok(())
}
