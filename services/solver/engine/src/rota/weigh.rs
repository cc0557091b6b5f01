//! One number for what shifts cost: levels weighed as the search weighs them, so that programming and pricing work on
//! a single table.

use roster::{
    Level, Problem, Score,
    shifts::{ShiftRule, Table, Weights},
};

use crate::duties::charges::Weighing;

/// A problem's shifts with costs that may be added up.
pub(crate) struct Weighed {
    /// The table to search on.
    pub table: Table,
    /// What a thousandth of each level counts in it; 0 where nothing costs at that level.
    factors: [i64; Level::COUNT],
}

// === impl Weighed ===

impl Weighed {
    /// Weighs a problem's shifts. When all costs are of one level, they stay as they are.
    pub fn of(problem: &Problem) -> Self {
        let table = problem.shifts();
        let level = |rule: ShiftRule| problem.setting(rule.id()).level;
        let is_used = |rule: &ShiftRule| *rule != ShiftRule::Change || !table.changes.is_empty();
        let rules = [ShiftRule::Under, ShiftRule::Over, ShiftRule::Wish, ShiftRule::Change];
        let factors = factors(rules.into_iter().filter(is_used).map(level));
        let mut weights = Weights::flat(1);
        for rule in rules {
            weights[rule] = factors[level(rule) as usize];
        }
        Self { table: table.weighted(&weights), factors }
    }

    /// What a bound of the weighed cost says of the lightest level, for rosters that cost no more on the heavier ones
    /// than `score` does: what those may take off is taken off. Without a score, only costs of a single level say anything.
    pub fn proves(&self, bound: i64, score: Option<&Score>) -> Option<(Level, i64)> {
        let lightest = Level::ALL.into_iter().rfind(|level| self.factors[*level as usize] > 0)?;
        let mut heavier = Level::ALL.into_iter().filter(|level| *level < lightest);
        let paid: i64 = match score {
            Some(score) => heavier.map(|level| score.level(level) * self.factors[level as usize]).sum(),
            None if heavier.all(|level| self.factors[level as usize] == 0) => 0,
            None => return None,
        };
        let factor = self.factors[lightest as usize];
        Some((lightest, ((bound - paid).max(0) + factor - 1) / factor))
    }
}

/// The search's own factors for the levels used, in lowest terms.
fn factors(used: impl Iterator<Item = Level>) -> [i64; Level::COUNT] {
    let whole = Weighing::of_search().factors;
    let mut factors = [0; Level::COUNT];
    for level in used {
        factors[level as usize] = whole[level as usize];
    }
    let least = factors.iter().copied().filter(|factor| *factor > 0).min().unwrap_or(1);
    // Powers of two: the least divides them all.
    factors.map(|factor| factor / least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_level_stays_as_it_is_and_two_keep_their_order() {
        assert_eq!(factors([Level::Preference; 3].into_iter()), [0, 0, 0, 0, 0, 1]);
        assert_eq!(factors([Level::Critical, Level::Balance].into_iter()), [0, 256, 0, 0, 1, 0]);
    }

    #[test]
    fn what_heavier_levels_take_is_taken_off_the_proof() {
        let weighed = Weighed { table: Table::default(), factors: [0, 256, 0, 0, 1, 0] };
        let score = Score::new([0, 10, 0, 0, 90, 0]);
        assert_eq!(weighed.proves(2_600, Some(&score)), Some((Level::Balance, 40)));
        assert_eq!(weighed.proves(2_000, Some(&score)), Some((Level::Balance, 0)));
        assert_eq!(weighed.proves(2_600, None), None);
    }
}
