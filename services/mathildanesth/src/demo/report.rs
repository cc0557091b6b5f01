//! What the planner reads at the end, in the terminal.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write},
};

use proto::{
    planning::v1::{Assignment, analysis::Hole, assignment::Post, rule::Level, shift::Kind},
    r#type::v1::{Date, DayPart},
};

use super::story::Outcome;

/// The month on paper: gardes and astreintes, coverage, holes, broken soft rules, equity.
pub struct Report<'a> {
    outcome: &'a Outcome,
    labels: BTreeMap<&'a str, &'a str>,
}

impl<'a> Report<'a> {
    /// The report of a story that has been played to its end.
    pub fn of(outcome: &'a Outcome) -> Self {
        let labels = outcome
            .people
            .values()
            .map(|person| (person.name.as_str(), person.display_name.as_str()))
            .collect();
        Self { outcome, labels }
    }

    /// What must not be: broken hard rules, and posts that are neither filled nor in the list of holes.
    pub fn faults(&self) -> Vec<String> {
        let analysis = &self.outcome.analysis;
        let mut faults = vec![];
        if analysis.hard_match_count > 0 {
            faults.push(format!("{} règles inviolables sont violées", analysis.hard_match_count));
        }
        let filled = self.outcome.assignments.iter().map(|assignment| assignment.shift.as_str());
        let listed = analysis.holes.iter().map(|hole| hole.shift.as_str());
        let known: BTreeSet<&str> = filled.chain(listed).collect();
        for shift in &self.outcome.shifts {
            if shift.kind() != Kind::Volant && !known.contains(shift.name.as_str()) {
                faults.push(format!("le poste {} n'est ni pourvu ni signalé comme trou", shift.name));
            }
        }
        faults
    }

    fn label(&self, name: &str) -> &str {
        self.labels.get(name).copied().unwrap_or("?")
    }

    fn duties(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nGARDES ET ASTREINTES")?;
        let mut days: BTreeMap<(i32, i32), [&str; 2]> = BTreeMap::new();
        for assignment in &self.outcome.assignments {
            let column = match assignment.kind() {
                Kind::Garde => 0,
                Kind::Astreinte => 1,
                _ => continue,
            };
            days.entry(day_key(assignment.date)).or_insert(["—", "—"])[column] =
                self.label(&assignment.staff_member);
        }
        let holidays: BTreeMap<&str, &str> =
            self.outcome.holidays.iter().map(|(day, label)| (day.as_str(), label.as_str())).collect();
        for ((month, day), [garde, astreinte]) in days {
            let date = format!("{day:02}/{month:02}");
            let holiday = holidays.get(date.as_str()).copied().unwrap_or_default();
            writeln!(f, "  {date}  garde {garde:<18} astreinte {astreinte:<18} {holiday}")?;
        }
        Ok(())
    }

    fn coverage(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nCOUVERTURE PAR ACTIVITÉ ET PAR SECTEUR")?;
        for coverage in &self.outcome.analysis.coverage {
            let label = match coverage.kind() {
                Kind::Theatre => self.outcome.labels.get(&coverage.sector).map_or("?", String::as_str),
                other => kind(other),
            };
            let percentage =
                100.0 * f64::from(coverage.covered_count) / f64::from(coverage.shift_count.max(1));
            writeln!(
                f,
                "  {label:<18} {:>4}/{:<4} ({percentage:.1} %)",
                coverage.covered_count, coverage.shift_count
            )?;
        }
        Ok(())
    }

    fn holes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holes = &self.outcome.analysis.holes;
        writeln!(f, "\nTROUS : {}", holes.len())?;
        for hole in holes {
            writeln!(f, "  {}", self.hole(hole))?;
        }
        Ok(())
    }

    fn hole(&self, hole: &Hole) -> String {
        let (month, day) = day_key(hole.date);
        let part = match hole.day_part() {
            DayPart::Morning => " matin",
            DayPart::Afternoon => " après-midi",
            DayPart::Unspecified => "",
        };
        let room = self
            .outcome
            .rooms
            .get(&hole.room)
            .map(|room| format!(" {}", room.display_name))
            .unwrap_or_default();
        let post = if hole.post() == Post::Supervisor { " (supervision)" } else { "" };
        let why = if hole.taker_count > 0 {
            format!("{} personnes pourraient encore le prendre", hole.taker_count)
        } else {
            let obstacles = hole.obstacles.iter().map(|obstacle| match obstacle.people_count {
                0 => obstacle.rule.clone(),
                count => format!("{} ×{count}", obstacle.rule),
            });
            format!("personne ne peut le tenir : {}", obstacles.collect::<Vec<_>>().join(", "))
        };
        let cure = hole.relaxation.as_ref().map_or_else(String::new, |relaxation| {
            let label = self.label(&relaxation.staff_member);
            format!(" ; au plus simple {label} en dérogeant à {}", relaxation.rules.join(", "))
        });
        format!("{day:02}/{month:02}{part} {}{room}{post} : {why}{cure}", kind(hole.kind()))
    }

    fn soft_rules(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nRÈGLES SOUPLES NON TENUES")?;
        for result in self.outcome.analysis.rules.iter().filter(|result| result.level() != Level::Hard) {
            let title = self.outcome.labels.get(&format!("rules/{}", result.rule)).map_or("", String::as_str);
            writeln!(
                f,
                "  {:<6} {title:<62} {:>4} fois, coût {}",
                result.rule, result.match_count, result.cost
            )?;
        }
        Ok(())
    }

    fn equity(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nÉQUITÉ PAR PERSONNE (fait / part juste)")?;
        for equity in &self.outcome.analysis.equity {
            let mut line = format!("  {:<20}", self.label(&equity.staff_member));
            for measure in equity.measures.iter().filter(|measure| measure.quantity_thousandths != 0) {
                write!(
                    line,
                    " {} {:.1}/{:.1}",
                    measure.counter,
                    measure.quantity_thousandths as f64 / 1000.0,
                    measure.target_thousandths as f64 / 1000.0
                )?;
            }
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.duties(f)?;
        self.coverage(f)?;
        self.holes(f)?;
        self.soft_rules(f)?;
        self.equity(f)?;
        let theatre = self.outcome.assignments.iter().filter(|assignment| is_theatre(assignment)).count();
        writeln!(
            f,
            "\n{} postes tenus, dont {theatre} au bloc ; score {:?}",
            self.outcome.assignments.len(),
            self.outcome.analysis.score.as_ref().map(|score| &score.levels).unwrap_or(&vec![])
        )
    }
}

fn is_theatre(assignment: &Assignment) -> bool {
    assignment.kind() == Kind::Theatre
}

fn day_key(date: Option<Date>) -> (i32, i32) {
    date.map_or((0, 0), |date| (date.month, date.day))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Garde => "garde",
        Kind::Astreinte => "astreinte",
        Kind::Consultation => "consultation",
        Kind::Theatre => "bloc",
        Kind::Closing => "fermeture",
        Kind::Volant => "volant",
        Kind::Unspecified => "poste",
    }
}
