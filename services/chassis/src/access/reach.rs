//! How far a call reaches, and whether what the caller has reaches as far.

use std::collections::BTreeSet;

use super::{Overrides, Scope};
use crate::{Grant, Person, Target};

/// What of the sites, or of the professions, a call is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach<'a> {
    /// All of them, or none in particular: only for who is not limited.
    #[default]
    Whole,
    /// It is not known yet: for who has any part; the use case asks again once it is.
    Part,
    /// This one.
    One(&'a str),
    /// All of these.
    Each(&'a [String]),
    /// At least one of these.
    Any(&'a [String]),
}

/// One question of a reach.
#[derive(Clone, Copy)]
enum Ask<'a> {
    Whole,
    Part,
    One(&'a str),
}

/// The professions about which somebody may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Among {
    /// These.
    Only(BTreeSet<String>),
    /// All but these.
    Except(BTreeSet<String>),
}

/// Whether one of a person's roles has the permission, for each thing that the call is about.
pub(crate) fn permits(
    overrides: Option<&Overrides>,
    grant: &Grant,
    person: &Person,
    target: &Target<'_>,
) -> bool {
    target.sites.holds(|site| {
        target.professions.holds(|profession| {
            person.roles.iter().any(|role| {
                let (allowed, withdrawn) = Overrides::in_force(overrides, grant, *role);
                allowed.iter().any(|scope| scope.covers(site, profession, &person.sites))
                    && !withdrawn.iter().any(|scope| scope.touches(site, profession))
            })
        })
    })
}

/// The professions about which one of a person's roles has the permission, whatever the site.
pub(crate) fn among(overrides: Option<&Overrides>, grant: &Grant, person: &Person) -> Among {
    let of = |role| {
        let (allowed, withdrawn) = Overrides::in_force(overrides, grant, role);
        let given = allowed.iter().fold(Among::NONE, |sum, scope| sum.or(Among::of(scope)));
        withdrawn.iter().fold(given, |rest, scope| rest.without(Among::of(scope)))
    };
    person.roles.iter().fold(Among::NONE, |sum, role| sum.or(of(*role)))
}

// === impl Reach ===

impl<'a> Reach<'a> {
    fn holds(self, mut holds: impl FnMut(Ask<'a>) -> bool) -> bool {
        match self {
            // What stands nowhere in particular is for who is not limited.
            Self::Whole | Self::Each([]) | Self::Any([]) => holds(Ask::Whole),
            Self::Part => holds(Ask::Part),
            Self::One(one) => holds(Ask::One(one)),
            Self::Each(all) => all.iter().all(|one| holds(Ask::One(one))),
            Self::Any(all) => all.iter().any(|one| holds(Ask::One(one))),
        }
    }
}

// === impl Scope ===

impl Scope {
    fn covers(&self, site: Ask<'_>, profession: Ask<'_>, own_sites: &[String]) -> bool {
        let has_site = match site {
            _ if self.is_everywhere() => true,
            Ask::Whole => false,
            Ask::Part => true,
            Ask::One(id) => {
                let has = |sites: &[String]| sites.iter().any(|site| site == id);
                has(&self.sites) || (self.includes_own_sites && has(own_sites))
            }
        };
        let has_profession = match profession {
            _ if self.professions.is_empty() => true,
            Ask::Whole => false,
            Ask::Part => true,
            Ask::One(code) => self.professions.iter().any(|own| own == code),
        };
        has_site && has_profession
    }

    /// Whether something of what is asked is in it; of what is not known yet only if all would be.
    fn touches(&self, site: Ask<'_>, profession: Ask<'_>) -> bool {
        let meets = |own: &[String], ask| match ask {
            _ if own.is_empty() => true,
            Ask::Whole => true,
            Ask::Part => false,
            Ask::One(one) => own.iter().any(|own| own == one),
        };
        meets(&self.sites, site) && meets(&self.professions, profession)
    }
}

// === impl Among ===

impl Among {
    /// Every profession.
    pub const ALL: Self = Self::Except(BTreeSet::new());
    /// No profession.
    pub const NONE: Self = Self::Only(BTreeSet::new());

    fn of(scope: &Scope) -> Self {
        let named: BTreeSet<String> = scope.professions.iter().cloned().collect();
        if named.is_empty() { Self::ALL } else { Self::Only(named) }
    }

    /// Whether a profession is one of them.
    pub fn has(&self, profession: &str) -> bool {
        match self {
            Self::Only(named) => named.contains(profession),
            Self::Except(named) => !named.contains(profession),
        }
    }

    /// Those that are in one of both.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(one), Self::Only(other)) => Self::Only(&one | &other),
            (Self::Except(one), Self::Except(other)) => Self::Except(&one & &other),
            (Self::Except(not), Self::Only(named)) | (Self::Only(named), Self::Except(not)) => {
                Self::Except(&not - &named)
            }
        }
    }

    /// Those that are not in the other.
    fn without(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(one), Self::Only(other)) => Self::Only(&one - &other),
            (Self::Only(one), Self::Except(not)) => Self::Only(&one & &not),
            (Self::Except(not), Self::Only(other)) => Self::Except(&not | &other),
            (Self::Except(not), Self::Except(other)) => Self::Only(&other - &not),
        }
    }
}

#[cfg(test)]
mod tests;
