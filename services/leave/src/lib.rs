//! leave.
