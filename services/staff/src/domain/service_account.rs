//! Other systems of the hospital, known by their certificates.

use serde::{Deserialize, Serialize};

use super::resource::{Flaw, Kind, Reference, Resource, check_text};
use super::staff_member::{Role, has_repeated};

/// What identities begin with (SPIFFE's form).
const SCHEME: &str = "spiffe://";
/// The longest identity, in bytes.
const IDENTITY_MAX: usize = 255;

/// A system and what it may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Shown.
    pub display_name: String,
    /// The URI of its certificate.
    pub identity: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Ids of its sites.
    pub sites: Vec<String>,
    /// From when on it gets no tokens, microseconds; none is never.
    pub expire_time: Option<i64>,
    /// Gets no tokens.
    pub is_disabled: bool,
}

/// The hospital of an identity `spiffe://{trust domain}/hospitals/{hospital}/…`, if it has that form.
pub fn hospital_of(identity: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/".contains(&byte);
    let (domain, path) = identity.strip_prefix(SCHEME)?.split_once('/')?;
    let (hospital, rest) = path.strip_prefix("hospitals/")?.split_once('/')?;
    let has_parts =
        !domain.is_empty() && !hospital.is_empty() && rest.split('/').all(|part| !part.is_empty());
    let is_good = identity.len() <= IDENTITY_MAX && identity[SCHEME.len()..].bytes().all(is_plain);
    (has_parts && is_good).then_some(hospital)
}

// === impl ServiceAccount ===

impl ServiceAccount {
    /// Whether it gets a token at a moment.
    pub fn is_live(&self, now: i64) -> bool {
        !self.is_disabled && self.expire_time.is_none_or(|end| now < end)
    }
}

impl Resource for ServiceAccount {
    const KIND: Kind = Kind::ServiceAccount;
    const OPEN: &'static [&'static str] =
        &["display_name", "identity", "roles", "sites", "expire_time", "is_disabled"];

    fn natural_key(&self, _id: &str) -> String {
        self.identity.clone()
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        if self.roles.is_empty() || has_repeated(self.roles.iter()) {
            flaws.push(Flaw::new("roles", "at least one role, each at most once"));
        }
        if self.roles.contains(&Role::SuperAdministrator) {
            flaws.push(Flaw::new("roles", "roles other than SUPER_ADMINISTRATOR"));
        }
        if has_repeated(self.sites.iter()) {
            flaws.push(Flaw::new("sites", "each site at most once"));
        }
        flaws
    }

    fn references(&self, _id: &str) -> Vec<Reference> {
        let sites =
            self.sites.iter().map(|id| Reference { field: "sites", kind: Kind::Site, id: id.clone() });
        sites.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_names_the_hospital_that_it_belongs_to() {
        for (identity, hospital) in [
            ("spiffe://mathildanesth/hospitals/north/systems/pharmacy", Some("north")),
            ("spiffe://chu.example/hospitals/north/pharmacy", Some("north")),
            ("spiffe://mathildanesth/planning", None),
            ("spiffe://mathildanesth/hospitals/north", None),
            ("spiffe://mathildanesth/hospitals/north/", None),
            ("spiffe://mathildanesth/hospitals//x", None),
            ("spiffe:///hospitals/north/x", None),
            ("spiffe://m/hospitals/north/x//y", None),
            ("spiffe://m/hospitals/north/x y", None),
            ("https://m/hospitals/north/x", None),
            ("", None),
        ] {
            assert_eq!(hospital_of(identity), hospital, "{identity}");
        }
        let long = format!("spiffe://m/hospitals/north/{}", "x".repeat(300));
        assert_eq!(hospital_of(&long), None);
    }

    #[test]
    fn it_lives_until_its_end_unless_it_is_disabled() {
        let account = ServiceAccount { expire_time: Some(10), ..ServiceAccount::default() };
        assert!(account.is_live(9) && !account.is_live(10));
        assert!(!ServiceAccount { is_disabled: true, ..account }.is_live(9));
    }

    #[test]
    fn it_has_some_role_and_never_every_right() {
        let fields = |roles: Vec<Role>| {
            let account = ServiceAccount { display_name: "x".into(), roles, ..ServiceAccount::default() };
            account.flaws().len()
        };
        assert_eq!(fields(vec![Role::NurseManager]), 0);
        assert_eq!(fields(vec![]), 1);
        assert_eq!(fields(vec![Role::Secretary, Role::Secretary]), 1);
        assert_eq!(fields(vec![Role::SuperAdministrator]), 1);
    }
}
