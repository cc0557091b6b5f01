//! What every call passes on its way in, top to bottom: id → trace → admission → identity → read-only window →
//! deadline → handler → the form of an error.

use std::{
    cell::Cell,
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, Request, Response};
use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use proto::error::v1::Reason;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, body::Body, service::Routes};
use tower::{Service, ServiceExt};
use tracing::{Instrument, field};

use crate::{
    Clock, Ctx, KeySource, Locale, Principal, Problem, access::Access, auth::Verifier, config::Limits,
    ctx::SHOWN, metrics as names, places::Places, read_only::ReadOnly, telemetry, tls::PeerIdentity,
};

tokio::task_local! {
    static CALL: Call;
}

/// How old the answer may be, in milliseconds; absent when it is as fresh as its service's database.
pub const STALENESS: HeaderName = HeaderName::from_static("mathildanesth-staleness-ms");

struct Call {
    service: &'static str,
    request_id: Arc<str>,
    /// Of what was read for the answer: the oldest age.
    staleness: Cell<Option<Duration>>,
}

/// How long a caller who was turned away had better wait, but for chance.
pub const RETRY_AFTER: Duration = Duration::from_secs(2);

/// When callers who were turned away may come again: about then, and not all of them at once.
pub fn retry_after(about: Duration) -> Duration {
    about.mul_f64(crate::worker::jitter())
}

/// The `ErrorInfo.domain` of problems raised in this call.
pub fn domain() -> String {
    CALL.try_with(|call| format!("{}.mathildanesth", call.service))
        .unwrap_or_else(|_| "mathildanesth".to_owned())
}

/// The id of this call.
pub fn request_id() -> Option<String> {
    CALL.try_with(|call| call.request_id.to_string()).ok()
}

/// Says that the answer of this call rests on a neighbour's, with the age that its head tells.
pub(crate) fn rests_on(answer: &HeaderMap) {
    let age = text(answer, STALENESS.as_str()).and_then(|age| age.parse().ok());
    if let Some(age) = age {
        answered_from(Duration::from_millis(age));
    }
}

/// Says that the answer of this call rests on something that may be so old; its head tells the caller.
pub fn answered_from(staleness: Duration) {
    // Outside a call there is nobody to tell.
    let _ = CALL.try_with(|call| call.staleness.set(call.staleness.get().max(Some(staleness))));
}

/// A service's routes inside the common stack.
#[derive(Clone)]
pub struct Stack {
    routes: Routes,
    shared: Arc<Shared>,
}

struct Shared {
    service: &'static str,
    verifier: Verifier,
    anonymous: &'static [&'static str],
    clock: Clock,
    limits: Limits,
    places: Arc<Places>,
    read_only: ReadOnly,
    access: Access,
    stop: CancellationToken,
}

impl Stack {
    /// Wraps `routes`. `anonymous` are the methods that need no token; `read_only` says when people change nothing,
    /// `access` what hospitals say about who may do what.
    pub fn new(
        service: &'static str,
        routes: Routes,
        keys: KeySource,
        (anonymous, read_only, access): (&'static [&'static str], ReadOnly, Access),
        limits: &Limits,
        clock: Clock,
        stop: CancellationToken,
    ) -> Self {
        let shared = Shared {
            service,
            verifier: Verifier::new(keys),
            anonymous,
            clock,
            limits: limits.clone(),
            places: Places::new(service, limits.calls_max),
            read_only,
            access,
            stop,
        };
        Self { routes, shared: Arc::new(shared) }
    }
}

impl Service<Request<Body>> for Stack {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (routes, shared) = (self.routes.clone(), self.shared.clone());
        Box::pin(async move { Ok(shared.answer(routes, request).await) })
    }
}

impl Shared {
    async fn answer(&self, routes: Routes, request: Request<Body>) -> Response<Body> {
        let started = Instant::now();
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let (service, method) = path.rsplit_once('/').unwrap_or((&path, ""));
        let request_id = incoming_id(request.headers());
        let call = Call { service: self.service, request_id, staleness: Cell::new(None) };
        let span = tracing::info_span!(
            "rpc",
            service = self.service,
            rpc.service = service,
            rpc.method = method,
            request_id = %call.request_id,
            trace_id = field::Empty,
            rpc.code = field::Empty,
        );
        telemetry::adopt(&span, text(request.headers(), "traceparent").unwrap_or_default());
        let request_id = call.request_id.clone();
        let running = gauge!(names::RPC_RUNNING, "service" => self.service);
        running.increment(1.0);
        let served = async {
            let mut response = match self.serve(routes, request, request_id).await {
                Ok(response) => explain(response),
                Err(problem) => Status::from(problem).into_http(),
            };
            if let Some(staleness) = CALL.with(|call| call.staleness.get()) {
                response
                    .headers_mut()
                    .insert(STALENESS, u64::try_from(staleness.as_millis()).unwrap_or(u64::MAX).into());
            }
            response
        };
        let response = CALL.scope(call, served).instrument(span.clone()).await;
        running.decrement(1.0);
        let code = code_of(&response);
        span.record("rpc.code", field::display(format!("{code:?}")));
        // An unknown path must not become a label: the set of labels stays closed.
        let method = if code == Code::Unimplemented { "unknown" } else { path.as_str() };
        histogram!(names::RPC_SECONDS, "service" => self.service, "method" => method.to_owned(), "code" => format!("{code:?}"))
            .record(started.elapsed().as_secs_f64());
        span.in_scope(|| {
            tracing::debug!(duration_ms = started.elapsed().as_millis() as u64, "call answered")
        });
        response
    }

    async fn serve(
        &self,
        routes: Routes,
        mut request: Request<Body>,
        request_id: Arc<str>,
    ) -> Result<Response<Body>, Problem> {
        let place = self.places.take().ok_or_else(|| {
            counter!(names::RPC_SHED_TOTAL, "service" => self.service).increment(1);
            Problem::exhausted(Reason::RateLimited, "too many calls at once", retry_after(RETRY_AFTER))
        })?;
        place.line().await;
        let now = self.clock.now();
        let system = request.extensions().get::<PeerIdentity>().map(|identity| identity.0.clone());
        let path = request.uri().path();
        let principal = self.principal(path, request.headers(), system, now).await?;
        self.read_only.check(path, &principal, now)?;
        let overrides = self.access.of(&principal);
        let patience =
            timeout_of(request.headers()).unwrap_or(self.limits.call_max()).min(self.limits.call_max());
        let deadline = Instant::now() + patience;
        let locale = locale_of(request.headers());
        let is_shown = request.headers().contains_key(SHOWN);
        let stop = self.stop.clone();
        request.extensions_mut().insert(Ctx {
            principal,
            overrides,
            request_id,
            now,
            deadline: Some(deadline),
            locale,
            is_shown,
            stop,
        });
        let answer = tokio::time::timeout_at(deadline, routes.oneshot(request)).await;
        match answer {
            Ok(Ok(response)) => {
                // A refusal says nothing of how soon others are answered, nor does the end of patience.
                if code_of(&response) == Code::Ok {
                    place.answered(patience);
                }
                Ok(response)
            }
            Ok(Err(never)) => match never {},
            Err(_) => Err(Problem::deadline()),
        }
    }

    async fn principal(
        &self,
        path: &str,
        headers: &HeaderMap,
        system: Option<Arc<str>>,
        now: Timestamp,
    ) -> Result<Principal, Problem> {
        let token = text(headers, "authorization").and_then(|value| value.strip_prefix("Bearer "));
        let person = match token {
            Some(token) if !self.anonymous.contains(&path) => Some(self.verifier.verify(token, now).await?),
            _ => None,
        };
        Ok(match (person, system) {
            (Some(person), Some(system)) => Principal::PersonVia(person, system),
            (Some(person), None) => Principal::Person(person),
            (None, Some(system)) => Principal::System(system),
            (None, None) => Principal::Anonymous,
        })
    }
}

/// Errors that the transport library raised by itself get our form too.
fn explain(response: Response<Body>) -> Response<Body> {
    let headers = response.headers();
    if headers.contains_key("grpc-status-details-bin") {
        return response;
    }
    let message = text(headers, "grpc-message").unwrap_or_default().to_owned();
    let problem = match code_of(&response) {
        Code::Ok => return response,
        // tonic's word for a message above the limit.
        Code::OutOfRange => Problem::exhausted(
            Reason::MessageTooLarge,
            "the message is larger than this service accepts",
            Duration::ZERO,
        ),
        Code::Unimplemented => {
            Problem::new(Code::Unimplemented, Reason::MethodNotOffered, "this method is not offered")
        }
        Code::Internal | Code::Unknown => Problem::internal(message),
        // A message that cannot be decoded.
        code => Problem::new(code, Reason::FieldViolations, message),
    };
    Status::from(problem).into_http()
}

fn code_of(response: &Response<Body>) -> Code {
    response.headers().get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The caller's id for the call, if it is one we can log.
pub fn incoming_id(headers: &HeaderMap) -> Arc<str> {
    match text(headers, "x-request-id") {
        Some(id)
            if (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
        {
            id.into()
        }
        _ => uuid::Uuid::now_v7().to_string().into(),
    }
}

fn locale_of(headers: &HeaderMap) -> Locale {
    match text(headers, "accept-language") {
        Some(language) if language.starts_with("en") => Locale::English,
        _ => Locale::French,
    }
}

/// `grpc-timeout`: at most eight digits and a unit.
pub fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, "grpc-timeout")?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let count: u64 = (digits.len() <= 8).then(|| digits.parse().ok())??;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}
