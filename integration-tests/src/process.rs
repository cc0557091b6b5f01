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

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn failure(&self, what: &str) -> io::Error {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(20).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        io::Error::other(format!("process {what}; {}:\n{}", self.log.display(), tail.join("\n")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
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
