//! The four keeping services and the solver, built as values, reached through local peers or over mutual TLS. Tokens
//! are signed by the test, so that any role of any hospital can call.

use std::collections::BTreeMap;

use bus::Bus;
use chassis::{
    App, Clock, Launch, Parts, Peer, Process, Service,
    config::{Server, Target, Tls},
    serve::serve,
    testing::Identity,
    tls::Certificates,
};
use durable::{Db, DbConfig};
use mathildanesth::certs;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How the services are reached.
#[derive(Clone, Copy)]
pub enum Reach {
    /// In this process.
    Local,
    /// Over TCP with a certificate on both ends.
    Tls,
}

/// The services and the identity that signs tokens for them.
pub struct House {
    apps: BTreeMap<&'static str, App>,
    ports: BTreeMap<&'static str, u16>,
    reach: Reach,
    folder: tempfile::TempDir,
    /// Signs tokens.
    pub identity: Identity,
    _stop: DropGuard,
}

impl House {
    /// Builds everything on SQLite.
    pub async fn build(reach: Reach) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let identity = Identity::new(clock.now());
        let stop = CancellationToken::new();
        let bus = Bus::local();
        certs::write(&folder.path().join("certs")).unwrap();
        let mut house = Self {
            apps: BTreeMap::new(),
            ports: BTreeMap::new(),
            reach,
            identity,
            _stop: stop.clone().drop_guard(),
            folder,
        };
        let keys = || house_keys(&clock);

        let db = Db::open(&house.db("staff"), staff::Migrator).await.unwrap();
        let deps = staff::Deps { db, bus: bus.clone(), clock: clock.clone() };
        let mut parts = staff::Staff::build(staff::Config::default(), deps).await.unwrap();
        // Staff would only trust the keys of its own database.
        parts.keys = keys();
        house.add("staff", parts, &clock, &stop).await;

        let db = Db::open(&house.db("leave"), leave::Migrator).await.unwrap();
        let deps = leave::Deps {
            db,
            bus: bus.clone(),
            staff: house.peer("leave", "staff"),
            clock: clock.clone(),
            keys: keys(),
        };
        let parts = leave::Leave::build(leave::Config::default(), deps).await.unwrap();
        house.add("leave", parts, &clock, &stop).await;

        let db = Db::open(&house.db("planning"), planning::Migrator).await.unwrap();
        let deps = planning::Deps {
            db,
            bus: bus.clone(),
            staff: house.peer("planning", "staff"),
            leave: house.peer("planning", "leave"),
            keys: keys(),
        };
        let parts = planning::Planning::build(planning::Config::default(), deps).await.unwrap();
        house.add("planning", parts, &clock, &stop).await;

        let db = Db::open(&house.db("notification"), notification::Migrator).await.unwrap();
        let deps = notification::Deps {
            db,
            bus: bus.clone(),
            staff: house.peer("notification", "staff"),
            clock: clock.clone(),
            keys: keys(),
        };
        let parts = notification::Notification::build(notification::Config::default(), deps).await.unwrap();
        house.add("notification", parts, &clock, &stop).await;

        let deps = solver::Deps {
            planning: house.peer("solver", "planning"),
            bus,
            clock: clock.clone(),
            keys: keys(),
        };
        let parts = solver::Solver::build(solver::Config::default(), deps).await.unwrap();
        house.add("solver", parts, &clock, &stop).await;
        house
    }

    fn db(&self, service: &str) -> DbConfig {
        DbConfig::at(format!("sqlite://{}", self.folder.path().join(format!("{service}.sqlite")).display()))
    }

    async fn add(&mut self, name: &'static str, parts: Parts, clock: &Clock, stop: &CancellationToken) {
        let server = Server::default();
        let process = Process { name, clock: clock.clone(), stop: stop.clone(), certificates: None };
        // Workers stay asleep: permissions are asked here, nothing else.
        let launch = Launch::new(name, parts, &server, &process).unwrap();
        if matches!(self.reach, Reach::Tls) {
            let tls = self.certificates(name).server().unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            self.ports.insert(name, listener.local_addr().unwrap().port());
            let (app, limits, stop) = (launch.app.clone(), server.limits.clone(), stop.clone());
            tokio::spawn(async move { serve(name, listener, app, Some(tls), &limits, stop).await });
        }
        self.apps.insert(name, launch.app);
    }

    fn certificates(&self, name: &str) -> Certificates {
        let file = |name: String| self.folder.path().join("certs").join(name);
        Certificates::read(&Tls {
            certificate: file(format!("{name}.pem")),
            key: file(format!("{name}.key")),
            authority: file("authority.pem".to_owned()),
            mutual: true,
        })
        .unwrap()
    }

    /// `name` as `caller` reaches it.
    pub fn peer(&self, caller: &'static str, name: &'static str) -> Peer {
        match self.reach {
            Reach::Local => Peer::local(caller, name, self.apps[name].clone()),
            Reach::Tls => {
                let addresses = vec![format!("https://127.0.0.1:{}", self.ports[name])];
                let target = Target { name: name.to_owned(), addresses };
                Peer::connect(caller, &target, Some(&self.certificates(caller))).unwrap()
            }
        }
    }
}

fn house_keys(clock: &Clock) -> chassis::KeySource {
    Identity::new(clock.now()).keys()
}
