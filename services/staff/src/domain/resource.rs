//! What every resource of this service has in common: a kind, an id, natural keys, references, a form to keep.
//!
//! An id here is the name without its hospital and collections: a room's is `main/septic/12bis`.

use serde::{Serialize, de::DeserializeOwned};

/// The kinds of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A site.
    Site,
    /// A sector of a site.
    Sector,
    /// A room of a sector.
    Room,
    /// A skill.
    Skill,
    /// A specialty.
    Specialty,
    /// A surgeon.
    Surgeon,
    /// A staff member.
    StaffMember,
    /// A contract of a staff member.
    Contract,
    /// An incompatibility.
    Incompatibility,
    /// A version of a legal pack.
    LegalPack,
    /// A profession.
    Profession,
    /// A service account.
    ServiceAccount,
    /// The access policy, of which a hospital has one.
    AccessPolicy,
}

/// A field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field, in the contract's spelling.
    pub field: String,
    /// What was expected.
    pub expected: String,
}

/// That a resource names another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The field that names it.
    pub field: &'static str,
    /// The kind of the other one.
    pub kind: Kind,
    /// The id of the other one.
    pub id: String,
}

/// What rules of access may narrow a permission to, of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts<'a> {
    /// It is at a site.
    Site(&'a str),
    /// It is somebody of a profession, at some sites.
    Person {
        /// Site ids.
        sites: &'a [String],
        /// Profession code.
        profession: &'a str,
    },
}

/// A resource of the department.
pub trait Resource: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its kind.
    const KIND: Kind;

    /// The fields whose values the audit log may tell: neither personal nor confidential.
    const OPEN: &'static [&'static str] = &[];

    /// What is unique in a hospital besides the id.
    fn natural_key(&self, id: &str) -> String;

    /// Something else that is unique in a hospital, if the resource has it.
    fn second_key(&self) -> Option<String> {
        None
    }

    /// Everything that is wrong with it by itself.
    fn flaws(&self) -> Vec<Flaw>;

    /// Which other resources it names.
    fn references(&self, _id: &str) -> Vec<Reference> {
        vec![]
    }

    /// Where it is, and whom it is about, if rules of access are narrowed by that.
    fn whereabouts<'a>(&'a self, _id: &'a str) -> Option<Whereabouts<'a>> {
        None
    }

    /// The code of the legal pack it names, if it is something that names one.
    fn legal_pack(&self) -> Option<&str> {
        None
    }

    /// Whether it cannot stand beside another one of the same parent.
    fn collides(&self, _other: &Self) -> bool {
        false
    }
}

// === impl Kind ===

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Site,
        Self::Sector,
        Self::Room,
        Self::Skill,
        Self::Specialty,
        Self::Surgeon,
        Self::StaffMember,
        Self::Contract,
        Self::Incompatibility,
        Self::LegalPack,
        Self::Profession,
        Self::ServiceAccount,
        Self::AccessPolicy,
    ];

    /// The word for it, in messages and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Sector => "sector",
            Self::Room => "room",
            Self::Skill => "skill",
            Self::Specialty => "specialty",
            Self::Surgeon => "surgeon",
            Self::StaffMember => "staff_member",
            Self::Contract => "contract",
            Self::Incompatibility => "incompatibility",
            Self::LegalPack => "legal_pack",
            Self::Profession => "profession",
            Self::ServiceAccount => "service_account",
            Self::AccessPolicy => "access_policy",
        }
    }

    /// The collections of its name, outermost first.
    fn collections(self) -> &'static [&'static str] {
        match self {
            Self::Site => &["sites"],
            Self::Sector => &["sites", "sectors"],
            Self::Room => &["sites", "sectors", "rooms"],
            Self::Skill => &["skills"],
            Self::Specialty => &["specialties"],
            Self::Surgeon => &["surgeons"],
            Self::StaffMember => &["staffMembers"],
            Self::Contract => &["staffMembers", "contracts"],
            Self::Incompatibility => &["incompatibilities"],
            Self::LegalPack => &["legalPacks"],
            Self::Profession => &["professions"],
            Self::ServiceAccount => &["serviceAccounts"],
            Self::AccessPolicy => &[],
        }
    }

    /// The resource's name under its hospital.
    pub fn name(self, hospital: &str, id: &str) -> String {
        let mut name = format!("hospitals/{hospital}");
        if self == Self::AccessPolicy {
            name.push_str("/accessPolicy");
        }
        for (collection, part) in self.collections().iter().zip(id.split('/')) {
            name.push('/');
            name.push_str(collection);
            name.push('/');
            name.push_str(part);
        }
        name
    }

    /// The kind under which it lives, if that is not the hospital itself.
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::Sector => Some(Self::Site),
            Self::Room => Some(Self::Sector),
            Self::Contract => Some(Self::StaffMember),
            _ => None,
        }
    }

    /// Whether it belongs to one person, whose id leads its own.
    pub fn is_personal(self) -> bool {
        matches!(self, Self::StaffMember | Self::Contract)
    }
}

/// The id of the parent: everything before the last part.
pub fn parent_of(id: &str) -> &str {
    id.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The first part of an id: the site of a room, the person of a contract.
pub fn root_of(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

// === impl Flaw ===

impl Flaw {
    /// A flaw of `field`.
    pub fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { field: field.into(), expected: expected.into() }
    }
}

/// Notes a text that is empty though it must not be, or too long.
pub fn check_text(flaws: &mut Vec<Flaw>, field: &str, text: &str, is_required: bool, max: usize) {
    if is_required && text.trim().is_empty() {
        flaws.push(Flaw::new(field, "a text that is not empty"));
    } else if text.chars().count() > max {
        flaws.push(Flaw::new(field, format!("at most {max} characters")));
    } else if text.chars().any(char::is_control) {
        flaws.push(Flaw::new(field, "a text without control characters"));
    }
}

/// Notes a number out of its range.
pub fn check_range(flaws: &mut Vec<Flaw>, field: &str, number: i32, range: std::ops::RangeInclusive<i32>) {
    if !range.contains(&number) {
        flaws.push(Flaw::new(field, format!("a number from {} to {}", range.start(), range.end())));
    }
}

/// Notes a color that is not written as `#rrggbb`.
pub fn check_color(flaws: &mut Vec<Flaw>, color: &str) {
    let is_color = color
        .strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if !color.is_empty() && !is_color {
        flaws.push(Flaw::new("color", "a color as #rrggbb"));
    }
}

/// Notes an address that cannot be one.
pub fn check_email(flaws: &mut Vec<Flaw>, email: &str, is_required: bool) {
    if email.is_empty() && !is_required {
        return;
    }
    let is_email = email.len() <= 254
        && email.chars().all(|c| !c.is_whitespace() && !c.is_control())
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.contains('@')
        });
    if !is_email {
        flaws.push(Flaw::new("email", "an e-mail address as name@example.org"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_tree() {
        assert_eq!(
            Kind::Room.name("h", "main/septic/12bis"),
            "hospitals/h/sites/main/sectors/septic/rooms/12bis"
        );
        assert_eq!(Kind::AccessPolicy.name("h", "policy"), "hospitals/h/accessPolicy");
        assert_eq!(parent_of("main/septic/12bis"), "main/septic");
        assert_eq!(root_of("main/septic/12bis"), "main");
        assert_eq!(parent_of("main"), "");
    }

    #[test]
    fn addresses_that_cannot_be_are_noted() {
        for (email, is_good) in [
            ("a@b.fr", true),
            ("", false),
            ("a.b.fr", false),
            ("@b.fr", false),
            ("a@b", false),
            ("a b@c.fr", false),
            ("a@b@c.fr", false),
        ] {
            let mut flaws = vec![];
            check_email(&mut flaws, email, true);
            assert_eq!(flaws.is_empty(), is_good, "{email}");
        }
    }
}
