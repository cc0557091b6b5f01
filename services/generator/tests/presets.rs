//! What every preset promises, and what is refused.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use calendar::Day;
use generator::{Leave, Parameters, Preset, Refusal, generate};
use proptest::prelude::*;
use roster::{
    Draft, Problem,
    problem::{Availability, Profession, SlotKind},
};

fn draft(preset: Preset, seed: u64) -> Draft {
    generate(&preset.parameters(seed)).unwrap()
}

/// Sites, rooms, people, duties of a preset.
fn sizes(preset: Preset) -> (usize, usize, usize, usize) {
    let draft = draft(preset, 1);
    let duties = draft.slots.iter().filter(|slot| slot.kind.is_duty()).count();
    (draft.topology.sites.len(), draft.topology.rooms.len(), draft.people.len(), duties)
}

#[test]
fn every_preset_makes_a_sound_problem() {
    for preset in Preset::ALL {
        for seed in [1, 7] {
            assert!(Problem::build(draft(preset, seed)).is_ok(), "{}", preset.name());
        }
        assert_eq!(Preset::from_name(preset.name()), Some(preset));
    }
}

#[test]
fn sizes_are_those_of_the_dossier() {
    assert_eq!(sizes(Preset::Department), (2, 34, 26, 60));
    assert_eq!(sizes(Preset::Hospital), (3, 60, 150, 180));
    assert_eq!(sizes(Preset::Group), (20, 400, 2_000, 1_200));
    assert_eq!(sizes(Preset::GhtRegional), (24, 504, 3_600, 2_880));
    assert_eq!(sizes(Preset::NationalSlice), (24, 600, 1_104, 2_160));
}

#[test]
fn the_same_seed_gives_the_same_draft_and_another_seed_another() {
    let one = draft(Preset::Hospital, 5);
    assert_eq!(one, draft(Preset::Hospital, 5));
    assert_ne!(one.slots, draft(Preset::Hospital, 6).slots);
}

#[test]
fn few_people_are_shared_between_teams() {
    let draft = draft(Preset::Group, 1);
    let shared = draft.people.iter().filter(|person| person.sites.len() > 1).count();
    assert!((100..=200).contains(&shared), "5 to 10 % of 2,000, found {shared}");
}

#[test]
fn a_third_of_the_departments_anesthetists_work_half_time() {
    let draft = draft(Preset::Department, 1);
    let mars: Vec<_> =
        draft.people.iter().filter(|own| own.profession == Profession::Mar && !own.is_locum).collect();
    assert_eq!((mars.len(), mars.iter().filter(|own| own.percentage == 50).count()), (16, 6));
}

#[test]
fn surgeons_have_the_real_skew() {
    let draft = draft(Preset::Group, 1);
    let specialties = draft.slots.iter().filter_map(|slot| match slot.kind {
        SlotKind::Theatre { specialty, is_pediatric, .. } => Some((specialty?.at(), is_pediatric)),
        _ => None,
    });
    let all: Vec<_> = specialties.collect();
    let pediatric = all.iter().filter(|own| own.1).count() * 100 / all.len();
    assert!((4..=25).contains(&pediatric), "{pediatric} % pediatric");
    let seen: BTreeSet<_> = all.iter().map(|own| own.0).collect();
    assert!(seen.len() >= 18, "only {} specialties", seen.len());
}

#[test]
fn stress_sets_are_what_they_are_called() {
    let august = draft(Preset::InfeasibleAugust, 1);
    let halves = august.people.iter().flat_map(|own| &own.availability);
    let away = halves.clone().filter(|own| **own == Availability::Absent).count();
    assert!(away * 2 > halves.count(), "more than half of all half-days away");
    let weeks: BTreeSet<_> = draft(Preset::Week53, 1).days.iter().map(|day| day.iso_week).collect();
    assert!(weeks.contains(&202_653) && weeks.contains(&202_701) && !weeks.contains(&202_654));
    let long: Vec<_> =
        draft(Preset::ClockChange, 1).days.into_iter().filter(|day| day.garde_minutes != 1_440).collect();
    assert_eq!(
        long.iter().map(|day| (day.day_of_month, day.garde_minutes)).collect::<Vec<_>>(),
        [(30, 1_500)]
    );
    let spring =
        Parameters { first: Day::new(2028, 3, 1).unwrap(), days: 31, ..Preset::Department.parameters(1) };
    assert!(generate(&spring).unwrap().days.iter().any(|day| day.garde_minutes == 1_380));
    let short = draft(Preset::OneMarShort, 1);
    assert!(
        short.people[0]
            .availability
            .iter()
            .all(|own| *own == Availability::Absent || *own == Availability::NotWorking)
    );
    assert!(short.people.iter().all(|own| !own.is_locum));
}

#[test]
fn what_no_problem_can_have_is_refused() {
    let of = |change: fn(&mut Parameters)| {
        let mut parameters = Preset::Department.parameters(1);
        change(&mut parameters);
        generate(&parameters).unwrap_err()
    };
    assert_eq!(of(|own| own.days = 0), Refusal::Days(0));
    assert_eq!(of(|own| own.days = 401), Refusal::Days(401));
    assert_eq!(of(|own| own.teams = 0), Refusal::People(0));
    assert_eq!(of(|own| own.teams = 10_000), Refusal::People(260_000));
    assert_eq!(of(|own| own.team.sites.clear()), Refusal::Rooms(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_parameters_the_draft_is_sound(
        seed in any::<u64>(),
        first in -20_000..40_000_i32,
        days in 1..60_u16,
        teams in 1..4_u16,
        (anesthetists, nurses, locums, absent) in (0..12_u16, 0..8_u16, 0..2_u16, 0..14_u16),
        (gardes, astreintes, consultations, volants) in (0..3_u8, 0..3_u8, 0..4_u8, 0..3_u8),
        (half_time, four_days, shared, pediatric, share, quota) in
            (0..=100_u8, 0..=100_u8, 0..=100_u8, 0..=100_u8, 0..=100_u8, 0..=100_u8),
    ) {
        let mut parameters = Preset::Department.parameters(seed);
        parameters.first = Day::from_number(first);
        (parameters.days, parameters.teams) = (days, teams);
        let team = &mut parameters.team;
        (team.anesthetists, team.nurses, team.locums, team.absent) = (anesthetists, nurses, locums, absent);
        (team.garde_lines, team.astreinte_lines) = (gardes, astreintes);
        (team.consultations, team.volants) = (consultations, volants);
        (team.half_time_percent, team.four_day_percent) = (half_time, four_days);
        (parameters.shared_percent, parameters.pediatric_percent) = (shared, pediatric);
        parameters.leave = Leave { percent_by_month: [share; 12], quota_percent: quota };
        match generate(&parameters) {
            Ok(draft) => prop_assert_eq!(Problem::build(draft).err(), None),
            Err(refusal) => prop_assert_eq!(refusal, Refusal::People(0)),
        }
    }
}
