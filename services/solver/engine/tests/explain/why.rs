//! Why this person, and why not that one.

use engine::explain::{Ground, Patience, Verdict, WhyNot, differences, why, why_not};
use roster::{
    Evaluator, Level, Problem, Roster, RuleId, Score,
    problem::{Ask, Half, LineKind, PersonIx, Pin, Request, Seat, SlotIx},
};

use crate::{
    consultation, planned,
    support::{World, small_team},
};

#[test]
fn a_place_is_held_because_it_is_locked_or_asked_for_or_nobody_else_may_or_it_is_best() {
    let mut world = World::new("2026-06-02", 1);
    let people = world.mars(4);
    world.leave(people[3], [0]);
    let slots: Vec<SlotIx> = (0..3).map(|_| consultation(&mut world, 0, Half::Morning)).collect();
    let other = consultation(&mut world, 0, Half::Afternoon);
    world.draft.pins.push(Pin { seat: Seat::performer(slots[0]), person: Some(people[0]) });
    world.draft.requests.push(Request { person: people[1], ask: Ask::Slot(slots[1]) });
    let problem = world.build();
    let mut roster = Roster::pinned(&problem);
    roster.set(Seat::performer(slots[1]), Some(people[1]));
    roster.set(Seat::performer(slots[2]), Some(people[2]));
    let ground = |slot: SlotIx| why(&problem, &roster, Seat::performer(slot)).unwrap().ground;
    assert_eq!(ground(slots[0]), Ground::Locked);
    assert_eq!(ground(slots[1]), Ground::Requested);
    assert_eq!(ground(slots[2]), Ground::OnlyOne, "the others are taken or away");
    assert_eq!(why(&problem, &roster, Seat::performer(other)), None);
    let own = why(&problem, &roster, Seat::performer(slots[2])).unwrap();
    let stopped = |person| own.rivals.iter().find(|rival| rival.person == person).map(|rival| rival.verdict);
    assert_eq!(stopped(people[3]), Some(Verdict::Stopped(RuleId::Availability)));
    assert_eq!(stopped(people[0]), Some(Verdict::Stopped(RuleId::DoubleBooking)));
    let worth = own.worth.iter().fold(Score::ZERO, |sum, rule| sum + rule.difference);
    let mut without = roster.clone();
    without.set(Seat::performer(slots[2]), None);
    let expected = Evaluator::new(&problem, &without).score() - Evaluator::new(&problem, &roster).score();
    assert_eq!(worth, expected, "the rules add up");
}

#[test]
fn every_verdict_about_a_rival_is_the_judges() {
    let problem = small_team().build();
    let roster = planned(&problem, 5_000);
    let score = Evaluator::new(&problem, &roster).score();
    let mut could = 0;
    for (seat, person) in roster.held().step_by(7) {
        let own = why(&problem, &roster, seat).unwrap();
        assert_eq!(own.person, person);
        for rival in own.rivals {
            if let Verdict::Costs(difference) = rival.verdict {
                let mut other = roster.clone();
                other.set(seat, Some(rival.person));
                let after = Evaluator::new(&problem, &other).score();
                assert_eq!(after - score, difference);
                assert!(after.is_feasible());
                could += 1;
            }
        }
    }
    assert!(could > 0);
}

#[test]
fn a_counterfactual_names_the_first_rule_and_what_it_would_cost_rule_by_rule() {
    let mut world = World::new("2026-06-01", 5);
    let people = world.mars(4);
    world.leave(people[3], 0..5);
    world.line(LineKind::Garde);
    let problem = world.build();
    // The first has Monday and Thursday, the second Tuesday, the third Wednesday.
    let mut roster = Roster::empty(&problem);
    for (day, person) in [(0, 0), (1, 1), (2, 2), (3, 0)] {
        roster.set(Seat::performer(SlotIx(day)), Some(people[person]));
    }
    let ask = |slot: u32, person| {
        why_not(&problem, &roster, Seat::performer(SlotIx(slot)), person, &Patience::default())
    };
    assert_eq!(ask(0, people[0]), WhyNot::Holds);
    assert_eq!(ask(0, people[3]), WhyNot::Never(RuleId::Availability));
    let WhyNot::At { stopped_by, counterfactual, is_complete } = ask(2, people[0]) else { panic!() };
    assert!(is_complete);
    assert_eq!(stopped_by, Some(RuleId::ConsecutiveGardes));
    let found = counterfactual.unwrap();
    let mut after = roster.clone();
    for change in &found.changes {
        after.set(change.seat, change.after);
    }
    assert_eq!(after.performer(SlotIx(2)), Some(people[0]));
    let score = |roster: &Roster| Evaluator::new(&problem, roster).score();
    assert!(score(&after).is_feasible());
    assert_eq!(score(&after) - score(&roster), found.difference);
    let sum = found.rules.iter().fold(Score::ZERO, |sum, rule| sum + rule.difference);
    assert_eq!(sum, found.difference);
    assert_eq!(found.rules, differences(&problem, &roster, &after));
}

/// The best of all rosters that differ in at most so many places and hold the place as asked.
fn best_given(
    problem: &Problem,
    roster: &Roster,
    given: (Seat, PersonIx),
    changes_max: usize,
) -> Option<Score> {
    fn descend(
        judge: &mut Evaluator<'_>,
        seats: &[(Seat, Option<PersonIx>)],
        left: usize,
        best: &mut Option<Score>,
    ) {
        let score = judge.score();
        if score.is_feasible() && best.is_none_or(|own| score < own) {
            *best = Some(score);
        }
        if left == 0 {
            return;
        }
        for (at, (seat, now)) in seats.iter().enumerate() {
            let problem = judge.problem();
            let choices = problem.candidates(*seat).iter().copied().map(Some).chain([None]);
            // Holes that were there before are another matter.
            for choice in choices.filter(|choice| choice != now && now.is_some()) {
                judge.set(*seat, choice);
                descend(judge, &seats[at + 1..], left - 1, best);
                judge.set(*seat, *now);
            }
        }
    }
    let mut judge = Evaluator::new(problem, roster);
    judge.set(given.0, Some(given.1));
    let seats = problem.slot_indices().map(Seat::performer);
    let open: Vec<_> = (seats.filter(|seat| *seat != given.0 && problem.pin(*seat).is_none()))
        .map(|seat| (seat, roster.get(seat)))
        .collect();
    let mut best = None;
    descend(&mut judge, &open, changes_max - 1, &mut best);
    best
}

#[test]
fn the_counterfactual_fills_as_much_as_the_best_of_all_rosters_that_near() {
    let mut world = World::new("2026-06-04", 8);
    world.mars(4);
    world.duties();
    let problem = world.build();
    let roster = planned(&problem, 20_000);
    let score = Evaluator::new(&problem, &roster).score();
    for slot in problem.slot_indices() {
        for person in problem.person_indices() {
            let seat = Seat::performer(slot);
            let patience = Patience { changes_max: 3, ..Patience::default() };
            let WhyNot::At { counterfactual, is_complete, .. } =
                why_not(&problem, &roster, seat, person, &patience)
            else {
                continue;
            };
            assert!(is_complete);
            let expected = best_given(&problem, &roster, (seat, person), 3);
            let heavy =
                |score: Score| [Level::Hard, Level::Critical, Level::Relaxed].map(|level| score.level(level));
            assert_eq!(
                counterfactual.map(|own| heavy(score + own.difference)),
                expected.map(heavy),
                "slot {slot:?}, person {person:?}"
            );
        }
    }
}
