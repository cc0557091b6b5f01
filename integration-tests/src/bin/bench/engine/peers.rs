//! The same instances, time and cores for OR-Tools CP-SAT, in the same run.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use chassis::BoxError;

use super::{
    Search,
    instance::{Collection, Instance},
};

/// The peer's release, from PyPI.
const ORTOOLS: &str = "ortools==9.15.6755";
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/peers/cpsat.py");

/// Timefold 1.24 (community, Java 17, tuned annealing, 60 s on the same kind of machine): instance and objective. Read
/// in the requirements' solver page, not measured by this program; I16 and I20 broke hard rules there.
const TIMEFOLD: [(u32, i64); 5] = [(5, 1_244), (8, 1_375), (12, 4_248), (14, 1_406), (18, 5_638)];

/// What is compared, and how.
#[derive(clap::Args)]
pub struct PeersArguments {
    /// Seed of every search, theirs too.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Time of every search.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Threads of every search, theirs too.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// The folder of the public instances, with verify.py one folder up.
    #[arg(long)]
    instances: Option<PathBuf>,
    /// Numbers of the only instances to run.
    #[arg(long, value_delimiter = ',')]
    only: Vec<u32>,
}

/// Runs both on every instance, one after the other, and prints them side by side.
pub fn peers(arguments: &PeersArguments) -> Result<(), BoxError> {
    let collection = Collection::open(arguments.instances.clone(), &arguments.only)?;
    let python = environment()?;
    let search = Search { seconds: arguments.seconds, threads: arguments.threads, seed: arguments.seed };
    println!("Curtois–Qu, {:.0} s, {} threads each, verified by verify.py", search.seconds, search.threads);
    println!(
        "{:>5} {:>10} {:>10} {:>8} {:>10} {:>8} {:>10}",
        "inst", "best known", "engine", "bound", "CP-SAT", "bound", "Timefold"
    );
    let (mut better, mut equal, mut worse) = (0, 0, 0);
    for instance in collection.instances() {
        let ours = instance.solve(&collection, &search)?;
        let ours_found = ours.is_feasible.then_some(ours.objective);
        let (theirs, their_bound) = their(&python, instance, &collection, &search)?;
        match (ours_found.unwrap_or(i64::MAX)).cmp(&theirs.unwrap_or(i64::MAX)) {
            std::cmp::Ordering::Less => better += 1,
            std::cmp::Ordering::Equal => equal += 1,
            std::cmp::Ordering::Greater => worse += 1,
        }
        let or_none = |value: Option<i64>| value.map_or("none".to_owned(), |value| value.to_string());
        let timefold =
            TIMEFOLD.iter().find(|(number, _)| *number == instance.number).map(|(_, found)| *found);
        println!(
            "{:>5} {:>10} {:>10} {:>8} {:>10} {:>8} {:>10}",
            format!("I{}", instance.number),
            or_none(instance.best_known()),
            or_none(ours_found),
            or_none(ours.bound),
            or_none(theirs),
            or_none(their_bound),
            timefold.map_or("–".to_owned(), |found| found.to_string()),
        );
    }
    println!("figure peers_better {better} instances");
    println!("figure peers_equal {equal} instances");
    println!("figure peers_worse {worse} instances");
    Ok(())
}

/// A Python with the peer in it, kept in the build's folder.
fn environment() -> Result<PathBuf, BoxError> {
    let here = std::env::current_exe()?;
    let folder = here.parent().ok_or("no folder")?.join("peers");
    let python = folder.join("bin/python");
    if !python.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        ORTOOLS,
    ]))?;
    Ok(python)
}

/// What the peer finds, as the verifier counts it, and proves.
fn their(
    python: &Path,
    instance: &Instance,
    collection: &Collection,
    search: &Search,
) -> Result<(Option<i64>, Option<i64>), BoxError> {
    let answer = collection.answer(&format!("I{}.peer.txt", instance.number));
    let mut command = Command::new(python);
    command.arg(MODEL).arg(&instance.file).arg(&answer);
    command.args([search.seconds.to_string(), search.threads.to_string(), search.seed.to_string()]);
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("cpsat.py: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let bound = text.lines().find_map(|line| line.strip_prefix("bound ")?.parse().ok());
    if !answer.is_file() {
        return Ok((None, bound));
    }
    let (objective, is_feasible) = collection.verify(instance, &answer)?;
    Ok((is_feasible.then_some(objective), bound))
}

fn run(command: &mut Command) -> Result<(), BoxError> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{:?}: {}", command.get_program(), String::from_utf8_lossy(&output.stderr)).into())
}
