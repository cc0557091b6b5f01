//! What people wait for when they ask for leave and decide about it.

mod leave;

use chassis::BoxError;
use integration_tests::{
    load::World,
    mesh::{Administrator, Mesh},
};
use mathildanesth::demo;

/// The mesh on PostgreSQL, each service once; answers the figures.
pub async fn people() -> Result<Vec<String>, BoxError> {
    let administrator =
        Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD };
    let mesh = tokio::task::spawn_blocking(move || Mesh::start(1, &administrator)).await??;
    let world = World::build(&mesh.addresses(), &mesh.authority(), 1).await?;
    let figures = leave::leave(&world).await?;
    drop(mesh);
    Ok(figures)
}
