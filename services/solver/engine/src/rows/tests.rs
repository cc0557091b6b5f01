//! Construction and islands together.

use roster::shifts::{Code, Sheet, Table, Weights};

use super::{
    construct::{compile, construct},
    improve::{Setting, improve},
    testing::{is_legal, team},
};
use crate::budget::{Clock, Meter};

fn cost(table: &Table, rows: &[Code]) -> i64 {
    Sheet::new(table, rows).cost(&Weights::flat(0))
}

fn breaches(table: &Table, rows: &[Code]) -> i64 {
    Sheet::new(table, rows).amounts().breaches()
}

/// Constructs, then improves with so many steps.
fn searched(table: &Table, threads: usize, steps: u64) -> (Vec<Code>, Vec<Code>) {
    let clock = Clock::new(false);
    let mut meter = Meter::new(&clock, u64::MAX);
    let mut dps = compile(table);
    let first = construct(table, &mut dps, None, 3, &mut meter);
    let setting = Setting { seed: 3, islands: 2, threads, is_warm: false };
    let mut meter = Meter::new(&clock, steps);
    let best = improve(table, &dps, &first, setting, &mut meter, &mut |_| {});
    (first, best)
}

#[test]
fn plans_are_legal_from_the_start_and_only_get_better() {
    for (people, days) in [(6, 14), (9, 28), (8, 145)] {
        let table = team(people, days, 5);
        let (first, best) = searched(&table, 1, 20_000);
        for rows in [&first, &best] {
            assert!(rows.chunks(days).enumerate().all(|(person, row)| is_legal(&table, person, row)));
        }
        assert!(cost(&table, &best) < cost(&table, &first), "{people} people, {days} days");
    }
}

#[test]
fn the_number_of_threads_changes_no_plan() {
    for days in [28, 145] {
        let table = team(7, days, 9);
        assert_eq!(searched(&table, 1, 8_000), searched(&table, 2, 8_000), "{days} days");
    }
}

#[test]
fn somebody_with_no_legal_row_keeps_the_pins_and_breaks_as_little_as_the_others_none() {
    let mut table = team(6, 28, 2);
    // Pinned to work for twelve days on end, and never to rest alone.
    for day in 4..16 {
        table.allowed[2 * 28 + day] = 0b0100;
    }
    let (first, best) = searched(&table, 1, 5_000);
    for rows in [&first, &best] {
        let own = &rows[2 * 28..3 * 28];
        assert!(own[4..16].iter().all(|&code| code == 2), "pins are kept");
        let others = rows.chunks(28).enumerate().filter(|&(person, _)| person != 2);
        assert!(others.into_iter().all(|(person, row)| is_legal(&table, person, row)));
    }
    assert_eq!(breaches(&table, &first), breaches(&table, &best));
}

#[test]
fn a_start_is_kept_where_it_is_legal() {
    let table = team(6, 28, 4);
    let (_, good) = searched(&table, 1, 5_000);
    let mut start = good.clone();
    start[28..56].fill(0);
    let clock = Clock::new(false);
    let mut meter = Meter::new(&clock, u64::MAX);
    let rows = construct(&table, &mut compile(&table), Some(&start), 1, &mut meter);
    assert_eq!(rows[..28], good[..28]);
    assert_eq!(rows[56..], good[56..]);
    assert!(is_legal(&table, 1, &rows[28..56]));
}
