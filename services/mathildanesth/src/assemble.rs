//! The only place that knows that everything is together: builds each service, hands each its neighbors, mounts the
//! gateway. It contains no business word.

use bus::Bus;
use chassis::{App, BuildError, Clock, Launch, Peer, Process, Service, config::Server};
use durable::Db;
use gateway::{Gateway, signing_keys};
use leave::Leave;
use notification::Notification;
use planning::Planning;
use solver::Solver;
use staff::Staff;
use tokio_util::sync::CancellationToken;

use crate::Config;

/// Every service, in the order in which they depend on each other, with the server that it asked for.
///
/// # Errors
/// When one cannot be built.
pub async fn assemble(
    mut config: Config,
    clock: Clock,
    stop: &CancellationToken,
) -> Result<Vec<(Server, Launch)>, BuildError> {
    config.staff.db.url = config.database(Staff::NAME);
    config.leave.db.url = config.database(Leave::NAME);
    config.planning.db.url = config.database(Planning::NAME);
    config.notification.db.url = config.database(Notification::NAME);
    let bus = Bus::local();
    let mut mesh = Mesh::new(clock.clone(), stop.clone());

    let db = Db::open(&config.staff.db, staff::Migrator).await?;
    let deps = staff::Deps { db, bus: bus.clone(), clock: clock.clone() };
    let server = config.staff.server.clone();
    let staff = mesh.add::<Staff>(server, config.staff, deps).await?;

    let peer = staff.peer(Leave::NAME);
    let db = Db::open(&config.leave.db, leave::Migrator).await?;
    let keys = signing_keys(peer.clone());
    let deps = leave::Deps { db, bus: bus.clone(), staff: peer, clock: clock.clone(), keys };
    let server = config.leave.server.clone();
    let leave = mesh.add::<Leave>(server, config.leave, deps).await?;

    let peer = staff.peer(Planning::NAME);
    let db = Db::open(&config.planning.db, planning::Migrator).await?;
    let keys = signing_keys(peer.clone());
    let leave_peer = leave.peer(Planning::NAME);
    let deps = planning::Deps { db, bus: bus.clone(), staff: peer, leave: leave_peer, keys };
    let server = config.planning.server.clone();
    let planning = mesh.add::<Planning>(server, config.planning, deps).await?;

    let peer = staff.peer(Notification::NAME);
    let db = Db::open(&config.notification.db, notification::Migrator).await?;
    let keys = signing_keys(peer.clone());
    let deps = notification::Deps { db, bus: bus.clone(), staff: peer, clock: clock.clone(), keys };
    let server = config.notification.server.clone();
    let notification = mesh.add::<Notification>(server, config.notification, deps).await?;

    let keys = signing_keys(staff.peer(Solver::NAME));
    let deps = solver::Deps { planning: planning.peer(Solver::NAME), bus, clock: clock.clone(), keys };
    let server = config.solver.server.clone();
    mesh.add::<Solver>(server, config.solver, deps).await?;

    let deps = gateway::Deps {
        keys: signing_keys(staff.peer(Gateway::NAME)),
        staff: staff.peer(Gateway::NAME),
        leave: leave.peer(Gateway::NAME),
        planning: planning.peer(Gateway::NAME),
        notification: notification.peer(Gateway::NAME),
        clock,
        stop: stop.clone(),
    };
    let server = config.gateway.server.clone();
    mesh.add::<Gateway>(server, config.gateway, deps).await?;
    Ok(mesh.launches)
}

/// The services built so far.
pub(crate) struct Mesh {
    clock: Clock,
    stop: CancellationToken,
    launches: Vec<(Server, Launch)>,
}

/// A built service as its neighbors find it.
pub(crate) struct Neighbor {
    name: &'static str,
    app: App,
}

impl Mesh {
    pub(crate) fn new(clock: Clock, stop: CancellationToken) -> Self {
        Self { clock, stop, launches: vec![] }
    }

    pub(crate) async fn add<S: Service>(
        &mut self,
        server: Server,
        config: S::Config,
        deps: S::Deps,
    ) -> Result<Neighbor, BuildError> {
        let process =
            Process { name: S::NAME, clock: self.clock.clone(), stop: self.stop.clone(), certificates: None };
        let parts = S::build(config, deps).await?;
        let launch = Launch::new(S::NAME, parts, &server, &process)?;
        let neighbor = Neighbor { name: S::NAME, app: launch.app.clone() };
        self.launches.push((server, launch));
        Ok(neighbor)
    }
}

impl Neighbor {
    pub(crate) fn peer(&self, caller: &'static str) -> Peer {
        Peer::local(caller, self.name, self.app.clone())
    }
}

#[cfg(test)]
mod tests;
