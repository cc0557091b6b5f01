//! What an operator may set.

use std::time::Duration;

use chassis::config::{Configuration, Server, Target};
use serde::{Deserialize, Serialize};

/// The solver's configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the process listens, its certificates and limits.
    pub server: Server,
    /// Who has tasks.
    pub planning: Target,
    /// Who has the public keys of tokens.
    pub staff: Target,
    /// Where wake-ups come from.
    pub bus: bus::Config,
    /// Searches at once. 0: as many as the machine has cores.
    pub threads: usize,
    /// Threads of one search that is not divided; with a budget of steps they change nothing but the time. 0: as many
    /// as the machine has cores.
    pub search_threads: usize,
    /// Problems with at least so many people, and that fall into clusters, are divided into parts for all solvers.
    pub divided_people_min: usize,
    /// How often planning is asked for a task when nothing wakes us, in milliseconds; jittered.
    pub poll_ms: u64,
    /// How often progress is reported at most, in milliseconds. Each report renews the lease and asks whether to go
    /// on, so this is also how soon a cancellation is noticed.
    pub report_ms: u64,
    /// How often an improved roster is saved at most, in milliseconds: what a killed solver can lose.
    pub checkpoint_ms: u64,
    /// How long one call to planning may take, in milliseconds.
    pub call_ms_max: u64,
    /// How long a finished search tries to hand in its result, in milliseconds.
    pub hand_in_ms_max: u64,
    /// The longest search of a caller who waits, in milliseconds.
    pub solve_ms_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            planning: Target::named("planning"),
            staff: Target::named("staff"),
            bus: bus::Config::default(),
            threads: 0,
            search_threads: 0,
            divided_people_min: 400,
            poll_ms: 800,
            report_ms: 500,
            checkpoint_ms: 2_000,
            call_ms_max: 2_000,
            hand_in_ms_max: 30_000,
            solve_ms_max: 600_000,
        }
    }
}

impl Configuration for Config {
    fn server(&self) -> &Server {
        &self.server
    }
}

impl Config {
    /// How many searches run at once.
    pub fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }

    /// How many threads work on one search.
    pub fn search_threads(&self) -> usize {
        match self.search_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }

    /// How tasks are searched.
    pub fn how(&self) -> How {
        How { rhythm: self.rhythm(), threads: self.search_threads(), divided_from: self.divided_people_min }
    }

    /// The rhythm in which a search is followed.
    pub fn rhythm(&self) -> Rhythm {
        Rhythm {
            report: Duration::from_millis(self.report_ms),
            checkpoint: Duration::from_millis(self.checkpoint_ms),
            call_max: Duration::from_millis(self.call_ms_max),
            hand_in_max: Duration::from_millis(self.hand_in_ms_max),
        }
    }
}

/// How tasks are searched.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// How often planning hears of a search.
    pub rhythm: Rhythm,
    /// Threads of a search that is not divided.
    pub threads: usize,
    /// Problems with at least so many people may be divided.
    pub divided_from: usize,
}

/// How often planning hears of a search.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// Between two reports.
    pub report: Duration,
    /// Between two checkpoints.
    pub checkpoint: Duration,
    /// For one call.
    pub call_max: Duration,
    /// For handing in a result.
    pub hand_in_max: Duration,
}
