//! A solver is killed while it searches: who goes on, and how soon.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use crate::{foundation::Foundation, mesh::Mesh};

/// The first thing a process says.
const STARTED: &str = "service is up";
/// How long a solver is given to begin a search.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often logs are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The instance of the solver that searches, once one does.
///
/// # Errors
/// When none begins in time.
pub fn searching<B: Foundation>(mesh: &Mesh<B>) -> io::Result<usize> {
    until(|| {
        Ok(mesh.logs("solver")?.iter().position(|log| {
            // What a process began before it was killed did not end, and is not open.
            let own = log.rfind(STARTED).map_or(log.as_str(), |at| &log[at..]);
            count(own, "search begins") > count(own, "search ends")
        }))
    })
}

/// Kills the instance that searches and answers how long it took until another one had gone on.
///
/// # Errors
/// When no other one goes on in time.
pub fn kill_searching<B: Foundation>(mesh: &mut Mesh<B>) -> io::Result<Duration> {
    let holder = searching(mesh)?;
    let begun = |mesh: &Mesh<B>| -> io::Result<usize> {
        let logs = mesh.logs("solver")?;
        Ok(logs
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != holder)
            .map(|(_, log)| count(log, "search begins"))
            .sum())
    };
    let before = begun(mesh)?;
    mesh.kill_instance("solver", holder);
    let killed = Instant::now();
    until(|| Ok((begun(mesh)? > before).then_some(())))?;
    Ok(killed.elapsed())
}

fn until<T>(mut look: impl FnMut() -> io::Result<Option<T>>) -> io::Result<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if began.elapsed() > PATIENCE {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no solver began a search in time"));
        }
        thread::sleep(LOOK_EVERY);
    }
}

fn count(log: &str, what: &str) -> usize {
    log.matches(what).count()
}
