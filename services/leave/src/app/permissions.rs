//! What is asked before a leave is read or decided. The table stands in [`chassis::access`]; a nurse administrator's
//! permissions end at the nurses there, unless the hospital says otherwise.

pub use chassis::access::LEAVE as POLICY;
use chassis::{
    Ctx, Problem,
    Role::{AnesthetistAdministrator, SuperAdministrator},
    Target,
};

/// Whether rules L11 and L12 do not bind the caller, who decides alone.
pub fn decides_alone(ctx: &Ctx) -> bool {
    let is_full = |role: &_| [SuperAdministrator, AnesthetistAdministrator].contains(role);
    ctx.principal.person().is_some_and(|person| person.roles.iter().any(is_full))
}

/// Refuses who may not do it to anybody at all, before it is known whom it is about; [`authorize`] follows.
pub fn begin(ctx: &Ctx, permission: &'static str, target: Target<'_>) -> Result<(), Problem> {
    POLICY.authorize(ctx, permission, target.in_part())
}

/// Whether the caller may do something about that person, of that profession.
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
    POLICY.authorize(ctx, permission, target.of_profession(profession))
}
