//! The whole mesh in one process, and the operator's commands.

use std::{path::PathBuf, process::ExitCode};

use chassis::{BoxError, config};
use clap::{Parser, Subcommand};
use mathildanesth::{
    Config, certs,
    check::{self, Databases, Restored},
    dead_letters::DeadLetters,
    demo::{self, Play, department::Department},
    fallback, serve,
};

/// Planning for anesthesia departments.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Order,
}

#[derive(Subcommand)]
enum Order {
    /// Serves the whole mesh from this process.
    Serve {
        /// TOML file with settings; `MATHILDANESTH__*` variables win over it.
        #[arg(long)]
        config: Option<PathBuf>,
        /// Prints the configuration in force, secrets masked, and exits.
        #[arg(long)]
        print_config: bool,
    },
    /// Serves, plays a month of a planner's life, prints it, and keeps serving.
    Demo {
        #[command(flatten)]
        play: Play,
        /// The folder of the databases; a temporary one with --once.
        #[arg(long)]
        data: Option<PathBuf>,
        /// End after the story; fail if a hard rule is broken or a post is neither filled nor listed as a hole.
        #[arg(long)]
        once: bool,
        /// Write the month's problem to this file, as docs/problem-format.md describes it, instead of solving it.
        #[arg(long, conflicts_with_all = ["data", "once"])]
        export: Option<PathBuf>,
    },
    /// Plays the same story on a mesh that already runs.
    Story {
        #[command(flatten)]
        play: Play,
        /// Where its gateway is: http://host:port or https://host:port.
        #[arg(long)]
        address: String,
        /// The authority of its certificate, a PEM file.
        #[arg(long)]
        authority: Option<PathBuf>,
    },
    /// Copies what is published to a folder outside, for the days on which the mesh is away.
    Fallback {
        #[command(flatten)]
        wanted: fallback::Wanted,
    },
    /// Writes the demo's CSV files.
    Sample {
        /// Seed of the department.
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// Where to.
        folder: PathBuf,
    },
    /// Shows events that services could not apply, and has them applied again.
    DeadLetters(DeadLetters),
    /// Checks the databases: sums, references, the judge's word on what is published, what services say of each other.
    Check {
        #[command(flatten)]
        databases: Databases,
    },
    /// Sends again the events relayed since a time, for services whose database went back to it.
    Resend {
        #[command(flatten)]
        databases: Databases,
        /// The time, as RFC 3339.
        #[arg(long)]
        since: jiff::Timestamp,
        /// The service that went back: it has nothing to send again.
        #[arg(long)]
        restored: Option<Restored>,
    },
    /// Lets the other services agree with one whose database alone went back to a time.
    Reconcile {
        #[command(flatten)]
        databases: Databases,
        /// The service that went back.
        #[arg(long)]
        restored: Restored,
        /// The time it went back to, as RFC 3339.
        #[arg(long)]
        to: jiff::Timestamp,
    },
    /// Writes an authority, a certificate per service, and the operator's.
    Certs {
        /// Where to.
        folder: PathBuf,
    },
}

/// The configuration is wrong (`EX_USAGE` of sysexits).
const EXIT_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let order = Arguments::parse().command;
    let file = match &order {
        Order::Serve { config, .. } => config.as_deref(),
        Order::DeadLetters(command) => command.config(),
        _ => None,
    };
    let config: Config = match config::load(file) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("mathildanesth: configuration: {error}");
            return ExitCode::from(EXIT_CONFIGURATION);
        }
    };
    let outcome = match order {
        Order::Serve { print_config: true, .. } => {
            config::print(&config).map(|text| println!("{text}")).map(|()| vec![]).map_err(BoxError::from)
        }
        Order::Serve { .. } => block_on(async { serve::serve(config).await.map(|()| vec![]) }),
        Order::Demo { play, export: Some(file), .. } => {
            block_on(demo::export::export(config, &play, &file)).map(|()| vec![])
        }
        Order::Demo { play, data, once, .. } => block_on(demo::serve::serve(config, &play, data, once)),
        Order::Story { play, address, authority } => {
            block_on(demo::play(&play, &address, authority.as_deref()))
        }
        Order::Fallback { wanted } => block_on(fallback::copy(&wanted)).map(|()| vec![]),
        Order::Sample { seed, folder } => {
            Department::synthetic(seed).and_then(|department| Ok(department.write(&folder)?)).map(|()| vec![])
        }
        Order::DeadLetters(command) => block_on(command.run(&config)).map(|(text, faults)| {
            print!("{text}");
            faults
        }),
        Order::Check { databases } => block_on(check::check(config, &databases)),
        Order::Resend { databases, since, restored } => {
            block_on(check::resend(&databases, since, restored)).map(|()| vec![])
        }
        Order::Reconcile { databases, restored, to } => {
            block_on(check::reconcile(&databases, restored, to)).map(|()| vec![])
        }
        Order::Certs { folder } => certs::write(&folder).map(|()| vec![]).map_err(BoxError::from),
    };
    match outcome {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in faults {
                eprintln!("mathildanesth: {fault}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("mathildanesth: {error}");
            ExitCode::FAILURE
        }
    }
}

fn block_on<T>(future: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    tokio::runtime::Runtime::new()?.block_on(future)
}
