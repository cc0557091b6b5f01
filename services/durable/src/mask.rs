//! Which fields an update touches (AIP-134, AIP-161).

use std::{borrow::Borrow, collections::BTreeSet};

use chassis::{Problem, Violation};
use prost_types::FieldMask;

/// The fields of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mask {
    /// No mask was sent: the populated fields.
    Populated,
    /// `*`: every field, the empty ones too.
    All,
    /// The named fields.
    Fields(BTreeSet<String>),
}

// === impl Mask ===

impl Mask {
    /// Reads `update_mask`; `allowed` are the fields a client may change.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming each unknown path.
    pub fn of(mask: Option<impl Borrow<FieldMask>>, allowed: &[&str]) -> Result<Self, Problem> {
        let Some(mask) = mask else { return Ok(Self::Populated) };
        let paths = &mask.borrow().paths;
        if paths.is_empty() {
            return Ok(Self::Populated);
        }
        if paths.iter().any(|path| path == "*") {
            return Ok(Self::All);
        }
        let unknown: Vec<Violation> = paths
            .iter()
            .filter(|path| !allowed.contains(&path.as_str()))
            .map(|path| {
                let expected = allowed.join(", ");
                Violation::new(
                    "update_mask",
                    format!("`{path}` cannot be updated; expected any of {expected}"),
                )
            })
            .collect();
        if unknown.is_empty() {
            Ok(Self::Fields(paths.iter().cloned().collect()))
        } else {
            Err(Problem::invalid(unknown))
        }
    }

    /// Whether the update may touch this field. Without a mask that is every field, so ask [`Mask::applies`]
    /// where empty means "leave it".
    pub fn has(&self, field: &str) -> bool {
        self.applies(field, true)
    }

    /// Whether the update touches this field: named, or populated when no mask was sent.
    pub fn applies(&self, field: &str, is_populated: bool) -> bool {
        match self {
            Self::Populated => is_populated,
            Self::All => true,
            Self::Fields(fields) => fields.contains(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(paths: &[&str]) -> Option<FieldMask> {
        Some(FieldMask { paths: paths.iter().map(|&path| path.to_owned()).collect() })
    }

    #[test]
    fn a_mask_names_fields_or_all_or_what_is_populated() {
        let allowed = ["given_name", "email"];
        let named = Mask::of(mask(&["email"]), &allowed).unwrap();
        assert!(named.has("email") && !named.has("given_name"));
        assert!(Mask::of(mask(&["*"]), &allowed).unwrap().applies("email", false));
        let absent = Mask::of(None::<FieldMask>, &allowed).unwrap();
        assert!(absent.applies("email", true) && !absent.applies("email", false));
    }

    #[test]
    fn an_unknown_path_is_refused() {
        assert!(Mask::of(mask(&["email", "shoe_size"]), &["email"]).is_err());
    }
}
