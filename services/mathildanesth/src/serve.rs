//! Gives the assembled mesh its process: ports, workers, drain.

use std::net::SocketAddr;

use chassis::{
    BoxError, BuildError, Clock, Peer, admin, metrics, run, serve as chassis_serve, telemetry, worker,
};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{Config, assemble::assemble};

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// When a part cannot be had.
pub async fn serve(config: Config) -> Result<(), BoxError> {
    let stop = CancellationToken::new();
    run::on_signal(stop.clone()).map_err(into)?;
    let running = start(config, stop).await?;
    running.finished.await?;
    Ok(())
}

/// A mesh that runs in this process.
pub struct Running {
    /// Where the gateway listens.
    pub gateway: SocketAddr,
    /// Planning, as the solver reaches it.
    pub planning: Peer,
    /// Ends once everything has drained after `stop`.
    pub finished: JoinHandle<()>,
}

/// Starts everything and comes back.
///
/// # Errors
/// When a part cannot be had or a port is taken.
pub async fn start(config: Config, stop: CancellationToken) -> Result<Running, BoxError> {
    start_without(config, stop, None).await
}

/// The same, but for the workers of one service, which stay asleep.
///
/// # Errors
/// As [`start`].
pub async fn start_without(
    config: Config,
    stop: CancellationToken,
    asleep: Option<&str>,
) -> Result<Running, BoxError> {
    let server = config.server.clone();
    telemetry::install("mathildanesth", &server).map_err(into)?;
    let exposition = metrics::install()?;
    std::fs::create_dir_all(&config.data)?;
    let admin_listener = run::listen(&server.admin_listen).await.map_err(into)?;
    let launches = assemble(config, Clock::system(), &stop).await.map_err(into)?;

    let (mut gateway, mut planning) = (None, None);
    let mut fronts = JoinSet::new();
    let mut workers = vec![];
    let mut readiness = vec![];
    for (own, launch) in launches {
        let listener = run::listen(&own.listen).await.map_err(into)?;
        let address = listener.local_addr()?;
        tracing::info!(service = launch.name, listen = %address, "service is up");
        if launch.name == "gateway" {
            gateway = Some(address);
        }
        if launch.name == "planning" {
            planning = Some(Peer::local("solver", launch.name, launch.app.clone()));
        }
        let (limits, stop) = (own.limits.clone(), stop.clone());
        readiness.push(launch.readiness.clone());
        fronts.spawn(async move {
            let served = chassis_serve::serve(launch.name, listener, launch.app, None, &limits, stop);
            tokio::join!(served, launch.readiness.leave());
        });
        if asleep != Some(launch.name) {
            workers.extend(launch.workers);
        }
    }
    let admin_stop = CancellationToken::new();
    tokio::spawn(admin::serve(admin_listener, readiness, exposition, admin_stop.clone()));
    let mut workers = worker::spawn(workers, &stop);
    let finished = tokio::spawn(async move {
        while fronts.join_next().await.is_some() {}
        run::finish(&mut workers, &server).await;
        admin_stop.cancel();
        tracing::info!("mesh is down");
    });
    Ok(Running {
        gateway: gateway.ok_or("the gateway is not part of the mesh")?,
        planning: planning.ok_or("planning is not part of the mesh")?,
        finished,
    })
}

fn into(error: BuildError) -> BoxError {
    error.to_string().into()
}
