//! Which calls may be made a second time after they may have been served once: reads, and writes that carry a
//! request id, for those are answered from their record.

use std::sync::LazyLock;

use bytes::Bytes;
use prost_reflect::{DescriptorPool, DynamicMessage, Value};

/// Bytes before the message of a gRPC frame: whether it is compressed, and its length.
const FRAME_HEAD: usize = 5;

static CONTRACT: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(proto::DESCRIPTORS).ok());

/// Whether the call of a method (`/package.Service/Method`) with this body may be repeated.
pub(super) fn is_repeatable(path: &str, body: &Bytes) -> bool {
    is_read(path) || has_request_id(path, body).unwrap_or(false)
}

fn is_read(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    ["Get", "List", "BatchGet", "Watch", "Read"].iter().any(|verb| method.starts_with(verb))
}

/// `None` when the contract does not know the method, or the body is not one whole plain message of it.
fn has_request_id(path: &str, body: &Bytes) -> Option<bool> {
    let (service, method) = path.trim_start_matches('/').split_once('/')?;
    let service = CONTRACT.as_ref()?.get_service_by_name(service)?;
    let input = service.methods().find(|known| known.name() == method)?.input();
    let field = input.get_field_by_name("request_id")?;
    let (head, message) = body.split_at_checked(FRAME_HEAD)?;
    if head[0] != 0 {
        return None;
    }
    let message = DynamicMessage::decode(input, message).ok()?;
    Some(matches!(&*message.get_field(&field), Value::String(id) if !id.is_empty()))
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use proto::leave::v1::CreateLeaveRequest;

    use super::*;

    const CREATE: &str = "/mathildanesth.leave.v1.LeaveService/CreateLeave";

    fn frame(message: &impl Message) -> Bytes {
        let mut frame = vec![0];
        frame.extend((message.encoded_len() as u32).to_be_bytes());
        frame.extend(message.encode_to_vec());
        frame.into()
    }

    #[test]
    fn reads_and_writes_with_a_request_id_may_be_repeated_and_nothing_else() {
        let with_id =
            frame(&CreateLeaveRequest { request_id: "0b7e9a52".to_owned(), ..CreateLeaveRequest::default() });
        let without = frame(&CreateLeaveRequest::default());
        assert!(is_repeatable(CREATE, &with_id));
        assert!(!is_repeatable(CREATE, &without));
        assert!(is_repeatable("/mathildanesth.leave.v1.LeaveService/GetLeave", &without));
        assert!(!is_repeatable("/mathildanesth.planning.v1.TaskService/LeaseTask", &without));
        assert!(!is_repeatable("/nobody.knows.Service/CreateThing", &with_id));
    }

    #[test]
    fn a_body_that_cannot_be_read_is_not_repeated() {
        let mut compressed =
            frame(&CreateLeaveRequest { request_id: "a".to_owned(), ..Default::default() }).to_vec();
        compressed[0] = 1;
        for body in [compressed, b"\0\0\0".to_vec(), b"\0\0\0\0\x02\xff\xff".to_vec()] {
            assert!(!is_repeatable(CREATE, &body.into()));
        }
    }
}
