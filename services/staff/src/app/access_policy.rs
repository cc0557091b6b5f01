//! What a hospital says about who may do what: read, set, and looked at beside the tables.

use std::collections::{BTreeMap, BTreeSet};

use chassis::{
    Ctx, Grant, Problem, Role, Target, Violation,
    access::{self, Axes, Lock, Overrides, Refusal, Scope, TABLES},
};
use durable::{Once, Tx, audit::Change, etag, is_unique, page::Page, problem, time};
use proto::error::v1::Reason;

use super::{
    App,
    permissions::{POLICY, role},
};
use crate::{
    domain::{
        AccessPolicy, Kind, Profession, Resource,
        access_policy::{Effect, ID, Rule},
    },
    store::{Stored, events::Announced, resources as store},
};

/// A permission with who has it.
#[derive(Debug)]
pub struct Permission {
    /// Its name.
    pub name: &'static str,
    /// The services that ask for it.
    pub services: Vec<&'static str>,
    /// What may be said about it.
    pub lock: Lock,
    /// What its calls are about.
    pub axes: Axes,
    /// Everybody has it about themselves.
    pub includes_self: bool,
    /// Who has it, or would by the table.
    pub roles: Vec<RoleAccess>,
}

/// How far a role has a permission.
#[derive(Debug)]
pub struct RoleAccess {
    /// The role.
    pub role: Role,
    /// By the table.
    pub default: Vec<Scope>,
    /// By the hospital.
    pub allowed: Vec<Scope>,
    /// What is taken away from that.
    pub withdrawn: Vec<Scope>,
}

impl App {
    /// The hospital's policy; one without rules and of version 0 if it was never set.
    pub async fn get_access_policy(
        &self,
        ctx: &Ctx,
        hospital: &str,
    ) -> Result<Stored<AccessPolicy>, Problem> {
        POLICY.authorize(ctx, "access_policy.read", Target::hospital(hospital))?;
        let found = store::find(&self.db.fresh(ctx), hospital, ID).await?;
        Ok(found.unwrap_or_else(|| never_set(hospital)))
    }

    /// Sets the policy. One that is as it was is written and told again all the same: a service whose database went back
    /// learns it so.
    pub async fn update_access_policy(
        &self,
        ctx: &Ctx,
        once: &Once,
        (hospital, sent_etag, validate_only): (&str, &str, bool),
        new: AccessPolicy,
    ) -> Result<Stored<AccessPolicy>, Problem> {
        POLICY.authorize(ctx, "access_policy.write", Target::hospital(hospital))?;
        refuse_what_cannot_hold(&new)?;
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        let old = store::find::<AccessPolicy>(tx.conn(), hospital, ID).await?;
        etag::check(sent_etag, old.as_ref().map_or(0, |old| old.version), false)?;
        refuse_unknown(&tx, hospital, &new).await?;
        if validate_only {
            return Ok(Stored { value: new, ..old.unwrap_or_else(|| never_set(hospital)) });
        }
        let nothing = AccessPolicy::default();
        let new = new.after(old.as_ref().map_or(&nothing, |old| &old.value), time::micros(tx.now()));
        let written = match &old {
            Some(old) => store::update(&tx, old, new).await?,
            None => store::insert(&tx, hospital, ID, &new).await?,
        };
        // Two that set the first one at once.
        let written = written.map_err(|error| match is_unique(&error) {
            true => etag::mismatch(1),
            false => problem(error),
        })?;
        AccessPolicy::announce(&tx, old.as_ref(), Some(&written)).await?;
        tx.audit(change(old.as_ref(), &written));
        once.record(&tx, &written).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// A page of all permissions, by name, as the tables and the hospital's policy give them.
    pub async fn list_permissions(
        &self,
        ctx: &Ctx,
        hospital: &str,
        page: &Page,
    ) -> Result<(Vec<Permission>, String), Problem> {
        let policy = self.get_access_policy(ctx, hospital).await?;
        let overrides = Overrides::new(policy.value.rules.iter().map(weighed).collect());
        let mut all: BTreeMap<&str, (Vec<&str>, &Grant)> = BTreeMap::new();
        for (service, table) in &TABLES {
            for grant in table.0 {
                all.entry(grant.permission).or_insert((vec![], grant)).0.push(service);
            }
        }
        let asked = all.into_iter().filter(|(name, _)| page.after().is_none_or(|after| *name > after));
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX).saturating_add(1);
        let mut rows: Vec<Permission> = asked
            .take(limit)
            .map(|(name, (services, grant))| Permission {
                name,
                services,
                lock: access::lock(name),
                axes: access::axes(name),
                includes_self: grant.own,
                roles: of_roles(&overrides, grant),
            })
            .collect();
        let token = page.next(&mut rows, |row| row.name.to_owned());
        Ok((rows, token))
    }
}

fn of_roles(overrides: &Overrides, grant: &Grant) -> Vec<RoleAccess> {
    let of = |role| {
        let (allowed, withdrawn) = Overrides::in_force(Some(overrides), grant, role);
        let default = access::default_scopes(grant, role).to_vec();
        RoleAccess { role, default, allowed: allowed.to_vec(), withdrawn: withdrawn.to_vec() }
    };
    let has = |own: &RoleAccess| !(own.default.is_empty() && own.allowed.is_empty());
    Role::ALL.into_iter().map(of).filter(has).collect()
}

fn never_set(hospital: &str) -> Stored<AccessPolicy> {
    Stored {
        hospital: hospital.to_owned(),
        id: ID.to_owned(),
        value: AccessPolicy::default(),
        version: 0,
        create_time: 0,
        update_time: 0,
    }
}

/// A rule as every service weighs it.
fn weighed(rule: &Rule) -> access::Rule {
    access::Rule {
        permission: rule.permission.clone(),
        role: role(rule.role),
        effect: match rule.effect {
            Effect::Allowed => access::Effect::Allowed,
            Effect::Withdrawn => access::Effect::Withdrawn,
        },
        scope: Scope {
            sites: rule.sites.clone(),
            includes_own_sites: rule.includes_own_sites,
            professions: rule.professions.clone(),
        },
    }
}

/// Refuses rules that could not hold in any hospital, all of one kind at once.
fn refuse_what_cannot_hold(policy: &AccessPolicy) -> Result<(), Problem> {
    let refused: Vec<_> =
        policy.rules.iter().map(|rule| access::refusal(&weighed(rule))).enumerate().collect();
    for (refusal, reason, field, text) in [
        (Refusal::Unknown, Reason::PermissionUnknown, "permission", "no service asks for it"),
        (Refusal::ShutOut, Reason::AdministratorShutOut, "role", "nobody else could give it back"),
        (Refusal::Locked, Reason::PermissionLocked, "permission", "may not be given so, or not be touched"),
        (Refusal::Unfit, Reason::AccessScopeUnfit, "scope", "the permission is not about what is named"),
    ] {
        let of_kind = refused.iter().filter(|(_, own)| *own == Some(refusal));
        let violations: Vec<Violation> = of_kind
            .map(|(at, _)| Violation::new(format!("access_policy.rules[{at}].{field}"), text))
            .collect();
        if !violations.is_empty() {
            return Err(Problem::invalid_as(reason, violations));
        }
    }
    Ok(())
}

/// Refuses sites and professions that the hospital does not have.
async fn refuse_unknown(tx: &Tx, hospital: &str, policy: &AccessPolicy) -> Result<(), Problem> {
    let named: Vec<String> = policy.references(ID).into_iter().map(|reference| reference.id).collect();
    let sites = store::existing(tx.conn(), hospital, Kind::Site, &named).await?;
    let professions = store::all::<Profession>(tx.conn(), hospital).await?;
    let codes: BTreeSet<&str> = professions.iter().map(|own| own.value.base.as_str()).collect();
    let mut violations = vec![];
    for (at, rule) in policy.rules.iter().enumerate() {
        let field = |name: &str| format!("access_policy.rules[{at}].scope.{name}");
        for site in rule.sites.iter().filter(|site| !sites.contains(site)) {
            violations.push(Violation::new(field("sites"), format!("no site `{site}`")));
        }
        for code in rule.professions.iter().filter(|code| !codes.contains(code.as_str())) {
            violations.push(Violation::new(field("professions"), format!("no profession `{code}`")));
        }
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid_as(Reason::AccessScopeUnknown, violations))
    }
}

/// Which rules came and went, each in a field of its own: a rule is no longer than a line of the log holds.
fn change(old: Option<&Stored<AccessPolicy>>, new: &Stored<AccessPolicy>) -> Change {
    let nothing = AccessPolicy::default();
    let was = old.map_or(&nothing, |old| &old.value);
    let change = Change::of(&new.hospital, "access_policy.update", new.name());
    let change = was.beside(&new.value).fold(change, |line, rule| line.value("rules", &rule.to_string(), ""));
    new.value.beside(was).fold(change, |line, rule| line.value("rules", "", &rule.to_string()))
}
