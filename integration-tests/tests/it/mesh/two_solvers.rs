//! Two solvers: one is killed while it searches, the other goes on from the last checkpoint.

use std::sync::mpsc;

use integration_tests::{mesh::Mesh, solver_death};
use mathildanesth::demo::{self, Play, story::Story};

use super::{PATIENCE, administrator, invariants, play};

#[tokio::test(flavor = "multi_thread")]
async fn when_one_of_two_solvers_dies_the_other_goes_on_from_its_checkpoint() {
    let two = |service: &str| if service == "solver" { 2 } else { 1 };
    let mesh =
        tokio::task::spawn_blocking(move || Mesh::start_with(two, &administrator()).unwrap()).await.unwrap();
    let longer = Play { steps: 600_000, ..play() };
    let setting = demo::setting(&longer, &mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let (strike, struck) = mpsc::channel::<()>();
    let reaper = std::thread::spawn(move || {
        let mut mesh = mesh;
        if struck.recv().is_ok() {
            solver_death::kill_searching(&mut mesh).unwrap();
        }
        mesh
    });
    let mut story = Story::new(setting, move |line| {
        // A score is known: there is a roster to save.
        if line.contains("solving") && line.contains('[') {
            // The reaper strikes once and then no longer listens.
            let _ = strike.send(());
        }
    });
    story.play_all().await.unwrap();
    assert!(story.outcome.attempts > 1, "the solver died before it searched, or after");
    let mesh = tokio::task::spawn_blocking(move || reaper.join().unwrap()).await.unwrap();
    let leased: Vec<usize> =
        mesh.logs("solver").unwrap().iter().map(|log| log.matches("search begins").count()).collect();
    assert_eq!(leased, [1, 1], "each solver began it once");
    invariants::hold(&story).await;
    drop(mesh);
}
