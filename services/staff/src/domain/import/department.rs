//! The department as files change it.

use std::collections::{BTreeMap, BTreeSet};

use super::{CellFlaw, FileKind};
use crate::domain::{Contract, Room, Sector, Site, Specialty, StaffMember, Surgeon, resource::Resource};

/// Everything an import may touch or name, by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Department {
    /// Sites.
    pub sites: BTreeMap<String, Site>,
    /// Sectors.
    pub sectors: BTreeMap<String, Sector>,
    /// Rooms.
    pub rooms: BTreeMap<String, Room>,
    /// Specialties.
    pub specialties: BTreeMap<String, Specialty>,
    /// Staff members.
    pub staff_members: BTreeMap<String, StaffMember>,
    /// Contracts.
    pub contracts: BTreeMap<String, Contract>,
    /// Surgeons.
    pub surgeons: BTreeMap<String, Surgeon>,
    /// Ids of the skills.
    pub skills: BTreeSet<String>,
    /// Codes of the hospital's own legal packs.
    pub legal_packs: BTreeSet<String>,
}

/// What became of the lines of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Count {
    /// New resources.
    pub created: i32,
    /// Changed resources.
    pub updated: i32,
    /// Lines that said what was known.
    pub unchanged: i32,
    /// Lines that were another spelling.
    pub merged: i32,
}

/// Two spellings of one specialty.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Merge {
    /// Id of the specialty.
    pub specialty: String,
    /// The spelling that stays.
    pub kept: String,
    /// The spelling that goes.
    pub merged: String,
}

/// The department as it would be.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Everything.
    pub department: Department,
    /// What became of the lines.
    pub counts: BTreeMap<FileKind, Count>,
    /// Spellings that were merged.
    pub merges: Vec<Merge>,
    /// Cells that were left out.
    pub warnings: Vec<CellFlaw>,
}

impl Outcome {
    /// Nothing was read yet.
    pub fn of(department: Department) -> Self {
        Self { department, counts: BTreeMap::new(), merges: vec![], warnings: vec![] }
    }

    /// The count of a file.
    pub fn count(&mut self, kind: FileKind) -> &mut Count {
        self.counts.entry(kind).or_default()
    }
}

/// Puts `value` under `id` and counts what that meant.
pub fn put<T: Resource>(map: &mut BTreeMap<String, T>, count: &mut Count, id: String, value: T) {
    match map.get(&id) {
        None => count.created += 1,
        Some(old) if *old == value => count.unchanged += 1,
        Some(_) => count.updated += 1,
    }
    map.insert(id, value);
}

/// The id of the resource that has this natural key.
pub fn find<T: Resource>(map: &BTreeMap<String, T>, key: &str) -> Option<String> {
    map.iter().find(|(id, value)| value.natural_key(id) == key).map(|(id, _)| id.clone())
}
