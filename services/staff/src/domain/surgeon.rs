//! Surgeons and their specialties.

use serde::{Deserialize, Serialize};

use super::identifier;
use super::resource::{Flaw, Kind, Reference, Resource, check_email, check_text};
use super::{spelling, staff_member::State};

/// A surgical specialty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specialty {
    /// The spelling shown.
    pub display_name: String,
    /// Its patients are children.
    pub is_pediatric: bool,
    /// Other spellings that were merged into it.
    pub spellings: Vec<String>,
}

/// Who opens rooms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surgeon {
    /// Given name, if there is one.
    pub given_name: String,
    /// Family name, or the name of the unit.
    pub family_name: String,
    /// The name in the surgeons' own spreadsheet.
    pub external_name: String,
    /// For questions.
    pub email: String,
    /// For questions.
    pub phone_number: String,
    /// Ids of the specialties.
    pub specialties: Vec<String>,
    /// Ids of the sites.
    pub sites: Vec<String>,
    /// Whether the surgeon operates.
    pub state: State,
    /// National number of the professional, if known.
    #[serde(default)]
    pub rpps: String,
}

// === impl Specialty ===

impl Specialty {
    /// The spelling without case, accents and plural.
    pub fn key(&self) -> String {
        spelling::key(&self.display_name)
    }
}

impl Resource for Specialty {
    const KIND: Kind = Kind::Specialty;
    const OPEN: &'static [&'static str] = &["display_name", "is_pediatric", "spellings"];

    fn natural_key(&self, _id: &str) -> String {
        self.key()
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        if flaws.is_empty() && spelling::slug(&self.display_name).is_empty() {
            flaws.push(Flaw::new("display_name", "a text with letters"));
        }
        flaws
    }
}

// === impl Surgeon ===

impl Resource for Surgeon {
    const KIND: Kind = Kind::Surgeon;
    const OPEN: &'static [&'static str] = &["specialties", "sites", "state"];

    fn natural_key(&self, _id: &str) -> String {
        surgeon_key(&self.family_name, &self.given_name)
    }

    fn second_key(&self) -> Option<String> {
        Some(self.external_name.trim().to_lowercase()).filter(|name| !name.is_empty())
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "given_name", &self.given_name, false, 100);
        check_text(&mut flaws, "family_name", &self.family_name, true, 100);
        check_text(&mut flaws, "external_name", &self.external_name, false, 100);
        check_email(&mut flaws, &self.email, false);
        check_text(&mut flaws, "phone_number", &self.phone_number, false, 30);
        identifier::check(&mut flaws, "rpps", &self.rpps, identifier::is_rpps, identifier::RPPS);
        if self.specialties.is_empty() {
            flaws.push(Flaw::new("specialties", "at least one specialty"));
        }
        flaws
    }

    fn references(&self, _id: &str) -> Vec<Reference> {
        let specialties = self.specialties.iter().map(|id| Reference {
            field: "specialties",
            kind: Kind::Specialty,
            id: id.clone(),
        });
        let sites =
            self.sites.iter().map(|id| Reference { field: "sites", kind: Kind::Site, id: id.clone() });
        specialties.chain(sites).collect()
    }
}

/// What is unique about a surgeon: both names, without case and accents.
pub fn surgeon_key(family_name: &str, given_name: &str) -> String {
    format!("{}|{}", plain(family_name), plain(given_name))
}

/// A name for comparing: no plural is taken off, for names have none.
pub fn plain(name: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    let letters = name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
