//! What was lost comes back from the backup: played by the drill on a server of its own with a load of its own, then of
//! the kit's databases, whose primary has changed since the backup.

use std::{process::Command, time::Duration};

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::kit::{Kit, backup::Backups};

pub(super) fn faults() -> Vec<Fault<Kit>> {
    vec![Fault {
        number: 26,
        title: "restore from the backup: an accident undone, a second loss, the loss of everything",
        bar: Bar { gap_s: Some(900.0), ..NONE },
        is_nemesis: false,
        strike: restore,
    }]
}

fn restore(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    self_test(struck)?;
    restore_kit(struck)
}

/// How much may be lost with everything, seconds.
const RPO_MAX: f64 = 5.0;

/// The value of a line `figure NAME VALUE UNIT`.
fn figure(text: &str, name: &str) -> Option<f64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("figure ")?.split_once(' '));
    let (_, rest) = lines.find(|(own, _)| *own == name)?;
    rest.split_whitespace().next()?.parse().ok()
}

fn self_test(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let output = Command::new("scripts/drill").arg("--self-test").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines().filter(|line| line.starts_with("figure ")) {
        println!("  {line}");
    }
    let figure = |name: &str| figure(&text, name);
    if !output.status.success() {
        let last = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
        struck.misses.push(format!("the drill failed: {last}"));
    }
    for (name, bar) in [("fault_26_lost", 0.0), ("fault_26_doubled", 0.0), ("restore_rpo_s", RPO_MAX)] {
        match figure(name) {
            Some(value) if value <= bar => {}
            Some(value) => struck.misses.push(format!("{name} is {value}, above {bar}")),
            None => struck.misses.push(format!("the drill did not say {name}")),
        }
    }
    struck.gap_s = figure("fault_26_gap_s");
    for (name, told) in [
        ("restore_rpo_s", "acknowledged and lost with everything, s"),
        ("restore_rto_s", "restored after the loss of everything, s"),
        ("restore_rto_s_per_gib", "the same for 1 GiB, s"),
    ] {
        if let Some(value) = figure(name) {
            struck.measured.insert(told, value);
        }
    }
    Ok(())
}

/// Long enough for a few hundred requests.
const WHILE: Duration = Duration::from_secs(3);

fn restore_kit(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let backups = Backups::start(&struck.mesh.backends)?;
    backups.full()?;
    struck.rest(WHILE);
    let at = struck.mesh.backends.databases.primary().ok_or("there is no primary")?;
    struck.mesh.backends.databases.kill_server(at);
    struck.rest(WHILE);
    struck.mesh.backends.databases.wait_until_whole()?;
    struck.rest(WHILE);
    let told = backups.drill();
    backups.stop(&struck.mesh.backends)?;
    let told = match told {
        Ok(told) => told,
        Err(failure) => {
            struck.misses.push(format!("the kit's databases are not restored: {failure}"));
            return Ok(());
        }
    };
    for (name, shown) in [
        ("drill_rto_s", "the services' databases restored after, s"),
        ("drill_rpo_s", "acknowledged there and not restored, s"),
    ] {
        let value = figure(&told, name).ok_or_else(|| format!("the drill did not say {name}"))?;
        struck.measured.insert(shown, value);
        if name == "drill_rpo_s" && value > RPO_MAX {
            struck.misses.push(format!("{name} is {value}, above {RPO_MAX}"));
        }
    }
    Ok(())
}
