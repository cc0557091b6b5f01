//! How many calls a process serves at once: as many as it has time for.
//!
//! A call that has a place stands in line once, behind everything that is ready to run. How long that takes says how
//! busy the process and its machine are, whatever calls wait for elsewhere. When it takes too long there are fewer places,
//! when it does not there are more again (additive increase, multiplicative decrease: Chiu and Jain, 1989). Who finds no
//! place is told so at once, so that those who have one are answered while somebody still waits for the answer.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use metrics::gauge;
use tokio::time::Instant;

use crate::metrics::RPC_PLACES;

/// In line for longer than this a call would be late whatever it asks for.
const LINE_MAX: Duration = Duration::from_millis(250);
/// Places are not cut again before those who had one are gone.
const CUT_EVERY: Duration = Duration::from_millis(100);
/// The share of the places that a cut leaves.
const CUT: f64 = 0.8;
/// What each call that need not stand in line adds, in places.
const GROWTH: f64 = 0.1;
/// Places that are never cut: more than calls that wait for a database that hangs can take.
const LEAST: f64 = 32.0;

/// The places of one process.
#[derive(Debug)]
pub struct Places {
    service: &'static str,
    most: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    now: f64,
    taken: usize,
    cut: Option<Instant>,
}

/// A call's place, free again when dropped.
#[derive(Debug)]
pub struct Place(Arc<Places>);

// === impl Places ===

impl Places {
    /// So many places at most, in this service.
    pub fn new(service: &'static str, most: usize) -> Arc<Self> {
        let most = most as f64;
        Arc::new(Self { service, most, state: Mutex::new(State { now: most, taken: 0, cut: None }) })
    }

    /// A place, if there is one.
    pub fn take(self: &Arc<Self>) -> Option<Place> {
        let mut state = self.state();
        if state.taken as f64 >= state.now.floor() {
            return None;
        }
        state.taken += 1;
        drop(state);
        Some(Place(self.clone()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Changed by whole assignments only: a panic elsewhere leaves it valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws the consequences of a time in line.
    fn stood(&self, line: Duration, now: Instant) {
        let mut state = self.state();
        if line <= LINE_MAX {
            state.now = (state.now + GROWTH).min(self.most);
        } else if state.cut.is_none_or(|cut| now.saturating_duration_since(cut) >= CUT_EVERY) {
            // Of those in use: of a thousand places a tenth of which is taken, cutting a few would change nothing.
            state.now = (state.now.min(state.taken as f64) * CUT).max(LEAST.min(self.most));
            state.cut = Some(now);
        }
        gauge!(RPC_PLACES, "service" => self.service).set(state.now.floor());
    }
}

// === impl Place ===

impl Place {
    /// Stands in line once.
    pub async fn line(&self) {
        let begun = Instant::now();
        tokio::task::yield_now().await;
        let now = Instant::now();
        self.0.stood(now.saturating_duration_since(begun), now);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.state().taken -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(places: &Places) -> usize {
        places.state().now as usize
    }

    #[test]
    fn places_are_cut_while_calls_stand_in_line_and_come_back_afterwards() {
        let (places, begun) = (Places::new("test", 100), Instant::now());
        let taken: Vec<Place> = (0..60).filter_map(|_| places.take()).collect();
        places.stood(2 * LINE_MAX, begun);
        assert_eq!(count(&places), 48, "of those in use");
        assert!(places.take().is_none());
        places.stood(2 * LINE_MAX, begun + CUT_EVERY / 2);
        assert_eq!(count(&places), 48, "once in a while");
        drop(taken);
        for after in 1..100 {
            places.stood(2 * LINE_MAX, begun + CUT_EVERY * after);
        }
        assert_eq!(count(&places), 32, "never none");
        assert_eq!((0..100).map_while(|_| places.take()).collect::<Vec<_>>().len(), 32);
        for _ in 0..1_000 {
            places.stood(Duration::ZERO, begun);
        }
        assert_eq!(count(&places), 100);
    }

    #[tokio::test]
    async fn a_process_that_has_time_keeps_its_places() {
        let places = Places::new("test", 2);
        let (one, other) = (places.take().unwrap(), places.take().unwrap());
        one.line().await;
        assert!(places.take().is_none());
        drop(other);
        assert!(places.take().is_some());
    }
}
