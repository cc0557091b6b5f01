//! A plan made better part by part: what may come of it and what may not.

use roster::shifts::{Sheet, Table, Weights};

use super::improve::{Event, Improver};
use crate::{
    Rng,
    budget::{Clock, Meter},
    rows::{construct, dp::Row, testing},
};

/// A table and a first plan of it.
fn plan(people: usize, days: usize, seed: u64) -> (Table, Vec<Row>) {
    let table = testing::team(people, days, seed);
    let clock = Clock::new(false);
    let mut dps = construct::compile(&table);
    let rows = construct::construct(&table, &mut dps, None, seed, &mut Meter::new(&clock, 10_000_000));
    let rows = rows.chunks(days).map(<[_]>::to_vec).collect();
    (table, rows)
}

fn cost(table: &Table, rows: &[Row]) -> i64 {
    Sheet::new(table, &rows.concat()).cost(&Weights::flat(0))
}

/// Runs for so many steps; every plan told of, and every bound.
fn run(improver: &mut Improver<'_>, steps: u64, seed: u64) -> (Vec<Vec<Row>>, Vec<i64>, bool) {
    let clock = Clock::new(false);
    let mut meter = Meter::new(&clock, steps);
    let (mut plans, mut bounds) = (Vec::new(), Vec::new());
    improver.run(&mut meter, &mut Rng::new(seed), &mut |event| match event {
        Event::Plan(rows) => plans.push(rows.to_vec()),
        Event::Bound(bound) => bounds.push(bound),
    });
    (plans, bounds, meter.is_over())
}

#[test]
fn the_better_of_two_plans_is_kept() {
    let (table, first) = plan(8, 14, 1);
    let mut improver = Improver::new(&table, first.clone());
    run(&mut improver, 300_000, 1);
    let better = improver.rows().to_vec();
    assert!(cost(&table, &better) < cost(&table, &first));
    improver.adopt(first.clone());
    assert_eq!(improver.rows(), better, "a worse plan is not adopted");
    let mut other = Improver::new(&table, first);
    other.adopt(better.clone());
    assert_eq!(other.rows(), better, "a better one is");
}

#[test]
fn every_plan_breaks_nothing_more_and_is_better_than_the_one_before() {
    // The long ones are too large to be solved whole: parts alone.
    for (people, days, steps) in [(8, 14, 400_000), (7, 112, 600_000)] {
        let (table, first) = plan(people, days, 2);
        let mut improver = Improver::new(&table, first.clone());
        let (plans, bounds, _) = run(&mut improver, steps, 3);
        let costs: Vec<i64> = [&first].into_iter().chain(&plans).map(|rows| cost(&table, rows)).collect();
        assert!(costs.len() > 1, "{days} days: something is won");
        assert!(costs.is_sorted_by(|before, after| before > after), "{days} days: {costs:?}");
        // Who has no legal row at all is left out of everything.
        let is_legal = |rows: &[Row], person: usize| testing::is_legal(&table, person, &rows[person]);
        let legal: Vec<usize> = (0..people).filter(|person| is_legal(&first, *person)).collect();
        assert!(legal.len() + 2 >= people, "{days} days: {legal:?}");
        for rows in &plans {
            assert!(legal.iter().all(|person| is_legal(rows, *person)), "{days} days: a breach");
        }
        assert_eq!(plans.last().map(Vec::as_slice), Some(improver.rows()));
        assert!(bounds.is_sorted() && bounds.iter().all(|bound| Some(bound) <= costs.last()));
    }
}

#[test]
fn a_proven_plan_ends_it() {
    let mut proven = 0;
    for seed in 0..6 {
        let (table, first) = plan(6, 14, seed);
        let mut improver = Improver::new(&table, first).branching();
        let (_, bounds, is_over) = run(&mut improver, 3_000_000, seed);
        let cost = cost(&table, improver.rows());
        assert!(improver.bound() <= cost, "seed {seed}");
        assert_eq!(improver.bound() == cost, !is_over, "seed {seed}: it ends when proven, and only then");
        if !is_over {
            proven += 1;
            assert_eq!(bounds.last(), Some(&cost), "seed {seed}: the proof was told");
            let (plans, ..) = run(&mut improver, 1_000, seed);
            assert!(plans.is_empty(), "seed {seed}: better than proven");
        }
    }
    assert!(proven > 2, "{proven} of 6 were proven");
}
