//! What this service tells the others: an event for each change, in the change's own transaction.

use chassis::Problem;
use durable::Tx;
use proto::staff::v1 as pb;

use super::Stored;
use crate::domain::{
    AccessPolicy, Contract, Incompatibility, Kind, LegalPack, Profession, Resource, Room, Sector,
    ServiceAccount, Site, Skill, Specialty, StaffMember, Surgeon,
    access_policy::{Effect, Rule},
    resource::root_of,
    staff_member::{Role, SkillGrant, State},
};

/// The topic of this service.
pub const TOPIC: &str = "staff";

/// A resource whose changes others hear of. `old` is absent for a creation, `new` for a deletion.
pub trait Announced: Resource {
    /// Writes the events of a change.
    fn announce(
        tx: &Tx,
        old: Option<&Stored<Self>>,
        new: Option<&Stored<Self>>,
    ) -> impl Future<Output = Result<(), Problem>> + Send;

    /// Writes the events of creations.
    fn announce_created(
        tx: &Tx,
        created: &[Stored<Self>],
    ) -> impl Future<Output = Result<(), Problem>> + Send {
        async move {
            for created in created {
                Self::announce(tx, None, Some(created)).await?;
            }
            Ok(())
        }
    }
}

/// Resources that others read when they need them.
macro_rules! silent {
    ($($type:ty),*) => {
        $(impl Announced for $type {
            async fn announce(_: &Tx, _: Option<&Stored<Self>>, _: Option<&Stored<Self>>) -> Result<(), Problem> {
                Ok(())
            }
        })*
    };
}
silent!(Skill, Specialty, Surgeon, Incompatibility, LegalPack, Profession, ServiceAccount);

/// Places, whose changes are told as a change of their site.
macro_rules! place {
    ($($type:ty),*) => {
        $(impl Announced for $type {
            async fn announce(
                tx: &Tx,
                old: Option<&Stored<Self>>,
                new: Option<&Stored<Self>>,
            ) -> Result<(), Problem> {
                let Some(stored) = new.or(old) else { return Ok(()) };
                let site = Kind::Site.name(&stored.hospital, root_of(&stored.id));
                let event = pb::SiteChanged { site, resource: stored.name() };
                tx.publish(TOPIC, &event, &stored.hospital, stored.name()).await
            }
        })*
    };
}
place!(Site, Sector, Room);

impl Announced for StaffMember {
    async fn announce_created(tx: &Tx, created: &[Stored<Self>]) -> Result<(), Problem> {
        let event = |stored: &Stored<Self>| {
            let person = &stored.value;
            let event = pb::StaffMemberCreated {
                staff_member: stored.name(),
                profession: person.profession.clone(),
                sites: person.sites.iter().map(|site| Kind::Site.name(&stored.hospital, site)).collect(),
                roles: person.roles.iter().map(|role| role_to_pb(*role) as i32).collect(),
            };
            (event, stored.name())
        };
        // Of one hospital, as whoever creates them is.
        let Some(first) = created.first() else { return Ok(()) };
        tx.publish_all(TOPIC, &first.hospital, created.iter().map(event)).await
    }

    async fn announce(
        tx: &Tx,
        old: Option<&Stored<Self>>,
        new: Option<&Stored<Self>>,
    ) -> Result<(), Problem> {
        let Some(new) = new else { return Ok(()) };
        let person = &new.value;
        let sites = person.sites.iter().map(|site| Kind::Site.name(&new.hospital, site)).collect();
        let roles = person.roles.iter().map(|role| role_to_pb(*role) as i32).collect();
        let (staff_member, profession) = (new.name(), person.profession.clone());
        if old.is_none() {
            let event = pb::StaffMemberCreated { staff_member, profession, sites, roles };
            tx.publish(TOPIC, &event, &new.hospital, new.name()).await
        } else {
            let event = pb::StaffMemberUpdated { staff_member, profession, sites, roles };
            tx.publish(TOPIC, &event, &new.hospital, new.name()).await?;
            departing(tx, old, new).await
        }
    }
}

impl Announced for AccessPolicy {
    async fn announce(tx: &Tx, _: Option<&Stored<Self>>, new: Option<&Stored<Self>>) -> Result<(), Problem> {
        let Some(new) = new else { return Ok(()) };
        let rules = new.value.rules.iter().map(|rule| rule_to_pb(&new.hospital, rule)).collect();
        let event = pb::AccessPolicyChanged { access_policy: new.name(), version: new.value.told, rules };
        tx.publish(TOPIC, &event, &new.hospital, new.name()).await
    }
}

/// A rule as the contract says it.
pub fn rule_to_pb(hospital: &str, rule: &Rule) -> pb::AccessRule {
    let effect = match rule.effect {
        Effect::Allowed => pb::access_rule::Effect::Allowed,
        Effect::Withdrawn => pb::access_rule::Effect::Withdrawn,
    };
    let scope = pb::AccessScope {
        sites: rule.sites.iter().map(|site| Kind::Site.name(hospital, site)).collect(),
        includes_own_sites: rule.includes_own_sites,
        professions: rule.professions.clone(),
    };
    pb::AccessRule {
        permission: rule.permission.clone(),
        role: role_to_pb(rule.role) as i32,
        effect: effect as i32,
        scope: (scope != pb::AccessScope::default()).then_some(scope),
    }
}

impl Announced for Contract {
    async fn announce(
        tx: &Tx,
        old: Option<&Stored<Self>>,
        new: Option<&Stored<Self>>,
    ) -> Result<(), Problem> {
        let first = [old, new].into_iter().flatten().map(|stored| stored.value.first_date).min();
        let (Some(stored), Some(first)) = (new.or(old), first) else { return Ok(()) };
        let event = pb::ContractChanged {
            contract: stored.name(),
            staff_member: Kind::StaffMember.name(&stored.hospital, root_of(&stored.id)),
            first_date: Some(first.into()),
        };
        tx.publish(TOPIC, &event, &stored.hospital, stored.name()).await
    }
}

/// Tells that an active person leaves on another day than was known.
async fn departing(
    tx: &Tx,
    old: Option<&Stored<StaffMember>>,
    new: &Stored<StaffMember>,
) -> Result<(), Problem> {
    let known = old.and_then(|old| old.value.last_date);
    match new.value.last_date {
        Some(last) if new.value.state == State::Active && Some(last) != known => {
            let event = pb::StaffMemberDeparting { staff_member: new.name(), last_date: Some(last.into()) };
            tx.publish(TOPIC, &event, &new.hospital, new.name()).await
        }
        _ => Ok(()),
    }
}

/// Tells that a person was forgotten.
pub async fn erased(tx: &Tx, person: &Stored<StaffMember>) -> Result<(), Problem> {
    let event = pb::StaffMemberErased { staff_member: person.name() };
    tx.publish(TOPIC, &event, &person.hospital, person.name()).await
}

/// Tells that a skill runs out, or has.
pub async fn skill(
    tx: &Tx,
    person: &Stored<StaffMember>,
    grant: &SkillGrant,
    is_over: bool,
) -> Result<(), Problem> {
    let (staff_member, skill) = (person.name(), Kind::Skill.name(&person.hospital, &grant.skill));
    let last_date = grant.last_date.map(Into::into);
    if is_over {
        let event = pb::SkillExpired { staff_member, skill, last_date };
        tx.publish(TOPIC, &event, &person.hospital, person.name()).await
    } else {
        let event = pb::SkillExpiring { staff_member, skill, last_date };
        tx.publish(TOPIC, &event, &person.hospital, person.name()).await
    }
}

/// Tells that a person is no longer to be rostered after a day.
pub async fn deactivated(tx: &Tx, person: &Stored<StaffMember>) -> Result<(), Problem> {
    let event = pb::StaffMemberDeactivated {
        staff_member: person.name(),
        last_date: person.value.last_date.map(Into::into),
    };
    tx.publish(TOPIC, &event, &person.hospital, person.name()).await
}

/// A role as the contract says it.
pub fn role_to_pb(role: Role) -> pb::Role {
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
