//! The people of a problem: when each is there, what each carries over the boundary, how much each should carry.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use calendar::{Day, DayPart, DayRange, HalfDay, Span, working_time};
use roster::problem::{
    Abilities, Availability, Counter, Counterpart, DayIx, DutyUnavailability, Following, History,
    Incompatibility, Person, PersonIx, Profession, RuleParameters, WorkedDay, WorkingTime,
};

use super::{Inputs, Places};
use crate::domain::{
    counting,
    law::{self, Average, Law},
    shift::{Duty, Kind},
    snapshot::{self, Activity, Other},
};

/// What a nurse's contract allows in a week: 44 hours for a full-timer (decree 2002-9).
const NURSE_WEEK_MINUTES: i64 = 44 * 60;
/// How far back duties are counted one by one: two months.
const LOOK_BACK_DAYS: i32 = 62;
/// How far rest and sliding weeks look.
const FORTNIGHT: i32 = 14;

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
    let law = law(inputs, person);
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
        abilities: abilities(profession, person),
        availability,
        duty_unavailabilities: duty_unavailabilities(inputs, person),
        incompatibilities: incompatibilities(inputs, person, places, index),
        history: history(inputs, person, past),
        credit_minutes: credit(inputs, &law, past),
        week_minutes_max: is_iade.then(|| NURSE_WEEK_MINUTES * i64::from(percentage) / 100),
        working_time: law.working_time,
        following: following(inputs, person),
    }
}

/// What the profession gives, but for what a locum is never given.
fn abilities(profession: Profession, person: &snapshot::Person) -> Abilities {
    let mut abilities = Abilities::of(profession);
    for activity in &person.excluded_activities {
        let own = match activity {
            Activity::Garde => &mut abilities.garde,
            Activity::Astreinte => &mut abilities.astreinte,
            Activity::Consultation => &mut abilities.consultation,
            Activity::Theatre => &mut abilities.theatre,
            Activity::Supervision => &mut abilities.supervision,
            Activity::Closing => &mut abilities.closing,
            Activity::Volant => &mut abilities.volant,
        };
        *own = false;
    }
    abilities
}

/// Each half-day of the horizon: contract and pattern first, then holidays, then absences above all.
fn availability(inputs: &Inputs<'_>, person: &snapshot::Person) -> Vec<Availability> {
    let none: Vec<Span> = Vec::new();
    let absences = inputs.snapshot.absences.get(&person.id).unwrap_or(&none);
    let elsewhere: Vec<&Duty> =
        inputs.elsewhere.iter().filter(|duty| duty.staff_member == person.id).collect();
    let mut halves = Vec::with_capacity(inputs.days.len() * 2);
    for day in inputs.days.days() {
        for part in [DayPart::Morning, DayPart::Afternoon] {
            let usual = usual(inputs, person, HalfDay::new(day, part));
            let is_absent = absences.iter().any(|span| span.contains(HalfDay::new(day, part)));
            halves.push(if is_absent { Availability::Absent } else { beside(&elsewhere, day, part, usual) });
        }
    }
    halves
}

/// What is left of a half-day beside duties at other sites: nothing on the day of a garde and the rest after it, no
/// post where there is one already. What may be done beside an astreinte is for its own plan's rules.
fn beside(elsewhere: &[&Duty], day: Day, part: DayPart, usual: Availability) -> Availability {
    let rests = |duty: &Duty| duty.part != Some(DayPart::Morning) && duty.day.next() == day;
    let on_garde = |duty: &&&Duty| duty.kind == Kind::Garde && (duty.day == day || rests(duty));
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

fn usual(inputs: &Inputs<'_>, person: &snapshot::Person, half: HalfDay) -> Availability {
    let day = half.day;
    let Some(contract) = person.contract_on(day) else { return Availability::NotWorking };
    let is_closed = day.is_weekend() || inputs.snapshot.public_holidays.contains(&day);
    if person.is_locum {
        // Locums are there when they said so: what their contract says of the week is how they are paid.
        let is_declared = person.availabilities.iter().any(|span| span.contains(half));
        return match (is_declared, is_closed) {
            (false, _) => Availability::NotWorking,
            (true, true) => Availability::DutyOnly,
            (true, false) => Availability::Working,
        };
    }
    if contract.pattern.works_on(day) && !is_closed {
        Availability::Working
    } else if contract.pattern.may_be_on_duty(day) {
        Availability::DutyOnly
    } else {
        Availability::NotWorking
    }
}

/// The days on which no garde or astreinte may begin (G19); what else the day holds stays as it is.
fn duty_unavailabilities(inputs: &Inputs<'_>, person: &snapshot::Person) -> Vec<DutyUnavailability> {
    let own = inputs.snapshot.unavailable_days.get(&person.id).into_iter().flatten();
    let own = own.filter(|own| inputs.days.contains(own.day)).filter_map(|own| {
        Some(DutyUnavailability {
            day: DayIx::of(usize::try_from(own.day - inputs.days.first()).ok()?)?,
            garde: own.is_for_gardes,
            astreinte: own.is_for_astreintes,
            is_flexible: own.is_flexible,
        })
    });
    own.collect()
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
    let kept_from = person.excluded_specialties.iter().filter_map(|id| places.specialties.get(id).copied());
    let kept_from = kept_from
        .map(|specialty| Incompatibility { with: Counterpart::Specialty(specialty), is_strict: true });
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
    own.chain(kept_from).collect()
}

/// What was published before the plan's first day.
fn history(inputs: &Inputs<'_>, person: &snapshot::Person, past: &[&Duty]) -> History {
    let first = inputs.days.first();
    let counters = Counter::ALL.into_iter().filter_map(|counter| {
        let quantity = inputs.standing.counters.get(&(person.id.clone(), counting::id_of(counter)))?;
        (*quantity != 0).then_some((counter, *quantity))
    });
    let own = |part: Option<DayPart>| {
        let parts = past.iter().copied().filter(move |duty| duty.kind == Kind::Garde && duty.part == part);
        offsets(first, parts, -LOOK_BACK_DAYS..0)
    };
    let worked = worked(inputs, past, -LOOK_BACK_DAYS..0);
    let in_a_row = worked.iter().rev().zip(1..).take_while(|(own, back)| own.day == -back).count();
    History {
        gardes: own(None),
        garde_days: own(Some(DayPart::Morning)),
        garde_nights: own(Some(DayPart::Afternoon)),
        astreintes: offsets(
            first,
            past.iter().copied().filter(|duty| duty.kind == Kind::Astreinte),
            -LOOK_BACK_DAYS..0,
        ),
        consecutive_days: u8::try_from(in_a_row).unwrap_or(u8::MAX),
        counters: counters.collect(),
        worked: worked.into_iter().filter(|own| own.day >= -FORTNIGHT).collect(),
        presence: presence(inputs, person),
    }
}

/// What is already published after the plan's last day.
fn following(inputs: &Inputs<'_>, person: &snapshot::Person) -> Following {
    let (first, days) = (inputs.days.first(), inputs.days.len() as i32);
    let own: Vec<&Duty> = inputs.after.iter().filter(|duty| duty.staff_member == person.id).collect();
    let of = |fits: &dyn Fn(&Duty) -> bool| {
        offsets(first, own.iter().copied().filter(|duty| fits(duty)), days..i32::MAX)
    };
    let morning = HalfDay::new(inputs.days.last().next(), DayPart::Morning);
    let absences = inputs.snapshot.absences.get(&person.id);
    Following {
        gardes: of(&|duty| duty.kind == Kind::Garde && duty.part != Some(DayPart::Morning)),
        astreintes: of(&|duty| duty.kind == Kind::Astreinte),
        worked: worked(inputs, &own, days..days + FORTNIGHT),
        is_absent: absences.is_some_and(|spans| spans.iter().any(|span| span.contains(morning))),
    }
}

/// The days of some duties, counted from the plan's first, each once and in order.
fn offsets<'d>(first: Day, duties: impl Iterator<Item = &'d Duty>, range: Range<i32>) -> Vec<i32> {
    let days: BTreeSet<i32> = duties.map(|duty| duty.day - first).filter(|day| range.contains(day)).collect();
    days.into_iter().collect()
}

/// The days worked outside the plan: how long, from when, until when.
fn worked(inputs: &Inputs<'_>, duties: &[&Duty], range: Range<i32>) -> Vec<WorkedDay> {
    let figures = inputs.rules.parameters();
    let mut days: BTreeMap<i32, WorkedDay> = BTreeMap::new();
    let mut halves: BTreeSet<(i32, Option<DayPart>)> = BTreeSet::new();
    for duty in duties.iter().filter(|duty| duty.kind != Kind::Astreinte) {
        let day = duty.day - inputs.days.first();
        if !range.contains(&day) {
            continue;
        }
        let (starts, ends) = hours(duty, &figures);
        let own = days.entry(day).or_insert(WorkedDay { day, minutes: 0, starts, ends });
        (own.starts, own.ends) = (own.starts.min(starts), own.ends.max(ends));
        // Several rooms at once are worked once.
        if duty.kind != Kind::Theatre || halves.insert((day, duty.part)) {
            let minutes = u16::try_from(minutes(duty, &figures)).unwrap_or(u16::MAX);
            own.minutes = own.minutes.saturating_add(minutes);
        }
    }
    days.into_values().collect()
}

/// When a duty begins and ends, in minutes after the midnight of its day.
fn hours(duty: &Duty, figures: &RuleParameters) -> (u16, u16) {
    const DAY: u16 = 24 * 60;
    match (duty.kind, duty.part) {
        (Kind::Garde, Some(DayPart::Morning)) => (figures.morning_start, figures.garde_split),
        (Kind::Garde, Some(DayPart::Afternoon)) => (figures.garde_split, figures.morning_start + DAY),
        (Kind::Garde | Kind::Astreinte, _) => (figures.morning_start, figures.morning_start + DAY),
        (Kind::Closing, _) => (figures.afternoon_end.min(figures.closing_end), figures.closing_end),
        (_, Some(DayPart::Afternoon)) => (figures.afternoon_start, figures.afternoon_end),
        _ => (figures.morning_start, figures.morning_end),
    }
}

/// The working time of a duty.
fn minutes(duty: &Duty, figures: &RuleParameters) -> i64 {
    let garde = || working_time::garde(duty.day, &working_time::Zone::paris()).minutes();
    match (duty.kind, duty.part) {
        (Kind::Garde, None) => garde(),
        (Kind::Garde, Some(DayPart::Morning)) => figures.garde_day_minutes(),
        (Kind::Garde, Some(DayPart::Afternoon)) => garde() - figures.garde_day_minutes(),
        (Kind::Astreinte, _) => 0,
        (Kind::Consultation, _) => figures.consultation_minutes,
        (Kind::Theatre | Kind::Volant, _) => figures.half_day_minutes,
        (Kind::Closing, _) => figures.closing_minutes,
    }
}

/// Presence while the counters were gathered, in thousandths of a full-timer present for as long as the plan.
fn presence(inputs: &Inputs<'_>, person: &snapshot::Person) -> Option<u32> {
    let points = *inputs.standing.presence.get(&person.id)?;
    u32::try_from(points / inputs.days.len().max(1) as i64).ok()
}

/// The law that binds on the days of the person's contract within the plan, as it is for their part of a post.
fn law(inputs: &Inputs<'_>, person: &snapshot::Person) -> Law {
    let mut covered = inputs.days.days().filter_map(|day| Some((day, person.contract_on(day)?)));
    let Some((first, contract)) = covered.next() else { return Law::default() };
    let last = covered.take_while(|(_, own)| *own == contract).last().map_or(first, |(day, _)| day);
    let days = DayRange::new(first, last).unwrap_or(inputs.days);
    let (code, says_so) = law::code_of(&contract.legal_pack);
    let is_volunteer = contract.is_volunteer || says_so;
    let own = law::in_force(&inputs.snapshot.law, code, days);
    let part = |minutes: u16| (u32::from(minutes) * u32::from(contract.percentage) / 100) as u16;
    let week_target = own.working_time.week_target.map(part);
    Law { working_time: WorkingTime { week_target, is_volunteer, ..own.working_time }, ..own }
}

/// The minutes that may still be worked so that every average of the law is kept; none where it asks for none.
fn credit(inputs: &Inputs<'_>, law: &Law, past: &[&Duty]) -> Option<i64> {
    let figures = inputs.rules.parameters();
    let left = |average: &Average| {
        let window_first = inputs.days.last().plus(1 - average.days.max(inputs.days.len() as i32));
        let worked: i64 =
            (past.iter().filter(|duty| duty.day >= window_first)).map(|duty| minutes(duty, &figures)).sum();
        let days = i64::from(inputs.days.last() - window_first) + 1;
        (average.week_minutes * days / 7 - worked).max(0)
    };
    law.averages.iter().map(left).min()
}
