//! What holds between the services: contracts, the mesh, and the tidiness of the house.

#![allow(clippy::unwrap_used, missing_docs)]

mod contract;
mod dead_letters;
mod mail;
mod mesh;
mod replicas;
mod simulation;
mod tidy;
