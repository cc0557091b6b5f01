//! What the faults came to: a table for people, figures for machines, a page for the operators.

use std::{collections::BTreeMap, fmt::Write};

use super::{Pace, Report};

const HEAD: &str = "\
| # | fault | gap s | bar s | requests | failed | repeated by clients | lost | doubled | verdict |";
const RULE: &str = "|--:|---|--:|--:|--:|--:|--:|--:|--:|---|";

/// The table, in Markdown.
pub fn table(reports: &[Report]) -> String {
    let rows: String = reports.iter().map(|report| row(report) + "\n").collect();
    format!("{HEAD}\n{RULE}\n{rows}")
}

fn row(report: &Report) -> String {
    let Report { number, title, .. } = report;
    if let Some(why) = &report.skipped {
        return format!("| {number} | {title} | | | | | | | | not run: {why} |");
    }
    format!(
        "| {number} | {title} | {:.2} | {} | {} | {} | {} | {} | {} | {} |",
        report.gap_s,
        report.bar.gap_s.map_or_else(String::new, |bar| bar.to_string()),
        report.summary.requests,
        report.summary.failed_count(),
        report.summary.repeated,
        report.finding.lost.len(),
        report.finding.doubled.len(),
        if report.is_passed() { "passed".to_owned() } else { report.misses.join("; ") },
    )
}

/// What else was seen, a line each.
pub fn details(report: &Report) -> String {
    let mut text = String::new();
    let summary = &report.summary;
    let _ = writeln!(
        text,
        "  {} requests ({} writes), {} repeated by clients, longest gap {:.2} s, between writes {:.2} s, p99 {:.2} s, \
         longest first attempt {:.2} s, last event {:.1} s after the load",
        summary.requests,
        summary.writes,
        summary.repeated,
        summary.gap.as_secs_f64(),
        summary.write_gap.as_secs_f64(),
        summary.p99.as_secs_f64(),
        summary.first_max.as_secs_f64(),
        report.finding.settled.as_secs_f64(),
    );
    if !summary.first_failures.is_empty() {
        let _ = writeln!(text, "  first attempts that failed: {:?}", summary.first_failures);
    }
    if !summary.failed.is_empty() {
        let _ = writeln!(text, "  failed: {:?}", summary.failed);
        for (reason, count) in &summary.reasons {
            let _ = writeln!(text, "    {count} {reason}");
        }
    }
    for (name, value) in &report.measured {
        let _ = writeln!(text, "  {name}: {value:.3}");
    }
    text.push_str(&report.finding.to_string());
    text
}

/// `figure NAME VALUE UNIT` lines.
pub fn figures(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        let number = report.number;
        if report.skipped.is_some() {
            let _ = writeln!(text, "figure fault_{number}_skipped 1 bool");
            continue;
        }
        let _ = writeln!(text, "figure fault_{number}_gap_s {:.2} s", report.gap_s);
        let _ = writeln!(
            text,
            "figure fault_{number}_failed_requests {} requests",
            report.summary.failed_count()
        );
        let _ = writeln!(text, "figure fault_{number}_lost {} writes", report.finding.lost.len());
        let _ = writeln!(text, "figure fault_{number}_doubled {} effects", report.finding.doubled.len());
    }
    text
}

/// The page for the operators: the faults of this run, and of those that were not run what `former` said.
pub fn page(reports: &[Report], pace: Pace, former: &str) -> String {
    let mut rows: BTreeMap<u32, String> =
        former.lines().filter_map(|line| Some((number_of(line)?, line.to_owned()))).collect();
    let run = format!("{}, seed {}, {} s", jiff::Zoned::now().date(), pace.seed, pace.after.as_secs());
    rows.extend(reports.iter().map(|report| (report.number, format!("{} {run} |", row(report)))));
    let rows: String = rows.into_values().map(|row| row + "\n").collect();
    format!(
        "# Faults\n\nWritten by `scripts/faults`; do not edit. A run replaces the rows of the faults it ran, and says its \
         day, its seed and how long the load went on after the fault. Each under {} requests a second on one machine of two \
         cores, which also runs three database servers, three etcd, three Redis, three Sentinels, two HAProxies, twelve \
         services and the load. A request has failed when its user, who waits 30 s and asks again with the same request id, \
         does not get what was asked for. The gap is the longest time without an acknowledged write; for 5 the time until a write succeeds \
         after the databases are back, for 6 from a decision to its news, for 7 until another solver goes on, for 26 \
         until everything is open again. Lost and doubled are looked for in the databases \
         afterwards, through the public API.\n\n{HEAD} run |\n{RULE}---|\n{rows}",
        pace.rate,
    )
}

/// The number of the fault whose row it is.
fn number_of(line: &str) -> Option<u32> {
    line.strip_prefix("| ")?.split(' ').next()?.parse().ok()
}
