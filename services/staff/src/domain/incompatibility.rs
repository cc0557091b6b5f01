//! Two people who are not to be rostered together.

use calendar::Day;
use serde::{Deserialize, Serialize};

use super::resource::{Flaw, Kind, Reference, Resource, check_text};
use super::staff_member::is_backwards;

/// How much it weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Never together.
    Strict,
    /// Rather not.
    Preferential,
}

/// The other one of a pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Other {
    /// A staff member's id.
    StaffMember(String),
    /// A surgeon's id.
    Surgeon(String),
}

/// Two people who are not to be rostered together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incompatibility {
    /// Id of the staff member.
    pub staff_member: String,
    /// The other one.
    pub other: Other,
    /// How much it weighs.
    pub level: Level,
    /// For administrators only.
    pub reason: String,
    /// First day; none is always.
    pub first_date: Option<Day>,
    /// Last day; none is open.
    pub last_date: Option<Day>,
}

impl Resource for Incompatibility {
    const KIND: Kind = Kind::Incompatibility;

    /// A pair of staff members is the same in both orders.
    fn natural_key(&self, _id: &str) -> String {
        match &self.other {
            Other::Surgeon(surgeon) => format!("{}|surgeon|{surgeon}", self.staff_member),
            Other::StaffMember(other) => {
                let (one, two) = if *other < self.staff_member {
                    (other, &self.staff_member)
                } else {
                    (&self.staff_member, other)
                };
                format!("{one}|staff_member|{two}")
            }
        }
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        if self.other == Other::StaffMember(self.staff_member.clone()) {
            flaws.push(Flaw::new("other", "somebody else than staff_member"));
        }
        check_text(&mut flaws, "reason", &self.reason, false, 500);
        if is_backwards(self.first_date, self.last_date) {
            flaws.push(Flaw::new("last_date", "a date that is not before first_date"));
        }
        flaws
    }

    fn references(&self, _id: &str) -> Vec<Reference> {
        let other = match &self.other {
            Other::StaffMember(id) => Reference { field: "other", kind: Kind::StaffMember, id: id.clone() },
            Other::Surgeon(id) => Reference { field: "other", kind: Kind::Surgeon, id: id.clone() },
        };
        let person =
            Reference { field: "staff_member", kind: Kind::StaffMember, id: self.staff_member.clone() };
        vec![person, other]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_the_same_in_both_orders() {
        let pair = |one: &str, two: &str| Incompatibility {
            staff_member: one.into(),
            other: Other::StaffMember(two.into()),
            level: Level::Strict,
            reason: String::new(),
            first_date: None,
            last_date: None,
        };
        assert_eq!(pair("a", "b").natural_key(""), pair("b", "a").natural_key(""));
        assert_ne!(pair("a", "b").natural_key(""), pair("a", "c").natural_key(""));
        assert_eq!(pair("a", "a").flaws().len(), 1);
    }
}
