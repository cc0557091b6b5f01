//! The high availability kit on one machine: PostgreSQL kept by Patroni and etcd with one primary and two standbys,
//! synchronous; a HAProxy for each half of the services' instances; Redis with Sentinels. All on loopback, in
//! temporary folders.
//!
//! Who may die: any one of each kind. Nothing here is shared by both halves but the clusters themselves.

pub mod backup;
pub mod disk;
pub mod etcd;
pub mod haproxy;
pub mod patroni;
pub mod sentinel;

use std::{
    collections::BTreeMap,
    io, thread,
    time::{Duration, Instant},
};

use toml::{Table, Value, toml};

use self::{
    etcd::Etcd,
    haproxy::{PROXIES, Proxies},
    patroni::Cluster,
    sentinel::Watched,
};
use crate::{breakable::Breakable, foundation::Foundation};

/// Servers of each cluster: a majority of three decides.
pub const NODES: usize = 3;

/// How long a cluster is given to form or to mend.
pub const FORM_MAX: Duration = Duration::from_secs(90);

/// How often a state is asked for.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Everything but the services.
pub struct Kit {
    /// The databases.
    pub databases: Cluster,
    /// The way to them.
    pub proxies: Proxies,
    /// The bus.
    pub bus: Watched,
    /// Who decides which database is the primary.
    pub etcd: Etcd,
    /// The ways of single services to the proxies, one for each half, that can be made slow.
    ways: BTreeMap<String, Vec<Breakable>>,
}

impl Kit {
    /// Starts all of it and waits until every standby follows.
    ///
    /// # Errors
    /// When a program is not installed or a cluster does not form.
    pub fn start() -> io::Result<Self> {
        let bus = Watched::start()?;
        let etcd = Etcd::start()?;
        let databases = Cluster::start(&etcd)?;
        let proxies = Proxies::start(&databases)?;
        Ok(Self { databases, proxies, bus, etcd, ways: BTreeMap::new() })
    }

    /// Leads a service to its database over a way that can be made slow; in force once its configuration is written anew
    /// and it starts.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn detour(&mut self, service: &str) -> io::Result<()> {
        let to = |half| Breakable::start(self.proxies.primary_port(half));
        let own = (0..PROXIES).map(to).collect::<io::Result<Vec<_>>>()?;
        self.ways.insert(service.to_owned(), own);
        Ok(())
    }

    /// Takes the ways back; they stay for as long as the answer is kept.
    pub fn straighten(&mut self, service: &str) -> Vec<Breakable> {
        self.ways.remove(service).unwrap_or_default()
    }

    /// Everything between a service and its database takes so much longer, each way.
    pub fn delay_databases(&self, service: &str, time: Duration) {
        for way in self.ways.get(service).into_iter().flatten() {
            way.delay(time);
        }
    }
}

impl Foundation for Kit {
    fn create_database(&self, service: &str) -> io::Result<()> {
        let primary = self.proxies.primary_port(0);
        self.databases.query(primary, "postgres", &format!("CREATE DATABASE \"{service}\"")).map(drop)
    }

    fn database(&self, service: &str, instance: usize) -> Table {
        let way = self.ways.get(service).and_then(|ways| ways.get(instance % PROXIES));
        let port = way.map_or_else(|| self.proxies.primary_port(instance), Breakable::port);
        let url = self.databases.url(port, service);
        let replica_url = self.databases.url(self.proxies.standby_port(instance), service);
        toml! {
            url = url
            replica_url = replica_url
        }
    }

    fn bus(&self) -> Table {
        let sentinels: Vec<Value> = self.bus.sentinels().into_iter().map(Value::from).collect();
        toml! { sentinels = sentinels }
    }

    fn lose_bus(&mut self) -> io::Result<()> {
        let at = self.bus.primary().ok_or_else(|| io::Error::other("Redis has no primary"))?;
        self.bus.kill(at);
        Ok(())
    }

    fn mend_bus(&mut self) -> io::Result<()> {
        self.bus.mend()?;
        self.bus.wait_until_whole()
    }

    fn command(&self, words: &[&str]) -> io::Result<String> {
        self.bus.command(words)
    }

    fn query(&self, service: &str, sql: &str) -> io::Result<Vec<String>> {
        self.databases.query(self.proxies.primary_port(0), service, sql)
    }

    fn wait_until_whole(&self) -> io::Result<()> {
        self.databases.wait_until_whole()?;
        self.bus.wait_until_whole()
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) -> io::Result<()> {
    let end = Instant::now() + FORM_MAX;
    while !is_so() {
        if Instant::now() > end {
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("{what} did not come in time")));
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
