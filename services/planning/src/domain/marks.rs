//! The colors of people's days: what is granted, what is not kept, what is broken (domain dossier §4.1).

use std::collections::{BTreeMap, BTreeSet};

use calendar::Day;
use roster::{Level, rules::Match};

/// A color, the one that matters most last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Color {
    /// A granted wish that holds.
    Blue,
    /// A soft rule is not kept.
    Orange,
    /// A rule is broken that must hold, or was relaxed.
    Red,
}

/// Why somebody's day has a color.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    pub rules: BTreeSet<&'static str>,
    pub shifts: BTreeSet<String>,
}

/// By day, person and color.
pub type Marks = BTreeMap<(Day, String, Color), Why>;

/// The marks of what the judge found. Whatever is about no person or no day (holes, fair shares) is no mark.
pub fn of<'m>(
    matches: impl Iterator<Item = &'m Match>,
    day: impl Fn(&Match) -> Vec<Day>,
    person: impl Fn(roster::problem::PersonIx) -> String,
    shift: impl Fn(roster::problem::SlotIx) -> String,
) -> Marks {
    let mut marks = Marks::new();
    for found in matches {
        let Some(color) = color(found.level) else { continue };
        for day in day(found) {
            for one in &found.facts.people {
                let why = marks.entry((day, person(*one), color)).or_default();
                why.rules.insert(found.rule.code());
                why.shifts.extend(found.facts.slots.iter().map(|slot| shift(*slot)));
            }
        }
    }
    marks
}

fn color(level: Level) -> Option<Color> {
    match level {
        Level::Hard | Level::Critical | Level::Relaxed => Some(Color::Red),
        Level::Balance | Level::Preference => Some(Color::Orange),
        Level::Change => None,
    }
}
