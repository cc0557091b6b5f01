//! Professions as a hospital speaks of them, over the codes that rules go by.

use serde::{Deserialize, Serialize};

use super::resource::{Flaw, Kind, Resource, check_color, check_range, check_text};
use super::spelling;

/// A profession.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profession {
    /// What the people are to rules, leave and rights.
    pub base: String,
    /// Shown.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// Nobody is given it any more.
    pub is_retired: bool,
    /// `#rrggbb`.
    pub color: String,
    /// Name of an icon of the client.
    pub icon: String,
    /// Position in lists; 0 is last.
    pub display_order: i32,
    /// Left out of grids.
    pub is_hidden: bool,
}

/// What every hospital begins with, by id.
pub fn first() -> Vec<(&'static str, Profession)> {
    let profession = |base: &str, display_name: &str, color: &str, display_order| Profession {
        base: base.to_owned(),
        display_name: display_name.to_owned(),
        color: color.to_owned(),
        display_order,
        ..Profession::default()
    };
    vec![
        ("mar", profession("MAR", "Médecin anesthésiste-réanimateur", "#1d4ed8", 1)),
        ("iade", profession("IADE", "Infirmier anesthésiste", "#0f766e", 2)),
        ("secretary", profession("SECRETARY", "Secrétaire", "#7c3aed", 3)),
    ]
}

/// Whether a text is a code of a profession.
pub fn is_code(text: &str) -> bool {
    (2..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// The id of the profession that is called like a code.
pub fn id_of(code: &str) -> String {
    code.to_lowercase().replace('_', "-")
}

impl Resource for Profession {
    const KIND: Kind = Kind::Profession;
    const OPEN: &'static [&'static str] =
        &["base", "display_name", "description", "is_retired", "color", "icon", "display_order", "is_hidden"];

    fn natural_key(&self, _id: &str) -> String {
        spelling::key(&self.display_name)
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        if !is_code(&self.base) {
            flaws.push(Flaw::new("base", "a profession code such as MAR, IADE or SECRETARY"));
        }
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        check_text(&mut flaws, "description", &self.description, false, 500);
        check_color(&mut flaws, &self.color);
        check_text(&mut flaws, "icon", &self.icon, false, 40);
        check_range(&mut flaws, "display_order", self.display_order, 0..=10_000);
        flaws
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_hospital_begins_with_is_flawless_and_called_like_its_code() {
        for (id, profession) in first() {
            assert!(profession.flaws().is_empty(), "{id}: {:?}", profession.flaws());
            assert_eq!(id_of(&profession.base), id);
        }
        assert_eq!(id_of("NURSE_MANAGER"), "nurse-manager");
    }
}
