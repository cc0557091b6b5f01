//! Which pages may talk to the edge: CORS answers the browser's questions, the origin check refuses forged posts.

use std::time::Duration;

use chassis::stack::STALENESS;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember the answer to a preflight.
const PREFLIGHT_SECONDS: u64 = 7200;

/// The origins beside our own whose pages may call. Exact: no pattern, no `*`.
#[derive(Clone)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// The allowed origins: `https://planning.example.org`.
    ///
    /// # Errors
    /// The first entry that is not an origin.
    pub fn new(origins: &[String]) -> Result<Self, String> {
        let parsed = origins.iter().map(|origin| {
            let uri =
                origin.parse::<Uri>().ok().filter(|uri| uri.scheme().is_some() && uri.authority().is_some());
            let is_bare =
                uri.is_some_and(|uri| uri.path() == "/" && !origin.ends_with('/') && uri.query().is_none());
            HeaderValue::from_str(origin).ok().filter(|_| is_bare).ok_or_else(|| origin.clone())
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// Whether a request may act. One that carries a cookie must say which page it comes from.
    pub fn permit(&self, headers: &HeaderMap, uri: &Uri, is_cookie: bool) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return !is_cookie };
        if self.0.contains(origin) {
            return true;
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = uri.authority().map(http::uri::Authority::as_str).or(host);
        host.zip(origin.to_str().ok()).is_some_and(|(host, origin)| is_same(origin, host))
    }

    /// The layer that answers preflights, without a token, and marks every answer, refusals included.
    pub fn layer(&self) -> CorsLayer {
        let sent =
            ["grpc-timeout", "x-grpc-web", "x-user-agent", "x-request-id", "traceparent", "tracestate"];
        let mut allowed: Vec<HeaderName> = sent.into_iter().map(HeaderName::from_static).collect();
        allowed.extend([ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE]);
        let told = ["grpc-status", "grpc-message", "grpc-status-details-bin", "x-request-id"];
        let mut exposed: Vec<HeaderName> = told.into_iter().map(HeaderName::from_static).collect();
        exposed.push(STALENESS);
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
            .allow_credentials(true)
            .allow_methods([Method::POST])
            .allow_headers(allowed)
            .expose_headers(exposed)
            .max_age(Duration::from_secs(PREFLIGHT_SECONDS))
    }
}

/// A page of our own. Plain HTTP counts on loopback only, as it does for browsers.
fn is_same(origin: &str, host: &str) -> bool {
    if let Some(of_page) = origin.strip_prefix("https://") {
        return of_page.eq_ignore_ascii_case(host);
    }
    let Some(of_page) = origin.strip_prefix("http://") else { return false };
    let name = of_page.rsplit_once(':').map_or(of_page, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") && of_page.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_and_listed_pages_may_act() {
        let origins = Origins::new(&["https://app.example.org".to_owned()]).unwrap();
        for (origin, host, is_cookie, expected) in [
            (Some("https://app.example.org"), "api.example.org", true, true),
            (Some("https://api.example.org"), "api.example.org", true, true),
            (Some("http://api.example.org"), "api.example.org", true, false),
            (Some("http://localhost:8080"), "localhost:8080", true, true),
            (Some("http://localhost:9999"), "localhost:8080", true, false),
            (Some("https://app.example.org.evil.org"), "api.example.org", false, false),
            (Some("https://evil.org"), "api.example.org", false, false),
            (Some("null"), "api.example.org", true, false),
            (None, "api.example.org", true, false),
            (None, "api.example.org", false, true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            let permitted = origins.permit(&headers, &Uri::from_static("/x"), is_cookie);
            assert_eq!(permitted, expected, "{origin:?} {host} {is_cookie}");
        }
    }

    #[test]
    fn what_is_not_an_origin_is_refused_at_start() {
        for origin in ["*", "app.example.org", "https://app.example.org/", "https://app.example.org/x"] {
            assert!(Origins::new(&[origin.to_owned()]).is_err(), "{origin}");
        }
    }
}
