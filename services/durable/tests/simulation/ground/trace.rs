//! What happened, in words that are the same at each replay.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Display,
    hash::{DefaultHasher, Hasher},
    sync::Mutex,
};

use tokio::time::Instant;

/// How many of the last lines are kept for whoever reads a failure.
const KEPT: usize = 400;

/// Lines with their simulated time; identifiers made by chance are told as numbers, in the order they appear.
pub struct Trace {
    began: Instant,
    state: Mutex<State>,
}

struct State {
    hasher: DefaultHasher,
    count: usize,
    lines: VecDeque<String>,
    names: HashMap<String, usize>,
}

impl Trace {
    pub fn new() -> Self {
        let state =
            State { hasher: DefaultHasher::new(), count: 0, lines: VecDeque::new(), names: HashMap::new() };
        Self { began: Instant::now(), state: Mutex::new(state) }
    }

    /// Writes a line.
    pub fn say(&self, line: impl Display) {
        let line = format!("{:>9} {line}", self.began.elapsed().as_millis());
        let mut state = self.state.lock().unwrap();
        state.hasher.write(line.as_bytes());
        state.count += 1;
        if state.lines.len() == KEPT {
            state.lines.pop_front();
        }
        state.lines.push_back(line);
    }

    /// A number for an identifier.
    pub fn name(&self, id: &str) -> usize {
        let names = &mut self.state.lock().unwrap().names;
        let next = names.len();
        *names.entry(id.to_owned()).or_insert(next)
    }

    /// The digest of all lines, and how many they are.
    pub fn digest(&self) -> (u64, usize) {
        let state = self.state.lock().unwrap();
        (state.hasher.finish(), state.count)
    }

    /// The last lines.
    pub fn tail(&self) -> String {
        let state = self.state.lock().unwrap();
        state.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}
