//! A person who works for the department.

use calendar::{Day, Span};
use serde::{Deserialize, Serialize};

use super::locum::{self, Activity};
use super::resource::{Flaw, Kind, Reference, Resource, Whereabouts, check_email, check_text};
use super::{identifier, profession};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Everything.
    SuperAdministrator,
    /// The department's planner.
    AnesthetistAdministrator,
    /// Administrates nurse anesthetists.
    NurseAdministrator,
    /// Secretary.
    Secretary,
    /// Reads.
    NurseManager,
    /// MAR.
    Anesthetist,
    /// IADE.
    NurseAnesthetist,
    /// Surgeon.
    Surgeon,
    /// Replacement.
    Locum,
}

/// Whether the person may be rostered and sign in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// Yes.
    #[default]
    Active,
    /// No longer.
    Inactive,
}

/// That a person has a skill, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillGrant {
    /// Id of the skill.
    pub skill: String,
    /// First day; none is always.
    pub first_date: Option<Day>,
    /// Last day; none is open.
    pub last_date: Option<Day>,
}

/// A person who works for the department.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMember {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Short label for grids.
    pub display_name: String,
    /// The login.
    pub email: String,
    /// For calls.
    pub phone_number: String,
    /// Code of the profession.
    pub profession: String,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// Ids of the person's sites.
    pub sites: Vec<String>,
    /// The person's skills.
    pub skills: Vec<SkillGrant>,
    /// First day; none is always.
    pub first_date: Option<Day>,
    /// Last day; none is open.
    pub last_date: Option<Day>,
    /// Replacement doctor.
    pub is_locum: bool,
    /// Whether the person may be rostered.
    pub state: State,
    /// National number of the professional, if known.
    #[serde(default)]
    pub rpps: String,
    /// The number before it.
    #[serde(default)]
    pub adeli: String,
    /// When the personal data were erased, microseconds.
    #[serde(default)]
    pub erase_time: Option<i64>,
    /// When a locum declared to be there.
    #[serde(default)]
    pub availabilities: Vec<Span>,
    /// What a locum is never given.
    #[serde(default)]
    pub excluded_activities: Vec<Activity>,
    /// Ids of the specialties a locum is kept from.
    #[serde(default)]
    pub excluded_specialties: Vec<String>,
    /// Id of the hospital's profession; empty is the one called like the code.
    #[serde(default)]
    pub own_profession: String,
}

// === impl Role ===

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::SuperAdministrator,
        Self::AnesthetistAdministrator,
        Self::NurseAdministrator,
        Self::Secretary,
        Self::NurseManager,
        Self::Anesthetist,
        Self::NurseAnesthetist,
        Self::Surgeon,
        Self::Locum,
    ];

    /// The word for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::SuperAdministrator => "SUPER_ADMINISTRATOR",
            Self::AnesthetistAdministrator => "ANESTHETIST_ADMINISTRATOR",
            Self::NurseAdministrator => "NURSE_ADMINISTRATOR",
            Self::Secretary => "SECRETARY",
            Self::NurseManager => "NURSE_MANAGER",
            Self::Anesthetist => "ANESTHETIST",
            Self::NurseAnesthetist => "NURSE_ANESTHETIST",
            Self::Surgeon => "SURGEON",
            Self::Locum => "LOCUM",
        }
    }

    /// Whether the role decides about others.
    pub fn is_administrator(self) -> bool {
        matches!(self, Self::SuperAdministrator | Self::AnesthetistAdministrator | Self::NurseAdministrator)
    }
}

/// What a profession may do by itself.
pub fn roles_of(profession: &str, is_locum: bool) -> Vec<Role> {
    match (profession, is_locum) {
        (_, true) => vec![Role::Locum],
        ("MAR", _) => vec![Role::Anesthetist],
        ("IADE", _) => vec![Role::NurseAnesthetist],
        ("SECRETARY", _) => vec![Role::Secretary],
        _ => vec![],
    }
}

// === impl StaffMember ===

impl StaffMember {
    /// Fills in what may be left out.
    #[must_use]
    pub fn completed(mut self) -> Self {
        if self.roles.is_empty() {
            self.roles = roles_of(&self.profession, self.is_locum);
        }
        if self.display_name.is_empty() {
            let initial = self.given_name.chars().next().map(|c| format!("{c}. ")).unwrap_or_default();
            self.display_name = format!("{initial}{}", self.family_name);
        }
        self
    }

    /// Whether the person has more than the profession brings.
    pub fn has_granted_roles(&self) -> bool {
        let own = roles_of(&self.profession, self.is_locum);
        self.roles.iter().any(|role| !own.contains(role))
    }

    /// What is left of somebody who was forgotten: what past plans and counters refer to. The label is made of the id,
    /// so that two of them can be told apart.
    #[must_use]
    pub fn erased(&self, hospital: &str, id: &str, now: i64) -> Self {
        let mark = fingerprint(&format!("{hospital}/{id}"));
        Self {
            given_name: "Personne".to_owned(),
            family_name: "effacée".to_owned(),
            display_name: format!("Effacé {}", &mark[..6]),
            email: format!("{mark}@erased.invalid"),
            profession: self.profession.clone(),
            sites: self.sites.clone(),
            first_date: self.first_date,
            last_date: self.last_date,
            is_locum: self.is_locum,
            state: State::Inactive,
            erase_time: Some(now),
            ..Self::default()
        }
    }

    /// The person with those fields of `new` that everybody may correct about themselves.
    #[must_use]
    pub fn corrected(&self, new: &Self) -> Self {
        Self {
            given_name: new.given_name.clone(),
            family_name: new.family_name.clone(),
            display_name: new.display_name.clone(),
            phone_number: new.phone_number.clone(),
            rpps: new.rpps.clone(),
            adeli: new.adeli.clone(),
            availabilities: if self.is_locum { &new.availabilities } else { &self.availabilities }.clone(),
            ..self.clone()
        }
    }

    /// Whether the person decides about others.
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role.is_administrator())
    }
}

impl Resource for StaffMember {
    const KIND: Kind = Kind::StaffMember;
    const OPEN: &'static [&'static str] = &[
        "profession",
        "roles",
        "sites",
        "is_locum",
        "state",
        "excluded_activities",
        "excluded_specialties",
        "own_profession",
    ];

    fn whereabouts<'a>(&'a self, _id: &'a str) -> Option<Whereabouts<'a>> {
        Some(Whereabouts::Person { sites: &self.sites, profession: &self.profession })
    }

    fn natural_key(&self, _id: &str) -> String {
        self.email.to_lowercase()
    }

    fn second_key(&self) -> Option<String> {
        Some(self.rpps.clone()).filter(|number| !number.is_empty())
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "given_name", &self.given_name, true, 100);
        check_text(&mut flaws, "family_name", &self.family_name, true, 100);
        check_text(&mut flaws, "display_name", &self.display_name, false, 100);
        check_email(&mut flaws, &self.email, true);
        check_text(&mut flaws, "phone_number", &self.phone_number, false, 30);
        identifier::check(&mut flaws, "rpps", &self.rpps, identifier::is_rpps, identifier::RPPS);
        identifier::check(&mut flaws, "adeli", &self.adeli, identifier::is_adeli, identifier::ADELI);
        if !profession::is_code(&self.profession) {
            flaws.push(Flaw::new("profession", "a profession code such as MAR, IADE or SECRETARY"));
        }
        if has_repeated(self.skills.iter().map(|grant| &grant.skill)) {
            flaws.push(Flaw::new("skills", "each skill at most once"));
        }
        if has_repeated(self.sites.iter()) {
            flaws.push(Flaw::new("sites", "each site at most once"));
        }
        if self.skills.iter().any(|grant| is_backwards(grant.first_date, grant.last_date)) {
            flaws.push(Flaw::new("skills", "a last date that is not before the first date"));
        }
        if is_backwards(self.first_date, self.last_date) {
            flaws.push(Flaw::new("last_date", "a date that is not before first_date"));
        }
        locum::check(&mut flaws, self);
        flaws
    }

    fn references(&self, _id: &str) -> Vec<Reference> {
        let sites =
            self.sites.iter().map(|id| Reference { field: "sites", kind: Kind::Site, id: id.clone() });
        let skills = self.skills.iter().map(|grant| Reference {
            field: "skills",
            kind: Kind::Skill,
            id: grant.skill.clone(),
        });
        let specialties = self.excluded_specialties.iter().map(|id| Reference {
            field: "excluded_specialties",
            kind: Kind::Specialty,
            id: id.clone(),
        });
        let profession = Some(&self.own_profession).filter(|id| !id.is_empty()).map(|id| Reference {
            field: "own_profession",
            kind: Kind::Profession,
            id: id.clone(),
        });
        sites.chain(skills).chain(specialties).chain(profession).collect()
    }
}

/// Whether a range with open ends runs backwards.
pub fn is_backwards(first: Option<Day>, last: Option<Day>) -> bool {
    matches!((first, last), (Some(first), Some(last)) if last < first)
}

/// A text in 16 hexadecimal digits that say nothing of it (FNV-1a); it need not be hard to forge.
fn fingerprint(text: &str) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

pub(super) fn has_repeated<T: Ord>(items: impl Iterator<Item = T>) -> bool {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.windows(2).any(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profession_brings_its_role_and_a_label_is_made_of_the_name() {
        let person = StaffMember {
            given_name: "Élise".into(),
            family_name: "Martin".into(),
            profession: "MAR".into(),
            ..StaffMember::default()
        }
        .completed();
        assert_eq!(person.roles, [Role::Anesthetist]);
        assert_eq!(person.display_name, "É. Martin");
        assert!(!person.has_granted_roles());
    }

    #[test]
    fn whoever_is_forgotten_keeps_nothing_personal_and_can_be_kept() {
        let person = StaffMember {
            given_name: "Élise".into(),
            family_name: "Martin".into(),
            display_name: "É. Martin".into(),
            email: "elise.martin@h.fr".into(),
            phone_number: "06 01".into(),
            profession: "MAR".into(),
            roles: vec![Role::Anesthetist],
            sites: vec!["main".into()],
            skills: vec![SkillGrant { skill: "s".into(), first_date: None, last_date: None }],
            rpps: "10000000009".into(),
            adeli: "751234567".into(),
            ..StaffMember::default()
        };
        let erased = person.erased("h", "x", 7);
        assert!(erased.flaws().is_empty(), "{:?}", erased.flaws());
        let kept = serde_json::to_string(&erased).unwrap().to_lowercase();
        for personal in ["lise", "martin", "06 01", "10000000009", "751234567", "anesthetist"] {
            assert!(!kept.contains(personal), "{personal} in {kept}");
        }
        assert_eq!((erased.profession.as_str(), erased.sites.len()), ("MAR", 1));
        assert_ne!(erased.email, person.erased("h", "y", 7).email);
    }

    #[test]
    fn a_correction_of_ones_own_changes_neither_login_nor_rights() {
        let old = StaffMember { email: "a@h.fr".into(), profession: "MAR".into(), ..StaffMember::default() };
        let new = StaffMember {
            family_name: "Roux".into(),
            email: "b@h.fr".into(),
            profession: "IADE".into(),
            roles: vec![Role::SuperAdministrator],
            ..StaffMember::default()
        };
        let corrected = old.corrected(&new);
        assert_eq!(corrected, StaffMember { family_name: "Roux".into(), ..old });
    }

    #[test]
    fn every_flaw_is_noted_at_once() {
        let person = StaffMember {
            family_name: "x".repeat(101),
            profession: "mar".into(),
            sites: vec!["a".into(), "a".into()],
            ..StaffMember::default()
        };
        let fields: Vec<String> = person.flaws().into_iter().map(|flaw| flaw.field).collect();
        assert_eq!(fields, ["given_name", "family_name", "email", "profession", "sites"]);
    }
}
