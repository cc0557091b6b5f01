//! What planning is asked for (domain §7.2).

use crate::{Grant, Policy, Role};

const ADMINISTRATORS: &[Role] = &[Role::SuperAdministrator, Role::AnesthetistAdministrator];
const STAFF: &[Role] = &[
    Role::SuperAdministrator,
    Role::AnesthetistAdministrator,
    Role::NurseAdministrator,
    Role::Secretary,
    Role::NurseManager,
    Role::Anesthetist,
    Role::NurseAnesthetist,
];
const TRAME: &[Role] = &[Role::SuperAdministrator, Role::AnesthetistAdministrator, Role::Secretary];

const EXCHANGERS: &[Role] = &[
    Role::SuperAdministrator,
    Role::AnesthetistAdministrator,
    Role::NurseAdministrator,
    Role::Anesthetist,
    Role::NurseAnesthetist,
    Role::Locum,
];
const DECIDERS: &[Role] =
    &[Role::SuperAdministrator, Role::AnesthetistAdministrator, Role::NurseAdministrator];

const fn grant(permission: &'static str, roles: &'static [Role]) -> Grant {
    Grant { permission, roles, own: false, systems: &[] }
}

const fn own(permission: &'static str, roles: &'static [Role]) -> Grant {
    Grant { permission, roles, own: true, systems: &[] }
}

/// The table.
pub static PLANNING: Policy = Policy(&[
    grant("plans.read", STAFF),
    grant("plans.edit", ADMINISTRATORS),
    grant("plans.generate", ADMINISTRATORS),
    grant("plans.publish", ADMINISTRATORS),
    grant("templates.read", STAFF),
    grant("templates.edit", TRAME),
    grant("rules.read", STAFF),
    grant("rules.edit", &[Role::SuperAdministrator]),
    own("counters.read", ADMINISTRATORS),
    grant("counters.adjust", ADMINISTRATORS),
    own("wishes.read", ADMINISTRATORS),
    own("wishes.write", ADMINISTRATORS),
    grant("wishes.decide", ADMINISTRATORS),
    own("calendar_feeds.own", &[]),
    // A nurse administrator's end at swaps of nurses within a week.
    grant("swaps.read", EXCHANGERS),
    grant("swaps.propose", EXCHANGERS),
    grant("swaps.decide", DECIDERS),
    grant("exchange_policy.edit", ADMINISTRATORS),
    own("unplanned_absences.declare", ADMINISTRATORS),
    own("unplanned_absences.read", ADMINISTRATORS),
    grant("replacements.read", EXCHANGERS),
    grant("replacements.manage", ADMINISTRATORS),
    Grant {
        permission: "audit.read",
        roles: &[Role::SuperAdministrator],
        own: false,
        systems: &["operator"],
    },
    Grant { permission: "tasks.run", roles: &[], own: false, systems: &["solver"] },
]);
