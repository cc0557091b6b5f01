//! Input that nobody wishes for: typed errors, or a plan whose holes have names; never a panic, never a breach of the
//! search's own.

#![allow(clippy::unwrap_used, missing_docs)]

use engine::{Options, Solution, solve};
use roster::{
    Evaluator, Level, Problem, Roster, RuleId, analyze,
    problem::{Availability, Draft, PersonIx, Pin, RuleSetting, Seat, SlotIx, SlotKind},
    testing::{days, department_draft, mar, number_of, slot, small_draft},
};

fn options() -> Options {
    Options { seed: 3, steps: 2_000, ..Options::default() }
}

/// Solves, and holds what always holds: no breach beyond the pins' own, every hole named with what is in the way.
fn held(draft: Draft) -> (Problem, Solution) {
    let problem = Problem::build(draft).unwrap();
    let pinned = Evaluator::new(&problem, &Roster::pinned(&problem)).score();
    let solution = solve(&problem, &options(), &mut ());
    assert!(solution.score.level(Level::Hard) <= pinned.level(Level::Hard));
    let recount = Evaluator::new(&problem, &solution.roster).score();
    assert_eq!(recount, solution.score);
    let analysis = analyze(&problem, &solution.roster);
    assert_eq!(analysis.holes.is_empty(), solution.score.level(Level::Critical) == 0);
    (problem, solution)
}

#[test]
fn without_anybody_every_slot_is_a_named_hole() {
    let mut draft = small_draft(1);
    draft.people.clear();
    draft.pins.clear();
    draft.published.clear();
    draft.requests.clear();
    draft.wishes.clear();
    draft.derogations.clear();
    let (problem, solution) = held(draft);
    assert_eq!(solution.roster.held().count(), 0);
    let open = problem.slots().iter().filter(|slot| slot.weight > 0).count();
    assert!(analyze(&problem, &solution.roster).holes.len() >= open.min(1));
}

#[test]
fn without_slots_there_is_nothing_to_do() {
    let mut draft = Draft { slots: Vec::new(), ..department_draft(1) };
    draft.pins.clear();
    draft.published.clear();
    draft.requests.clear();
    draft.wishes.clear();
    let (_, solution) = held(draft);
    assert_eq!(solution.roster.held().count(), 0);
}

#[test]
fn a_month_with_almost_everybody_away_has_holes_and_no_breach() {
    let mut draft = department_draft(2);
    for person in draft.people.iter_mut().skip(3) {
        person.availability.fill(Availability::Absent);
    }
    let (problem, solution) = held(draft);
    let analysis = analyze(&problem, &solution.roster);
    let gardes = analysis.holes.iter().filter(|hole| problem.slot(hole.seat.slot).kind.is_garde());
    assert!(gardes.clone().count() > 0, "three people cannot hold thirty gardes");
    assert!(gardes.clone().all(|hole| !hole.obstacles.is_empty()), "every hole says what is in the way");
}

#[test]
fn somebody_without_a_legal_day_is_given_nothing() {
    let mut draft = department_draft(3);
    draft.people[0].availability.fill(Availability::NotWorking);
    let (_, solution) = held(draft);
    assert!(solution.roster.held().all(|(_, person)| person != PersonIx(0)));
}

#[test]
fn locks_that_contradict_each_other_are_kept_and_reported() {
    let mut draft = department_draft(4);
    let gardes: Vec<_> = (0..draft.slots.len() as u32)
        .filter(|at| matches!(draft.slots[*at as usize].kind, SlotKind::Garde { .. }))
        .take(3)
        .collect();
    // Three days in a row for one person, who is away on the first.
    draft.people[1].availability[..2].fill(Availability::Absent);
    draft.pins = gardes
        .iter()
        .map(|garde| Pin { seat: Seat::performer(SlotIx(*garde)), person: Some(PersonIx(1)) })
        .collect();
    let (problem, solution) = held(draft);
    assert!(!solution.score.is_feasible(), "the locks' breaches are not hidden");
    for garde in gardes {
        assert_eq!(solution.roster.performer(SlotIx(garde)), Some(PersonIx(1)));
    }
    let rules = analyze(&problem, &solution.roster).rules;
    assert!(
        rules.iter().any(|report| report.rule == RuleId::ConsecutiveGardes && !report.matches.is_empty())
    );
}

#[test]
fn one_place_locked_twice_is_refused() {
    let mut draft = small_draft(5);
    let seat = Seat::performer(SlotIx(0));
    draft.pins = [0, 1].map(|person| Pin { seat, person: Some(PersonIx(person)) }).to_vec();
    let fields: Vec<_> = Problem::build(draft).unwrap_err().into_iter().map(|found| found.field).collect();
    assert_eq!(fields, ["pins[1].seat"]);
}

#[test]
fn weights_out_of_range_are_refused() {
    for weight in [-1, 1_000_001, i64::MAX, i64::MIN] {
        let mut draft = small_draft(6);
        draft.parameters.settings =
            vec![RuleSetting { rule: RuleId::Wish, level: Level::Preference, weight }];
        let violations = Problem::build(draft).unwrap_err();
        assert!(violations.iter().any(|found| found.field == "parameters.settings"), "{weight}");
    }
}

#[test]
fn a_garde_that_lasts_no_day_is_refused() {
    for minutes in [0, 1_000, 3_000] {
        let mut draft = small_draft(7);
        draft.days[2].garde_minutes = minutes;
        let violations = Problem::build(draft).unwrap_err();
        assert_eq!(violations[0].field, "days[2].garde_minutes");
    }
}

#[test]
fn the_turn_of_a_year_of_53_weeks_is_planned_like_any_other() {
    let days = days(number_of(2026, 12, 14), 35);
    let weeks: std::collections::BTreeSet<_> = days.iter().map(|day| day.iso_week).collect();
    assert!(weeks.contains(&202_653) && weeks.contains(&202_701));
    let mut draft = department_draft(8);
    let template: Vec<_> = draft.slots.iter().map(|slot| (slot.day, slot.kind)).collect();
    draft.people = (0..12).map(|at| mar(&format!("mar-{at}"), &days)).collect();
    draft.slots = template.into_iter().enumerate().map(|(at, (day, kind))| slot(at, day, kind)).collect();
    draft.days = days;
    let (problem, solution) = held(draft);
    assert_eq!(problem.week_count(), 5);
    assert!(solution.score.is_feasible());
}

#[test]
fn nights_of_the_clock_change_count_their_own_hours() {
    for minutes in [1_380, 1_500] {
        let mut draft = department_draft(9);
        draft.days[13].garde_minutes = minutes;
        for person in &mut draft.people {
            person.credit_minutes = Some(9_000);
        }
        let (_, solution) = held(draft);
        assert!(solution.score.is_feasible());
    }
}

#[cfg(feature = "formats")]
mod shifts {
    use engine::formats::curtois_qu;

    use super::*;

    /// One person, away all the time, who must work; and one who may.
    const IMPOSSIBLE: &str = "SECTION_HORIZON\n7\nSECTION_SHIFTS\nE,480,\nSECTION_STAFF\n\
        a,E=7,2400,480,5,1,1,1\nb,E=7,2400,0,5,1,1,1\nSECTION_DAYS_OFF\na,0,1,2,3,4,5,6\nSECTION_COVER\n0,E,9,100,1\n";

    #[test]
    fn a_contract_that_nobody_can_fulfill_is_reported_and_the_rest_is_planned() {
        let problem = Problem::build(curtois_qu::read(IMPOSSIBLE).unwrap()).unwrap();
        let solution = solve(&problem, &options(), &mut ());
        assert_eq!(Evaluator::new(&problem, &solution.roster).score(), solution.score);
        assert!(!solution.score.is_feasible(), "the least working time cannot be reached");
        assert!(solution.roster.row(PersonIx(0)).iter().all(|code| *code == 0), "days off stay off");
        let rules = analyze(&problem, &solution.roster).rules;
        let broken = rules.iter().filter(|report| report.cost.level(Level::Hard) > 0);
        assert_eq!(broken.map(|report| report.rule).collect::<Vec<_>>(), [RuleId::ShiftMinutesMin]);
    }

    #[test]
    fn a_demand_for_more_people_than_there_are_is_a_cost_not_a_breach() {
        let text = IMPOSSIBLE.replace("a,E=7,2400,480", "a,E=7,2400,0");
        let problem = Problem::build(curtois_qu::read(&text).unwrap()).unwrap();
        let solution = solve(&problem, &options(), &mut ());
        assert!(solution.score.is_feasible());
        assert_eq!(curtois_qu::objective(&solution.score), 800, "eight of nine are missing");
    }
}
