//! What an operator sees of the mesh: honest probes, metrics, one trace from the edge to the last consumer, and no
//! name of a person.

use std::time::Duration;

use integration_tests::{
    http,
    mesh::{Mesh, is_ready},
};
use mathildanesth::demo::{
    self,
    story::{Step, Story},
};

use super::{PATIENCE, administrator, play};

/// The values of one field in JSON log lines that mention `what`.
fn values<'a>(log: &'a str, what: &str, field: &str) -> Vec<&'a str> {
    let mark = format!("\"{field}\":\"");
    let lines = log.lines().filter(|line| line.contains(what));
    lines.filter_map(|line| line.split(&mark).nth(1)?.split('"').next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_leads_from_the_edge_to_the_notification_and_no_log_names_a_person() {
    let mesh = tokio::task::spawn_blocking(|| Mesh::start(1, &administrator()).unwrap()).await.unwrap();
    let setting = demo::setting(&play(), &mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let mut story = Story::new(setting, |_| ());
    for step in
        [Step::ImportDepartment, Step::SignIn, Step::LoadHolidays, Step::RequestLeave, Step::DecideLeave]
    {
        story.play(step).await.unwrap();
    }
    let traced = || {
        let (leave, edge) = (mesh.log("leave").unwrap(), mesh.log("gateway").unwrap());
        let told = mesh.log("notification").unwrap();
        let approvals = values(&leave, "ApproveLeave", "trace_id");
        let events = values(&told, "leave.v1.LeaveApproved", "trace_id");
        let calls = values(&edge, "ApproveLeave", "trace_id");
        let whole = approvals.iter().find(|id| events.contains(id) && calls.contains(id));
        whole.map(|id| (*id).to_owned())
    };
    let id = chassis::testing::eventually("one trace over three processes", || async { traced() }).await;
    assert!(id.len() == 32 && id.bytes().any(|b| b != b'0'), "{id}");

    for service in mathildanesth::certs::SERVICES {
        let log = mesh.log(service).unwrap();
        for person in story.outcome.people.values() {
            assert!(!log.contains(&person.family_name), "{service} logs a family name");
            assert!(!log.contains(&person.email), "{service} logs an e-mail address");
        }
        let (_, admin) = mesh.ports(service).unwrap();
        assert!(http::is_ok(admin, "/livez"));
        let (_, metrics) = http::get(admin, "/metrics").unwrap();
        assert!(metrics.contains("mathildanesth_worker_runs_total"), "{service} exposes no metrics");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_database_is_seen_and_a_live_one_again() {
    let seen = tokio::task::spawn_blocking(|| {
        let mut mesh = Mesh::start(1, &administrator()).unwrap();
        let (_, admin) = mesh.ports("leave").unwrap();
        let until = |ready: bool| {
            (0..600).any(|_| {
                is_ready(admin) == ready || {
                    pause();
                    false
                }
            })
        };
        assert!(until(true));
        mesh.backends.postgres.kill();
        let dead = until(false);
        let alive = http::is_ok(admin, "/livez");
        mesh.backends.postgres.restart().unwrap();
        (dead, alive, until(true))
    });
    assert_eq!(
        seen.await.unwrap(),
        (true, true, true),
        "(unready without it, alive without it, ready with it)"
    );
}

fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}
