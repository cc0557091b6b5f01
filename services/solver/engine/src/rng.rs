//! The engine's own randomness: the same seed gives the same roster, on every machine and in every version.
//!
//! PCG XSH RR 64/32, written from M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
//! Algorithms for Random Number Generation", Harvey Mudd College HMC-CS-2014-0905, §6.3.1. Library generators may
//! change their stream between versions; a plan that cannot be made again is no evidence.

/// The multiplier of the 64-bit linear congruential generator underneath (O'Neill 2014, table of constants).
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;

/// A small pseudo-random generator. Not for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: u64,
    increment: u64,
}

// === impl Rng ===

impl Rng {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Rng {
        Rng::stream(seed, 0)
    }

    /// One of the independent sequences of a seed: islands and restarts take one each.
    #[must_use]
    pub fn stream(seed: u64, stream: u64) -> Rng {
        let mut rng = Rng { state: 0, increment: (stream << 1) | 1 };
        rng.next();
        rng.state = rng.state.wrapping_add(seed);
        rng.next();
        rng
    }

    /// The next 32 bits.
    #[expect(clippy::should_implement_trait, reason = "an endless sequence is no iterator to collect")]
    pub fn next(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
        let shifted = (((old >> 18) ^ old) >> 27) as u32;
        shifted.rotate_right((old >> 59) as u32)
    }

    /// A number below `bound`, which must not be 0. The bias is below `bound / 2^32` and irrelevant to a search.
    pub fn below(&mut self, bound: usize) -> usize {
        debug_assert!(bound > 0 && bound <= u32::MAX as usize, "an empty choice, or one too large");
        ((u64::from(self.next()) * bound as u64) >> 32) as usize
    }

    /// One of the items; `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len())) }
    }

    /// Puts the items in a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The reference program `pcg32-demo` of the paper's author: seed 42, stream 54.
        let mut rng = Rng::stream(42, 54);
        let first: Vec<u32> = (0..6).map(|_| rng.next()).collect();
        assert_eq!(first, [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e]);
    }

    #[test]
    fn every_number_below_the_bound_comes_up_about_equally_often() {
        let mut rng = Rng::new(7);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[rng.below(7)] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_shuffle_keeps_the_items_and_follows_the_seed() {
        let shuffled = |seed| {
            let mut items: Vec<u32> = (0..50).collect();
            Rng::new(seed).shuffle(&mut items);
            items
        };
        let mut sorted = shuffled(3);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<u32>>());
        assert_eq!(shuffled(3), shuffled(3));
        assert_ne!(shuffled(3), shuffled(4));
    }
}
