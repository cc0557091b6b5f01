//! The story as it is, on the all-in-one and on the mesh form.

use integration_tests::{mesh::Mesh, process::Process};
use mathildanesth::demo::{self, story::Story};
use std::{process::Command, time::Duration};

use super::{AllInOne, PATIENCE, administrator, invariants, play};

#[tokio::test(flavor = "multi_thread")]
async fn the_all_in_one_plays_the_story_and_keeps_every_promise() {
    let whole = AllInOne::start();
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    story.play_all().await.unwrap();
    invariants::hold(&story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mesh_form_plays_the_same_story_with_two_of_each() {
    let mut mesh = tokio::task::spawn_blocking(|| Mesh::start(2, &administrator()).unwrap()).await.unwrap();
    let setting = demo::setting(&play(), &mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let mut story = Story::new(setting, |_| ());
    story.play_all().await.unwrap();
    invariants::hold(&story).await;
    tokio::task::spawn_blocking(move || mesh.stop().unwrap()).await.unwrap();
}

#[test]
fn an_unknown_setting_is_refused_with_exit_64_by_every_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[server]\nlistn = \"127.0.0.1:1\"\n").unwrap();
    for service in mathildanesth::certs::SERVICES {
        let mut command = Command::new(integration_tests::mesh::program(service).unwrap());
        let output = command.arg("--config").arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{service}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("listn"), "{service} does not name the key");
    }
}

#[test]
fn sigterm_drains_the_all_in_one_within_its_limit() {
    let mut whole = AllInOne::start();
    let status = Process::terminate(&mut whole.process, Duration::from_secs(25)).unwrap();
    assert!(status.success(), "{status}");
}
