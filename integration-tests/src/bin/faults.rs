//! The fault matrix: `faults [NUMBER…]` strikes a mesh on the high availability kit, `faults --nemesis MINUTES` strikes it
//! at random; both say what users noticed and whether anything was lost.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use integration_tests::{
    faults::{self, Arena, Failure, Pace, nemesis, table},
    load::history,
};

#[derive(Parser)]
struct Arguments {
    /// The faults to run; all by default.
    numbers: Vec<u32>,
    /// Strikes at random for so many minutes instead, 20 by default.
    #[arg(long, value_name = "MINUTES", num_args = 0..=1, default_missing_value = "20")]
    nemesis: Option<u64>,
    /// Requests a second.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Seconds of load after each fault.
    #[arg(long, default_value_t = 15)]
    after: u64,
    /// Seed of the load and of the nemesis; printed, and drawn if absent.
    #[arg(long)]
    seed: Option<u64>,
    /// The folder of the programs of the version before, for the rolling upgrade; the mesh begins with them.
    #[arg(long)]
    former: Option<PathBuf>,
    /// Where the table is written to, besides standard output; rows of faults that are not run stay.
    #[arg(long)]
    page: Option<PathBuf>,
    /// A folder for what the load asked and was answered, a file for each fault, or one of the nemesis.
    #[arg(long)]
    history: Option<PathBuf>,
}

/// The fault that needs two versions.
const UPGRADE: u32 = 25;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("faults: {failure}");
            ExitCode::from(69)
        }
    }
}

/// Whether everything that was run is passed.
async fn run(arguments: Arguments) -> Result<bool, Failure> {
    let known: Vec<u32> = faults::all().iter().map(|fault| fault.number).collect();
    if let Some(number) = arguments.numbers.iter().find(|number| !known.contains(number)) {
        return Err(format!("there is no fault {number}; there are {known:?}").into());
    }
    let seed = arguments.seed.unwrap_or_else(|| rand::random_range(0..1_000_000));
    println!("seed {seed}");
    let arena = Arena::open(arguments.former.clone(), seed).await?;
    let pace = Pace {
        rate: arguments.rate,
        before: Duration::from_secs(3),
        after: Duration::from_secs(arguments.after),
        seed,
        is_hurried: arguments.nemesis.is_some(),
        judges_gaps: true,
    };
    arena.warm_up(pace).await?;
    if let Some(minutes) = arguments.nemesis {
        let run = nemesis::run(&arena, pace, Duration::from_secs(60 * minutes)).await?;
        arena.close().await?;
        if let Some(folder) = &arguments.history {
            write_history(folder, "nemesis", &run.history, run.begun)?;
        }
        print!("{run}");
        return Ok(run.is_passed());
    }
    let mut reports = vec![];
    let mut all = faults::all();
    // Before the others, for it begins with the version before.
    all.sort_by_key(|fault| (fault.number != UPGRADE, fault.number));
    for fault in all {
        if !arguments.numbers.is_empty() && !arguments.numbers.contains(&fault.number) {
            continue;
        }
        println!("{} {}", fault.number, fault.title);
        let report = arena.run(&fault, pace).await?;
        print!("{}", table::details(&report));
        if let Some(folder) = &arguments.history {
            write_history(folder, &fault.number.to_string(), &report.history, report.since)?;
        }
        reports.push(report);
        // After each one: a run that is ended leaves what it has found.
        if let Some(page) = &arguments.page {
            let former = std::fs::read_to_string(page).unwrap_or_default();
            std::fs::write(page, table::page(&reports, pace, &former))?;
        }
    }
    arena.close().await?;
    reports.sort_by_key(|report| report.number);
    let text = table::table(&reports);
    println!();
    print!("{text}{}", table::figures(&reports));
    Ok(reports.iter().all(faults::Report::is_passed))
}

fn write_history(
    folder: &Path,
    name: &str,
    history: &[history::Request],
    since: Instant,
) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{name}.tsv")), history::lines(history, since))
}
