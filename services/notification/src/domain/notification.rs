//! A notification as it is kept.

use jiff::Timestamp;

use crate::domain::message::Message;

/// Something a person was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// Its own id.
    pub id: String,
    /// Its place among the person's: one more than the one before.
    pub sequence: i64,
    /// What was told.
    pub message: Message,
    /// Name of the resource it is about.
    pub subject: String,
    /// When it was told.
    pub create_time: Timestamp,
    /// When it was read.
    pub read_time: Option<Timestamp>,
}
