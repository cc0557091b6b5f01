//! Whatever the text: an error with its line, or a problem that can be solved without a breach of the search's own.
#![no_main]

use engine::{Options, formats::curtois_qu, solve};
use libfuzzer_sys::{Corpus, fuzz_target};
use roster::Problem;

/// Larger problems say nothing that smaller ones do not, and take longer.
const CELLS_MAX: usize = 3_000;

fuzz_target!(|text: &str| -> Corpus {
    let draft = match curtois_qu::read(text) {
        Ok(draft) => draft,
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.lines().count().max(1));
            return Corpus::Keep;
        }
    };
    if draft.people.len() * draft.days.len() * (draft.shifts.types.len() + 1) > CELLS_MAX {
        return Corpus::Reject;
    }
    // What is refused here are weights whose sum is too large.
    let Ok(problem) = Problem::build(draft) else { return Corpus::Keep };
    let solution = solve(&problem, &Options { steps: 200, ..Options::default() }, &mut ());
    assert_eq!(curtois_qu::write(&problem, &solution.roster).lines().count(), problem.people().len());
    Corpus::Keep
});
