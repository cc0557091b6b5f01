//! problem.
