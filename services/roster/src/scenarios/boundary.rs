//! Split gardes, and what lies before and after the horizon.

use super::*;
use crate::{
    problem::{Counter, WorkedDay},
    testing::mar,
};

fn garde_day(draft: &mut Draft, day: u16) -> SlotIx {
    add(draft, day, SlotKind::GardeDay { line: LineIx(0) })
}

fn garde_night(draft: &mut Draft, day: u16) -> SlotIx {
    add(draft, day, SlotKind::GardeNight { line: LineIx(0) })
}

#[test]
fn scenario_13_a_split_garde_on_a_sunday_is_half_each_with_the_weight_of_sunday_and_rest_for_the_second() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    let [first, second] = ["a", "b"].map(|id| hire(&mut draft, mar(id, &days)));
    let (by_day, by_night) = (garde_day(&mut draft, 6), garde_night(&mut draft, 6));
    let monday = consultation(&mut draft, 7, Half::Morning);
    let tuesday = consultation(&mut draft, 8, Half::Morning);
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(by_day), first);
    assert_eq!(refused(&mut judge, performs(by_night), first), Some(RuleId::GardeAlone));
    take(&mut judge, performs(by_night), second);
    for who in [first, second] {
        for counter in [Counter::Gardes, Counter::GardesSunday, Counter::GardesWeekend] {
            assert_eq!(judge.counter(who, counter), Counter::ONE / 2, "{counter:?}");
        }
    }
    assert_eq!(refused(&mut judge, performs(monday), second), Some(RuleId::RestAfterGarde));
    take(&mut judge, performs(monday), first);
    take(&mut judge, performs(tuesday), second);
    assert!(judge.score().is_feasible());
}

#[test]
fn the_day_part_of_a_split_garde_is_followed_by_eleven_hours_on_the_clock_of_that_night() {
    // The night of Saturday lasts an hour less: 21:00 to 08:00 are ten hours.
    for (minutes, expected) in [(1_440, None), (1_380, Some(RuleId::SplitGardeRest)), (1_500, None)] {
        let mut draft = two_weeks();
        draft.days[5].garde_minutes = minutes;
        draft.parameters.garde_split = 21 * 60;
        let mut who = mar("a", &draft.days);
        who.availability.fill(crate::problem::Availability::Working);
        let who = hire(&mut draft, who);
        let saturday = garde_day(&mut draft, 5);
        let sunday = consultation(&mut draft, 6, Half::Morning);
        let problem = built(draft);
        let mut judge = judge(&problem);
        take(&mut judge, performs(saturday), who);
        assert_eq!(refused(&mut judge, performs(sunday), who), expected, "{minutes}");
    }
}

#[test]
fn a_part_of_a_garde_is_half_of_one_in_thirty_days() {
    let mut draft = two_weeks();
    let mut who = mar("a", &draft.days);
    who.history.gardes = vec![-15, -8];
    let who = hire(&mut draft, who);
    let slots = [garde_day(&mut draft, 0), garde_night(&mut draft, 4), garde_day(&mut draft, 9)];
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(slots[0]), who);
    take(&mut judge, performs(slots[1]), who);
    assert_eq!(refused(&mut judge, performs(slots[2]), who), Some(RuleId::GardesRollingMax));
}

#[test]
fn a_garde_of_the_last_day_meets_what_is_published_for_the_next_month() {
    let following = |change: fn(&mut crate::problem::Person)| {
        let mut draft = two_weeks();
        let mut who = mar("a", &draft.days);
        change(&mut who);
        let who = hire(&mut draft, who);
        let slot = garde(&mut draft, 13);
        let problem = built(draft);
        let mut judge = judge(&problem);
        refused(&mut judge, performs(slot), who)
    };
    assert_eq!(following(|_| {}), None);
    assert_eq!(
        following(
            |who| who.following.worked = vec![WorkedDay { day: 14, minutes: 300, starts: 480, ends: 780 }]
        ),
        Some(RuleId::RestAfterGarde)
    );
    assert_eq!(following(|who| who.following.gardes = vec![14]), Some(RuleId::ConsecutiveGardes));
    assert_eq!(following(|who| who.following.gardes = vec![15]), Some(RuleId::GardeSpacingMin));
    assert_eq!(following(|who| who.following.gardes = vec![16]), None);
    assert_eq!(following(|who| who.following.astreintes = vec![14]), Some(RuleId::AstreinteInRest));
    assert_eq!(
        following(|who| {
            who.history.gardes = vec![-10, -2];
            who.following.gardes = vec![18, 40];
        }),
        Some(RuleId::GardesRollingMax)
    );
}

#[test]
fn days_published_after_the_horizon_go_on_with_a_run_of_work() {
    let mut draft = draft(days(monday(), 5));
    let rooms = sector(&mut draft, SectorCategory::Standard, 1);
    let mut who = mar("a", &draft.days);
    who.following.worked = [5, 6].map(|day| WorkedDay { day, minutes: 300, starts: 480, ends: 780 }).to_vec();
    let who = hire(&mut draft, who);
    let slots: Vec<_> = (0..5).map(|day| room(&mut draft, day, Half::Morning, rooms[0])).collect();
    let problem = built(draft);
    let mut judge = judge(&problem);
    for slot in &slots[..4] {
        take(&mut judge, performs(*slot), who);
    }
    assert_eq!(refused(&mut judge, performs(slots[4]), who), Some(RuleId::ConsecutiveDaysMax));
}
