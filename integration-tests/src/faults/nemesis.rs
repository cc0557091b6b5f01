//! Faults at random, one after the other, under one load.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::{Arena, Failure, Pace, all, mend};
use crate::load::{
    Load,
    check::{self, Finding},
    history::Summary,
};

/// Quiet time between two faults: what was broken is whole again, and the next may come.
const BETWEEN: Duration = Duration::from_secs(2);
/// How long the last event may take to arrive: an event before it that nobody can apply is tried for up to 170 s.
const ARRIVE_MAX: Duration = Duration::from_secs(240);
/// The share of requests that must be answered as wished.
const AVAILABILITY_MIN: f64 = 0.999;

/// What a run came to.
pub struct Run {
    seed: u64,
    minutes: f64,
    struck: BTreeMap<u32, usize>,
    summary: Summary,
    finding: Finding,
    misses: Vec<String>,
}

/// Strikes for as long as `time`, then looks for what was acknowledged.
///
/// # Errors
/// When a fault cannot be injected or does not mend.
pub async fn run(arena: &Arena, pace: Pace, time: Duration) -> Result<Run, Failure> {
    let mut rng = StdRng::seed_from_u64(pace.seed);
    let faults: Vec<_> = all().into_iter().filter(|fault| fault.is_nemesis).collect();
    arena.with(move |own| own.is_hurried = pace.is_hurried).await?;
    let load = Load::start(&arena.world, pace.rate, pace.seed);
    let begun = Instant::now();
    let (mut struck, mut misses) = (BTreeMap::new(), vec![]);
    while begun.elapsed() < time {
        let Some(fault) = faults.choose(&mut rng) else { break };
        println!("{:>6.1} s  {} {}", begun.elapsed().as_secs_f64(), fault.number, fault.title);
        *struck.entry(fault.number).or_default() += 1;
        let strike = fault.strike;
        arena.with(move |own| strike(own).and_then(|()| mend(own))).await??;
        misses.append(&mut arena.with(|own| std::mem::take(&mut own.misses)).await?);
        tokio::time::sleep(BETWEEN).await;
    }
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    let requests = load.stop().await;
    let finding = check::check(&arena.world, &requests, ARRIVE_MAX).await?;
    let summary = Summary::of(&requests, begun);
    Ok(Run { seed: pace.seed, minutes, struck, summary, finding, misses })
}

// === impl Run ===

impl Run {
    /// The share of requests that ended as wished.
    fn availability(&self) -> f64 {
        1.0 - self.summary.failed_count() as f64 / self.summary.requests.max(1) as f64
    }

    /// Whether enough was answered and nothing lost or doubled.
    pub fn is_passed(&self) -> bool {
        self.availability() >= AVAILABILITY_MIN && self.finding.is_clean()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, minutes, struck, summary, finding, misses } = self;
        writeln!(f, "nemesis, seed {seed}, {minutes:.1} minutes; faults by number: {struck:?}")?;
        writeln!(
            f,
            "  {} requests ({} writes), {} failed {:?}, {} repeated by clients {:?}",
            summary.requests,
            summary.writes,
            summary.failed_count(),
            summary.failed,
            summary.repeated,
            summary.first_failures
        )?;
        writeln!(f, "  longest time without an acknowledged write {:.1} s", summary.write_gap.as_secs_f64())?;
        for miss in misses {
            writeln!(f, "  beside the bars: {miss}")?;
        }
        write!(f, "{finding}")?;
        let first = 1.0 - summary.repeated as f64 / summary.requests.max(1) as f64;
        writeln!(f, "figure nemesis_availability_pct {:.4} %", 100.0 * self.availability())?;
        writeln!(f, "figure nemesis_first_attempt_pct {:.4} %", 100.0 * first)?;
        writeln!(f, "figure nemesis_lost {} writes", finding.lost.len())?;
        writeln!(f, "figure nemesis_doubled {} effects", finding.doubled.len())
    }
}
