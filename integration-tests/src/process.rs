//! One child process: started, asked whether it is ready, killed when dropped.

use std::{
    fs::File,
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// A child process whose output goes to a file, and which dies with this value.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; its output is added to `log`.
    ///
    /// # Errors
    /// When the program cannot be started or the log not be written.
    pub fn start(mut command: Command, log: &Path) -> io::Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let child =
            command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn().map_err(
                |error| io::Error::new(error.kind(), format!("{:?}: {error}", command.get_program())),
            )?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Waits until `ready` says yes, and fails with the end of the log when the process dies first or takes longer
    /// than `patience`.
    ///
    /// # Errors
    /// As said; the text holds the last lines of the log.
    pub fn wait_until(&mut self, patience: Duration, mut ready: impl FnMut() -> bool) -> io::Result<()> {
        let end = Instant::now() + patience;
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                return Err(self.failure(&format!("ended with {status}")));
            }
            if Instant::now() > end {
                return Err(self.failure("is not ready in time"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Ends the process without warning, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to stop (SIGTERM) and waits for its end.
    ///
    /// # Errors
    /// When it does not end within `patience`.
    pub fn terminate(&mut self, patience: Duration) -> io::Result<ExitStatus> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        let end = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > end {
                return Err(self.failure("does not stop in time"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends the process and everything it started, wherever they went.
    pub fn kill_tree(&mut self) {
        // Stopped first, so that none of them starts another meanwhile.
        self.signal_tree("STOP");
        self.signal_tree("KILL");
        self.kill();
    }

    /// Sends a signal, as `kill` names it, to the process and everything it started.
    pub fn signal_tree(&self, name: &str) {
        signal(name, &descendants(self.child.id()));
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn failure(&self, what: &str) -> io::Error {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        io::Error::other(format!("process {what}; {}:\n{}", self.log.display(), tail(&log)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The end of what a process said.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// What a command printed.
///
/// # Errors
/// When it does not succeed; the text holds the end of what it complained.
pub fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let (program, complaint) = (command.get_program(), String::from_utf8_lossy(&output.stderr));
    Err(io::Error::other(format!("{program:?} ended with {}: {}", output.status, tail(&complaint))))
}

/// Sends a signal, as `kill` names it; processes that are gone do not mind.
pub fn signal(name: &str, processes: &[u32]) {
    let mut command = Command::new("kill");
    command.arg(format!("-{name}")).args(processes.iter().map(u32::to_string));
    let _ = command.stderr(Stdio::null()).status();
}

/// A process and everything it started.
pub fn descendants(process: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .map(|entries| entries.filter_map(|entry| parent(&entry.ok()?.path())).collect())
        .unwrap_or_default();
    let mut all = vec![process];
    let mut seen = 0;
    while seen < all.len() {
        let one = all[seen];
        all.extend(parents.iter().filter(|(_, parent)| *parent == one).map(|(child, _)| *child));
        seen += 1;
    }
    all
}

/// A process and its parent, from its folder below `/proc`.
fn parent(folder: &Path) -> Option<(u32, u32)> {
    let process = folder.file_name()?.to_str()?.parse().ok()?;
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    // The name in parentheses may hold spaces.
    let (_, rest) = stat.rsplit_once(") ")?;
    Some((process, rest.split(' ').nth(1)?.parse().ok()?))
}

/// Ports that the system gives nobody by itself, neither for connections nor for port 0.
const PORTS: std::ops::Range<u16> = 10_000..32_000;
/// Ports between the first ones of processes that follow each other.
const STRIDE: u32 = 61;

/// A port that was free a moment ago, and that nobody is given by chance: each process counts on from a place of its
/// own.
///
/// # Errors
/// When loopback has no free port.
pub fn free_port() -> io::Result<u16> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let all = u32::from(PORTS.end - PORTS.start);
    for _ in 0..all {
        let turn = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + ((process::id().wrapping_mul(STRIDE).wrapping_add(turn)) % all) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("no free port"))
}

/// Whether somebody accepts connections there.
pub fn answers(port: u16) -> bool {
    let address = ([127, 0, 0, 1], port).into();
    std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
}
