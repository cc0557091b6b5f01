//! Simulated annealing without a float: the same decisions on every machine.
//!
//! Kirkpatrick, Gelatt and Vecchi, "Optimization by Simulated Annealing", Science 220 (1983). A change for the worse
//! by `d` is kept with probability `2^(-d / temperature)`; the temperature falls geometrically with the share of the
//! budget that is spent.

use roster::{Level, Score};

use crate::rng::Rng;

/// How many times one unit of a level outweighs a quarter unit of preference while annealing.
///
/// The score itself is lexicographic, and the best roster is kept by that order; a temperature needs one number.
/// The factors keep the order for every difference a move usually makes: an open garde (800 or more units of the
/// critical level) outweighs any balance, a theatre room some ten units of relaxation, four units of preference one
/// of balance.
pub(crate) const FACTORS: [(Level, i64); 5] = [
    (Level::Critical, 4_096),
    (Level::Relaxed, 512),
    (Level::Change, 128),
    (Level::Balance, 16),
    (Level::Preference, 4),
];

/// Octaves the temperature falls through, in 65536ths.
const OCTAVES: u64 = 8 << 16;

/// The acceptor.
#[derive(Clone, Debug)]
pub(crate) struct Annealing {
    hottest: i64,
    /// The temperature now.
    temperature: i64,
}

// === impl Annealing ===

impl Annealing {
    /// `hottest` is the difference, in units of balance, that is kept half the time at the beginning.
    pub fn new(hottest: i64) -> Annealing {
        let hottest = hottest * Score::UNIT * 16;
        Annealing { hottest, temperature: hottest }
    }

    /// Cools to what belongs to this share of the budget, in 65536ths.
    pub fn cool(&mut self, spent: u32) {
        self.temperature = self.at(spent);
    }

    /// Whether to go from one score to another.
    pub fn accepts(&self, current: &Score, candidate: &Score, rng: &mut Rng) -> bool {
        let worse = energy(&(*candidate - *current));
        if worse <= 0 {
            return true;
        }
        let halvings = minus_log2(rng.next());
        let bound = i128::from(self.temperature) * i128::from(halvings);
        (i128::from(worse) << 16) <= bound
    }

    fn at(&self, spent: u32) -> i64 {
        let fallen = (u64::from(spent.min(1 << 16)) * OCTAVES) >> 16;
        let (octave, within) = ((fallen >> 16) as u32, (fallen & 0xffff) as i64);
        // Straight lines between powers of two: close enough to the curve, and exact everywhere.
        let top = self.hottest >> octave;
        top - ((top / 2 * within) >> 16)
    }
}

pub(crate) fn energy(difference: &Score) -> i64 {
    FACTORS.iter().fold(0_i64, |sum, (level, factor)| {
        sum.saturating_add(difference.level(*level).saturating_mul(*factor))
    })
}

/// `-log2((bits + 1) / 2^32)` in 65536ths, by repeated squaring.
fn minus_log2(bits: u32) -> u32 {
    let number = u64::from(bits) + 1;
    let whole = number.ilog2();
    let mut mantissa = (number << 32) >> whole;
    let mut fraction = 0_u32;
    for _ in 0..16 {
        // The mantissa is in [1, 2) with 32 binary places; its square is in [1, 4).
        let square = ((u128::from(mantissa) * u128::from(mantissa)) >> 32) as u64;
        let doubled = square >> 33;
        fraction = (fraction << 1) | doubled as u32;
        mantissa = square >> doubled;
    }
    (32 << 16) - ((whole << 16) | fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_floating_point_within_one_part_in_sixteen_thousand() {
        for bits in [0, 1, 2, 6, 99, 65_535, 65_536, 1 << 30, 1 << 31, 3_000_000_000, u32::MAX - 1, u32::MAX]
        {
            let exact = 32.0 - (f64::from(bits) + 1.0).log2();
            let ours = f64::from(minus_log2(bits)) / 65_536.0;
            assert!((exact - ours).abs() < 1.0 / 16_000.0, "{bits}: {exact} against {ours}");
        }
    }

    #[test]
    fn the_temperature_falls_share_by_share_through_its_octaves() {
        let annealing = Annealing::new(50);
        let course: Vec<i64> = (0..=1 << 16).map(|spent| annealing.at(spent)).collect();
        assert!(course.windows(2).all(|pair| pair[1] <= pair[0]));
        assert_eq!((course[0], course[1 << 16]), (800_000, 800_000 >> 8));
    }

    #[test]
    fn improvements_are_always_kept_and_a_breach_of_the_half_life_half_the_time() {
        let mut annealing = Annealing::new(20);
        let mut rng = Rng::new(5);
        let worse = Score::at(Level::Balance, 20 * Score::UNIT);
        let kept = (0..10_000).filter(|_| annealing.accepts(&Score::ZERO, &worse, &mut rng)).count();
        assert!((4_800..5_200).contains(&kept), "{kept}");
        assert!((0..100).all(|_| annealing.accepts(&worse, &Score::ZERO, &mut rng)));
        let hole = Score::at(Level::Critical, 100 * Score::UNIT);
        annealing.cool(1 << 16);
        assert!(!(0..10_000).any(|_| annealing.accepts(&Score::ZERO, &hole, &mut rng)));
    }
}
