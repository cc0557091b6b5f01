//! What the edge counts. Labels come from the table of routes, never from what a client wrote.

use http::HeaderMap;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use tokio::time::Instant;
use tonic::Code;

/// Calls answered, by service, method and status code.
pub const CALLS_TOTAL: &str = "mathildanesth_gateway_calls_total";
/// How long answers took, from the request's headers to the last byte.
pub const CALL_SECONDS: &str = "mathildanesth_gateway_call_seconds";
/// Calls being answered.
pub const CALLS_IN_FLIGHT: &str = "mathildanesth_gateway_calls_in_flight";
/// Requests the gateway answered by itself, by reason.
pub const REFUSALS_TOTAL: &str = "mathildanesth_gateway_refusals_total";
/// Calendar feeds read, by HTTP status.
pub const FEEDS_TOTAL: &str = "mathildanesth_gateway_calendar_feeds_total";
/// Reports of how many calls came in, by what became of them.
pub const TRAFFIC_REPORTS_TOTAL: &str = "mathildanesth_gateway_traffic_reports_total";
/// Calls that are missing where quiet hours are looked for: their report was refused, or waited for too long.
pub const TRAFFIC_LOST_TOTAL: &str = "mathildanesth_gateway_traffic_lost_total";

/// Describes all of them to the recorder.
pub fn describe() {
    describe_counter!(CALLS_TOTAL, "Calls answered, by service, method and status code");
    describe_histogram!(
        CALL_SECONDS,
        Unit::Seconds,
        "Time from a request's headers to the answer's last byte"
    );
    describe_gauge!(CALLS_IN_FLIGHT, "Calls being answered");
    describe_counter!(REFUSALS_TOTAL, "Requests the gateway answered by itself, by reason");
    describe_counter!(TRAFFIC_REPORTS_TOTAL, "Reports of how many calls came in, by outcome");
    describe_counter!(TRAFFIC_LOST_TOTAL, "Calls that no report will tell of");
    describe_counter!(FEEDS_TOTAL, "Calendar feeds read, by HTTP status");
}

/// One call, counted when it is dropped: a client that goes away is counted too, as cancelled.
pub struct Call {
    service: &'static str,
    method: &'static str,
    started: Instant,
    code: Code,
}

impl Call {
    /// A call that begins now.
    pub fn start(service: &'static str, method: &'static str, started: Instant) -> Self {
        gauge!(CALLS_IN_FLIGHT).increment(1);
        Self { service, method, started, code: Code::Cancelled }
    }

    /// The call ended with this code.
    pub fn failed(&mut self, code: Code) {
        self.code = code;
    }

    /// The answer ended with these headers or trailers.
    pub fn ended(&mut self, trailers: &HeaderMap) {
        self.code =
            trailers.get("grpc-status").map_or(Code::Unknown, |code| Code::from_bytes(code.as_bytes()));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        gauge!(CALLS_IN_FLIGHT).decrement(1);
        let code = code_label(self.code);
        counter!(CALLS_TOTAL, "service" => self.service, "method" => self.method, "code" => code)
            .increment(1);
        histogram!(CALL_SECONDS, "service" => self.service, "method" => self.method)
            .record(self.started.elapsed().as_secs_f64());
    }
}

fn code_label(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
