//! The body of an answer, passed on frame by frame until its trailers, which each dialect puts elsewhere.
//!
//! Invariants: a client always gets a status, also when the service dies in the middle of an answer; what
//! waits for nothing is never held back; dropping the answer drops the call behind it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use chassis::places::Place;
use http::HeaderMap;
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::body::Body;

use crate::dialect::{Dialect, trailer_frame};
use crate::metrics::Call;
use crate::refusal::Refusal;

/// An answer on its way from a service to a client.
pub struct Relay {
    /// `None` once the answer is over.
    upstream: Option<Body>,
    dialect: Dialect,
    expiry: Option<Pin<Box<Sleep>>>,
    drain: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    call: Call,
    _place: Place,
}

impl Relay {
    /// Passes `upstream` on. `drain` ends the answer early and is given for streams only.
    pub fn answer(
        upstream: http::Response<Body>,
        dialect: Dialect,
        deadline: Option<Instant>,
        drain: Option<CancellationToken>,
        mut call: Call,
        place: Place,
    ) -> http::Response<Body> {
        let (parts, body) = upstream.into_parts();
        if parts.headers.contains_key("grpc-status") {
            // The status stands in the headers; nothing may follow it.
            call.ended(&parts.headers);
            return http::Response::from_parts(parts, Body::empty());
        }
        let relay = Self {
            upstream: Some(body),
            dialect,
            expiry: deadline.map(|deadline| Box::pin(sleep_until(deadline))),
            drain: drain.map(|drain| Box::pin(drain.cancelled_owned())),
            call,
            _place: place,
        };
        http::Response::from_parts(parts, Body::new(relay))
    }

    /// Ends the answer with `trailers`; the call behind it is dropped.
    fn close(&mut self, trailers: HeaderMap) -> Frame<Bytes> {
        self.upstream = None;
        self.call.ended(&trailers);
        match self.dialect {
            Dialect::Grpc => Frame::trailers(trailers),
            Dialect::Web | Dialect::WebText => Frame::data(self.dialect.encode(trailer_frame(&trailers))),
        }
    }

    /// Why the gateway itself must end the answer now, if it must.
    fn interrupted(&mut self, cx: &mut Context<'_>) -> Option<Refusal> {
        if self.expiry.as_mut().is_some_and(|expiry| expiry.as_mut().poll(cx).is_ready()) {
            return Some(Refusal::deadline_exceeded());
        }
        let drained = self.drain.as_mut().is_some_and(|drain| drain.as_mut().poll(cx).is_ready());
        drained.then(Refusal::draining)
    }
}

impl http_body::Body for Relay {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if this.upstream.is_none() {
            return Poll::Ready(None);
        }
        if let Some(refusal) = this.interrupted(cx) {
            return Poll::Ready(Some(Ok(this.close(refusal.trailers()))));
        }
        let Some(upstream) = this.upstream.as_mut() else { return Poll::Ready(None) };
        let trailers = match std::task::ready!(Pin::new(upstream).poll_frame(cx)) {
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => return Poll::Ready(Some(Ok(Frame::data(this.dialect.encode(data))))),
                Err(frame) => frame.into_trailers().unwrap_or_default(),
            },
            // A service that died, or a connection that was cut: no trailers will come any more.
            Some(Err(_)) | None => Refusal::unreachable().trailers(),
        };
        Poll::Ready(Some(Ok(this.close(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.upstream.is_none()
    }
}
