//! Browsers: cookies, origins, preflights; and calendar programs.

use http::{Method, StatusCode};

use crate::upstream::{FEED_TOKEN, message};
use crate::{GET, GRPC, PAGE, REFRESH, SIGN_IN, SIGN_OUT, WEB, World};

#[tokio::test]
async fn tokens_of_a_sign_in_become_cookies_no_script_can_read() {
    let world = World::new().await;
    let answer = world.http1().post(SIGN_IN, &[WEB, ("origin", PAGE)], message(b"")).await;
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(
        cookies,
        [
            "__Host-access=new-access; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=600",
            "__Host-refresh=new-refresh; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=86400",
        ]
    );
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("x-mathildanesth-")));
}

#[tokio::test]
async fn a_cookie_speaks_for_its_owner_from_our_pages_only() {
    let world = World::new().await;
    let own = format!("http://{}", world.address);
    for (origin, expected) in [
        (Some(PAGE), None),
        (Some(own.as_str()), None),
        (Some("https://evil.example.org"), Some("PERMISSION_DENIED")),
        (Some("null"), Some("PERMISSION_DENIED")),
        (None, Some("PERMISSION_DENIED")),
    ] {
        let cookie = world.cookie();
        let mut headers = vec![WEB, ("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let answer = world.http1().post(GET, &headers, message(b"")).await;
        match expected {
            None => assert_eq!(answer.frames().1["grpc-status"], "0", "{origin:?}"),
            Some(reason) => assert_eq!(answer.refusal(), ("7".to_owned(), reason.to_owned()), "{origin:?}"),
        }
    }
    assert_eq!(world.upstream.last()["authorization"], world.bearer());
    assert!(!world.upstream.last().contains_key("x-mathildanesth-refresh-token"), "only sessions hear of it");
}

#[tokio::test]
async fn an_ended_access_cookie_does_not_keep_its_owner_from_refreshing() {
    let world = World::new().await;
    world.clock.advance(jiff::SignedDuration::from_mins(11));
    let headers = [WEB, ("origin", PAGE), ("cookie", &world.cookie())];
    let answer = world.http1().post(REFRESH, &headers, message(b"")).await;
    assert_eq!(answer.frames().1["grpc-status"], "0");
    assert_eq!(world.upstream.last()["x-mathildanesth-refresh-token"], "old-refresh");
    assert!(!world.upstream.last().contains_key("authorization"));
}

#[tokio::test]
async fn signing_out_takes_the_cookies_away() {
    let world = World::new().await;
    let headers = [WEB, ("origin", PAGE), ("cookie", &world.cookie())];
    let answer = world.http1().post(SIGN_OUT, &headers, message(b"")).await;
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2);
    assert!(cookies.iter().all(|cookie| cookie.ends_with("Max-Age=0")), "{cookies:?}");
}

#[tokio::test]
async fn a_preflight_is_answered_without_a_token_and_for_listed_pages_only() {
    let world = World::new().await;
    let ask = async |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type,grpc-timeout,x-grpc-web"),
        ];
        world.http1().send(Method::OPTIONS, GET, &headers, "").await
    };
    let answer = ask(PAGE).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(answer.header("access-control-allow-headers").contains("x-grpc-web"));
    assert_eq!(answer.header("access-control-max-age"), "7200");
    assert_eq!(ask("https://evil.example.org").await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn refusals_of_the_edge_can_be_read_by_the_page_too() {
    let world = World::new().await;
    let answer = world.http1().post(GET, &[WEB, ("origin", PAGE)], message(b"")).await;
    assert_eq!(answer.refusal(), ("16".to_owned(), "TOKEN_MISSING".to_owned()));
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    let exposed = answer.header("access-control-expose-headers");
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
        assert!(exposed.contains(name), "{name} in {exposed}");
    }
}

#[tokio::test]
async fn what_is_not_grpc_is_told_so() {
    let world = World::new().await;
    let cases = [
        (Method::POST, GET, Some("application/json"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Method::POST, GET, Some("text/plain"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Method::POST, GET, None, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Method::POST, GET, Some(GRPC.1), StatusCode::BAD_REQUEST),
        (Method::PUT, GET, Some(WEB.1), StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "/", None, StatusCode::NOT_FOUND),
        (Method::GET, GET, Some(WEB.1), StatusCode::NOT_FOUND),
    ];
    for (method, path, content_type, expected) in cases {
        let bearer = world.bearer();
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(content_type.map(|value| ("content-type", value)));
        let answer = world.http1().send(method.clone(), path, &headers, message(b"")).await;
        assert_eq!(answer.status, expected, "{method} {path} {content_type:?}");
        assert!(!answer.body.is_empty(), "a reason a person can read");
    }
}

#[tokio::test]
async fn a_calendar_is_read_once_and_then_only_when_it_changed() {
    let world = World::new().await;
    let path = format!("/calendar/{FEED_TOKEN}.ics");
    let answer = world.http1().send(Method::GET, &path, &[], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(answer.header("etag"), "\"7\"");
    assert!(answer.body.starts_with(b"BEGIN:VCALENDAR"));
    let again = world.http1().send(Method::GET, &path, &[("if-none-match", "\"7\"")], "").await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let older = world.http1().send(Method::GET, &path, &[("if-none-match", "W/\"6\"")], "").await;
    assert_eq!(older.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_calendar_secret_learns_nothing() {
    let world = World::new().await;
    for path in ["/calendar/another-secret-altogether.ics", "/calendar/x.ics", "/calendar/"] {
        let answer = world.http1().send(Method::GET, path, &[], "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
