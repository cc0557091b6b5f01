//! Lines of staff members, contracts and surgeons.

use std::collections::{BTreeMap, BTreeSet};

use super::super::contract::{Months, WorkPattern};
use super::super::staff_member::{Role, SkillGrant};
use super::super::{Contract, Kind, StaffMember, Surgeon, identifier, legal_pack, resource::Resource};
use super::department::{Keys, Outcome, put, put_keyed};
use super::places::specialty_ids;
use super::row::{Row, Rows};
use super::{DOUBLE, FileKind};

/// The kinds of patterns a contract may have.
#[derive(Clone, Copy)]
enum Pattern {
    FullTime,
    FixedOffDay,
    Weeks,
    Months,
    Days,
}

const PATTERNS: [(&str, Pattern); 5] = [
    ("FULL_TIME", Pattern::FullTime),
    ("FULL_TIME_FIXED_OFF_DAY", Pattern::FixedOffDay),
    ("ALTERNATING_WEEKS", Pattern::Weeks),
    ("ALTERNATING_MONTHS", Pattern::Months),
    ("SPECIFIC_DAYS", Pattern::Days),
];

/// What a RPPS number is, and how it is told.
const RPPS: (fn(&str) -> bool, &str) = (identifier::is_rpps, identifier::RPPS);

/// What a second one with the same number is told.
pub const RPPS_TAKEN: &str = "a number that no other staff member has";
/// What a second one with the same name in the plan is told.
pub const EXTERNAL_NAME_TAKEN: &str = "a name that no other surgeon has";

const MONTHS: [(&str, Months); 3] = [("EVEN", Months::Even), ("ODD", Months::Odd), ("ALL", Months::All)];

/// Reads staff members; the e-mail address tells who is who.
pub fn staff_members(rows: &mut Rows<'_>, outcome: &mut Outcome, new_id: &mut dyn FnMut() -> String) {
    let mut seen = BTreeSet::new();
    let mut keys = Keys::of(&outcome.department.staff_members);
    while let Some(mut row) = rows.next() {
        let key = row.text("email").to_lowercase();
        let (known, named) = (keys.find(&key), key.clone());
        let existing = known.as_ref().and_then(|id| outcome.department.staff_members.get(id)).cloned();
        let mut person: StaffMember = existing.unwrap_or_default();
        if !seen.insert(key) {
            row.flaw("email", DOUBLE);
        }
        row.set_text("email", &mut person.email);
        row.set_text("given_name", &mut person.given_name);
        row.set_text("family_name", &mut person.family_name);
        row.set_text("display_name", &mut person.display_name);
        row.set_text("phone_number", &mut person.phone_number);
        row.set_text("profession", &mut person.profession);
        row.set_bool("is_locum", &mut person.is_locum);
        row.set_identifier("rpps", RPPS, &mut person.rpps, &mut outcome.warnings);
        let adeli = (identifier::is_adeli as fn(&str) -> bool, identifier::ADELI);
        row.set_identifier("adeli", adeli, &mut person.adeli, &mut outcome.warnings);
        if keys.is_taken(known.as_ref(), &person) {
            row.flaw("rpps", RPPS_TAKEN);
        }
        row.set_day("first_date", &mut person.first_date);
        row.set_day("last_date", &mut person.last_date);
        set_roles(&mut row, &mut person);
        set_places(&mut row, outcome, &mut person);
        row.check(&person);
        if row.is_good() {
            let count = outcome.counts.entry(FileKind::StaffMembers).or_default();
            let id = known.unwrap_or_else(&mut *new_id);
            let people = (&mut outcome.department.staff_members, &mut keys);
            put_keyed(people, count, id, person.completed());
        } else {
            row.pass_over(Some((Kind::StaffMember, named)), outcome);
        }
    }
}

fn set_roles(row: &mut Row<'_>, person: &mut StaffMember) {
    let Some(words) = row.list("roles") else { return };
    let mut roles: Vec<Role> = vec![];
    for word in words {
        match Role::ALL.into_iter().find(|role| role.word().eq_ignore_ascii_case(&word)) {
            Some(role) => roles.push(role),
            None => {
                let all: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
                row.flaw("roles", format!("roles between |, out of {}", all.join(", ")));
            }
        }
    }
    if !roles.is_empty() {
        person.roles = roles;
    }
}

fn set_places(row: &mut Row<'_>, outcome: &Outcome, person: &mut StaffMember) {
    if let Some(sites) = row.list("sites") {
        let is_missing = |site: &&String| !outcome.department.sites.contains_key(*site);
        let missing: Vec<&String> = sites.iter().filter(is_missing).collect();
        row.unknown_among("sites", (Kind::Site, &missing), outcome);
        person.sites = sites;
    }
    if let Some(skills) = row.list("skills") {
        let missing = skills.iter().find(|skill| !outcome.department.skills.contains(*skill));
        if let Some(skill) = missing {
            row.unknown("skills", (Kind::Skill, skill), outcome);
        }
        let known = std::mem::take(&mut person.skills);
        let kept = |skill: &String| known.iter().find(|grant| grant.skill == *skill).cloned();
        person.skills = skills
            .into_iter()
            .map(|skill| kept(&skill).unwrap_or(SkillGrant { skill, first_date: None, last_date: None }))
            .collect();
    }
}

/// Reads contracts; person and first day tell which is which.
pub fn contracts(rows: &mut Rows<'_>, outcome: &mut Outcome, new_id: &mut dyn FnMut() -> String) {
    let mut seen: BTreeMap<(String, calendar::Day), u64> = BTreeMap::new();
    let people = Keys::of(&outcome.department.staff_members);
    while let Some(mut row) = rows.next() {
        let email = row.text("email").to_lowercase();
        let person = people.find(&email);
        if person.is_none() {
            row.unknown("email", (Kind::StaffMember, &email), outcome);
        }
        let contract = contract(&mut row);
        let (Some(person), Some(mut contract)) = (person, contract) else {
            row.pass_over(None, outcome);
            continue;
        };
        row.check(&contract);
        let law = &contract.legal_pack;
        if !legal_pack::is_known(law) && !outcome.department.legal_packs.contains(law) {
            row.flaw("legal_pack", "the code of a legal pack");
        }
        if let Some(line) = seen.insert((person.clone(), contract.first_date), row.line()) {
            row.flaw("first_date", format!("{DOUBLE} (line {line})"));
        }
        if !row.is_good() {
            continue;
        }
        let prefix = format!("{person}/");
        let all = &outcome.department.contracts;
        let own = || all.range(prefix.clone()..).take_while(|(id, _)| id.starts_with(&prefix));
        let known =
            own().find(|(_, other)| other.first_date == contract.first_date).map(|(id, _)| id.clone());
        let other = own().find(|(id, other)| known.as_ref() != Some(*id) && contract.collides(other));
        if let Some((_, other)) = other {
            let until = other.last_date.map_or("open".to_owned(), |day| day.to_string());
            row.flaw("first_date", format!("days outside the contract from {} to {until}", other.first_date));
            continue;
        }
        // Columns that are left out keep what is known.
        if let Some(old) = known.as_ref().and_then(|id| all.get(id)) {
            if row.cell("legal_pack").is_none() {
                contract.legal_pack.clone_from(&old.legal_pack);
            }
            if row.cell("is_volunteer").is_none() {
                contract.is_volunteer = old.is_volunteer;
            }
        }
        let id = known.unwrap_or_else(|| format!("{prefix}{}", new_id()));
        let count = outcome.counts.entry(FileKind::Contracts).or_default();
        put(&mut outcome.department.contracts, count, id, contract);
    }
}

/// The contract of a line; `None` if the line has no first day or no pattern.
fn contract(row: &mut Row<'_>) -> Option<Contract> {
    for column in ["first_date", "percentage", "work_pattern"] {
        if row.cell(column) == Some("") {
            row.flaw(column, "a value");
        }
    }
    let mut percentage = 0;
    row.set_number("percentage", &mut percentage);
    let (first_date, last_date) = (row.day("first_date"), row.day("last_date"));
    let pattern = row.word("work_pattern", &PATTERNS);
    let work_pattern = pattern.and_then(|pattern| work_pattern(row, pattern));
    let legal_pack = row.text("legal_pack");
    let mut is_volunteer = false;
    row.set_bool("is_volunteer", &mut is_volunteer);
    if first_date.is_none() || work_pattern.is_none() {
        let range = 1..=100;
        if !range.contains(&percentage) && row.cell("percentage") != Some("") {
            row.flaw("percentage", "a number from 1 to 100");
        }
    }
    Some(Contract {
        first_date: first_date?,
        last_date,
        percentage,
        work_pattern: work_pattern?,
        legal_pack,
        is_volunteer,
    })
}

fn work_pattern(row: &mut Row<'_>, pattern: Pattern) -> Option<WorkPattern> {
    Some(match pattern {
        Pattern::FullTime => WorkPattern::FullTime,
        Pattern::FixedOffDay => {
            let off = row.weekdays("off_weekday");
            let [off_weekday] = off.as_slice() else {
                row.flaw("off_weekday", "one weekday");
                return None;
            };
            WorkPattern::FullTimeFixedOffDay { off_weekday: *off_weekday }
        }
        Pattern::Weeks => WorkPattern::AlternatingWeeks {
            even_weekdays: row.weekdays("even_weekdays"),
            odd_weekdays: row.weekdays("odd_weekdays"),
            anchor_date: row.day("anchor_date"),
        },
        Pattern::Months => {
            let Some(months) = row.word("months", &MONTHS) else {
                if row.text("months").is_empty() {
                    row.flaw("months", "one of EVEN, ODD, ALL");
                }
                return None;
            };
            WorkPattern::AlternatingMonths { months, weekdays: row.weekdays("weekdays") }
        }
        Pattern::Days => {
            let mut dates = vec![];
            for part in row.list("dates").unwrap_or_default() {
                match part.parse() {
                    Ok(day) => dates.push(day),
                    Err(_) => row.flaw("dates", "dates that exist, as 2026-12-31, between |"),
                }
            }
            WorkPattern::SpecificDays { weekdays: row.weekdays("weekdays"), dates }
        }
    })
}

/// Reads surgeons; both names tell who is who.
pub fn surgeons(rows: &mut Rows<'_>, outcome: &mut Outcome, new_id: &mut dyn FnMut() -> String) {
    let mut seen = BTreeSet::new();
    let mut keys = Keys::of(&outcome.department.surgeons);
    while let Some(mut row) = rows.next() {
        let mut surgeon = Surgeon {
            family_name: row.text("family_name"),
            given_name: row.text("given_name"),
            ..Surgeon::default()
        };
        let key = surgeon.natural_key("");
        let known = keys.find(&key);
        if let Some(existing) = known.as_ref().and_then(|id| outcome.department.surgeons.get(id)) {
            surgeon = existing.clone();
        }
        if !seen.insert(key) {
            row.flaw("family_name", DOUBLE);
        }
        row.set_text("external_name", &mut surgeon.external_name);
        row.set_text("email", &mut surgeon.email);
        row.set_text("phone_number", &mut surgeon.phone_number);
        row.set_identifier("rpps", RPPS, &mut surgeon.rpps, &mut outcome.warnings);
        if let Some(specialties) = row.list("specialties") {
            let before = row.is_good();
            surgeon.specialties = specialty_ids(&mut row, outcome, &specialties);
            if before && !row.is_good() {
                // Named ones are unknown: that they are missing too need not be said.
                row.pass_over(None, outcome);
                continue;
            }
        }
        if let Some(sites) = row.list("sites") {
            let is_missing = |site: &&String| !outcome.department.sites.contains_key(*site);
            let missing: Vec<&String> = sites.iter().filter(is_missing).collect();
            row.unknown_among("sites", (Kind::Site, &missing), outcome);
            surgeon.sites = sites;
        }
        if keys.is_taken(known.as_ref(), &surgeon) {
            row.flaw("external_name", EXTERNAL_NAME_TAKEN);
        }
        row.check(&surgeon);
        if row.is_good() {
            let count = outcome.counts.entry(FileKind::Surgeons).or_default();
            let id = known.unwrap_or_else(&mut *new_id);
            put_keyed((&mut outcome.department.surgeons, &mut keys), count, id, surgeon);
        } else {
            row.pass_over(None, outcome);
        }
    }
}
