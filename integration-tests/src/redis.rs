//! A Redis of one's own.

use std::{io, process::Command, time::Duration};

use tempfile::TempDir;

use crate::process::{Process, answers, free_port};

/// A server on a free port of loopback that keeps what it acknowledged (append-only file).
pub struct Redis {
    process: Process,
    port: u16,
    folder: TempDir,
}

const READY_MAX: Duration = Duration::from_secs(10);

impl Redis {
    /// Starts a server.
    ///
    /// # Errors
    /// When the program is missing or does not come up.
    pub fn start() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-redis-").tempdir()?;
        let port = free_port()?;
        let process = Self::launch(port, &folder)?;
        Ok(Self { process, port, folder })
    }

    fn launch(port: u16, folder: &TempDir) -> io::Result<Process> {
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "everysec", "--dir"])
            .arg(folder.path());
        let mut process = Process::start(command, &folder.path().join("redis.log"))?;
        process.wait_until(READY_MAX, || answers(port))?;
        Ok(process)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Sends a command.
    ///
    /// # Errors
    /// When it fails; the text says why.
    pub fn command(&self, words: &[&str]) -> io::Result<String> {
        command(self.port, words)
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port and data.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn restart(&mut self) -> io::Result<()> {
        self.process = Self::launch(self.port, &self.folder)?;
        Ok(())
    }
}

/// Sends a command to the server of a port.
///
/// # Errors
/// When it fails; the text says why.
pub fn command(port: u16, words: &[&str]) -> io::Result<String> {
    let output = Command::new("redis-cli").args(["-p", &port.to_string()]).args(words).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
