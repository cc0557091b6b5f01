//! Three etcd members: whoever holds the leader's key there is the primary database.

use std::{
    io,
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{FORM_MAX, NODES};
use crate::{
    http,
    process::{Process, free_port},
};

/// The cluster.
pub struct Etcd {
    members: Vec<Member>,
    cluster: String,
    folder: TempDir,
}

struct Member {
    client: u16,
    peer: u16,
    process: Option<Process>,
}

impl Etcd {
    /// Starts the members and waits until they agree on a leader.
    ///
    /// # Errors
    /// When etcd is not installed or no leader is found.
    pub fn start() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-etcd-").tempdir()?;
        let mut members = vec![];
        for _ in 0..NODES {
            members.push(Member { client: free_port()?, peer: free_port()?, process: None });
        }
        let cluster = members.iter().enumerate();
        let cluster: Vec<String> =
            cluster.map(|(at, member)| format!("etcd{at}=http://127.0.0.1:{}", member.peer)).collect();
        let mut etcd = Self { members, cluster: cluster.join(","), folder };
        for at in 0..NODES {
            etcd.launch(at)?;
        }
        let end = Instant::now() + FORM_MAX;
        for member in &mut etcd.members {
            let client = member.client;
            if let Some(process) = &mut member.process {
                let left = end.saturating_duration_since(Instant::now());
                process.wait_until(left, || http::is_ok(client, "/health"))?;
            }
        }
        Ok(etcd)
    }

    fn launch(&mut self, at: usize) -> io::Result<()> {
        let (client, peer) = (self.members[at].client, self.members[at].peer);
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let mut command = Command::new("etcd");
        command
            .args(["--name", &format!("etcd{at}"), "--data-dir"])
            .arg(self.folder.path().join(at.to_string()))
            .args(["--listen-client-urls", &url(client), "--advertise-client-urls", &url(client)])
            .args(["--listen-peer-urls", &url(peer), "--initial-advertise-peer-urls", &url(peer)])
            .args(["--initial-cluster", &self.cluster, "--initial-cluster-state", "new"])
            .args(["--heartbeat-interval", "100", "--election-timeout", "1000"])
            // Patroni speaks version 2: decision 0018.
            .arg("--enable-v2=true");
        let log = self.folder.path().join(format!("etcd-{at}.log"));
        self.members[at].process = Some(Process::start(command, &log)?);
        Ok(())
    }

    /// Where clients ask, `host:port` with commas between.
    pub fn hosts(&self) -> String {
        let hosts: Vec<String> =
            self.members.iter().map(|member| format!("127.0.0.1:{}", member.client)).collect();
        hosts.join(",")
    }

    /// Ends one member as a power cut would.
    pub fn kill(&mut self, at: usize) {
        if let Some(process) = &mut self.members[at].process {
            process.kill();
        }
    }

    /// Starts a member again and waits until it serves.
    ///
    /// # Errors
    /// When it does not.
    pub fn restart(&mut self, at: usize) -> io::Result<()> {
        self.launch(at)?;
        let client = self.members[at].client;
        match &mut self.members[at].process {
            Some(process) => process.wait_until(Duration::from_secs(30), || http::is_ok(client, "/health")),
            None => Ok(()),
        }
    }
}
