//! Whom a leave concerns beside its person.

/// What is known of a person: enough to tell who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub staff_member: String,
    /// Their part in decisions.
    pub remit: Remit,
}

/// Whose leave a person decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remit {
    /// Everybody's.
    All,
    /// That of nurse anaesthetists.
    Nurses,
    /// Nobody's.
    Nobody,
    /// Nobody's, and nothing is kept of them: their personal data were erased.
    Erased,
}

/// The profession of nurse anaesthetists.
const NURSE_ANESTHETIST: &str = "IADE";

// === impl Remit ===

impl Remit {
    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Nurses => "NURSES",
            Self::Nobody => "NOBODY",
            Self::Erased => "ERASED",
        }
    }

    /// The remit of those who decide for all, to whom goes what has waited for too long.
    pub const OVER_ALL: &'static [Self] = &[Self::All];

    /// The remits of those who decide about leave of a profession.
    pub fn over(profession: &str) -> &'static [Self] {
        if profession == NURSE_ANESTHETIST { &[Self::All, Self::Nurses] } else { &[Self::All] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nurse_administrators_hear_of_nurses_only() {
        assert_eq!(Remit::over("IADE"), [Remit::All, Remit::Nurses]);
        assert_eq!(Remit::over("MAR"), [Remit::All]);
    }
}
