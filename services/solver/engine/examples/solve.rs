//! Solves the synthetic department's month and prints what came of it.
//!
//! `cargo run --release -p engine --example solve -- [SEED] [STEPS]`

use std::{ops::ControlFlow, process::ExitCode, time::Instant};

use engine::{Kind, Observer, Options, Phase, Progress, solve};
use roster::{Roster, analyze, testing::department};

/// Prints the course of the search: the clock is the caller's.
struct Course {
    start: Instant,
    printed_steps: u64,
}

impl Observer for Course {
    fn look(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn phase(&mut self, phase: Phase) {
        println!("{:>8} ms  {phase:?}", self.start.elapsed().as_millis());
    }

    fn improved(&mut self, progress: Progress<'_>, _: &Roster) {
        if progress.steps == 0 || progress.steps >= self.printed_steps * 2 {
            self.printed_steps = progress.steps.max(1_000);
            println!(
                "{:>8} ms  step {:>8}  {}",
                self.start.elapsed().as_millis(),
                progress.steps,
                progress.best
            );
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (Some(Ok(seed)), Some(Ok(steps))) =
        (arguments.next().or(Some(Ok(1))), arguments.next().or(Some(Ok(200_000))))
    else {
        eprintln!("usage: solve [SEED] [STEPS], both whole numbers");
        return ExitCode::FAILURE;
    };
    let problem = department(seed);
    println!(
        "{} people, {} days, {} slots",
        problem.people().len(),
        problem.days().len(),
        problem.slots().len()
    );
    let start = Instant::now();
    let options = Options { seed, steps, ..Options::default() };
    let solution = solve(&problem, &options, &mut Course { start, printed_steps: 0 });
    let seconds = start.elapsed().as_secs_f64();
    let statistics = &solution.statistics;
    println!("levels   hard | critical | relaxed | change | balance | preference");
    println!("built    {}", statistics.constructed);
    println!("found    {}", solution.score);
    println!("took     {seconds:.2} s, {:.0} steps/s", statistics.steps as f64 / seconds);
    for (kind, count) in Kind::ALL.iter().zip(&statistics.moves) {
        println!("move     {:<14} proposed {:>8}  kept {:>7}", kind.name(), count.proposed, count.kept);
    }
    let analysis = analyze(&problem, &solution.roster);
    for own in &analysis.coverage {
        println!("covered  {:>4} of {:>4}  {:?}", own.covered, own.open, own.of);
    }
    for hole in &analysis.holes {
        let slot = problem.slot(hole.seat.slot);
        let why: Vec<_> = (hole.obstacles.iter())
            .map(|obstacle| format!("{}×{}", obstacle.people, obstacle.rule.code()))
            .collect();
        println!("hole     day {:>2} {:?}: {}", slot.day.0 + 1, slot.kind, why.join(" "));
    }
    for report in &analysis.rules {
        println!("rule     {:<5} {:>4} matches  {}", report.rule.code(), report.matches.len(), report.cost);
    }
    if solution.score.is_feasible() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
