//! A leave before it is granted.

use engine::replan::{ChangeBudget, Span, Warm, what_if_leave};
use roster::{Evaluator, problem::Seat};

use crate::{published, support::World, with};

#[test]
fn scenario_10_a_leave_over_a_published_garde_says_what_falls_and_who_could_replace() {
    let mut world = World::new("2026-06-01", 7);
    let people = world.mars(5);
    world.duties();
    let (problem, plan) = published(world, 5_000);
    let warm = Warm::new(&problem, &plan);
    for day in problem.day_indices() {
        let garde = problem
            .slot_indices()
            .find(|slot| problem.slot(*slot).day == day && problem.slot(*slot).kind.is_garde());
        let seat = Seat::performer(garde.unwrap());
        let person = plan.get(seat).unwrap();
        let effect = what_if_leave(&warm, person, Span::days(day, day), &ChangeBudget::default());
        let fallen: Vec<Seat> = effect.falls.iter().map(|own| own.seat).collect();
        assert!(fallen.contains(&seat));
        let post = effect.falls.iter().find(|own| own.seat == seat).unwrap();
        let asked = post.takers.len() + post.obstacles.iter().map(|own| own.people as usize).sum::<usize>();
        assert_eq!(asked, people.len() - 1, "everybody else takes it or is stopped by a rule");
        let best = effect.alternatives.first().unwrap();
        let score = Evaluator::new(&problem, &with(&plan, best)).score();
        assert_eq!(score - warm.score(), effect.difference);
        assert!(effect.difference <= effect.difference_unmended);
        let holes: Vec<Seat> = effect.holes.iter().map(|own| own.seat).collect();
        assert_eq!(holes, best.holes);
        if best.holes.is_empty() {
            assert!(effect.equity.iter().any(|own| own.person == person && own.after < own.before));
        }
    }
}
