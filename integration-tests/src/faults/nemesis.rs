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
    history::{Request, Summary},
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
    struck: Vec<Strike>,
    /// What was asked, and what was answered.
    pub history: Vec<Request>,
    /// When it began.
    pub begun: Instant,
    summary: Summary,
    finding: Finding,
    misses: Vec<String>,
}

/// A fault that was injected.
struct Strike {
    number: u32,
    at: Instant,
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
    let (mut struck, mut misses) = (vec![], vec![]);
    while begun.elapsed() < time {
        let Some(fault) = faults.choose(&mut rng) else { break };
        println!("{:>6.1} s  {} {}", begun.elapsed().as_secs_f64(), fault.number, fault.title);
        struck.push(Strike { number: fault.number, at: Instant::now() });
        let strike = fault.strike;
        arena.with(move |own| strike(own).and_then(|()| mend(own))).await??;
        misses.append(&mut arena.with(|own| std::mem::take(&mut own.misses)).await?);
        tokio::time::sleep(BETWEEN).await;
    }
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    let history = load.stop().await;
    let finding = check::check(&arena.world, &history, ARRIVE_MAX).await?;
    let summary = Summary::of(&history, begun);
    Ok(Run { seed: pace.seed, minutes, struck, history, begun, summary, finding, misses })
}

// === impl Run ===

impl Run {
    /// The share of requests that ended as wished.
    fn availability(&self) -> f64 {
        1.0 - self.summary.failed_count() as f64 / self.summary.requests.max(1) as f64
    }

    /// How often each fault struck.
    fn counts(&self) -> BTreeMap<u32, usize> {
        let mut counts = BTreeMap::new();
        self.struck.iter().for_each(|strike| *counts.entry(strike.number).or_default() += 1);
        counts
    }

    /// After which strike the requests that failed began, and what they were told.
    fn blame(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (turn, strike) in self.struck.iter().enumerate() {
            let next = self.struck.get(turn + 1).map(|next| next.at);
            let is_its = |one: &&Request| one.begun >= strike.at && next.is_none_or(|next| one.begun < next);
            let own: Vec<Request> = self.history.iter().filter(is_its).cloned().collect();
            let summary = Summary::of(&own, self.begun);
            if summary.failed_count() > 0 {
                let at = (strike.at - self.begun).as_secs_f64();
                writeln!(
                    f,
                    "  {at:>6.1} s  {}: {} failed {:?}",
                    strike.number,
                    summary.failed_count(),
                    summary.reasons
                )?;
            }
        }
        Ok(())
    }

    /// Whether enough was answered and nothing lost or doubled.
    pub fn is_passed(&self) -> bool {
        self.availability() >= AVAILABILITY_MIN && self.finding.is_clean()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, minutes, summary, finding, misses, .. } = self;
        writeln!(f, "nemesis, seed {seed}, {minutes:.1} minutes; faults by number: {:?}", self.counts())?;
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
        self.blame(f)?;
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
