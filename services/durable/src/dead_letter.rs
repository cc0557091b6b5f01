//! Dead letters: events that a consumer could not apply, kept until somebody has them applied or deletes them.
//!
//! [`service`] shows them to the operator of the mesh and takes orders to try one again; [`redrive`] carries the
//! orders out.

mod api;
mod redrive;
mod store;

pub use api::service;
pub(crate) use redrive::redrive;
pub(crate) use store::insert;
