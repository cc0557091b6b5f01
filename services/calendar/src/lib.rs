//! The hospital's time: civil days, half-days, weeks, months, French public holidays and hours of work.
//!
//! A plan is written in *civil* time: a day and a part of it. Instants appear in one place only,
//! [`working_time`], because a garde that spans a change of clocks lasts 23 or 25 hours and the law counts hours.
//!
//! Invariants: a [`Day`] always exists in the Gregorian calendar, between the years 1 and 9999; a [`DayRange`], a
//! [`Span`] and a [`working_time::Stretch`] never run backwards; nothing here reads a clock, a file or the
//! environment, so the same input gives the same output on every machine.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod day;
mod error;
pub mod holiday;
mod month;
mod range;
mod span;
mod week;
pub mod working_time;

pub use day::{Day, Weekday};
pub use error::Error;
pub use month::Month;
pub use range::{DayRange, Days};
pub use span::{DayPart, HalfDay, Span};
pub use week::{IsoWeek, Parity, WeekParity};
