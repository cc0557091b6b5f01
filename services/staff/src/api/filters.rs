//! What lists may be filtered by, and when a resource passes.

use durable::filter::{Comparison, Op};
use proto::names::{SiteName, SkillName, SpecialtyName};

use crate::{
    domain::{Contract, LegalPack, StaffMember, Surgeon, staff_member::State},
    store::Stored,
};

/// Fields of staff members.
pub const STAFF_MEMBER: &[&str] = &["profession", "state", "site", "skill"];
/// Fields of contracts.
pub const CONTRACT: &[&str] = &["first_date", "last_date", "percentage"];
/// Fields of legal packs.
pub const LEGAL_PACK: &[&str] = &["code"];
/// Fields of surgeons.
pub const SURGEON: &[&str] = &["state", "specialty", "site", "external_name"];

/// Whether a staff member passes a comparison.
pub fn staff_members(stored: &Stored<StaffMember>, comparison: &Comparison) -> bool {
    let person = &stored.value;
    match comparison.field.as_str() {
        "profession" => text(&person.profession, comparison),
        "state" => text(state(person.state), comparison),
        "site" => any(&person.sites, comparison, |name| SiteName::parse(name).ok().map(|name| name.site)),
        _ => {
            let skills: Vec<String> = person.skills.iter().map(|grant| grant.skill.clone()).collect();
            any(&skills, comparison, |name| SkillName::parse(name).ok().map(|name| name.skill))
        }
    }
}

/// Whether a contract passes a comparison. An open contract ends after every day.
pub fn contracts(stored: &Stored<Contract>, comparison: &Comparison) -> bool {
    let contract = &stored.value;
    match comparison.field.as_str() {
        "first_date" => text(&contract.first_date.to_string(), comparison),
        "last_date" => text(&contract.last_date.unwrap_or(calendar::Day::MAX).to_string(), comparison),
        _ => comparison
            .value
            .parse()
            .is_ok_and(|value: i32| ordered(contract.percentage.cmp(&value), comparison.op)),
    }
}

/// Whether a version of a legal pack passes a comparison.
pub fn legal_packs(pack: &LegalPack, comparison: &Comparison) -> bool {
    text(&pack.code, comparison)
}

/// Whether a surgeon passes a comparison.
pub fn surgeons(stored: &Stored<Surgeon>, comparison: &Comparison) -> bool {
    let surgeon = &stored.value;
    match comparison.field.as_str() {
        "state" => text(state(surgeon.state), comparison),
        "external_name" => text(&surgeon.external_name, comparison),
        "site" => any(&surgeon.sites, comparison, |name| SiteName::parse(name).ok().map(|name| name.site)),
        _ => any(&surgeon.specialties, comparison, |name| {
            SpecialtyName::parse(name).ok().map(|name| name.specialty)
        }),
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Active => "ACTIVE",
        State::Inactive => "INACTIVE",
    }
}

fn text(found: &str, comparison: &Comparison) -> bool {
    match comparison.op {
        Op::Has => found.to_lowercase().contains(&comparison.value.to_lowercase()),
        op => ordered(found.cmp(&comparison.value), op),
    }
}

/// A list passes if one of its ids does; values may be ids or whole names.
fn any(ids: &[String], comparison: &Comparison, id_of: impl Fn(&str) -> Option<String>) -> bool {
    let wanted = id_of(&comparison.value).unwrap_or_else(|| comparison.value.clone());
    match comparison.op {
        Op::Equal | Op::Has => ids.contains(&wanted),
        Op::NotEqual => !ids.contains(&wanted),
        op => ids.iter().any(|id| ordered(id.cmp(&wanted), op)),
    }
}

fn ordered(ordering: std::cmp::Ordering, op: Op) -> bool {
    match op {
        Op::Equal | Op::Has => ordering.is_eq(),
        Op::NotEqual => ordering.is_ne(),
        Op::Less => ordering.is_lt(),
        Op::LessOrEqual => ordering.is_le(),
        Op::Greater => ordering.is_gt(),
        Op::GreaterOrEqual => ordering.is_ge(),
    }
}
