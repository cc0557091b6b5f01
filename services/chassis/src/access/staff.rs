//! What staff is asked for (domain §7.2).

use crate::{Grant, Policy, Role};

const ADMINISTRATORS: &[Role] = &[Role::SuperAdministrator, Role::AnesthetistAdministrator];

/// Whoever works with the plan sees who is on it.
const EVERYBODY: &[Role] = &Role::ALL;

const MEMBERS: &[Role] = &[
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
pub static STAFF: Policy = Policy(&[
    Grant { permission: "staff_members.read", roles: MEMBERS, own: true, systems: SERVICES },
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
    // Who may do what is no secret of those who decide.
    Grant { permission: "access_policy.read", roles: ADMINISTRATORS, own: false, systems: &[] },
    Grant { permission: "access_policy.write", roles: &[Role::SuperAdministrator], own: false, systems: &[] },
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
