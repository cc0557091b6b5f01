//! Legal packs: rest, sliding weeks, rest days, half-days of service (domain dossier §4.12).

use super::*;
use crate::{
    explain::analyze,
    problem::{Availability, LegalPack, WorkedDay, WorkingTime},
    score::Level,
    testing::{iade, mar},
};

/// A nurse under a regime, there every day, with a room open on every half-day.
struct Scene {
    draft: Draft,
    nurse: PersonIx,
    slots: Vec<[SlotIx; 2]>,
}

fn scene(first: i32, count: usize, working_time: WorkingTime) -> Scene {
    let mut draft = draft(days(first, count));
    draft.parameters.consecutive_days_max = 60;
    let rooms = sector(&mut draft, SectorCategory::Standard, 1);
    let mut nurse = iade("nurse", &draft.days);
    nurse.availability.fill(Availability::Working);
    nurse.working_time = working_time;
    let nurse = hire(&mut draft, nurse);
    let slots =
        (0..count as u16).map(|day| Half::ALL.map(|half| room(&mut draft, day, half, rooms[0]))).collect();
    Scene { draft, nurse, slots }
}

/// The first rule that refuses working these days, one after the other, morning and afternoon.
fn works(scene: &Scene, worked: impl IntoIterator<Item = usize>) -> Option<(usize, RuleId)> {
    let problem = built(scene.draft.clone());
    let mut judge = judge(&problem);
    for day in worked {
        for slot in scene.slots[day] {
            if let Some(rule) = refused(&mut judge, performs(slot), scene.nurse) {
                return Some((day, rule));
            }
            judge.set(performs(slot), Some(scene.nurse));
        }
    }
    None
}

#[test]
fn forty_eight_hours_hold_in_any_seven_days_and_not_only_from_monday_to_sunday() {
    let own = WorkingTime { seven_days_max: Some(48 * 60), ..WorkingTime::default() };
    let mut scene = scene(monday(), 14, own);
    // Thursday to Sunday and Monday are 50 hours in seven days, though no week has more than 40.
    assert_eq!(works(&scene, [3, 4, 5, 6, 7]), Some((7, RuleId::SevenDaysMax)));
    assert_eq!(works(&scene, [3, 4, 5, 6, 10, 11]), None);
    // What was worked before the horizon counts.
    scene.draft.people[0].history.worked =
        [-3, -2, -1].map(|day| WorkedDay { day, minutes: 600, starts: 480, ends: 1_110 }).to_vec();
    assert_eq!(works(&scene, [0, 1]), Some((1, RuleId::SevenDaysMax)));
}

#[test]
fn hours_beyond_the_ordinary_ones_are_overtime_and_reported() {
    let own = LegalPack::PublicNurse.working_time();
    let scene = scene(monday(), 14, WorkingTime { weekly_rest_min: None, ..own });
    let problem = built(scene.draft);
    let mut judge = judge(&problem);
    for day in 0..5 {
        for slot in &scene.slots[day][..if day < 4 { 2 } else { 1 }] {
            take(&mut judge, performs(*slot), scene.nurse);
        }
    }
    let analysis = analyze(&problem, judge.roster());
    let report = analysis.rules.iter().find(|report| report.rule == RuleId::SevenDaysUsual).unwrap();
    // 45 hours: one over 44, in the three windows of seven days that hold all of Monday to Friday.
    assert_eq!(report.cost.level(Level::Relaxed), 3 * 5 * 1_000);
}

#[test]
fn a_week_holds_thirty_six_hours_of_rest_on_end() {
    let own = WorkingTime { weekly_rest_min: Some(36 * 60), ..WorkingTime::default() };
    let scene = scene(monday(), 14, own);
    assert_eq!(works(&scene, [0, 1, 2, 3, 4, 5, 7, 8]), None);
    assert_eq!(works(&scene, [0, 1, 2, 3, 4, 5, 6]), Some((6, RuleId::WeeklyRest)));
}

#[test]
fn two_weeks_hold_four_rest_days_two_of_them_together_with_a_sunday() {
    let own = WorkingTime { fortnight_rest_days: 4, fortnight_sunday: true, ..WorkingTime::default() };
    // A Monday on which a period of two weeks begins.
    let scene = scene(4 + 14 * 1_500, 14, own);
    let without = |free: &[usize]| (0..14).filter(|day| !free.contains(day)).collect::<Vec<_>>();
    assert_eq!(works(&scene, without(&[2, 3, 12, 13])), None);
    assert_eq!(works(&scene, without(&[2, 5, 6])), Some((13, RuleId::FortnightRest)));
    // Four days, but with Saturday worked no Sunday has a free day beside it any more.
    assert_eq!(works(&scene, without(&[2, 3, 9, 10])), Some((12, RuleId::FortnightRest)));
}

#[test]
fn two_week_periods_do_not_stumble_over_a_year_of_53_weeks() {
    let scene = scene(number_of(2026, 12, 14), 42, WorkingTime::default());
    let problem = built(scene.draft);
    let periods = &problem.derived().fortnights;
    assert!(periods.iter().all(|own| own.end - own.start == 14));
    assert!(periods.windows(2).all(|pair| pair[0].end == pair[1].start));
    let week_53 = problem.days().iter().filter(|day| day.iso_week == 202_653).count();
    assert_eq!((week_53, problem.week_count()), (7, 6));
}

#[test]
fn eleven_hours_pass_between_a_late_closing_and_the_next_morning() {
    let own = WorkingTime { daily_rest_min: Some(11 * 60), ..WorkingTime::default() };
    let mut scene = scene(monday(), 14, own);
    scene.draft.parameters.closing_end = 22 * 60;
    let closing = add(&mut scene.draft, 0, SlotKind::Closing { site: SiteIx(0) });
    let problem = built(scene.draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(closing), scene.nurse);
    let [morning, afternoon] = scene.slots[1];
    assert_eq!(refused(&mut judge, performs(morning), scene.nurse), Some(RuleId::DailyRest));
    take(&mut judge, performs(afternoon), scene.nurse);
}

#[test]
fn a_day_has_the_hours_the_regime_allows() {
    let own = WorkingTime { day_max: Some(9 * 60), ..WorkingTime::default() };
    assert_eq!(works(&scene(monday(), 7, own), [0]), Some((0, RuleId::DayMinutes)));
}

#[test]
fn ten_half_days_of_service_a_week_where_a_night_counts_for_two_and_volunteers_do_more() {
    for (is_volunteer, expected) in [(false, 2 * 10 * 1_000), (true, 0)] {
        let mut draft = two_weeks();
        let rooms = sector(&mut draft, SectorCategory::Standard, 1);
        let mut who = mar("a", &draft.days);
        who.working_time = WorkingTime { is_volunteer, ..LegalPack::PublicDoctor.working_time() };
        let who = hire(&mut draft, who);
        let mut slots = vec![garde(&mut draft, 0), garde(&mut draft, 4)];
        for day in [2, 3] {
            slots.extend(Half::ALL.map(|half| room(&mut draft, day, half, rooms[0])));
        }
        let problem = built(draft);
        let mut judge = judge(&problem);
        for slot in slots {
            take(&mut judge, performs(slot), who);
        }
        let analysis = analyze(&problem, judge.roster());
        let report = analysis.rules.iter().find(|report| report.rule == RuleId::WeekHalfDays);
        assert_eq!(report.map_or(0, |report| report.cost.level(Level::Relaxed)), expected);
    }
}

#[test]
fn scenario_15_volunteering_lifts_the_48_hours_of_doctors_and_of_nobody_else() {
    for (pack, expected) in [
        (LegalPack::PublicDoctor, None),
        (LegalPack::PublicNurse, Some(RuleId::HoursCredit)),
        (LegalPack::Liberal, Some(RuleId::HoursCredit)),
    ] {
        let mut draft = two_weeks();
        let mut who = mar("a", &draft.days);
        who.credit_minutes = Some(200);
        who.working_time = WorkingTime { pack, is_volunteer: true, ..WorkingTime::default() };
        let who = hire(&mut draft, who);
        let slot = consultation(&mut draft, 0, Half::Morning);
        let problem = built(draft);
        assert_eq!(refused(&mut judge(&problem), performs(slot), who), expected, "{pack:?}");
    }
}

#[test]
fn what_a_contract_aims_at_shrinks_with_leave() {
    let own = WorkingTime { week_target: Some(35 * 60), ..WorkingTime::default() };
    let mut scene = scene(monday(), 14, own);
    for half in scene.draft.people[0].availability[14..21].iter_mut() {
        *half = Availability::Absent;
    }
    let problem = built(scene.draft);
    let targets = &problem.derived().week_targets[scene.nurse.at()];
    assert_eq!(targets, &[Some(2_100), Some(1_050)]);
}
