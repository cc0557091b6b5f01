//! A whole department from CSV files: all of it, or every flaw of it.
//!
//! [`read`] turns the files and what exists into the department as it would be. Nothing is written here; the use
//! case writes the difference, in one transaction.

mod department;
mod people;
mod places;
mod row;
mod table;

use std::collections::BTreeMap;

pub use department::{Count, Department, Merge, Outcome, Skip};
pub use people::{EXTERNAL_NAME_TAKEN, RPPS_TAKEN};
pub use table::{CellFlaw, DOUBLE, File, Table};

use row::Rows;

/// What the lines of a file are; in the order in which files are read, so that a line may name what an earlier
/// file brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum FileKind {
    /// Sites.
    Sites,
    /// Sectors.
    Sectors,
    /// Specialties, before the rooms that are reserved for them.
    Specialties,
    /// Rooms.
    Rooms,
    /// Staff members.
    StaffMembers,
    /// Contracts.
    Contracts,
    /// Surgeons.
    Surgeons,
}

/// Files with something wrong in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Every wrong cell.
    pub flaws: Vec<CellFlaw>,
    /// Lines that name what a wrong one would have brought: they may be right.
    pub skips: Vec<Skip>,
}

/// Applies files to a department.
///
/// `new_id` names what has no id of its own.
///
/// # Errors
/// Every wrong cell of every file; what follows from one is told apart.
pub fn read(
    existing: &Department,
    files: &BTreeMap<FileKind, File>,
    new_id: &mut dyn FnMut() -> String,
) -> Result<Outcome, Refused> {
    let mut outcome = Outcome::of(existing.clone());
    let mut flaws = vec![];
    for (kind, file) in files {
        let (columns, required) = columns(*kind);
        let table = match Table::parse(file, columns, required) {
            Ok(table) => table,
            Err(wrong) => {
                outcome.refuse_file(*kind, &file.name);
                flaws.extend(wrong);
                continue;
            }
        };
        apply(*kind, &table, &mut outcome, &mut flaws, new_id);
    }
    if flaws.is_empty() { Ok(outcome) } else { Err(Refused { flaws, skips: outcome.skips }) }
}

/// Applies the lines of one file, or some of them, to what was read before; wrong ones are noted and passed over.
pub fn apply(
    kind: FileKind,
    table: &Table,
    outcome: &mut Outcome,
    flaws: &mut Vec<CellFlaw>,
    new_id: &mut dyn FnMut() -> String,
) {
    let mut rows = Rows::new(table, flaws);
    match kind {
        FileKind::Sites => places::sites(&mut rows, outcome),
        FileKind::Sectors => places::sectors(&mut rows, outcome),
        FileKind::Specialties => places::specialties(&mut rows, outcome),
        FileKind::Rooms => places::rooms(&mut rows, outcome),
        FileKind::StaffMembers => people::staff_members(&mut rows, outcome, new_id),
        FileKind::Contracts => people::contracts(&mut rows, outcome, new_id),
        FileKind::Surgeons => people::surgeons(&mut rows, outcome, new_id),
    }
}

/// The columns of a file: all, and those that must be there.
pub fn columns(kind: FileKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        FileKind::Sites => (
            &["id", "display_name", "address", "time_zone", "color", "display_order", "finess"],
            &["id", "display_name"],
        ),
        FileKind::Sectors => (
            &[
                "site",
                "id",
                "display_name",
                "category",
                "description",
                "color",
                "display_order",
                "requires_contiguous_rooms",
                "nurse_anesthetists_per_room_min",
                "rooms_per_supervisor_max",
                "supervision_skill",
            ],
            &["site", "id", "display_name"],
        ),
        FileKind::Specialties => (&["display_name", "is_pediatric"], &["display_name"]),
        FileKind::Rooms => (
            &[
                "site",
                "sector",
                "id",
                "number",
                "display_name",
                "kind",
                "is_closed",
                "is_hidden",
                "display_order",
                "specialties",
                "neighbors",
                "rooms_per_supervisor_max",
            ],
            &["site", "sector", "id", "number", "display_name"],
        ),
        FileKind::StaffMembers => (
            &[
                "email",
                "given_name",
                "family_name",
                "display_name",
                "phone_number",
                "profession",
                "roles",
                "sites",
                "skills",
                "first_date",
                "last_date",
                "is_locum",
                "rpps",
                "adeli",
            ],
            &["email", "given_name", "family_name", "profession"],
        ),
        FileKind::Contracts => (
            &[
                "email",
                "first_date",
                "last_date",
                "percentage",
                "work_pattern",
                "weekdays",
                "off_weekday",
                "even_weekdays",
                "odd_weekdays",
                "anchor_date",
                "months",
                "dates",
                "legal_pack",
                "is_volunteer",
            ],
            &["email", "first_date", "percentage", "work_pattern"],
        ),
        FileKind::Surgeons => (
            &[
                "family_name",
                "given_name",
                "external_name",
                "email",
                "phone_number",
                "specialties",
                "sites",
                "rpps",
            ],
            &["family_name", "specialties"],
        ),
    }
}

#[cfg(test)]
mod tests;
