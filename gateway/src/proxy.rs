//! From a request at the edge to a request in the mesh. What goes on is listed; everything else stays here.

use bytes::Bytes;
use chassis::Peer;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, SET_COOKIE, TE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use tokio::time::Instant;
use tonic::body::Body;
use tower::ServiceExt as _;

use crate::deadline;
use crate::refusal::Refusal;
use crate::session::{self, Credentials};

/// The id of a call, in the logs of every process it passes.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a client may tell a service. No header a neighbor could mistake for identity is among them.
const FORWARDED: [HeaderName; 4] = [
    ACCEPT_LANGUAGE,
    USER_AGENT,
    HeaderName::from_static("grpc-encoding"),
    HeaderName::from_static("grpc-accept-encoding"),
];

/// A call that may go on.
pub struct Outgoing<'a> {
    /// The public path is the mesh's path.
    pub path: &'a str,
    /// The client's headers.
    pub headers: &'a HeaderMap,
    /// Whom the client speaks for; without `access` for nobody.
    pub credentials: &'a Credentials,
    /// The service hears of refresh cookies.
    pub is_session: bool,
    /// The id of the call.
    pub request_id: &'a HeaderValue,
    /// The moment the answer is no longer wanted.
    pub deadline: Option<Instant>,
}

/// Asks `peer` and waits for the head of its answer.
///
/// # Errors
/// When the peer cannot be reached, or the deadline passes.
pub async fn forward(peer: Peer, outgoing: &Outgoing<'_>, frame: Bytes) -> Result<Response<Body>, Refusal> {
    let request = request(outgoing, frame)?;
    let answer = peer.oneshot(request);
    let answer = match outgoing.deadline {
        None => answer.await,
        Some(deadline) => {
            tokio::time::timeout_at(deadline, answer).await.map_err(|_| Refusal::deadline_exceeded())?
        }
    };
    let mut answer = answer.map_err(|error| {
        tracing::debug!(%error, "a service cannot be reached");
        Refusal::unreachable()
    })?;
    if answer.status() != StatusCode::OK {
        return Err(Refusal::unreachable());
    }
    answer.headers_mut().remove(SET_COOKIE);
    Ok(answer)
}

fn request(outgoing: &Outgoing<'_>, frame: Bytes) -> Result<Request<Body>, Refusal> {
    let mut request = Request::new(Body::new(Full::new(frame)));
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = outgoing.path.parse().map_err(|_| Refusal::not_offered())?;
    let headers = request.headers_mut();
    for name in FORWARDED {
        if let Some(value) = outgoing.headers.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(REQUEST_ID, outgoing.request_id.clone());
    if let Some(deadline) = outgoing.deadline {
        headers.insert(deadline::HEADER, deadline::header(deadline, Instant::now()));
    }
    if let Some(token) = &outgoing.credentials.access {
        insert_secret(headers, AUTHORIZATION, &format!("Bearer {token}"));
    }
    if let Some(token) = outgoing.credentials.refresh.as_ref().filter(|_| outgoing.is_session) {
        insert_secret(headers, session::REFRESH_TOKEN, token);
    }
    let traceparent = chassis::telemetry::traceparent();
    if let Ok(traceparent) = HeaderValue::from_str(&traceparent)
        && !traceparent.is_empty()
    {
        headers.insert("traceparent", traceparent);
    }
    Ok(request)
}

fn insert_secret(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(mut value) = HeaderValue::from_str(text) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}
