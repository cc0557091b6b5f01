//! Public problem formats: read into a [`roster::Draft`], so that the same judge and the same search take them.

pub mod curtois_qu;
