//! How soon another solver goes on after one was killed in the middle of a search.

use std::{sync::mpsc, thread, time::Duration};

use chassis::BoxError;
use integration_tests::{
    mesh::{Administrator, Mesh},
    solver_death,
};
use mathildanesth::demo::{self, Play, story::Story};

/// The story's patience with a mesh that has just lost a process.
const PATIENCE: Duration = Duration::from_secs(90);
/// A search that is still under way when it is struck, on any machine.
const STEPS: u64 = 2_000_000;
/// The search goes on for so long before it is struck: there is a checkpoint by then.
const BEFORE: Duration = Duration::from_secs(4);

/// The mesh with two solvers; the one that searches is killed, and the other one's beginning is timed. Answers the
/// figure.
pub async fn kill() -> Result<String, BoxError> {
    let administrator =
        Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD };
    let two = |service: &str| if service == "solver" { 2 } else { 1 };
    let mesh = tokio::task::spawn_blocking(move || Mesh::start_with(two, &administrator)).await??;
    let play = Play {
        seed: 7,
        month: Some("2026-12".parse().map_err(|_| "a month")?),
        search_seconds: 30,
        steps: STEPS,
    };
    let setting = demo::setting(&play, &mesh.address(), Some(&mesh.authority()), PATIENCE)?;
    let (strike, struck) = mpsc::channel::<()>();
    let reaper = thread::spawn(move || {
        let mut mesh = mesh;
        struck.recv().map_err(|_| std::io::Error::other("the search never began"))?;
        thread::sleep(BEFORE);
        let resumed = solver_death::kill_searching(&mut mesh)?;
        Ok::<_, std::io::Error>((resumed, mesh))
    });
    let mut story = Story::new(setting, move |line| {
        if line.contains("solving") && line.contains('[') {
            // The reaper strikes once and then no longer listens.
            let _ = strike.send(());
        }
    });
    story.play_all().await?;
    let (resumed, mesh) =
        tokio::task::spawn_blocking(move || reaper.join()).await?.map_err(|_| "the reaper died")??;
    drop(mesh);
    let (attempts, holes) = (story.outcome.attempts, story.outcome.proposal.hole_count);
    println!("two solvers, one killed while it searched");
    println!(
        "  another went on after {:>7.2} s    ({attempts} attempts, {holes} holes)",
        resumed.as_secs_f64()
    );
    Ok(format!("worker_kill_resume_s {:.2} s", resumed.as_secs_f64()))
}
