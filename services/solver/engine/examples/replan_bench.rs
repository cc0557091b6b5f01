//! How long one absence and one leave take on a published department's month: what `scripts/bench engine` reads.
//!
//! `cargo run --release -p engine --example replan_bench -- [SEED] [STEPS]`: a month is searched for so many steps and
//! taken as published; then every holder of a garde falls ill on that day, and asks for a leave of that week; then it
//! is asked why not others, and what the holes contradict. Ends with lines `figure NAME VALUE UNIT`.

use std::{process::ExitCode, time::Instant};

use engine::{
    Options,
    explain::{Outcome, Patience, Question, WhyNot, contradiction, why_not},
    replan::{ChangeBudget, Span, Warm, absence, publish, what_if_leave},
    solve,
};
use roster::{
    Level, Problem, Roster, analyze,
    problem::{DayIx, PersonIx, Seat},
    testing::department_draft,
};

/// One question's answer and time.
struct Asked {
    milliseconds: f64,
    is_mended: bool,
    is_complete: bool,
    changes: usize,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (Some(Ok(seed)), Some(Ok(steps))) =
        (arguments.next().or(Some(Ok(1))), arguments.next().or(Some(Ok(60_000))))
    else {
        eprintln!("usage: replan_bench [SEED] [STEPS], both whole numbers");
        return ExitCode::FAILURE;
    };
    let mut draft = department_draft(seed);
    let Ok(problem) = Problem::build(draft.clone()) else { return ExitCode::FAILURE };
    let plan = solve(&problem, &Options { seed, steps, ..Options::default() }, &mut ()).roster;
    draft.published = publish(&problem, &plan, DayIx(0));
    let Ok(problem) = Problem::build(draft) else { return ExitCode::FAILURE };
    let start = Instant::now();
    let warm = Warm::new(&problem, &plan);
    println!("published: {}; warmed in {:.1} ms", warm.score(), milliseconds(start));
    let gardes: Vec<(PersonIx, DayIx)> = (problem.slot_indices())
        .filter(|slot| problem.slot(*slot).kind.is_garde())
        .filter_map(|slot| Some((plan.get(Seat::performer(slot))?, problem.slot(slot).day)))
        .collect();
    let budget = ChangeBudget::default();
    let absences: Vec<Asked> =
        gardes.iter().map(|(person, day)| sick(&warm, *person, *day, &budget)).collect();
    let leaves: Vec<Asked> =
        gardes.iter().map(|(person, day)| leave(&warm, *person, *day, &budget)).collect();
    report("absence_replan", &absences);
    report("leave_whatif", &leaves);
    counterfactuals(&problem, &plan);
    contradictions(&problem, &plan);
    ExitCode::SUCCESS
}

fn sick(warm: &Warm<'_>, person: PersonIx, day: DayIx, budget: &ChangeBudget) -> Asked {
    let start = Instant::now();
    let found = absence(warm, person, Span::days(day, day), budget);
    let milliseconds = milliseconds(start);
    let best = found.alternatives.first();
    let is_mended = best.is_some_and(|best| best.holes.is_empty());
    let changes = best.map_or(0, |best| best.changes_count);
    let levels = best.map(|best| best.difference).unwrap_or_default();
    println!(
        "garde of day {:>2}: {milliseconds:>6.1} ms, {} alternatives, best {changes} changes, critical {}, beyond {:?}, steps {}, complete to {:?}",
        day.0 + 1,
        found.alternatives.len(),
        levels.level(Level::Critical) / 1_000,
        found.beyond.map(|more| (more.changes_count, more.difference.level(Level::Critical) / 1_000)),
        found.steps,
        found.complete_up_to,
    );
    Asked { milliseconds, is_mended, is_complete: found.complete_up_to == Some(budget.changes_max), changes }
}

fn leave(warm: &Warm<'_>, person: PersonIx, day: DayIx, budget: &ChangeBudget) -> Asked {
    let last = DayIx((day.0 + 6).min(warm.problem().days().len() as u16 - 1));
    let start = Instant::now();
    let effect = what_if_leave(warm, person, Span::days(day, last), budget);
    let milliseconds = milliseconds(start);
    println!(
        "leave from day {:>2}: {milliseconds:>6.1} ms, {} places fall, {} stay empty, steps {}, complete to {:?}",
        day.0 + 1,
        effect.falls.len(),
        effect.holes.len(),
        effect.steps,
        effect.complete_up_to,
    );
    let changes = effect.alternatives.first().map_or(0, |best| best.changes_count);
    Asked {
        milliseconds,
        is_mended: effect.holes.is_empty(),
        is_complete: effect.complete_up_to.is_some_and(|upto| upto >= budget.changes_max),
        changes,
    }
}

/// Why not somebody else, for every seventh place and every third candidate.
fn counterfactuals(problem: &Problem, plan: &Roster) {
    let (mut times, mut found) = (Vec::new(), 0);
    for (seat, _) in plan.held().step_by(7) {
        for other in problem.candidates(seat).iter().step_by(3) {
            let start = Instant::now();
            let answer = why_not(problem, plan, seat, *other, &Patience::default());
            times.push(milliseconds(start));
            found += usize::from(matches!(answer, WhyNot::At { counterfactual: Some(_), .. }));
        }
    }
    println!("why_not: {} asked, {found} with a lawful counterfactual", times.len());
    figures("why_not", times);
}

/// What contradicts what, for every hole.
fn contradictions(problem: &Problem, plan: &Roster) {
    let mut times = Vec::new();
    for hole in analyze(problem, plan).holes {
        let start = Instant::now();
        let found = contradiction(problem, plan, &Question::Holes(vec![hole.seat.slot]), 200_000);
        times.push(milliseconds(start));
        let outcome = match &found.outcome {
            Outcome::Contradiction { elements, is_irreducible } => {
                format!("{} elements, irreducible: {is_irreducible}", elements.len())
            }
            Outcome::Holds(_) => "can be filled".to_owned(),
            Outcome::Unknown => "unknown".to_owned(),
        };
        println!(
            "hole of day {:>2}: {outcome}, {} ways out, {} steps, {:.0} ms",
            problem.slot(hole.seat.slot).day.0 + 1,
            found.relaxations.len(),
            found.steps,
            times.last().copied().unwrap_or_default(),
        );
    }
    figures("contradiction", times);
}

fn report(name: &str, asked: &[Asked]) {
    let mended = asked.iter().filter(|own| own.is_mended).count();
    let complete = asked.iter().filter(|own| own.is_complete).count();
    let most = asked.iter().map(|own| own.changes).max().unwrap_or_default();
    println!(
        "{name}: {} asked, {mended} mended without a hole, {complete} enumerated completely, {most} changes at most",
        asked.len()
    );
    figures(name, asked.iter().map(|own| own.milliseconds).collect());
}

fn figures(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let max = times.last().copied().unwrap_or_default();
    println!("figure {name}_median_ms {median:.1} ms");
    println!("figure {name}_ms {max:.1} ms");
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}
