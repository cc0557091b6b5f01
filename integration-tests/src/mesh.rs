//! The mesh form on one machine: every service as processes of its own, with mutual TLS between them, each with its own
//! PostgreSQL database, and Redis for the bus.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use mathildanesth::certs::{Authority, OPERATOR, SERVICES};
use tempfile::TempDir;
use toml::{Table, Value, toml};

use crate::{
    backends::Backends,
    foundation::Foundation,
    http,
    process::{Process, free_port, signal},
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
/// A setting of `[db]` that the version before the newest migration does not know.
const NEWER_SETTING: &str = "replica_url";
const READY_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(30);

/// The first administrator of a mesh.
#[derive(Clone, Copy)]
pub struct Administrator {
    /// Hospital id.
    pub hospital: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Password.
    pub password: &'static str,
}

/// Processes, servers, certificates and their folder; all of it ends with this value.
pub struct Mesh<B = Backends> {
    members: Vec<Member>,
    /// Databases and bus.
    pub backends: B,
    /// Who certifies the services, and who may follow.
    authorities: [Authority; 2],
    administrator: Administrator,
    folder: TempDir,
}

struct Member {
    service: &'static str,
    instance: usize,
    port: u16,
    admin_port: u16,
    config: PathBuf,
    log: PathBuf,
    environment: Vec<(String, String)>,
    /// Where its program is; beside the one that runs by default.
    programs: Option<PathBuf>,
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
        Self::start_on(Backends::start()?, None, instances, administrator)
    }
}

impl<B: Foundation> Mesh<B> {
    /// Starts the services on what stands already, from the programs of a folder or those beside the one that runs.
    ///
    /// # Errors
    /// When a process does not become ready; the text holds the end of its log.
    pub fn start_on(
        backends: B,
        programs: Option<PathBuf>,
        instances: impl Fn(&'static str) -> usize,
        administrator: &Administrator,
    ) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-mesh-").tempdir()?;
        let authorities = [Authority::new()?, Authority::new()?];
        let mut members = vec![];
        for service in SERVICES {
            for instance in 0..instances(service) {
                let file = |extension: &str| folder.path().join(format!("{service}-{instance}.{extension}"));
                let (port, admin_port) = (free_port()?, free_port()?);
                members.push(Member {
                    service,
                    instance,
                    port,
                    admin_port,
                    config: file("toml"),
                    log: file("log"),
                    environment: vec![],
                    programs: programs.clone(),
                    process: None,
                });
            }
        }
        let mut mesh = Self { members, backends, authorities, administrator: *administrator, folder };
        mesh.trust(&[0])?;
        mesh.certify(0)?;
        for keeper in KEEPERS {
            mesh.backends.create_database(keeper)?;
        }
        mesh.configure()?;
        mesh.each(Member::launch)?;
        mesh.each(Member::wait)?;
        Ok(mesh)
    }

    /// Writes every instance's configuration; in force from its next start on.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn configure(&self) -> io::Result<()> {
        let write = |member: &Member| fs::write(&member.config, self.config(member).to_string());
        self.members.iter().try_for_each(write)
    }

    fn each(&mut self, act: impl Fn(&mut Member) -> io::Result<()>) -> io::Result<()> {
        self.members.iter_mut().try_for_each(act)
    }

    fn config(&self, member: &Member) -> Table {
        let service = member.service;
        let certs = self.certs();
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
            let mut db = self.backends.database(service, member.instance);
            if member.programs.is_some() {
                // A version is started with the settings that it knows.
                db.remove(NEWER_SETTING);
            }
            config.insert("db".to_owned(), Value::from(db));
        }
        if service != "gateway" {
            config.insert("bus".to_owned(), Value::from(self.backends.bus()));
        }
        if service == "staff" {
            config.insert("bootstrap".to_owned(), Value::from(bootstrap(&self.administrator)));
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
        self.addresses().swap_remove(0)
    }

    /// Where the gateways listen.
    pub fn addresses(&self) -> Vec<String> {
        let gateways = self.members.iter().filter(|member| member.service == "gateway");
        gateways.map(|member| format!("https://localhost:{}", member.port)).collect()
    }

    /// Where the first instance of a service listens, and its admin port.
    pub fn ports(&self, service: &str) -> Option<(u16, u16)> {
        self.members
            .iter()
            .find(|member| member.service == service)
            .map(|member| (member.port, member.admin_port))
    }

    /// The authorities that clients trust: whom the mesh's certificates come from, now or later.
    pub fn authority(&self) -> PathBuf {
        self.certs().join("clients.pem")
    }

    /// The folder of certificates and keys.
    pub fn certs(&self) -> PathBuf {
        self.folder.path().join("certs")
    }

    /// Lets every service trust these authorities, and no others, from its next start on.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn trust(&self, authorities: &[usize]) -> io::Result<()> {
        let bundle =
            |chosen: &[usize]| -> String { chosen.iter().map(|&at| self.authorities[at].pem()).collect() };
        fs::create_dir_all(self.certs())?;
        fs::write(self.certs().join("clients.pem"), bundle(&[0, 1]))?;
        fs::write(self.certs().join("authority.pem"), bundle(authorities))
    }

    /// Gives every service a new certificate of an authority, in force from its next start on.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn certify(&self, authority: usize) -> io::Result<()> {
        let issuer = &self.authorities[authority];
        SERVICES.iter().chain([&OPERATOR]).try_for_each(|name| issuer.certify(&self.certs(), name))
    }

    /// One of the two authorities.
    pub fn issuer(&self, authority: usize) -> &Authority {
        &self.authorities[authority]
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
    pub fn kill_instance(&mut self, service: &str, instance: usize) {
        if let Some(process) = self.member(service, instance).and_then(|member| member.process.as_mut()) {
            process.kill();
        }
    }

    /// Asks one instance to stop, and waits for its end.
    ///
    /// # Errors
    /// When it does not end in time, or ends with anything but success.
    pub fn stop_instance(&mut self, service: &str, instance: usize) -> io::Result<()> {
        self.member(service, instance).map_or(Ok(()), Member::stop)
    }

    /// Starts one instance again and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start_instance(&mut self, service: &str, instance: usize) -> io::Result<()> {
        let Some(member) = self.member(service, instance) else { return Ok(()) };
        member.launch()?;
        member.wait()
    }

    /// Sends a signal, as `kill` names it, to one instance.
    pub fn signal_instance(&mut self, service: &str, instance: usize, name: &str) {
        if let Some(process) = self.member(service, instance).and_then(|member| member.process.as_ref()) {
            signal(name, &[process.id()]);
        }
    }

    /// What an instance finds in its environment from its next start on.
    pub fn set_environment(&mut self, service: &str, instance: usize, variables: &[(&str, &str)]) {
        if let Some(member) = self.member(service, instance) {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            member.environment = variables.iter().map(own).collect();
        }
    }

    /// From which folder an instance's program comes from its next start on; `None`: beside the one that runs.
    pub fn set_programs(&mut self, service: &str, instance: usize, programs: Option<PathBuf>) {
        if let Some(member) = self.member(service, instance) {
            member.programs = programs;
        }
    }

    /// Where an instance listens.
    pub fn port(&mut self, service: &str, instance: usize) -> Option<u16> {
        self.member(service, instance).map(|member| member.port)
    }

    /// An instance's process id.
    pub fn process(&mut self, service: &str, instance: usize) -> Option<u32> {
        self.member(service, instance)?.process.as_ref().map(Process::id)
    }

    /// How many instances of a service there are.
    pub fn instances(&self, service: &str) -> usize {
        self.members.iter().filter(|member| member.service == service).count()
    }

    fn member(&mut self, service: &str, instance: usize) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.service == service && member.instance == instance)
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

    /// Waits until every instance is ready.
    ///
    /// # Errors
    /// When one does not become it.
    pub fn wait_until_ready(&mut self) -> io::Result<()> {
        self.each(Member::wait)
    }

    /// Asks every process to stop and waits for its end.
    ///
    /// # Errors
    /// When one does not end in time, or ends with anything but success.
    pub fn stop(&mut self) -> io::Result<()> {
        self.members.iter_mut().rev().try_for_each(Member::stop)
    }
}

impl Member {
    fn launch(&mut self) -> io::Result<()> {
        let program = match &self.programs {
            Some(folder) => folder.join(self.service),
            None => program(self.service)?,
        };
        // Elsewhere solvers have machines of their own; here they leave the others theirs.
        let is_polite = self.service == "solver";
        let mut command = if is_polite { Command::new("nice") } else { Command::new(&program) };
        if is_polite {
            command.args(["-n", "10"]).arg(&program);
        }
        // All instances share this machine: threads of one that only wake each other would cost the others theirs.
        command.env("TOKIO_WORKER_THREADS", "1");
        command.arg("--config").arg(&self.config).envs(self.environment.iter().cloned());
        self.process = Some(Process::start(command, &self.log)?);
        Ok(())
    }

    fn stop(&mut self) -> io::Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let status = process.terminate(STOP_MAX)?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("{} ended with {status}", self.service)))
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
    http::is_ok(admin_port, "/readyz")
}
