//! People, read.

use proto::solver::v1 as pb;
use proto::solver::v1::incompatibility;
use roster::problem::{
    Abilities, Availability, Counterpart, DayIx, DutyUnavailability, Following, History, Incompatibility,
    LegalPack, Person, PersonIx, Profession, SiteIx, SkillIx, SpecialtyIx, SurgeonIx, WorkedDay, WorkingTime,
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
        working_time: message
            .working_time
            .as_ref()
            .map(|value| working_time(reader, &at.field("working_time"), value))
            .unwrap_or_default(),
        following: message
            .following
            .as_ref()
            .map(|value| following(reader, &at.field("following"), value))
            .unwrap_or_default(),
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
        incompatibility::Counterpart::Specialty(specialty) => {
            Counterpart::Specialty(reader.index(&at.field("specialty"), specialty, SpecialtyIx::of))
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
        garde_days: message.garde_days.clone(),
        garde_nights: message.garde_nights.clone(),
        worked: worked(reader, at, &message.worked),
        presence: message.presence,
    }
}

fn worked(reader: &mut Reader, at: &Path<'_>, messages: &[pb::WorkedDay]) -> Vec<WorkedDay> {
    let days = messages.iter().enumerate().map(|(position, value)| {
        let at = at.item("worked", position);
        WorkedDay {
            day: value.day,
            minutes: reader.figure(&at.field("minutes"), value.minutes),
            starts: reader.figure(&at.field("starts"), value.starts),
            ends: reader.figure(&at.field("ends"), value.ends),
        }
    });
    days.collect()
}

fn working_time(reader: &mut Reader, at: &Path<'_>, message: &pb::WorkingTime) -> WorkingTime {
    let pack = match message.pack.as_str() {
        "" => Some(LegalPack::Liberal),
        code => reader.known(&at.field("pack"), LegalPack::from_code(code), "a legal pack's code"),
    };
    let mut minutes = |name, value: Option<u32>| value.map(|value| reader.figure(&at.field(name), value));
    WorkingTime {
        pack: pack.unwrap_or_default(),
        daily_rest_min: minutes("daily_rest_min", message.daily_rest_min),
        day_max: minutes("day_max", message.day_max),
        seven_days_max: minutes("seven_days_max", message.seven_days_max),
        seven_days_usual: minutes("seven_days_usual", message.seven_days_usual),
        weekly_rest_min: minutes("weekly_rest_min", message.weekly_rest_min),
        week_target: minutes("week_target", message.week_target),
        week_half_days_max: message
            .week_half_days_max
            .map(|value| reader.figure(&at.field("week_half_days_max"), value)),
        fortnight_rest_days: reader.figure(&at.field("fortnight_rest_days"), message.fortnight_rest_days),
        fortnight_sunday: message.fortnight_sunday,
        is_volunteer: message.volunteer,
    }
}

fn following(reader: &mut Reader, at: &Path<'_>, message: &pb::Following) -> Following {
    Following {
        gardes: message.gardes.clone(),
        astreintes: message.astreintes.clone(),
        worked: worked(reader, at, &message.worked),
        is_absent: message.absent,
    }
}
