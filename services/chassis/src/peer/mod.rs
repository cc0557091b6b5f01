//! A neighbour: a tower service, not an address.
//!
//! tonic's generated clients are generic over such a service, so a caller cannot tell a neighbour in the same
//! process ([`Peer::local`]) from instances behind TLS ([`Peer::connect`]). Instances take turns; one that cannot
//! be reached is left out for a moment and the call moves to the next. A call that may have reached an instance
//! is only repeated when it is a read.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, request};
use http_body_util::{BodyExt, Full, Limited};
use metrics::counter;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tonic::{
    ConnectError, Status,
    body::Body,
    transport::{Channel, Endpoint},
};
use tower::{Service, ServiceExt};

use crate::{
    App, BoxError, BuildError, Problem,
    config::Target,
    metrics as names,
    tls::{Certificates, PeerIdentity},
};

/// An instance that refused a connection is left out this long.
const REST: Duration = Duration::from_millis(500);
const CONNECT_MAX: Duration = Duration::from_secs(1);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(10);
const KEEP_ALIVE_ANSWER_MAX: Duration = Duration::from_secs(5);
/// Requests between services are messages, hence bounded like them.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A client's end of a neighbour; clones share its connections.
#[derive(Clone)]
pub struct Peer {
    name: Arc<str>,
    link: Link,
}

#[derive(Clone)]
enum Link {
    Local { app: App, caller: Option<PeerIdentity> },
    Remote(Arc<Remote>),
}

struct Remote {
    instances: Vec<Instance>,
    turn: AtomicUsize,
}

struct Instance {
    channel: Channel,
    rests_until: Mutex<Option<Instant>>,
}

impl Peer {
    /// A neighbour in the same process, called by `caller`; an empty caller has no identity, as somebody outside the
    /// mesh has none.
    pub fn local(caller: &'static str, name: &'static str, app: App) -> Self {
        let caller = (!caller.is_empty()).then(|| PeerIdentity(caller.into()));
        Self { name: name.into(), link: Link::Local { app, caller } }
    }

    /// A neighbour behind addresses. Connects when first called.
    ///
    /// # Errors
    /// When there is no address, one cannot be parsed, or `https` is asked without certificates.
    pub fn connect(
        caller: &'static str,
        target: &Target,
        certificates: Option<&Certificates>,
    ) -> Result<Self, BuildError> {
        if target.addresses.is_empty() {
            return Err(BuildError::new(format!("{caller} needs at least one address of {}", target.name)));
        }
        let instances = target
            .addresses
            .iter()
            .map(|address| instance(address, &target.name, certificates))
            .collect::<Result<_, _>>()?;
        let remote = Remote { instances, turn: AtomicUsize::new(0) };
        Ok(Self { name: target.name.as_str().into(), link: Link::Remote(Arc::new(remote)) })
    }

    /// The neighbour's service name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn count(&self, outcome: &'static str) {
        counter!(names::PEER_CALLS_TOTAL, "peer" => self.name.to_string(), "outcome" => outcome).increment(1);
    }

    async fn forward(&self, remote: &Remote, request: Request<Body>) -> Result<Response<Body>, Status> {
        let (parts, body) = request.into_parts();
        let body =
            Limited::new(body, REQUEST_BYTES_MAX).collect().await.map_err(Status::from_error)?.to_bytes();
        let is_read = is_read(parts.uri.path());
        let mut last: BoxError = "no instance".into();
        for instance in remote.in_turn() {
            match instance.call(&parts, body.clone()).await {
                Ok(response) => {
                    self.count("ok");
                    return Ok(response);
                }
                Err(error) => {
                    instance.rest();
                    let never_arrived = is_connect_error(&error);
                    last = error.into();
                    if !(never_arrived || is_read) {
                        break;
                    }
                    self.count("moved");
                }
            }
        }
        self.count("error");
        tracing::warn!(peer.name = %self.name, error = %last, "peer is not reached");
        Err(Problem::unavailable(format!("{} is not reached", self.name), REST).into())
    }
}

impl Remote {
    /// All instances, beginning with the next one in turn; those that rest come last.
    fn in_turn(&self) -> impl Iterator<Item = &Instance> {
        let start = self.turn.fetch_add(1, Ordering::Relaxed);
        let count = self.instances.len();
        let order = (0..count).map(move |i| &self.instances[(start + i) % count]);
        let (resting, ready): (Vec<_>, Vec<_>) = order.partition(|instance| instance.rests());
        ready.into_iter().chain(resting)
    }
}

impl Instance {
    async fn call(
        &self,
        parts: &request::Parts,
        body: Bytes,
    ) -> Result<Response<Body>, tonic::transport::Error> {
        let mut request = Request::new(Body::new(Full::new(body)));
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.version_mut() = http::Version::HTTP_2;
        *request.headers_mut() = parts.headers.clone();
        self.channel.clone().ready().await?.call(request).await
    }

    fn rest(&self) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
    }

    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until > Instant::now())
    }
}

fn instance(address: &str, name: &str, certificates: Option<&Certificates>) -> Result<Instance, BuildError> {
    let mut endpoint = Endpoint::from_shared(address.to_owned())
        .map_err(|error| BuildError::new(format!("`{address}` is not an address of {name}: {error}")))?
        .connect_timeout(CONNECT_MAX)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEP_ALIVE_EVERY)
        .keep_alive_timeout(KEEP_ALIVE_ANSWER_MAX)
        .keep_alive_while_idle(true);
    if address.starts_with("https://") {
        let certificates =
            certificates.ok_or_else(|| BuildError::new(format!("`{address}` needs server.tls to be set")))?;
        endpoint = endpoint.tls_config(certificates.client(name))?;
    }
    Ok(Instance { channel: endpoint.connect_lazy(), rests_until: Mutex::new(None) })
}

/// Reads may be repeated; anything else only when it never arrived.
fn is_read(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    ["Get", "List", "BatchGet", "Watch", "Read"].iter().any(|verb| method.starts_with(verb))
}

fn is_connect_error(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(error) = source {
        if error.is::<ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}

impl Service<Request<Body>> for Peer {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let peer = self.clone();
        Box::pin(async move {
            match &peer.link {
                Link::Local { app, caller } => {
                    if let Some(caller) = caller {
                        request.extensions_mut().insert(caller.clone());
                    }
                    // A task of its own, as a process of its own would be: a panic there is not a panic here, and
                    // whoever hangs up ends it.
                    let call = AbortOnDropHandle::new(tokio::spawn(app.clone().oneshot(request)));
                    match call.await {
                        Ok(Ok(response)) => Ok(response),
                        Ok(Err(never)) => match never {},
                        Err(error) => Err(Problem::internal(error).into()),
                    }
                }
                Link::Remote(remote) => peer.forward(remote, request).await,
            }
        })
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.link {
            Link::Local { .. } => "local",
            Link::Remote(_) => "remote",
        };
        write!(f, "Peer({}, {kind})", self.name)
    }
}
