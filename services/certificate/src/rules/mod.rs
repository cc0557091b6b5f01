//! The rules, each from its text.

mod average;
mod coverage;
mod person;
mod rest;
mod supervision;

use crate::certify::{Findings, View};

/// What is checked. Codes are those of the dossier where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Nothing from the end of a garde until the hour of its end a day later.
    RestAfterGarde,
    /// Nobody is on call in that rest.
    AstreinteInRest,
    /// Eleven hours after the day part of a shared garde.
    GardeDayRest,
    /// The law's rest between two days of work.
    DailyRest,
    /// The law's average week.
    AverageWeek,
    /// Most rooms an anesthetist supervises.
    SupervisionRatio,
    /// Supervising children's rooms.
    Pediatrics,
    /// Most rooms one person runs.
    RoomsRun,
    /// Somebody keeps the garde, every day.
    GardeCoverage,
    /// Somebody is on call, every day.
    AstreinteCoverage,
    /// One anesthesia provider in every open room.
    RoomCoverage,
    /// One anesthetist responsible for a nurse's room.
    RoomSupervised,
    /// One anesthetist in every open consultation.
    ConsultationCoverage,
    /// One place at a time.
    OneAtATime,
    /// Here, and not away.
    Presence,
    /// Only what the profession does.
    Profession,
}

// === impl Rule ===

impl Rule {
    /// All of them, in the order of certificates.
    pub const ALL: [Rule; 16] = [
        Rule::RestAfterGarde,
        Rule::AstreinteInRest,
        Rule::GardeDayRest,
        Rule::DailyRest,
        Rule::AverageWeek,
        Rule::SupervisionRatio,
        Rule::Pediatrics,
        Rule::RoomsRun,
        Rule::GardeCoverage,
        Rule::AstreinteCoverage,
        Rule::RoomCoverage,
        Rule::RoomSupervised,
        Rule::ConsultationCoverage,
        Rule::OneAtATime,
        Rule::Presence,
        Rule::Profession,
    ];

    /// What it is called everywhere.
    pub fn code(self) -> &'static str {
        match self {
            Rule::RestAfterGarde => "G6",
            Rule::AstreinteInRest => "G16",
            Rule::GardeDayRest => "G17",
            Rule::DailyRest => "H2",
            Rule::AverageWeek => "H1",
            Rule::SupervisionRatio => "B12s",
            Rule::Pediatrics => "B10",
            Rule::RoomsRun => "I5",
            Rule::GardeCoverage => "G1",
            Rule::AstreinteCoverage => "G2",
            Rule::RoomCoverage => "B2",
            Rule::RoomSupervised => "B4",
            Rule::ConsultationCoverage => "C3",
            Rule::OneAtATime => "A2",
            Rule::Presence => "A1",
            Rule::Profession => "I1",
        }
    }

    /// The rule of its code.
    pub fn from_code(code: &str) -> Option<Rule> {
        Rule::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// Where it is written. Of working time a contract's law says it instead.
    pub fn law(self) -> &'static str {
        match self {
            Rule::RestAfterGarde => "Code de la santé publique R6152-27; domain §4.2 G6",
            Rule::AstreinteInRest => "Code de la santé publique R6152-27; domain §4.2 G16",
            Rule::GardeDayRest => "Code de la santé publique R6152-27; domain §4.2 G17",
            Rule::DailyRest => "directive 2003/88/CE art. 3; domain §4.12",
            Rule::AverageWeek => "directive 2003/88/CE art. 6; domain §4.12",
            Rule::SupervisionRatio => "Code de la santé publique R4311-12; domain §4.6 B13",
            Rule::Pediatrics => "domain §4.6 B10",
            Rule::RoomsRun => "domain §4.5 I5, §4.6",
            Rule::GardeCoverage => "domain §4.2 G1",
            Rule::AstreinteCoverage => "domain §4.2 G2",
            Rule::RoomCoverage => "Code de la santé publique D6124-91; domain §4.6 B2, B3",
            Rule::RoomSupervised => "Code de la santé publique R4311-12; domain §4.6 B4",
            Rule::ConsultationCoverage => "Code de la santé publique D6124-92; domain §4.4 C3",
            Rule::OneAtATime => "domain §4.7, §4.2 G3, G4",
            Rule::Presence => "domain §4.1 P0, §3.1",
            Rule::Profession => "Code de la santé publique R4311-12; domain §4.5 I1, §4.2 G5, §4.4 C1",
        }
    }
}

/// Asks every rule.
pub(crate) fn check(view: &View<'_>, findings: &mut Findings) {
    rest::check(view, findings);
    average::check(view, findings);
    supervision::check(view, findings);
    coverage::check(view, findings);
    person::check(view, findings);
}
