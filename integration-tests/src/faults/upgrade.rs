//! A new version comes, with a change of the databases, goes again, and comes back.

use std::path::PathBuf;

use mathildanesth::certs::SERVICES;

use super::{Failure, Fault, NONE, Struck};
use crate::{foundation::Foundation, kit::Kit};

pub(super) fn faults() -> Vec<Fault<Kit>> {
    vec![Fault {
        number: 25,
        title: "rolling upgrade with a migration, rollback, upgrade again",
        bar: NONE,
        is_nemesis: false,
        strike: upgrade,
    }]
}

fn upgrade(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let Some(former) = struck.former.clone() else {
        struck.skipped = Some("the programs of the version before were not built (--former)".to_owned());
        return Ok(());
    };
    let before = migrations(struck)?;
    roll(struck, None)?;
    let after = migrations(struck)?;
    struck.measured.insert("migrations the new version brought", (after - before) as f64);
    if after == before {
        struck.misses.push("the new version changes no database: nothing was shown".to_owned());
    }
    roll(struck, Some(former))?;
    roll(struck, None)
}

/// Replaces the programs instance by instance.
fn roll(struck: &mut Struck<Kit>, programs: Option<PathBuf>) -> Result<(), Failure> {
    for service in SERVICES {
        for instance in 0..struck.mesh.instances(service) {
            struck.mesh.stop_instance(service, instance)?;
            struck.mesh.set_programs(service, instance, programs.clone());
            struck.mesh.configure()?;
            struck.mesh.start_instance(service, instance)?;
        }
    }
    Ok(())
}

/// How many the databases have together.
fn migrations(struck: &Struck<Kit>) -> Result<i64, Failure> {
    let mut count = 0;
    for service in ["staff", "leave", "planning", "notification"] {
        let rows = struck.mesh.backends.query(service, "SELECT count(*) FROM seaql_migrations")?;
        count += rows.first().ok_or("a count")?.parse::<i64>()?;
    }
    Ok(count)
}
