//! Pages of a list (AIP-158): keyset, so that inserts do not shift what follows.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chassis::{Problem, Violation};
use proto::error::v1::Reason;
use sha2::{Digest, Sha256};

/// The size when none is asked for.
const SIZE_DEFAULT: u64 = 50;

/// The largest size; more is coerced.
const SIZE_MAX: u64 = 1_000;

/// How many bytes of the seal a token carries.
const SEAL_LENGTH: usize = 12;

/// One page of one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    limit: u64,
    after: Option<String>,
    arguments: Vec<u8>,
}

// === impl Page ===

impl Page {
    /// Reads a list request. `arguments` are all its other arguments: a token only fits the query it came from.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: a negative size, or a token that is damaged or of another query
    /// (`PAGE_TOKEN_INVALID`).
    pub fn of(page_size: i32, page_token: &str, arguments: &[&str]) -> Result<Self, Problem> {
        let limit = match u64::try_from(page_size) {
            Ok(0) => SIZE_DEFAULT,
            Ok(size) => size.min(SIZE_MAX),
            Err(_) => {
                return Err(Problem::invalid(vec![Violation::new("page_size", "must not be negative")]));
            }
        };
        let arguments = digest(arguments);
        let after = if page_token.is_empty() {
            None
        } else {
            Some(open(page_token, &arguments).ok_or_else(refusal)?)
        };
        Ok(Self { limit, after, arguments })
    }

    /// How many rows the page holds. Ask the database for one more.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// The key of the last row of the page before.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Cuts the rows to the page and makes the token of the next one, empty on the last page. `rows` are up to
    /// `limit() + 1`, ordered by the unique `key`.
    pub fn next<R>(&self, rows: &mut Vec<R>, key: impl Fn(&R) -> String) -> String {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return String::new();
        }
        rows.truncate(limit);
        rows.last().map_or_else(String::new, |last| seal(&key(last), &self.arguments))
    }
}

fn refusal() -> Problem {
    let text = "damaged, or from a list with other arguments; start again without it";
    Problem::invalid_as(Reason::PageTokenInvalid, vec![Violation::new("page_token", text)])
}

fn digest(arguments: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for argument in arguments {
        // With its length, so that ("ab", "c") and ("a", "bc") differ.
        hash.update((argument.len() as u64).to_le_bytes());
        hash.update(argument.as_bytes());
    }
    hash.finalize().to_vec()
}

fn checksum(key: &str, arguments: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(arguments);
    hash.update(key.as_bytes());
    hash.finalize()[..SEAL_LENGTH].to_vec()
}

fn seal(key: &str, arguments: &[u8]) -> String {
    let mut bytes = checksum(key, arguments);
    bytes.extend_from_slice(key.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(token: &str, arguments: &[u8]) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (sum, key) = bytes.split_at_checked(SEAL_LENGTH)?;
    let key = std::str::from_utf8(key).ok()?;
    (sum == checksum(key, arguments)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_defaulted_and_coerced_and_negative_ones_refused() {
        for (asked, limit) in [(0, 50), (1, 1), (1_000, 1_000), (5_000, 1_000)] {
            assert_eq!(Page::of(asked, "", &[]).unwrap().limit(), limit);
        }
        assert!(Page::of(-1, "", &[]).is_err());
    }

    #[test]
    fn a_token_of_another_query_is_refused() {
        let page = Page::of(1, "", &["state = PENDING"]).unwrap();
        let token = page.next(&mut vec!["a", "b"], |row| (*row).to_owned());
        assert_eq!(Page::of(1, &token, &["state = PENDING"]).unwrap().after(), Some("a"));
        let refused = Page::of(1, &token, &["state = APPROVED"]).unwrap_err();
        assert_eq!(refused.reason(), Reason::PageTokenInvalid);
        assert!(Page::of(1, "garbage", &["state = PENDING"]).is_err());
    }

    proptest! {
        #[test]
        fn walking_the_pages_sees_each_row_once(count in 0usize..60, size in 1i32..20) {
            let all: Vec<String> = (0..count).map(|number| format!("{number:04}")).collect();
            let (mut seen, mut token) = (Vec::new(), String::new());
            loop {
                let page = Page::of(size, &token, &["q"]).unwrap();
                let limit = page.limit() as usize + 1;
                let mut rows: Vec<String> =
                    all.iter().filter(|row| page.after().is_none_or(|after| row.as_str() > after)).take(limit).cloned().collect();
                token = page.next(&mut rows, Clone::clone);
                seen.extend(rows);
                if token.is_empty() { break; }
            }
            prop_assert_eq!(seen, all);
        }
    }
}
