//! The thread that called and the threads that work: news one way, the clock and a stop the other.
//!
//! The observer is only ever called from the thread that called [`crate::solve`], which does nothing else: it hands
//! on what the workers report, tells the clock how much time is gone, and stops everybody when told to. With a budget
//! of steps nothing here changes what is found.

use std::{
    ops::ControlFlow,
    panic,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use roster::{Roster, Score};

use crate::{
    budget::Clock,
    observer::{Observer, Phase, Progress},
    proof::Bound,
};

/// The observer is asked at least this often.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// What workers report.
#[derive(Clone, Debug)]
pub(crate) enum News {
    /// A phase begins.
    Phase(Phase),
    /// A better roster of the whole problem.
    Improved {
        /// The roster.
        roster: Box<Roster>,
        /// What it costs.
        score: Score,
    },
    /// A proof.
    Bound(Bound),
}

/// A worker's way to report; clones go to other threads.
#[derive(Clone, Debug)]
pub(crate) struct Reporter(mpsc::Sender<News>);

// === impl Reporter ===

impl Reporter {
    /// Tells that a phase begins.
    pub fn phase(&self, phase: Phase) {
        self.send(News::Phase(phase));
    }

    /// Tells of a better roster.
    pub fn improved(&self, roster: &Roster, score: Score) {
        self.send(News::Improved { roster: Box::new(roster.clone()), score });
    }

    /// Tells of a proof about the whole problem.
    pub fn bound(&self, bound: Bound) {
        self.send(News::Bound(bound));
    }

    fn send(&self, news: News) {
        // The other end lives as long as any worker does.
        let _ = self.0.send(news);
    }
}

/// Runs `work` on its own thread and keeps the observer informed until it ends.
pub(crate) fn follow<T: Send>(
    observer: &mut impl Observer,
    clock: &Clock,
    work: impl FnOnce(Reporter) -> T + Send,
) -> T {
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        let worker = scope.spawn(move || work(Reporter(sender)));
        let mut desk = Desk { observer, clock, phase: Phase::Construct, best: None, bound: Bound::UNKNOWN };
        desk.look();
        loop {
            match receiver.recv_timeout(LOOK_EVERY) {
                Ok(news) => desk.hear(news),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            desk.look();
        }
        worker.join().unwrap_or_else(|cause| panic::resume_unwind(cause))
    })
}

struct Desk<'a, O> {
    observer: &'a mut O,
    clock: &'a Clock,
    phase: Phase,
    best: Option<Score>,
    bound: Bound,
}

// === impl Desk ===

impl<O: Observer> Desk<'_, O> {
    fn hear(&mut self, news: News) {
        match news {
            News::Phase(phase) => {
                self.phase = phase;
                self.observer.phase(phase);
            }
            News::Improved { roster, score } => {
                if self.best.is_none_or(|best| score < best) {
                    self.best = Some(score);
                    let progress = Progress { phase: self.phase, steps: self.clock.done(), best: &score };
                    self.observer.improved(progress, &roster);
                }
            }
            News::Bound(bound) => {
                if self.bound.join(&bound) {
                    self.observer.bound(&self.bound);
                }
            }
        }
    }

    fn look(&mut self) {
        if let Some(spent) = self.observer.spent() {
            self.clock.tell(spent);
        }
        let best = self.best.unwrap_or_default();
        let progress = Progress { phase: self.phase, steps: self.clock.done(), best: &best };
        if self.observer.look(progress) == ControlFlow::Break(()) {
            self.clock.stop();
        }
    }
}
