//! The department as files change it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{CellFlaw, FileKind};
use crate::domain::{
    Contract, Kind, Room, Sector, Site, Specialty, StaffMember, Surgeon, resource::Resource,
};

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

/// Where something is wrong: the name of a file and a line of it, 0 for the file as such.
pub type Place = (String, u64);

/// A line that is not wrong by itself, but names what a wrong line would have brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The line.
    pub line: Place,
    /// The wrong one.
    pub cause: Place,
}

/// Who has which key, kept while lines are read: a look at everything for each line takes time that grows with the square.
#[derive(Debug)]
pub struct Keys {
    natural: HashMap<String, String>,
    second: HashMap<String, String>,
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
    /// Lines that were passed over because of another one.
    pub skips: Vec<Skip>,
    /// What is not there because its line is wrong, by how other lines name it.
    refused: HashMap<(Kind, String), Place>,
    /// Files that could not be read as such, by what they would have brought.
    unread: HashMap<Kind, String>,
}

impl Outcome {
    /// Nothing was read yet.
    pub fn of(department: Department) -> Self {
        Self {
            department,
            counts: BTreeMap::new(),
            merges: vec![],
            warnings: vec![],
            skips: vec![],
            refused: HashMap::new(),
            unread: HashMap::new(),
        }
    }

    /// Notes that a line brings nothing.
    pub fn refuse(&mut self, kind: Kind, key: String, cause: Place) {
        self.refused.insert((kind, key), cause);
    }

    /// Notes that a file brings nothing.
    pub fn refuse_file(&mut self, kind: FileKind, name: &str) {
        let brought = match kind {
            FileKind::Sites => Kind::Site,
            FileKind::Sectors => Kind::Sector,
            FileKind::Specialties => Kind::Specialty,
            FileKind::StaffMembers => Kind::StaffMember,
            // Nobody names these.
            FileKind::Rooms | FileKind::Contracts | FileKind::Surgeons => return,
        };
        self.unread.insert(brought, name.to_owned());
    }

    /// What is wrong that something is not there, if files would have brought it.
    pub fn cause(&self, kind: Kind, key: &str) -> Option<Place> {
        let line = self.refused.get(&(kind, key.to_owned())).cloned();
        line.or_else(|| Some((self.unread.get(&kind)?.clone(), 0)))
    }

    /// The count of a file.
    pub fn count(&mut self, kind: FileKind) -> &mut Count {
        self.counts.entry(kind).or_default()
    }
}

// === impl Keys ===

impl Keys {
    /// The keys of what is there.
    pub fn of<T: Resource>(map: &BTreeMap<String, T>) -> Self {
        let natural = map.iter().map(|(id, value)| (value.natural_key(id), id.clone())).collect();
        let second = map.iter().filter_map(|(id, value)| Some((value.second_key()?, id.clone()))).collect();
        Self { natural, second }
    }

    /// The id of the resource that has this natural key.
    pub fn find(&self, natural: &str) -> Option<String> {
        self.natural.get(natural).cloned()
    }

    /// Whether another resource than this one has its second key.
    pub fn is_taken<T: Resource>(&self, id: Option<&String>, value: &T) -> bool {
        value.second_key().and_then(|key| self.second.get(&key)).is_some_and(|other| Some(other) != id)
    }

    /// Notes what a resource became.
    fn note<T: Resource>(&mut self, id: &str, old: Option<&T>, new: &T) {
        if let Some(old) = old {
            self.natural.remove(&old.natural_key(id));
            if let Some(key) = old.second_key() {
                self.second.remove(&key);
            }
        }
        self.natural.insert(new.natural_key(id), id.to_owned());
        if let Some(key) = new.second_key() {
            self.second.insert(key, id.to_owned());
        }
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

/// The same, and its keys.
pub fn put_keyed<T: Resource>(
    (map, keys): (&mut BTreeMap<String, T>, &mut Keys),
    count: &mut Count,
    id: String,
    value: T,
) {
    keys.note(&id, map.get(&id), &value);
    put(map, count, id, value);
}

/// The id of the resource that has this natural key.
pub fn find<T: Resource>(map: &BTreeMap<String, T>, key: &str) -> Option<String> {
    map.iter().find(|(id, value)| value.natural_key(id) == key).map(|(id, _)| id.clone())
}
