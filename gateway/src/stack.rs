//! The edge, read top to bottom: origin headers → id → trace → table → shed → origin → session → deadline →
//! message → service → cookies → relay.

use std::sync::Arc;

use chassis::auth::{Person, Verifier};
use chassis::places::{Place, Places};
use chassis::{App, Clock, Peer};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tower::Layer as _;
use tower::util::BoxCloneSyncService;
use tracing::Instrument as _;

use crate::dialect::Dialect;
use crate::metrics::Call;
use crate::origin::Origins;
use crate::proxy::{Outgoing, REQUEST_ID};
use crate::refusal::Refusal;
use crate::relay::Relay;
use crate::routes::{Route, SESSIONS, Table};
use crate::session::{self, Credentials};
use crate::traffic::Traffic;
use crate::{calendar, deadline, intake, proxy};

/// Everything the edge decides by. Of one call it remembers nothing in the next, but that there was one.
pub struct Edge {
    /// What is offered.
    pub table: Table,
    /// Who reads calendars.
    pub planning: Peer,
    /// Which pages may call.
    pub origins: Origins,
    /// Who is who.
    pub verifier: Verifier,
    /// What time it is for tokens.
    pub clock: Clock,
    /// How long calls may take.
    pub deadlines: deadline::Limits,
    /// The largest message.
    pub message_bytes_max: usize,
    /// Unary calls at once.
    pub calls: Arc<Places>,
    /// Streams at once; they stay long, so they must not take the calls' places.
    pub streams: Arc<Places>,
    /// Set when the process drains.
    pub stop: CancellationToken,
    /// How many calls there are.
    pub traffic: Arc<Traffic>,
}

/// The answer of a service, and what it is relayed under.
struct Answered {
    response: Response<Body>,
    deadline: Option<Instant>,
    place: Place,
}

/// The edge as the transport sees it.
pub fn app(edge: Edge) -> App {
    let cors = edge.origins.layer();
    let edge = Arc::new(edge);
    let inner = tower::service_fn(move |request| {
        let edge = edge.clone();
        async move { Ok(edge.answer(request).await) }
    });
    BoxCloneSyncService::new(cors.layer(inner))
}

impl Edge {
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let request_id = request_id(request.headers());
        let span = tracing::info_span!(
            "call",
            otel.kind = "server",
            request_id = request_id.to_str().unwrap_or_default(),
            trace_id = tracing::field::Empty,
            rpc.service = tracing::field::Empty,
            rpc.method = tracing::field::Empty,
        );
        let parent = request.headers().get("traceparent").and_then(|parent| parent.to_str().ok());
        chassis::telemetry::adopt(&span, parent.unwrap_or_default());
        let mut response = self.dispatch(request, &request_id).instrument(span.clone()).await;
        span.in_scope(|| tracing::debug!("call answered"));
        response.headers_mut().insert(REQUEST_ID, request_id);
        response
    }

    async fn dispatch(&self, request: Request<Body>, request_id: &HeaderValue) -> Response<Body> {
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return match calendar::token(request.uri().path()) {
                Some(token) => {
                    calendar::feed(self.planning.clone(), token, request.headers(), request_id).await
                }
                None => plain(StatusCode::NOT_FOUND, "there is no such page"),
            };
        }
        if request.method() != Method::POST {
            return plain(StatusCode::METHOD_NOT_ALLOWED, "gRPC calls are posted");
        }
        let Some(dialect) = Dialect::of(request.headers().get(CONTENT_TYPE)) else {
            let offered = "expected application/grpc, application/grpc-web or application/grpc-web-text";
            return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, offered);
        };
        if dialect == Dialect::Grpc && request.version() != Version::HTTP_2 {
            return plain(StatusCode::BAD_REQUEST, "application/grpc needs HTTP/2");
        }
        match self.call(request, dialect, request_id).await {
            Ok(response) => response,
            Err(refusal) => refusal.answer(dialect),
        }
    }

    async fn call(
        &self,
        request: Request<Body>,
        dialect: Dialect,
        request_id: &HeaderValue,
    ) -> Result<Response<Body>, Refusal> {
        let started = Instant::now();
        let (head, body) = request.into_parts();
        let route = self.table.find(head.uri.path()).ok_or_else(Refusal::not_offered)?;
        let span = tracing::Span::current();
        span.record("rpc.service", route.service).record("rpc.method", route.method);
        let mut call = Call::start(route.service, route.method, started);
        match self.ask(route, &head, body, dialect, request_id, started).await {
            Err(refusal) => {
                call.failed(refusal.code());
                Err(refusal)
            }
            Ok(Answered { mut response, deadline, place }) => {
                response.headers_mut().insert(CONTENT_TYPE, dialect.content_type());
                let drain = route.is_stream.then(|| self.stop.clone());
                Ok(Relay::answer(response, dialect, deadline, drain, call, place))
            }
        }
    }

    async fn ask(
        &self,
        route: &Route,
        head: &http::request::Parts,
        body: Body,
        dialect: Dialect,
        request_id: &HeaderValue,
        started: Instant,
    ) -> Result<Answered, Refusal> {
        let places = if route.is_stream { &self.streams } else { &self.calls };
        let place = places.take().ok_or_else(Refusal::overloaded)?;
        // Streams stay long and mostly wait: how many there may be says nothing about who is busy.
        if !route.is_stream {
            place.line().await;
        }
        let mut credentials = Credentials::of(&head.headers);
        if !self.origins.permit(&head.headers, &head.uri, credentials.is_cookie) {
            return Err(Refusal::foreign_origin());
        }
        if let Some(person) = self.authenticate(route, &mut credentials).await? {
            self.traffic.count(&person.hospital);
        }
        let deadline = deadline::of(&head.headers, self.deadlines, route.is_stream, started);
        let taken_by = deadline.unwrap_or(started + self.deadlines.max);
        let frame = tokio::time::timeout_at(taken_by, intake::read(body, dialect, self.message_bytes_max))
            .await
            .map_err(|_| Refusal::deadline_exceeded())??;
        let is_session = route.service == SESSIONS;
        let outgoing = Outgoing {
            path: head.uri.path(),
            headers: &head.headers,
            credentials: &credentials,
            is_session,
            request_id,
            deadline,
        };
        let mut response = proxy::forward(route.peer.clone(), &outgoing, frame).await?;
        // As in the services: a refusal, whose code is in the head, says nothing of how soon others are answered.
        if !route.is_stream && !response.headers().contains_key("grpc-status") {
            place.answered(taken_by.saturating_duration_since(started));
        }
        session::set_cookies(response.headers_mut());
        let is_signed_out = is_session && route.method == "DeleteSession" && credentials.is_cookie;
        if is_signed_out && !response.headers().contains_key("grpc-status") {
            session::clear_cookies(response.headers_mut());
        }
        Ok(Answered { response, deadline, place })
    }

    /// Lets a verified token through, untouched. A method that needs none does not hear of one that does not
    /// hold: an expired cookie must not keep its owner from refreshing it.
    async fn authenticate(
        &self,
        route: &Route,
        credentials: &mut Credentials,
    ) -> Result<Option<Arc<Person>>, Refusal> {
        let Some(token) = &credentials.access else {
            return if route.is_anonymous { Ok(None) } else { Err(Refusal::token_missing()) };
        };
        match self.verifier.verify(token, self.clock.now()).await {
            Ok(person) => Ok(Some(person)),
            Err(_) if route.is_anonymous => {
                credentials.access = None;
                Ok(None)
            }
            Err(problem) => Err(problem.into()),
        }
    }
}

/// The client's id of the call if it is one, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let is_id = |value: &&HeaderValue| {
        (8..=64).contains(&value.len())
            && value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    headers.get(REQUEST_ID).filter(is_id).cloned().unwrap_or_else(|| {
        HeaderValue::from_str(&uuid::Uuid::now_v7().to_string()).unwrap_or(HeaderValue::from_static("none"))
    })
}

fn plain(status: StatusCode, reason: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(bytes::Bytes::from_static(reason.as_bytes()))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
