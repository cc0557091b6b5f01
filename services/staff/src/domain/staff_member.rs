//! A person who works for the department.

use calendar::Day;
use serde::{Deserialize, Serialize};

use super::identifier;
use super::resource::{Flaw, Kind, Reference, Resource, check_email, check_text};

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

    /// Whether the person decides about others.
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role.is_administrator())
    }
}

impl Resource for StaffMember {
    const KIND: Kind = Kind::StaffMember;
    const OPEN: &'static [&'static str] = &["profession", "roles", "sites", "is_locum", "state"];

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
        let is_code = (2..=20).contains(&self.profession.len())
            && self.profession.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        if !is_code {
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
        sites.chain(skills).collect()
    }
}

/// Whether a range with open ends runs backwards.
pub fn is_backwards(first: Option<Day>, last: Option<Day>) -> bool {
    matches!((first, last), (Some(first), Some(last)) if last < first)
}

fn has_repeated<T: Ord>(items: impl Iterator<Item = T>) -> bool {
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
