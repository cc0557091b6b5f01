//! What was lost comes back from the backup: played by the drill on a server of its own, with a load of its own.

use std::process::Command;

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::kit::Kit;

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
    let output = Command::new("scripts/drill").arg("--self-test").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines().filter(|line| line.starts_with("figure ")) {
        println!("  {line}");
    }
    let figure = |name: &str| -> Option<f64> {
        let line = text.lines().find_map(|line| line.strip_prefix("figure ")?.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    if !output.status.success() {
        let last = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
        struck.misses.push(format!("the drill failed: {last}"));
    }
    for (name, bar) in [("fault_26_lost", 0.0), ("fault_26_doubled", 0.0), ("restore_rpo_s", 5.0)] {
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
