//! Three Redis servers, one primary and two that follow it, and three Sentinels that choose another primary.

use std::{fs, io, path::PathBuf, process::Command, time::Duration};

use tempfile::TempDir;

use super::{NODES, until};
use crate::{
    process::{Process, answers, free_port},
    redis::command,
};

/// What the Sentinels call the primary: the bus's default.
const NAME: &str = "mathildanesth";
const READY_MAX: Duration = Duration::from_secs(10);

/// Servers and Sentinels.
pub struct Watched {
    servers: Vec<Node>,
    sentinels: Vec<Node>,
    folder: TempDir,
}

struct Node {
    port: u16,
    process: Option<Process>,
}

impl Watched {
    /// Starts all of them and waits until the Sentinels know each other and both replicas.
    ///
    /// # Errors
    /// When Redis is not installed or they do not find each other.
    pub fn start() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-sentinel-").tempdir()?;
        let nodes = || -> io::Result<Vec<Node>> {
            (0..NODES).map(|_| Ok(Node { port: free_port()?, process: None })).collect()
        };
        let mut all = Self { servers: nodes()?, sentinels: nodes()?, folder };
        for at in 0..NODES {
            let data = all.folder.path().join(format!("redis-{at}"));
            fs::create_dir(&data)?;
            let (port, primary) = (all.servers[at].port, all.servers[0].port);
            let follows = if at == 0 { String::new() } else { format!("replicaof 127.0.0.1 {primary}\n") };
            let text = format!(
                "port {port}
bind 127.0.0.1
dir {}
save \"\"
appendonly yes
appendfsync everysec
repl-diskless-sync-delay 0
maxmemory-policy noeviction
{follows}",
                data.display()
            );
            fs::write(all.file("redis", at), text)?;
            all.start_server(at)?;
        }
        for at in 0..NODES {
            let (port, primary) = (all.sentinels[at].port, all.servers[0].port);
            let text = format!(
                "port {port}
bind 127.0.0.1
dir {}
sentinel monitor {NAME} 127.0.0.1 {primary} 2
sentinel down-after-milliseconds {NAME} 500
sentinel failover-timeout {NAME} 5000
sentinel parallel-syncs {NAME} 2
",
                all.folder.path().display()
            );
            fs::write(all.file("sentinel", at), text)?;
            let mut command = Command::new("redis-server");
            command.arg(all.file("sentinel", at)).arg("--sentinel");
            let mut process = Process::start(command, &all.folder.path().join(format!("sentinel-{at}.log")))?;
            process.wait_until(READY_MAX, || answers(port))?;
            all.sentinels[at].process = Some(process);
        }
        all.wait_until_whole()?;
        Ok(all)
    }

    fn file(&self, what: &str, at: usize) -> PathBuf {
        self.folder.path().join(format!("{what}-{at}.conf"))
    }

    /// The Sentinels, `redis://host:port` each.
    pub fn sentinels(&self) -> Vec<String> {
        self.sentinels.iter().map(|node| format!("redis://127.0.0.1:{}", node.port)).collect()
    }

    /// Which server the Sentinels call the primary.
    pub fn primary(&self) -> Option<usize> {
        let answer = self.ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME])?;
        let port: u16 = answer.lines().nth(1)?.trim().parse().ok()?;
        self.servers.iter().position(|node| node.port == port)
    }

    /// Waits until the primary has both replicas and each Sentinel knows the others.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn wait_until_whole(&self) -> io::Result<()> {
        until("a whole Redis", || self.is_whole())
    }

    fn is_whole(&self) -> bool {
        let Some(primary) = self.primary() else { return false };
        let following = command(self.servers[primary].port, &["INFO", "replication"]);
        let following = following.unwrap_or_default().matches("state=online").count();
        let known = self.ask(&["SENTINEL", "SENTINELS", NAME]).unwrap_or_default();
        following == NODES - 1 && known.matches("runid").count() >= NODES - 1
    }

    /// What the first Sentinel that answers says.
    fn ask(&self, words: &[&str]) -> Option<String> {
        self.sentinels.iter().find_map(|node| command(node.port, words).ok())
    }

    /// Sends a command to the primary.
    ///
    /// # Errors
    /// When there is none.
    pub fn command(&self, words: &[&str]) -> io::Result<String> {
        let primary = self.primary().ok_or_else(|| io::Error::other("Redis has no primary"))?;
        command(self.servers[primary].port, words)
    }

    /// Ends a server as a power cut would.
    pub fn kill(&mut self, at: usize) {
        if let Some(mut process) = self.servers[at].process.take() {
            process.kill();
        }
    }

    /// Starts every server that was ended again.
    ///
    /// # Errors
    /// When one does not come up.
    pub fn mend(&mut self) -> io::Result<()> {
        (0..NODES)
            .filter(|&at| self.servers[at].process.is_none())
            .collect::<Vec<_>>()
            .into_iter()
            .try_for_each(|at| self.start_server(at))
    }

    /// Starts a server, again or for the first time.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_server(&mut self, at: usize) -> io::Result<()> {
        let mut command = Command::new("redis-server");
        command.arg(self.file("redis", at));
        let mut process = Process::start(command, &self.folder.path().join(format!("redis-{at}.log")))?;
        let port = self.servers[at].port;
        process.wait_until(READY_MAX, || answers(port))?;
        self.servers[at].process = Some(process);
        Ok(())
    }
}
