//! The first argument of every use case: who calls, when, until when, in which language.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataValue;

use crate::{Clock, Problem, access::Overrides, auth::Principal, telemetry};

/// The languages that people read. French comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// `fr`
    #[default]
    French,
    /// `en`
    English,
}

/// What a use case knows about the call it serves.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Who calls.
    pub principal: Principal,
    /// What the caller's hospital says over the tables of permissions, as this service knew it when the call arrived.
    pub overrides: Option<Arc<Overrides>>,
    /// Names the call in every log line of every process it touches.
    pub request_id: Arc<str>,
    /// When the call arrived, by the service's [`Clock`].
    pub now: Timestamp,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// The language that the caller reads.
    pub locale: Locale,
    /// The caller only shows the answer and decides nothing by it, so that it may be stale.
    pub is_shown: bool,
    /// Set when the process drains: streams end cleanly.
    pub stop: CancellationToken,
}

/// Says so in the head of a call.
pub(crate) const SHOWN: &str = "mathildanesth-shown";

impl Ctx {
    /// The context that the server stack gave this call.
    ///
    /// # Errors
    /// Internal, when a handler is reached without the stack: a bug of assembly.
    pub fn of<M>(request: &tonic::Request<M>) -> Result<Self, Problem> {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::internal("the call did not pass through the server stack"))
    }

    /// The context of a worker: the service acts for itself.
    pub fn system(service: &'static str, clock: &Clock) -> Self {
        Self {
            principal: Principal::System(service.into()),
            overrides: None,
            request_id: uuid::Uuid::now_v7().to_string().into(),
            now: clock.now(),
            deadline: None,
            locale: Locale::French,
            is_shown: false,
            stop: CancellationToken::new(),
        }
    }

    /// The same call, for questions whose answers are only shown.
    #[must_use]
    pub fn shown(&self) -> Self {
        Self { is_shown: true, ..self.clone() }
    }

    /// An outgoing call made on behalf of this one: the caller's token, what is left of the deadline, the trace.
    pub fn call<M>(&self, message: M) -> tonic::Request<M> {
        let mut request = tonic::Request::new(message);
        if let Some(person) = self.principal.person()
            && let Ok(mut token) = MetadataValue::try_from(format!("Bearer {}", person.token.expose()))
        {
            token.set_sensitive(true);
            request.metadata_mut().insert("authorization", token);
        }
        if let Ok(id) = MetadataValue::try_from(self.request_id.as_ref()) {
            request.metadata_mut().insert("x-request-id", id);
        }
        if self.is_shown {
            request.metadata_mut().insert(SHOWN, MetadataValue::from_static("1"));
        }
        if let Some(deadline) = self.deadline {
            request.set_timeout(
                deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)),
            );
        }
        telemetry::inject(request.metadata_mut());
        request
    }
}
