//! How long a call may take: what the client asked for, within what the gateway allows.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::time::Instant;

/// The header in which gRPC carries the time left.
pub const HEADER: &str = "grpc-timeout";

/// The limits the gateway sets.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For calls that name no deadline.
    pub default: Duration,
    /// For calls that name a longer one.
    pub max: Duration,
}

/// The moment a call must have been answered by. A stream may stay open as long as its service lets it,
/// unless the client named a deadline itself.
pub fn of(headers: &HeaderMap, limits: Limits, streams: bool, now: Instant) -> Option<Instant> {
    let asked = headers.get(HEADER).and_then(parse);
    let allowed = match asked {
        None if streams => return None,
        None => limits.default,
        Some(asked) if streams => asked,
        Some(asked) => asked.min(limits.max),
    };
    now.checked_add(allowed)
}

/// What is left until `deadline`, in the form of the header: at most eight digits and a unit.
pub fn header(deadline: Instant, now: Instant) -> HeaderValue {
    let left = deadline.saturating_duration_since(now);
    let text = match u32::try_from(left.as_millis()) {
        Ok(millis) if millis < 100_000_000 => format!("{millis}m"),
        _ => format!("{}S", left.as_secs().min(99_999_999)),
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("0m"))
}

fn parse(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { default: Duration::from_secs(10), max: Duration::from_secs(60) };

    fn allowed(timeout: Option<&'static str>, streams: bool) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        if let Some(timeout) = timeout {
            headers.insert(HEADER, HeaderValue::from_static(timeout));
        }
        let now = Instant::now();
        of(&headers, LIMITS, streams, now).map(|deadline| deadline - now)
    }

    #[test]
    fn a_call_gets_what_it_asks_for_within_the_limits() {
        for (timeout, streams, expected) in [
            (None, false, Some(10_000)),
            (None, true, None),
            (Some("2S"), false, Some(2_000)),
            (Some("250m"), false, Some(250)),
            (Some("5000u"), false, Some(5)),
            (Some("1M"), false, Some(60_000)),
            (Some("1H"), false, Some(60_000)),
            (Some("1H"), true, Some(3_600_000)),
            (Some("123456789m"), false, Some(10_000)),
            (Some("-5S"), false, Some(10_000)),
            (Some("5"), false, Some(10_000)),
            (Some("S"), false, Some(10_000)),
        ] {
            assert_eq!(
                allowed(timeout, streams),
                expected.map(Duration::from_millis),
                "{timeout:?} {streams}"
            );
        }
    }

    #[test]
    fn the_header_says_what_is_left() {
        let now = Instant::now();
        assert_eq!(header(now + Duration::from_millis(1500), now), "1500m");
        assert_eq!(header(now + Duration::from_secs(200_000), now), "200000S");
        assert_eq!(header(now, now + Duration::from_secs(1)), "0m");
    }
}
