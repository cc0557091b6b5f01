//! What went wrong, in the terms of the caller, and how it travels as a `google.rpc.Status`.

use std::{collections::HashMap, error::Error, fmt, sync::Arc, time::Duration};

use proto::error::v1::Reason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{BoxError, stack};

/// One field that a request got wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field in the request, in proto names: `leave.first_date`; for a file `rooms.csv:12:number`.
    pub field: String,
    /// What was expected, and what came instead.
    pub description: String,
}

impl Violation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into() }
    }
}

/// A refusal or a failure: one gRPC code, one [`Reason`], the details that go with them.
///
/// The cause of an internal problem is logged under the request's id and never leaves the process.
#[derive(Clone)]
pub struct Problem(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    reason: Reason,
    message: String,
    metadata: HashMap<String, String>,
    details: ErrorDetails,
    /// Shared by those who asked together.
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem of any code; the named constructors below are the usual way.
    pub fn new(code: Code, reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            reason,
            message: message.into(),
            metadata: HashMap::new(),
            details: ErrorDetails::new(),
            cause: None,
        }))
    }

    /// `INVALID_ARGUMENT` with every violation at once.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        Self::invalid_as(Reason::FieldViolations, violations)
    }

    /// `INVALID_ARGUMENT` with a reason of its own.
    pub fn invalid_as(reason: Reason, violations: Vec<Violation>) -> Self {
        let message = match violations.as_slice() {
            [only] => format!("`{}`: {}", only.field, only.description),
            many => format!("{} fields are not valid", many.len()),
        };
        let mut problem = Self::new(Code::InvalidArgument, reason, message);
        for violation in violations {
            problem.0.details.add_bad_request_violation(violation.field, violation.description);
        }
        problem
    }

    /// `NOT_FOUND`: the parent is visible, the resource is absent.
    pub fn not_found(resource_type: &str, name: impl Into<String>) -> Self {
        let name = name.into();
        let mut problem =
            Self::new(Code::NotFound, Reason::NotFound, format!("{resource_type} `{name}` is not found"));
        problem.0.details.set_resource_info(resource_type, name, "", "");
        problem
    }

    /// `ALREADY_EXISTS`: a unique name or value is taken.
    pub fn already_exists(reason: Reason, resource_type: &str, name: impl Into<String>) -> Self {
        let name = name.into();
        let mut problem =
            Self::new(Code::AlreadyExists, reason, format!("{resource_type} `{name}` exists already"));
        problem.0.details.set_resource_info(resource_type, name, "", "");
        problem
    }

    /// `FAILED_PRECONDITION`: an illegal transition or a business refusal. Add one violation per match with
    /// [`Problem::and`].
    pub fn precondition(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, message)
    }

    /// `ABORTED`: somebody else was faster; read again and retry.
    pub fn aborted(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Code::Aborted, reason, message)
    }

    /// `PERMISSION_DENIED`; never says whether the thing exists.
    pub fn denied() -> Self {
        Self::new(Code::PermissionDenied, Reason::PermissionDenied, "this is not permitted")
    }

    /// `UNAUTHENTICATED`: no token, or one that does not hold.
    pub fn unauthenticated(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, reason, message)
    }

    /// `RESOURCE_EXHAUSTED`: a queue, quota or size limit is reached.
    pub fn exhausted(reason: Reason, message: impl Into<String>, retry_after: Duration) -> Self {
        let mut problem = Self::new(Code::ResourceExhausted, reason, message);
        problem.0.details.set_retry_info(Some(retry_after));
        problem
    }

    /// `UNAVAILABLE`: a neighbour is down or this process drains; the only code that clients retry by themselves.
    pub fn unavailable(message: impl Into<String>, retry_after: Duration) -> Self {
        let mut problem = Self::new(Code::Unavailable, Reason::PeerUnavailable, message);
        problem.0.details.set_retry_info(Some(retry_after));
        problem
    }

    /// `DEADLINE_EXCEEDED`.
    pub fn deadline() -> Self {
        Self::new(Code::DeadlineExceeded, Reason::DeadlineExceeded, "the deadline of the call has passed")
    }

    /// `INTERNAL`: a bug or a broken part of ours. The cause stays in the log.
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        let mut problem = Self::new(Code::Internal, Reason::Internal, "an internal error occurred");
        problem.0.cause = Some(Arc::from(cause.into()));
        problem
    }

    /// Adds a `PreconditionFailure` violation.
    #[must_use]
    pub fn and(mut self, kind: &str, subject: impl Into<String>, description: impl Into<String>) -> Self {
        self.0.details.add_precondition_failure_violation(kind, subject, description);
        self
    }

    /// Adds a line of metadata to the `ErrorInfo`. Ids and figures only: never a person's name.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Says when the same call may be answered otherwise.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.0.details.set_retry_info(Some(wait));
        self
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The one machine-readable reason.
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// What is wrong, for developers.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

/// The name of a reason as clients see it: `LEAVE_NOT_PENDING`.
pub fn reason_name(reason: Reason) -> &'static str {
    reason.as_str_name().trim_start_matches("REASON_")
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("code", &self.0.code)
            .field("reason", &self.0.reason)
            .field("message", &self.0.message)
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", reason_name(self.0.reason), self.0.message)?;
        match &self.0.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        let Inner { code, reason, message, metadata, mut details, cause } = *problem.0;
        if let Some(cause) = cause {
            tracing::error!(error = %cause, reason = reason_name(reason), "call failed inside");
        }
        details.set_error_info(reason_name(reason), stack::domain(), metadata);
        if let Some(request_id) = stack::request_id().filter(|_| code == Code::Internal) {
            details.set_request_info(request_id, "");
        }
        Status::with_error_details(code, message, details)
    }
}

/// A peer's refusal is handed on as it is when the caller can act on it, and hidden when it is the peer's own
/// trouble.
impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let reason = details
            .error_info()
            .and_then(|info| Reason::from_str_name(&format!("REASON_{}", info.reason)))
            .unwrap_or(Reason::Internal);
        match status.code() {
            Code::Unavailable => Self::unavailable(status.message(), Duration::from_secs(1)),
            Code::DeadlineExceeded => Self::deadline(),
            Code::Internal | Code::Unknown | Code::DataLoss | Code::Unimplemented => Self::internal(status),
            code => {
                let mut problem = Self::new(code, reason, status.message());
                if let Some(info) = details.error_info() {
                    problem.0.metadata.clone_from(&info.metadata);
                }
                problem.0.details = details;
                problem
            }
        }
    }
}
