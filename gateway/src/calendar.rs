//! `GET /calendar/{token}.ics`: the one page of the edge for programs that speak no gRPC. The secret in the path
//! is the permission; it is never logged, and a wrong one learns nothing.

use std::time::Duration;

use chassis::{Peer, stack::STALENESS};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use metrics::counter;
use proto::planning::v1 as pb;
use proto::planning::v1::planning_service_client::PlanningServiceClient;
use tonic::body::Body;
use tonic::{Code, Request};

use crate::metrics::FEEDS_TOTAL;

/// Calendar programs ask every few minutes at most.
const FRESH: HeaderValue = HeaderValue::from_static("private, max-age=300");
/// How long a feed may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// The secret in a path, if the path is a feed's.
pub fn token(path: &str) -> Option<&str> {
    let token = path.strip_prefix("/calendar/")?.strip_suffix(".ics")?;
    let is_plausible = (16..=128).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_plausible.then_some(token)
}

/// The feed behind `token`.
pub async fn feed(
    planning: Peer,
    token: &str,
    headers: &HeaderMap,
    request_id: &HeaderValue,
) -> Response<Body> {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map_or("", unquote);
    let mut request =
        Request::new(pb::ReadCalendarFeedRequest { token: token.to_owned(), etag: known.to_owned() });
    request.set_timeout(DEADLINE);
    if let Ok(id) = request_id.as_bytes().try_into() {
        request.metadata_mut().insert("x-request-id", id);
    }
    let mut client = PlanningServiceClient::new(planning);
    let answer = match tokio::time::timeout(DEADLINE, client.read_calendar_feed(request)).await {
        Ok(Ok(feed)) => {
            let staleness = feed.metadata().as_ref().get(STALENESS).cloned();
            let mut answer = found(feed.into_inner(), known);
            if let Some(staleness) = staleness {
                answer.headers_mut().insert(STALENESS, staleness);
            }
            answer
        }
        Ok(Err(status)) if is_refusal(status.code()) => plain(StatusCode::NOT_FOUND),
        Ok(Err(_)) | Err(_) => {
            let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE);
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
            answer
        }
    };
    counter!(FEEDS_TOTAL, "status" => answer.status().as_u16().to_string()).increment(1);
    answer
}

fn found(feed: pb::ReadCalendarFeedResponse, known: &str) -> Response<Body> {
    let etag = unquote(&feed.etag);
    let is_unchanged = !known.is_empty() && known == etag;
    let mut answer = if is_unchanged {
        plain(StatusCode::NOT_MODIFIED)
    } else {
        let mut answer = Response::new(Body::new(Full::new(feed.content.into())));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
        answer
    };
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        answer.headers_mut().insert(ETAG, etag);
    }
    answer.headers_mut().insert(CACHE_CONTROL, FRESH);
    answer
}

/// Refused for good: one answer, whatever the reason.
fn is_refusal(code: Code) -> bool {
    matches!(code, Code::NotFound | Code::InvalidArgument | Code::PermissionDenied | Code::Unauthenticated)
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

fn unquote(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plausible_secret_is_asked_for() {
        for (path, expected) in [
            ("/calendar/0123456789abcdef.ics", Some("0123456789abcdef")),
            ("/calendar/0123456789abc_-F.ics", Some("0123456789abc_-F")),
            ("/calendar/short.ics", None),
            ("/calendar/0123456789abcdef", None),
            ("/calendar/0123456789abcdef/x.ics", None),
            ("/calendar/0123456789abcd%2f.ics", None),
            ("/Calendar/0123456789abcdef.ics", None),
        ] {
            assert_eq!(token(path), expected, "{path}");
        }
    }
}
