//! What the gateway answers by itself, as the same typed errors that the services give.

use std::collections::HashMap;
use std::time::Duration;

use chassis::{Problem, stack};
use http::{HeaderMap, Response};
use metrics::counter;
use proto::error::v1::Reason;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::dialect::Dialect;
use crate::metrics::REFUSALS_TOTAL;

/// The domain of every `ErrorInfo` made here.
const DOMAIN: &str = "gateway.mathildanesth";
/// When to try again after trouble that passes by itself.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A call that ends at the edge.
#[derive(Debug)]
pub struct Refusal {
    code: Code,
    reason: Reason,
    message: String,
    retry_after: Option<Duration>,
    metadata: HashMap<String, String>,
}

impl Refusal {
    fn new(code: Code, reason: Reason, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), retry_after: None, metadata: HashMap::new() }
    }

    /// The method does not exist, or is for the mesh only; the two look the same.
    pub fn not_offered() -> Self {
        Self::new(Code::Unimplemented, Reason::MethodNotOffered, "the gateway does not offer this method")
    }

    /// The message is larger than the edge accepts.
    pub fn too_large(bytes_max: usize) -> Self {
        let message = format!("the message is larger than {bytes_max} bytes");
        let mut refusal = Self::new(Code::ResourceExhausted, Reason::MessageTooLarge, message);
        refusal.metadata.insert("bytes_max".to_owned(), bytes_max.to_string());
        refusal
    }

    /// The body is not a frame of gRPC.
    pub fn malformed() -> Self {
        Self::new(Code::InvalidArgument, Reason::FieldViolations, "the body is not a whole gRPC frame")
    }

    /// A page of another origin tries to act for the person signed in.
    pub fn foreign_origin() -> Self {
        Self::new(Code::PermissionDenied, Reason::PermissionDenied, "the origin is not allowed")
    }

    /// The method needs a token.
    pub fn token_missing() -> Self {
        Self::new(Code::Unauthenticated, Reason::TokenMissing, "the method needs an access token")
    }

    /// The time is over.
    pub fn deadline_exceeded() -> Self {
        Self::new(Code::DeadlineExceeded, Reason::DeadlineExceeded, "the deadline of the call has passed")
    }

    /// The edge serves its maximum already.
    pub fn overloaded() -> Self {
        let message = "the gateway serves its maximum of calls";
        Self::new(Code::ResourceExhausted, Reason::RateLimited, message)
            .after(stack::retry_after(stack::RETRY_AFTER))
    }

    /// The service cannot be reached, or went away in the middle of its answer.
    pub fn unreachable() -> Self {
        Self::new(Code::Unavailable, Reason::PeerUnavailable, "the service cannot be reached")
            .after(RETRY_AFTER)
    }

    /// This process is going down; another one will take the stream over.
    pub fn draining() -> Self {
        Self::new(Code::Unavailable, Reason::PeerUnavailable, "the gateway is going down").after(RETRY_AFTER)
    }

    fn after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.code
    }

    fn status(self) -> Status {
        let reason = self.reason.as_str_name().trim_start_matches("REASON_");
        counter!(REFUSALS_TOTAL, "reason" => reason).increment(1);
        let mut details = ErrorDetails::with_error_info(reason, DOMAIN, self.metadata);
        if let Some(retry_after) = self.retry_after {
            details.set_retry_info(Some(retry_after));
        }
        Status::with_error_details(self.code, self.message, details)
    }

    /// The refusal as the trailers of an answer that has begun.
    pub fn trailers(self) -> HeaderMap {
        let mut trailers = HeaderMap::new();
        if self.status().add_header(&mut trailers).is_err() {
            trailers.insert("grpc-status", http::HeaderValue::from_static("13"));
        }
        trailers
    }

    /// The refusal as a whole answer: the status in the headers, an empty body, for every dialect.
    pub fn answer(self, dialect: Dialect) -> Response<Body> {
        let mut response = self.status().into_http::<Body>();
        response.headers_mut().insert(http::header::CONTENT_TYPE, dialect.content_type());
        response
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::new(problem.code(), problem.reason(), problem.message())
    }
}
