//! Who may do what here, as data.

use chassis::{Ctx, Grant, Policy, Problem, Role, Target};

use crate::domain::{Kind, resource::root_of, staff_member};

const ADMINISTRATORS: &[Role] = &[Role::SuperAdministrator, Role::AnesthetistAdministrator];

/// Whoever works with the plan sees who is on it.
const EVERYBODY: &[Role] = &Role::ALL;

const STAFF: &[Role] = &[
    Role::SuperAdministrator,
    Role::AnesthetistAdministrator,
    Role::NurseAdministrator,
    Role::Secretary,
    Role::NurseManager,
    Role::Anesthetist,
    Role::NurseAnesthetist,
];

const SERVICES: &[&str] = &["leave", "notification", "planning"];

/// The table.
pub const POLICY: Policy = Policy(&[
    Grant { permission: "staff_members.read", roles: STAFF, own: true, systems: SERVICES },
    Grant { permission: "staff_members.write", roles: ADMINISTRATORS, own: false, systems: &[] },
    // Some fields of one's own; the use case knows which.
    Grant { permission: "staff_members.correct", roles: ADMINISTRATORS, own: true, systems: &[] },
    Grant { permission: "personal_data.export", roles: &[Role::SuperAdministrator], own: true, systems: &[] },
    Grant { permission: "personal_data.erase", roles: &[Role::SuperAdministrator], own: false, systems: &[] },
    Grant { permission: "roles.grant", roles: &[Role::SuperAdministrator], own: false, systems: &[] },
    Grant { permission: "passwords.reset", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant {
        permission: "contracts.read",
        roles: &[
            Role::SuperAdministrator,
            Role::AnesthetistAdministrator,
            Role::NurseAdministrator,
            Role::NurseManager,
        ],
        own: true,
        systems: &["leave", "planning"],
    },
    Grant { permission: "contracts.write", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "skills.read", roles: EVERYBODY, own: false, systems: SERVICES },
    Grant { permission: "skills.write", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "sites.read", roles: EVERYBODY, own: false, systems: SERVICES },
    Grant { permission: "sites.write", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "surgeons.read", roles: EVERYBODY, own: false, systems: SERVICES },
    Grant {
        permission: "surgeons.write",
        roles: &[Role::SuperAdministrator, Role::AnesthetistAdministrator, Role::Secretary],
        own: false,
        systems: &[],
    },
    Grant {
        permission: "incompatibilities.read",
        roles: &[Role::SuperAdministrator, Role::AnesthetistAdministrator, Role::NurseAdministrator],
        own: false,
        systems: &["planning"],
    },
    Grant { permission: "professions.read", roles: EVERYBODY, own: false, systems: SERVICES },
    Grant { permission: "professions.write", roles: &[Role::SuperAdministrator], own: false, systems: &[] },
    Grant {
        permission: "service_accounts.read",
        roles: &[Role::SuperAdministrator],
        own: false,
        systems: &[],
    },
    Grant {
        permission: "service_accounts.write",
        roles: &[Role::SuperAdministrator],
        own: false,
        systems: &[],
    },
    // For whoever saw the certificate.
    Grant { permission: "identities.exchange", roles: &[], own: false, systems: &["gateway"] },
    // What the law asks is nobody's secret.
    Grant { permission: "legal_packs.read", roles: EVERYBODY, own: false, systems: SERVICES },
    Grant { permission: "legal_packs.write", roles: &[Role::SuperAdministrator], own: false, systems: &[] },
    // Why two people are kept apart is for those who decide it, and for no service.
    Grant { permission: "incompatibilities.read_reason", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "incompatibilities.write", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "department.import", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant {
        permission: "audit.read",
        roles: &[Role::SuperAdministrator],
        own: false,
        systems: &["operator"],
    },
    Grant { permission: "sessions.read", roles: &[Role::SuperAdministrator], own: true, systems: &[] },
    Grant { permission: "sessions.revoke", roles: &[Role::SuperAdministrator], own: true, systems: &[] },
    Grant { permission: "sessions.own", roles: &[], own: true, systems: &[] },
]);

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
    }
}

/// What a resource is to the table: a personal one belongs to the person who leads its id.
pub fn target<'a>(kind: Kind, hospital: &'a str, id: &'a str) -> Target<'a> {
    if kind.is_personal() { Target::person(hospital, root_of(id)) } else { Target::hospital(hospital) }
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
