//! What the product asks of the search: a department's month, an absence, a leave, growth, a group's month.

use std::process::Command;

use chassis::BoxError;
use tempfile::TempDir;

use super::solve::{Outcome, Search, example, export};

/// The presets that growth is measured over, smallest first.
const GROWING: [&str; 4] = ["department", "hospital", "group", "ght-regional"];
/// How long growing problems are searched; what is compared is when every part of them had its first plan.
const GROWTH_SECONDS: f64 = 60.0;

/// Measures and prints; the figures come back.
pub fn measure(search: &Search) -> Result<Vec<String>, BoxError> {
    let folder = TempDir::new()?;
    let solve = |preset: &str, search: &Search| -> Result<Outcome, BoxError> {
        let file = folder.path().join(format!("{preset}.json"));
        export(preset, search.seed, &file)?;
        let outcome = search.run("json", &file, &folder.path().join(format!("{preset}.solution.json")))?;
        row(preset, &outcome);
        Ok(outcome)
    };
    println!("made-up months, {} threads", search.threads);
    println!(
        "{:<14} {:>7} {:>7} {:>9} {:>9} {:>9} {:>7}  score",
        "preset", "people", "slots", "whole s", "cpu s", "gap", "holes"
    );
    let mut figures = Vec::new();
    let department = solve("department", search)?;
    if !department.is_feasible {
        return Err("the department's month breaks a hard rule".into());
    }
    let known = |figure: Option<f64>, digits: usize| {
        figure.map_or("unknown".to_owned(), |figure| format!("{figure:.digits$}"))
    };
    figures.push(format!("department_first_plan_s {} s", known(department.figure("constructed_s"), 3)));
    figures.push(format!("department_gap_pct_60s {} pct", known(department.figure("gap_pct"), 2)));

    let mut points = Vec::new();
    for preset in GROWING {
        let outcome = solve(preset, &Search { seconds: GROWTH_SECONDS, ..*search })?;
        let first = outcome.figure("constructed_s");
        if preset == "group" {
            figures.push(format!("group_complete_s {} s", known(first, 2)));
        }
        let slots = outcome.figure("slots").unwrap_or_default();
        points
            .extend(first.filter(|first| *first > 0.0 && slots > 0.0).map(|first| (slots.ln(), first.ln())));
    }
    figures.push(format!("growth_exponent {} 1", known(slope(&points), 2)));
    figures.extend(questions(search.seed)?);
    Ok(figures)
}

fn row(preset: &str, outcome: &Outcome) {
    let value = |name: &str| outcome.value(name).unwrap_or("–").to_owned();
    println!(
        "{preset:<14} {:>7} {:>7} {:>9} {:>9} {:>8}% {:>7}  {}",
        value("people"),
        value("slots"),
        value("constructed_s"),
        value("cpu_seconds"),
        value("gap_pct"),
        value("holes"),
        value("score"),
    );
}

/// The slope of the line that is nearest to points: the exponent, when both axes are logarithms.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let together: f64 = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    (points.len() > 1 && spread > 0.0).then(|| together / spread)
}

/// One absence and one leave in a published month: the slowest answer of all that were asked.
fn questions(seed: u64) -> Result<Vec<String>, BoxError> {
    let mut command = Command::new(example("replan_bench")?);
    command.arg(seed.to_string());
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter(|line| !line.starts_with("figure")).for_each(|line| println!("{line}"));
    let figures: Vec<_> =
        text.lines().filter_map(|line| Some(line.strip_prefix("figure ")?.to_owned())).collect();
    if figures.is_empty() { Err("replan_bench told no figures".into()) } else { Ok(figures) }
}
