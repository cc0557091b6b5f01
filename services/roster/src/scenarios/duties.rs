//! Gardes, astreintes, their rest, their spacing, their limits.

use super::*;
use crate::{
    explain::analyze,
    problem::{Availability, Derogation, Pin},
    score::Level,
    testing::mar,
};

#[test]
fn scenario_01_after_a_garde_on_monday_nothing_on_tuesday_and_work_again_on_wednesday() {
    let mut draft = two_weeks();
    let rooms = sector(&mut draft, SectorCategory::Standard, 1);
    let who = mar("a", &draft.days);
    let who = hire(&mut draft, who);
    let monday = garde(&mut draft, 0);
    let on_tuesday = [
        (room(&mut draft, 1, Half::Morning, rooms[0]), RuleId::RestAfterGarde),
        (room(&mut draft, 1, Half::Afternoon, rooms[0]), RuleId::RestAfterGarde),
        (consultation(&mut draft, 1, Half::Afternoon), RuleId::RestAfterGarde),
        (astreinte(&mut draft, 1), RuleId::AstreinteInRest),
        (garde(&mut draft, 1), RuleId::ConsecutiveGardes),
    ];
    let wednesday = room(&mut draft, 2, Half::Morning, rooms[0]);
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(monday), who);
    for (slot, rule) in on_tuesday {
        assert_eq!(refused(&mut judge, performs(slot), who), Some(rule));
    }
    take(&mut judge, performs(wednesday), who);
    assert!(judge.score().is_feasible());
}

#[test]
fn scenario_01_a_garde_the_day_before_the_horizon_gives_rest_on_its_first_day() {
    let mut draft = two_weeks();
    let mut who = mar("a", &draft.days);
    who.history.gardes = vec![-1];
    let who = hire(&mut draft, who);
    let today = consultation(&mut draft, 0, Half::Morning);
    let tomorrow = consultation(&mut draft, 1, Half::Morning);
    let problem = built(draft);
    let mut judge = judge(&problem);
    assert_eq!(refused(&mut judge, performs(today), who), Some(RuleId::RestAfterGarde));
    take(&mut judge, performs(tomorrow), who);
}

#[test]
fn scenario_02_a_half_timer_of_thursday_and_friday_gets_no_post_from_monday_to_wednesday() {
    let mut draft = two_weeks();
    let mut who = mar("half", &draft.days);
    (who.percentage, who.equity_share) = (50, 500);
    for day in [0, 1, 2, 7, 8, 9] {
        who.availability[day * 2..day * 2 + 2].fill(Availability::NotWorking);
    }
    let who = hire(&mut draft, who);
    let full = mar("full", &draft.days);
    let full = hire(&mut draft, full);
    let gardes: Vec<_> = (0..14).map(|day| garde(&mut draft, day)).collect();
    let problem = built(draft);
    for day in [0, 1, 2, 7, 8, 9] {
        assert_eq!(problem.candidates(performs(gardes[day])), [full]);
    }
    assert_eq!(problem.candidates(performs(gardes[3])), [who, full]);
    // 14 gardes shared 1 : 2.
    let target = |person| problem.target(person, crate::problem::Counter::Gardes).unwrap();
    assert_eq!((target(who), target(full)), (4_667, 9_333));
}

#[test]
fn scenario_03_an_odd_month_half_timer_gets_nothing_in_february() {
    let mut draft = draft(days(number_of(2027, 2, 1), 28));
    let mut who = mar("odd", &draft.days);
    (who.percentage, who.equity_share) = (50, 500);
    who.availability.fill(Availability::NotWorking);
    let who = hire(&mut draft, who);
    let slots = [garde(&mut draft, 5), astreinte(&mut draft, 12), consultation(&mut draft, 1, Half::Morning)];
    let problem = built(draft);
    let mut judge = judge(&problem);
    for slot in slots {
        assert_eq!(refused(&mut judge, performs(slot), who), Some(RuleId::Availability));
    }
}

#[test]
fn scenario_09_when_all_are_on_leave_the_hole_is_named_with_the_cheapest_relaxation() {
    let mut draft = draft(days(number_of(2027, 8, 9), 7));
    draft.days[6].is_public_holiday = true; // 15 August
    for id in ["a", "b", "c"] {
        let mut who = mar(id, &draft.days);
        who.availability.fill(Availability::Absent);
        hire(&mut draft, who);
    }
    // One of them is only outside the pattern: asking this one is cheaper than calling back from leave.
    draft.people[1].availability.fill(Availability::NotWorking);
    let slot = garde(&mut draft, 6);
    let problem = built(draft);
    let analysis = analyze(&problem, &Roster::pinned(&problem));
    let [hole] = analysis.holes.as_slice() else { panic!("one hole, found {:?}", analysis.holes) };
    assert_eq!((hole.seat, hole.takers), (performs(slot), 0));
    assert_eq!(hole.obstacles[0].rule, RuleId::Availability);
    assert_eq!(hole.obstacles[0].people, 3);
    let relaxation = hole.relaxation.as_ref().unwrap();
    assert_eq!(
        (relaxation.person, relaxation.rules.as_slice()),
        (PersonIx(1), [RuleId::Availability].as_slice())
    );
}

#[test]
fn scenario_11_a_swap_after_a_garde_the_day_before_is_refused_with_the_rule_named() {
    let mut draft = two_weeks();
    let (one, other) = (mar("one", &draft.days), mar("other", &draft.days));
    let (one, other) = (hire(&mut draft, one), hire(&mut draft, other));
    let (tuesday, wednesday) = (garde(&mut draft, 1), consultation(&mut draft, 2, Half::Morning));
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(wednesday), one);
    take(&mut judge, performs(tuesday), other);
    assert_eq!(refused(&mut judge, performs(wednesday), other), Some(RuleId::RestAfterGarde));
}

#[test]
fn scenario_14_two_consultations_in_a_day_are_refused_unless_an_administrator_accepted_it() {
    let mut draft = two_weeks();
    let who = mar("a", &draft.days);
    let who = hire(&mut draft, who);
    let (morning, afternoon) =
        (consultation(&mut draft, 0, Half::Morning), consultation(&mut draft, 0, Half::Afternoon));
    let problem = built(draft.clone());
    let mut strict = judge(&problem);
    take(&mut strict, performs(morning), who);
    assert_eq!(refused(&mut strict, performs(afternoon), who), Some(RuleId::ConsultationTwiceADay));

    draft.derogations = vec![Derogation { rule: RuleId::ConsultationTwiceADay, person: who, day: DayIx(0) }];
    let problem = built(draft);
    let mut derogated = judge(&problem);
    take(&mut derogated, performs(morning), who);
    take(&mut derogated, performs(afternoon), who);
    assert!(derogated.score().is_feasible());
    assert!(derogated.score().level(Level::Relaxed) > 0, "a derogation stays visible");
    let analysis = analyze(&problem, derogated.roster());
    let report = analysis.rules.iter().find(|report| report.rule == RuleId::ConsultationTwiceADay).unwrap();
    assert!(report.matches[0].is_derogated);
}

#[test]
fn scenario_15_the_48_hours_average_refuses_once_the_credit_is_spent() {
    let mut draft = two_weeks();
    let mut who = mar("a", &draft.days);
    who.credit_minutes = Some(24 * 60 + 240);
    let who = hire(&mut draft, who);
    let (first, second) = (garde(&mut draft, 0), consultation(&mut draft, 3, Half::Morning));
    let third = consultation(&mut draft, 4, Half::Morning);
    let problem = built(draft.clone());
    let mut limited = judge(&problem);
    take(&mut limited, performs(first), who);
    take(&mut limited, performs(second), who);
    assert_eq!(refused(&mut limited, performs(third), who), Some(RuleId::HoursCredit));

    draft.people[0].credit_minutes = None; // a doctor who volunteers for extra time
    let problem = built(draft);
    let mut volunteer = judge(&problem);
    for slot in [first, second, third] {
        take(&mut volunteer, performs(slot), who);
    }
}

#[test]
fn scenario_22_a_garde_over_a_clock_change_counts_its_real_hours_and_rest_stays_whole() {
    for (minutes, fits) in [(1_380, true), (1_440, false), (1_500, false)] {
        let mut draft = two_weeks();
        draft.days[6].garde_minutes = minutes;
        let mut who = mar("a", &draft.days);
        who.credit_minutes = Some(1_380);
        let who = hire(&mut draft, who);
        let (sunday, monday) = (garde(&mut draft, 6), consultation(&mut draft, 7, Half::Morning));
        let problem = built(draft);
        let mut judge = judge(&problem);
        assert_eq!(refused(&mut judge, performs(sunday), who).is_none(), fits);
        judge.set(performs(sunday), Some(who));
        assert_eq!(refused(&mut judge, performs(monday), who), Some(RuleId::RestAfterGarde));
    }
}

#[test]
fn a_garde_excludes_any_other_post_and_the_astreinte_of_its_day() {
    let mut draft = two_weeks();
    let who = mar("a", &draft.days);
    let who = hire(&mut draft, who);
    let (night, call, clinic) =
        (garde(&mut draft, 0), astreinte(&mut draft, 0), consultation(&mut draft, 0, Half::Morning));
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(call), who);
    take(&mut judge, performs(clinic), who); // on call from home: compatible
    assert_eq!(refused(&mut judge, performs(night), who), Some(RuleId::GardeAndAstreinte));
    judge.set(performs(call), None);
    assert_eq!(refused(&mut judge, performs(night), who), Some(RuleId::GardeAlone));
}

#[test]
fn gardes_keep_three_days_and_each_day_short_of_seven_costs() {
    let mut costs = Vec::new();
    for (day, rule) in [
        (1, Some(RuleId::ConsecutiveGardes)),
        (2, Some(RuleId::GardeSpacingMin)),
        (3, None),
        (5, None),
        (7, None),
    ] {
        let mut draft = two_weeks();
        draft.parameters.settings = crate::rules::catalogue()
            .iter()
            .filter(|rule| rule.level == Level::Balance && rule.id != RuleId::GardeSpacingIdeal)
            .map(|rule| crate::problem::RuleSetting { rule: rule.id, level: rule.level, weight: 0 })
            .collect();
        let who = mar("a", &draft.days);
        let who = hire(&mut draft, who);
        let (first, second) = (garde(&mut draft, 0), garde(&mut draft, day));
        let problem = built(draft);
        let mut judge = judge(&problem);
        take(&mut judge, performs(first), who);
        assert_eq!(refused(&mut judge, performs(second), who), rule, "day {day}");
        if rule.is_none() {
            judge.set(performs(second), Some(who));
            costs.push(judge.score().level(Level::Balance));
        }
    }
    let unit = RuleId::GardeSpacingIdeal.entry().default_weight * 1_000;
    assert_eq!(costs, [4 * unit, 2 * unit, 0]);
}

#[test]
fn three_gardes_in_thirty_days_for_a_full_timer_two_for_a_half_timer() {
    for (percentage, school_holidays, expected) in [(100, false, 3), (50, false, 2), (100, true, 4)] {
        let mut draft = draft(days(monday(), 40));
        draft.days.iter_mut().for_each(|day| day.is_school_holiday = school_holidays);
        let mut who = mar("a", &draft.days);
        who.percentage = percentage;
        let who = hire(&mut draft, who);
        let slots: Vec<_> = (0..6).map(|at| garde(&mut draft, at * 5)).collect();
        let late = garde(&mut draft, 39);
        let problem = built(draft);
        let mut judge = judge(&problem);
        let mut held = 0;
        for slot in slots {
            match refused(&mut judge, performs(slot), who) {
                None => {
                    judge.set(performs(slot), Some(who));
                    held += 1;
                }
                Some(rule) => assert_eq!(rule, RuleId::GardesRollingMax),
            }
        }
        assert_eq!(held, expected, "{percentage} % school holidays: {school_holidays}");
        assert_eq!(judge.score().level(Level::Relaxed) > 0, school_holidays, "the fourth is reported");
        take(&mut judge, performs(late), who);
    }
}

#[test]
fn astreintes_of_the_month_before_the_horizon_count_in_its_month() {
    let mut draft = draft(days(number_of(2027, 10, 13), 25));
    let mut who = mar("a", &draft.days);
    // 1, 4, 7 and 10 October, and 29 September, which belongs to another month.
    who.history.astreintes = vec![-14, -12, -9, -6, -3];
    let who = hire(&mut draft, who);
    let slots: Vec<_> = [0, 3, 20].into_iter().map(|day| astreinte(&mut draft, day)).collect();
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(slots[0]), who);
    assert_eq!(refused(&mut judge, performs(slots[1]), who), Some(RuleId::AstreintesMonthMax));
    take(&mut judge, performs(slots[2]), who); // 2 November
}

#[test]
fn a_seventh_day_of_work_in_a_row_is_refused_and_days_before_the_horizon_count() {
    let mut draft = two_weeks();
    let mut who = mar("a", &draft.days);
    who.history.consecutive_days = 4;
    let who = hire(&mut draft, who);
    let slots: Vec<_> = (0..3).map(|day| consultation(&mut draft, day, Half::Morning)).collect();
    let call = astreinte(&mut draft, 2);
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(slots[0]), who);
    take(&mut judge, performs(slots[1]), who);
    assert_eq!(refused(&mut judge, performs(slots[2]), who), Some(RuleId::ConsecutiveDaysMax));
    take(&mut judge, performs(call), who); // on call is no day of work
}

#[test]
fn a_lock_that_breaks_a_rule_is_inherited_and_reported_never_moved() {
    let mut draft = two_weeks();
    let who = mar("a", &draft.days);
    let who = hire(&mut draft, who);
    let other = mar("b", &draft.days);
    let other = hire(&mut draft, other);
    let (first, second) = (garde(&mut draft, 0), garde(&mut draft, 1));
    draft.pins = [first, second].map(|slot| Pin { seat: performs(slot), person: Some(who) }).into();
    let problem = built(draft);
    let mut judge = judge(&problem);
    assert_eq!(judge.score().level(Level::Hard), 1_000);
    assert_eq!(refused(&mut judge, performs(second), other), Some(RuleId::Pinned));
    let analysis = analyze(&problem, judge.roster());
    let report = analysis.rules.iter().find(|report| report.rule == RuleId::ConsecutiveGardes).unwrap();
    assert_eq!(report.matches[0].facts.days, [DayIx(0), DayIx(1)]);
}

#[test]
fn a_garde_the_eve_of_leave_and_near_weekends_cost_but_are_allowed() {
    let mut draft = draft(days(monday(), 28));
    let mut who = mar("a", &draft.days);
    who.availability[6..10].fill(Availability::Absent); // Thursday and Friday
    let who = hire(&mut draft, who);
    let (eve, saturday, next) = (garde(&mut draft, 2), garde(&mut draft, 12), astreinte(&mut draft, 19));
    let problem = built(draft);
    let mut judge = judge(&problem);
    for slot in [eve, saturday, next] {
        take(&mut judge, performs(slot), who);
    }
    let analysis = analyze(&problem, judge.roster());
    let found: Vec<_> = analysis.rules.iter().map(|report| report.rule).collect();
    for rule in [RuleId::GardeBeforeLeave, RuleId::NearWeekends, RuleId::WeekendGardeThenAstreinte] {
        assert!(found.contains(&rule), "{rule:?} in {found:?}");
    }
}
