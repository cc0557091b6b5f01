//! The contract of the mesh: what every service says and hears, compiled from the `.proto` files beside this crate.
//!
//! The generated code lives in the build folder only and is reached as `proto::<service>::v1`. By hand there are the
//! typed resource [names] and the [conversions of values](values).
//!
//! **Invariant**: nothing here decides anything; a rule of the hospital has no place in this crate.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod names;
pub mod values;

/// One package of the contract, version 1.
macro_rules! package {
    ($(#[$doc:meta])* $module:ident, $file:literal) => {
        $(#[$doc])*
        pub mod $module {
            /// Version 1: it only ever grows.
            #[allow(missing_docs, clippy::all, rustdoc::all, reason = "generated code")]
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/", $file));
            }
        }
    };
}

package! {
    /// Values that every package shares: dates, half-days, weekdays, scores.
    r#type, "mathildanesth.r#type.v1.rs"
}
package! {
    /// Every reason an error may give.
    error, "mathildanesth.error.v1.rs"
}
package! {
    /// What travels on the bus.
    event, "mathildanesth.event.v1.rs"
}
package! {
    /// Who changed what.
    audit, "mathildanesth.audit.v1.rs"
}
package! {
    /// Work that outlives its call.
    operation, "mathildanesth.operation.v1.rs"
}
package! {
    /// Who works, where, and who is calling.
    staff, "mathildanesth.staff.v1.rs"
}
package! {
    /// Who is away.
    leave, "mathildanesth.leave.v1.rs"
}
package! {
    /// What must be staffed, and who does it.
    planning, "mathildanesth.planning.v1.rs"
}
package! {
    /// The problem as a solver sees it.
    solver, "mathildanesth.solver.v1.rs"
}
package! {
    /// What people were told.
    notification, "mathildanesth.notification.v1.rs"
}

/// The descriptors of every file, with comments: for reflection and for contract tests.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
