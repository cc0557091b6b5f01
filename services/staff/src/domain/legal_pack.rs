//! Working-time law as dated versions: which one binds on which days, and what comes with the product.
//!
//! Dossier §4.12. The figures shipped are to be confirmed by the customer's lawyer; a hospital that reads them otherwise
//! adds a version of its own.

use calendar::Day;
use serde::{Deserialize, Serialize};

use super::resource::{Flaw, Kind, Resource, check_range, check_text};

const HOUR: i32 = 60;
const DAY: i32 = 24 * HOUR;
const WEEK: i32 = 7 * DAY;
/// How far planning looks back at published duties.
const AVERAGE_DAYS_MAX: i32 = 122;
/// What the ids of shipped versions begin with: those of a hospital's own end with their date.
const SHIPPED: &str = "shipped-";
/// What contracts may call a pack by besides its code.
const ALIASES: [(&str, &str); 3] = [
    ("hospital-practitioner", "FR-PUBLIC-DOCTOR"),
    ("FR-PUBLIC-DOCTOR-VOLUNTEER", "FR-PUBLIC-DOCTOR"),
    ("nurse", "FR-PUBLIC-NURSE"),
];

/// One version of a pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalPack {
    /// What contracts name.
    pub code: String,
    /// First day; none binds since ever.
    pub effective_date: Option<Day>,
    /// Shown.
    pub display_name: String,
    /// Where the figures come from.
    pub source: String,
    /// What is asked for.
    pub figures: Figures,
}

/// Limits of a full-timer's working time, in minutes where nothing else is said; 0 and false ask for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Least rest between two days of work.
    pub daily_rest_min: i32,
    /// Most work of a day that is no garde.
    pub day_max: i32,
    /// Most work of any 7 days in a row.
    pub seven_days_max: i32,
    /// Work of any 7 days beyond which it is overtime.
    pub seven_days_usual: i32,
    /// Least uninterrupted rest of a week.
    pub weekly_rest_min: i32,
    /// Fewest days without work in two weeks.
    pub fortnight_rest_days: i32,
    /// Two of them in a row, one a Sunday.
    pub fortnight_sunday: bool,
    /// Most half-days of service in a week.
    pub week_half_days_max: i32,
    /// Work of a week aimed at.
    pub week_target: i32,
    /// Most work of a week on average.
    pub average_week_max: i32,
    /// Days of that average.
    pub average_days: i32,
}

/// The versions that come with the product, by id. When a text moves, its new figures are one more of these, with the
/// day on which they begin.
pub fn shipped() -> Vec<(String, LegalPack)> {
    let version = |code: &str, display_name: &str, source: &str, figures| {
        let (code, display_name, source) = (code.to_owned(), display_name.to_owned(), source.to_owned());
        (
            format!("{SHIPPED}{}", code.to_lowercase()),
            LegalPack { code, effective_date: None, display_name, source, figures },
        )
    };
    vec![
        version(
            "FR-PRIVATE-EMPLOYEE",
            "Salarié d'une clinique privée",
            "Code du travail L3121-20, L3121-22, L3131-1, L3132-2",
            Figures {
                daily_rest_min: 11 * HOUR,
                seven_days_max: 48 * HOUR,
                seven_days_usual: 44 * HOUR,
                weekly_rest_min: 35 * HOUR,
                average_week_max: 44 * HOUR,
                average_days: 12 * 7,
                ..Figures::default()
            },
        ),
        version(
            "FR-PUBLIC-DOCTOR",
            "Praticien hospitalier",
            "Code de la santé publique R6152-27",
            Figures {
                daily_rest_min: 11 * HOUR,
                week_half_days_max: 10,
                average_week_max: 48 * HOUR,
                average_days: AVERAGE_DAYS_MAX,
                ..Figures::default()
            },
        ),
        version(
            "FR-PUBLIC-NURSE",
            "Infirmier de la fonction publique hospitalière",
            "Décret 2002-9",
            Figures {
                daily_rest_min: 12 * HOUR,
                // 9 hours by day, 12 by the derogation every theatre works under.
                day_max: 12 * HOUR,
                seven_days_max: 48 * HOUR,
                seven_days_usual: 44 * HOUR,
                weekly_rest_min: 36 * HOUR,
                fortnight_rest_days: 4,
                fortnight_sunday: true,
                week_target: 35 * HOUR,
                ..Figures::default()
            },
        ),
        version("LIBERAL", "Praticien libéral", "Aucun texte : les règles de l'équipe", Figures::default()),
    ]
}

/// The version with this id, if it comes with the product.
pub fn shipped_as(id: &str) -> Option<LegalPack> {
    shipped().into_iter().find(|(own, _)| own == id).map(|(_, pack)| pack)
}

/// Whether an id is that of a version that comes with the product.
pub fn is_shipped(id: &str) -> bool {
    id.starts_with(SHIPPED)
}

/// The code behind what a contract says.
pub fn code_of(said: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == said).map_or(said, |own| own.1)
}

/// Whether a contract that says this names a version that comes with the product, or none.
pub fn is_known(said: &str) -> bool {
    said.is_empty() || shipped().iter().any(|(_, pack)| pack.code == code_of(said))
}

/// In which order versions of a code take each other's place.
fn order((id, pack): &(String, LegalPack)) -> (Option<Day>, bool) {
    (pack.effective_date, !is_shipped(id))
}

/// On which days each of some versions binds: the last of them, none where it is open. `None` for a version that never
/// does, because the hospital's own begins on the same day.
pub fn last_days(versions: &[(String, LegalPack)]) -> Vec<Option<Option<Day>>> {
    let last = |own: &(String, LegalPack)| {
        let others = versions.iter().filter(|other| other.1.code == own.1.code);
        let next = others.filter(|other| order(other) > order(own)).min_by_key(|other| order(other))?;
        next.1.effective_date
    };
    let binds = |own: &(String, LegalPack)| match last(own) {
        Some(next) if own.1.effective_date == Some(next) => None,
        Some(next) => Some(Some(next.previous())),
        None => Some(None),
    };
    versions.iter().map(binds).collect()
}

// === impl LegalPack ===

impl LegalPack {
    /// The id of a hospital's own version.
    pub fn id(&self) -> String {
        let date = self.effective_date.map(|day| day.to_string()).unwrap_or_default();
        format!("{}-{date}", self.code.to_lowercase())
    }

    /// Whether it binds on a day, given the last day it does.
    pub fn binds(&self, day: Day, last: Option<Day>) -> bool {
        self.effective_date.is_none_or(|first| first <= day) && last.is_none_or(|last| day <= last)
    }
}

impl Resource for LegalPack {
    const KIND: Kind = Kind::LegalPack;
    const OPEN: &'static [&'static str] = &["code", "effective_date", "display_name", "source", "figures"];

    fn natural_key(&self, _id: &str) -> String {
        self.id()
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        let is_code = (2..=40).contains(&self.code.len())
            && !is_shipped(&self.code.to_lowercase())
            && self.code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        if !is_code {
            flaws.push(Flaw::new("code", "a code of 2 to 40 characters out of A-Z, 0-9 and -"));
        } else if code_of(&self.code) != self.code {
            flaws.push(Flaw::new("code", format!("`{}`, for which this stands", code_of(&self.code))));
        }
        if self.effective_date.is_none() {
            flaws.push(Flaw::new("effective_date", "the first day on which it binds"));
        }
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        check_text(&mut flaws, "source", &self.source, false, 200);
        self.figures.check(&mut flaws);
        flaws
    }
}

// === impl Figures ===

impl Figures {
    fn check(&self, flaws: &mut Vec<Flaw>) {
        for (field, value, max) in [
            ("figures.daily_rest_minutes_min", self.daily_rest_min, DAY),
            ("figures.day_minutes_max", self.day_max, DAY),
            ("figures.seven_days_minutes_max", self.seven_days_max, WEEK),
            ("figures.seven_days_minutes_usual", self.seven_days_usual, WEEK),
            ("figures.weekly_rest_minutes_min", self.weekly_rest_min, WEEK),
            ("figures.fortnight_rest_days_min", self.fortnight_rest_days, 14),
            ("figures.week_half_days_max", self.week_half_days_max, 28),
            ("figures.week_minutes_target", self.week_target, WEEK),
            ("figures.average_week_minutes_max", self.average_week_max, WEEK),
        ] {
            check_range(flaws, field, value, 0..=max);
        }
        if self.seven_days_max > 0 && self.seven_days_usual > self.seven_days_max {
            let expected = "no more than seven_days_minutes_max";
            flaws.push(Flaw::new("figures.seven_days_minutes_usual", expected));
        }
        let days = if self.average_week_max == 0 { 0..=0 } else { 7..=AVERAGE_DAYS_MAX };
        check_range(flaws, "figures.average_days", self.average_days, days);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn own(code: &str, date: &str) -> (String, LegalPack) {
        let pack = LegalPack {
            code: code.into(),
            effective_date: Some(day(date)),
            display_name: "Accord".into(),
            ..LegalPack::default()
        };
        (pack.id(), pack)
    }

    #[test]
    fn a_version_binds_until_the_day_before_the_next_of_its_code() {
        let mut versions = shipped();
        versions.extend([own("FR-PRIVATE-EMPLOYEE", "2027-03-01"), own("FR-PRIVATE-EMPLOYEE", "2026-01-01")]);
        let last = last_days(&versions);
        let of = |id: &str| last[versions.iter().position(|(own, _)| own == id).unwrap()];
        assert_eq!(of("shipped-fr-private-employee"), Some(Some(day("2025-12-31"))));
        assert_eq!(of("fr-private-employee-2026-01-01"), Some(Some(day("2027-02-28"))));
        assert_eq!(of("fr-private-employee-2027-03-01"), Some(None));
        assert_eq!(of("shipped-liberal"), Some(None));
        let (_, pack) = own("FR-PRIVATE-EMPLOYEE", "2026-01-01");
        let last = Some(day("2027-02-28"));
        for (date, binds) in
            [("2025-12-31", false), ("2026-01-01", true), ("2027-02-28", true), ("2027-03-01", false)]
        {
            assert_eq!(pack.binds(day(date), last), binds, "{date}");
        }
    }

    #[test]
    fn what_is_shipped_is_flawless_but_for_its_open_beginning() {
        for (id, pack) in shipped() {
            let fields: Vec<_> = pack.flaws().into_iter().map(|flaw| flaw.field).collect();
            assert_eq!(fields, ["effective_date"], "{id}");
            assert!(proto::names::is_id(&id) && is_shipped(&id));
        }
        assert!(is_known("nurse") && is_known("FR-PUBLIC-DOCTOR-VOLUNTEER") && is_known(""));
        assert!(!is_known("FR-PUBLIC-DOCTER"));
    }

    #[test]
    fn every_wrong_figure_is_noted_at_once() {
        let (_, mut pack) = own("nurse", "2026-01-01");
        pack.figures = Figures {
            daily_rest_min: -1,
            seven_days_max: 48 * HOUR,
            seven_days_usual: 50 * HOUR,
            average_week_max: 44 * HOUR,
            average_days: 200,
            ..Figures::default()
        };
        let fields: Vec<_> = pack.flaws().into_iter().map(|flaw| flaw.field).collect();
        let expected = [
            "code",
            "figures.daily_rest_minutes_min",
            "figures.seven_days_minutes_usual",
            "figures.average_days",
        ];
        assert_eq!(fields, expected);
    }
}
