//! Three PostgreSQL servers, each kept by a Patroni: one primary, one synchronous standby, one more that follows.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{FORM_MAX, NODES, disk::Disk, etcd::Etcd, until};
use crate::{
    http,
    postgres::{locate, query, unprivileged},
    process::{Process, descendants, free_port, output, signal},
};

/// The role that owns the services' databases.
const OWNER: &str = "mathildanesth";
/// Loopback only, and gone with the folder.
const PASSWORD: &str = "loopback";

/// The cluster.
pub struct Cluster {
    nodes: Vec<Node>,
    disks: Vec<Disk>,
    etcd: String,
    folder: TempDir,
}

struct Node {
    port: u16,
    /// Patroni's own interface.
    rest: u16,
    process: Option<Process>,
}

impl Cluster {
    /// Starts the first server, then those that follow it.
    ///
    /// # Errors
    /// When Patroni is not installed or a server does not follow.
    pub fn start(etcd: &Etcd) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-patroni-").tempdir()?;
        let mut nodes = vec![];
        for _ in 0..NODES {
            nodes.push(Node { port: free_port()?, rest: free_port()?, process: None });
        }
        let disks = (0..NODES).map_while(|at| Disk::mount(&folder.path().join(format!("disk-{at}"))).ok());
        let disks = disks.collect();
        let mut cluster = Self { nodes, disks, etcd: etcd.hosts(), folder };
        own(cluster.folder.path().to_owned())?;
        for disk in &cluster.disks {
            own(disk.folder.clone())?;
        }
        for at in 0..NODES {
            let sockets = cluster.folder.path().join(format!("sockets-{at}"));
            fs::create_dir(&sockets)?;
            own(sockets)?;
            fs::write(cluster.configuration(at), cluster.describe(at)?)?;
        }
        cluster.launch(0)?;
        cluster.wait(0, "/primary")?;
        for at in 1..NODES {
            cluster.launch(at)?;
        }
        for at in 1..NODES {
            cluster.wait(at, "/replica")?;
        }
        until("a synchronous standby", || (1..NODES).any(|at| http::is_ok(cluster.nodes[at].rest, "/sync")))?;
        let owner = format!("CREATE ROLE {OWNER} LOGIN SUPERUSER PASSWORD '{PASSWORD}'");
        query(cluster.nodes[0].port, ("postgres", PASSWORD), "postgres", &owner)?;
        Ok(cluster)
    }

    fn launch(&mut self, at: usize) -> io::Result<()> {
        let mut command = Command::new("patroni");
        if let Some((user, group)) = unprivileged() {
            use std::os::unix::process::CommandExt;
            command.uid(user).gid(group);
        }
        command.arg(self.configuration(at)).current_dir("/").env("HOME", self.folder.path());
        let log = self.folder.path().join(format!("patroni-{at}.log"));
        self.nodes[at].process = Some(Process::start(command, &log)?);
        Ok(())
    }

    fn wait(&mut self, at: usize, role: &str) -> io::Result<()> {
        let rest = self.nodes[at].rest;
        match &mut self.nodes[at].process {
            Some(process) => process.wait_until(FORM_MAX, || http::is_ok(rest, role)),
            None => Ok(()),
        }
    }

    fn configuration(&self, at: usize) -> PathBuf {
        self.folder.path().join(format!("patroni-{at}.yml"))
    }

    fn data(&self, at: usize) -> PathBuf {
        let folder = self.disks.get(at).map_or(self.folder.path(), |disk| &disk.folder);
        folder.join(format!("data-{at}"))
    }

    /// The folder of the disk that a server has for itself, where one could be mounted.
    pub fn disk(&self, at: usize) -> Option<&Path> {
        self.disks.get(at).map(|disk| disk.folder.as_path())
    }

    /// All processes of a server's PostgreSQL.
    pub fn server_processes(&self, at: usize) -> Vec<u32> {
        self.postmaster(at).map(descendants).unwrap_or_default()
    }

    /// Figures and reasons: docs/operations/high-availability.md.
    fn describe(&self, at: usize) -> io::Result<String> {
        let Node { port, rest, .. } = self.nodes[at];
        let (etcd, folder) = (&self.etcd, self.folder.path().display());
        let programs = locate("postgres")?;
        let programs = programs.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        let data = self.data(at);
        let data = data.display();
        Ok(format!(
            "scope: mathildanesth
name: node{at}
restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}
etcd: {{hosts: '{etcd}', protocol: http}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 3
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    primary_start_timeout: 0
    master_start_timeout: 0
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        wal_level: replica
        hot_standby: 'on'
        wal_log_hints: 'on'
        wal_keep_size: 256MB
        max_wal_size: 512MB
        max_wal_senders: 10
        max_replication_slots: 10
        max_connections: 300
        shared_buffers: 64MB
        wal_receiver_timeout: 5s
        wal_sender_timeout: 5s
        tcp_user_timeout: 5s
  initdb: [data-checksums, {{encoding: UTF8}}, {{locale: C}}]
  pg_hba:
  - local all all trust
  - host replication all 127.0.0.0/8 scram-sha-256
  - host all all 127.0.0.0/8 scram-sha-256
postgresql:
  listen: '127.0.0.1:{port}'
  connect_address: '127.0.0.1:{port}'
  data_dir: '{data}'
  bin_dir: '{programs}'
  pgpass: '{folder}/pgpass-{at}'
  authentication:
    superuser: {{username: postgres, password: {PASSWORD}}}
    replication: {{username: replicator, password: {PASSWORD}}}
    rewind: {{username: rewinder, password: {PASSWORD}}}
  parameters: {{unix_socket_directories: '{folder}/sockets-{at}'}}
"
        ))
    }

    /// PostgreSQL's port and Patroni's own, of each server.
    pub fn ports(&self) -> Vec<(u16, u16)> {
        self.nodes.iter().map(|node| (node.port, node.rest)).collect()
    }

    /// Where a server's Patroni answers.
    pub fn patroni_port(&self, at: usize) -> u16 {
        self.nodes[at].rest
    }

    /// A line of a password file, for the superuser.
    pub fn superuser_password_line(&self) -> String {
        format!("*:*:*:postgres:{PASSWORD}\n")
    }

    /// Has Patroni's operator tool do something.
    ///
    /// # Errors
    /// When it does not; the text says why.
    pub fn control(&self, arguments: &[&str]) -> io::Result<()> {
        let mut command = Command::new("patronictl");
        output(command.arg("-c").arg(self.configuration(0)).args(arguments)).map(drop)
    }

    /// The address of a database behind a port.
    pub fn url(&self, port: u16, database: &str) -> String {
        format!("postgres://{OWNER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// Rows of a query behind a port, fields separated by `|`.
    ///
    /// # Errors
    /// When it fails; the text says why.
    pub fn query(&self, port: u16, database: &str, sql: &str) -> io::Result<Vec<String>> {
        query(port, (OWNER, PASSWORD), database, sql)
    }

    /// Which server is the primary now, if one is.
    pub fn primary(&self) -> Option<usize> {
        (0..NODES).find(|&at| http::is_ok(self.nodes[at].rest, "/primary"))
    }

    /// Waits until there is a primary, and every server follows it or is it.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_until_whole(&self) -> io::Result<()> {
        until("a whole cluster of databases", || {
            let is = |at: usize, role| http::is_ok(self.nodes[at].rest, role);
            self.primary().is_some()
                && (0..NODES).all(|at| is(at, "/primary") || is(at, "/replica"))
                && (0..NODES).any(|at| is(at, "/sync"))
        })
    }

    /// The first process of a server's PostgreSQL.
    fn postmaster(&self, at: usize) -> Option<u32> {
        let text = fs::read_to_string(self.data(at).join("postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }

    /// Ends a server's PostgreSQL as a crash would; its Patroni stays.
    pub fn kill_server(&mut self, at: usize) {
        signal("KILL", &self.postmaster(at).into_iter().collect::<Vec<_>>());
    }

    /// Ends a server and its Patroni as a power cut would.
    pub fn kill_host(&mut self, at: usize) {
        let server = self.server_processes(at);
        if let Some(process) = &mut self.nodes[at].process {
            process.kill_tree();
        }
        signal("KILL", &server);
    }

    /// Starts a host that was ended again.
    ///
    /// # Errors
    /// When Patroni cannot be started.
    pub fn start_host(&mut self, at: usize) -> io::Result<()> {
        self.launch(at)
    }

    /// Lets a whole host hang, or go on.
    pub fn hang_host(&self, at: usize, hangs: bool) {
        let mut all = self.server_processes(at);
        all.extend(self.nodes[at].process.iter().flat_map(|process| descendants(process.id())));
        signal(if hangs { "STOP" } else { "CONT" }, &all);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for at in 0..NODES {
            self.kill_host(at);
        }
    }
}

/// Gives a folder to the user who runs PostgreSQL, and lets everybody look into it.
pub(super) fn own(folder: PathBuf) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    give(&folder)
}

/// Gives a file to the user who runs PostgreSQL.
pub(super) fn give(path: &Path) -> io::Result<()> {
    match unprivileged() {
        Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
        None => Ok(()),
    }
}
