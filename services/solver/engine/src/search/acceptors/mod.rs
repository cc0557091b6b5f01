//! Which changes for the worse are kept on the way to something better.

mod annealing;

pub(crate) use self::annealing::{Annealing, FACTORS, energy};
