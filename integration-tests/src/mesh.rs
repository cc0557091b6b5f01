//! The mesh form on one machine: every service as processes of its own, with mutual TLS between them, each with its own
//! PostgreSQL database, and Redis for the bus.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use mathildanesth::certs::{self, SERVICES};
use tempfile::TempDir;
use toml::{Table, Value, toml};

use crate::{
    backends::Backends,
    postgres::Standby,
    process::{Process, free_port},
};

/// The services that keep a database.
const KEEPERS: [&str; 4] = ["staff", "leave", "planning", "notification"];
/// Whom each service calls.
const CALLS: &[(&str, &[&str])] = &[
    ("staff", &[]),
    ("leave", &["staff"]),
    ("planning", &["staff", "leave"]),
    ("notification", &["staff"]),
    ("solver", &["staff", "planning"]),
    ("gateway", &["staff", "leave", "planning", "notification"]),
];
/// Enough to follow a call and its events from process to process.
const LOG: &str =
    "info,chassis=debug,durable=debug,gateway=debug,sqlx=warn,sea_orm=warn,sea_orm_migration=warn";
const READY_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(30);

/// The first administrator of a mesh.
pub struct Administrator {
    /// Hospital id.
    pub hospital: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Password.
    pub password: &'static str,
}

/// Processes, servers, certificates and their folder; all of it ends with this value.
pub struct Mesh {
    members: Vec<Member>,
    /// PostgreSQL and Redis.
    pub backends: Backends,
    folder: TempDir,
}

struct Member {
    service: &'static str,
    port: u16,
    admin_port: u16,
    config: PathBuf,
    log: PathBuf,
    process: Option<Process>,
}

impl Mesh {
    /// Starts everything, `instances` of each service, and waits until all are ready.
    ///
    /// # Errors
    /// When a server is not installed or a process does not become ready; the text holds the end of its log.
    pub fn start(instances: usize, administrator: &Administrator) -> io::Result<Self> {
        Self::start_with(|_| instances, administrator)
    }

    /// Starts everything, with as many instances of each service as `instances` says, and waits until all are ready.
    ///
    /// # Errors
    /// When a server is not installed or a process does not become ready; the text holds the end of its log.
    pub fn start_with(
        instances: impl Fn(&'static str) -> usize,
        administrator: &Administrator,
    ) -> io::Result<Self> {
        Self::build(instances, administrator, |_| Ok(None)).map(|(mesh, _)| mesh)
    }

    /// Starts everything, and a standby from which reads that may be stale are served.
    ///
    /// # Errors
    /// When a server is not installed or a process does not become ready; the text holds the end of its log.
    pub fn start_replicated(instances: usize, administrator: &Administrator) -> io::Result<(Self, Standby)> {
        let follow = |backends: &Backends| backends.postgres.standby().map(Some);
        let (mesh, standby) = Self::build(|_| instances, administrator, follow)?;
        let none = || io::Error::other("the standby that was started is not there");
        Ok((mesh, standby.ok_or_else(none)?))
    }

    fn build(
        instances: impl Fn(&'static str) -> usize,
        administrator: &Administrator,
        follow: impl FnOnce(&Backends) -> io::Result<Option<Standby>>,
    ) -> io::Result<(Self, Option<Standby>)> {
        let backends = Backends::start()?;
        let folder = tempfile::Builder::new().prefix("mathildanesth-mesh-").tempdir()?;
        certs::write(&folder.path().join("certs"))?;
        let mut members = vec![];
        for service in SERVICES {
            for index in 0..instances(service) {
                let file = |extension: &str| folder.path().join(format!("{service}-{index}.{extension}"));
                let (port, admin_port) = (free_port()?, free_port()?);
                members.push(Member {
                    service,
                    port,
                    admin_port,
                    config: file("toml"),
                    log: file("log"),
                    process: None,
                });
            }
        }
        let mut mesh = Self { members, backends, folder };
        for keeper in KEEPERS {
            mesh.backends.postgres.create_database(keeper)?;
        }
        let standby = follow(&mesh.backends)?;
        for index in 0..mesh.members.len() {
            let config = mesh.config(&mesh.members[index], administrator, standby.as_ref());
            fs::write(&mesh.members[index].config, config.to_string())?;
        }
        mesh.each(Member::launch)?;
        mesh.each(Member::wait)?;
        Ok((mesh, standby))
    }

    fn each(&mut self, act: impl Fn(&mut Member) -> io::Result<()>) -> io::Result<()> {
        self.members.iter_mut().try_for_each(act)
    }

    fn config(&self, member: &Member, administrator: &Administrator, standby: Option<&Standby>) -> Table {
        let service = member.service;
        let certs = self.folder.path().join("certs");
        let path = |name: &str| Value::from(certs.join(name).display().to_string());
        let listen = format!("127.0.0.1:{}", member.port);
        let admin_listen = format!("127.0.0.1:{}", member.admin_port);
        let mut tls = Table::new();
        tls.insert("certificate".to_owned(), path(&format!("{service}.pem")));
        tls.insert("key".to_owned(), path(&format!("{service}.key")));
        tls.insert("authority".to_owned(), path("authority.pem"));
        // Browsers have no certificate.
        tls.insert("mutual".to_owned(), Value::from(service != "gateway"));
        let mut server = Table::new();
        server.insert("listen".to_owned(), Value::from(listen));
        server.insert("admin_listen".to_owned(), Value::from(admin_listen));
        server.insert("tls".to_owned(), Value::from(tls));
        server.insert("log".to_owned(), Value::from(LOG));
        let mut config = Table::new();
        config.insert("server".to_owned(), Value::from(server));
        let calls = CALLS.iter().find(|(caller, _)| *caller == service).map_or(&[][..], |(_, calls)| calls);
        for called in calls {
            config.insert((*called).to_owned(), Value::from(self.target(called)));
        }
        if KEEPERS.contains(&service) {
            let url = format!("{}/{service}", self.backends.postgres.url());
            let mut db = toml! { url = url };
            if let Some(standby) = standby {
                db.insert("replica_url".to_owned(), Value::from(format!("{}/{service}", standby.url())));
            }
            config.insert("db".to_owned(), Value::from(db));
        }
        if service != "gateway" {
            let url = self.backends.redis.url();
            config.insert("bus".to_owned(), Value::from(toml! { url = url }));
        }
        if service == "staff" {
            config.insert("bootstrap".to_owned(), Value::from(bootstrap(administrator)));
        }
        config
    }

    fn target(&self, service: &str) -> Table {
        let addresses: Vec<Value> = self
            .members
            .iter()
            .filter(|member| member.service == service)
            .map(|member| Value::from(format!("https://127.0.0.1:{}", member.port)))
            .collect();
        let mut target = Table::new();
        target.insert("name".to_owned(), Value::from(service));
        target.insert("addresses".to_owned(), Value::from(addresses));
        target
    }

    /// Where the first gateway listens.
    pub fn address(&self) -> String {
        let port =
            self.members.iter().find(|member| member.service == "gateway").map_or(0, |member| member.port);
        format!("https://localhost:{port}")
    }

    /// Where the first instance of a service listens, and its admin port.
    pub fn ports(&self, service: &str) -> Option<(u16, u16)> {
        self.members
            .iter()
            .find(|member| member.service == service)
            .map(|member| (member.port, member.admin_port))
    }

    /// The authority that the mesh's certificates come from.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("certs/authority.pem")
    }

    /// The log lines of every instance of a service.
    ///
    /// # Errors
    /// When a log cannot be read.
    pub fn log(&self, service: &str) -> io::Result<String> {
        let members = self.members.iter().filter(|member| member.service == service);
        members.map(|member| fs::read_to_string(&member.log)).collect()
    }

    /// The log lines of each instance of a service.
    ///
    /// # Errors
    /// When a log cannot be read.
    pub fn logs(&self, service: &str) -> io::Result<Vec<String>> {
        let members = self.members.iter().filter(|member| member.service == service);
        members.map(|member| fs::read_to_string(&member.log)).collect()
    }

    /// Ends one instance of a service as a power cut would.
    pub fn kill_instance(&mut self, service: &str, index: usize) {
        let mut members = self.members.iter_mut().filter(|member| member.service == service);
        if let Some(process) = members.nth(index).and_then(|member| member.process.as_mut()) {
            process.kill();
        }
    }

    /// The folder of configurations, certificates and logs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends every instance of a service as a power cut would.
    pub fn kill(&mut self, service: &str) {
        for member in self.members.iter_mut().filter(|member| member.service == service) {
            if let Some(process) = &mut member.process {
                process.kill();
            }
        }
    }

    /// Starts every instance of a service again and waits until they are ready.
    ///
    /// # Errors
    /// When one does not become ready.
    pub fn restart(&mut self, service: &str) -> io::Result<()> {
        let mut members: Vec<&mut Member> =
            self.members.iter_mut().filter(|member| member.service == service).collect();
        for member in &mut members {
            member.launch()?;
        }
        members.into_iter().try_for_each(Member::wait)
    }

    /// Asks every process to stop and waits for its end.
    ///
    /// # Errors
    /// When one does not end in time, or ends with anything but success.
    pub fn stop(&mut self) -> io::Result<()> {
        for member in self.members.iter_mut().rev() {
            if let Some(mut process) = member.process.take() {
                let status = process.terminate(STOP_MAX)?;
                if !status.success() {
                    return Err(io::Error::other(format!("{} ended with {status}", member.service)));
                }
            }
        }
        Ok(())
    }
}

impl Member {
    fn launch(&mut self) -> io::Result<()> {
        let mut command = Command::new(program(self.service)?);
        command.arg("--config").arg(&self.config);
        self.process = Some(Process::start(command, &self.log)?);
        Ok(())
    }

    fn wait(&mut self) -> io::Result<()> {
        let port = self.admin_port;
        match &mut self.process {
            Some(process) => process.wait_until(READY_MAX, || is_ready(port)),
            None => Ok(()),
        }
    }
}

fn bootstrap(administrator: &Administrator) -> Table {
    let Administrator { hospital, email, password } = *administrator;
    toml! {
        hospital = hospital
        display_name = "Clinique des Tilleuls"
        administrator_email = email
        administrator_password = password
    }
}

/// A program of this workspace, built beside the one that runs.
///
/// # Errors
/// When it has not been built.
pub fn program(name: &str) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folders = own.ancestors().skip(1).take(2);
    folders.map(|folder| folder.join(name)).find(|path| path.is_file()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!("{name} is not built: cargo build --workspace --bins"),
        )
    })
}

/// Whether `/readyz` of that admin port says so.
pub fn is_ready(admin_port: u16) -> bool {
    use std::io::{Read, Write};
    let address = ([127, 0, 0, 1], admin_port).into();
    let Ok(mut stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(3)));
    let request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = [0; 12];
    stream.write_all(request).is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200")
}
