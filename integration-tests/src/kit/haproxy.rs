//! Two HAProxies, one for each half of the services' instances: the way to the primary, and to the standbys.

use std::{fs, io, path::PathBuf, process::Command, time::Duration};

use tempfile::TempDir;

use super::{NODES, patroni::Cluster};
use crate::process::{Process, answers, free_port, signal};

/// How many there are.
pub const PROXIES: usize = 2;

const READY_MAX: Duration = Duration::from_secs(20);

/// Both.
pub struct Proxies {
    proxies: Vec<Proxy>,
    folder: TempDir,
}

struct Proxy {
    primary: u16,
    standbys: u16,
    process: Option<Process>,
}

impl Proxies {
    /// Starts both in front of a cluster.
    ///
    /// # Errors
    /// When HAProxy is not installed or does not come up.
    pub fn start(databases: &Cluster) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-haproxy-").tempdir()?;
        let mut proxies = vec![];
        for _ in 0..PROXIES {
            proxies.push(Proxy { primary: free_port()?, standbys: free_port()?, process: None });
        }
        let mut all = Self { proxies, folder };
        for at in 0..PROXIES {
            fs::write(all.configuration(at), all.describe(at, databases))?;
            all.start_one(at)?;
        }
        for at in 0..PROXIES {
            let (port, process) = (all.proxies[at].primary, &mut all.proxies[at].process);
            if let Some(process) = process {
                // Every server counts as the primary until it was asked, and they take turns.
                let is_primary = |_| {
                    let rows = databases.query(port, "postgres", "SELECT pg_is_in_recovery()");
                    rows.is_ok_and(|rows| rows == ["f"])
                };
                process.wait_until(READY_MAX, || (0..NODES).all(is_primary))?;
            }
        }
        Ok(all)
    }

    /// Where the instances of one half find the primary.
    pub fn primary_port(&self, instance: usize) -> u16 {
        self.proxies[instance % PROXIES].primary
    }

    /// Where they find the standbys.
    pub fn standby_port(&self, instance: usize) -> u16 {
        self.proxies[instance % PROXIES].standbys
    }

    /// Ends one.
    pub fn kill(&mut self, at: usize) {
        if let Some(process) = &mut self.proxies[at].process {
            process.kill();
        }
    }

    /// Lets one hang, or go on.
    pub fn hang(&self, at: usize, hangs: bool) {
        let process: Vec<u32> = self.proxies[at].process.iter().map(Process::id).collect();
        signal(if hangs { "STOP" } else { "CONT" }, &process);
    }

    /// Starts one, again or for the first time.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_one(&mut self, at: usize) -> io::Result<()> {
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-db").arg("-f").arg(self.configuration(at));
        let log = self.folder.path().join(format!("haproxy-{at}.log"));
        let mut process = Process::start(command, &log)?;
        let port = self.proxies[at].primary;
        process.wait_until(READY_MAX, || answers(port))?;
        self.proxies[at].process = Some(process);
        Ok(())
    }

    fn configuration(&self, at: usize) -> PathBuf {
        self.folder.path().join(format!("haproxy-{at}.cfg"))
    }

    /// A server counts as what its Patroni says it is; sessions to one that is no longer that are cut.
    fn describe(&self, at: usize, databases: &Cluster) -> String {
        let Proxy { primary, standbys, .. } = self.proxies[at];
        let servers: String = databases
            .ports()
            .into_iter()
            .enumerate()
            .map(|(at, (port, rest))| format!("  server node{at} 127.0.0.1:{port} check port {rest}\n"))
            .collect();
        let section = |name: &str, port: u16, question: &str| {
            format!(
                "listen {name}
  bind 127.0.0.1:{port}
  option httpchk OPTIONS {question}
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}"
            )
        };
        format!(
            "global
  maxconn 2000
defaults
  mode tcp
  retries 2
  timeout connect 1s
  timeout check 1s
  timeout client 30m
  timeout server 30m
{}{}",
            section("primary", primary, "/primary"),
            section("standbys", standbys, "/replica?lag=16MB"),
        )
    }
}
