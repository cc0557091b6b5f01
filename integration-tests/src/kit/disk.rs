//! A small disk of one's own, so that it can be full without anybody else minding.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Room for a cluster's data and logs; the file behind it is sparse.
const SIZE: u64 = 3 * 1024 * 1024 * 1024;

/// A file system in a file, mounted as long as this value lives. Only root can have one.
pub struct Disk {
    /// Where it is mounted.
    pub folder: PathBuf,
}

impl Disk {
    /// Makes one and mounts it.
    ///
    /// # Errors
    /// When we are not root, or the machine has no loop devices.
    pub fn mount(folder: &Path) -> io::Result<Self> {
        fs::create_dir(folder)?;
        let image = folder.with_extension("img");
        File::create(&image)?.set_len(SIZE)?;
        run(Command::new("/usr/sbin/mkfs.ext4").args(["-q", "-m", "0"]).arg(&image))?;
        run(Command::new("/usr/bin/mount").args(["-o", "loop"]).arg(&image).arg(folder))?;
        Ok(Self { folder: folder.to_owned() })
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?} ended with {status}"))) }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Whoever still has a file open keeps it, and nobody else.
        let _ = run(Command::new("/usr/bin/umount").arg("--lazy").arg(&self.folder));
    }
}
