//! Faults of the network between processes: loopback is asked to lose packets of single ports.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::{kit::Kit, process::output};

pub(super) fn faults() -> Vec<Fault<Kit>> {
    vec![
        Fault {
            number: 13,
            title: "the way to leave's database takes 200 ms more each way (20 s)",
            bar: Bar { gap_s: Some(5.0), failed_share: 0.01 },
            is_nemesis: false,
            strike: slow_database,
        },
        Fault {
            number: 14,
            title: "one instance of leave is cut off, both ways, then one way, then the other",
            bar: Bar { gap_s: Some(5.0), ..NONE },
            is_nemesis: false,
            strike: cut_off,
        },
        Fault {
            number: 15,
            title: "30 % of the packets to and from leave are lost (15 s)",
            bar: Bar { gap_s: Some(5.0), failed_share: 0.01 },
            is_nemesis: false,
            strike: lose_packets,
        },
    ]
}

/// How long a fault of the network lasts.
const LASTS: Duration = Duration::from_secs(15);
/// Repetitions by clients, share of all requests.
const REPEATED_MAX: f64 = 0.2;

/// Rules of the packet filter; taken back when dropped.
struct Rules(Vec<Vec<String>>);

impl Rules {
    /// Drops packets of a port: those to it, those from it, or so many of a hundred of them.
    fn drop_packets(port: u16, directions: &[&str], percent: u8) -> Result<Self, Failure> {
        let mut rules = Self(vec![]);
        for direction in directions {
            let port = port.to_string();
            let mut rule = vec!["INPUT", "-i", "lo", "-p", "tcp", direction, &port];
            let share = format!("{:.2}", f64::from(percent) / 100.0);
            if percent < 100 {
                rule.extend(["-m", "statistic", "--mode", "random", "--probability", &share]);
            }
            rule.extend(["-j", "DROP"]);
            let rule: Vec<String> = rule.into_iter().map(str::to_owned).collect();
            filter("-I", &rule)?;
            rules.0.push(rule);
        }
        Ok(rules)
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        for rule in &self.0 {
            let _ = filter("-D", rule);
        }
    }
}

fn filter(order: &str, rule: &[String]) -> Result<(), Failure> {
    let mut command = Command::new("/usr/sbin/iptables");
    output(command.args(["-w", "5", order]).args(rule))?;
    Ok(())
}

/// Whether the packet filter obeys here; notes the reason when it does not.
fn can_filter(struck: &mut Struck<Kit>) -> bool {
    match Rules::drop_packets(1, &["--dport"], 100) {
        Ok(_) => true,
        Err(failure) => {
            struck.skipped = Some(format!("the packet filter does not obey here: {failure}"));
            false
        }
    }
}

fn slow_database(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    struck.mesh.backends.detour("leave")?;
    rewire(struck)?;
    struck.mesh.backends.delay_databases("leave", Duration::from_millis(200));
    struck.rest(Duration::from_secs(20));
    struck.mesh.backends.delay_databases("leave", Duration::ZERO);
    struck.rest(Duration::from_secs(2));
    // The detour stays until nobody takes it any more.
    let ways = struck.mesh.backends.straighten("leave");
    rewire(struck)?;
    drop(ways);
    Ok(())
}

/// Restarts leave's instances, one after the other, with their configuration written anew.
fn rewire(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    struck.mesh.configure()?;
    for instance in 0..struck.mesh.instances("leave") {
        struck.mesh.stop_instance("leave", instance)?;
        struck.mesh.start_instance("leave", instance)?;
    }
    Ok(())
}

fn cut_off(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    if !can_filter(struck) {
        return Ok(());
    }
    let port = struck.mesh.port("leave", 0).ok_or("leave has an instance")?;
    for directions in [&["--dport", "--sport"][..], &["--dport"], &["--sport"]] {
        let rules = Rules::drop_packets(port, directions, 100)?;
        struck.rest(LASTS);
        drop(rules);
        let healed = Instant::now();
        struck.mesh.wait_until_ready()?;
        struck.rest(Duration::from_secs(3));
        struck.measured.insert("ready again after, s", healed.elapsed().as_secs_f64() - 3.0);
    }
    Ok(())
}

fn lose_packets(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    if !can_filter(struck) {
        return Ok(());
    }
    let mut rules = vec![];
    for instance in 0..struck.mesh.instances("leave") {
        let port = struck.mesh.port("leave", instance).ok_or("leave has instances")?;
        rules.push(Rules::drop_packets(port, &["--dport", "--sport"], 30)?);
    }
    struck.repeated_share_max = Some(REPEATED_MAX);
    struck.rest(LASTS);
    Ok(())
}
