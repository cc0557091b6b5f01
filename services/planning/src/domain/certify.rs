//! From a plan and what its neighbors know to the facts of its certificate.
//!
//! The figures of sectors are the dossier's (domain §4.6), written down once more: the judge's own table is one of the
//! things that the certificate is there to check.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayPart, working_time::TimeOfDay};
use certificate::{Average, Facts, Figures, Hours, Kind, Law, Line, Open, Person, Profession, Role, Room};

use super::{
    law,
    pattern::Contract,
    problem::Inputs,
    shift::{self, Duty, Post, Shift},
    snapshot::{self, Category},
};

/// Laws under which extra time is the doctor's to give (R6152-27).
const VOLUNTARY: [&str; 1] = ["FR-PUBLIC-DOCTOR"];

/// The facts behind who holds what in `inputs`; `open` are the posts that the plan lists as holes.
pub fn facts(inputs: &Inputs<'_>, subject: String, open: &BTreeSet<(String, Post)>) -> Facts {
    let shifts: BTreeMap<&str, &Shift> = inputs.shifts.iter().map(|own| (own.id.as_str(), own)).collect();
    let held = inputs.holders.iter().filter_map(|holder| {
        let own = shifts.get(holder.shift.as_str())?;
        Some(post(&own.duty(holder.post, &holder.staff_member), true))
    });
    let mut posts: Vec<certificate::Post> = held.collect();
    let holders: BTreeSet<&str> = inputs.holders.iter().map(|own| own.staff_member.as_str()).collect();
    // Around it, only what concerns those who hold something in it.
    let around = inputs.before.iter().chain(inputs.elsewhere).chain(inputs.after);
    posts.extend(
        around.filter(|duty| holders.contains(duty.staff_member.as_str())).map(|duty| post(duty, false)),
    );
    let people = inputs.snapshot.people.iter().filter(|own| holders.contains(own.id.as_str()));
    Facts {
        subject,
        days: inputs.days,
        figures: figures(inputs),
        people: people.map(|own| person(inputs, own)).collect(),
        rooms: rooms(inputs),
        shifts: inputs.shifts.iter().map(shift).collect(),
        posts,
        lines: lines(inputs),
        open: open.iter().map(|(shift, post)| Open { shift: shift.clone(), role: role(*post) }).collect(),
    }
}

fn figures(inputs: &Inputs<'_>) -> Figures {
    let own = inputs.rules.parameters();
    let clock = |minutes: i64| {
        let minutes = minutes.clamp(0, 24 * 60 - 1) as i32;
        TimeOfDay::new(minutes / 60, minutes % 60).unwrap_or(calendar::working_time::DUTY_START)
    };
    let [morning, afternoon] = DayPart::ALL.map(Some);
    let of = |kind, part, (start, end): (u16, u16), minutes| {
        let (start, end) = (clock(i64::from(start)), clock(i64::from(end)));
        Hours { kind, part, start, end, minutes }
    };
    let consulting = u16::try_from(own.consultation_minutes).unwrap_or(0);
    let mut hours = vec![
        of(Kind::Garde, None, (own.morning_start, own.morning_start), None),
        of(Kind::GardeDay, None, (own.morning_start, own.garde_split), None),
        of(Kind::GardeNight, None, (own.garde_split, own.morning_start), None),
        of(Kind::Astreinte, None, (own.morning_start, own.morning_start), None),
        of(
            Kind::Consultation,
            morning,
            (own.morning_end.saturating_sub(consulting), own.morning_end),
            Some(own.consultation_minutes),
        ),
        of(
            Kind::Consultation,
            afternoon,
            (own.afternoon_start, own.afternoon_start.saturating_add(consulting)),
            Some(own.consultation_minutes),
        ),
        of(
            Kind::Closing,
            None,
            (own.afternoon_end.min(own.closing_end), own.closing_end),
            Some(own.closing_minutes),
        ),
    ];
    for kind in [Kind::Theatre, Kind::Volant] {
        let minutes = Some(own.half_day_minutes);
        hours.push(of(kind, morning, (own.morning_start, own.morning_end), minutes));
        hours.push(of(kind, afternoon, (own.afternoon_start, own.afternoon_end), minutes));
    }
    Figures {
        hours,
        is_rest_free_of_astreintes: own.astreinte_in_rest_forbidden,
        garde_day_rest_min: i64::from(own.garde_day_rest_min),
        pediatric_supervision_max: own.pediatric_supervision_max,
        is_derogation_authorized: own.supervision_derogation_authorized,
    }
}

fn person(inputs: &Inputs<'_>, own: &snapshot::Person) -> Person {
    Person {
        id: own.id.clone(),
        profession: match own.profession {
            snapshot::Profession::Mar => Profession::Mar,
            snapshot::Profession::Iade => Profession::Iade,
        },
        laws: own.contracts.iter().flat_map(|contract| laws(inputs, own, contract)).collect(),
        absences: inputs.snapshot.absences.get(&own.id).cloned().unwrap_or_default(),
    }
}

/// The contract itself, which asks for nothing, and each version of its law on the days on which both bind.
fn laws(inputs: &Inputs<'_>, person: &snapshot::Person, contract: &Contract) -> Vec<Law> {
    let (code, says_so) = law::code_of(&contract.legal_pack);
    let is_volunteer = (contract.is_volunteer || says_so) && VOLUNTARY.contains(&code);
    let later = |one: Option<Day>, other: Day| one.map_or(other, |one| one.max(other));
    let sooner = |one: Option<Day>, other: Option<Day>| match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let whole = Law {
        first: later(person.first, contract.first),
        last: sooner(person.last, contract.last),
        code: code.to_owned(),
        source: String::new(),
        daily_rest_min: None,
        averages: vec![],
        is_volunteer,
    };
    let versions = law::versions_of(&inputs.snapshot.law, code).into_iter().map(|own| Law {
        first: later(own.first, whole.first),
        last: sooner(own.last, whole.last),
        source: own.source,
        daily_rest_min: own.law.working_time.daily_rest_min.map(i64::from),
        averages: (own.law.averages.iter())
            .map(|own| Average { week_minutes: own.week_minutes, days: own.days })
            .collect(),
        ..whole.clone()
    });
    let laws = std::iter::once(whole.clone()).chain(versions);
    laws.filter(|own| own.last.is_none_or(|last| own.first <= last)).collect()
}

/// The rooms that shifts open, with the limits of their category, their sector and their own.
fn rooms(inputs: &Inputs<'_>) -> Vec<Room> {
    let open: BTreeSet<(&str, &str, &str)> = (inputs.shifts.iter())
        .filter(|own| own.kind == shift::Kind::Theatre)
        .map(|own| (own.site.as_str(), own.sector.as_str(), own.room.as_str()))
        .collect();
    let rooms = open.into_iter().filter_map(|(site, sector, id)| {
        let room = inputs.snapshot.room(site, sector, id)?;
        let sector = inputs.snapshot.sectors.iter().find(|own| own.site == site && own.id == sector)?;
        let usual = limits(sector.category);
        let given = [room.rooms_per_supervisor_max, sector.rooms_per_supervisor_max];
        let supervision_max = given.into_iter().find(|max| *max > 0).unwrap_or(usual.supervision_max);
        Some(Room {
            id: room_id(site, &sector.id, id),
            supervision_max,
            derogation_max: usual.derogation_max.max(supervision_max),
            ..usual
        })
    });
    rooms.collect()
}

/// Domain §4.6: how many rooms one person runs, how many an anesthetist supervises, how many by derogation, and whether
/// the supervisor's own ones count.
fn limits(category: Category) -> Room {
    let (run_max, supervision_max, derogation_max, is_own_counted) = match category {
        Category::Standard => (1, 2, 3, true),
        Category::Hyperaseptic => (1, 2, 2, true),
        Category::Ophthalmology => (3, 3, 4, false),
        Category::Endoscopy => (2, 2, 3, false),
    };
    Room { id: String::new(), run_max, supervision_max, derogation_max, is_own_counted }
}

/// The days on which the rule set wants somebody on duty at a site. One is asked for, however many it wants: it may
/// want more since the plan was made.
fn lines(inputs: &Inputs<'_>) -> Vec<Line> {
    let mut lines = BTreeSet::new();
    for need in &inputs.rules.needs {
        let kind = match need.kind {
            shift::Kind::Garde => Kind::Garde,
            shift::Kind::Astreinte => Kind::Astreinte,
            _ => continue,
        };
        let Some(site) = need.site_among(inputs.sites) else { continue };
        for day in inputs.days.days() {
            if need.applies(day, inputs.snapshot.public_holidays.contains(&day)) {
                lines.insert(Line { day, kind, site: site.clone() });
            }
        }
    }
    lines.into_iter().collect()
}

fn shift(own: &Shift) -> certificate::Shift {
    let (kind, part) = kind(own.kind, own.part);
    let room = if own.room.is_empty() { String::new() } else { room_id(&own.site, &own.sector, &own.room) };
    certificate::Shift {
        id: own.id.clone(),
        kind,
        day: own.day,
        part,
        site: own.site.clone(),
        room,
        is_pediatric: own.is_pediatric,
    }
}

fn post(duty: &Duty, is_of_plan: bool) -> certificate::Post {
    let (kind, part) = kind(duty.kind, duty.part);
    certificate::Post {
        person: duty.staff_member.clone(),
        shift: duty.shift.clone(),
        role: role(duty.post),
        kind,
        day: duty.day,
        part,
        site: duty.site.clone(),
        is_of_plan,
    }
}

fn role(post: Post) -> Role {
    match post {
        Post::Performer => Role::Performer,
        Post::Supervisor => Role::Supervisor,
    }
}

/// The halves of a garde are two kinds of work, and none of half a day.
fn kind(kind: shift::Kind, part: Option<DayPart>) -> (Kind, Option<DayPart>) {
    match (kind, part) {
        (shift::Kind::Garde, None) => (Kind::Garde, None),
        (shift::Kind::Garde, Some(DayPart::Morning)) => (Kind::GardeDay, None),
        (shift::Kind::Garde, Some(DayPart::Afternoon)) => (Kind::GardeNight, None),
        (shift::Kind::Astreinte, _) => (Kind::Astreinte, None),
        (shift::Kind::Closing, _) => (Kind::Closing, None),
        (shift::Kind::Theatre, part) => (Kind::Theatre, part),
        (shift::Kind::Consultation, part) => (Kind::Consultation, part),
        (shift::Kind::Volant, part) => (Kind::Volant, part),
    }
}

fn room_id(site: &str, sector: &str, room: &str) -> String {
    format!("{site}/{sector}/{room}")
}

#[cfg(test)]
mod tests;
