//! Which changes for the worse an annealing keeps: decided by integers, the same on every machine.

use crate::rng::Rng;

/// Entries of the table of logarithms.
const ENTRIES: usize = 1 << 12;

/// Draws how much worse a change may be.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    /// `-ln(u)` of evenly spread `u`, in 65536ths.
    logarithms: Vec<u32>,
}

// === impl Chance ===

impl Chance {
    pub fn new() -> Self {
        Self {
            logarithms: (0..ENTRIES as u64)
                .map(|entry| minus_ln(2 * entry + 1, 2 * ENTRIES as u64))
                .collect(),
        }
    }

    /// The worst difference that is kept this time: exponentially distributed with the temperature as its mean.
    #[inline]
    pub fn draw(&self, temperature: i64, rng: &mut Rng) -> i64 {
        (temperature * i64::from(self.logarithms[rng.next() as usize & (ENTRIES - 1)])) >> 16
    }
}

/// `-ln(numerator / denominator)` in 65536ths, by repeated squaring.
fn minus_ln(numerator: u64, denominator: u64) -> u32 {
    let log2 = log2(denominator) - log2(numerator);
    // ln 2 in 65536ths.
    ((log2 * 45_426) >> 16) as u32
}

/// The binary logarithm in 65536ths.
fn log2(number: u64) -> u64 {
    let whole = u64::from(number.ilog2());
    let mut mantissa = (number << 32) >> whole;
    let mut fraction = 0;
    for _ in 0..16 {
        // The mantissa is in [1, 2) with 32 binary places; its square is in [1, 4).
        let square = ((u128::from(mantissa) * u128::from(mantissa)) >> 32) as u64;
        let doubled = square >> 33;
        fraction = fraction << 1 | doubled;
        mantissa = square >> doubled;
    }
    whole << 16 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_what_is_kept_is_the_temperature() {
        let chance = Chance::new();
        let mut rng = Rng::new(3);
        let sum: i64 = (0..200_000).map(|_| chance.draw(1_000, &mut rng)).sum();
        assert!((990..1_010).contains(&(sum / 200_000)), "{}", sum / 200_000);
    }

    #[test]
    fn the_logarithm_is_that_of_floating_point() {
        for (entry, ours) in Chance::new().logarithms.iter().enumerate() {
            let exact = -((2 * entry + 1) as f64 / (2 * ENTRIES) as f64).ln();
            assert!((exact - f64::from(*ours) / 65_536.0).abs() < 1e-3, "{entry}: {exact}");
        }
    }
}
