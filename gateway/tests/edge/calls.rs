//! Calls: the three dialects, errors, streams, limits, tokens.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::BodyExt as _;

use crate::client::{frames, reason};
use crate::upstream::message;
use crate::{CUT, GET, GRPC, HANG, LIST, PIECES, TEXT, WATCH, WEB, World};

#[tokio::test]
async fn a_web_call_comes_back_with_its_trailers_in_the_last_frame() {
    let world = World::new().await;
    for browser in [world.http1(), world.http2()] {
        let answer = browser.post(GET, &[WEB, ("authorization", &world.bearer())], message(b"hello")).await;
        assert_eq!(answer.header("content-type"), "application/grpc-web+proto");
        let (messages, trailers) = answer.frames();
        assert_eq!(messages, [Bytes::from_static(b"hello")]);
        assert_eq!(trailers["grpc-status"], "0");
        assert!(answer.trailers.is_empty());
    }
}

#[tokio::test]
async fn a_native_call_comes_back_with_real_trailers() {
    let world = World::new().await;
    let answer =
        world.http2().post(GET, &[GRPC, ("authorization", &world.bearer())], message(b"hello")).await;
    assert_eq!(answer.header("content-type"), "application/grpc");
    assert_eq!(answer.body, message(b"hello"));
    assert_eq!(answer.trailers["grpc-status"], "0");
}

#[tokio::test]
async fn a_text_call_is_base64_both_ways() {
    let world = World::new().await;
    let sent = STANDARD.encode(message(b"hello"));
    let answer = world.http1().post(GET, &[TEXT, ("authorization", &world.bearer())], sent).await;
    assert_eq!(answer.header("content-type"), "application/grpc-web-text+proto");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let pieces = text.split_inclusive("==").flat_map(|piece| piece.split_inclusive('='));
    let mut whole = Vec::new();
    for piece in pieces.filter(|piece| *piece != "=") {
        let padded = piece.len().next_multiple_of(4);
        whole.extend(STANDARD.decode(format!("{piece:=<padded$}")).unwrap());
    }
    let (messages, trailers) = frames(whole.into());
    assert_eq!(messages, [Bytes::from_static(b"hello")]);
    assert_eq!(trailers["grpc-status"], "0");
}

#[tokio::test]
async fn messages_pass_whole_however_the_service_cut_them() {
    let world = World::new().await;
    let answer = world.http1().post(PIECES, &[WEB, ("authorization", &world.bearer())], message(b"")).await;
    let (messages, _) = answer.frames();
    assert_eq!(messages, [Bytes::from_static(b"one"), Bytes::from_static(b"two")]);
}

#[tokio::test]
async fn an_error_stands_in_the_headers_with_its_details() {
    let world = World::new().await;
    for (browser, dialect) in [(world.http1(), WEB), (world.http2(), WEB), (world.http2(), GRPC)] {
        let answer = browser.post(LIST, &[dialect, ("authorization", &world.bearer())], message(b"")).await;
        assert_eq!(answer.refusal(), ("5".to_owned(), "NOT_FOUND".to_owned()));
    }
}

#[tokio::test]
async fn a_service_that_dies_in_the_middle_still_leaves_a_status() {
    let world = World::new().await;
    let answer = world.http1().post(CUT, &[WEB, ("authorization", &world.bearer())], message(b"")).await;
    let (messages, trailers) = answer.frames();
    assert_eq!(messages, [Bytes::from_static(b"half")]);
    assert_eq!(
        (trailers["grpc-status"].to_str().unwrap(), reason(&trailers).as_str()),
        ("14", "PEER_UNAVAILABLE")
    );
    let answer = world.http2().post(CUT, &[GRPC, ("authorization", &world.bearer())], message(b"")).await;
    assert_eq!(answer.trailers["grpc-status"], "14");
}

#[tokio::test]
async fn a_stream_is_passed_on_message_by_message() {
    let world = World::new().await;
    let browser = world.http1();
    let headers = [WEB, ("authorization", &world.bearer())];
    let mut answer = browser.open(http::Method::POST, WATCH, &headers, message(b"")).await;
    // The second message is not said before the first one has been heard.
    let first = answer.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, message(b"first"));
    world.upstream.go_on.notify_one();
    let (messages, trailers) = frames(answer.collect().await.unwrap().to_bytes());
    assert_eq!(messages, [Bytes::from_static(b"second")]);
    assert_eq!(trailers["grpc-status"], "0");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_stream_behind_the_edge() {
    let world = World::new().await;
    let browser = world.http2();
    let headers = [WEB, ("authorization", &world.bearer())];
    let mut answer = browser.open(http::Method::POST, WATCH, &headers, message(b"")).await;
    answer.frame().await.unwrap().unwrap();
    drop(answer);
    tokio::time::timeout(Duration::from_secs(5), world.upstream.dropped.notified()).await.unwrap();
}

#[tokio::test]
async fn a_draining_edge_ends_streams_with_a_status() {
    let world = World::new().await;
    let browser = world.http2();
    let headers = [WEB, ("authorization", &world.bearer())];
    let mut answer = browser.open(http::Method::POST, WATCH, &headers, message(b"")).await;
    answer.frame().await.unwrap().unwrap();
    world.stop.cancel();
    let (messages, trailers) = frames(answer.collect().await.unwrap().to_bytes());
    assert!(messages.is_empty());
    assert_eq!(trailers["grpc-status"], "14");
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused_by_name() {
    let world = World::new().await;
    let sent = message(&vec![7; 10 * 1024 * 1024]);
    for (browser, dialect) in [(world.http1(), WEB), (world.http2(), WEB), (world.http2(), GRPC)] {
        let answer = browser.post(GET, &[dialect, ("authorization", &world.bearer())], sent.clone()).await;
        assert_eq!(answer.refusal(), ("8".to_owned(), "MESSAGE_TOO_LARGE".to_owned()));
    }
    assert!(world.upstream.heard.lock().unwrap().is_empty(), "no service heard of it");
}

#[tokio::test]
async fn a_body_that_is_no_frame_is_refused() {
    let world = World::new().await;
    let answer =
        world.http1().post(GET, &[WEB, ("authorization", &world.bearer())], message(b"cut").slice(..6)).await;
    assert_eq!(answer.header("grpc-status"), "3");
}

#[tokio::test]
async fn what_is_not_offered_is_unimplemented() {
    let world = World::new().await;
    for path in [
        "/mathildanesth.staff.v1.StaffService/Nothing",
        "/mathildanesth.planning.v1.TaskService/LeaseTask",
        "/mathildanesth.notification.v1.TrafficService/ReportTraffic",
        "/mathildanesth.solver.v1.SolverService/Solve",
        "/mathildanesth.planning.v1.PlanningService/ReadCalendarFeed",
        "/mathildanesth.leave.v1.LeaveService/ListAbsences",
        "/mathildanesth.staff.v1.SessionService/ListSigningKeys",
        "/mathildanesth.staff.v1.SessionService/ExchangeIdentity",
        "/nothing",
    ] {
        let answer = world.http1().post(path, &[WEB, ("authorization", &world.bearer())], message(b"")).await;
        assert_eq!(answer.refusal(), ("12".to_owned(), "METHOD_NOT_OFFERED".to_owned()), "{path}");
    }
    assert!(world.upstream.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn only_a_valid_token_is_let_through() {
    let world = World::new().await;
    let (head, rest) = world.token.split_once('.').unwrap();
    let (claims, signature) = rest.rsplit_once('.').unwrap();
    let forged = format!("Bearer {head}.{}.{signature}", claims.chars().rev().collect::<String>());
    for (authorization, expected) in [
        (None, "TOKEN_MISSING"),
        (Some(forged.as_str()), "TOKEN_INVALID"),
        (Some("Bearer nonsense"), "TOKEN_INVALID"),
        (Some("Basic dXNlcjpwYXNz"), "TOKEN_INVALID"),
    ] {
        let mut headers = vec![WEB];
        headers.extend(authorization.map(|value| ("authorization", value)));
        let answer = world.http1().post(GET, &headers, message(b"")).await;
        assert_eq!(answer.refusal(), ("16".to_owned(), expected.to_owned()), "{authorization:?}");
    }
    assert!(world.upstream.heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over() {
    let world = World::new().await;
    let headers = [WEB, ("authorization", &world.bearer())];
    assert_eq!(world.http1().post(GET, &headers, message(b"")).await.frames().1["grpc-status"], "0");
    world.clock.advance(jiff::SignedDuration::from_mins(11));
    let answer = world.http1().post(GET, &headers, message(b"")).await;
    assert_eq!(answer.refusal(), ("16".to_owned(), "TOKEN_EXPIRED".to_owned()));
}

#[tokio::test]
async fn a_call_is_answered_by_its_deadline() {
    let world = World::new().await;
    let headers = [WEB, ("authorization", &world.bearer()), ("grpc-timeout", "50m")];
    let answer = world.http2().post(HANG, &headers, message(b"")).await;
    assert_eq!(answer.refusal(), ("4".to_owned(), "DEADLINE_EXCEEDED".to_owned()));
    let answer = world.http2().post(WATCH, &headers, message(b"")).await;
    let (messages, trailers) = answer.frames();
    assert_eq!(messages, [Bytes::from_static(b"first")]);
    assert_eq!(trailers["grpc-status"], "4");
}

#[tokio::test]
async fn a_service_hears_what_it_must_and_nothing_else() {
    let world = World::new().await;
    let headers = [
        WEB,
        ("authorization", &world.bearer()),
        ("accept-language", "fr"),
        ("x-request-id", "request-0001"),
        ("x-principal", "hospitals/h/staffMembers/somebody-else"),
        ("cookie", "theme=dark"),
        ("grpc-timeout", "1H"),
    ];
    let answer = world.http1().post(GET, &headers, message(b"")).await;
    assert_eq!(answer.header("x-request-id"), "request-0001");
    let heard = world.upstream.last();
    assert_eq!(heard["authorization"], world.bearer());
    assert_eq!(heard["accept-language"], "fr");
    assert_eq!(heard["x-request-id"], "request-0001");
    assert_eq!(heard["content-type"], "application/grpc");
    assert!(!heard.contains_key("x-principal") && !heard.contains_key("cookie"));
    let left: u32 = heard["grpc-timeout"].to_str().unwrap().strip_suffix('m').unwrap().parse().unwrap();
    assert!((1..=30_000).contains(&left), "capped, and less the time spent: {left}");
}
