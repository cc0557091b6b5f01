//! Stays, changes of sector, nurses in sectors, single rooms, hidden rooms, OFF half-days.

use super::*;
use crate::{
    explain::analyze,
    problem::{Counter, HalfDay, Post, SpecialtyIx, SurgeonIx},
    roster::Roster,
    testing::{Dice, iade, mar, small},
};

/// What a rule matches in all, in its units.
fn matched(judge: &Evaluator, rule: RuleId) -> i64 {
    let analysis = analyze(judge.problem(), judge.roster());
    let report = analysis.rules.into_iter().find(|report| report.rule == rule);
    let cost = report.map_or(0, |report| report.cost.levels().iter().sum());
    cost / (rule.entry().default_weight * 1_000)
}

/// One anesthetist in these rooms, morning after morning.
fn mornings(sectors: usize, rooms: &[usize], surgeon: Option<SurgeonIx>) -> (Problem, Vec<SlotIx>) {
    let mut draft = draft(days(monday(), 21));
    let all: Vec<RoomIx> =
        (0..sectors).flat_map(|_| sector(&mut draft, SectorCategory::Standard, 1)).collect();
    let days = draft.days.clone();
    hire(&mut draft, mar("a", &days));
    let workdays = (0..21_u16).filter(|day| day % 7 < 5);
    let slots = workdays
        .zip(rooms)
        .map(|(day, at)| add(&mut draft, day, theatre(Half::Morning, all[*at], surgeon)))
        .collect();
    (built(draft), slots)
}

fn all_held<'p>(problem: &'p Problem, slots: &[SlotIx]) -> Evaluator<'p> {
    let mut judge = judge(problem);
    for slot in slots {
        take(&mut judge, performs(*slot), PersonIx(0));
    }
    judge
}

#[test]
fn a_stay_in_a_sector_lasts_two_to_ten_days() {
    // The first and the last stay may go on outside the horizon; the single day in the middle is too short.
    let (problem, slots) = mornings(3, &[0, 0, 1, 2, 2], None);
    assert_eq!(matched(&all_held(&problem, &slots), RuleId::SectorStay), 1);
    let (problem, slots) = mornings(1, &[0; 12], None);
    assert_eq!(matched(&all_held(&problem, &slots), RuleId::SectorStay), 2);
    let (problem, slots) = mornings(3, &[0, 0, 1, 1, 2], None);
    assert_eq!(matched(&all_held(&problem, &slots), RuleId::SectorStay), 0);
}

#[test]
fn five_days_in_a_row_with_a_surgeon_are_enough() {
    let (problem, slots) = mornings(1, &[0; 7], Some(SurgeonIx(1)));
    let mut judge = all_held(&problem, &slots);
    assert_eq!(matched(&judge, RuleId::SurgeonDaysMax), 2);
    judge.set(performs(slots[3]), None);
    assert_eq!(matched(&judge, RuleId::SurgeonDaysMax), 0);
}

#[test]
fn three_changes_of_sector_a_week_pass_and_the_fourth_costs() {
    for (rooms, expected) in [(&[0, 1, 0, 1, 1], 0), (&[0, 1, 0, 1, 0], 1)] {
        let (problem, slots) = mornings(2, rooms, None);
        assert_eq!(matched(&all_held(&problem, &slots), RuleId::SectorChangesWeek), expected);
    }
}

#[test]
fn a_room_reserved_for_other_specialties_stays_a_named_hole() {
    let mut draft = two_weeks();
    draft.topology.specialties = 2;
    let rooms = sector(&mut draft, SectorCategory::Standard, 1);
    draft.topology.rooms[0].specialties = vec![SpecialtyIx(0)];
    let days = draft.days.clone();
    let who = hire(&mut draft, mar("a", &days));
    let [own, other] = [0, 1].map(|specialty| {
        let kind = SlotKind::Theatre {
            half: Half::ALL[usize::from(specialty)],
            room: rooms[0],
            surgeon: None,
            specialty: Some(SpecialtyIx(specialty)),
            is_pediatric: false,
        };
        add(&mut draft, 0, kind)
    });
    let problem = built(draft);
    assert!(problem.candidates(performs(other)).is_empty());
    let mut judge = judge(&problem);
    assert_eq!(refused(&mut judge, performs(other), who), Some(RuleId::ReservedRoom));
    take(&mut judge, performs(own), who);
    let analysis = analyze(&problem, judge.roster());
    assert_eq!(analysis.holes.len(), 1);
    assert_eq!(analysis.holes[0].obstacles[0].rule, RuleId::ReservedRoom);
}

#[test]
fn the_limit_of_one_room_holds_for_all_supervised_with_it_whatever_was_authorized() {
    let mut draft = two_weeks();
    draft.parameters.supervision_derogation_authorized = true;
    let rooms = sector(&mut draft, SectorCategory::Standard, 3);
    draft.topology.rooms[1].supervision_max = Some(1);
    let days = draft.days.clone();
    let who = hire(&mut draft, mar("a", &days));
    let nurses: Vec<_> = (0..3).map(|at| hire(&mut draft, iade(&format!("i{at}"), &days))).collect();
    let slots: Vec<_> = rooms.iter().map(|at| room(&mut draft, 0, Half::Morning, *at)).collect();
    let problem = built(draft);
    let mut judge = judge(&problem);
    for (slot, nurse) in slots.iter().zip(&nurses) {
        take(&mut judge, performs(*slot), *nurse);
    }
    take(&mut judge, supervises(slots[0]), who);
    assert_eq!(refused(&mut judge, supervises(slots[1]), who), Some(RuleId::SupervisionMax));
}

#[test]
fn room_five_is_supervised_from_hyperaseptic_three_and_not_the_other_way_round() {
    let mut draft = two_weeks();
    let aseptic = sector(&mut draft, SectorCategory::Hyperaseptic, 1)[0];
    let five = sector(&mut draft, SectorCategory::Standard, 1)[0];
    draft.topology.supervision_pairs = vec![(aseptic, five)];
    let days = draft.days.clone();
    let who = hire(&mut draft, mar("a", &days));
    let slots = [aseptic, five].map(|at| room(&mut draft, 0, Half::Morning, at));
    let problem = built(draft);
    for (own, supervised, expected) in [(0, 1, None), (1, 0, Some(RuleId::SectorsCompatible))] {
        let mut judge = judge(&problem);
        take(&mut judge, performs(slots[own]), who);
        assert_eq!(refused(&mut judge, supervises(slots[supervised]), who), expected);
    }
    let half_day = HalfDay::new(DayIx(0), Half::Morning);
    assert_eq!(problem.supervisable_sets(half_day, &[slots[0]]), [[slots[1]]]);
    assert!(problem.supervisable_sets(half_day, &[slots[1]]).is_empty());
}

#[test]
fn the_sets_one_anesthetist_may_supervise_are_those_the_judge_allows() {
    let rules =
        [RuleId::SupervisionMax, RuleId::SectorsCompatible, RuleId::Contiguity, RuleId::PediatricPrimary];
    let breaks = |problem: &Problem, own: &[SlotIx], set: &[SlotIx]| {
        let mut roster = Roster::empty(problem);
        for seat in own.iter().copied().map(performs).chain(set.iter().copied().map(supervises)) {
            roster.set(seat, Some(PersonIx(0)));
        }
        let analysis = analyze(problem, &roster);
        let mut reports = analysis.rules.iter();
        let sites: Vec<_> = own.iter().chain(set).map(|slot| problem.site_of(*slot)).collect();
        reports.any(|report| rules.contains(&report.rule)) || sites.windows(2).any(|pair| pair[0] != pair[1])
    };
    let mut dice = Dice::new(3);
    for seed in 0..30 {
        let problem = small(seed);
        let half_day = HalfDay(dice.below(10) as u32);
        let open: Vec<SlotIx> = (problem.slots_of_day(half_day.day()).iter().copied())
            .filter(|slot| problem.look(*slot).is_theatre() && problem.look(*slot).is_in(half_day.half()))
            .collect();
        let own: Vec<SlotIx> = open.iter().copied().filter(|_| dice.percent(20)).take(1).collect();
        let found = problem.supervisable_sets(half_day, &own);
        let others: Vec<SlotIx> = open.iter().copied().filter(|slot| !own.contains(slot)).collect();
        for bits in 1_u32..1 << others.len() {
            let chosen = others.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
            let mut set: Vec<SlotIx> = chosen.map(|(_, slot)| *slot).collect();
            set.sort_by_key(|slot| problem.look(*slot).room);
            assert_eq!(found.contains(&set), !breaks(&problem, &own, &set), "seed {seed} {own:?} {set:?}");
        }
    }
}

#[test]
fn a_sector_that_wants_nurses_says_where_they_are_missing() {
    let mut draft = two_weeks();
    let rooms = sector(&mut draft, SectorCategory::Endoscopy, 2);
    draft.topology.sectors[0].limits.iades_per_room_min = 1;
    let days = draft.days.clone();
    let (who, nurse) = (hire(&mut draft, mar("a", &days)), hire(&mut draft, iade("i", &days)));
    let slots = [0, 1].map(|at| room(&mut draft, 0, Half::Morning, rooms[at]));
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(slots[0]), who);
    assert_eq!((matched(&judge, RuleId::IadeInSector), matched(&judge, RuleId::IadePerRoom)), (1, 1));
    take(&mut judge, performs(slots[1]), nurse);
    assert_eq!((matched(&judge, RuleId::IadeInSector), matched(&judge, RuleId::IadePerRoom)), (0, 1));
}

#[test]
fn a_nurse_who_comes_for_an_afternoon_alone_is_twice_as_bad_as_for_a_morning() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    let nurse = hire(&mut draft, iade("i", &days));
    let [morning, afternoon] =
        Half::ALL.map(|half| add(&mut draft, 0, SlotKind::Volant { half, site: SiteIx(0) }));
    let problem = built(draft);
    let mut judge = judge(&problem);
    judge.set(performs(afternoon), Some(nurse));
    assert_eq!(matched(&judge, RuleId::IsolatedHalfDay), 2);
    judge.set(performs(morning), Some(nurse));
    assert_eq!(matched(&judge, RuleId::IsolatedHalfDay), 0);
    judge.set(performs(afternoon), None);
    assert_eq!(matched(&judge, RuleId::IsolatedHalfDay), 1);
}

#[test]
fn the_hidden_room_is_covered_by_who_is_on_duty() {
    let mut draft = two_weeks();
    let rooms = sector(&mut draft, SectorCategory::Standard, 2);
    draft.topology.rooms[1].is_hidden = true;
    let days = draft.days.clone();
    let [on_site, on_call] = ["a", "b"].map(|id| hire(&mut draft, mar(id, &days)));
    let (duty, call) = (garde(&mut draft, 0), astreinte(&mut draft, 1));
    let problem = built(draft);
    let mut judge = judge(&problem);
    take(&mut judge, performs(duty), on_site);
    take(&mut judge, performs(call), on_call);
    let hidden = analyze(&problem, judge.roster()).hidden_rooms;
    assert_eq!(hidden.len(), 14);
    assert_eq!((hidden[0].room, &hidden[0].garde[..]), (rooms[1], &[on_site][..]));
    assert_eq!(hidden[1].astreinte, [on_call]);
    assert!(hidden[2].is_uncovered());
}

#[test]
fn a_week_is_heavy_with_what_was_done_before_the_horizon_too() {
    for (gardes, expected) in [(vec![], 0), (vec![-6, -3], 1)] {
        let mut draft = two_weeks();
        let mut who = mar("a", &draft.days);
        who.history.gardes = gardes;
        let who = hire(&mut draft, who);
        draft.parameters.hardship_week_max = 800;
        let duty = garde(&mut draft, 0);
        let problem = built(draft);
        let mut judge = judge(&problem);
        judge.set(performs(duty), Some(who));
        // The seven days until Monday hold three gardes and two days of rest: 15 points less 6, one too many.
        assert_eq!(matched(&judge, RuleId::Fatigue), expected);
    }
}

#[test]
fn off_half_days_are_neither_leave_nor_rest_and_are_shared() {
    let mut draft = two_weeks();
    let mut resting = mar("resting", &draft.days);
    resting.availability[4..8].fill(crate::problem::Availability::Absent);
    let who = hire(&mut draft, resting);
    let duty = garde(&mut draft, 0);
    let post = consultation(&mut draft, 4, Half::Morning);
    let problem = built(draft);
    let mut judge = judge(&problem);
    assert_eq!(judge.counter(who, Counter::OffHalfDays), 16_000);
    // Monday on garde, Tuesday at rest, Wednesday and Thursday away, Friday a consultation and one OFF.
    take(&mut judge, performs(duty), who);
    assert_eq!(judge.counter(who, Counter::OffHalfDays), 12_000);
    take(&mut judge, performs(post), who);
    assert_eq!(judge.counter(who, Counter::OffHalfDays), 11_000);
    assert_eq!(judge.get(Seat { slot: post, post: Post::Performer }), Some(who));
}

#[test]
fn shares_follow_presence_and_add_up_to_the_total() {
    let mut draft = two_weeks();
    let days = draft.days.clone();
    for (id, share, past, gardes) in [("always", 1_000, 3_000, 6_000), ("odd months", 1_000, 1_000, 2_000)] {
        let mut who = mar(id, &days);
        (who.equity_share, who.history.presence) = (share, Some(past));
        who.history.counters = vec![(Counter::Gardes, gardes)];
        hire(&mut draft, who);
    }
    let third = mar("new", &days);
    hire(&mut draft, third);
    for day in 0..14 {
        garde(&mut draft, day);
    }
    let problem = built(draft);
    let targets: Vec<i64> =
        problem.person_indices().map(|own| problem.target(own, Counter::Gardes).unwrap()).collect();
    // 22 gardes for 4, 2 and 1 presences; nothing is lost to rounding.
    assert_eq!(targets, [12_572, 6_286, 3_142]);
    assert_eq!(targets.iter().sum::<i64>(), 22_000);
}
