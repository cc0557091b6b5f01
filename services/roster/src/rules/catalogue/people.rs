//! People: hours, fatigue, requests, changes.

use super::{Rule, RuleId, rule};
use crate::score::Level;

pub(super) static RULES: [Rule; 6] = [
    rule(
        RuleId::HoursCredit,
        "H1",
        (Level::Hard, 1),
        "48 h par semaine en moyenne sur 4 mois",
        "48 h a week on average over 4 months",
        "Code de la santé publique R6152-27 (≤ 48 h averaged over 4 months); directive 2003/88/EC art. 6; domain §4.12",
    ),
    rule(
        RuleId::Fatigue,
        "F1",
        (Level::Balance, 6),
        "Semaine chargée (pénibilité sur 7 jours)",
        "Heavy week (hardship over 7 days)",
        "domain §4.9 model B",
    ),
    rule(
        RuleId::RequestGranted,
        "R1",
        (Level::Relaxed, 80),
        "Demande accordée",
        "Granted request",
        "domain §4.11 R1",
    ),
    rule(RuleId::Wish, "R2", (Level::Preference, 5), "Souhait", "Wish", "domain §4.11 R2"),
    rule(
        RuleId::Change,
        "R6",
        (Level::Change, 1),
        "Changement par rapport au planning publié",
        "Change against the published plan",
        "domain §4.11 R6",
    ),
    rule(
        RuleId::LocumUsed,
        "R9",
        (Level::Preference, 3),
        "Recours à un remplaçant",
        "A locum is called",
        "domain §3.1",
    ),
];
