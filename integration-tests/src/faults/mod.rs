//! The fault matrix: what breaks, how it is broken here, and what users may notice of it.
//!
//! Each fault strikes a mesh on the high availability kit under a load whose every request is written down. Afterwards
//! all that broke is mended, and what was acknowledged is looked for.

mod bus;
mod certificate;
mod client;
mod database;
mod job;
mod machine;
pub mod nemesis;
mod network;
mod replica;
mod restore;
mod service;
pub mod table;
mod upgrade;

use std::{
    collections::BTreeMap,
    error::Error,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use mathildanesth::demo;
use tokio::sync::Mutex;

use crate::{
    foundation::Foundation,
    kit::Kit,
    load::{
        Load, World,
        check::{self, Finding},
        history::{Request, Summary},
    },
    mesh::{Administrator, Mesh},
};

/// What breaks a fault's run.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A fault of the matrix.
pub struct Fault<B> {
    /// Its number in the matrix.
    pub number: u32,
    /// What happens, in a few words.
    pub title: &'static str,
    /// What users may notice.
    pub bar: Bar,
    /// Whether the nemesis may do it.
    pub is_nemesis: bool,
    /// Does it, and mends what it broke.
    strike: fn(&mut Struck<B>) -> Result<(), Failure>,
}

/// What users may notice of a fault.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// The longest time without an acknowledged write, seconds; `None`: told and not judged.
    pub gap_s: Option<f64>,
    /// The most requests that may fail though their users waited and asked again, share of all.
    pub failed_share: f64,
}

/// How long a mesh serves before the first fault.
const WARM_UP: Duration = Duration::from_secs(20);

/// No request fails.
const NONE: Bar = Bar { gap_s: None, failed_share: 0.0 };

/// All faults, by number.
pub fn all() -> Vec<Fault<Kit>> {
    let mut all = short();
    all.extend(database::faults());
    all.extend(machine::faults());
    all.extend(network::faults());
    all.extend(replica::faults());
    all.extend(restore::faults());
    all.extend(upgrade::faults());
    all.extend(job::long_faults());
    all.sort_by_key(|fault| fault.number);
    all
}

/// Those that need no more than PostgreSQL and Redis, by number.
pub fn short<B: Foundation>() -> Vec<Fault<B>> {
    let mut short = service::faults();
    short.extend(bus::faults());
    short.extend(job::faults());
    short.extend(client::faults());
    short.extend(certificate::faults());
    short.sort_by_key(|fault| fault.number);
    short
}

/// The mesh while something breaks.
pub struct Struck<B> {
    /// The mesh and what it stands on.
    pub mesh: Mesh<B>,
    /// What was measured besides the load, by name.
    pub measured: BTreeMap<&'static str, f64>,
    /// What does not hold besides the invariants.
    pub misses: Vec<String>,
    /// Why the fault cannot be injected on this machine, if it cannot.
    pub skipped: Option<String>,
    /// The gap that counts where it is not the one between writes, seconds.
    pub gap_s: Option<f64>,
    /// The most requests that clients may have to repeat, share of all, where it matters.
    pub repeated_share_max: Option<f64>,
    /// Whether what lasts long lasts shorter.
    pub is_hurried: bool,
    /// Whose load it is.
    pub world: Arc<World>,
    /// The programs of the version before, if there are any.
    former: Option<PathBuf>,
    runtime: tokio::runtime::Handle,
}

impl<B> Struck<B> {
    /// Waits on a future.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Lets the load go on.
    pub fn rest(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// What a fault came to.
pub struct Report {
    /// Its number.
    pub number: u32,
    /// Its title.
    pub title: &'static str,
    /// What it was judged by.
    pub bar: Bar,
    /// The gap that counts, seconds.
    pub gap_s: f64,
    /// The most requests that clients may have had to repeat, share of all.
    pub repeated_share_max: Option<f64>,
    /// What the load asked for, the time before the fault included.
    pub history: Vec<Request>,
    /// When the fault struck.
    pub since: Instant,
    /// What the load saw.
    pub summary: Summary,
    /// What was lost or doubled.
    pub finding: Finding,
    /// What was measured besides.
    pub measured: BTreeMap<&'static str, f64>,
    /// What was missed; empty when the fault is passed.
    pub misses: Vec<String>,
    /// Why it was not run, if it was not.
    pub skipped: Option<String>,
}

/// The load before and after a fault.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Requests a second.
    pub rate: u32,
    /// Load before the fault.
    pub before: Duration,
    /// Load after it.
    pub after: Duration,
    /// Seed of the load.
    pub seed: u64,
    /// Whether what lasts long lasts shorter.
    pub is_hurried: bool,
    /// Whether gaps are judged, or only what was lost, doubled and refused.
    pub judges_gaps: bool,
}

/// The mesh that faults strike, one after the other.
pub struct Arena<B = Kit> {
    struck: Arc<Mutex<Option<Struck<B>>>>,
    world: Arc<World>,
}

impl Arena<Kit> {
    /// Starts the kit, two of each service, and brings a department in.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn open(former: Option<PathBuf>, seed: u64) -> Result<Self, Failure> {
        Self::open_on(Kit::start, former, seed).await
    }
}

impl<B: Foundation + Send + 'static> Arena<B> {
    /// Starts two of each service on what `start` makes, of the version before if there is one, and brings a department
    /// in.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn open_on(
        start: impl FnOnce() -> std::io::Result<B> + Send + 'static,
        former: Option<PathBuf>,
        seed: u64,
    ) -> Result<Self, Failure> {
        let administrator =
            Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD };
        let programs = former.clone();
        let start = move || Mesh::start_on(start()?, programs, |_| 2, &administrator);
        let mesh = tokio::task::spawn_blocking(start).await??;
        let world = Arc::new(World::build(&mesh.addresses(), &mesh.authority(), seed).await?);
        let struck = Struck {
            mesh,
            measured: BTreeMap::new(),
            misses: vec![],
            skipped: None,
            gap_s: None,
            repeated_share_max: None,
            is_hurried: false,
            world: world.clone(),
            former,
            runtime: tokio::runtime::Handle::current(),
        };
        Ok(Self { struck: Arc::new(Mutex::new(Some(struck))), world })
    }

    /// Lets the mesh serve for a while, as one does that has not started this minute: marks of writes are trusted once they
    /// are as old as a standby may be.
    ///
    /// # Errors
    /// When the load cannot be run.
    pub async fn warm_up(&self, pace: Pace) -> Result<(), Failure> {
        let load = Load::start(&self.world, pace.rate, pace.seed);
        tokio::time::sleep(WARM_UP).await;
        load.stop().await;
        Ok(())
    }

    /// Runs one fault under load.
    ///
    /// # Errors
    /// When it cannot be injected or what broke does not mend.
    pub async fn run(&self, fault: &Fault<B>, pace: Pace) -> Result<Report, Failure> {
        let Fault { number, title, mut bar, strike, .. } = *fault;
        if !pace.judges_gaps {
            bar.gap_s = None;
        }
        self.with(move |struck| struck.is_hurried = pace.is_hurried).await?;
        let load = Load::start(&self.world, pace.rate, pace.seed.wrapping_add(u64::from(number)));
        tokio::time::sleep(pace.before).await;
        let since = Instant::now();
        let outcome = self.with(strike).await?;
        tokio::time::sleep(pace.after).await;
        let requests = load.stop().await;
        let mended = match outcome {
            Ok(()) => self.with(mend).await?,
            Err(failure) => Err(failure),
        };
        mended.map_err(|failure| format!("fault {number}: {failure}"))?;
        let finding = check::check(&self.world, &requests, check::ARRIVE_MAX).await?;
        let summary = Summary::of(&requests, since);
        let report = move |struck: &mut Struck<B>| Report {
            number,
            title,
            bar,
            gap_s: struck.gap_s.take().unwrap_or(summary.write_gap.as_secs_f64()),
            repeated_share_max: struck.repeated_share_max.take(),
            measured: std::mem::take(&mut struck.measured),
            misses: std::mem::take(&mut struck.misses),
            skipped: struck.skipped.take(),
            history: requests,
            since,
            summary,
            finding,
        };
        let mut report = self.with(report).await?;
        report.judge();
        Ok(report)
    }

    /// Does something that blocks with the mesh.
    async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Struck<B>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let mut guard = self.struck.clone().lock_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let struck = guard.as_mut().ok_or("the mesh is gone")?;
            Ok::<T, Failure>(act(struck))
        });
        done.await?
    }

    /// Ends the mesh.
    ///
    /// # Errors
    /// When a service does not end as it should.
    pub async fn close(self) -> Result<(), Failure> {
        let mut guard = self.struck.lock_owned().await;
        if let Some(mut struck) = guard.take() {
            tokio::task::spawn_blocking(move || struck.mesh.stop()).await??;
        }
        Ok(())
    }
}

/// Waits until everything that broke is whole again.
fn mend<B: Foundation>(struck: &mut Struck<B>) -> Result<(), Failure> {
    struck.mesh.backends.wait_until_whole()?;
    struck.mesh.wait_until_ready()?;
    Ok(())
}

impl Report {
    fn judge(&mut self) {
        if self.skipped.is_some() {
            return;
        }
        if let Some(bar) = self.bar.gap_s.filter(|bar| self.gap_s > *bar) {
            self.misses.push(format!("gap {:.2} s above {bar} s", self.gap_s));
        }
        let most = (self.bar.failed_share * self.summary.requests as f64) as usize;
        if self.summary.failed_count() > most {
            self.misses.push(format!("{} requests failed", self.summary.failed_count()));
        }
        let repeated = self.summary.repeated as f64 / self.summary.requests.max(1) as f64;
        if let Some(most) = self.repeated_share_max.filter(|most| repeated > *most) {
            self.misses.push(format!("clients repeated {repeated:.2} of their requests, above {most}"));
        }
        if !self.finding.is_clean() {
            let Finding { lost, doubled, wrong, .. } = &self.finding;
            self.misses.push(format!(
                "{} lost, {} doubled, {} sums wrong",
                lost.len(),
                doubled.len(),
                wrong.len()
            ));
        }
    }

    /// Whether it is passed, or could not be run.
    pub fn is_passed(&self) -> bool {
        self.misses.is_empty()
    }
}
