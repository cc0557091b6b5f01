//! The mesh form on this machine: `mesh up` starts it and stays, `mesh demo [--once]` plays the story on it; with
//! `--available` on the high availability kit.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use integration_tests::{
    foundation::Foundation,
    kit::Kit,
    mesh::{Administrator, Mesh},
};
use mathildanesth::demo::{self, Play};
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
struct Arguments {
    /// Instances of each service.
    #[arg(long, default_value_t = 2, global = true)]
    instances: usize,
    /// On the high availability kit: databases and bus that survive the death of any of their servers.
    #[arg(long, global = true)]
    available: bool,
    #[command(subcommand)]
    command: What,
}

#[derive(Subcommand)]
enum What {
    /// Starts the mesh and keeps it until Ctrl-C.
    Up,
    /// Starts the mesh and plays the story on it.
    Demo {
        #[command(flatten)]
        play: Play,
        /// End after the story.
        #[arg(long)]
        once: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in faults {
                eprintln!("mesh: {fault}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("mesh: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<Vec<String>, chassis::BoxError> {
    let administrator =
        Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD };
    let instances = arguments.instances;
    if arguments.available {
        let start = move || Mesh::start_on(Kit::start()?, None, |_| instances, &administrator);
        return stay(tokio::task::spawn_blocking(start).await??, arguments).await;
    }
    stay(tokio::task::spawn_blocking(move || Mesh::start(instances, &administrator)).await??, arguments).await
}

async fn stay<B: Foundation + Send + 'static>(
    mut mesh: Mesh<B>,
    arguments: Arguments,
) -> Result<Vec<String>, chassis::BoxError> {
    let instances = arguments.instances;
    println!(
        "mesh of {instances} × 6 processes: {} (authority: {})",
        mesh.address(),
        mesh.authority().display()
    );
    println!("logs and configurations: {}", mesh.folder().display());
    let mut faults = vec![];
    let mut stay = true;
    if let What::Demo { play, once } = arguments.command {
        faults = demo::play(&play, &mesh.address(), Some(&mesh.authority())).await?;
        stay = !once;
    }
    if stay {
        println!("{} / {}", demo::ADMINISTRATOR, demo::PASSWORD);
        println!("Ctrl-C ends the mesh");
        let stop = CancellationToken::new();
        chassis::run::on_signal(stop.clone()).map_err(|error| error.to_string())?;
        stop.cancelled().await;
    }
    tokio::task::spawn_blocking(move || mesh.stop()).await??;
    Ok(faults)
}
