//! Measurements: `bench NAME` prints a table and ends with lines `figure NAME VALUE UNIT`.

mod engine;
mod import;
mod kill;
mod overload;
mod people;
mod planning;
mod start;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mathildanesth::demo::Play;

/// Mathildanesth's measurements.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The all-in-one: start, memory at rest, the department's month, one list over the gateway and direct.
    Start {
        #[command(flatten)]
        play: Play,
        /// Calls of each kind.
        #[arg(long, default_value_t = 500)]
        calls: usize,
    },
    /// The search: public instances for a minute each, verified outside, and what the product asks of it.
    Engine(engine::Arguments),
    /// The public instances for ten minutes each, and the median of three seeds for a minute each.
    EngineLong(engine::Arguments),
    /// The public instances for a minute each beside OR-Tools CP-SAT with the same time and cores.
    EnginePeers(engine::PeersArguments),
    /// The mesh with two solvers, one of which is killed in the middle of a search.
    Kill,
    /// 100,000 lines of people on PostgreSQL: how long, how much memory.
    Import,
    /// What is answered in time when once, twice, four times as much is asked as can be answered.
    Overload,
    /// What people wait for: leave that is asked for and decided, news of a publication, by e-mail too; 100,000 lines of people.
    People,
    /// What planners wait for: the certificate of a department's month.
    Planning,
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().bench {
        Bench::Start { play, calls } => start::start(&play, calls).await,
        Bench::Engine(arguments) => minute(&arguments).await,
        Bench::Kill => kill::kill().await.map(|figure| print(&[figure])),
        Bench::Import => import::import().await.map(|figures| print(&figures)),
        Bench::Overload => overload::overload().await.map(|figures| print(&figures)),
        Bench::People => people::people().await.map(|figures| print(&figures)),
        Bench::Planning => planning::planning().await.map(|figures| print(&figures)),
        Bench::EngineLong(arguments) => engine::long(&arguments),
        Bench::EnginePeers(arguments) => engine::peers(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The search's figures, and how soon a killed solver is replaced. What was measured is printed even when the last part
/// fails.
async fn minute(arguments: &engine::Arguments) -> Result<(), chassis::BoxError> {
    let mut figures = engine::minute(arguments)?;
    let killed = kill::kill().await;
    figures.extend(killed.as_ref().ok().cloned());
    print(&figures);
    killed.map(|_| ())
}

fn print(figures: &[String]) {
    figures.iter().for_each(|figure| println!("figure {figure}"));
}
