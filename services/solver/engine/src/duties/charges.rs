//! What a breach of a rule costs in one number, or that it cannot be had at all.

use roster::{Level, Problem, RuleId, Score};

/// How six levels become one number, and how much of each may be spent.
#[derive(Clone, Debug)]
pub(crate) struct Weighing {
    /// What a thousandth of each level counts; the hard level's is not read.
    pub factors: [i64; Level::COUNT],
    /// A single breach that costs more than this at a level is out of the question.
    pub ceilings: [i64; Level::COUNT],
    /// What a hole costs that somebody could have filled, whatever its weight; `None`: what its weight says.
    pub hole: Option<i64>,
}

/// The rule set's prices under a weighing.
#[derive(Clone, Debug)]
pub(crate) struct Charges {
    rules: [(Level, i64); RuleId::COUNT],
    weighing: Weighing,
}

// === impl Weighing ===

impl Weighing {
    /// The search's own weighing: every level counts, a heavier one much more.
    pub fn of_search() -> Self {
        Self { factors: [0, 4_096, 512, 128, 16, 1], ceilings: [i64::MAX; Level::COUNT], hole: None }
    }

    /// One level alone, in its own thousandths, for plans whose heavier levels have only so much left to spend.
    pub fn of_level(level: Level, left: [i64; Level::COUNT], hole: i64) -> Self {
        let mut factors = [0; Level::COUNT];
        factors[level as usize] = 1;
        let mut ceilings = [i64::MAX; Level::COUNT];
        ceilings[..level as usize].copy_from_slice(&left[..level as usize]);
        Self { factors, ceilings, hole: Some(hole) }
    }
}

// === impl Charges ===

impl Charges {
    pub fn of(problem: &Problem, weighing: Weighing) -> Self {
        let mut rules = RuleId::ALL.map(|rule| (rule.entry().level, rule.entry().default_weight));
        for own in &problem.parameters().settings {
            rules[own.rule as usize] = (own.level, own.weight);
        }
        // The balance of fairness and fatigue moves some rules as a whole, as it moves counters.
        let parameters = problem.parameters();
        let moved = |weight: i64, permille: u16, own: i64| (weight * i64::from(permille) + own / 2) / own;
        let fatigue = &mut rules[RuleId::Fatigue as usize].1;
        *fatigue = moved(*fatigue, parameters.fatigue_permille, 400);
        for rule in [RuleId::OffWeek, RuleId::OffMonth] {
            let weight = &mut rules[rule as usize].1;
            *weight = moved(*weight, parameters.equity_permille, 600);
        }
        Self { rules, weighing }
    }

    /// What so many thousandths of a rule's unit cost; `None` when that may not be.
    pub fn cost(&self, rule: RuleId, amount: i64) -> Option<i64> {
        let (level, weight) = self.rules[rule as usize];
        self.weigh(level, weight.saturating_mul(amount))
    }

    /// One unit of it.
    pub fn unit(&self, rule: RuleId) -> Option<i64> {
        self.cost(rule, Score::UNIT)
    }

    /// The rule may never be broken.
    pub fn is_hard(&self, rule: RuleId) -> bool {
        let (level, weight) = self.rules[rule as usize];
        level == Level::Hard && weight > 0
    }

    /// What an empty slot of this weight costs; one that nobody may hold is empty whatever is chosen.
    pub fn hole(&self, rule: RuleId, weight: u32, is_out_of_reach: bool) -> i64 {
        match self.weighing.hole {
            Some(_) if is_out_of_reach => 0,
            Some(hole) => hole,
            None => {
                let (level, unit) = self.rules[rule as usize];
                let factor = self.weighing.factors[level as usize];
                factor.saturating_mul(unit.saturating_mul(i64::from(weight) * Score::UNIT))
            }
        }
    }

    fn weigh(&self, level: Level, cost: i64) -> Option<i64> {
        if cost > 0 && (level == Level::Hard || cost > self.weighing.ceilings[level as usize]) {
            return None;
        }
        Some(if level == Level::Hard {
            0
        } else {
            cost.saturating_mul(self.weighing.factors[level as usize])
        })
    }
}
