//! Who may do what: the tables of all services side by side, what a hospital's own policy may change about them, and how
//! far both together reach.
//!
//! They stand together because staff, which keeps the policies, must know every permission, and no service may know
//! another. Each service judges by its own table with the policy that its calls bring along ([`Access`]): nothing is asked
//! for or read per call.

mod bounds;
mod leave;
mod notification;
mod planning;
mod policy;
mod reach;
mod staff;

use crate::{Grant, Policy};

pub use bounds::{Axes, Lock, Refusal, axes, default_scopes, lock, refusal};
pub use leave::LEAVE;
pub use notification::NOTIFICATION;
pub use planning::PLANNING;
pub use policy::{Access, Effect, Overrides, Rule, Scope};
pub use reach::{Among, Reach};
pub use staff::STAFF;

pub(crate) use reach::{among, permits};

/// The code of those whom a nurse administrator decides about.
pub const NURSE_ANESTHETIST: &str = "IADE";

/// Every service with its table.
pub static TABLES: [(&str, &Policy); 4] =
    [("staff", &STAFF), ("leave", &LEAVE), ("planning", &PLANNING), ("notification", &NOTIFICATION)];

/// The lines of a permission, with the services that have them; none if there is no such permission.
pub fn lines(permission: &str) -> impl Iterator<Item = (&'static str, &'static Grant)> {
    let table = |(service, table): &(&'static str, &'static Policy)| (*service, *table);
    TABLES.iter().map(table).flat_map(move |(service, table)| {
        let grants = table.0.iter().filter(move |grant| grant.permission == permission);
        grants.map(move |grant| (service, grant))
    })
}
