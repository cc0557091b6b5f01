//! The recipe: a service is a value, not a process.

use std::{convert::Infallible, fmt, future::Future};

use http::{Request, Response};
use tokio_util::sync::CancellationToken;
use tonic::{body::Body, service::Routes};
use tower::util::BoxCloneSyncService;

use crate::{
    Clock, KeySource, Peer, Probe, Worker, access::Access, config, read_only::ReadOnly, tls::Certificates,
};

/// Any error that crosses a seam.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A service as the transport sees it: requests in, responses out, nothing fails below HTTP.
pub type App = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// A service is a value: configuration and dependencies in, routes and workers out.
pub trait Service: Sized + Send + 'static {
    /// The service's name: its certificate, its topic on the bus, its prefix in metrics.
    const NAME: &'static str;
    /// What an operator may set.
    type Config: config::Configuration;
    /// Exactly what this service needs, by name.
    type Deps: Send;

    /// How those dependencies are found in the mesh. The all-in-one never calls it.
    fn connect(
        config: &Self::Config,
        process: &Process,
    ) -> impl Future<Output = Result<Self::Deps, BuildError>> + Send;

    /// Builds the value. Starts nothing: workers run once their process hands them to [`crate::worker::spawn`].
    fn build(
        config: Self::Config,
        deps: Self::Deps,
    ) -> impl Future<Output = Result<Parts, BuildError>> + Send;
}

/// What the outside may reach.
#[allow(clippy::large_enum_variant, reason = "one value per process")]
pub enum Surface {
    /// gRPC routes, to be wrapped in the server [`crate::stack`].
    Service(Routes),
    /// A front that keeps its own stack: the gateway.
    Edge(App),
}

/// What a service is made of.
pub struct Parts {
    /// What the outside may reach.
    pub surface: Surface,
    /// What runs without being asked.
    pub workers: Vec<Box<dyn Worker>>,
    /// What must answer for this service to be ready.
    pub probes: Vec<Box<dyn Probe>>,
    /// The public keys that access tokens are verified with.
    pub keys: KeySource,
    /// Full method paths that need no token: `/mathildanesth.staff.v1.SessionService/CreateSession`.
    pub anonymous: &'static [&'static str],
    /// When it only answers questions.
    pub read_only: ReadOnly,
    /// What hospitals say about who may do what.
    pub access: Access,
}

impl Parts {
    /// The parts of a service behind the common stack.
    pub fn service(routes: Routes, keys: KeySource) -> Self {
        Self::of(Surface::Service(routes), keys)
    }

    /// The parts of a front with a stack of its own.
    pub fn edge(app: App, keys: KeySource) -> Self {
        Self::of(Surface::Edge(app), keys)
    }

    fn of(surface: Surface, keys: KeySource) -> Self {
        let (read_only, access) = (ReadOnly::default(), Access::default());
        Self { surface, workers: vec![], probes: vec![], keys, anonymous: &[], read_only, access }
    }
}

/// What a process lends to the services it hosts while they connect.
#[derive(Clone)]
pub struct Process {
    /// Which service asks.
    pub name: &'static str,
    /// The process's clock.
    pub clock: Clock,
    /// Set when the process drains.
    pub stop: CancellationToken,
    /// The process's own certificate and those it trusts; none on plain loopback.
    pub certificates: Option<Certificates>,
}

impl Process {
    /// A client of a neighbour.
    ///
    /// # Errors
    /// When an address cannot be parsed, or asks for TLS while this process has no certificate.
    pub fn peer(&self, target: &config::Target) -> Result<Peer, BuildError> {
        Peer::connect(self.name, target, self.certificates.as_ref())
    }
}

/// Why a service cannot come to life. The text names the setting or the part that is at fault.
#[derive(Debug)]
pub struct BuildError(BoxError);

impl BuildError {
    /// An error that a sentence tells.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into().into())
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: Into<BoxError>> From<E> for BuildError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}
