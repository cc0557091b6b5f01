//! One instance of a neighbour: its connection, how busy it is with our calls, and whether it is to be asked at all.
//!
//! An instance that cannot be reached is left out at once, one that lets calls wait in vain or says that it cannot
//! serve after a few in a row. From then on it is asked for its health, in pauses that grow, and comes back with the
//! first good answer: no caller's request is spent on finding out.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, request};
use http_body_util::Full;
use metrics::counter;
use tokio::time::Instant;
use tonic::{
    Code, ConnectError,
    body::Body,
    transport::{Channel, Endpoint, Error},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tower::{Service, ServiceExt};

use super::load::Load;
use crate::{BuildError, metrics as names, tls::Certificates};

const CONNECT_MAX: Duration = Duration::from_secs(1);
/// A host that hangs is noticed after both.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(2);
const KEEP_ALIVE_ANSWER_MAX: Duration = Duration::from_secs(3);
/// How long a health check may take.
const HEALTH_MAX: Duration = Duration::from_secs(1);
/// Calls in a row that may fail.
const FAILURES_MAX: u32 = 5;

/// How patient a client is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// A call given up after this long without an answer counts against its instance.
    pub silence: Duration,
    /// The first pause before a left-out instance is asked for its health.
    pub pause_min: Duration,
    /// The longest.
    pub pause_max: Duration,
}

/// An instance; calls share its one connection.
pub(super) struct Instance {
    peer: Arc<str>,
    address: String,
    channel: Channel,
    patience: Patience,
    state: Mutex<State>,
}

struct State {
    load: Load,
    /// Calls in a row that failed.
    failures: u32,
    is_out: bool,
}

/// Why an instance gave no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// It was not reached, or closed the door before it took the call: nothing was done.
    Untouched(Error),
    /// The connection broke while the call was under way.
    Broken(Error),
    /// It says that it cannot serve now.
    Unavailable(Box<Response<Body>>),
}

/// A call under way. Dropped without an outcome it was given up by its caller.
struct Running<'i> {
    instance: &'i Arc<Instance>,
    begun: Instant,
    is_settled: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(1),
            pause_min: Duration::from_millis(250),
            pause_max: Duration::from_secs(2),
        }
    }
}

// === impl Instance ===

impl Instance {
    /// An instance of the neighbour `peer`, to be connected when first called.
    pub fn new(
        address: &str,
        peer: &Arc<str>,
        certificates: Option<&Certificates>,
        patience: Patience,
    ) -> Result<Arc<Self>, BuildError> {
        let mut endpoint = Endpoint::from_shared(address.to_owned())
            .map_err(|error| BuildError::new(format!("`{address}` is not an address of {peer}: {error}")))?
            .connect_timeout(CONNECT_MAX)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE_EVERY)
            .keep_alive_timeout(KEEP_ALIVE_ANSWER_MAX)
            .keep_alive_while_idle(true);
        if address.starts_with("https://") {
            let certificates = certificates
                .ok_or_else(|| BuildError::new(format!("`{address}` needs server.tls to be set")))?;
            endpoint = endpoint.tls_config(certificates.client(peer))?;
        }
        let state = State { load: Load::new(Instant::now()), failures: 0, is_out: false };
        Ok(Arc::new(Self {
            peer: peer.clone(),
            address: address.to_owned(),
            channel: endpoint.connect_lazy(),
            patience,
            state: Mutex::new(state),
        }))
    }

    /// Left out for now.
    pub fn is_out(&self) -> bool {
        self.state().is_out
    }

    /// What one more call would wait for.
    pub fn cost(&self) -> f64 {
        self.state().load.cost(Instant::now())
    }

    /// Makes the call here.
    pub async fn call(
        self: &Arc<Self>,
        parts: &request::Parts,
        body: Bytes,
    ) -> Result<Response<Body>, Failure> {
        let mut request = Request::new(Body::new(Full::new(body)));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.version_mut() = http::Version::HTTP_2;
        *request.headers_mut() = parts.headers.clone();
        let running = Running::begin(self);
        let answer = async { self.channel.clone().ready().await?.call(request).await }.await;
        running.settle(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Changed by whole assignments only: a panic elsewhere leaves it valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a failure; the one too many leaves the instance out.
    fn failed(self: &Arc<Self>, is_gone: bool) {
        let mut state = self.state();
        state.failures += 1;
        if state.is_out || !(is_gone || state.failures >= FAILURES_MAX) {
            return;
        }
        state.is_out = true;
        drop(state);
        counter!(names::PEER_EJECTIONS_TOTAL, "peer" => self.peer.to_string()).increment(1);
        tracing::warn!(peer.name = %self.peer, peer.address = self.address, "instance is left out");
        tokio::spawn(wait_for_health(Arc::downgrade(self), self.channel.clone(), self.patience));
    }

    fn returns(&self) {
        let mut state = self.state();
        (state.is_out, state.failures) = (false, 0);
        drop(state);
        tracing::info!(peer.name = %self.peer, peer.address = self.address, "instance is back");
    }
}

/// Asks a left-out instance how it is until it is well, or nobody holds it any more.
async fn wait_for_health(instance: Weak<Instance>, channel: Channel, patience: Patience) {
    let mut pause = patience.pause_min;
    loop {
        tokio::time::sleep(pause.mul_f64(crate::worker::jitter())).await;
        pause = (pause * 2).min(patience.pause_max);
        let mut client = HealthClient::new(channel.clone());
        let answer = tokio::time::timeout(HEALTH_MAX, client.check(HealthCheckRequest::default())).await;
        let Some(instance) = instance.upgrade() else { return };
        if matches!(answer, Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving) {
            return instance.returns();
        }
    }
}

// === impl Running ===

impl<'i> Running<'i> {
    fn begin(instance: &'i Arc<Instance>) -> Self {
        instance.state().load.begin();
        Self { instance, begun: Instant::now(), is_settled: false }
    }

    /// Judges the answer and draws the consequences.
    fn settle(mut self, answer: Result<Response<Body>, Error>) -> Result<Response<Body>, Failure> {
        self.is_settled = true;
        let now = Instant::now();
        let latency = answer.is_ok().then(|| now.saturating_duration_since(self.begun));
        self.instance.state().load.end(latency, now);
        match answer {
            Ok(response) if is_unavailable(&response) => {
                self.instance.failed(false);
                Err(Failure::Unavailable(Box::new(response)))
            }
            Ok(response) => {
                self.instance.state().failures = 0;
                Ok(response)
            }
            Err(error) => {
                self.instance.failed(true);
                Err(if is_untouched(&error) { Failure::Untouched(error) } else { Failure::Broken(error) })
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let now = Instant::now();
        self.instance.state().load.end(None, now);
        // A caller that changed its mind at once says nothing about the instance.
        if now.saturating_duration_since(self.begun) >= self.instance.patience.silence {
            self.instance.failed(false);
        }
    }
}

/// An answer that is nothing but this status.
fn is_unavailable(response: &Response<Body>) -> bool {
    let status = response.headers().get("grpc-status");
    status.is_some_and(|status| Code::from_bytes(status.as_bytes()) == Code::Unavailable)
}

/// Whether the instance cannot have begun: no connection, a call still queued when the connection ended, or a stream it
/// refused or no longer took while it drained (RFC 9113, sections 6.8 and 8.7).
fn is_untouched(error: &(dyn std::error::Error + 'static)) -> bool {
    let is_queued = |error: &hyper::Error| error.is_canceled();
    let is_refused = |error: &h2::Error| {
        error.reason() == Some(h2::Reason::REFUSED_STREAM) || (error.is_go_away() && error.is_remote())
    };
    let mut source = Some(error);
    while let Some(error) = source {
        if error.is::<ConnectError>()
            || error.downcast_ref().is_some_and(is_queued)
            || error.downcast_ref().is_some_and(is_refused)
        {
            return true;
        }
        source = error.source();
    }
    false
}
