//! What services do together that none does alone.

use std::convert::Infallible;

use chassis::{
    Role,
    testing::{Identity, eventually, with_token},
    worker,
};
use durable::DbConfig;
use jiff::SignedDuration;
use proto::notification::v1::{
    GetBannerRequest, SuggestMaintenanceWindowsRequest, SuggestMaintenanceWindowsResponse,
    notification_service_client::NotificationServiceClient,
};
use tonic::{Request, Status};
use tower::{service_fn, util::BoxCloneSyncService};

use super::*;

const HOSPITAL: &str = "hospitals/chu";

/// A neighbor that is away.
fn nobody() -> Neighbor {
    let app = service_fn(|_| async { Ok::<_, Infallible>(Status::unavailable("not here").into_http()) });
    Neighbor { name: "nobody", app: BoxCloneSyncService::new(app) }
}

/// By the administrator, signed in anew however late it is.
fn by_administrator<M>(clock: &Clock, message: M) -> Request<M> {
    let identity = Identity::new(clock.now());
    with_token(message, &identity.token("chu", "boss", "MAR", &[Role::SuperAdministrator]))
}

fn moment(text: &str) -> Option<prost_types::Timestamp> {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Some(prost_types::Timestamp { seconds: moment.as_second(), nanos: 0 })
}

#[tokio::test]
async fn windows_are_suggested_by_what_the_gateway_counted() {
    // A Monday.
    let clock = Clock::fixed("2026-11-02T00:00:00Z".parse().unwrap());
    let (stop, folder) = (CancellationToken::new(), tempfile::tempdir().unwrap());
    let keys = || Identity::new(clock.now()).keys();
    let mut mesh = Mesh::new(clock.clone(), stop.clone());

    let url = format!("sqlite://{}/notification.sqlite", folder.path().display());
    let db = Db::open(&DbConfig::at(url), notification::Migrator).await.unwrap().with_clock(clock.clone());
    let deps = notification::Deps {
        db,
        bus: Bus::local(),
        staff: nobody().peer(Notification::NAME),
        clock: clock.clone(),
        keys: keys(),
    };
    let config = notification::Config::default();
    let notification = mesh.add::<Notification>(Server::default(), config, deps).await.unwrap();
    let deps = gateway::Deps {
        staff: nobody().peer(Gateway::NAME),
        leave: nobody().peer(Gateway::NAME),
        planning: nobody().peer(Gateway::NAME),
        notification: notification.peer(Gateway::NAME),
        clock: clock.clone(),
        stop: stop.clone(),
        keys: keys(),
    };
    let gateway = mesh.add::<Gateway>(Server::default(), gateway::Config::default(), deps).await.unwrap();
    let workers = mesh.launches.into_iter().flat_map(|(_, launch)| launch.workers).collect();
    let _workers = worker::spawn(workers, &stop);

    let mut browser = NotificationServiceClient::new(gateway.peer(""));
    for hour in 0..8 * 24 {
        let calls = if hour % 24 == 2 { 1 } else { 3 };
        for _ in 0..calls {
            let request = GetBannerRequest { name: format!("{HOSPITAL}/banner") };
            browser.get_banner(by_administrator(&clock, request)).await.unwrap();
        }
        clock.advance(SignedDuration::from_hours(1));
    }
    clock.advance(SignedDuration::from_mins(5));
    let request = SuggestMaintenanceWindowsRequest {
        parent: HOSPITAL.to_owned(),
        length_minutes: 60,
        not_before_time: moment("2026-11-11T00:00:00Z"),
        not_after_time: moment("2026-11-12T00:00:00Z"),
        window_count_max: 1,
    };
    let found = eventually("all hours are told", async || {
        let mut browser = browser.clone();
        let answer = browser.suggest_maintenance_windows(by_administrator(&clock, request.clone())).await;
        let found: Option<SuggestMaintenanceWindowsResponse> = answer.ok().map(tonic::Response::into_inner);
        found.filter(|found| found.seen_hour_count == 8 * 24)
    })
    .await;
    let window = &found.maintenance_windows[0];
    assert_eq!((window.start_time, window.expected_call_count), (moment("2026-11-11T02:00:00Z"), 1));
    assert_eq!((found.usual_call_count, window.seen_week_count), (3, 1));
    stop.cancel();
}
