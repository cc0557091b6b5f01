//! The rules: one table of contents, then one file per family.
//!
//! A rule is named by its [`RuleId`], counts at one level, and weighs so much per unit of breach. Evaluation lives
//! beside it and speaks to a sink: summing for the score, or keeping typed matches for the explanation.

mod catalogue;

pub use self::catalogue::{Rule, RuleId, catalogue};
use crate::problem::RuleSetting;

/// The catalogue's settings with a rule set's own on top.
pub(crate) fn settings(own: &[RuleSetting]) -> [RuleSetting; RuleId::COUNT] {
    let mut table = RuleId::ALL.map(|rule| {
        let entry = rule.entry();
        RuleSetting { rule, level: entry.level, weight: entry.default_weight }
    });
    for setting in own {
        table[setting.rule as usize] = *setting;
    }
    table
}
