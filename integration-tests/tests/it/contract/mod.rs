//! Every method × every role × another hospital's token, through a local peer and through a TLS peer; and the bad
//! tokens that no method accepts.

mod house;
mod law;
pub mod probe;

use std::fmt::Write;

use chassis::Role;
use prost_reflect::MethodDescriptor;
use tonic::Code;

use house::{House, Reach};
use probe::{HOSPITAL, PERSON};

/// The services of the mesh and who runs it, as callers.
const SYSTEMS: [&str; 7] = ["staff", "leave", "planning", "notification", "solver", "gateway", "operator"];

/// The services that consume events, each of which answers for its own dead letters.
const CONSUMERS: [&str; 4] = ["staff", "leave", "planning", "notification"];

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_those_of_the_table_through_a_local_peer() {
    insta::assert_snapshot!("permissions", table(Reach::Local).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_those_of_the_table_through_a_tls_peer() {
    insta::assert_snapshot!("permissions", table(Reach::Tls).await);
}

/// Who may call what: one line a method.
async fn table(reach: Reach) -> String {
    let house = House::build(reach).await;
    let mut table = String::new();
    for method in probe::methods() {
        let mut lines = vec![];
        for home in homes(&method) {
            lines.push(line(&house, &method, home).await);
        }
        lines.dedup();
        let [line] = lines.as_slice() else { panic!("{} differs: {lines:?}", probe::path(&method)) };
        writeln!(table, "{:<62} {line}", probe::path(&method).trim_start_matches("/mathildanesth.")).unwrap();
    }
    table
}

/// The services that answer a method.
fn homes(method: &MethodDescriptor) -> Vec<&'static str> {
    let package = method.parent_service().package_name().to_owned();
    match package.as_str() {
        "mathildanesth.event.v1" => CONSUMERS.to_vec(),
        _ => SYSTEMS.into_iter().filter(|system| package.contains(&format!(".{system}."))).collect(),
    }
}

async fn line(house: &House, method: &MethodDescriptor, home: &'static str) -> String {
    // The gateway has no permission of its own but the few that the table shows.
    let peer = house.peer("gateway", home);
    let mut allowed: Vec<String> = vec![];
    let without = probe::call(&peer, method, None).await;
    if is_allowed(method, without) {
        allowed.push("anybody".to_owned());
    }
    let own = house.identity.token(HOSPITAL, PERSON, "MAR", &[]);
    if is_allowed(method, probe::call(&peer, method, Some(&own)).await) {
        allowed.push("own".to_owned());
    }
    for role in Role::ALL {
        let token = house.identity.token(HOSPITAL, "another", "MAR", &[role]);
        if is_allowed(method, probe::call(&peer, method, Some(&token)).await) {
            allowed.push(format!("{role:?}"));
        }
    }
    for system in SYSTEMS {
        let peer = house.peer(system, home);
        if is_allowed(method, probe::call(&peer, method, None).await) {
            allowed.push(format!("service:{system}"));
        }
    }
    let foreign = house.identity.token("h2", PERSON, "MAR", &[Role::SuperAdministrator]);
    let code = probe::call(&peer, method, Some(&foreign)).await;
    let is_public = allowed.iter().any(|who| who == "anybody");
    assert!(
        is_public || probe::is_about_the_caller(method) || code == Code::PermissionDenied,
        "{} answers {code:?} to another hospital",
        probe::path(method)
    );
    if allowed.is_empty() { "nobody".to_owned() } else { allowed.join(" ") }
}

fn is_allowed(method: &MethodDescriptor, code: Code) -> bool {
    assert!(
        !matches!(
            code,
            Code::Internal | Code::Unknown | Code::Unimplemented | Code::Unavailable | Code::DeadlineExceeded
        ),
        "{} answers {code:?} to a probe",
        probe::path(method)
    );
    !matches!(code, Code::PermissionDenied | Code::Unauthenticated)
}

#[test]
fn what_a_read_only_window_closes_is_what_changes_something() {
    let methods = probe::methods();
    let closed = methods.iter().map(probe::path).filter(|path| !chassis::read_only::is_open(path));
    let lines: Vec<String> =
        closed.map(|path| path.trim_start_matches("/mathildanesth.").to_owned()).collect();
    insta::assert_snapshot!("closed_in_a_window", lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_an_expired_and_a_missing_token_are_refused_by_every_service() {
    let house = House::build(Reach::Tls).await;
    let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
    let expired = chassis::testing::Identity::new(long_ago).token(HOSPITAL, PERSON, "MAR", &Role::ALL);
    let good = house.identity.token(HOSPITAL, PERSON, "MAR", &Role::ALL);
    let mut forged = good.clone();
    // Another signature of the same length.
    let last = if forged.ends_with('A') { 'B' } else { 'A' };
    forged.replace_range(forged.len() - 20..forged.len() - 19, &last.to_string());
    let unsigned = good.rsplit_once('.').unwrap().0.to_owned() + ".";
    for method in probe::methods() {
        let open = [
            "CreateSession",
            "RefreshSession",
            "ListSigningKeys",
            "ReadCalendarFeed",
            "RedeemReplacementToken",
        ];
        if open.contains(&method.name()) {
            continue;
        }
        for home in homes(&method) {
            let peer = house.peer("gateway", home);
            for token in [&expired, &forged, &unsigned] {
                let code = probe::call(&peer, &method, Some(token)).await;
                assert_eq!(code, Code::Unauthenticated, "{}", probe::path(&method));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_answers_health_and_describes_itself() {
    use tonic_health::pb::{
        HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
    };
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };

    let house = House::build(Reach::Tls).await;
    for service in ["staff", "leave", "planning", "notification", "solver"] {
        let peer = house.peer("gateway", service);
        let health = HealthClient::new(peer.clone()).check(HealthCheckRequest::default()).await.unwrap();
        assert_eq!(health.into_inner().status(), ServingStatus::Serving, "{service}");

        let ask = ServerReflectionRequest {
            message_request: Some(MessageRequest::ListServices(String::new())),
            ..Default::default()
        };
        let asked = tokio_stream::iter([ask]);
        let answers = ServerReflectionClient::new(peer).server_reflection_info(asked).await.unwrap();
        let answer = answers.into_inner().message().await.unwrap().unwrap();
        let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
            panic!("{service} does not list its services");
        };
        let package = format!("mathildanesth.{service}.v1.");
        assert!(list.service.iter().any(|known| known.name.starts_with(&package)), "{service}: {list:?}");
    }
}
