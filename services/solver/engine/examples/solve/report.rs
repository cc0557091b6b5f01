//! What came of a search, as lines `name value`.

use std::time::Duration;

use engine::{Bound, Solution};
use roster::{Problem, analyze};

use crate::{course::Course, input::Format};

/// Clock ticks in a second, as Linux tells processor time.
const TICKS: f64 = 100.0;

/// Prints the outcome on standard output.
pub fn print(problem: &Problem, solution: &Solution, course: &Course, format: Format) {
    println!("people {}", problem.people().len());
    println!("days {}", problem.days().len());
    println!("slots {}", problem.slots().len());
    println!("seconds {:.2}", course.elapsed().as_secs_f64());
    println!("cpu_seconds {}", or_unknown(processor_seconds().map(|seconds| format!("{seconds:.1}"))));
    println!("steps {}", solution.statistics.steps);
    let seconds = |time: Option<Duration>| or_unknown(time.map(|time| format!("{:.3}", time.as_secs_f64())));
    println!("first_feasible_s {}", seconds(course.first_feasible));
    println!("constructed_s {}", seconds(course.constructed));
    println!("score {}", solution.score);
    println!("feasible {}", solution.score.is_feasible());
    println!("objective {}", format.cost(&solution.score));
    println!("bound {}", format.bound(&solution.bound));
    println!("gap_pct {}", gap(&solution.bound, solution));
    println!("holes {}", analyze(problem, &solution.roster).holes.len());
}

fn gap(bound: &Bound, solution: &Solution) -> String {
    or_unknown(bound.gap(&solution.score).map(|gap| format!("{:.3}", gap * 100.0)))
}

fn or_unknown(value: Option<String>) -> String {
    value.unwrap_or_else(|| "unknown".to_owned())
}

/// Processor time of all threads, where the system tells it.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold anything; the figures come after it.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: f64 = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks / TICKS)
}
