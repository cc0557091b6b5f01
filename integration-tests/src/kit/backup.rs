//! Backups of the kit's databases, as an operator sets them up: through Patroni, with a receiver behind a HAProxy.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use tempfile::TempDir;

use super::{
    FORM_MAX, Kit,
    patroni::{give, own},
};
use crate::{
    mesh::program,
    process::{Process, free_port, output},
};

/// A repository, and the receiver that streams into it.
pub struct Backups {
    receiver: Option<Process>,
    folder: TempDir,
    passwords: PathBuf,
}

impl Backups {
    /// Sets the databases up for it, which restarts them one after the other, and begins to stream.
    ///
    /// # Errors
    /// When pgBackRest is not installed or no segment arrives in the repository.
    pub fn start(kit: &Kit) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("mathildanesth-backup-").tempdir()?;
        own(folder.path().to_owned())?;
        let passwords = folder.path().join("pgpass");
        let mut backups = Self { receiver: None, folder, passwords };
        secret(&backups.passwords, &kit.databases.superuser_password_line())?;
        secret(&backups.file("passphrase"), &format!("{}\n", uuid::Uuid::new_v4()))?;
        fs::write(backups.file("backup.conf"), backups.describe(kit)?)?;
        let patroni = format!("http://127.0.0.1:{}", kit.databases.patroni_port(0));
        let end = Instant::now() + FORM_MAX;
        // What PostgreSQL only reads at its start is in force after a restart, as the script says.
        while let Err(error) = backups.backup(&["configure", "--patroni", &patroni]) {
            if Instant::now() > end {
                return Err(error);
            }
            kit.databases.control(&["restart", "mathildanesth", "--force"])?;
            kit.databases.wait_until_whole()?;
        }
        let mut command = backups.command("scripts/backup")?;
        command.arg("stream");
        backups.receiver = Some(Process::start(command, &backups.file("receiver.log"))?);
        Ok(backups)
    }

    /// A full backup.
    ///
    /// # Errors
    /// When it fails; the text says why.
    pub fn full(&self) -> io::Result<()> {
        self.backup(&["full"])
    }

    /// Takes the primary for lost: restores everything beside it and lets the program check it; what the drill said.
    ///
    /// # Errors
    /// When something does not come back or a check fails; the text says what.
    pub fn drill(&self) -> io::Result<String> {
        let mut command = self.command("scripts/drill")?;
        command.args(["--port", &free_port()?.to_string()]);
        output(&mut command)
    }

    /// Ends the stream, and has the databases archive nowhere.
    ///
    /// # Errors
    /// When Patroni does not take it.
    pub fn stop(mut self, kit: &Kit) -> io::Result<()> {
        if let Some(mut receiver) = self.receiver.take() {
            receiver.kill_tree();
        }
        let nowhere = ["-p", "archive_command=/bin/true", "-s", "slots=null"];
        kit.databases
            .control(&[&["edit-config", "mathildanesth", "--force", "--quiet"][..], &nowhere].concat())
    }

    fn backup(&self, arguments: &[&str]) -> io::Result<()> {
        let mut command = self.command("scripts/backup")?;
        command.args(arguments);
        output(&mut command).map(drop)
    }

    fn command(&self, script: &str) -> io::Result<Command> {
        // Begun as root they go on as the owner, in a folder that both may read.
        let mut command = Command::new(fs::canonicalize(script)?);
        command.current_dir("/").env("PGPASSFILE", &self.passwords);
        command.arg("--config").arg(self.file("backup.conf"));
        Ok(command)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn describe(&self, kit: &Kit) -> io::Result<String> {
        let (folder, port) = (self.folder.path().display(), kit.proxies.primary_port(0));
        let checker = program("mathildanesth")?;
        Ok(format!(
            "stanza=kit
host=127.0.0.1
port={port}
repository={folder}/repository
state={folder}/state
spool={folder}/spool
passphrase_file={folder}/passphrase
checker={}
",
            checker.display()
        ))
    }
}

/// A file that only its owner reads.
fn secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    give(path)
}
