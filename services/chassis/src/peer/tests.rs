//! Real instances on loopback: dead, silent, unwilling, leaving.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use prost::Message;
use proto::leave::v1::CreateLeaveRequest;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::{Code, body::Body, service::Routes};
use tower::{ServiceExt, util::BoxCloneSyncService};

use super::{instance::Patience, remote::Remote};
use crate::{
    App,
    config::{Limits, Target},
    serve,
    testing::eventually,
};

const WRITE: &str = "/mathildanesth.leave.v1.LeaveService/CreateLeave";
const READ: &str = "/mathildanesth.leave.v1.LeaveService/GetLeave";

const WELL: u8 = 0;
const UNWILLING: u8 = 1;
const SILENT: u8 = 2;

const HASTY: Patience = Patience {
    silence: Duration::from_millis(10),
    pause_min: Duration::from_millis(10),
    pause_max: Duration::from_millis(40),
};

struct Server {
    address: String,
    mood: Arc<AtomicU8>,
    calls: Arc<AtomicUsize>,
    stop: CancellationToken,
}

impl Server {
    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn server(mood: u8) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = Server {
        address,
        mood: Arc::new(AtomicU8::new(mood)),
        calls: Arc::default(),
        stop: CancellationToken::new(),
    };
    let app = app(server.mood.clone(), server.calls.clone());
    let stop = server.stop.clone();
    tokio::spawn(async move { serve::serve("test", listener, app, None, &Limits::default(), stop).await });
    server
}

fn app(mood: Arc<AtomicU8>, calls: Arc<AtomicUsize>) -> App {
    let (_, health) = tonic_health::server::health_reporter();
    let health = Routes::default().add_service(health).prepare();
    BoxCloneSyncService::new(tower::service_fn(move |request: Request<Body>| {
        let (mood, calls, health) = (mood.clone(), calls.clone(), health.clone());
        async move {
            let is_health = request.uri().path().starts_with("/grpc.health.");
            calls.fetch_add(usize::from(!is_health), Ordering::Relaxed);
            match mood.load(Ordering::Relaxed) {
                SILENT => std::future::pending().await,
                _ if is_health => health.oneshot(request).await,
                UNWILLING => Ok(answer("14")),
                _ => Ok(answer("0")),
            }
        }
    }))
}

fn answer(status: &'static str) -> Response<Body> {
    let builder = Response::builder().header("content-type", "application/grpc");
    builder.header("grpc-status", status).body(Body::empty()).unwrap()
}

fn remote(addresses: &[&str]) -> Remote {
    let addresses = addresses.iter().map(|&address| address.to_owned()).collect();
    Remote::new(&Target { name: "test".to_owned(), addresses }, None, HASTY).unwrap()
}

/// The code of one call; none when it is given up.
async fn call(remote: &Remote, path: &str, request_id: &str) -> Option<Code> {
    let message = CreateLeaveRequest { request_id: request_id.to_owned(), ..CreateLeaveRequest::default() };
    let mut frame = vec![0];
    frame.extend((message.encoded_len() as u32).to_be_bytes());
    frame.extend(message.encode_to_vec());
    let request = Request::post(format!("http://test{path}"))
        .header("content-type", "application/grpc")
        .body(Body::new(Full::new(Bytes::from(frame))))
        .unwrap();
    match tokio::time::timeout(Duration::from_millis(200), remote.forward(request)).await.ok()? {
        Ok(response) => Some(Code::from_bytes(response.headers()["grpc-status"].as_bytes())),
        Err(status) => Some(status.code()),
    }
}

/// An address where nobody listens.
async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_dead_instance_costs_no_call_and_is_left_out() {
    let (live, dead) = (server(WELL).await, nowhere().await);
    let remote = remote(&[&dead, &live.address]);
    for _ in 0..40 {
        assert_eq!(call(&remote, WRITE, "").await, Some(Code::Ok));
    }
    assert_eq!(live.calls(), 40);
    assert!(remote.instances[0].is_out() && !remote.instances[1].is_out());
}

#[tokio::test]
async fn what_may_have_been_served_is_repeated_only_where_that_is_safe() {
    for (path, request_id, tries) in [(WRITE, "", 1), (WRITE, "0b7e9a52", 2), (READ, "", 2)] {
        let (one, other) = (server(UNWILLING).await, server(UNWILLING).await);
        let remote = remote(&[&one.address, &other.address]);
        assert_eq!(call(&remote, path, request_id).await, Some(Code::Unavailable));
        assert_eq!(one.calls() + other.calls(), tries, "{path} {request_id}");
    }
}

#[tokio::test]
async fn an_unwilling_instance_costs_no_call_that_may_be_repeated() {
    let (unwilling, well) = (server(UNWILLING).await, server(WELL).await);
    let remote = remote(&[&unwilling.address, &well.address]);
    for _ in 0..40 {
        assert_eq!(call(&remote, WRITE, "0b7e9a52").await, Some(Code::Ok));
    }
}

#[tokio::test]
async fn repeating_does_not_double_the_load_when_everything_fails() {
    let (one, other) = (server(UNWILLING).await, server(UNWILLING).await);
    let remote = remote(&[&one.address, &other.address]);
    for _ in 0..400 {
        assert_eq!(call(&remote, READ, "").await, Some(Code::Unavailable));
    }
    let calls = one.calls() + other.calls();
    // A fifth of the calls, and a hundred that the budget starts with.
    assert!((400..=400 + 80 + 101).contains(&calls), "{calls}");
}

#[tokio::test]
async fn a_silent_instance_is_left_out_and_asked_again_once_it_is_well() {
    let (silent, well) = (server(SILENT).await, server(WELL).await);
    let remote = remote(&[&silent.address, &well.address]);
    eventually("the silent one is left out", async || {
        call(&remote, READ, "").await;
        remote.instances[0].is_out().then_some(())
    })
    .await;
    for _ in 0..20 {
        assert_eq!(call(&remote, READ, "").await, Some(Code::Ok));
    }
    silent.mood.store(WELL, Ordering::Relaxed);
    eventually("it is back", async || (!remote.instances[0].is_out()).then_some(())).await;
}

#[tokio::test]
async fn an_instance_that_leaves_fails_no_call() {
    let (leaving, staying) = (server(WELL).await, server(WELL).await);
    let remote = Arc::new(remote(&[&leaving.address, &staying.address]));
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let remote = remote.clone();
        callers.spawn(async move {
            for _ in 0..50 {
                assert_eq!(call(&remote, WRITE, "").await, Some(Code::Ok));
            }
        });
    }
    eventually("calls are under way", async || (leaving.calls() > 20).then_some(())).await;
    leaving.stop.cancel();
    while let Some(caller) = callers.join_next().await {
        caller.unwrap();
    }
    assert!(staying.calls() > 400);
}
