//! Which permission a use case asks for, and about what. The table stands in [`chassis::access`].

pub use chassis::access::STAFF as POLICY;
use chassis::{Ctx, Problem, Role, Target};

use crate::domain::{Kind, Resource, Whereabouts, resource::root_of, staff_member};

/// The permission to read resources of a kind.
pub fn to_read(kind: Kind) -> &'static str {
    match kind {
        Kind::StaffMember => "staff_members.read",
        Kind::Contract => "contracts.read",
        Kind::Skill => "skills.read",
        Kind::Site | Kind::Sector | Kind::Room => "sites.read",
        Kind::Specialty | Kind::Surgeon => "surgeons.read",
        Kind::Incompatibility => "incompatibilities.read",
        Kind::LegalPack => "legal_packs.read",
        Kind::Profession => "professions.read",
        Kind::ServiceAccount => "service_accounts.read",
        Kind::AccessPolicy => "access_policy.read",
    }
}

/// The permission to write resources of a kind.
pub fn to_write(kind: Kind) -> &'static str {
    match kind {
        Kind::StaffMember => "staff_members.write",
        Kind::Contract => "contracts.write",
        Kind::Skill => "skills.write",
        Kind::Site | Kind::Sector | Kind::Room => "sites.write",
        Kind::Specialty | Kind::Surgeon => "surgeons.write",
        Kind::Incompatibility => "incompatibilities.write",
        Kind::LegalPack => "legal_packs.write",
        Kind::Profession => "professions.write",
        Kind::ServiceAccount => "service_accounts.write",
        Kind::AccessPolicy => "access_policy.write",
    }
}

/// What a resource is to the table: a personal one belongs to the person who leads its id.
pub fn target<'a>(kind: Kind, hospital: &'a str, id: &'a str) -> Target<'a> {
    if kind.is_personal() { Target::person(hospital, root_of(id)) } else { Target::hospital(hospital) }
}

/// Refuses who may not do it to any resource of a kind, before it is known to which; [`may_read`] and [`may_write`] follow.
///
/// # Errors
/// Those of [`chassis::Policy::authorize`].
pub fn begin(
    ctx: &Ctx,
    permission: &'static str,
    kind: Kind,
    (hospital, id): (&str, &str),
) -> Result<(), Problem> {
    POLICY.authorize(ctx, permission, target(kind, hospital, id).in_part())
}

/// Refuses who may neither correct this person's data nor change anybody's, and says whether they may correct them.
///
/// # Errors
/// Those of [`chassis::Policy::authorize`].
pub fn begin_update(ctx: &Ctx, hospital: &str, id: &str) -> Result<bool, Problem> {
    if POLICY.allows(ctx, "staff_members.correct", Target::person(hospital, id)) {
        return Ok(true);
    }
    begin(ctx, "staff_members.write", Kind::StaffMember, (hospital, id)).map(|()| false)
}

/// Whether the caller may read a resource where it is; somebody at several sites at one of them.
///
/// # Errors
/// Those of [`chassis::Policy::authorize`].
pub fn may_read<T: Resource>(ctx: &Ctx, hospital: &str, id: &str, value: &T) -> Result<(), Problem> {
    let target = target(T::KIND, hospital, id);
    let target = match value.whereabouts(id) {
        None => target,
        Some(Whereabouts::Site(site)) => target.at_site(site),
        Some(Whereabouts::Person { sites, profession }) => target.at_any(sites).of_profession(profession),
    };
    POLICY.authorize(ctx, to_read(T::KIND), target)
}

/// Whether the caller may write a resource where it is; somebody at several sites at all of them.
///
/// # Errors
/// Those of [`chassis::Policy::authorize`].
pub fn may_write<T: Resource>(ctx: &Ctx, hospital: &str, id: &str, value: &T) -> Result<(), Problem> {
    let target = target(T::KIND, hospital, id);
    let target = match value.whereabouts(id) {
        None => target,
        Some(Whereabouts::Site(site)) => target.at_site(site),
        Some(Whereabouts::Person { sites, profession }) => target.at_each(sites).of_profession(profession),
    };
    POLICY.authorize(ctx, to_write(T::KIND), target)
}

/// The caller's own hospital and person.
///
/// # Errors
/// Without a person's token.
pub fn own(ctx: &Ctx) -> Result<(&str, &str), Problem> {
    let person = ctx.principal.person();
    let (hospital, staff_member) =
        person.map_or(("", ""), |person| (person.hospital.as_str(), person.staff_member.as_str()));
    POLICY.authorize(ctx, "sessions.own", Target::person(hospital, staff_member))?;
    Ok((hospital, staff_member))
}

/// A role as tokens carry it.
pub fn role(role: staff_member::Role) -> Role {
    use staff_member::Role as Own;
    match role {
        Own::SuperAdministrator => Role::SuperAdministrator,
        Own::AnesthetistAdministrator => Role::AnesthetistAdministrator,
        Own::NurseAdministrator => Role::NurseAdministrator,
        Own::Secretary => Role::Secretary,
        Own::NurseManager => Role::NurseManager,
        Own::Anesthetist => Role::Anesthetist,
        Own::NurseAnesthetist => Role::NurseAnesthetist,
        Own::Surgeon => Role::Surgeon,
        Own::Locum => Role::Locum,
    }
}
