//! What people wait for: leave that is asked for and decided, news of a publication, and an import.

mod leave;
mod publish;

use chassis::BoxError;
use integration_tests::{
    load::World,
    mesh::{Administrator, Mesh},
};
use mathildanesth::demo;

use crate::import;

/// The mesh on PostgreSQL; answers the figures.
pub async fn people() -> Result<Vec<String>, BoxError> {
    let administrator =
        Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD };
    let mesh = tokio::task::spawn_blocking(move || Mesh::start(1, &administrator)).await??;
    let world = World::build(&mesh.addresses(), &mesh.authority(), 1).await?;
    let mut figures = leave::leave(&world).await?;
    tokio::task::spawn_blocking(move || drop(mesh)).await?;
    figures.extend(publish::publish().await?);
    figures.extend(import::import().await?);
    Ok(figures)
}
