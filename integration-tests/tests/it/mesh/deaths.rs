//! One test for each of the seven: its process dies in the middle of the story, comes back, and nothing that was
//! acknowledged is lost.

use std::sync::mpsc;

use integration_tests::mesh::Mesh;
use mathildanesth::demo::{
    self,
    story::{Step, Story},
};

use super::{AllInOne, PATIENCE, administrator, invariants, play};

/// Plays the story; `service` dies as `step` begins, while its calls are under way, and is started again.
async fn survives(service: &'static str, steps: &'static [Step]) {
    let mesh = tokio::task::spawn_blocking(|| Mesh::start(1, &administrator()).unwrap()).await.unwrap();
    let setting = demo::setting(&play(), &mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let (strike, struck) = mpsc::channel::<()>();
    // The reaper owns the mesh; it ends with the last strike and hands the mesh back.
    let reaper = std::thread::spawn(move || {
        let mut mesh = mesh;
        for () in struck {
            mesh.kill(service);
            mesh.restart(service).unwrap();
        }
        mesh
    });
    let mut story = Story::new(setting, |_| ());
    for step in Step::ALL {
        if steps.contains(&step) {
            strike.send(()).unwrap();
        }
        story.play(step).await.unwrap();
    }
    drop(strike);
    let mesh = tokio::task::spawn_blocking(move || reaper.join().unwrap()).await.unwrap();
    invariants::hold(&story).await;
    drop(mesh);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_dies_and_nothing_acknowledged_is_lost() {
    survives("staff", &[Step::SignIn, Step::Generate]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_dies_and_nothing_acknowledged_is_lost() {
    survives("leave", &[Step::RequestLeave, Step::DecideLeave, Step::Publish]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn planning_dies_and_nothing_acknowledged_is_lost() {
    survives("planning", &[Step::ApplyTemplate, Step::Generate, Step::Publish]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notification_dies_and_nothing_acknowledged_is_lost() {
    survives("notification", &[Step::Publish]).await;
}

/// The solver dies only once it holds the task and searches: the generation must be begun again by the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_solver_dies_and_nothing_acknowledged_is_lost() {
    let mesh = tokio::task::spawn_blocking(|| Mesh::start(1, &administrator()).unwrap()).await.unwrap();
    let longer = demo::Play { steps: 400_000, ..play() };
    let setting = demo::setting(&longer, &mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let (strike, struck) = mpsc::channel::<()>();
    let reaper = std::thread::spawn(move || {
        let mut mesh = mesh;
        if struck.recv().is_ok() {
            mesh.kill("solver");
            mesh.restart("solver").unwrap();
        }
        mesh
    });
    let mut story = Story::new(setting, move |line| {
        if line.contains("solving") {
            // The reaper strikes once and then no longer listens.
            let _ = strike.send(());
        }
    });
    story.play_all().await.unwrap();
    assert!(story.outcome.attempts > 1, "the solver died before it searched, or after");
    let mesh = tokio::task::spawn_blocking(move || reaper.join().unwrap()).await.unwrap();
    invariants::hold(&story).await;
    drop(mesh);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_dies_and_nothing_acknowledged_is_lost() {
    survives("gateway", &[Step::ImportDepartment, Step::Generate, Step::Publish]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_all_in_one_dies_and_nothing_acknowledged_is_lost() {
    let whole = AllInOne::start();
    let setting = demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap();
    let (strike, struck) = mpsc::channel::<()>();
    let reaper = std::thread::spawn(move || {
        let mut whole = whole;
        for () in struck {
            whole.die_and_come_back();
        }
        whole
    });
    let mut story = Story::new(setting, |_| ());
    for step in Step::ALL {
        if [Step::SignIn, Step::DecideLeave, Step::Generate, Step::Publish].contains(&step) {
            strike.send(()).unwrap();
        }
        story.play(step).await.unwrap();
    }
    drop(strike);
    let whole = tokio::task::spawn_blocking(move || reaper.join().unwrap()).await.unwrap();
    invariants::hold(&story).await;
    drop(whole);
}
