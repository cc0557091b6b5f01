//! The demo: a synthetic department, a month of a planner's life, and what comes of it on paper.

pub mod department;
pub mod export;
pub mod report;
pub mod serve;
pub mod story;
pub mod visitor;

use std::{path::Path, time::Duration};

use calendar::{Day, Month};
use chassis::{BoxError, Clock};

use self::{
    department::Department,
    report::Report,
    story::{Setting, Step, Story},
    visitor::{Login, Visitor},
};

/// The hospital of the demo.
pub const HOSPITAL: &str = "tilleuls";
/// The first administrator of the demo.
pub const ADMINISTRATOR: &str = "admin@tilleuls.example";
/// The password that everybody of the demo chooses. The demo's people do not exist, and it listens on loopback only.
pub const PASSWORD: &str = "garde-et-astreinte-2026";

/// What the demo may be told.
#[derive(Clone, Debug, clap::Args)]
pub struct Play {
    /// Seed of the department and of the search.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The month to plan, as 2026-12; the next one by default.
    #[arg(long)]
    pub month: Option<Month>,
    /// How long the search may take, in seconds.
    #[arg(long, default_value_t = 8)]
    pub search_seconds: i64,
    /// The most steps the search may take; 0 leaves it to the time, and makes the result depend on the machine.
    #[arg(long, default_value_t = 0)]
    pub steps: u64,
}

/// Plays the story on the mesh at `address` and prints it. Answers what must not be: empty when all is well.
///
/// # Errors
/// When a step fails.
pub async fn play(play: &Play, address: &str, authority: Option<&Path>) -> Result<Vec<String>, BoxError> {
    let mut story =
        Story::new(setting(play, address, authority, Duration::from_secs(20))?, |line| println!("{line}"));
    for step in Step::ALL {
        println!("{}", title(step));
        story
            .play(step)
            .await
            .map_err(|status| format!("{step:?}: {:?} {}", status.code(), explain(&status)))?;
    }
    let report = Report::of(&story.outcome);
    println!("{report}");
    Ok(report.faults())
}

/// What the story needs, for the mesh at `address`.
///
/// # Errors
/// When the address or the authority is not valid.
pub fn setting(
    play: &Play,
    address: &str,
    authority: Option<&Path>,
    patience: Duration,
) -> Result<Setting, BoxError> {
    Ok(Setting {
        visitor: Visitor::new(address, authority, patience)?,
        administrator: Login {
            hospital: format!("hospitals/{HOSPITAL}"),
            email: ADMINISTRATOR.to_owned(),
            password: PASSWORD.to_owned(),
        },
        password: PASSWORD.to_owned(),
        department: Department::synthetic(play.seed)?,
        month: play.month.unwrap_or_else(|| Month::of(today()).next()),
        seed: play.seed,
        search_seconds: play.search_seconds,
        steps: play.steps,
    })
}

/// Today in Paris.
fn today() -> Day {
    let now = Clock::system()
        .now()
        .to_zoned(jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC));
    let date = now.date();
    Day::new(date.year().into(), date.month().into(), date.day().into())
        .unwrap_or_else(|_| Day::from_number(0))
}

fn title(step: Step) -> &'static str {
    match step {
        Step::ImportDepartment => "1. Import du service",
        Step::SignIn => "2. Premières connexions",
        Step::LoadHolidays => "3. Jours fériés et vacances scolaires",
        Step::RequestLeave => "4. Demandes de congé",
        Step::DecideLeave => "5. Décisions",
        Step::ApplyTemplate => "6. Trame des chirurgiens",
        Step::Generate => "7. Génération du planning",
        Step::Adopt => "8. Adoption",
        Step::Publish => "9. Publication",
        Step::Read => "10. Ce que chacun voit",
        Step::Exchange => "11. Un échange de gardes",
        Step::Replace => "12. Une absence imprévue",
        Step::Maintain => "13. Fenêtre de maintenance",
    }
}

/// An error with what it violates, for the terminal.
fn explain(status: &tonic::Status) -> String {
    use tonic_types::StatusExt;
    let details = status.get_error_details();
    let mut text = status.message().to_owned();
    if let Some(info) = details.error_info() {
        text = format!("{} {text}", info.reason);
    }
    for violation in details.bad_request().iter().flat_map(|bad| &bad.field_violations) {
        text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
    }
    for violation in details.precondition_failure().iter().flat_map(|failure| &failure.violations) {
        text.push_str(&format!("\n  {} {}: {}", violation.r#type, violation.subject, violation.description));
    }
    text
}
