//! Who may do what here: the mesh itself, and nobody else.

use chassis::{Ctx, Grant, Policy, Problem, Target};

const POLICY: Policy = Policy(&[Grant {
    permission: "solver.solve",
    roles: &[],
    own: false,
    systems: &["planning", "mathildanesth"],
}]);

/// Lets services of the mesh in. A problem is pseudonymous and belongs to no hospital, so the caller's own one counts.
///
/// # Errors
/// For everybody else.
pub fn authorize(ctx: &Ctx) -> Result<(), Problem> {
    let hospital = ctx.principal.person().map_or("", |person| person.hospital.as_str());
    POLICY.authorize(ctx, "solver.solve", Target::hospital(hospital))
}
