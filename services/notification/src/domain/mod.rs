//! What people are told, whom it concerns, in which words, and on which ways. No I/O, no clock.

pub mod address;
pub mod delivery;
pub mod exchange;
pub mod mail;
pub mod message;
pub mod notice;
pub mod notification;
pub mod preferences;
pub mod recipient;
pub mod reminder;
pub mod template;
pub mod traffic;
pub mod webhook;
