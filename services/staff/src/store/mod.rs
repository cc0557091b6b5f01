//! What staff remembers. Queries are functions named for their question; each takes the connection it reads or
//! the transaction it writes in.

pub mod accounts;
pub mod check;
pub mod entity;
pub mod events;
pub mod hospitals;
pub mod imports;
pub mod keys;
pub mod migration;
pub mod milestones;
pub mod resources;
pub mod sessions;

pub use migration::Migrator;
pub use resources::Stored;

/// Reads a stored secret.
pub(crate) fn unhex(text: &str) -> Result<[u8; 32], chassis::Problem> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(chassis::Problem::internal)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
