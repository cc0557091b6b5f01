//! What came of a search, as lines `name value`.

use engine::Solution;
use roster::Problem;

use crate::{course::Course, input::Format};

/// Prints the outcome on standard output.
pub fn print(problem: &Problem, solution: &Solution, course: &Course, format: Format) {
    let seconds = course.elapsed().as_secs_f64();
    println!("people {}", problem.people().len());
    println!("days {}", problem.days().len());
    println!("slots {}", problem.slots().len());
    println!("seconds {seconds:.2}");
    println!("steps {}", solution.statistics.steps);
    match course.first_feasible {
        Some(first) => println!("first_feasible_s {:.3}", first.as_secs_f64()),
        None => println!("first_feasible_s unknown"),
    }
    println!("score {}", solution.score);
    println!("feasible {}", solution.score.is_feasible());
    println!("objective {}", format.cost(&solution.score));
    println!("bound unknown");
    println!("gap_pct unknown");
}
