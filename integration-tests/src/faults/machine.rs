//! Faults of the machines: disks that are full or fail, clocks that jump, processes without descriptors or memory.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{Bar, Failure, Fault, NONE, Struck};
use crate::kit::Kit;

pub(super) fn faults() -> Vec<Fault<Kit>> {
    vec![
        Fault {
            number: 10,
            title: "the primary database's disk is full",
            bar: Bar { gap_s: Some(25.0), ..NONE },
            is_nemesis: false,
            strike: fill_disk,
        },
        Fault {
            number: 11,
            title: "fsync fails at the primary database (EIO)",
            bar: Bar { gap_s: Some(25.0), ..NONE },
            is_nemesis: false,
            strike: fail_fsync,
        },
        Fault {
            number: 12,
            title: "the clock of one instance of each service jumps an hour ahead, then behind",
            bar: NONE,
            is_nemesis: false,
            strike: jump_clocks,
        },
        Fault {
            number: 27,
            title: "one instance of leave has no descriptors left, then no memory",
            bar: NONE,
            is_nemesis: false,
            strike: exhaust,
        },
    ]
}

fn fill_disk(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let at = struck.mesh.backends.databases.primary().ok_or("there is no primary")?;
    let Some(disk) = struck.mesh.backends.databases.disk(at) else {
        struck.skipped = Some("no disk of one's own can be mounted for a database here".to_owned());
        return Ok(());
    };
    let ballast = disk.join("ballast");
    // Until no block is left: dd ends with an error, as it should.
    let mut fill = Command::new("dd");
    fill.args(["if=/dev/zero", "bs=1M", &format!("of={}", ballast.display())]);
    let _ = fill.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    struck.rest(Duration::from_secs(20));
    let now = struck.mesh.backends.databases.primary();
    struck.measured.insert("another server took over", f64::from(u8::from(now != Some(at))));
    fs::remove_file(ballast)?;
    struck.mesh.backends.databases.wait_until_whole()?;
    Ok(())
}

fn fail_fsync(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let at = struck.mesh.backends.databases.primary().ok_or("there is no primary")?;
    let mut tracer = inject_eio(&struck.mesh.backends.databases.server_processes(at))?;
    struck.rest(Duration::from_secs(15));
    if let Some(status) = tracer.try_wait()?
        && struck.mesh.backends.databases.primary() == Some(at)
    {
        struck.skipped = Some(format!("processes cannot be traced here (strace ended with {status})"));
        return Ok(());
    }
    let _ = tracer.kill();
    let _ = tracer.wait();
    let now = struck.mesh.backends.databases.primary();
    struck.measured.insert("another server took over", f64::from(u8::from(now != Some(at))));
    struck.mesh.backends.databases.wait_until_whole()?;
    Ok(())
}

fn inject_eio(processes: &[u32]) -> Result<Child, Failure> {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]);
    command.args(["-e", "inject=fsync,fdatasync:error=EIO"]);
    for process in processes {
        command.args(["-p", &process.to_string()]);
    }
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}

/// How long a clock is wrong.
const WRONG: Duration = Duration::from_secs(6);

fn jump_clocks(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let Some(library) = faketime() else {
        struck.skipped = Some("libfaketime is not installed".to_owned());
        return Ok(());
    };
    for (turn, service) in mathildanesth::certs::SERVICES.into_iter().enumerate() {
        let instance = turn % 2;
        let file = struck.mesh.folder().join(format!("{service}-clock"));
        fs::write(&file, "+0")?;
        let file_name = file.display().to_string();
        struck.mesh.stop_instance(service, instance)?;
        struck.mesh.set_environment(
            service,
            instance,
            &[
                ("LD_PRELOAD", library.as_str()),
                ("FAKETIME_TIMESTAMP_FILE", file_name.as_str()),
                ("FAKETIME_NO_CACHE", "1"),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ],
        );
        struck.mesh.start_instance(service, instance)?;
        for jump in ["+1h", "-1h"] {
            fs::write(&file, jump)?;
            struck.rest(WRONG);
        }
        fs::write(&file, "+0")?;
        struck.mesh.stop_instance(service, instance)?;
        struck.mesh.set_environment(service, instance, &[]);
        struck.mesh.start_instance(service, instance)?;
    }
    Ok(())
}

fn faketime() -> Option<String> {
    let folders = fs::read_dir("/usr/lib").ok()?;
    folders
        .filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .find(|library| library.is_file())
        .map(|library| library.display().to_string())
}

/// Back at work within, once it is started again.
const RESTART_MAX: Duration = Duration::from_secs(5);

fn exhaust(struck: &mut Struck<Kit>) -> Result<(), Failure> {
    let process = struck.mesh.process("leave", 0).ok_or("leave has an instance")?;
    let before = soft_limit(process)?;
    // Fewer than it has open: nothing can be opened any more.
    if !limit(process, "16")? {
        struck.skipped = Some("the descriptors of a process cannot be limited here".to_owned());
        return Ok(());
    }
    struck.rest(Duration::from_secs(8));
    limit(process, &before)?;
    struck.mesh.wait_until_ready()?;
    struck.rest(Duration::from_secs(2));
    // What the kernel does to a process that has more memory than its group may have.
    match limit_memory(process) {
        Ok(group) => {
            struck.rest(Duration::from_secs(3));
            let _ = fs::remove_dir(group);
        }
        // Killed below, as the kernel would.
        Err(_) => drop(struck.measured.insert("its memory could not be limited here", 1.0)),
    }
    struck.mesh.kill_instance("leave", 0);
    let begun = Instant::now();
    struck.mesh.start_instance("leave", 0)?;
    let took = begun.elapsed();
    struck.measured.insert("ready again after, s", took.as_secs_f64());
    if took > RESTART_MAX {
        struck.misses.push(format!("restarting took {:.1} s", took.as_secs_f64()));
    }
    Ok(())
}

/// How many descriptors a process may have open.
fn soft_limit(process: u32) -> std::io::Result<String> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits"))?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    Ok(line.and_then(|line| line.split_whitespace().next()).unwrap_or("1024").to_owned())
}

/// Lets a process have so many descriptors open; false when the system does not.
fn limit(process: u32, most: &str) -> std::io::Result<bool> {
    let limit = format!("--nofile={most}:");
    Ok(Command::new("prlimit").args(["--pid", &process.to_string(), &limit]).status()?.success())
}

/// Puts a process into a group that may have less memory than it needs (cgroup v1).
fn limit_memory(process: u32) -> std::io::Result<std::path::PathBuf> {
    let group = std::path::PathBuf::from(format!("/sys/fs/cgroup/memory/mathildanesth-{process}"));
    fs::create_dir(&group)?;
    fs::write(group.join("memory.limit_in_bytes"), "4194304")?;
    // Pages that it had before count only when they move along.
    fs::write(group.join("memory.move_charge_at_immigrate"), "3")?;
    fs::write(group.join("cgroup.procs"), process.to_string())?;
    Ok(group)
}
