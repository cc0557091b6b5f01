//! Gives services a process: configuration → telemetry → certificates → connect → build → serve → drain.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tower::{ServiceExt, util::BoxCloneSyncService};

use crate::{
    App, BuildError, Clock, Parts, Process, Service, Surface, Worker, admin,
    config::{self, Configuration, Server},
    health::Readiness,
    metrics, serve,
    stack::Stack,
    telemetry,
    tls::Certificates,
    worker,
};

/// The configuration is wrong (`EX_USAGE` of sysexits).
const EXIT_CONFIGURATION: u8 = 64;
/// A part that the service needs cannot be had (`EX_UNAVAILABLE`).
const EXIT_UNAVAILABLE: u8 = 69;

#[derive(Parser)]
struct Arguments {
    /// TOML file with settings; `MATHILDANESTH__*` variables win over it.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Prints the configuration in force, secrets masked, and exits.
    #[arg(long)]
    print_config: bool,
}

/// The whole `main` of a service.
pub fn run<S: Service>() -> ExitCode {
    let arguments = Arguments::parse();
    let config: S::Config = match config::load(arguments.config.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{}: configuration: {error}", S::NAME);
            return ExitCode::from(EXIT_CONFIGURATION);
        }
    };
    if arguments.print_config {
        return match config::print(&config) {
            Ok(text) => {
                println!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{}: configuration: {error}", S::NAME);
                ExitCode::from(EXIT_CONFIGURATION)
            }
        };
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{}: {error}", S::NAME);
            return ExitCode::from(EXIT_UNAVAILABLE);
        }
    };
    match runtime.block_on(live::<S>(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, service = S::NAME, "service cannot start");
            eprintln!("{}: {error}", S::NAME);
            ExitCode::from(EXIT_UNAVAILABLE)
        }
    }
}

async fn live<S: Service>(config: S::Config) -> Result<(), BuildError> {
    let server = config.server().clone();
    telemetry::install(S::NAME, &server)?;
    let certificates = server.tls.as_ref().map(Certificates::read).transpose()?;
    let stop = CancellationToken::new();
    on_signal(stop.clone())?;
    let process = Process { name: S::NAME, clock: Clock::system(), stop: stop.clone(), certificates };
    let deps = S::connect(&config, &process).await?;
    let parts = S::build(config, deps).await?;
    let launch = Launch::new(S::NAME, parts, &server, &process)?;
    launch.serve(&server, &process).await
}

/// Sets `stop` on SIGTERM or Ctrl-C.
///
/// # Errors
/// When the handler cannot be installed.
pub fn on_signal(stop: CancellationToken) -> Result<(), BuildError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("asked to stop, draining");
        stop.cancel();
    });
    Ok(())
}

/// A built service inside its stack, ready to be reached by neighbours and by the network.
pub struct Launch {
    /// The service's name.
    pub name: &'static str,
    /// The service as its neighbours reach it.
    pub app: App,
    /// What runs beside it.
    pub workers: Vec<Box<dyn Worker>>,
    /// Whether it can do its work.
    pub readiness: Readiness,
}

impl Launch {
    /// Wraps the parts: health, reflection, the server stack.
    ///
    /// # Errors
    /// When the descriptors for reflection cannot be read.
    pub fn new(
        name: &'static str,
        parts: Parts,
        server: &Server,
        process: &Process,
    ) -> Result<Self, BuildError> {
        let Parts { surface, mut workers, probes, keys, anonymous, read_only, access } = parts;
        let (reporter, health) = tonic_health::server::health_reporter();
        let readiness = Readiness::new(name, probes, reporter, process.stop.clone());
        workers.push(readiness.clone().worker());
        workers.extend(keys.worker());
        let (routes, edge) = match surface {
            Surface::Service(routes) => (routes, None),
            Surface::Edge(edge) => (Routes::default(), Some(edge)),
        };
        let routes = with_reflection(routes.add_service(health))?.prepare();
        let (limits, clock, stop) = (&server.limits, process.clock.clone(), process.stop.clone());
        let doors = (anonymous, read_only, access);
        let own = BoxCloneSyncService::new(Stack::new(name, routes, keys, doors, limits, clock, stop));
        let app = match edge {
            None => own,
            Some(edge) => beside(own, edge),
        };
        Ok(Self { name, app, workers, readiness })
    }

    /// Serves until the process drains: unready → streams end → workers finish their step.
    ///
    /// # Errors
    /// When a port is taken or a certificate does not hold.
    pub async fn serve(self, server: &Server, process: &Process) -> Result<(), BuildError> {
        let metrics = metrics::install()?;
        let listener = listen(&server.listen).await?;
        let admin_listener = listen(&server.admin_listen).await?;
        tracing::info!(
            service = self.name,
            listen = %listener.local_addr()?,
            admin = %admin_listener.local_addr()?,
            tls = process.certificates.is_some(),
            "service is up"
        );
        let tls = process.certificates.as_ref().map(Certificates::server).transpose()?;
        let admin_stop = CancellationToken::new();
        let admin = tokio::spawn(admin::serve(
            admin_listener,
            vec![self.readiness.clone()],
            metrics,
            admin_stop.clone(),
        ));
        let mut workers = worker::spawn(self.workers, &process.stop);
        let served = serve::serve(self.name, listener, self.app, tls, &server.limits, process.stop.clone());
        tokio::join!(served, self.readiness.leave());
        finish(&mut workers, server).await;
        admin_stop.cancel();
        let _ = admin.await;
        tracing::info!(service = self.name, "service is down");
        Ok(())
    }
}

/// Waits for workers, but no longer than the drain may last.
pub async fn finish(workers: &mut JoinSet<()>, server: &Server) {
    let all = async { while workers.join_next().await.is_some() {} };
    if tokio::time::timeout(server.limits.drain_max(), all).await.is_err() {
        tracing::warn!("drain ended with workers still busy");
    }
}

/// Binds an address.
///
/// # Errors
/// When it is taken or not ours; the text names it.
pub async fn listen(address: &str) -> Result<TcpListener, BuildError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| BuildError::new(format!("cannot listen on `{address}`: {error}")))
}

/// Health and reflection answer for the process itself; everything else is the edge's.
fn beside(own: App, edge: App) -> App {
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<tonic::body::Body>| {
        let path = request.uri().path();
        let is_own = path.starts_with("/grpc.health.") || path.starts_with("/grpc.reflection.");
        if is_own { own.clone().oneshot(request) } else { edge.clone().oneshot(request) }
    }))
}

fn with_reflection(routes: Routes) -> Result<Routes, BuildError> {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    Ok(routes.add_service(builder().build_v1()?).add_service(builder().build_v1alpha()?))
}
