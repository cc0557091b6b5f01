//! What an operator of the all-in-one may set.

use std::path::PathBuf;

use chassis::config::{Configuration, Secret, Server};
use serde::{Deserialize, Serialize};

/// The configuration of the whole mesh in one process: each service's own, and where the data lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The admin port, the logs and the drain of the one process.
    pub server: Server,
    /// The folder of the databases, one SQLite file per service.
    pub data: PathBuf,
    /// The edge.
    pub gateway: gateway::Config,
    /// Who and where.
    pub staff: staff::Config,
    /// Who is away.
    pub leave: leave::Config,
    /// What must be staffed and who does it.
    pub planning: planning::Config,
    /// What people were told.
    pub notification: notification::Config,
    /// The search.
    pub solver: solver::Config,
}

impl Default for Config {
    fn default() -> Self {
        let mut config = Self {
            server: Server { admin_listen: "127.0.0.1:8090".to_owned(), ..Server::default() },
            data: PathBuf::from("data"),
            gateway: gateway::Config::default(),
            staff: staff::Config::default(),
            leave: leave::Config::default(),
            planning: planning::Config::default(),
            notification: notification::Config::default(),
            solver: solver::Config::default(),
        };
        for (port, server) in (8080..).zip(config.servers()) {
            server.listen = format!("127.0.0.1:{port}");
        }
        config
    }
}

impl Config {
    /// The services' own servers, the gateway's first.
    fn servers(&mut self) -> [&mut Server; 6] {
        [
            &mut self.gateway.server,
            &mut self.staff.server,
            &mut self.leave.server,
            &mut self.planning.server,
            &mut self.notification.server,
            &mut self.solver.server,
        ]
    }

    /// Sends every service's port to one that is free.
    #[must_use]
    pub fn on_free_ports(mut self) -> Self {
        for server in self.servers() {
            "127.0.0.1:0".clone_into(&mut server.listen);
        }
        "127.0.0.1:0".clone_into(&mut self.server.admin_listen);
        self
    }

    /// The address of one service's database.
    pub fn database(&self, service: &str) -> Secret<String> {
        Secret::new(format!("sqlite://{}", self.data.join(format!("{service}.sqlite")).display()))
    }
}

impl Configuration for Config {
    fn server(&self) -> &Server {
        &self.server
    }
}
