//! The rules of leave (domain §4.10), each a pure function.
//!
//! | rule | where |
//! |---|---|
//! | L1 entitlement | `contract::Contracts::entitlement` |
//! | L2 what counts | `counting::count` |
//! | L3 notice, L4 length, L5 spacing, L9 own overlap, L10 duties, L16 bridges, L17 negative balance | [`person`] |
//! | L6 team absence and capacity, L7 limits, L8 peaks, L14 competition | [`team`] |
//! | L11 nurse administrator, L12 last minute, L15 acceptance without a decision | [`decide`] |
//! | L13 training | `counting::method` |
//! | L14 order among those who compete | `ranking::rank` |

pub mod decide;
pub mod person;
pub mod team;

use calendar::{Day, DayRange};

use crate::domain::{
    conflict::{Conflict, ConflictKind, Severity, Surroundings},
    leave::Leave,
};

/// What one rule finds.
pub type Rule = fn(&Leave, &Surroundings<'_>) -> Vec<Conflict>;

/// Every rule that finds conflicts, by number. A blackout is policy and has none.
pub const RULES: &[(&str, Rule)] = &[
    ("L9", person::own_leaves),
    ("L17", person::balances),
    ("L10", person::duties),
    ("", team::blackouts),
    ("L6", team::profession_absence),
    ("L6", team::capacity),
    ("L7", team::profession_limit),
    ("L7", team::total_limit),
    ("L8", team::peaks),
    ("L3", person::notice),
    ("L4", person::length),
    ("L5", person::spacing),
    ("L12", decide::last_minute),
    ("L14", team::competition),
    ("L8", team::special_periods),
    ("L16", person::bridges),
];

/// A conflict about some days of a leave, with figures.
fn figures(kind: ConflictKind, severity: Severity, days: DayRange, (found, allowed): (i32, i32)) -> Conflict {
    Conflict { kind, severity, days, resource: String::new(), found, allowed }
}

/// Asks about each day of a leave for what was found and what is allowed; days of equal figures are joined.
fn by_day(
    leave: &Leave,
    (kind, severity): (ConflictKind, Severity),
    mut ask: impl FnMut(Day) -> Option<(i32, i32)>,
) -> Vec<Conflict> {
    let mut conflicts: Vec<Conflict> = Vec::new();
    for day in leave.span.range().days() {
        let Some(found) = ask(day) else { continue };
        let conflict = figures(kind, severity, DayRange::single(day), found);
        match conflicts.last_mut() {
            Some(last) if last.days.last().next() == day && (last.found, last.allowed) == found => {
                last.days = DayRange::new(last.days.first(), day).unwrap_or(last.days);
            }
            _ => conflicts.push(conflict),
        }
    }
    conflicts
}

/// A number of things as the contract says it.
fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
