//! Somebody is away.

use engine::{
    Options,
    replan::{Alternative, Cause, ChangeBudget, Span, Warm, absence, publish},
    solve,
};
use roster::{
    Evaluator, Level, Problem, Roster, Score,
    diff::changes,
    problem::{DayIx, Half, LineKind, PersonIx, Pin, Post, Seat, SectorCategory, SiteIx, SlotIx, SlotKind},
};

use crate::{
    has_somebody_alone, published,
    support::{World, small_team},
    with,
};

/// The best roster of all that differ from the plan in at most so many places and give the absent nothing. Holes that
/// were there before are another matter, and are left.
struct Brute<'p> {
    judge: Evaluator<'p>,
    fallen: Vec<Seat>,
    seats: Vec<Seat>,
    absent: PersonIx,
    hard_max: i64,
    best: Option<Score>,
}

impl<'p> Brute<'p> {
    fn best(
        problem: &'p Problem,
        plan: &'p Roster,
        absent: PersonIx,
        span: Span,
        changes_max: usize,
    ) -> Score {
        let (fallen, _) = Warm::new(problem, plan).falls(absent, span);
        let mut judge = Evaluator::new(problem, plan);
        for seat in &fallen {
            judge.set(*seat, None);
        }
        let seats = problem.slot_indices().flat_map(|slot| Post::ALL.map(|post| Seat { slot, post }));
        let open = seats.filter(|seat| problem.pin(*seat).is_none() && !problem.candidates(*seat).is_empty());
        let hard_max = judge.score().level(Level::Hard);
        let seats = open.collect();
        let mut brute = Brute { judge, fallen, seats, absent, hard_max, best: None };
        brute.descend(0, changes_max);
        brute.best.unwrap()
    }

    fn descend(&mut self, from: usize, left: usize) {
        let score = self.judge.score();
        if score.level(Level::Hard) <= self.hard_max
            && !has_somebody_alone(self.judge.problem(), self.judge.roster())
            && self.best.is_none_or(|best| score < best)
        {
            self.best = Some(score);
        }
        for at in from..self.seats.len() {
            let seat = self.seats[at];
            let now = self.judge.get(seat);
            let problem = self.judge.problem();
            let choices = problem.candidates(seat).iter().copied().map(Some).chain([None]);
            let absent = self.absent;
            for choice in choices.filter(|choice| *choice != now && *choice != Some(absent)) {
                let was_hole = now.is_none() && seat.post == Post::Performer && !self.fallen.contains(&seat);
                if now == Some(self.absent) || was_hole {
                    continue;
                }
                // A room that closes because of the absence is no change.
                let closes = choice.is_none()
                    && self.judge.problem().slot(seat.slot).kind.is_theatre()
                    && self.fallen.iter().any(|own| own.slot == seat.slot);
                if left == 0 && !closes {
                    continue;
                }
                self.judge.set(seat, choice);
                self.descend(at + 1, if closes { left } else { left - 1 });
                self.judge.set(seat, now);
            }
        }
    }
}

#[test]
fn the_best_of_all_rosters_within_the_budget_is_found_and_said_to_be_proven() {
    let mut gardes = World::new("2026-06-04", 8);
    gardes.mars(4);
    gardes.duties();
    let mut theatre = World::new("2026-06-01", 2);
    theatre.mars(3);
    theatre.iades(1);
    let rooms = theatre.sector(SectorCategory::Standard, 3);
    for day in 0..2 {
        for room in &rooms {
            theatre.theatre(day, Half::Morning, *room, None);
        }
    }
    theatre.slot(0, SlotKind::Consultation { half: Half::Morning, site: SiteIx(0) });
    theatre.line(LineKind::Garde);
    let mut asked = 0;
    for world in [gardes, theatre] {
        let (problem, plan) = published(world, 40_000);
        let warm = Warm::new(&problem, &plan);
        for person in problem.person_indices() {
            for day in problem.day_indices() {
                let span = Span::days(day, day);
                let found = absence(&warm, person, span, &ChangeBudget::default());
                if found.fallen.is_empty() || found.fallen.len() > 2 {
                    continue;
                }
                assert_eq!(found.complete_up_to, Some(3));
                let expected = Brute::best(&problem, &plan, person, span, 3);
                let best = found.alternatives.first().unwrap();
                let score = Evaluator::new(&problem, &with(&plan, best)).score();
                assert_eq!(score, expected, "person {person:?}, day {day:?}: {best:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 10, "{asked} questions asked");
}

#[test]
fn scenario_12_replanning_after_one_sickness_is_three_changes_at_most_and_all_locks_intact() {
    let mut world = small_team();
    let problem = Problem::build(world.draft.clone()).unwrap();
    let plan = solve(&problem, &Options { seed: 3, steps: 20_000, ..Options::default() }, &mut ()).roster;
    world.draft.published = publish(&problem, &plan, DayIx(0));
    // Every garde of the second week is locked.
    let gardes = problem.slot_indices().filter(|slot| problem.slot(*slot).kind.is_garde());
    let late = gardes.filter(|slot| problem.slot(*slot).day >= DayIx(7)).map(Seat::performer);
    world.draft.pins = late.map(|seat| Pin { seat, person: plan.get(seat) }).collect();
    let problem = world.build();
    let warm = Warm::new(&problem, &plan);
    let mut mended = 0;
    for day in (0..7).map(DayIx) {
        let of_day = |slot: &SlotIx| problem.slot(*slot).day == day && problem.slot(*slot).kind.is_garde();
        let garde = problem.slot_indices().find(of_day).unwrap();
        let Some(sick) = plan.performer(garde) else { continue };
        let budget = ChangeBudget { frozen_until: DayIx(day.0 + 1), ..ChangeBudget::default() };
        let found = absence(&warm, sick, Span::days(day, day), &budget);
        for alternative in &found.alternatives {
            let after = with(&plan, alternative);
            let score = Evaluator::new(&problem, &after).score();
            assert_eq!(score.level(Level::Hard), 0);
            assert!(problem.draft().pins.iter().all(|pin| after.get(pin.seat) == pin.person));
            assert!(alternative.changes_count <= 3, "{alternative:?}");
            let moved = changes(&plan, &after).len();
            assert!(moved <= 3 + found.fallen.len());
            let moved_early = alternative.changes.iter().filter(|own| {
                problem.slot(own.seat.slot).day <= day && own.before.is_some() && own.before != Some(sick)
            });
            assert_eq!(moved_early.count(), 0, "nobody is moved in the frozen days");
            assert!(!alternative.people(sick).contains(&sick));
            mended += usize::from(alternative.holes.is_empty());
        }
    }
    assert!(mended > 0);
}

#[test]
fn alternatives_differ_in_who_steps_in_and_the_front_trades_changes_for_the_roster() {
    let (problem, plan) = published(small_team(), 20_000);
    let warm = Warm::new(&problem, &plan);
    let saturday = DayIx(5);
    let garde = problem
        .slot_indices()
        .find(|slot| problem.slot(*slot).day == saturday && problem.slot(*slot).kind.is_garde());
    let seat = Seat::performer(garde.unwrap());
    let sick = plan.get(seat).unwrap();
    let found = absence(&warm, sick, Span::days(saturday, saturday), &ChangeBudget::default());
    assert!(found.alternatives.len() > 1, "{found:?}");
    let takers: Vec<_> = (found.alternatives.iter())
        .filter(|own| !own.is_pareto)
        .map(|own| own.changes.iter().find(|change| change.seat == seat).and_then(|change| change.after))
        .collect();
    let mut distinct = takers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), takers.len(), "each suggests somebody else");
    let merit = |own: &Alternative| {
        let mut levels = own.difference.levels();
        levels[Level::Change as usize] = 0;
        Score::new(levels)
    };
    for one in found.alternatives.iter().filter(|own| own.is_pareto) {
        for other in found.alternatives.iter().filter(|own| own.changes_count < one.changes_count) {
            assert!(merit(other) > merit(one), "more changes only for a better roster");
        }
    }
    let base = absence(
        &warm,
        sick,
        Span::days(saturday, saturday),
        &ChangeBudget { changes_max: 0, ..ChangeBudget::default() },
    );
    assert!(base.alternatives.iter().all(|own| own.changes_count <= 1), "what fell may always be refilled");
}

#[test]
fn every_difference_is_what_the_judge_says_and_every_price_is_that_of_the_published_plan() {
    let (problem, plan) = published(small_team(), 10_000);
    let warm = Warm::new(&problem, &plan);
    for person in problem.person_indices() {
        let span = Span::days(DayIx(2), DayIx(3));
        let found = absence(&warm, person, span, &ChangeBudget::default());
        let mut judge = Evaluator::new(&problem, &plan);
        for seat in &found.fallen {
            judge.set(*seat, None);
        }
        let base = judge.score();
        for alternative in &found.alternatives {
            let after = with(&plan, alternative);
            assert!(!has_somebody_alone(&problem, &after));
            let score = Evaluator::new(&problem, &after).score();
            assert_eq!(score - base, alternative.difference);
            assert_eq!(score.level(Level::Hard), 0);
            let price: i64 = alternative.changes.iter().map(|change| change.cost).sum();
            assert_eq!(price, score.level(Level::Change), "{alternative:?}");
            let unfilled = alternative.changes.iter().filter(|own| own.cause == Cause::Falls);
            assert!(unfilled.clone().all(|own| found.fallen.contains(&own.seat) && own.after.is_none()));
        }
    }
}
