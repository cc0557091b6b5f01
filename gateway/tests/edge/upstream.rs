//! A service behind the edge that says exactly what a test wants to hear, byte by byte.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::{BufMut, Bytes, BytesMut};
use chassis::{App, Problem};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use prost::Message;
use proto::notification::v1::ReportTrafficRequest;
use proto::planning::v1 as pb;
use tokio::sync::{Notify, mpsc};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;

/// The secret of the one calendar there is.
pub const FEED_TOKEN: &str = "an-unguessable-secret";

/// What the upstream heard, and how a test holds it back.
#[derive(Clone, Default)]
pub struct Upstream {
    /// The headers of every request.
    pub heard: Arc<Mutex<Vec<HeaderMap>>>,
    /// Lets a stream say its second message.
    pub go_on: Arc<Notify>,
    /// Rings when the upstream's answer is dropped.
    pub dropped: Arc<Notify>,
    /// How many calls the edge says there were. Not among what was heard: no client asked.
    pub reports: Arc<Mutex<Vec<ReportTrafficRequest>>>,
    /// Whether reports are taken at all.
    pub is_deaf: Arc<AtomicBool>,
}

impl Upstream {
    /// The upstream as a service of the mesh.
    pub fn app(&self) -> App {
        let upstream = self.clone();
        BoxCloneSyncService::new(tower::service_fn(move |request| {
            let upstream = upstream.clone();
            async move { Ok::<_, Infallible>(upstream.answer(request).await) }
        }))
    }

    /// The headers of the last request.
    pub fn last(&self) -> HeaderMap {
        self.heard.lock().unwrap().last().cloned().unwrap_or_default()
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        if request.uri().path().ends_with("/ReportTraffic") {
            return self.report(request).await;
        }
        self.heard.lock().unwrap().push(request.headers().clone());
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let frame = request.into_body().collect().await.unwrap().to_bytes();
        match method.as_str() {
            "GetStaffMember" => whole(vec![Frame::data(frame), ok()]),
            "ListStaffMembers" => Status::from(Problem::not_found("Hospital", "hospitals/h")).into_http(),
            "GetSite" => std::future::pending().await,
            "GetSector" => whole(vec![Frame::data(message(b"half"))]),
            "ListRooms" => whole(vec![
                Frame::data(message(b"one").slice(..3)),
                Frame::data(message(b"one").slice(3..)),
                Frame::data(message(b"two")),
                ok(),
            ]),
            "WatchOperation" => self.stream(),
            "CreateSession" | "RefreshSession" => signed_in(),
            "DeleteSession" => whole(vec![Frame::data(message(b"")), ok()]),
            "ReadCalendarFeed" => feed(&frame),
            other => Status::not_found(format!("the fake does not know {other}")).into_http(),
        }
    }

    async fn report(&self, request: Request<Body>) -> Response<Body> {
        assert!(!request.headers().contains_key("authorization"), "the edge speaks for itself");
        if self.is_deaf.load(Ordering::Relaxed) {
            return Status::unavailable("not now").into_http();
        }
        let frame = request.into_body().collect().await.unwrap().to_bytes();
        self.reports.lock().unwrap().push(ReportTrafficRequest::decode(frame.slice(5..)).unwrap());
        whole(vec![Frame::data(message(b"")), ok()])
    }

    fn stream(&self) -> Response<Body> {
        let (sender, receiver) = mpsc::channel(1);
        let (go_on, dropped) = (self.go_on.clone(), self.dropped.clone());
        tokio::spawn(async move {
            let _ = sender.send(Frame::data(message(b"first"))).await;
            tokio::select! {
                () = go_on.notified() => {
                    let _ = sender.send(Frame::data(message(b"second"))).await;
                    let _ = sender.send(ok()).await;
                }
                () = sender.closed() => {}
            }
            dropped.notify_one();
        });
        respond(Body::new(StreamBody::new(ReceiverStream::new(receiver).map(Ok::<_, Status>))))
    }
}

/// A message inside its gRPC frame.
pub fn message(bytes: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(u32::try_from(bytes.len()).unwrap());
    frame.put_slice(bytes);
    frame.freeze()
}

fn ok() -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    Frame::trailers(trailers)
}

fn whole(frames: Vec<Frame<Bytes>>) -> Response<Body> {
    respond(Body::new(StreamBody::new(tokio_stream::iter(frames.into_iter().map(Ok::<_, Status>)))))
}

fn respond(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

fn signed_in() -> Response<Body> {
    let mut response = whole(vec![Frame::data(message(b"session")), ok()]);
    for (name, value) in [
        ("x-mathildanesth-access-token", "new-access"),
        ("x-mathildanesth-access-max-age", "600"),
        ("x-mathildanesth-refresh-token", "new-refresh"),
        ("x-mathildanesth-refresh-max-age", "86400"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn feed(frame: &Bytes) -> Response<Body> {
    let asked = pb::ReadCalendarFeedRequest::decode(frame.slice(5..)).unwrap();
    if asked.token != FEED_TOKEN {
        return Status::from(Problem::not_found("CalendarFeed", "-")).into_http();
    }
    let content =
        if asked.etag == "7" { Vec::new() } else { b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_vec() };
    let answer = pb::ReadCalendarFeedResponse { content, etag: "\"7\"".to_owned() };
    whole(vec![Frame::data(message(&answer.encode_to_vec())), ok()])
}
