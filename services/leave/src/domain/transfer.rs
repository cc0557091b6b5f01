//! Half-days that move between two balances of a person.

use serde::{Deserialize, Serialize};

use crate::domain::{
    balance::{BalanceKey, Figures},
    refusal::Refusal,
};

/// Between which balances half-days may move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferRule {
    /// Id of the type that gives.
    pub source: String,
    /// Id of the type that receives; the same means to the next year.
    pub target: String,
    /// What a hundred half-days become.
    pub rate_percentage: i32,
    /// The most that a balance gives in this way.
    pub half_days_max: i32,
    /// The largest part of what the giving balance was granted.
    pub percentage_max: Option<i32>,
    /// Only an administrator moves them.
    pub requires_approval: bool,
}

/// The rule of a transfer, if the policy has one: within a year, or of one type to the next year.
pub fn rule<'a>(
    rules: &'a [TransferRule],
    source: &BalanceKey,
    target: &BalanceKey,
) -> Result<&'a TransferRule, Refusal> {
    let years = target.year - source.year;
    let fits = |rule: &&TransferRule| {
        rule.source == source.leave_type
            && rule.target == target.leave_type
            && years == i32::from(rule.source == rule.target)
    };
    rules.iter().find(fits).ok_or(Refusal::TransferNotOffered)
}

/// How many half-days arrive. `given` is what the source gave to the target before.
pub fn transfer(rule: &TransferRule, source: &Figures, given: i32, half_days: i32) -> Result<i32, Refusal> {
    let part = rule.percentage_max.map_or(i32::MAX, |percentage| source.granted * percentage / 100);
    let left = (rule.half_days_max.min(part) - given).max(0);
    if half_days > left {
        return Err(Refusal::TransferCapped { left });
    }
    if half_days > source.projected() {
        return Err(Refusal::TransferExceedsBalance { projected: source.projected() });
    }
    // What would arrive as nothing does not leave.
    let received = half_days * rule.rate_percentage / 100;
    if received > 0 { Ok(received) } else { Err(Refusal::TransferNotOffered) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{balance::EntryKind, policy::Policy};

    fn granted(half_days: i32) -> Figures {
        let mut figures = Figures::default();
        figures.add(EntryKind::Grant, half_days);
        figures
    }

    #[test]
    fn scenario_16_six_days_of_annual_leave_are_above_the_cap_of_five() {
        let policy = Policy::defaults("chu");
        let rule = &policy.transfer_rules[0];
        assert_eq!(transfer(rule, &granted(100), 0, 12), Err(Refusal::TransferCapped { left: 10 }));
        assert_eq!(transfer(rule, &granted(100), 0, 10), Ok(10));
        assert_eq!(transfer(rule, &granted(100), 8, 4), Err(Refusal::TransferCapped { left: 2 }));
        assert_eq!(
            transfer(rule, &granted(10), 0, 6),
            Err(Refusal::TransferCapped { left: 5 }),
            "half of it"
        );
    }

    #[test]
    fn a_balance_gives_no_more_than_it_holds_and_the_rate_counts() {
        let rule = TransferRule { rate_percentage: 50, ..Policy::defaults("chu").transfer_rules[0].clone() };
        let mut spent = granted(100);
        spent.add(EntryKind::Usage, -96);
        assert_eq!(transfer(&rule, &spent, 0, 5), Err(Refusal::TransferExceedsBalance { projected: 4 }));
        assert_eq!(transfer(&rule, &spent, 0, 4), Ok(2));
        assert_eq!(transfer(&rule, &spent, 0, 1), Err(Refusal::TransferNotOffered));
    }

    #[test]
    fn only_what_the_policy_names_moves_and_one_type_only_to_the_next_year() {
        let mut rules = Policy::defaults("chu").transfer_rules;
        let key = |leave_type: &str, year| BalanceKey {
            hospital: "chu".to_owned(),
            staff_member: "ann".to_owned(),
            leave_type: leave_type.to_owned(),
            year,
        };
        assert!(rule(&rules, &key("cp", 2026), &key("recup", 2026)).is_ok());
        assert!(rule(&rules, &key("recup", 2026), &key("cp", 2026)).is_err());
        assert!(rule(&rules, &key("cp", 2026), &key("recup", 2027)).is_err());
        rules[0].target = "cp".to_owned();
        assert!(rule(&rules, &key("cp", 2026), &key("cp", 2027)).is_ok());
        assert!(rule(&rules, &key("cp", 2026), &key("cp", 2026)).is_err());
    }
}
