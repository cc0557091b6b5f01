//! The three ways a client may speak gRPC to the edge, and what each looks like in bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};

/// The flag of a gRPC-web frame that holds trailers.
const TRAILERS: u8 = 0x80;

/// How a request says gRPC; the answer speaks the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `application/grpc`: trailers are HTTP trailers.
    Grpc,
    /// `application/grpc-web`: trailers are the last frame of the body.
    Web,
    /// `application/grpc-web-text`: the same in base64.
    WebText,
}

impl Dialect {
    /// The dialect of a content type; `None` for everything that is not gRPC with protobuf messages.
    pub fn of(content_type: Option<&HeaderValue>) -> Option<Self> {
        let text = content_type?.to_str().ok()?;
        let essence = text.split(';').next().unwrap_or(text).trim();
        match essence.strip_suffix("+proto").unwrap_or(essence) {
            "application/grpc" => Some(Self::Grpc),
            "application/grpc-web" => Some(Self::Web),
            "application/grpc-web-text" => Some(Self::WebText),
            _ => None,
        }
    }

    /// The content type of an answer.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Grpc => "application/grpc",
            Self::Web => "application/grpc-web+proto",
            Self::WebText => "application/grpc-web-text+proto",
        })
    }

    /// Bytes of an answer, as this dialect puts them on the wire. Each piece of text is padded by itself,
    /// so that it can be read as soon as it arrives.
    pub fn encode(self, data: Bytes) -> Bytes {
        match self {
            Self::Grpc | Self::Web => data,
            Self::WebText => STANDARD.encode(&data).into(),
        }
    }

    /// The bytes of a request, out of how this dialect put them on the wire; `None` if they are not that.
    pub fn decode(self, body: Bytes) -> Option<Bytes> {
        match self {
            Self::Grpc | Self::Web => Some(body),
            Self::WebText => decode_text(&body),
        }
    }

    /// The most bytes a request of `decoded` bytes takes on the wire.
    pub fn wire_bytes_max(self, decoded: usize) -> usize {
        match self {
            Self::Grpc | Self::Web => decoded,
            Self::WebText => decoded.div_ceil(3).saturating_mul(4).saturating_add(4),
        }
    }
}

/// Text that may be several padded pieces, one after another.
fn decode_text(text: &[u8]) -> Option<Bytes> {
    let mut decoded = BytesMut::with_capacity(text.len() / 4 * 3);
    let mut rest = text;
    while !rest.is_empty() {
        let end = match rest.iter().position(|byte| *byte == b'=') {
            Some(pad) => pad + rest[pad..].iter().take_while(|byte| **byte == b'=').count(),
            None => rest.len(),
        };
        decoded.extend_from_slice(&STANDARD.decode(&rest[..end]).ok()?);
        rest = &rest[end..];
    }
    Some(decoded.freeze())
}

/// Trailers as the last frame of a gRPC-web body.
pub fn trailer_frame(trailers: &HeaderMap) -> Bytes {
    let mut frame = BytesMut::with_capacity(64);
    frame.put_u8(TRAILERS);
    frame.put_u32(0);
    for (name, value) in trailers {
        frame.put_slice(name.as_str().as_bytes());
        frame.put_slice(b":");
        frame.put_slice(value.as_bytes());
        frame.put_slice(b"\r\n");
    }
    let length = u32::try_from(frame.len() - 5).unwrap_or(u32::MAX);
    frame[1..5].copy_from_slice(&length.to_be_bytes());
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_name_their_dialect() {
        for (content_type, expected) in [
            ("application/grpc", Some(Dialect::Grpc)),
            ("application/grpc+proto", Some(Dialect::Grpc)),
            ("application/grpc-web", Some(Dialect::Web)),
            ("application/grpc-web+proto; charset=utf-8", Some(Dialect::Web)),
            ("application/grpc-web-text", Some(Dialect::WebText)),
            ("application/grpc-web-text+proto", Some(Dialect::WebText)),
            ("application/grpc+json", None),
            ("application/grpcx", None),
            ("application/json", None),
            ("text/plain", None),
        ] {
            assert_eq!(
                Dialect::of(Some(&HeaderValue::from_static(content_type))),
                expected,
                "{content_type}"
            );
        }
        assert_eq!(Dialect::of(None), None);
    }

    #[test]
    fn text_comes_back_whole_however_it_was_cut() {
        let message: Vec<u8> = (0..=255).collect();
        for cut in [0, 1, 2, 3, 100, 255, 256] {
            let mut text = STANDARD.encode(&message[..cut]);
            text.push_str(&STANDARD.encode(&message[cut..]));
            assert_eq!(Dialect::WebText.decode(text.into()).unwrap(), message, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        assert_eq!(Dialect::WebText.decode(Bytes::from_static(b"AAA*")), None);
        assert_eq!(Dialect::WebText.decode(Bytes::from_static(b"====")), None);
    }

    #[test]
    fn a_trailer_frame_carries_its_own_length() {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("5"));
        assert_eq!(&trailer_frame(&trailers)[..], b"\x80\x00\x00\x00\x0fgrpc-status:5\r\n");
    }
}
