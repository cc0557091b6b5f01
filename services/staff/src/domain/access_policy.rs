//! What a hospital says about who may do what, over the tables that come with the product.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::resource::{Flaw, Kind, Reference, Resource};
use super::staff_member::{Role, has_repeated};

/// The id of a hospital's one policy.
pub const ID: &str = "policy";
/// The most rules.
const RULES_MAX: usize = 500;
/// The most sites, and the most professions, of a rule.
const NAMED_MAX: usize = 200;

/// The policy. Without a rule the tables hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPolicy {
    /// In the order in which they were sent; the order means nothing.
    pub rules: Vec<Rule>,
    /// What orders what other services are told: the moment of the change in microseconds, or one more than before if that
    /// is later. A version would be told twice after this database went back to an earlier moment.
    #[serde(default)]
    pub told: i64,
}

/// One thing that is said about a permission and a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// `plans.read`
    pub permission: String,
    /// The role.
    pub role: Role,
    /// What it does.
    pub effect: Effect,
    /// Site ids; none is all.
    pub sites: Vec<String>,
    /// The caller's own sites beside them.
    pub includes_own_sites: bool,
    /// Profession codes; none is all.
    pub professions: Vec<String>,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Effect {
    /// Stands, with the others that allow, in the table's place.
    Allowed,
    /// Takes away from what the table or they give.
    Withdrawn,
}

// === impl AccessPolicy ===

impl AccessPolicy {
    /// The same to be told after another one, at a moment.
    #[must_use]
    pub fn after(self, other: &Self, now: i64) -> Self {
        Self { told: now.max(other.told + 1), ..self }
    }

    /// The rules that are in this one and not in another.
    pub fn beside<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(|rule| !other.rules.contains(rule))
    }
}

impl Resource for AccessPolicy {
    const KIND: Kind = Kind::AccessPolicy;
    const OPEN: &'static [&'static str] = &["rules"];

    fn natural_key(&self, id: &str) -> String {
        id.to_owned()
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        if self.rules.len() > RULES_MAX {
            flaws.push(Flaw::new("rules", format!("at most {RULES_MAX} rules")));
        }
        if has_repeated(self.rules.iter()) {
            flaws.push(Flaw::new("rules", "each rule at most once"));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            rule.check(&format!("rules[{at}]"), &mut flaws);
        }
        flaws
    }

    fn references(&self, _id: &str) -> Vec<Reference> {
        let sites = self.rules.iter().flat_map(|rule| &rule.sites);
        sites.map(|site| Reference { field: "rules", kind: Kind::Site, id: site.clone() }).collect()
    }
}

// === impl Rule ===

impl Rule {
    fn check(&self, field: &str, flaws: &mut Vec<Flaw>) {
        for (name, named) in [("sites", &self.sites), ("professions", &self.professions)] {
            if named.len() > NAMED_MAX || has_repeated(named.iter()) {
                let expected = format!("at most {NAMED_MAX}, each at most once");
                flaws.push(Flaw::new(format!("{field}.scope.{name}"), expected));
            }
        }
        if self.includes_own_sites && self.effect == Effect::Withdrawn {
            flaws.push(Flaw::new(format!("{field}.scope.includes_own_sites"), "false with WITHDRAWN"));
        }
    }
}

/// As the audit log tells it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} to {:?}", self.effect, self.permission, self.role)?;
        let own = self.includes_own_sites.then_some("their own");
        let sites: Vec<&str> = self.sites.iter().map(String::as_str).chain(own).collect();
        if !sites.is_empty() {
            write!(f, " at {}", sites.join(", "))?;
        }
        if !self.professions.is_empty() {
            write!(f, " for {}", self.professions.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(permission: &str, sites: &[&str]) -> Rule {
        Rule {
            permission: permission.to_owned(),
            role: Role::NurseManager,
            effect: Effect::Allowed,
            sites: sites.iter().map(|site| (*site).to_owned()).collect(),
            includes_own_sites: false,
            professions: vec![],
        }
    }

    #[test]
    fn what_is_said_twice_or_of_too_many_is_noted() {
        let fields = |rules: Vec<Rule>| {
            let flaws = AccessPolicy { rules, told: 0 }.flaws();
            flaws.into_iter().map(|flaw| flaw.field).collect::<Vec<_>>()
        };
        assert!(fields(vec![]).is_empty());
        assert!(fields(vec![rule("plans.read", &["a"]), rule("plans.read", &["b"])]).is_empty());
        assert_eq!(fields(vec![rule("plans.read", &["a"]); 2]), ["rules"]);
        assert_eq!(fields(vec![rule("plans.read", &["a", "a"])]), ["rules[0].scope.sites"]);
        let own = Rule { includes_own_sites: true, effect: Effect::Withdrawn, ..rule("plans.read", &[]) };
        assert_eq!(fields(vec![own]), ["rules[0].scope.includes_own_sites"]);
        let many = (0..=RULES_MAX).map(|at| rule(&format!("p{at}"), &[])).collect();
        assert_eq!(fields(many), ["rules"]);
    }

    #[test]
    fn what_is_told_later_is_newer_whatever_the_clock_says() {
        let first = AccessPolicy::default().after(&AccessPolicy::default(), 1_000);
        assert_eq!(first.told, 1_000);
        assert_eq!(AccessPolicy::default().after(&first, 10).told, 1_001);
        assert_eq!(AccessPolicy::default().after(&first, 2_000).told, 2_000);
    }

    #[test]
    fn the_audit_log_reads_a_rule_as_a_sentence() {
        let mut own = rule("plans.read", &["main"]);
        own.includes_own_sites = true;
        own.professions = vec!["IADE".to_owned()];
        assert_eq!(own.to_string(), "Allowed plans.read to NurseManager at main, their own for IADE");
        assert_eq!(rule("plans.read", &[]).to_string(), "Allowed plans.read to NurseManager");
    }
}
