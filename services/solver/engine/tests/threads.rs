//! The same input, seed and steps give the same bytes on any number of threads.
#![cfg(feature = "formats")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;

use engine::{Options, formats::curtois_qu, solve};
use roster::Problem;

/// Three types of shift, contracts of two kinds, days off and wishes by a simple pattern.
fn team(people: usize, days: usize) -> Problem {
    let mut text =
        format!("SECTION_HORIZON\n{days}\nSECTION_SHIFTS\nE,480,\nL,480,E\nN,600,E|L\nSECTION_STAFF\n");
    let (most, least) = (days * 5 / 7 * 480, days * 3 / 7 * 480);
    for person in 0..people {
        let nights = if person % 3 == 0 { 0 } else { 4 };
        let weekends = days / 14;
        writeln!(text, "p{person},E={days}|L={days}|N={nights},{most},{least},5,2,2,{weekends}").unwrap();
    }
    text.push_str("SECTION_DAYS_OFF\n");
    for person in 0..people {
        writeln!(text, "p{person},{}", person * 5 % days).unwrap();
    }
    text.push_str("SECTION_SHIFT_ON_REQUESTS\n");
    for person in 0..people {
        writeln!(text, "p{person},{},E,2", (person * 5 + 3) % days).unwrap();
    }
    text.push_str("SECTION_COVER\n");
    for day in 0..days {
        let early = people / 4 + day % 2;
        writeln!(text, "{day},E,{early},100,1\n{day},L,{},100,1\n{day},N,1,100,1", people / 5).unwrap();
    }
    Problem::build(curtois_qu::read(&text).unwrap()).unwrap()
}

#[test]
fn shifts_are_the_same_on_any_number_of_threads() {
    // The short one is generated whole and branched on, the long one part by part.
    for (people, days, steps) in [(8, 14, 600_000), (7, 112, 800_000)] {
        let problem = team(people, days);
        let on = |threads: usize| {
            let options = Options { seed: 5, steps, threads, ..Options::default() };
            solve(&problem, &options, &mut ())
        };
        let one = on(1);
        assert!(one.score.is_feasible(), "{days} days: {}", one.score);
        for threads in [2, 4] {
            let many = on(threads);
            assert_eq!(
                curtois_qu::write(&problem, &one.roster),
                curtois_qu::write(&problem, &many.roster),
                "{days} days on {threads} threads"
            );
            assert_eq!(one, many, "{days} days on {threads} threads: figures");
        }
    }
}
