//! The access policy: what its RPCs read and answer.

use chassis::{
    Ctx, Problem, Role, Target, Violation,
    access::{Lock, Scope},
};
use durable::{Once, mask::Mask};
use proto::{names::AccessPolicyName, staff::v1 as pb};

use super::{
    convert::{etag_of, moment, role_from_pb},
    parse,
};
use crate::{
    app::{
        App,
        access_policy::{Permission, RoleAccess},
        permissions::POLICY,
    },
    domain::{
        AccessPolicy, Kind, Resource, Site,
        access_policy::{Effect, Rule},
    },
    store::{Stored, events::rule_to_pb},
};

pub async fn get_access_policy(
    app: &App,
    ctx: &Ctx,
    request: pb::GetAccessPolicyRequest,
) -> Result<pb::AccessPolicy, Problem> {
    let name = hospital("name", &request.name)?;
    Ok(to_message(&app.get_access_policy(ctx, &name).await?))
}

pub async fn update_access_policy(
    app: &App,
    ctx: &Ctx,
    request: pb::UpdateAccessPolicyRequest,
) -> Result<pb::AccessPolicy, Problem> {
    // A trial is never remembered: the same request may be sent for good afterwards.
    let request_id = if request.validate_only { "" } else { request.request_id.as_str() };
    let once = Once::of(ctx, "staff.v1.StaffService/UpdateAccessPolicy", request_id, &request)?;
    let sent = request.access_policy.unwrap_or_default();
    let hospital = hospital("access_policy.name", &sent.name)?;
    POLICY.authorize(ctx, "access_policy.write", Target::hospital(&hospital))?;
    Mask::of(request.update_mask.as_ref(), &["rules"])?;
    let etag = sent.etag.clone();
    let policy = read(&hospital, sent)?;
    let which = (hospital.as_str(), etag.as_str(), request.validate_only);
    Ok(to_message(&app.update_access_policy(ctx, &once, which, policy).await?))
}

pub async fn list_permissions(
    app: &App,
    ctx: &Ctx,
    request: pb::ListPermissionsRequest,
) -> Result<pb::ListPermissionsResponse, Problem> {
    let hospital = parse::hospital(&request.parent)?;
    POLICY.authorize(ctx, "access_policy.read", Target::hospital(&hospital))?;
    let arguments = ["permissions", request.parent.as_str()];
    let page = parse::page(ctx, request.page_size, &request.page_token, &arguments)?;
    let (rows, next_page_token) = app.list_permissions(ctx, &hospital, &page).await?;
    let permissions = rows.into_iter().map(|row| permission(&hospital, row)).collect();
    Ok(pb::ListPermissionsResponse { permissions, next_page_token })
}

fn hospital(field: &str, name: &str) -> Result<String, Problem> {
    let name = AccessPolicyName::parse(name);
    let wrong =
        |error: proto::names::NameError| Problem::invalid(vec![Violation::new(field, error.to_string())]);
    name.map(|name| name.hospital).map_err(wrong)
}

fn to_message(stored: &Stored<AccessPolicy>) -> pb::AccessPolicy {
    pb::AccessPolicy {
        name: stored.name(),
        rules: stored.value.rules.iter().map(|rule| rule_to_pb(&stored.hospital, rule)).collect(),
        etag: etag_of(stored),
        update_time: Some(stored.update_time).filter(|_| stored.version > 0).and_then(moment),
    }
}

/// Reads a policy, with every violation at once.
fn read(hospital: &str, sent: pb::AccessPolicy) -> Result<AccessPolicy, Problem> {
    let mut found = parse::Violations::default();
    let rules = sent.rules.into_iter().enumerate();
    let rules = rules.filter_map(|(at, sent)| rule(&mut found, hospital, at, sent)).collect();
    let policy = AccessPolicy { rules, ..AccessPolicy::default() };
    for flaw in policy.flaws() {
        found.add(format!("access_policy.{}", flaw.field), format!("expected {}", flaw.expected));
    }
    found.done(Some(policy))
}

fn rule(found: &mut parse::Violations, hospital: &str, at: usize, sent: pb::AccessRule) -> Option<Rule> {
    let field = |name: &str| format!("access_policy.rules[{at}].{name}");
    let effect = match sent.effect() {
        pb::access_rule::Effect::Unspecified => None,
        pb::access_rule::Effect::Allowed => Some(Effect::Allowed),
        pb::access_rule::Effect::Withdrawn => Some(Effect::Withdrawn),
    };
    if effect.is_none() {
        found.add(field("effect"), "expected ALLOWED or WITHDRAWN");
    }
    let role = role_from_pb(sent.role);
    if role.is_none() {
        found.add(field("role"), "expected a known role");
    }
    let scope = sent.scope.unwrap_or_default();
    let sites = parse::references::<Site>(found, &field("scope.sites"), hospital, &scope.sites);
    role.zip(effect).map(|(role, effect)| Rule {
        permission: sent.permission,
        role,
        effect,
        sites,
        includes_own_sites: scope.includes_own_sites,
        professions: scope.professions,
    })
}

fn permission(hospital: &str, row: Permission) -> pb::Permission {
    let lock = match row.lock {
        Lock::Open => pb::permission::Lock::Open,
        Lock::Closed => pb::permission::Lock::Closed,
        Lock::Fixed => pb::permission::Lock::Fixed,
    };
    pb::Permission {
        permission: row.name.to_owned(),
        services: row.services.into_iter().map(str::to_owned).collect(),
        lock: lock as i32,
        has_sites: row.axes.sites,
        has_professions: row.axes.professions,
        includes_self: row.includes_self,
        roles: row.roles.into_iter().map(|own| role_access(hospital, own)).collect(),
    }
}

fn role_access(hospital: &str, own: RoleAccess) -> pb::RoleAccess {
    let scopes = |scopes: Vec<Scope>| scopes.into_iter().map(|own| scope(hospital, own)).collect();
    pb::RoleAccess {
        role: role_of(own.role) as i32,
        default_scopes: scopes(own.default),
        allowed_scopes: scopes(own.allowed),
        withdrawn_scopes: scopes(own.withdrawn),
    }
}

fn scope(hospital: &str, own: Scope) -> pb::AccessScope {
    pb::AccessScope {
        sites: own.sites.iter().map(|site| Kind::Site.name(hospital, site)).collect(),
        includes_own_sites: own.includes_own_sites,
        professions: own.professions,
    }
}

fn role_of(role: Role) -> pb::Role {
    match role {
        Role::SuperAdministrator => pb::Role::SuperAdministrator,
        Role::AnesthetistAdministrator => pb::Role::AnesthetistAdministrator,
        Role::NurseAdministrator => pb::Role::NurseAdministrator,
        Role::Secretary => pb::Role::Secretary,
        Role::NurseManager => pb::Role::NurseManager,
        Role::Anesthetist => pb::Role::Anesthetist,
        Role::NurseAnesthetist => pb::Role::NurseAnesthetist,
        Role::Surgeon => pb::Role::Surgeon,
        Role::Locum => pb::Role::Locum,
    }
}
