//! People, written.

use proto::solver::v1 as pb;
use proto::solver::v1::incompatibility;
use roster::problem::{
    Abilities, Availability, Counterpart, DutyUnavailability, History, Incompatibility, Person, Profession,
};

use super::counters;

pub fn person(person: &Person) -> pb::Person {
    pb::Person {
        id: person.id.clone(),
        profession: profession(person.profession).into(),
        percentage: u32::from(person.percentage),
        equity_share: person.equity_share,
        locum: person.is_locum,
        sites: person.sites.iter().map(|site| u32::from(site.0)).collect(),
        skills: person.skills.iter().map(|skill| u32::from(skill.0)).collect(),
        abilities: Some(abilities(person.abilities)),
        availability: person.availability.iter().map(|half_day| availability(*half_day).into()).collect(),
        duty_unavailabilities: person.duty_unavailabilities.iter().map(duty_unavailability).collect(),
        incompatibilities: person.incompatibilities.iter().map(incompatibility).collect(),
        history: Some(history(&person.history)),
        credit_minutes: person.credit_minutes,
        week_minutes_max: person.week_minutes_max,
    }
}

pub fn profession(profession: Profession) -> pb::Profession {
    match profession {
        Profession::Mar => pb::Profession::Mar,
        Profession::Iade => pb::Profession::Iade,
    }
}

fn availability(availability: Availability) -> pb::Availability {
    match availability {
        Availability::Working => pb::Availability::Working,
        Availability::DutyOnly => pb::Availability::DutyOnly,
        Availability::NotWorking => pb::Availability::NotWorking,
        Availability::Absent => pb::Availability::Absent,
        Availability::Unavailable => pb::Availability::Unavailable,
    }
}

fn abilities(abilities: Abilities) -> pb::Abilities {
    let Abilities { garde, astreinte, consultation, theatre, supervision, closing, volant } = abilities;
    pb::Abilities { garde, astreinte, consultation, theatre, supervision, closing, volant }
}

fn duty_unavailability(duty: &DutyUnavailability) -> pb::DutyUnavailability {
    pb::DutyUnavailability {
        day: u32::from(duty.day.0),
        garde: duty.garde,
        astreinte: duty.astreinte,
        flexible: duty.is_flexible,
    }
}

fn incompatibility(incompatibility: &Incompatibility) -> pb::Incompatibility {
    let counterpart = match incompatibility.with {
        Counterpart::Person(person) => incompatibility::Counterpart::Person(u32::from(person.0)),
        Counterpart::Surgeon(surgeon) => incompatibility::Counterpart::Surgeon(u32::from(surgeon.0)),
    };
    pb::Incompatibility { counterpart: Some(counterpart), strict: incompatibility.is_strict }
}

fn history(history: &History) -> pb::History {
    pb::History {
        gardes: history.gardes.clone(),
        astreintes: history.astreintes.clone(),
        consecutive_days: u32::from(history.consecutive_days),
        counters: counters(&history.counters),
    }
}
