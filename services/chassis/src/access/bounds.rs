//! What a hospital's policy may say about which permission, as data beside the tables.

use std::sync::LazyLock;

use super::{Effect, NURSE_ANESTHETIST, Rule, Scope, lines};
use crate::{Grant, Role};

/// What a hospital may say about a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Anything.
    Open,
    /// It may be taken away, and given to no other role, nor further than the table gives it.
    Closed,
    /// Nothing.
    Fixed,
}

/// What the calls of a permission are about, so that rules may be narrowed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axes {
    /// Something at a site.
    pub sites: bool,
    /// Somebody of a profession.
    pub professions: bool,
}

/// Why a rule cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No service asks for the permission.
    Unknown,
    /// It may not be given, or not be touched.
    Locked,
    /// Super-administrators could not undo it any more.
    ShutOut,
    /// The permission's calls are about no site, or about nobody.
    Unfit,
}

/// Permissions about which a hospital says nothing.
const FIXED: &[&str] = &[
    // By these the policy itself, and whom it binds, are changed.
    "access_policy.read",
    "access_policy.write",
    "roles.grant",
    "service_accounts.write",
    // Who watches is watched by the same rules everywhere.
    "audit.read",
    // What is one's own.
    "sessions.own",
    "sessions.read",
    "sessions.revoke",
    "calendar_feeds.own",
    "leaves.cancel_own",
    "notifications.read",
    "notifications.write",
    "notification_preferences.read",
    "notification_preferences.write",
    // What services do for each other.
    "identities.exchange",
    "tasks.run",
    "traffic.report",
];

/// Permissions that are given to no role that the table does not give them to.
const CLOSED: &[&str] = &[
    // Why somebody is away is known to themselves and to who decides; a balance tells it.
    "leaves.read_reason",
    "balances.read",
    "balances.adjust",
    "balances.transfer",
    // Who asks for somebody is shown their balances, and what speaks against it.
    "leaves.create",
    // Why two people are kept apart.
    "incompatibilities.read_reason",
    // All of a person's data, and its end.
    "personal_data.export",
    "personal_data.erase",
    // Who resets a password signs in as its owner.
    "passwords.reset",
    // Files bring people with addresses and passwords to come.
    "department.import",
    // Where what people are told goes.
    "webhooks.write",
];

/// By these a super-administrator makes another one.
const KEYS: &[&str] = &[
    "access_policy.read",
    "access_policy.write",
    "roles.grant",
    "passwords.reset",
    "staff_members.read",
    "staff_members.write",
];

/// Permissions whose calls are about something at a site.
const AT_SITES: &[&str] = &[
    "plans.read",
    "plans.edit",
    "plans.generate",
    "plans.publish",
    "templates.read",
    "templates.edit",
    "sites.read",
    "sites.write",
    "staff_members.read",
    "staff_members.write",
];

/// Permissions whose calls are about somebody, of a profession.
const OF_PROFESSIONS: &[&str] = &[
    "leaves.read",
    "leaves.read_reason",
    "leaves.create",
    "leaves.approve",
    "leaves.cancel",
    "balances.read",
    "unavailabilities.read",
    "unavailabilities.create",
    "unavailabilities.decide",
    "staff_members.read",
    "staff_members.write",
];

/// Of these a nurse administrator has what concerns nurse anesthetists.
const NURSES_ONLY: &[&str] = &[
    "leaves.read_reason",
    "leaves.create",
    "leaves.approve",
    "leaves.cancel",
    "balances.read",
    "unavailabilities.create",
    "unavailabilities.decide",
];

static EVERYTHING: [Scope; 1] = [Scope::EVERYTHING];
static NURSES: LazyLock<[Scope; 1]> =
    LazyLock::new(|| [Scope { professions: vec![NURSE_ANESTHETIST.to_owned()], ..Scope::EVERYTHING }]);

/// What a hospital may say about a permission.
pub fn lock(permission: &str) -> Lock {
    if FIXED.contains(&permission) {
        Lock::Fixed
    } else if CLOSED.contains(&permission) {
        Lock::Closed
    } else {
        Lock::Open
    }
}

/// What the calls of a permission are about.
pub fn axes(permission: &str) -> Axes {
    Axes { sites: AT_SITES.contains(&permission), professions: OF_PROFESSIONS.contains(&permission) }
}

/// How far the table gives a role a permission; nothing if it does not.
pub fn default_scopes(grant: &Grant, role: Role) -> &'static [Scope] {
    if !grant.roles.contains(&role) {
        &[]
    } else if role == Role::NurseAdministrator && NURSES_ONLY.contains(&grant.permission) {
        &*NURSES
    } else {
        &EVERYTHING
    }
}

/// Why a rule cannot hold, if it cannot.
pub fn refusal(rule: &Rule) -> Option<Refusal> {
    let permission = rule.permission.as_str();
    let Some((_, grant)) = lines(permission).next() else { return Some(Refusal::Unknown) };
    let (is_allowed, scope) = (rule.effect == Effect::Allowed, &rule.scope);
    let takes = !is_allowed || *scope != Scope::EVERYTHING;
    if rule.role == Role::SuperAdministrator && takes && KEYS.contains(&permission) {
        return Some(Refusal::ShutOut);
    }
    let is_given = || default_scopes(grant, rule.role).iter().any(|given| given.contains(scope));
    match lock(permission) {
        Lock::Fixed => return Some(Refusal::Locked),
        Lock::Closed if is_allowed && !is_given() => return Some(Refusal::Locked),
        Lock::Open | Lock::Closed => {}
    }
    let axes = axes(permission);
    let names_sites = scope.includes_own_sites || !scope.sites.is_empty();
    let is_fit = (axes.sites || !names_sites)
        && (axes.professions || scope.professions.is_empty())
        && (is_allowed || !scope.includes_own_sites);
    if is_fit { None } else { Some(Refusal::Unfit) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::TABLES;

    fn rule(permission: &str, role: Role, effect: Effect, scope: Scope) -> Rule {
        Rule { permission: permission.to_owned(), role, effect, scope }
    }

    fn sites(ids: &[&str]) -> Scope {
        Scope { sites: ids.iter().map(|id| (*id).to_owned()).collect(), ..Scope::EVERYTHING }
    }

    fn professions(codes: &[&str]) -> Scope {
        Scope { professions: codes.iter().map(|code| (*code).to_owned()).collect(), ..Scope::EVERYTHING }
    }

    #[test]
    fn whatever_is_said_of_a_permission_is_said_of_one_that_exists() {
        for permission in [FIXED, CLOSED, KEYS, AT_SITES, OF_PROFESSIONS, NURSES_ONLY].concat() {
            assert!(lines(permission).next().is_some(), "{permission}");
        }
        assert!(FIXED.iter().all(|permission| !CLOSED.contains(permission)));
    }

    #[test]
    fn what_only_services_may_and_what_is_only_ones_own_is_fixed() {
        for grant in TABLES.iter().flat_map(|(_, table)| table.0) {
            if grant.roles.is_empty() {
                assert_eq!(lock(grant.permission), Lock::Fixed, "{}", grant.permission);
            }
        }
    }

    #[test]
    fn a_permission_of_several_services_is_the_same_in_each() {
        for grant in TABLES.iter().flat_map(|(_, table)| table.0) {
            for (service, other) in lines(grant.permission) {
                assert_eq!(grant.roles, other.roles, "{} of {service}", grant.permission);
            }
        }
    }

    #[test]
    fn rules_that_cannot_hold_say_why() {
        use Effect::{Allowed, Withdrawn};
        use Role::{NurseAdministrator, NurseManager, Secretary, SuperAdministrator};
        let all = || Scope::EVERYTHING;
        let own = || Scope { includes_own_sites: true, ..Scope::EVERYTHING };
        for (permission, role, effect, scope, expected) in [
            ("plans.reed", Secretary, Allowed, all(), Some(Refusal::Unknown)),
            ("plans.read", NurseManager, Allowed, sites(&["a"]), None),
            ("plans.read", NurseManager, Allowed, own(), None),
            ("plans.read", NurseManager, Withdrawn, own(), Some(Refusal::Unfit)),
            ("plans.read", NurseManager, Allowed, professions(&["MAR"]), Some(Refusal::Unfit)),
            ("leaves.read", NurseManager, Allowed, sites(&["a"]), Some(Refusal::Unfit)),
            ("rules.edit", Secretary, Allowed, sites(&["a"]), Some(Refusal::Unfit)),
            ("rules.edit", Secretary, Allowed, all(), None),
            // What must never be opened.
            ("leaves.read_reason", Secretary, Allowed, all(), Some(Refusal::Locked)),
            ("leaves.read_reason", Secretary, Withdrawn, all(), None),
            ("leaves.read_reason", NurseAdministrator, Allowed, all(), Some(Refusal::Locked)),
            ("leaves.read_reason", NurseAdministrator, Allowed, professions(&["MAR"]), Some(Refusal::Locked)),
            ("leaves.read_reason", NurseAdministrator, Allowed, professions(&["IADE"]), None),
            ("leaves.read_reason", NurseAdministrator, Withdrawn, all(), None),
            ("audit.read", Secretary, Allowed, all(), Some(Refusal::Locked)),
            ("audit.read", SuperAdministrator, Withdrawn, all(), Some(Refusal::Locked)),
            ("tasks.run", SuperAdministrator, Allowed, all(), Some(Refusal::Locked)),
            ("sessions.own", Secretary, Withdrawn, all(), Some(Refusal::Locked)),
            // What a super-administrator must keep.
            ("access_policy.write", SuperAdministrator, Withdrawn, all(), Some(Refusal::ShutOut)),
            ("staff_members.write", SuperAdministrator, Allowed, sites(&["a"]), Some(Refusal::ShutOut)),
            ("staff_members.write", SuperAdministrator, Allowed, all(), None),
            ("leaves.approve", SuperAdministrator, Withdrawn, all(), None),
        ] {
            let told = format!("{permission} {role:?} {effect:?} {scope:?}");
            assert_eq!(refusal(&rule(permission, role, effect, scope)), expected, "{told}");
        }
    }
}
