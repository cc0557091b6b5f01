//! Endpoints of other systems, and by what they know that something comes from here (Standard Webhooks 1.0).

use std::{collections::BTreeSet, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use url::Url;

use crate::domain::message::KINDS;

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Hospital id.
    pub hospital: String,
    /// Its own id.
    pub id: String,
    /// Where to send to.
    pub url: String,
    /// The kinds that it is told of; none means all.
    pub kinds: BTreeSet<String>,
    /// Whether an administrator turned it off.
    pub is_disabled: bool,
    /// Whether it was given up.
    pub is_failed: bool,
    /// What signs, the newest first; at least one.
    pub secrets: Vec<Secret>,
    /// Grows with each change.
    pub version: i64,
    /// When it was written.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// What signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// As the endpoint is given it.
    pub text: String,
    /// Until when it signs; the newest has no end.
    pub expire_time: Option<Timestamp>,
}

/// Whether an endpoint is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is.
    Enabled,
    /// An administrator turned it off.
    Disabled,
    /// It was given up.
    Failed,
}

/// What is said of a trial in place of a kind.
pub const TEST: &str = "TEST";

/// How many endpoints a hospital may have.
pub const PER_HOSPITAL_MAX: u64 = 20;

/// For how long the secret before signs too, by default and at most.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
pub const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(168);

/// The longest URL, in characters.
const URL_MAX: usize = 2_000;

/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";

// === impl Webhook ===

impl Webhook {
    /// Whether it is told anything.
    pub fn state(&self) -> State {
        match (self.is_disabled, self.is_failed) {
            (true, _) => State::Disabled,
            (false, true) => State::Failed,
            (false, false) => State::Enabled,
        }
    }

    /// Whether it is told of a kind.
    pub fn wants(&self, kind: &str) -> bool {
        self.state() == State::Enabled && (self.kinds.is_empty() || self.kinds.contains(kind))
    }

    /// Another secret signs from now on, the one before for `overlap` more. One that is older signs no more.
    pub fn rotate(&mut self, entropy: [u8; 32], overlap: SignedDuration, now: Timestamp) {
        self.secrets.truncate(1);
        if let Some(former) = self.secrets.first_mut() {
            former.expire_time = Some(now.saturating_add(overlap).unwrap_or(now));
        }
        self.secrets.insert(0, Secret::new(entropy));
        self.secrets.retain(|secret| secret.signs(now));
    }

    /// Until when the secret before signs too.
    pub fn former_secret_expire_time(&self, now: Timestamp) -> Option<Timestamp> {
        self.secrets.iter().filter(|secret| secret.signs(now)).find_map(|secret| secret.expire_time)
    }

    /// The header that says who sends: a signature of each secret that is valid now.
    pub fn signature(&self, id: &str, now: Timestamp, body: &[u8]) -> String {
        let valid = self.secrets.iter().filter(|secret| secret.signs(now));
        valid.map(|secret| secret.sign(id, now, body)).collect::<Vec<_>>().join(" ")
    }
}

// === impl Secret ===

impl Secret {
    /// One that nobody guesses, if nobody guesses the entropy.
    pub fn new(entropy: [u8; 32]) -> Self {
        Self { text: format!("{SECRET_PREFIX}{}", STANDARD.encode(entropy)), expire_time: None }
    }

    fn signs(&self, now: Timestamp) -> bool {
        self.expire_time.is_none_or(|end| now < end)
    }

    fn sign(&self, id: &str, now: Timestamp, body: &[u8]) -> String {
        let key = self.text.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok());
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&key.unwrap_or_default()).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{}.", now.as_second()).as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("expire_time", &self.expire_time).finish_non_exhaustive()
    }
}

/// Reads where to send to.
///
/// # Errors
/// What was expected.
pub fn place(text: &str) -> Result<Url, String> {
    if text.chars().count() > URL_MAX {
        return Err(format!("expected at most {URL_MAX} characters"));
    }
    // The parser forgives what a person may have meant, and others may read otherwise.
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("expected no space, control character or backslash".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("expected a URL: {error}"))?;
    if url.scheme() != "https" {
        return Err("expected https".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("expected no user and no password".to_owned());
    }
    if url.fragment().is_some() {
        return Err("expected no fragment".to_owned());
    }
    if url.host_str().is_none_or(str::is_empty) || url.port() == Some(0) {
        return Err("expected a host".to_owned());
    }
    Ok(url)
}

/// Which of these are kinds, each at most once; for the others, by their place, what is wrong.
pub fn kinds(sent: &[String]) -> Result<BTreeSet<String>, Vec<(usize, String)>> {
    let (mut kinds, mut flaws) = (BTreeSet::new(), vec![]);
    for (index, kind) in sent.iter().enumerate() {
        if !KINDS.contains(&kind.as_str()) {
            flaws.push((index, format!("expected any of {}", KINDS.join(", "))));
        } else if !kinds.insert(kind.clone()) {
            flaws.push((index, "named before".to_owned()));
        }
    }
    if flaws.is_empty() { Ok(kinds) } else { Err(flaws) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_764_316_800).unwrap()
    }

    fn webhook(entropy: [u8; 32]) -> Webhook {
        Webhook {
            hospital: "chu".to_owned(),
            id: "w".to_owned(),
            url: "https://example.org/".to_owned(),
            kinds: BTreeSet::new(),
            is_disabled: false,
            is_failed: false,
            secrets: vec![Secret::new(entropy)],
            version: 1,
            create_time: now(),
            update_time: now(),
        }
    }

    #[test]
    fn a_signature_is_the_one_that_others_compute() {
        let counted: [u8; 32] = std::array::from_fn(|index| index as u8);
        let mut webhook = webhook(counted);
        assert_eq!(webhook.secrets[0].text, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        // Computed with Python's hmac.
        let first = "v1,w1U58V/6Y05zbY+FnFxI+2tel8cBxvM41MxcPveusyo=";
        let second = "v1,pb01ZY5c9K8EOj0QF6SCFetqXw/oA7OfN12n7kbgiuI=";
        let body = br#"{"type":"TEST"}"#;
        assert_eq!(webhook.signature("msg_1", now(), body), first);
        webhook.rotate([7; 32], OVERLAP, now() - OVERLAP + SignedDuration::from_secs(1));
        assert_eq!(webhook.signature("msg_1", now(), body), format!("{second} {first}"));
        webhook.rotate([7; 32], SignedDuration::ZERO, now());
        assert_eq!(webhook.signature("msg_1", now(), body), second);
    }

    #[test]
    fn two_secrets_sign_at_most_and_the_former_for_its_time() {
        let mut webhook = webhook([1; 32]);
        webhook.rotate([2; 32], OVERLAP, now());
        webhook.rotate([3; 32], OVERLAP, now());
        let valid = |moment| webhook.signature("m", moment, b"").split(' ').count();
        assert_eq!((valid(now()), webhook.former_secret_expire_time(now())), (2, Some(now() + OVERLAP)));
        assert_eq!(valid(now() + OVERLAP), 1);
        assert_eq!(webhook.former_secret_expire_time(now() + OVERLAP), None);
    }

    #[test]
    fn no_secret_is_in_what_is_logged() {
        let webhook = webhook([1; 32]);
        assert!(!format!("{webhook:?}").contains(&webhook.secrets[0].text[6..]));
    }

    #[test]
    fn a_url_is_https_of_a_host_and_nothing_that_hides_another() {
        for good in [
            "https://example.org",
            "https://example.org:8443/hook?x=1",
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]/",
        ] {
            assert!(place(good).is_ok(), "{good}");
        }
        let long = format!("https://example.org/{}", "x".repeat(2_000));
        for bad in [
            "",
            "example.org",
            "http://example.org/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://",
            "https://user@example.org/",
            "https://user:pass@example.org/",
            "https://example.org/#top",
            "https://example.org/\r\nHost: other",
            "https://example.org\\@10.0.0.1/",
            " https://example.org/",
            "https://example.org:0/",
            &long,
        ] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_in_disguise_is_read_as_the_address_it_is() {
        for text in ["https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/"] {
            assert_eq!(place(text).unwrap().host_str(), Some("127.0.0.1"), "{text}");
        }
    }

    #[test]
    fn it_is_told_what_it_wants_while_it_is_on() {
        let mut webhook = webhook([1; 32]);
        assert!(webhook.wants("LEAVE_APPROVED"));
        webhook.kinds = kinds(&["PLAN_PUBLISHED".to_owned()]).unwrap();
        assert!(webhook.wants("PLAN_PUBLISHED") && !webhook.wants("LEAVE_APPROVED"));
        webhook.is_failed = true;
        assert_eq!((webhook.state(), webhook.wants("PLAN_PUBLISHED")), (State::Failed, false));
        webhook.is_disabled = true;
        assert_eq!(webhook.state(), State::Disabled);
        let twice = ["MAINTENANCE".to_owned(), "MAINTENANCE".to_owned(), "NEWS".to_owned()];
        let flaws = kinds(&twice).unwrap_err();
        assert_eq!(flaws.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1, 2]);
    }
}
