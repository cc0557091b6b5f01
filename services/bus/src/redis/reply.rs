//! Stream replies as plain values.

use std::collections::HashMap;

use prost::Message;
use proto::event::v1::Envelope;

use super::FIELD;

/// An entry's id and fields; entries trimmed from the stream while still pending have no fields.
pub(super) type Entry = (String, Option<HashMap<String, Vec<u8>>>);

/// The reply of XREAD and XREADGROUP: entries by stream; nothing when the block time passed.
pub(super) type Read = Option<Vec<(String, Vec<Entry>)>>;

/// The reply of XAUTOCLAIM: where to go on, what was claimed, what no longer exists.
pub(super) type Claimed = (String, Vec<Entry>, Vec<String>);

/// Reads the event of an entry. `None` for what can never be read: trimmed or foreign.
pub(super) fn envelope(entry: &Entry) -> Option<Envelope> {
    let bytes = entry.1.as_ref()?.get(FIELD)?;
    match Envelope::decode(bytes.as_slice()) {
        Ok(envelope) => Some(envelope),
        Err(error) => {
            tracing::error!(%error, entry.id = entry.0, "a stream entry is not an envelope and is skipped");
            None
        }
    }
}
