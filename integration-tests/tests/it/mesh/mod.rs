//! The story on both forms of the mesh, with processes dying in the middle of it.

mod access;
mod bad_input;
mod deaths;
mod erased;
mod fallback;
mod faults;
mod interleavings;
mod invariants;
mod scan;
mod seen;
mod story;
mod two_solvers;
mod window;

use std::{io, path::Path, process::Command, time::Duration};

use integration_tests::{
    mesh::{Administrator, is_ready, program},
    process::{Process, free_port},
};
use mathildanesth::demo::{self, Play};

/// A search of so many steps, whatever the machine's speed.
pub fn play() -> Play {
    Play { seed: 7, month: Some("2026-12".parse().unwrap()), search_seconds: 120, steps: 20_000 }
}

pub fn administrator() -> Administrator {
    Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD }
}

/// The story's patience with a mesh that has just lost a process.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The all-in-one as a process that can be killed and started again on the same data and ports.
struct AllInOne {
    process: Process,
    folder: tempfile::TempDir,
    gateway: u16,
    admin: u16,
}

impl AllInOne {
    fn start() -> Self {
        // Between being found free and being listened on, a port may be given to another process.
        let started = (0..5).find_map(|_| {
            let folder = tempfile::tempdir().unwrap();
            let (gateway, admin) = (free_port().unwrap(), free_port().unwrap());
            match Self::launched(folder.path(), gateway, admin) {
                Ok(process) => Some(Self { process, folder, gateway, admin }),
                Err(error) if error.to_string().contains("Address already in use") => None,
                Err(error) => panic!("{error}"),
            }
        });
        started.unwrap()
    }

    fn launch(folder: &Path, gateway: u16, admin: u16) -> Process {
        Self::launched(folder, gateway, admin).unwrap()
    }

    fn launched(folder: &Path, gateway: u16, admin: u16) -> io::Result<Process> {
        let mut command = Command::new(program("mathildanesth").unwrap());
        command
            .arg("serve")
            .env("MATHILDANESTH__DATA", folder.join("data"))
            .env("MATHILDANESTH__SERVER__ADMIN_LISTEN", format!("127.0.0.1:{admin}"))
            .env("MATHILDANESTH__GATEWAY__SERVER__LISTEN", format!("127.0.0.1:{gateway}"))
            .env("MATHILDANESTH__STAFF__BOOTSTRAP__HOSPITAL", demo::HOSPITAL)
            .env("MATHILDANESTH__STAFF__BOOTSTRAP__ADMINISTRATOR_EMAIL", demo::ADMINISTRATOR)
            .env("MATHILDANESTH__STAFF__BOOTSTRAP__ADMINISTRATOR_PASSWORD", demo::PASSWORD);
        for service in ["STAFF", "LEAVE", "PLANNING", "NOTIFICATION", "SOLVER"] {
            command.env(format!("MATHILDANESTH__{service}__SERVER__LISTEN"), "127.0.0.1:0");
        }
        let mut process = Process::start(command, &folder.join("log"))?;
        process.wait_until(Duration::from_secs(60), || is_ready(admin))?;
        Ok(process)
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.gateway)
    }

    fn die_and_come_back(&mut self) {
        self.process.kill();
        self.process = Self::launch(self.folder.path(), self.gateway, self.admin);
    }
}
