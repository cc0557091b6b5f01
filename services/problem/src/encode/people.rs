//! People, written.

use proto::solver::v1 as pb;
use proto::solver::v1::incompatibility;
use roster::problem::{
    Abilities, Availability, Counterpart, DutyUnavailability, Following, History, Incompatibility, Person,
    Profession, WorkedDay, WorkingTime,
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
        working_time: Some(working_time(&person.working_time)),
        following: Some(following(&person.following)),
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
        Counterpart::Specialty(specialty) => incompatibility::Counterpart::Specialty(u32::from(specialty.0)),
    };
    pb::Incompatibility { counterpart: Some(counterpart), strict: incompatibility.is_strict }
}

fn history(history: &History) -> pb::History {
    pb::History {
        gardes: history.gardes.clone(),
        astreintes: history.astreintes.clone(),
        consecutive_days: u32::from(history.consecutive_days),
        counters: counters(&history.counters),
        garde_days: history.garde_days.clone(),
        garde_nights: history.garde_nights.clone(),
        worked: history.worked.iter().map(worked_day).collect(),
        presence: history.presence,
    }
}

fn worked_day(worked: &WorkedDay) -> pb::WorkedDay {
    pb::WorkedDay {
        day: worked.day,
        minutes: u32::from(worked.minutes),
        starts: u32::from(worked.starts),
        ends: u32::from(worked.ends),
    }
}

fn working_time(own: &WorkingTime) -> pb::WorkingTime {
    pb::WorkingTime {
        pack: own.pack.code().to_owned(),
        daily_rest_min: own.daily_rest_min.map(u32::from),
        day_max: own.day_max.map(u32::from),
        seven_days_max: own.seven_days_max.map(u32::from),
        seven_days_usual: own.seven_days_usual.map(u32::from),
        weekly_rest_min: own.weekly_rest_min.map(u32::from),
        fortnight_rest_days: u32::from(own.fortnight_rest_days),
        fortnight_sunday: own.fortnight_sunday,
        week_half_days_max: own.week_half_days_max.map(u32::from),
        week_target: own.week_target.map(u32::from),
        volunteer: own.is_volunteer,
    }
}

fn following(own: &Following) -> pb::Following {
    pb::Following {
        gardes: own.gardes.clone(),
        astreintes: own.astreintes.clone(),
        worked: own.worked.iter().map(worked_day).collect(),
        absent: own.is_absent,
    }
}
