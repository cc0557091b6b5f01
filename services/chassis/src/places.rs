//! How many calls a process serves at once: as many as it has time for.
//!
//! Two things say that there are more. A call that has a place stands in line once, behind everything that is ready to
//! run: how long that takes says how busy the process and its machine are, whatever calls wait for elsewhere. And when of
//! many calls not even the quickest are answered about as soon as when there are few, but a good part of their callers'
//! patience later, they wait for each other: for connections, for neighbours, for the database (the least delay of a time
//! as the sign of a line that stays: Nichols and Jacobson, CoDel, RFC 8289). Then there are fewer places, otherwise there
//! are more again. Who finds no place is told so at once, so that those who have one are answered while somebody still
//! waits for the answer. A line that nobody gives up on is none to be cut: who is turned away comes again, and turning
//! away costs, too.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use metrics::gauge;
use tokio::time::Instant;

use crate::metrics::RPC_PLACES;

/// In line for longer than this a call would be late whatever it asks for.
const LINE_MAX: Duration = Duration::from_millis(250);
/// The part of its caller's patience, one in so many, that a call may wait for others.
const PATIENCE_PART: u32 = 4;
/// How often places are cut or added: not again before those who had one are gone.
const EVERY: Duration = Duration::from_millis(100);
/// The share of the places that a cut leaves.
const CUT: f64 = 0.8;
/// The share of the places that a time without waiting makes.
const GROWTH: f64 = 1.1;
/// Places that are never cut: of a process that answers 500 calls a second nobody waits too long for so few, and more than
/// calls that wait for a database that hangs can take.
const LEAST: f64 = 128.0;
/// How long it is remembered how soon answers come when there are few calls, and half of it at least.
const USUAL_FOR: Duration = Duration::from_secs(20);

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
    /// Of calls with few others beside them.
    usual: Quickest,
    /// Of calls with many others beside them, since places were last cut or added; less what they may wait.
    crowded: Quickest,
}

/// The shortest of some times, since a moment and in the same time before it.
#[derive(Clone, Copy, Debug)]
struct Quickest {
    since: Instant,
    now: Option<Duration>,
    before: Option<Duration>,
}

/// A call's place, free again when dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    since: Instant,
    /// With it.
    taken: usize,
}

// === impl Places ===

impl Places {
    /// So many places at most, in this service.
    pub fn new(service: &'static str, most: usize) -> Arc<Self> {
        let most = most as f64;
        let none = Quickest { since: Instant::now(), now: None, before: None };
        let state = State { now: most, taken: 0, cut: None, usual: none, crowded: none };
        Arc::new(Self { service, most, state: Mutex::new(state) })
    }

    /// A place, if there is one.
    pub fn take(self: &Arc<Self>) -> Option<Place> {
        self.take_at(Instant::now())
    }

    fn take_at(self: &Arc<Self>, now: Instant) -> Option<Place> {
        let mut state = self.state();
        self.judge(&mut state, now);
        if state.taken as f64 >= state.now.floor() {
            return None;
        }
        state.taken += 1;
        Some(Place { places: self.clone(), since: now, taken: state.taken })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Changed by whole assignments only: a panic elsewhere leaves it valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws the consequences of a time in line.
    fn stood(&self, line: Duration, now: Instant) {
        if line > LINE_MAX {
            self.cut(&mut self.state(), now);
        }
    }

    /// Draws the consequences of an answer to one of so many calls, whose caller would have waited for so long.
    fn answered(&self, (took, patience): (Duration, Duration), taken: usize, now: Instant) {
        let mut state = self.state();
        let is_crowded = taken as f64 > LEAST;
        if !is_crowded {
            state.usual.turn(USUAL_FOR / 2, now);
            state.usual.add(took);
        }
        self.judge(&mut state, now);
        if is_crowded {
            state.crowded.add(took.saturating_sub(patience / PATIENCE_PART));
        }
    }

    /// Cuts or adds for the time that is over. Silence is no reason to cut: calls that wait for what is away keep their
    /// places, and must not keep others out.
    fn judge(&self, state: &mut State, now: Instant) {
        let usual = state.usual.get().unwrap_or_default();
        let quickest = state.crowded.now;
        if state.crowded.turn(EVERY, now) {
            match quickest {
                Some(quickest) if quickest > usual => self.cut(state, now),
                _ => self.add(state, now),
            }
        }
    }

    fn add(&self, state: &mut State, now: Instant) {
        if !state.was_cut(now) {
            self.set(state, (state.now * GROWTH).min(self.most));
        }
    }

    fn cut(&self, state: &mut State, now: Instant) {
        if !state.was_cut(now) {
            // Of those in use: of a thousand places a tenth of which is taken, cutting a few would change nothing.
            self.set(state, (state.now.min(state.taken as f64) * CUT).max(LEAST.min(self.most)));
            state.cut = Some(now);
        }
    }

    fn set(&self, state: &mut State, places: f64) {
        state.now = places;
        gauge!(RPC_PLACES, "service" => self.service).set(places.floor());
    }
}

// === impl State ===

impl State {
    /// Just now.
    fn was_cut(&self, now: Instant) -> bool {
        self.cut.is_some_and(|cut| now.saturating_duration_since(cut) < EVERY)
    }
}

// === impl Quickest ===

impl Quickest {
    /// Begins a new time when the last one has lasted for so long; whether it did.
    fn turn(&mut self, lasts: Duration, now: Instant) -> bool {
        let is_over = now.saturating_duration_since(self.since) >= lasts;
        if is_over {
            *self = Self { since: now, now: None, before: self.now };
        }
        is_over
    }

    fn add(&mut self, took: Duration) {
        self.now = Some(self.now.map_or(took, |least| least.min(took)));
    }

    fn get(&self) -> Option<Duration> {
        self.now.into_iter().chain(self.before).min()
    }
}

// === impl Place ===

impl Place {
    /// Stands in line once.
    pub async fn line(&self) {
        let begun = Instant::now();
        tokio::task::yield_now().await;
        let now = Instant::now();
        self.places.stood(now.saturating_duration_since(begun), now);
    }

    /// The call has the answer it asked for; its caller would have waited for so long.
    pub fn answered(&self, patience: Duration) {
        let now = Instant::now();
        self.places.answered((now.saturating_duration_since(self.since), patience), self.taken, now);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.state().taken -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    fn count(places: &Places) -> usize {
        places.state().now as usize
    }

    #[test]
    fn places_are_cut_while_calls_stand_in_line_and_come_back_afterwards() {
        let (places, begun) = (Places::new("test", 1_000), Instant::now());
        let taken: Vec<Place> = (0..500).filter_map(|_| places.take()).collect();
        places.stood(2 * LINE_MAX, begun);
        assert_eq!(count(&places), 400, "of those in use");
        assert!(places.take().is_none());
        places.stood(2 * LINE_MAX, begun + EVERY / 2);
        assert_eq!(count(&places), 400, "once in a while");
        drop(taken);
        for after in 1..100 {
            places.stood(2 * LINE_MAX, begun + EVERY * after);
        }
        assert_eq!(count(&places), 128, "never none");
        assert_eq!((0..1_000).map_while(|_| places.take()).collect::<Vec<_>>().len(), 128);
        for after in 100..200 {
            places.answered((Duration::ZERO, PATIENCE), 1, begun + EVERY * after);
        }
        assert_eq!(count(&places), 1_000);
    }

    #[test]
    fn places_are_cut_while_even_the_quickest_of_many_calls_wait() {
        let (places, begun) = (Places::new("test", 1_000), Instant::now());
        let _taken: Vec<Place> = (0..1_000).filter_map(|_| places.take()).collect();
        let usual = Duration::from_millis(300);
        places.answered((usual, PATIENCE), 3, begun);
        let answers = |window: u32, times: &[Duration]| {
            times.iter().for_each(|took| places.answered((*took, PATIENCE), 1_000, begun + EVERY * window));
            count(&places)
        };
        assert_eq!(
            answers(1, &[usual + PATIENCE / PATIENCE_PART, 5 * usual]),
            1_000,
            "a quick one among slow ones"
        );
        assert_eq!(answers(2, &[5 * usual, 4 * usual]), 1_000, "not over yet");
        assert_eq!(answers(3, &[4 * usual]), 800);
        assert_eq!(answers(4, &[4 * usual]), 640);
        assert_eq!(answers(5, &[usual; 11]), 512, "what was asked before still arrives");
        assert_eq!(answers(6, &[usual; 20]), 563, "and there is time again");
        places.answered((9 * usual, PATIENCE), 5, begun + EVERY * 8);
        places.answered((9 * usual, PATIENCE), 5, begun + EVERY * 10);
        assert_eq!(count(&places), 681, "slow, but not because there are many");
    }

    #[test]
    fn a_line_in_which_everybody_has_the_patience_to_stand_is_not_cut() {
        let (places, begun) = (Places::new("test", 1_000), Instant::now());
        let _taken: Vec<Place> = (0..1_000).filter_map(|_| places.take_at(begun)).collect();
        let took = Duration::from_secs(1);
        for (window, patience) in [(1, 5), (2, 5), (3, 5), (4, 2), (5, 2)] {
            places.answered((took, Duration::from_secs(patience)), 1_000, begun + EVERY * window);
            assert_eq!(count(&places), if window < 5 { 1_000 } else { 800 }, "{window}");
        }
    }

    #[test]
    fn whoever_waits_for_what_is_away_keeps_nobody_out() {
        let (places, begun) = (Places::new("test", 1_000), Instant::now());
        let _waiting: Vec<Place> = (0..200).filter_map(|_| places.take_at(begun)).collect();
        places.stood(2 * LINE_MAX, begun);
        assert_eq!(count(&places), 160);
        assert!(places.take_at(begun + EVERY / 2).is_none());
        for after in 1..=3 {
            let _ = places.take_at(begun + EVERY * after);
        }
        assert!(places.take_at(begun + EVERY * 4).is_some(), "nothing says that there is no time");
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
