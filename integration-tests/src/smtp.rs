//! A mail server of one's own: aiosmtpd, which speaks SMTP (RFC 5321) with STARTTLS, SMTPS and SIZE, and puts each
//! letter into a folder once it has taken it over.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use crate::process::{Process, answers, free_port};

/// A server on a free port of loopback that keeps what it was handed.
pub struct Smtp {
    process: Process,
    port: u16,
    arguments: Vec<String>,
    folder: TempDir,
}

/// What somebody would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The head, by name of field; those that come twice one after another.
    pub head: BTreeMap<String, String>,
    /// The body as it travelled, with its lines joined that were broken on the way (quoted-printable).
    pub body: String,
}

const READY_MAX: Duration = Duration::from_secs(20);

impl Smtp {
    /// Starts a server with arguments of aiosmtpd's own.
    ///
    /// # Errors
    /// When the program is missing (`scripts/setup test` installs it) or does not come up.
    pub fn start(arguments: &[&str]) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-smtp-").tempdir()?;
        let port = free_port()?;
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let process = launch(port, &arguments, folder.path())?;
        Ok(Self { process, port, arguments, folder })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, in the clear.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port and folder.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn restart(&mut self) -> io::Result<()> {
        self.process = launch(self.port, &self.arguments, self.folder.path())?;
        Ok(())
    }

    /// Stops it in the middle of whatever it does, until [`Smtp::go_on`].
    pub fn freeze(&self) {
        self.process.signal_tree("STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.process.signal_tree("CONT");
    }

    /// What it has taken over, in no order.
    ///
    /// # Errors
    /// When a letter cannot be read.
    pub fn received(&self) -> io::Result<Vec<Received>> {
        let new = match fs::read_dir(self.folder.path().join("mail/new")) {
            // Made with the first letter.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries?,
        };
        new.map(|entry| Ok(read(&fs::read_to_string(entry?.path())?))).collect()
    }

    /// How many letters it has taken over.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn count(&self) -> io::Result<usize> {
        Ok(self.received()?.len())
    }
}

fn launch(port: u16, arguments: &[String], folder: &Path) -> io::Result<Process> {
    let mut command = Command::new(program());
    command
        .args([
            "--nosetuid",
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--class",
            "aiosmtpd.handlers.Mailbox",
        ])
        .args(arguments)
        .arg(folder.join("mail"));
    let mut process = Process::start(command, &folder.join("smtp.log"))?;
    process.wait_until(READY_MAX, || answers(port))?;
    Ok(process)
}

/// Where `scripts/setup test` puts it, else wherever the machine has it.
fn program() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let own = root.map(|root| root.join("target/tools/bin/aiosmtpd"));
    own.filter(|program| program.is_file()).unwrap_or_else(|| PathBuf::from("aiosmtpd"))
}

fn read(text: &str) -> Received {
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut fields = BTreeMap::<String, String>::new();
    for line in head.replace("\n ", " ").replace("\n\t", " ").lines() {
        if let Some((name, value)) = line.split_once(':') {
            let field = fields.entry(name.to_owned()).or_default();
            field.push_str(value.trim());
        }
    }
    Received { head: fields, body: body.replace("=\n", "") }
}
