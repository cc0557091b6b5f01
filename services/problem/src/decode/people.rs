//! People, read.

use proto::solver::v1 as pb;
use proto::solver::v1::incompatibility;
use roster::problem::{
    Abilities, Availability, Counterpart, DayIx, DutyUnavailability, History, Incompatibility, Person,
    PersonIx, Profession, SiteIx, SkillIx, SurgeonIx,
};

use super::counters;
use crate::path::{Path, Reader};

pub fn person(reader: &mut Reader, at: &Path<'_>, message: &pb::Person) -> Option<Person> {
    let profession = profession(reader, &at.field("profession"), message.profession());
    let abilities = reader.some(&at.field("abilities"), message.abilities.as_ref());
    let history = reader.some(&at.field("history"), message.history.as_ref());
    let history = history.map(|value| self::history(reader, &at.field("history"), value));
    let duties = message.duty_unavailabilities.iter().enumerate();
    let duties = duties.map(|(position, value)| {
        duty_unavailability(reader, &at.item("duty_unavailabilities", position), value)
    });
    let duties = duties.collect();
    let incompatibilities = message.incompatibilities.iter().enumerate();
    let incompatibilities = incompatibilities.filter_map(|(position, value)| {
        incompatibility(reader, &at.item("incompatibilities", position), value)
    });
    let incompatibilities = incompatibilities.collect();
    // Not the generated accessor: it drops the values it does not know.
    let half_days = message.availability.iter().enumerate();
    let half_days = half_days
        .filter_map(|(position, value)| availability(reader, &at.item("availability", position), *value));
    let half_days = half_days.collect();
    Some(Person {
        id: message.id.clone(),
        percentage: reader.figure(&at.field("percentage"), message.percentage),
        equity_share: message.equity_share,
        is_locum: message.locum,
        sites: reader.indices(at, "sites", &message.sites, SiteIx::of),
        skills: reader.indices(at, "skills", &message.skills, SkillIx::of),
        availability: half_days,
        duty_unavailabilities: duties,
        incompatibilities,
        credit_minutes: message.credit_minutes,
        week_minutes_max: message.week_minutes_max,
        profession: profession?,
        abilities: self::abilities(abilities?),
        history: history?,
    })
}

pub fn profession(reader: &mut Reader, at: &Path<'_>, message: pb::Profession) -> Option<Profession> {
    let known = match message {
        pb::Profession::Unspecified => None,
        pb::Profession::Mar => Some(Profession::Mar),
        pb::Profession::Iade => Some(Profession::Iade),
    };
    reader.known(at, known, "MAR or IADE")
}

fn availability(reader: &mut Reader, at: &Path<'_>, message: i32) -> Option<Availability> {
    let known = match pb::Availability::try_from(message).unwrap_or_default() {
        pb::Availability::Unspecified => None,
        pb::Availability::Working => Some(Availability::Working),
        pb::Availability::DutyOnly => Some(Availability::DutyOnly),
        pb::Availability::NotWorking => Some(Availability::NotWorking),
        pb::Availability::Absent => Some(Availability::Absent),
        pb::Availability::Unavailable => Some(Availability::Unavailable),
    };
    reader.known(at, known, "an availability")
}

fn abilities(message: &pb::Abilities) -> Abilities {
    let pb::Abilities { garde, astreinte, consultation, theatre, supervision, closing, volant } = *message;
    Abilities { garde, astreinte, consultation, theatre, supervision, closing, volant }
}

fn duty_unavailability(
    reader: &mut Reader,
    at: &Path<'_>,
    message: &pb::DutyUnavailability,
) -> DutyUnavailability {
    DutyUnavailability {
        day: reader.index(&at.field("day"), message.day, DayIx::of),
        garde: message.garde,
        astreinte: message.astreinte,
        is_flexible: message.flexible,
    }
}

fn incompatibility(
    reader: &mut Reader,
    at: &Path<'_>,
    message: &pb::Incompatibility,
) -> Option<Incompatibility> {
    let with = match reader.some(&at.field("counterpart"), message.counterpart)? {
        incompatibility::Counterpart::Person(person) => {
            Counterpart::Person(reader.index(&at.field("person"), person, PersonIx::of))
        }
        incompatibility::Counterpart::Surgeon(surgeon) => {
            Counterpart::Surgeon(reader.index(&at.field("surgeon"), surgeon, SurgeonIx::of))
        }
    };
    Some(Incompatibility { with, is_strict: message.strict })
}

fn history(reader: &mut Reader, at: &Path<'_>, message: &pb::History) -> History {
    History {
        gardes: message.gardes.clone(),
        astreintes: message.astreintes.clone(),
        consecutive_days: reader.figure(&at.field("consecutive_days"), message.consecutive_days),
        counters: counters(reader, at, "counters", &message.counters),
    }
}
