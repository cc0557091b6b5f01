//! Whatever the document: violations, or a problem that can be solved without a panic and analyzed.
#![no_main]

use engine::{Options, solve};
use libfuzzer_sys::{Corpus, fuzz_target};
use roster::analyze;

/// Larger problems say nothing that smaller ones do not, and take longer.
const SIZE_MAX: usize = 2_000;

fuzz_target!(|text: &str| -> Corpus {
    let Ok(problem) = problem::problem_from_document(text) else { return Corpus::Keep };
    let size = problem.slots().len() + problem.people().len() * problem.days().len();
    if size > SIZE_MAX {
        return Corpus::Reject;
    }
    let solution = solve(&problem, &Options { steps: 100, ..Options::default() }, &mut ());
    analyze(&problem, &solution.roster);
    let document = problem::problem_document(&problem).expect("the contract compiles");
    let again = problem::problem_from_document(&document).expect("what was written can be read");
    assert_eq!(problem.draft(), again.draft());
    Corpus::Keep
});
