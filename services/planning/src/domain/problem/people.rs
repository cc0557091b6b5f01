//! The people of a problem: when each is there, what each carries over the boundary, how much each should carry.

use std::collections::BTreeMap;

use calendar::{Day, DayPart, HalfDay, Span};
use roster::problem::{
    Abilities, Availability, Counter, Counterpart, Following, History, Incompatibility, Person, PersonIx,
    Profession, WorkingTime,
};

use super::{Inputs, Places};
use crate::domain::{
    counting,
    shift::{Duty, Kind},
    snapshot::{self, Other},
};

/// What a nurse's contract allows in a week: 44 hours for a full-timer (decree 2002-9).
const NURSE_WEEK_MINUTES: i64 = 44 * 60;
/// What a hospital practitioner works on average over four months: 48 hours a week (R6152-27).
const DOCTOR_WEEK_MINUTES: i64 = 48 * 60;
/// Four months, over which the average is taken.
const AVERAGE_DAYS: i32 = 122;
/// The legal packs whose average is kept (domain dossier §4.12).
const DOCTOR_PACKS: [&str; 2] = ["FR-PUBLIC-DOCTOR", "hospital-practitioner"];

/// The judge's people, in the order given.
pub(super) fn of(inputs: &Inputs<'_>, people: &[&snapshot::Person], places: &Places) -> Vec<Person> {
    let index: BTreeMap<&str, usize> =
        people.iter().enumerate().map(|(position, person)| (person.id.as_str(), position)).collect();
    let mut before: BTreeMap<&str, Vec<&Duty>> = BTreeMap::new();
    for duty in inputs.before {
        before.entry(duty.staff_member.as_str()).or_default().push(duty);
    }
    let none: Vec<&Duty> = Vec::new();
    let people = people.iter().enumerate().map(|(position, person)| {
        let past = before.get(person.id.as_str()).unwrap_or(&none);
        one(inputs, position, person, places, &index, past)
    });
    people.collect()
}

fn one(
    inputs: &Inputs<'_>,
    position: usize,
    person: &snapshot::Person,
    places: &Places,
    index: &BTreeMap<&str, usize>,
    past: &[&Duty],
) -> Person {
    let profession = match person.profession {
        snapshot::Profession::Mar => Profession::Mar,
        snapshot::Profession::Iade => Profession::Iade,
    };
    let availability = availability(inputs, person);
    let percentage =
        inputs.days.days().find_map(|day| person.contract_on(day)).map_or(100, |own| own.percentage);
    let percentage = percentage.clamp(1, 100);
    let is_iade = profession == Profession::Iade;
    Person {
        id: format!("p{position}"),
        profession,
        percentage,
        equity_share: if person.is_locum { 0 } else { share(inputs, person, &availability) },
        is_locum: person.is_locum,
        sites: person.sites.iter().filter_map(|site| places.sites.get(site).copied()).collect(),
        skills: skills(inputs, person, places),
        abilities: Abilities::of(profession),
        availability,
        duty_unavailabilities: Vec::new(),
        incompatibilities: incompatibilities(inputs, person, places, index),
        history: history(inputs, &person.id, past),
        credit_minutes: credit(inputs, person, past),
        week_minutes_max: is_iade.then(|| NURSE_WEEK_MINUTES * i64::from(percentage) / 100),
        working_time: WorkingTime::default(),
        following: Following::default(),
    }
}

/// Each half-day of the horizon: contract and pattern first, then holidays, then absences above all.
fn availability(inputs: &Inputs<'_>, person: &snapshot::Person) -> Vec<Availability> {
    let none: Vec<Span> = Vec::new();
    let absences = inputs.snapshot.absences.get(&person.id).unwrap_or(&none);
    let elsewhere: Vec<&Duty> =
        inputs.elsewhere.iter().filter(|duty| duty.staff_member == person.id).collect();
    let mut halves = Vec::with_capacity(inputs.days.len() * 2);
    for day in inputs.days.days() {
        let usual = usual(inputs, person, day);
        for part in [DayPart::Morning, DayPart::Afternoon] {
            let is_absent = absences.iter().any(|span| span.contains(HalfDay::new(day, part)));
            halves.push(if is_absent { Availability::Absent } else { beside(&elsewhere, day, part, usual) });
        }
    }
    halves
}

/// What is left of a half-day beside duties at other sites: nothing on the day of a garde and the rest after it, no
/// post where there is one already. What may be done beside an astreinte is for its own plan's rules.
fn beside(elsewhere: &[&Duty], day: Day, part: DayPart, usual: Availability) -> Availability {
    let on_garde = |duty: &&&Duty| duty.kind == Kind::Garde && (duty.day == day || duty.day.next() == day);
    let at_post = |duty: &&&Duty| {
        !matches!(duty.kind, Kind::Garde | Kind::Astreinte)
            && duty.day == day
            && duty.part.is_none_or(|own| own == part)
    };
    if elsewhere.iter().any(|duty| on_garde(&duty)) {
        Availability::NotWorking
    } else if usual == Availability::Working && elsewhere.iter().any(|duty| at_post(&duty)) {
        Availability::DutyOnly
    } else {
        usual
    }
}

fn usual(inputs: &Inputs<'_>, person: &snapshot::Person, day: Day) -> Availability {
    let Some(contract) = person.contract_on(day) else { return Availability::NotWorking };
    let is_closed = day.is_weekend() || inputs.snapshot.public_holidays.contains(&day);
    if contract.pattern.works_on(day) && !is_closed {
        Availability::Working
    } else if contract.pattern.may_be_on_duty(day) {
        Availability::DutyOnly
    } else {
        Availability::NotWorking
    }
}

/// The share in the team's load: working percentage by day, days of absence left out, in thousandths.
fn share(inputs: &Inputs<'_>, person: &snapshot::Person, availability: &[Availability]) -> u32 {
    let mut sum = 0_u32;
    for (position, day) in inputs.days.days().enumerate() {
        let is_away =
            availability[position * 2..position * 2 + 2].iter().all(|own| *own == Availability::Absent);
        if let Some(contract) = person.contract_on(day).filter(|_| !is_away) {
            sum += u32::from(contract.percentage) * 10;
        }
    }
    sum / inputs.days.len().max(1) as u32
}

fn skills(inputs: &Inputs<'_>, person: &snapshot::Person, places: &Places) -> Vec<roster::problem::SkillIx> {
    let held = person.skills.iter().filter(|(_, first, last)| {
        first.is_none_or(|first| first <= inputs.days.first())
            && last.is_none_or(|last| inputs.days.last() <= last)
    });
    held.filter_map(|(skill, _, _)| places.skills.get(skill).copied()).collect()
}

fn incompatibilities(
    inputs: &Inputs<'_>,
    person: &snapshot::Person,
    places: &Places,
    index: &BTreeMap<&str, usize>,
) -> Vec<Incompatibility> {
    let own = inputs.snapshot.incompatibilities.iter().filter(|own| {
        own.staff_member == person.id
            && own.first.is_none_or(|first| first <= inputs.days.last())
            && own.last.is_none_or(|last| inputs.days.first() <= last)
    });
    let own = own.filter_map(|own| {
        let with = match &own.other {
            Other::Person(other) if *other == person.id => None,
            Other::Person(other) => {
                index.get(other.as_str()).and_then(|at| PersonIx::of(*at)).map(Counterpart::Person)
            }
            Other::Surgeon(surgeon) => places.surgeons.get(surgeon).copied().map(Counterpart::Surgeon),
        };
        Some(Incompatibility { with: with?, is_strict: own.is_strict })
    });
    own.collect()
}

/// What was published before the plan's first day.
fn history(inputs: &Inputs<'_>, id: &str, past: &[&Duty]) -> History {
    let first = inputs.days.first();
    let offsets = |kind: Kind, days: i32| {
        let mut offsets: Vec<i32> = (past.iter().filter(|duty| duty.kind == kind))
            .map(|duty| duty.day - first)
            .filter(|offset| (-days..0).contains(offset))
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        offsets
    };
    let is_worked = |day: Day| past.iter().any(|duty| duty.day == day && duty.kind != Kind::Astreinte);
    let worked = (1..=31).take_while(|days| is_worked(first.plus(-days))).count();
    let counters = Counter::ALL.into_iter().filter_map(|counter| {
        let quantity = inputs.counters.get(&(id.to_owned(), counting::id_of(counter)))?;
        (*quantity != 0).then_some((counter, *quantity))
    });
    History {
        gardes: offsets(Kind::Garde, 62),
        astreintes: offsets(Kind::Astreinte, 62),
        ..History::default()
        consecutive_days: u8::try_from(worked).unwrap_or(u8::MAX),
        counters: counters.collect(),
    }
}

/// The minutes that may still be worked so that four months average 48 hours a week; only for those whose law asks.
fn credit(inputs: &Inputs<'_>, person: &snapshot::Person, past: &[&Duty]) -> Option<i64> {
    let contract = inputs.days.days().find_map(|day| person.contract_on(day))?;
    if !DOCTOR_PACKS.contains(&contract.legal_pack.as_str()) {
        return None;
    }
    let window_first = inputs.days.last().plus(1 - AVERAGE_DAYS.max(inputs.days.len() as i32));
    let figures = inputs.rules.parameters();
    let worked: i64 = (past.iter().filter(|duty| duty.day >= window_first))
        .map(|duty| match duty.kind {
            Kind::Garde => 1_440,
            Kind::Astreinte => 0,
            Kind::Consultation => figures.consultation_minutes,
            Kind::Theatre | Kind::Volant => figures.half_day_minutes,
            Kind::Closing => figures.closing_minutes,
        })
        .sum();
    let days = i64::from(inputs.days.last() - window_first) + 1;
    Some((DOCTOR_WEEK_MINUTES * days / 7 - worked).max(0))
}
