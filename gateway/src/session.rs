//! Cookie ↔ bearer. Browsers hold their tokens in cookies that no script can read; everybody else sends
//! `authorization`. The gateway keeps no session: it only moves tokens between the two forms.
//!
//! The staff service answers a browser's CreateSession and RefreshSession with the tokens in initial metadata
//! and none in the body; here they become cookies. An empty token takes its cookie away.

use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Metadata in which a browser's refresh token travels between staff and gateway, both ways.
pub const REFRESH_TOKEN: HeaderName = HeaderName::from_static("x-mathildanesth-refresh-token");
const REFRESH_MAX_AGE: HeaderName = HeaderName::from_static("x-mathildanesth-refresh-max-age");
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-mathildanesth-access-token");
const ACCESS_MAX_AGE: HeaderName = HeaderName::from_static("x-mathildanesth-access-max-age");

const ACCESS_COOKIE: &str = "__Host-access";
const REFRESH_COOKIE: &str = "__Host-refresh";

/// Who a request says it comes from.
#[derive(Debug, Default)]
pub struct Credentials {
    /// The access token, if there is one.
    pub access: Option<String>,
    /// The refresh token of a browser.
    pub refresh: Option<String>,
    /// The access token came in a cookie, so another page could have sent the request.
    pub is_cookie: bool,
}

impl Credentials {
    /// Reads `authorization`, or the cookies where there is none.
    pub fn of(headers: &HeaderMap) -> Self {
        if let Some(value) = headers.get(AUTHORIZATION) {
            let access = value.to_str().ok().and_then(bearer).map(str::to_owned);
            // A header that is not a bearer token is a token that does not hold, not the absence of one.
            return Self { access: Some(access.unwrap_or_default()), refresh: None, is_cookie: false };
        }
        let access = cookie(headers, ACCESS_COOKIE);
        let refresh = cookie(headers, REFRESH_COOKIE);
        Self { is_cookie: access.is_some() || refresh.is_some(), access, refresh }
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// A cookie's value. HTTP/2 may cut the header into several.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// Turns the tokens in an answer's metadata into cookies, and takes the metadata away.
pub fn set_cookies(answer: &mut HeaderMap) {
    for (token, max_age, cookie) in
        [(ACCESS_TOKEN, ACCESS_MAX_AGE, ACCESS_COOKIE), (REFRESH_TOKEN, REFRESH_MAX_AGE, REFRESH_COOKIE)]
    {
        let seconds = answer.remove(max_age).and_then(|value| value.to_str().ok()?.parse().ok());
        let Some(token) = answer.remove(token) else { continue };
        if let Ok(token) = token.to_str() {
            set_cookie(answer, cookie, token, seconds.filter(|_| !token.is_empty()).unwrap_or(0));
        }
    }
}

/// Takes both cookies away: the person has signed out.
pub fn clear_cookies(answer: &mut HeaderMap) {
    set_cookie(answer, ACCESS_COOKIE, "", 0);
    set_cookie(answer, REFRESH_COOKIE, "", 0);
}

fn set_cookie(answer: &mut HeaderMap, name: &str, token: &str, seconds: u64) {
    let text = format!("{name}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    if let Ok(mut value) = HeaderValue::from_str(&text) {
        value.set_sensitive(true);
        answer.append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        pairs.for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    }

    #[test]
    fn authorization_wins_over_cookies() {
        let found = Credentials::of(&headers(&[
            (COOKIE, "__Host-access=of-cookie"),
            (AUTHORIZATION, "Bearer of-header"),
        ]));
        assert_eq!((found.access.as_deref(), found.is_cookie), (Some("of-header"), false));
    }

    #[test]
    fn cookies_are_found_among_others_and_in_pieces() {
        let found = Credentials::of(&headers(&[
            (COOKIE, "a=1; __Host-access=x.y.z; b=2"),
            (COOKIE, "__Host-refresh=r"),
        ]));
        assert_eq!(found.access.as_deref(), Some("x.y.z"));
        assert_eq!(found.refresh.as_deref(), Some("r"));
        assert!(found.is_cookie);
    }

    #[test]
    fn another_scheme_is_a_token_that_does_not_hold() {
        assert_eq!(Credentials::of(&headers(&[(AUTHORIZATION, "Basic abc")])).access.as_deref(), Some(""));
    }

    #[test]
    fn tokens_in_metadata_become_cookies_and_vanish() {
        let mut answer = headers(&[(ACCESS_TOKEN, "abc"), (ACCESS_MAX_AGE, "60"), (REFRESH_TOKEN, "")]);
        set_cookies(&mut answer);
        for name in [ACCESS_TOKEN, ACCESS_MAX_AGE, REFRESH_TOKEN] {
            assert!(!answer.contains_key(&name), "{name}");
        }
        let cookies: Vec<_> = answer.get_all(SET_COOKIE).iter().collect();
        assert_eq!(
            cookies,
            [
                "__Host-access=abc; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60",
                "__Host-refresh=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0",
            ]
        );
    }
}
