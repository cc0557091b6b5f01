//! Between a search on its thread and whoever follows it: news one way, an order to stop the other.
//!
//! News is conflated: whoever reads late reads the latest. The search itself never waits for a reader, so in step
//! mode nothing here changes what it finds.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use engine::{Bound, Observer, Progress};
use roster::{Roster, Score};
use tokio::sync::watch;
use tokio::time::Instant;

/// News is passed on this often at most; reading the clock at every look would cost more than the look.
const NEWS_EVERY: Duration = Duration::from_millis(20);

/// What bounds a search.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Steps; `None`: only time limits.
    pub steps: Option<u64>,
    /// Time; `None`: only steps limit.
    pub time: Option<Duration>,
}

/// How far a search is.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// The share of the budget spent, 0 to 100.
    pub percent: i32,
    /// Steps so far.
    pub steps: u64,
    /// The best score so far; `None` before the first roster.
    pub best: Option<Score>,
    /// What is proved so far.
    pub bound: Option<Bound>,
}

/// Why a search was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stop {
    /// Whoever asked no longer wants to wait.
    Cancelled = 1,
    /// Somebody else has the task now.
    Lost = 2,
    /// This process is going down.
    Draining = 3,
    /// The time is up.
    TimeUp = 4,
}

/// The follower's end.
#[derive(Clone)]
pub struct Handle {
    order: Arc<AtomicU8>,
    /// How far the search is.
    pub news: watch::Receiver<News>,
    /// The best roster so far.
    pub best: watch::Receiver<Option<Arc<Roster>>>,
}

/// The search's end.
pub struct Bridge {
    order: Arc<AtomicU8>,
    news: watch::Sender<News>,
    best: watch::Sender<Option<Arc<Roster>>>,
    budget: Budget,
    started: Instant,
    told: Option<Instant>,
    bound: Option<Bound>,
}

/// Both ends of one search.
pub fn connect(budget: Budget) -> (Bridge, Handle) {
    let order = Arc::new(AtomicU8::new(0));
    let (news, heard) = watch::channel(News::default());
    let (best, seen) = watch::channel(None);
    let handle = Handle { order: order.clone(), news: heard, best: seen };
    (Bridge { order, news, best, budget, started: Instant::now(), told: None, bound: None }, handle)
}

impl Handle {
    /// Tells the search to stop; the first order counts.
    pub fn stop(&self, stop: Stop) {
        let _ = self.order.compare_exchange(0, stop as u8, Ordering::AcqRel, Ordering::Acquire);
    }

    /// The order that was given, if one was.
    pub fn stopped(&self) -> Option<Stop> {
        [Stop::Cancelled, Stop::Lost, Stop::Draining, Stop::TimeUp]
            .into_iter()
            .find(|stop| *stop as u8 == self.order.load(Ordering::Acquire))
    }
}

impl Bridge {
    /// Notes that the time ended the search, unless an order did before.
    pub fn time_is_up(&self) {
        let _ = self.order.compare_exchange(0, Stop::TimeUp as u8, Ordering::AcqRel, Ordering::Acquire);
    }

    fn percent(&self, steps: u64, elapsed: Duration) -> i32 {
        let by_steps = self.budget.steps.map_or(0, |limit| steps.saturating_mul(100) / limit.max(1));
        let limit = self.budget.time.map_or(u128::MAX, |limit| limit.as_millis().max(1));
        let by_time = u64::try_from(elapsed.as_millis().saturating_mul(100) / limit).unwrap_or(100);
        i32::try_from(by_steps.max(by_time).min(100)).unwrap_or(100)
    }
}

impl Observer for Bridge {
    fn look(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        let now = Instant::now();
        let elapsed = now - self.started;
        if self.budget.time.is_some_and(|limit| elapsed >= limit) {
            self.time_is_up();
        }
        if self.told.is_none_or(|told| now - told >= NEWS_EVERY) {
            self.told = Some(now);
            let best = self.best.borrow().is_some().then_some(*progress.best);
            let percent = self.percent(progress.steps, elapsed);
            self.news.send_replace(News { percent, steps: progress.steps, best, bound: self.bound });
        }
        if self.order.load(Ordering::Acquire) == 0 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    fn spent(&mut self) -> Option<f64> {
        // With a budget of steps the clock only stops: what is found must not depend on it.
        let limit = self.budget.time.filter(|_| self.budget.steps.is_none())?;
        Some((self.started.elapsed().as_secs_f64() / limit.as_secs_f64().max(1e-9)).min(1.0))
    }

    fn bound(&mut self, bound: &Bound) {
        self.bound = Some(*bound);
        // What is proved is told at the next look.
        self.told = None;
    }

    fn improved(&mut self, _: Progress<'_>, roster: &Roster) {
        self.best.send_replace(Some(Arc::new(roster.clone())));
    }
}

#[cfg(test)]
mod tests {
    use engine::Phase;

    use super::*;

    fn progress(steps: u64, best: &Score) -> Progress<'_> {
        Progress { phase: Phase::Search, steps, best }
    }

    #[test]
    fn the_first_order_counts() {
        let (mut bridge, handle) = connect(Budget { steps: Some(10), time: None });
        assert!(bridge.look(progress(1, &Score::ZERO)).is_continue());
        assert_eq!(handle.stopped(), None);
        handle.stop(Stop::Lost);
        handle.stop(Stop::Cancelled);
        assert!(bridge.look(progress(2, &Score::ZERO)).is_break());
        assert_eq!(handle.stopped(), Some(Stop::Lost));
    }

    #[test]
    fn time_ends_a_search_that_has_a_limit_of_time() {
        let (mut bridge, handle) = connect(Budget { steps: None, time: Some(Duration::ZERO) });
        assert!(bridge.look(progress(1, &Score::ZERO)).is_break());
        assert_eq!(handle.stopped(), Some(Stop::TimeUp));
    }

    #[test]
    fn the_share_follows_whichever_budget_is_nearer_its_end() {
        for (steps, time, done, elapsed, expected) in [
            (Some(200), None, 50, 3_600, 25),
            (None, Some(10), 1_000_000, 5, 50),
            (Some(200), Some(10), 100, 9, 90),
            (Some(200), Some(10), 190, 1, 95),
            (Some(200), Some(10), 300, 20, 100),
            (Some(0), None, 0, 0, 0),
        ] {
            let budget = Budget { steps, time: time.map(Duration::from_secs) };
            let (bridge, _handle) = connect(budget);
            assert_eq!(
                bridge.percent(done, Duration::from_secs(elapsed)),
                expected,
                "{budget:?} {done} {elapsed}"
            );
        }
    }
}
