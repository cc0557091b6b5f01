//! The staff service as its clients see it: the real value in its whole stack, on a SQLite file, under a fixed clock.

#![allow(clippy::unwrap_used, reason = "tests")]

mod access;
mod audit;
mod imports;
mod large_imports;
mod legal_packs;
mod locums;
mod people;
mod places;
mod professions;
mod rights;
mod service_accounts;
mod sessions;
mod world;
