//! How large a part to free next: which lengths of window pay, learnt while solving.
//!
//! Short windows of everybody and long ones of few people find different things, and which finds more depends on the
//! problem. Each length is an arm of a bandit, rated by what it won per step; each learns how many people it can free
//! at a time.

use crate::Rng;

/// The shortest window, in days, and how much longer each next one is.
const SHORTEST: usize = 7;
const RATIO: f64 = 1.5;
/// Person-days that every arm starts with.
const FIRST_SIZE: f64 = 420.0;
/// How fast old gains are forgotten.
const DECAY: f64 = 0.93;
/// One draw in so many is of any arm.
const EXPLORE: usize = 4;

/// A length of window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arm {
    /// Days.
    pub length: usize,
    /// People freed at a time.
    members: f64,
    gain: f64,
    steps: f64,
    draws: u32,
}

/// All lengths.
#[derive(Clone, Debug)]
pub(super) struct Arms {
    arms: Vec<Arm>,
    /// People, and how many of them may be free on the whole horizon.
    people: f64,
    whole: f64,
}

/// How a part went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// What was won, in thousandths.
    pub gain: i64,
    pub steps: u64,
    /// Share of the part's budget that was spent.
    pub spent: f64,
    /// The budget was over before the part was.
    pub is_stopped: bool,
}

// === impl Arms ===

impl Arms {
    /// Arms for so many people and days; of the whole horizon at most this share of the people is freed, for all of
    /// them would be the whole problem.
    pub fn new(people: usize, days: usize, largest: f64) -> Self {
        let people = people as f64;
        let whole = (people * largest).max(1.0);
        let mut arms = Vec::new();
        let mut length = SHORTEST.min(days) as f64;
        loop {
            let is_last = length * 1.2 > days as f64;
            let length_days = if is_last { days } else { length as usize };
            let most = if is_last { whole } else { people };
            let members = (FIRST_SIZE / length_days as f64).clamp(most.min(2.0), most);
            arms.push(Arm { length: length_days, members, gain: 0.0, steps: 0.0, draws: 0 });
            if is_last {
                return Self { arms, people, whole };
            }
            length *= RATIO;
        }
    }

    /// Draws an arm: each twice at first, then mostly the one that wins most per step.
    pub fn draw(&self, rng: &mut Rng) -> usize {
        if let Some(fresh) = self.arms.iter().position(|arm| arm.draws < 2) {
            return fresh;
        }
        if rng.below(EXPLORE) == 0 {
            return rng.below(self.arms.len());
        }
        let rate = |index: &usize| self.arms[*index].gain / self.arms[*index].steps.max(1.0);
        (0..self.arms.len()).max_by(|a, b| rate(a).total_cmp(&rate(b))).unwrap_or(0)
    }

    /// Days and people of an arm.
    pub fn shape(&self, arm: usize) -> (usize, usize) {
        (self.arms[arm].length, self.arms[arm].members.round().max(1.0) as usize)
    }

    /// Learns from a part.
    pub fn learn(&mut self, arm: usize, outcome: Outcome) {
        let is_last = arm + 1 == self.arms.len();
        let arm = &mut self.arms[arm];
        arm.draws += 1;
        arm.gain = arm.gain * DECAY + outcome.gain as f64;
        arm.steps = arm.steps * DECAY + outcome.steps as f64;
        let factor = match outcome.spent {
            _ if outcome.is_stopped => 0.75,
            spent if spent < 0.1 => 1.25,
            spent if spent < 0.3 => 1.1,
            spent if spent > 0.7 => 0.9,
            _ => 1.0,
        };
        let most = if is_last { self.whole } else { self.people };
        arm.members = (arm.members * factor).clamp(most.min(2.0), most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_reach_from_a_week_to_the_horizon() {
        let arms = Arms::new(50, 182, 0.7);
        let lengths: Vec<usize> = arms.arms.iter().map(|arm| arm.length).collect();
        assert_eq!((lengths.first(), lengths.last()), (Some(&7), Some(&182)));
        assert!(lengths.is_sorted());
        assert_eq!(Arms::new(3, 5, 0.7).arms.len(), 1);
    }

    #[test]
    fn what_wins_is_drawn_and_what_is_too_large_shrinks() {
        let mut arms = Arms::new(50, 182, 0.7);
        let mut rng = Rng::new(1);
        let mut counts = vec![0; arms.arms.len()];
        let before = arms.shape(3);
        for _ in 0..200 {
            let arm = arms.draw(&mut rng);
            counts[arm] += 1;
            let gain = if arm == 2 { 1000 } else { 0 };
            arms.learn(arm, Outcome { gain, steps: 100, spent: 0.5, is_stopped: arm == 3 });
        }
        assert!(counts[2] > 100, "{counts:?}");
        assert!(arms.shape(3).1 < before.1);
    }
}
