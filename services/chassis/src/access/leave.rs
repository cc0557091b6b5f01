//! What leave is asked for (domain §7.2).

use crate::{
    Grant, Policy,
    Role::{self, AnesthetistAdministrator, NurseAdministrator, NurseManager, Secretary, SuperAdministrator},
};

const NOBODY: &[Role] = &[];
const EVERYBODY: &[Role] = &Role::ALL;
const FULL: &[Role] = &[SuperAdministrator, AnesthetistAdministrator];
const DECIDERS: &[Role] = &[SuperAdministrator, AnesthetistAdministrator, NurseAdministrator];
const READERS: &[Role] =
    &[SuperAdministrator, AnesthetistAdministrator, NurseAdministrator, Secretary, NurseManager];

const fn grant(
    permission: &'static str,
    roles: &'static [Role],
    own: bool,
    systems: &'static [&'static str],
) -> Grant {
    Grant { permission, roles, own, systems }
}

/// The table. `leaves.read_reason` opens type, comment and conflicts. How far nurse administrators have what the deciders
/// have stands in [`super::default_scopes`].
pub static LEAVE: Policy = Policy(&[
    grant("leaves.read", READERS, true, &[]),
    grant("leaves.read_reason", DECIDERS, true, &[]),
    grant("leaves.create", DECIDERS, true, &[]),
    grant("leaves.approve", DECIDERS, false, &[]),
    grant("leaves.force", FULL, false, &[]),
    grant("leaves.cancel", DECIDERS, false, &[]),
    grant("leaves.cancel_own", NOBODY, true, &[]),
    grant("balances.read", DECIDERS, true, &[]),
    grant("balances.adjust", FULL, false, &[]),
    grant("balances.transfer", FULL, true, &[]),
    grant("leave_types.read", EVERYBODY, false, &["planning", "notification"]),
    grant("leave_policy.read", EVERYBODY, false, &["planning"]),
    grant("leave_policy.write", FULL, false, &[]),
    grant("holidays.read", EVERYBODY, false, &["planning", "staff", "notification"]),
    grant("holidays.write", FULL, false, &[]),
    grant("unavailabilities.read", READERS, true, &[]),
    grant("unavailabilities.create", DECIDERS, true, &[]),
    grant("unavailabilities.decide", DECIDERS, false, &[]),
    grant("absences.read", EVERYBODY, false, &["planning", "notification"]),
    grant("audit.read", &[SuperAdministrator], false, &["operator"]),
]);
