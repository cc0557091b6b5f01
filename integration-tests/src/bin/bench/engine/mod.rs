//! The search, measured from outside: the command line solves, others verify.

mod instance;
mod peers;
mod product;
mod solve;

use std::path::PathBuf;

use chassis::BoxError;

pub use self::peers::{PeersArguments, peers};
use self::{
    instance::{Collection, Instance},
    solve::{Outcome, Search},
};

/// The rows of ten minutes (`engine-long`).
const LONG: [u32; 6] = [12, 14, 16, 18, 20, 24];
const LONG_SECONDS: f64 = 600.0;
/// How many seeds a median is of.
const SEEDS: u64 = 3;

/// What is measured, and how.
#[derive(clap::Args)]
pub struct Arguments {
    /// Seed of every search.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Time of every search.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Threads of every search.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// The folder of the public instances, with verify.py one folder up; by default MATHILDANESTH_INSTANCES, or
    /// ../shared/bench/roster/curtois-qu beside this project.
    #[arg(long)]
    instances: Option<PathBuf>,
    /// Numbers of the only instances to run.
    #[arg(long, value_delimiter = ',')]
    only: Vec<u32>,
    /// Leave out what the product asks.
    #[arg(long)]
    pub without_product: bool,
    /// Leave out the public instances.
    #[arg(long)]
    without_instances: bool,
}

// === impl Arguments ===

impl Arguments {
    fn collection(&self) -> Result<Collection, BoxError> {
        Collection::open(self.instances.clone(), &self.only)
    }

    fn search(&self) -> Search {
        Search { seconds: self.seconds, threads: self.threads, seed: self.seed }
    }
}

/// Public instances, then what the product asks; the figures come back.
pub fn minute(arguments: &Arguments) -> Result<Vec<String>, BoxError> {
    let mut figures = Vec::new();
    if !arguments.without_instances {
        let collection = arguments.collection()?;
        let search = arguments.search();
        header(&search);
        for instance in collection.instances() {
            let outcome = instance.solve(&collection, &search)?;
            row(instance, &outcome);
            figures.extend(instance.figures(&outcome));
        }
    }
    if !arguments.without_product {
        figures.extend(product::measure(&arguments.search())?);
    }
    Ok(figures)
}

/// Ten minutes for the hard instances, and medians of a minute for all.
pub fn long(arguments: &Arguments) -> Result<(), BoxError> {
    let collection = arguments.collection()?;
    let mut figures = Vec::new();
    let minute = arguments.search();
    header(&minute);
    for instance in collection.instances() {
        let mut gaps = Vec::new();
        for seed in arguments.seed..arguments.seed + SEEDS {
            let outcome = instance.solve(&collection, &Search { seed, ..minute })?;
            row(instance, &outcome);
            gaps.push(instance.gap(&outcome));
        }
        gaps.sort_by(f64::total_cmp);
        figures.push(format!(
            "curtois_qu_gap_pct_I{}_60s_median {:.2} pct",
            instance.number,
            gaps[gaps.len() / 2]
        ));
    }
    let search = Search { seconds: LONG_SECONDS, ..minute };
    header(&search);
    for instance in collection.instances().iter().filter(|own| LONG.contains(&own.number)) {
        let outcome = instance.solve(&collection, &search)?;
        row(instance, &outcome);
        figures.push(format!(
            "curtois_qu_gap_pct_I{}_600s {:.2} pct",
            instance.number,
            instance.gap(&outcome)
        ));
    }
    figures.iter().for_each(|figure| println!("figure {figure}"));
    Ok(())
}

fn header(search: &Search) {
    println!("Curtois–Qu, {:.0} s, {} threads, verified by verify.py", search.seconds, search.threads);
    println!(
        "{:>5} {:>5} {:>5} {:>10} {:>8} {:>9} {:>8} {:>8} {:>9} {:>9} {:>8}",
        "inst", "staff", "days", "best known", "found", "gap", "bound", "b. gap", "first s", "cpu s", "seed"
    );
}

fn row(instance: &Instance, outcome: &Outcome) {
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let found = if outcome.is_feasible { outcome.objective.to_string() } else { "breaches".to_owned() };
    println!(
        "{:>5} {:>5} {:>5} {:>10} {:>8} {:>8.2}% {:>8} {:>8} {:>9} {:>9} {:>8}",
        format!("I{}", instance.number),
        outcome.value("people").unwrap_or("–"),
        outcome.value("days").unwrap_or("–"),
        or_dash(instance.best_known().map(|best| best.to_string())),
        found,
        instance.gap(outcome),
        or_dash(outcome.bound.map(|bound| bound.to_string())),
        or_dash(instance.bound_gap(outcome).map(|gap| format!("{gap:.2}%"))),
        outcome.value("first_feasible_s").unwrap_or("–"),
        outcome.value("cpu_seconds").unwrap_or("–"),
        outcome.seed,
    );
}
