//! Equity, requests, wishes, changes.

use super::*;
use crate::{
    explain::analyze,
    problem::{Ask, Counter, DutyUnavailability, HalfDay, Published, Request, Wish},
    score::Level,
    testing::mar,
};

#[test]
fn scenario_19_a_locum_who_works_leaves_the_teams_equity_unchanged() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    let team = [hire(&mut draft, mar("a", &days)), hire(&mut draft, mar("b", &days))];
    let slots = [0, 7].map(|day| garde(&mut draft, day));
    let without = built(draft.clone());
    let locum = hire(&mut draft, Person { is_locum: true, equity_share: 0, ..mar("locum", &days) });
    let rooms = sector(&mut draft, SectorCategory::Standard, 1);
    let extra: Vec<_> = (0..5).map(|day| room(&mut draft, day, Half::Morning, rooms[0])).collect();
    let with = built(draft);
    let gardes = |problem: &Problem| team.map(|who| problem.target(who, Counter::Gardes));
    assert_eq!(gardes(&with), gardes(&without));
    assert_eq!(with.target(locum, Counter::Gardes), None);
    let mut judge = judge(&with);
    take(&mut judge, performs(slots[0]), team[0]);
    let before = analyze(&with, judge.roster()).equity;
    for slot in extra {
        take(&mut judge, performs(slot), locum);
    }
    let analysis = analyze(&with, judge.roster());
    assert_eq!(analysis.equity, before);
}

#[test]
fn who_carries_more_from_before_is_given_less() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    let tired = hire(&mut draft, mar("tired", &days));
    let fresh = hire(&mut draft, mar("fresh", &days));
    draft.people[tired.at()].history.counters =
        vec![(Counter::Gardes, 3_000), (Counter::GardesWeekday, 3_000)];
    let slot = garde(&mut draft, 1);
    let problem = built(draft);
    let mut judge = judge(&problem);
    let cost =
        |judge: &mut Evaluator, who| judge.preview(&[(performs(slot), Some(who))]).level(Level::Balance);
    assert!(cost(&mut judge, fresh) < cost(&mut judge, tired));
}

#[test]
fn a_granted_request_outweighs_any_balance_and_a_wish_does_not() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    let who = hire(&mut draft, mar("a", &days));
    let slot = garde(&mut draft, 2);
    let (garde_day, off) = (Ask::Garde(DayIx(2)), Ask::Off(HalfDay::new(DayIx(2), Half::Morning)));
    draft.requests = vec![Request { person: who, ask: garde_day }];
    draft.wishes = vec![Wish { person: who, ask: off, weight: 2 }];
    let problem = built(draft);
    let mut judge = judge(&problem);
    let unmet = judge.score();
    assert!(unmet.level(Level::Relaxed) > 0 && unmet.level(Level::Preference) == 0);
    take(&mut judge, performs(slot), who);
    let met = judge.score();
    assert_eq!(met.level(Level::Relaxed), 0);
    assert_eq!(met.level(Level::Preference), 2 * RuleId::Wish.entry().default_weight * 1_000);
    assert!(met < unmet);
}

#[test]
fn a_flexible_unavailability_costs_and_an_approved_one_forbids() {
    for (is_flexible, rule) in [(true, None), (false, Some(RuleId::DutyUnavailable))] {
        let mut draft = two_weeks();
        let days = draft.days.clone();
        let unavailable = DutyUnavailability { day: DayIx(4), garde: true, astreinte: false, is_flexible };
        let who = hire(&mut draft, Person { duty_unavailabilities: vec![unavailable], ..mar("a", &days) });
        let (night, call) = (garde(&mut draft, 4), astreinte(&mut draft, 4));
        let problem = built(draft);
        let mut judge = judge(&problem);
        assert_eq!(refused(&mut judge, performs(night), who), rule);
        take(&mut judge, performs(call), who);
        assert_eq!(judge.score().level(Level::Preference), 0, "only the garde is unwelcome");
    }
}

#[test]
fn changing_what_was_published_costs_and_filling_a_published_hole_does_not() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    let people = [hire(&mut draft, mar("a", &days)), hire(&mut draft, mar("b", &days))];
    let (held, hole) = (garde(&mut draft, 0), garde(&mut draft, 7));
    draft.published = vec![
        Published { seat: performs(held), person: Some(people[0]), change_cost: 30 },
        Published { seat: performs(hole), person: None, change_cost: 30 },
    ];
    let problem = built(draft);
    let mut judge = Evaluator::checked(&problem, &Roster::published(&problem));
    assert_eq!(judge.score().level(Level::Change), 0);
    judge.set(performs(hole), Some(people[1]));
    assert_eq!(judge.score().level(Level::Change), 0);
    judge.set(performs(held), Some(people[1]));
    assert_eq!(judge.score().level(Level::Change), 30_000);
}

#[test]
fn a_fourth_consultation_in_a_week_is_refused_and_three_of_one_half_cost() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    let who = hire(&mut draft, mar("a", &days));
    let slots: Vec<_> = (0..4).map(|day| consultation(&mut draft, day, Half::Morning)).collect();
    let next_week = consultation(&mut draft, 7, Half::Morning);
    let problem = built(draft);
    let mut judge = judge(&problem);
    for slot in &slots[..3] {
        take(&mut judge, performs(*slot), who);
    }
    assert_eq!(refused(&mut judge, performs(slots[3]), who), Some(RuleId::ConsultationsWeekMax));
    take(&mut judge, performs(next_week), who);
    let analysis = analyze(&problem, judge.roster());
    assert!(analysis.rules.iter().any(|report| report.rule == RuleId::ConsultationSpread));
}

#[test]
fn a_heavy_week_costs_more_than_the_same_work_spread_over_two() {
    let mut draft = two_weeks();
    let rooms = sector(&mut draft, SectorCategory::Endoscopy, 1);
    draft.topology.sectors[0].limits.mar_full_day_forbidden = false;
    draft.parameters.hardship_week_max = 600;
    let days = draft.days.clone();
    let who = hire(&mut draft, mar("a", &days));
    let working = (0..5).chain(7..12);
    let slots: Vec<_> = working
        .flat_map(|day| Half::ALL.map(|half| (day, half)))
        .map(|(day, half)| room(&mut draft, day, half, rooms[0]))
        .collect();
    let problem = built(draft);
    let fatigue = |chosen: &[SlotIx]| {
        let mut judge = judge(&problem);
        chosen.iter().for_each(|slot| take(&mut judge, performs(*slot), who));
        let analysis = analyze(&problem, judge.roster());
        let report = analysis.rules.iter().find(|report| report.rule == RuleId::Fatigue);
        report.map_or(0, |report| report.cost.level(Level::Balance))
    };
    let spread: Vec<_> = slots.iter().copied().step_by(2).collect();
    assert!(fatigue(&slots[..10]) > fatigue(&spread));
    assert_eq!(fatigue(&spread), 0);
}
