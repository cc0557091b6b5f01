//! A PostgreSQL of one's own.

use std::{
    io,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use crate::process::{Process, answers, free_port};

/// A server on a free port of loopback, in a temporary folder, trusting whoever can reach it.
pub struct Postgres {
    process: Process,
    port: u16,
    folder: TempDir,
}

/// A standby that follows a server by streaming replication.
pub struct Standby(Postgres);

const READY_MAX: Duration = Duration::from_secs(30);

impl Postgres {
    /// Initialises a cluster and starts it.
    ///
    /// # Errors
    /// When the programs are missing or the server does not come up.
    pub fn start() -> io::Result<Self> {
        let (folder, data) = prepare()?;
        let status = program("initdb")?
            .args(["--username=mathildanesth", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--pgdata")
            .arg(&data)
            .stdout(std::process::Stdio::null())
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("initdb ended with {status}")));
        }
        let port = free_port()?;
        let process = Self::launch(&data, port, folder.path())?;
        Ok(Self { process, port, folder })
    }

    fn launch(data: &Path, port: u16, folder: &Path) -> io::Result<Process> {
        let mut command = program("postgres")?;
        command
            .arg("-D")
            .arg(data)
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-c", "unix_socket_directories="])
            .args(["-c", "max_connections=400", "-c", "shared_buffers=64MB"]);
        let mut process = Process::start(command, &folder.join("postgres.log"))?;
        process.wait_until(READY_MAX, || answers(port) && accepts(port))?;
        Ok(process)
    }

    /// Creates an empty database.
    ///
    /// # Errors
    /// When the name is taken or the server away.
    pub fn create_database(&self, name: &str) -> io::Result<String> {
        self.query("postgres", &format!("CREATE DATABASE \"{name}\""))?;
        Ok(format!("{}/{name}", self.url()))
    }

    /// Rows of a query, fields separated by `|`.
    ///
    /// # Errors
    /// When it fails; the text says why.
    pub fn query(&self, database: &str, sql: &str) -> io::Result<Vec<String>> {
        query(self.port, ("mathildanesth", ""), database, sql)
    }

    /// Copies the server, all of its databases, and lets the copy follow it.
    ///
    /// # Errors
    /// When the programs are missing or the standby does not come up.
    pub fn standby(&self) -> io::Result<Standby> {
        let (folder, data) = prepare()?;
        let status = program("pg_basebackup")?
            .args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"])
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "mathildanesth"])
            .arg("--pgdata")
            .arg(&data)
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("pg_basebackup ended with {status}")));
        }
        let port = free_port()?;
        let process = Self::launch(&data, port, folder.path())?;
        Ok(Standby(Self { process, port, folder }))
    }

    /// Asks one question and answers its one value; an empty text when there is none.
    ///
    /// # Errors
    /// When the server is away or refuses.
    pub fn ask(&self, sql: &str) -> io::Result<String> {
        Ok(self.query("postgres", sql)?.into_iter().next().unwrap_or_default())
    }

    /// The server, as `postgres://user@host:port`.
    pub fn url(&self) -> String {
        format!("postgres://mathildanesth@127.0.0.1:{}", self.port)
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        // Killing the first process alone leaves its children writing; they share its process group.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        self.process.kill();
    }

    /// Starts it again on the same port and data.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn restart(&mut self) -> io::Result<()> {
        let data = self.folder.path().join("data");
        let _ = std::fs::remove_file(data.join("postmaster.pid"));
        self.process = Self::launch(&data, self.port, self.folder.path())?;
        Ok(())
    }
}

/// Rows of a query as a user with a password, fields separated by `|`.
///
/// # Errors
/// When it fails; the text says why.
pub fn query(
    port: u16,
    (user, password): (&str, &str),
    database: &str,
    sql: &str,
) -> io::Result<Vec<String>> {
    let output = program("psql")?
        .args(["--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1"])
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-U", user, "-d", database, "-c", sql])
        .env("PGPASSWORD", password)
        .env("PGCONNECT_TIMEOUT", "3")
        .stdin(std::process::Stdio::null())
        .output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()),
        false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

// === impl Standby ===

impl Standby {
    /// The standby, as `postgres://user@host:port`.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Receives and does not replay, until [`Standby::resume`].
    ///
    /// # Errors
    /// When it is away.
    pub fn pause(&self) -> io::Result<()> {
        self.0.ask("SELECT pg_wal_replay_pause()")?;
        // The replay stops after the record it is at.
        while self.0.ask("SELECT pg_get_wal_replay_pause_state()")? != "paused" {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Replays again.
    ///
    /// # Errors
    /// When it is away.
    pub fn resume(&self) -> io::Result<()> {
        self.0.ask("SELECT pg_wal_replay_resume()").map(drop)
    }

    /// Sets a parameter of the running server: `primary_conninfo` to nothing cuts it off, `recovery_min_apply_delay`
    /// holds it back.
    ///
    /// # Errors
    /// When it is away or knows no such parameter.
    pub fn set(&self, parameter: &str, value: &str) -> io::Result<()> {
        self.0.ask(&format!("ALTER SYSTEM SET {parameter} = '{value}'"))?;
        self.0.ask("SELECT pg_reload_conf()").map(drop)
    }

    /// Asks one question and answers its one value.
    ///
    /// # Errors
    /// When the server is away or refuses.
    pub fn ask(&self, sql: &str) -> io::Result<String> {
        self.0.ask(sql)
    }

    /// Lets it hang: it keeps its connections and answers nobody, until [`Standby::thaw`].
    pub fn freeze(&self) {
        self.0.process.signal_tree("STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.0.process.signal_tree("CONT");
    }

    /// Ends the standby as a power cut would.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// Starts it again on the same port and data.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn restart(&mut self) -> io::Result<()> {
        self.0.restart()
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        // A child that hangs would not see that the first process is gone, and stay.
        self.thaw();
    }
}

/// A temporary folder and an empty one for data in it. The server insists on a user who is not root, and on a folder
/// that is theirs alone.
fn prepare() -> io::Result<(TempDir, PathBuf)> {
    let folder = tempfile::Builder::new().prefix("mathildanesth-postgres-").tempdir()?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700))?;
    if let Some((user, group)) = unprivileged() {
        std::os::unix::fs::chown(&data, Some(user), Some(group))?;
    }
    Ok((folder, data))
}

/// Whether the server accepts queries, not only connections.
fn accepts(port: u16) -> bool {
    program("pg_isready")
        .and_then(|mut command| {
            command.args(["--quiet", "-h", "127.0.0.1", "-p", &port.to_string()]).status()
        })
        .is_ok_and(|status| status.success())
}

/// A program of PostgreSQL, run as somebody who is not root, in a process group of its own.
pub(crate) fn program(name: &str) -> io::Result<Command> {
    let mut command = Command::new(locate(name)?);
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command.process_group(0).current_dir("/");
    Ok(command)
}

/// Debian keeps the server's programs out of the path, one folder a version; the newest wins.
pub(crate) fn locate(name: &str) -> io::Result<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path().join("bin").join(name))).collect())
        .unwrap_or_default();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path).map(|folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("{name} is not installed: run scripts/setup"))
        })
}

/// The user `postgres` when we are root, nobody else otherwise.
pub(crate) fn unprivileged() -> Option<(u32, u32)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?;
    if uid != "0" {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> = users.lines().find(|line| line.starts_with("postgres:"))?.split(':').collect();
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}
