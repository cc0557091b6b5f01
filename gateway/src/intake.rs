//! The body of a request, taken in whole and within bounds before anything is asked of a service.
//!
//! Public methods take one message, so a request is one frame. Its declared length is looked at first: what is
//! too large is refused as soon as five bytes have come.

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tonic::body::Body;

use crate::dialect::Dialect;
use crate::refusal::Refusal;

/// Flag and length before each message.
const PREFIX_BYTES: usize = 5;
/// How much of a refused body is read and thrown away, in messages of the largest size, so that a client which
/// sends before it listens still hears the answer.
const DISCARD_MAX: usize = 16;

/// The one frame of a request.
///
/// # Errors
/// A message above `bytes_max`, and a body that is not one whole frame.
pub async fn read(mut body: Body, dialect: Dialect, bytes_max: usize) -> Result<Bytes, Refusal> {
    let wire_max = dialect.wire_bytes_max(bytes_max.saturating_add(PREFIX_BYTES));
    if body.size_hint().lower() > wire_max as u64 {
        return Err(too_large(body, bytes_max).await);
    }
    let mut taken = Taken::default();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::malformed())?.into_data() else { continue };
        taken.push(data);
        if taken.len() > wire_max || declares_more_than(bytes_max, taken.start(), dialect) {
            return Err(too_large(body, bytes_max).await);
        }
    }
    let frame = dialect.decode(taken.whole()).ok_or_else(Refusal::malformed)?;
    match declared(&frame) {
        Some(length) if length == frame.len() - PREFIX_BYTES => Ok(frame),
        _ => Err(Refusal::malformed()),
    }
}

/// Bytes so far; most requests come in one piece, which is then not copied.
#[derive(Default)]
struct Taken {
    first: Bytes,
    rest: BytesMut,
}

impl Taken {
    fn push(&mut self, data: Bytes) {
        if self.first.is_empty() {
            self.first = data;
            return;
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&self.first);
        }
        self.rest.extend_from_slice(&data);
    }

    fn start(&self) -> &[u8] {
        if self.rest.is_empty() { &self.first } else { &self.rest }
    }

    fn len(&self) -> usize {
        self.start().len()
    }

    fn whole(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}

fn declares_more_than(bytes_max: usize, start: &[u8], dialect: Dialect) -> bool {
    dialect != Dialect::WebText && declared(start).is_some_and(|length| length > bytes_max)
}

fn declared(frame: &[u8]) -> Option<usize> {
    let prefix = frame.get(1..PREFIX_BYTES)?;
    Some(u32::from_be_bytes(prefix.try_into().ok()?) as usize)
}

async fn too_large(mut body: Body, bytes_max: usize) -> Refusal {
    let mut left = bytes_max.saturating_mul(DISCARD_MAX);
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            break;
        }
    }
    Refusal::too_large(bytes_max)
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};
    use tonic::Code;

    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut frame = vec![0];
        frame.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
        frame.resize(PREFIX_BYTES + length, 7);
        frame
    }

    fn pieces(bytes: &[u8], size: usize) -> Body {
        let pieces: Vec<_> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
        let frames = pieces.into_iter().map(|piece| Ok::<_, tonic::Status>(http_body::Frame::data(piece)));
        Body::new(StreamBody::new(tokio_stream::iter(frames)))
    }

    #[tokio::test]
    async fn a_frame_comes_out_whole_however_it_was_cut() {
        for size in [1, 4, 5, 6, 100, 1000] {
            let read = read(pieces(&frame(100), size), Dialect::Web, 100).await;
            assert_eq!(read.unwrap(), frame(100), "pieces of {size}");
        }
    }

    #[tokio::test]
    async fn one_byte_too_many_is_refused() {
        let refusal = read(pieces(&frame(101), 8), Dialect::Grpc, 100).await.unwrap_err();
        assert_eq!(refusal.code(), Code::ResourceExhausted);
        let text = Dialect::WebText.encode(frame(5000).into());
        let refusal = read(Body::new(Full::new(text)), Dialect::WebText, 100).await.unwrap_err();
        assert_eq!(refusal.code(), Code::ResourceExhausted);
    }

    #[tokio::test]
    async fn a_body_that_is_not_one_frame_is_malformed() {
        for bytes in [vec![], vec![0, 0, 0], frame(10)[..12].to_vec(), [frame(3), frame(3)].concat()] {
            let refusal = read(pieces(&bytes, 64), Dialect::Web, 100).await.unwrap_err();
            assert_eq!(refusal.code(), Code::InvalidArgument, "{bytes:?}");
        }
    }
}
