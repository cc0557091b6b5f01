//! Who may do what (domain §7.2), as data.

use chassis::{
    Ctx, Grant, Policy, Problem,
    Role::{self, AnesthetistAdministrator, NurseAdministrator, NurseManager, Secretary, SuperAdministrator},
    Target,
};

use crate::domain::policy::NURSE_ANESTHETIST;

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

/// The table. `leaves.read_reason` opens type, comment and conflicts; deciders of nurses have it for nurses only.
pub static POLICY: Policy = Policy(&[
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

/// Whether the caller decides for every profession.
pub fn decides_for_all(ctx: &Ctx) -> bool {
    ctx.principal.person().is_some_and(|person| person.roles.iter().any(|role| FULL.contains(role)))
}

/// Whether the caller may do something about a leave of that person and profession: a nurse administrator's
/// permissions end at the nurses.
pub fn allows(ctx: &Ctx, permission: &'static str, target: Target<'_>, profession: &str) -> bool {
    authorize(ctx, permission, target, profession).is_ok()
}

/// Like [`allows`], with the problem to answer.
pub fn authorize(
    ctx: &Ctx,
    permission: &'static str,
    target: Target<'_>,
    profession: &str,
) -> Result<(), Problem> {
    POLICY.authorize(ctx, permission, target)?;
    let is_own = ctx.principal.person().is_some_and(|person| {
        target.staff_member == Some(person.staff_member.as_str()) && target.hospital == person.hospital
    });
    let grants_own = POLICY.0.iter().any(|grant| grant.permission == permission && grant.own);
    if decides_for_all(ctx) || profession == NURSE_ANESTHETIST || (is_own && grants_own) {
        Ok(())
    } else {
        Err(Problem::denied())
    }
}
