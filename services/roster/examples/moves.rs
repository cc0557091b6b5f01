//! Takes a million moves on a department's month and prints what the judge says of the result:
//! `time cargo run --release --package roster --features testing --example moves`.

use roster::{Evaluator, Roster, problem::Seat, testing};

const MOVES: usize = 1_000_000;

fn main() {
    let problem = testing::department(1);
    let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
    let mut dice = testing::Dice::new(1);
    let places = problem.slot_indices().flat_map(|slot| [Seat::performer(slot), Seat::supervisor(slot)]);
    let seats: Vec<_> = places.filter(|seat| !problem.candidates(*seat).is_empty()).collect();
    for seat in &seats {
        let taker = problem.candidates(*seat).iter().copied().find(|who| judge.can_take(*seat, *who).is_ok());
        judge.set(*seat, taker);
    }
    println!("{} slots, {} places, first fit {}", problem.slots().len(), seats.len(), judge.score());
    for _ in 0..MOVES / 2 {
        let seat = seats[dice.below(seats.len())];
        let candidates = problem.candidates(seat);
        let before = judge.set(seat, Some(candidates[dice.below(candidates.len())]));
        judge.set(seat, before);
    }
    println!("{MOVES} moves later {}", judge.score());
    let analysis = roster::analyze(&problem, judge.roster());
    println!("{} holes", analysis.holes.len());
    for line in &analysis.coverage {
        println!("  {:?}: {} of {}", line.of, line.covered, line.open);
    }
    for report in &analysis.rules {
        println!("  {} {}: {} matches", report.rule.code(), report.cost, report.matches.len());
    }
}
