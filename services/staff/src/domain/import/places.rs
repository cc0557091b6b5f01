//! Lines of sites, sectors, rooms and specialties.

use std::collections::BTreeSet;

use super::super::place::{Category, RoomKind};
use super::super::{Kind, Room, Sector, Site, Specialty, identifier, resource::Resource, spelling};
use super::department::{Keys, Merge, Outcome, find, put_keyed};
use super::row::{Row, Rows};
use super::{DOUBLE, FileKind};

const CATEGORIES: [(&str, Category); 4] = [
    ("STANDARD", Category::Standard),
    ("HYPERASEPTIC", Category::Hyperaseptic),
    ("OPHTHALMOLOGY", Category::Ophthalmology),
    ("ENDOSCOPY", Category::Endoscopy),
];

const ROOM_KINDS: [(&str, RoomKind); 3] = [
    ("OPERATING", RoomKind::Operating),
    ("CONSULTATION", RoomKind::Consultation),
    ("FERTILIZATION", RoomKind::Fertilization),
];

/// Notes the second line about one id, and another resource with the same natural key.
fn is_free<T: Resource>(
    row: &mut Row<'_>,
    seen: &mut BTreeSet<String>,
    keys: &Keys,
    id: &str,
    value: &T,
    key_column: &str,
) {
    if !seen.insert(id.to_owned()) {
        row.flaw("id", DOUBLE);
    } else if keys.find(&value.natural_key(id)).is_some_and(|other| other != id) {
        row.flaw(key_column, format!("something that no other {} has", T::KIND.word()));
    }
}

/// Reads sites.
pub fn sites(rows: &mut Rows<'_>, outcome: &mut Outcome) {
    let mut seen = BTreeSet::new();
    let mut keys = Keys::of(&outcome.department.sites);
    while let Some(mut row) = rows.next() {
        let id = row.id("id");
        let mut site: Site = outcome.department.sites.get(&id).cloned().unwrap_or_default();
        row.set_text("display_name", &mut site.display_name);
        row.set_text("address", &mut site.address);
        row.set_text("time_zone", &mut site.time_zone);
        row.set_text("color", &mut site.color);
        row.set_number("display_order", &mut site.display_order);
        let finess = (identifier::is_finess as fn(&str) -> bool, identifier::FINESS);
        row.set_identifier("finess", finess, &mut site.finess, &mut outcome.warnings);
        row.check(&site);
        is_free(&mut row, &mut seen, &keys, &id, &site, "display_name");
        if row.is_good() {
            let count = outcome.counts.entry(FileKind::Sites).or_default();
            put_keyed((&mut outcome.department.sites, &mut keys), count, id, site);
        } else {
            row.pass_over(Some((Kind::Site, id)), outcome);
        }
    }
}

/// Reads sectors.
pub fn sectors(rows: &mut Rows<'_>, outcome: &mut Outcome) {
    let mut seen = BTreeSet::new();
    let mut keys = Keys::of(&outcome.department.sectors);
    while let Some(mut row) = rows.next() {
        let site = row.text("site");
        if !outcome.department.sites.contains_key(&site) {
            row.unknown("site", (Kind::Site, &site), outcome);
        }
        let id = format!("{site}/{}", row.id("id"));
        let mut sector: Sector = outcome.department.sectors.get(&id).cloned().unwrap_or_default();
        row.set_text("display_name", &mut sector.display_name);
        row.set_text("description", &mut sector.description);
        row.set_text("color", &mut sector.color);
        row.set_number("display_order", &mut sector.display_order);
        row.set_bool("requires_contiguous_rooms", &mut sector.requires_contiguous_rooms);
        row.set_number("nurse_anesthetists_per_room_min", &mut sector.nurse_anesthetists_per_room_min);
        row.set_number("rooms_per_supervisor_max", &mut sector.rooms_per_supervisor_max);
        sector.category = row.word("category", &CATEGORIES).unwrap_or(sector.category);
        if let Some(skill) = row.cell("supervision_skill").map(str::to_owned) {
            if !skill.is_empty() && !outcome.department.skills.contains(&skill) {
                row.unknown("supervision_skill", (Kind::Skill, &skill), outcome);
            }
            sector.supervision_skill = Some(skill).filter(|skill| !skill.is_empty());
        }
        row.check(&sector);
        is_free(&mut row, &mut seen, &keys, &id, &sector, "display_name");
        if row.is_good() {
            let count = outcome.counts.entry(FileKind::Sectors).or_default();
            put_keyed((&mut outcome.department.sectors, &mut keys), count, id, sector);
        } else {
            row.pass_over(Some((Kind::Sector, id)), outcome);
        }
    }
}

/// Reads specialties; other spellings of one are merged into the first.
pub fn specialties(rows: &mut Rows<'_>, outcome: &mut Outcome) {
    while let Some(mut row) = rows.next() {
        let mut new = Specialty { display_name: row.text("display_name"), ..Specialty::default() };
        row.set_bool("is_pediatric", &mut new.is_pediatric);
        row.check(&new);
        if !row.is_good() {
            row.pass_over(Some((Kind::Specialty, new.key())), outcome);
            continue;
        }
        let Some(id) = find(&outcome.department.specialties, &new.key()) else {
            let id = free_id(outcome, &new);
            outcome.count(FileKind::Specialties).created += 1;
            outcome.department.specialties.insert(id, new);
            continue;
        };
        let Some(kept) = outcome.department.specialties.get_mut(&id) else { continue };
        let before = kept.clone();
        let is_spelling = kept.display_name != new.display_name;
        if is_spelling && !kept.spellings.contains(&new.display_name) {
            kept.spellings.push(new.display_name.clone());
        }
        row.set_bool("is_pediatric", &mut kept.is_pediatric);
        let (kept, count) = (kept.clone(), outcome.counts.entry(FileKind::Specialties).or_default());
        if is_spelling {
            count.merged += 1;
            outcome.merges.push(Merge { specialty: id, kept: kept.display_name, merged: new.display_name });
        } else if kept == before {
            count.unchanged += 1;
        } else {
            count.updated += 1;
        }
    }
}

/// An id made of the spelling that no other specialty has.
fn free_id(outcome: &Outcome, specialty: &Specialty) -> String {
    let slug = spelling::slug(&specialty.display_name);
    let taken = |id: &String| outcome.department.specialties.contains_key(id);
    let numbered = (2..).map(|number| format!("{}-{number}", &slug[..slug.len().min(58)]));
    std::iter::once(slug.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(slug)
}

/// Reads rooms. Neighbors may come later in the same file, so they are looked up at the end.
pub fn rooms(rows: &mut Rows<'_>, outcome: &mut Outcome) {
    let mut seen = BTreeSet::new();
    let mut keys = Keys::of(&outcome.department.rooms);
    let named: BTreeSet<String> = rows
        .cells()
        .map(|cell| format!("{}/{}/{}", cell("site"), cell("sector"), cell("id")))
        .chain(outcome.department.rooms.keys().cloned())
        .collect();
    while let Some(mut row) = rows.next() {
        let sector = format!("{}/{}", row.text("site"), row.text("sector"));
        if !outcome.department.sectors.contains_key(&sector) {
            row.unknown("sector", (Kind::Sector, &sector), outcome);
        }
        let id = format!("{sector}/{}", row.id("id"));
        let mut room: Room = outcome.department.rooms.get(&id).cloned().unwrap_or_default();
        row.set_text("number", &mut room.number);
        row.set_text("display_name", &mut room.display_name);
        room.kind = row.word("kind", &ROOM_KINDS).unwrap_or(room.kind);
        row.set_bool("is_closed", &mut room.is_closed);
        row.set_bool("is_hidden", &mut room.is_hidden);
        row.set_number("display_order", &mut room.display_order);
        row.set_number("rooms_per_supervisor_max", &mut room.rooms_per_supervisor_max);
        if let Some(specialties) = row.list("specialties") {
            room.specialties = specialty_ids(&mut row, outcome, &specialties);
        }
        if let Some(neighbors) = row.list("neighbors") {
            room.neighbors = neighbors.iter().map(|part| full_room_id(&sector, part)).collect();
            if room.neighbors.iter().any(|neighbor| *neighbor == id || !named.contains(neighbor)) {
                row.flaw("neighbors", "ids of other rooms of the sector (or site/sector/room) between |");
            }
        }
        row.check(&room);
        is_free(&mut row, &mut seen, &keys, &id, &room, "number");
        if row.is_good() {
            let count = outcome.counts.entry(FileKind::Rooms).or_default();
            put_keyed((&mut outcome.department.rooms, &mut keys), count, id, room);
        } else {
            row.pass_over(None, outcome);
        }
    }
}

fn full_room_id(sector: &str, part: &str) -> String {
    if part.contains('/') { part.to_owned() } else { format!("{sector}/{part}") }
}

/// The ids of specialties named by id or by any spelling.
pub fn specialty_ids(row: &mut Row<'_>, outcome: &Outcome, names: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = vec![];
    for name in names {
        let by_id = outcome.department.specialties.contains_key(name).then(|| name.clone());
        let key = spelling::key(name);
        match by_id.or_else(|| find(&outcome.department.specialties, &key)) {
            Some(id) if ids.contains(&id) => {}
            Some(id) => ids.push(id),
            None => row.unknown("specialties", (Kind::Specialty, &key), outcome),
        }
    }
    ids
}
