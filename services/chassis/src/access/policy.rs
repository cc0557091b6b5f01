//! What hospitals say over the tables, as a service knows it and as its calls bring it along.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

use super::{default_scopes, refusal};
use crate::{Grant, Principal, Role};

/// One thing that a hospital says about a permission and a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `plans.read`
    pub permission: String,
    /// The role.
    pub role: Role,
    /// What it does.
    pub effect: Effect,
    /// Where, and about whom.
    pub scope: Scope,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Effect {
    /// Stands, with the others that allow, in the table's place.
    Allowed,
    /// Takes away from what the table or they give.
    Withdrawn,
}

/// A part of a hospital. What says nothing is all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// Site ids.
    pub sites: Vec<String>,
    /// The caller's own sites beside them.
    pub includes_own_sites: bool,
    /// Profession codes.
    pub professions: Vec<String>,
}

/// What one hospital says.
#[derive(Clone, Debug, Default)]
pub struct Overrides(HashMap<String, Vec<(Role, Said)>>);

/// About one permission and one role. Without anything allowed the table stands.
#[derive(Clone, Debug, Default)]
struct Said {
    allowed: Vec<Scope>,
    withdrawn: Vec<Scope>,
}

/// What one service knows of every hospital's policy, shared between who hears of it and the server stack.
#[derive(Clone, Debug, Default)]
pub struct Access(Arc<ArcSwap<HashMap<String, Arc<Overrides>>>>);

// === impl Scope ===

impl Scope {
    /// All of the hospital.
    pub const EVERYTHING: Self = Self { sites: vec![], includes_own_sites: false, professions: vec![] };

    /// Whether it says nothing of sites.
    pub fn is_everywhere(&self) -> bool {
        self.sites.is_empty() && !self.includes_own_sites
    }

    /// Whether all of another part is in this one.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let has_sites = self.is_everywhere()
            || (!other.is_everywhere()
                && other.sites.iter().all(|site| self.sites.contains(site))
                && (self.includes_own_sites || !other.includes_own_sites));
        let has_professions = self.professions.is_empty()
            || (!other.professions.is_empty()
                && other.professions.iter().all(|code| self.professions.contains(code)));
        has_sites && has_professions
    }
}

// === impl Overrides ===

impl Overrides {
    /// What rules say. One that cannot hold says nothing: what is locked stays so in every service, whatever it is told.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut all = Self::default();
        for rule in rules.into_iter().filter(|rule| refusal(rule).is_none()) {
            let roles = all.0.entry(rule.permission).or_default();
            let at = roles.iter().position(|(role, _)| *role == rule.role).unwrap_or_else(|| {
                roles.push((rule.role, Said::default()));
                roles.len() - 1
            });
            let said = &mut roles[at].1;
            match rule.effect {
                Effect::Allowed => said.allowed.push(rule.scope),
                Effect::Withdrawn => said.withdrawn.push(rule.scope),
            }
        }
        all
    }

    /// How far a role has a permission, and what of that is withdrawn.
    pub fn in_force<'a>(own: Option<&'a Self>, grant: &Grant, role: Role) -> (&'a [Scope], &'a [Scope]) {
        let said = own.and_then(|own| own.0.get(grant.permission));
        let said = said.and_then(|said| said.iter().find(|(own, _)| *own == role));
        let table = default_scopes(grant, role);
        match said {
            None => (table, &[]),
            Some((_, said)) if said.allowed.is_empty() => (table, &said.withdrawn),
            Some((_, said)) => (&said.allowed, &said.withdrawn),
        }
    }
}

// === impl Access ===

impl Access {
    /// What is known from now on, by hospital id.
    pub fn set(&self, policies: impl IntoIterator<Item = (String, Vec<Rule>)>) {
        let policies = policies.into_iter().filter(|(_, rules)| !rules.is_empty());
        let all = policies.map(|(hospital, rules)| (hospital, Arc::new(Overrides::new(rules)))).collect();
        self.0.store(Arc::new(all));
    }

    /// What the hospital says whose person calls; services judge each other by the tables.
    pub(crate) fn of(&self, principal: &Principal) -> Option<Arc<Overrides>> {
        principal.person().and_then(|person| self.of_hospital(&person.hospital))
    }

    /// What a hospital says, if it says anything.
    pub fn of_hospital(&self, hospital: &str) -> Option<Arc<Overrides>> {
        self.0.load().get(hospital).cloned()
    }
}
