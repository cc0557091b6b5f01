//! One probing call: any method of the contract, its names filled in from the contract's own comments.

use bytes::{BufMut, Bytes, BytesMut};
use chassis::Peer;
use http::Request;
use http_body_util::{BodyExt, Full};
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, MessageDescriptor, MethodDescriptor, ReflectMessage,
    Value,
};
use tonic::{Code, body::Body};
use tower::ServiceExt;

/// The hospital that probes name.
pub const HOSPITAL: &str = "h1";
/// The person that probes name.
pub const PERSON: &str = "someone";

/// Every method of our contract.
pub fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let services = pool.services().filter(|service| service.full_name().starts_with("mathildanesth."));
    services.flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

/// `/mathildanesth.leave.v1.LeaveService/ApproveLeave`
pub fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// A request that names something of [`HOSPITAL`] (and of [`PERSON`] where it belongs to a person), and is empty
/// otherwise: enough to be authorized, not enough to do anything.
pub fn request(method: &MethodDescriptor) -> DynamicMessage {
    let input = method.input();
    let mut message = DynamicMessage::new(input.clone());
    if !name_into(&mut message) {
        // An update carries the name inside its resource.
        for field in input.fields().filter(|field| !field.is_list()) {
            let prost_reflect::Kind::Message(kind) = field.kind() else { continue };
            let mut resource = DynamicMessage::new(kind);
            if name_into(&mut resource) {
                message.set_field(&field, Value::Message(resource));
                break;
            }
        }
    }
    message
}

/// Whether the method names anything; those that do not are about the caller.
pub fn is_about_the_caller(method: &MethodDescriptor) -> bool {
    request(method) == DynamicMessage::new(method.input())
}

fn name_into(message: &mut DynamicMessage) -> bool {
    let named = |wanted: &str| message.descriptor().get_field_by_name(wanted);
    let Some((field, name)) = ["name", "parent"].into_iter().find_map(|wanted| {
        let field = named(wanted)?;
        let name = sample(&field)?;
        Some((field, name))
    }) else {
        return false;
    };
    message.set_field(&field, Value::String(name));
    true
}

/// The format of a name that the field's comment gives: `hospitals/{hospital}/plans/{plan}`.
pub fn format(field: &FieldDescriptor) -> Option<String> {
    let comment = comment(field.parent_message(), field)?;
    let comment = comment.split_whitespace().collect::<Vec<_>>().join(" ");
    let format = comment.split("Format: ").nth(1)?;
    Some(format.split([';', ' ', ',']).next()?.trim_end_matches('.').to_owned())
}

/// A name of that format.
fn sample(field: &FieldDescriptor) -> Option<String> {
    let format = format(field)?;
    let parts = format.split('/').map(|part| match part {
        "{hospital}" => HOSPITAL,
        "{staff_member}" => PERSON,
        part if part.starts_with('{') => "x",
        part => part,
    });
    Some(parts.collect::<Vec<_>>().join("/"))
}

fn comment(message: &MessageDescriptor, field: &FieldDescriptor) -> Option<String> {
    let file = message.parent_file();
    let file = file.file_descriptor_proto();
    let mut path: Vec<i32> = message.path().to_vec();
    let index = message.descriptor_proto().field.iter().position(|f| f.name() == field.name())?;
    path.extend([2, i32::try_from(index).ok()?]);
    let location = file.source_code_info.as_ref()?.location.iter().find(|location| location.path == path)?;
    Some(location.leading_comments().to_owned())
}

/// Calls and answers the gRPC code.
pub async fn call(peer: &Peer, method: &MethodDescriptor, token: Option<&str>) -> Code {
    let (path, message) = (path(method), request(method));
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.encoded_len()).unwrap());
    message.encode(&mut frame).unwrap();
    let mut request = Request::post(&path)
        .uri(format!("http://localhost{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::new(Full::new(Bytes::from(frame)))).unwrap();
    let response = match peer.clone().oneshot(request).await {
        Ok(response) => response,
        Err(status) => return status.code(),
    };
    if let Some(code) = response.headers().get("grpc-status") {
        return Code::from_bytes(code.as_bytes());
    }
    // A stream that begins was permitted; its first message may be long in coming.
    if method.is_server_streaming() {
        return Code::Ok;
    }
    let mut body = response.into_body();
    match body.frame().await {
        Some(Ok(frame)) => frame
            .trailers_ref()
            .and_then(|t| t.get("grpc-status"))
            .map_or(Code::Ok, |c| Code::from_bytes(c.as_bytes())),
        Some(Err(status)) => status.code(),
        None => Code::Ok,
    }
}
