//! Reading names, ids, pages and masks of requests.

use chassis::{Ctx, Problem, Violation};
use durable::page::Page;
use proto::names::{
    ContractName, HospitalName, IncompatibilityName, LegalPackName, NameError, ProfessionName, RoomName,
    SectorName, ServiceAccountName, SiteName, SkillName, SpecialtyName, StaffMemberName, SurgeonName, is_id,
};
use uuid::Uuid;

use crate::domain::{
    Contract, Incompatibility, Kind, LegalPack, Profession, Resource, Room, Sector, ServiceAccount, Site,
    Skill, Specialty, StaffMember, Surgeon,
};

/// Where a resource is: its hospital and its id there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Hospital id; empty if the kind has no such parent.
    pub hospital: String,
    /// The id without hospital and collections.
    pub id: String,
}

/// A resource whose names can be read.
pub trait Named: Resource {
    /// Reads a name.
    fn place(name: &str) -> Result<Place, NameError>;
    /// Reads the name of a parent, in which some parts may be `-`.
    fn parent(name: &str) -> Result<Place, NameError> {
        HospitalName::parse(name).map(|name| Place { hospital: name.hospital, id: String::new() })
    }
}

/// How each kind's names are read.
macro_rules! named {
    ($($type:ty: $name:ident => $format:literal $($field:ident)+ $(, below $parent:ident => $parent_format:literal $($parent_field:ident)+)?;)*) => {
        $(impl Named for $type {
            fn place(name: &str) -> Result<Place, NameError> {
                let name = $name::parse(name)?;
                Ok(Place { hospital: name.hospital, id: format!($format, $(name.$field),+) })
            }
            $(fn parent(name: &str) -> Result<Place, NameError> {
                let name = $parent::parse_wild(name)?;
                Ok(Place { hospital: name.hospital, id: format!($parent_format, $(name.$parent_field),+) })
            })?
        })*
    };
}
named! {
    Site: SiteName => "{}" site;
    Sector: SectorName => "{}/{}" site sector, below SiteName => "{}" site;
    Room: RoomName => "{}/{}/{}" site sector room, below SectorName => "{}/{}" site sector;
    Skill: SkillName => "{}" skill;
    Specialty: SpecialtyName => "{}" specialty;
    Surgeon: SurgeonName => "{}" surgeon;
    StaffMember: StaffMemberName => "{}" staff_member;
    Contract: ContractName => "{}/{}" staff_member contract, below StaffMemberName => "{}" staff_member;
    Incompatibility: IncompatibilityName => "{}" incompatibility;
    LegalPack: LegalPackName => "{}" legal_pack;
    Profession: ProfessionName => "{}" profession;
    ServiceAccount: ServiceAccountName => "{}" service_account;
}

/// Violations as they are found.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Notes one.
    pub fn add(&mut self, field: impl Into<String>, expected: impl Into<String>) {
        self.0.push(Violation::new(field, expected));
    }

    /// Keeps a value, or notes why there is none.
    pub fn keep<T, E: std::fmt::Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// Refuses if anything was noted.
    pub fn done<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}

fn malformed(field: &str, error: &NameError) -> Problem {
    Problem::invalid(vec![Violation::new(field, error.to_string())])
}

/// Reads the `name` of a request.
pub fn name<T: Named>(text: &str) -> Result<Place, Problem> {
    named::<T>("name", text)
}

/// Reads a name from any field.
pub fn named<T: Named>(field: &str, text: &str) -> Result<Place, Problem> {
    T::place(text).map_err(|error| malformed(field, &error))
}

/// Reads the `parent` of a list.
pub fn list_parent<T: Named>(text: &str) -> Result<Place, Problem> {
    T::parent(text).map_err(|error| malformed("parent", &error))
}

/// Reads the `parent` of a creation, in which nothing may be `-`.
pub fn parent<T: Named>(text: &str) -> Result<Place, Problem> {
    let place = list_parent::<T>(text)?;
    if place.id.split('/').any(|part| part == "-") {
        return Err(Problem::invalid(vec![Violation::new("parent", "expected a name without `-`")]));
    }
    Ok(place)
}

/// Reads the hospital of a request.
pub fn hospital(text: &str) -> Result<String, Problem> {
    HospitalName::parse(text).map(|name| name.hospital).map_err(|error| malformed("parent", &error))
}

/// The id of a resource to be created: as chosen, or made.
pub fn new_id(kind: Kind, parent: &str, chosen: &str, otherwise: Option<String>) -> Result<String, Problem> {
    let id = match (chosen, otherwise) {
        ("", Some(made)) => made,
        (chosen, _) => chosen.to_owned(),
    };
    if !is_id(&id) {
        let expected = "expected an id of 1 to 63 characters out of a-z, 0-9 and -";
        return Err(Problem::invalid(vec![Violation::new(format!("{}_id", kind.word()), expected)]));
    }
    Ok(if parent.is_empty() { id } else { format!("{parent}/{id}") })
}

/// An id that nobody chose.
pub fn made_id() -> Option<String> {
    Some(Uuid::now_v7().to_string())
}

/// Reads a reference; it must be within the same hospital.
pub fn reference<T: Named>(
    found: &mut Violations,
    field: &str,
    hospital: &str,
    text: &str,
) -> Option<String> {
    let place = found.keep(field, T::place(text))?;
    if place.hospital != hospital {
        found.add(field, format!("expected a name under hospitals/{hospital}"));
        return None;
    }
    Some(place.id)
}

/// Reads references.
pub fn references<T: Named>(
    found: &mut Violations,
    field: &str,
    hospital: &str,
    texts: &[String],
) -> Vec<String> {
    texts.iter().filter_map(|text| reference::<T>(found, field, hospital, text)).collect()
}

/// Reads a page whose token fits this caller's query only.
pub fn page(ctx: &Ctx, page_size: i32, page_token: &str, arguments: &[&str]) -> Result<Page, Problem> {
    let subject = ctx.principal.subject();
    let all: Vec<&str> = std::iter::once(subject.as_str()).chain(arguments.iter().copied()).collect();
    Page::of(page_size, page_token, &all)
}
