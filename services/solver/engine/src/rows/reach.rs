//! What working time the rest of a row can still reach: a label that cannot end within the limits is never made.
//!
//! The bounds forget which code was worked last (a relaxation), so what they refuse is impossible, and what they let
//! through is nearly always possible.

use super::{automaton::Automaton, span::Span};

/// Out of reach.
const NEVER: i32 = i32::MIN / 2;

/// Most and least working time from each day, run and number of week-ends left.
#[derive(Debug, Default)]
pub(super) struct Reach {
    most: Vec<i32>,
    least: Vec<i32>,
    runs: usize,
    weekends: usize,
}

// === impl Reach ===

impl Reach {
    /// Counts back from the end of the span.
    pub fn fill(&mut self, automaton: &Automaton, span: &Span) {
        self.runs = automaton.runs.len();
        // The day after the span may add a week-end of its own.
        self.weekends = span.weekends_left.map_or(1, |left| usize::from(left.min(span.weekends + 1)) + 1);
        let layer = self.runs * self.weekends;
        let days = span.len();
        self.most.clear();
        self.most.resize((days + 1) * layer, NEVER);
        self.least.clear();
        self.least.resize((days + 1) * self.runs, i32::MAX / 2);
        for (state, extra) in span.terminal.iter().enumerate() {
            let Some(extra) = extra else { continue };
            let run = usize::from(automaton.run_of[state]);
            self.least[days * self.runs + run] = 0;
            for left in usize::from(*extra).min(self.weekends)..self.weekends {
                self.most[days * layer + run * self.weekends + left] = 0;
            }
        }
        for day in (0..days).rev() {
            self.step(automaton, span, day);
        }
    }

    fn step(&mut self, automaton: &Automaton, span: &Span, day: usize) {
        let layer = self.runs * self.weekends;
        let (now, later) = self.most.split_at_mut((day + 1) * layer);
        let now = &mut now[day * layer..];
        let (least, least_later) = self.least.split_at_mut((day + 1) * self.runs);
        let least = &mut least[day * self.runs..];
        for (run, &(rest, work)) in automaton.runs.iter().enumerate() {
            if rest != u16::MAX && span.may_rest[day] {
                let rest = usize::from(rest);
                least[run] = least_later[rest];
                for left in 0..self.weekends {
                    now[run * self.weekends + left] = later[rest * self.weekends + left];
                }
            }
            let Some((shortest, longest)) = span.work[day] else { continue };
            if work == u16::MAX {
                continue;
            }
            let work = usize::from(work);
            least[run] = least[run].min(least_later[work] + shortest);
            // A week-end is begun on its first day, or on its second by somebody who rested on the first.
            let begins =
                span.weekends_left.is_some() && span.begins_weekend(day, automaton.is_run_working(run));
            for left in usize::from(begins)..self.weekends {
                let reached = later[work * self.weekends + left - usize::from(begins)] + longest;
                let cell = &mut now[run * self.weekends + left];
                *cell = (*cell).max(reached);
            }
        }
    }

    /// Whether working time can still end within the span's limits.
    #[inline]
    pub fn allows(&self, span: &Span, day: usize, run: u16, minutes: i32, weekends: u16) -> bool {
        let run = usize::from(run);
        let left = span.weekends_left.map_or(0, |most| usize::from(most - weekends).min(self.weekends - 1));
        let most = self.most[(day * self.runs + run) * self.weekends + left];
        most >= 0
            && minutes + most >= span.minutes.0
            && minutes + self.least[day * self.runs + run] <= span.minutes.1
    }
}
