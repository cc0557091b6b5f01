//! Facts into words, French first. No text names a person or says why somebody is away.

use calendar::{Day, DayRange, working_time::Zone};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    message::{Change, Duty, Message, Tally},
    notice::{Category, Part},
};

/// The languages that texts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// French, which comes first.
    French,
    /// English.
    English,
}

/// A notification's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub title: String,
    /// A few lines.
    pub body: String,
}

const MONTHS: [[&str; 12]; 2] = [
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
];

/// Words a message.
pub fn text(message: &Message, language: Language) -> Text {
    match language {
        Language::French => french(message),
        Language::English => english(message),
    }
}

fn french(message: &Message) -> Text {
    let range = |days: &DayRange| match days.len() {
        1 => format!("le {}", day(days.first(), Language::French)),
        _ => format!("du {} au {}", day(days.first(), Language::French), day(days.last(), Language::French)),
    };
    let (title, body) = match message {
        Message::LeaveSubmitted { profession, days } => (
            "Demande de congé à traiter",
            format!("Une demande de congé ({profession}) {} attend une décision.", range(days)),
        ),
        Message::LeaveApproved { days } => {
            ("Congé accepté", format!("Votre congé {} est accepté.", range(days)))
        }
        Message::LeaveRejected { days } => {
            ("Congé refusé", format!("Votre demande de congé {} est refusée.", range(days)))
        }
        Message::LeaveCancelled { days, is_own: true } => {
            ("Congé annulé", format!("Votre congé {} a été annulé.", range(days)))
        }
        Message::LeaveCancelled { days, is_own: false } => {
            ("Congé annulé", format!("Un congé accepté {} a été annulé par son demandeur.", range(days)))
        }
        Message::PlanPublished { days, changes } => (
            "Planning publié",
            format!(
                "Le planning {} est publié. Pour vous : {}.",
                range(days),
                tallies(changes, Language::French)
            ),
        ),
        Message::LeaveReminder { days, days_ahead } => (
            "Congé bientôt",
            match days_ahead {
                1 => format!("Votre congé {} commence demain.", range(days)),
                _ => format!("Votre congé {} commence dans {days_ahead} jours.", range(days)),
            },
        ),
        Message::ApprovalNeeded { profession, days } => (
            "Demande de congé en attente",
            format!("Une demande de congé ({profession}) {} attend toujours une décision.", range(days)),
        ),
        Message::LeaveReturned { days } => (
            "Demande de congé à revoir",
            format!("Votre demande de congé {} vous revient : changez-la, ou annulez-la.", range(days)),
        ),
        Message::LeaveEscalated { profession, days, waiting_days } => (
            "Demande de congé sans décision",
            format!(
                "Une demande de congé ({profession}) {} attend une décision depuis {}.",
                range(days),
                count(*waiting_days, "jour", "jours")
            ),
        ),
        Message::UnavailabilitySubmitted { profession, days } => (
            "Indisponibilité à traiter",
            format!(
                "Une indisponibilité de garde ou d'astreinte ({profession}) {} attend une décision.",
                range(days)
            ),
        ),
        Message::UnavailabilityApproved { days } => {
            ("Indisponibilité acceptée", format!("Votre indisponibilité {} est acceptée.", range(days)))
        }
        Message::UnavailabilityRejected { days } => {
            ("Indisponibilité refusée", format!("Votre indisponibilité {} est refusée.", range(days)))
        }
        Message::UnavailabilityCountered { days } => (
            "Autres jours proposés",
            format!(
                "Pour votre indisponibilité {}, d'autres jours vous sont proposés : acceptez-les, ou annulez-la.",
                range(days)
            ),
        ),
        Message::Exchange { exchange } => return exchange.text(Language::French),
        Message::WebhookFailed => (
            "Webhook abandonné",
            "Un système destinataire n'a rien reçu depuis longtemps, ou a disparu : plus rien ne lui est envoyé."
                .to_owned(),
        ),
        Message::Notice { category, french, start, end, read_only, is_cancelled, .. } => (
            match (category, is_cancelled) {
                (Category::Maintenance, false) => "Maintenance annoncée",
                (Category::Maintenance, true) => "Maintenance annulée",
                (Category::General, false) => "Information",
                (Category::General, true) => "Information annulée",
            },
            format!(
                "Du {} au {} : {french}{}",
                moment(*start, Language::French),
                moment(*end, Language::French),
                closed(read_only, *is_cancelled, Language::French)
            ),
        ),
    };
    Text { title: title.to_owned(), body }
}

fn english(message: &Message) -> Text {
    let range = |days: &DayRange| match days.len() {
        1 => format!("on {}", day(days.first(), Language::English)),
        _ => format!(
            "from {} to {}",
            day(days.first(), Language::English),
            day(days.last(), Language::English)
        ),
    };
    let (title, body) = match message {
        Message::LeaveSubmitted { profession, days } => (
            "Leave to decide",
            format!("A request for leave ({profession}) {} awaits a decision.", range(days)),
        ),
        Message::LeaveApproved { days } => {
            ("Leave approved", format!("Your leave {} is approved.", range(days)))
        }
        Message::LeaveRejected { days } => {
            ("Leave refused", format!("Your request for leave {} is refused.", range(days)))
        }
        Message::LeaveCancelled { days, is_own: true } => {
            ("Leave cancelled", format!("Your leave {} was cancelled.", range(days)))
        }
        Message::LeaveCancelled { days, is_own: false } => {
            ("Leave cancelled", format!("An approved leave {} was cancelled by its person.", range(days)))
        }
        Message::PlanPublished { days, changes } => (
            "Plan published",
            format!(
                "The plan {} is published. For you: {}.",
                range(days),
                tallies(changes, Language::English)
            ),
        ),
        Message::LeaveReminder { days, days_ahead } => (
            "Leave ahead",
            match days_ahead {
                1 => format!("Your leave {} begins tomorrow.", range(days)),
                _ => format!("Your leave {} begins in {days_ahead} days.", range(days)),
            },
        ),
        Message::ApprovalNeeded { profession, days } => (
            "Leave still to decide",
            format!("A request for leave ({profession}) {} still awaits a decision.", range(days)),
        ),
        Message::LeaveReturned { days } => (
            "Leave to revise",
            format!("Your request for leave {} comes back to you: change it, or cancel it.", range(days)),
        ),
        Message::LeaveEscalated { profession, days, waiting_days } => (
            "Leave without a decision",
            format!(
                "A request for leave ({profession}) {} has awaited a decision for {}.",
                range(days),
                count(*waiting_days, "day", "days")
            ),
        ),
        Message::UnavailabilitySubmitted { profession, days } => (
            "Unavailability to decide",
            format!(
                "An unavailability for night or on-call duties ({profession}) {} awaits a decision.",
                range(days)
            ),
        ),
        Message::UnavailabilityApproved { days } => {
            ("Unavailability approved", format!("Your unavailability {} is approved.", range(days)))
        }
        Message::UnavailabilityRejected { days } => {
            ("Unavailability refused", format!("Your unavailability {} is refused.", range(days)))
        }
        Message::UnavailabilityCountered { days } => (
            "Other days proposed",
            format!(
                "For your unavailability {} other days are proposed: accept them, or cancel it.",
                range(days)
            ),
        ),
        Message::Exchange { exchange } => return exchange.text(Language::English),
        Message::WebhookFailed => (
            "Webhook given up",
            "Another system has taken nothing over for long, or is gone: nothing is sent to it any more."
                .to_owned(),
        ),
        Message::Notice { category, french, english, start, end, read_only, is_cancelled, .. } => (
            match (category, is_cancelled) {
                (Category::Maintenance, false) => "Maintenance ahead",
                (Category::Maintenance, true) => "Maintenance called off",
                (Category::General, false) => "Notice",
                (Category::General, true) => "Notice called off",
            },
            format!(
                "From {} to {}: {}{}",
                moment(*start, Language::English),
                moment(*end, Language::English),
                if english.is_empty() { french } else { english },
                closed(read_only, *is_cancelled, Language::English)
            ),
        ),
    };
    Text { title: title.to_owned(), body }
}

pub(super) fn day(day: Day, language: Language) -> String {
    let months = match language {
        Language::French => &MONTHS[0],
        Language::English => &MONTHS[1],
    };
    let month = usize::try_from(day.month() - 1).ok().and_then(|index| months.get(index)).unwrap_or(&"");
    let number = match (language, day.day()) {
        (Language::French, 1) => "1er".to_owned(),
        (_, number) => number.to_string(),
    };
    format!("{number} {month} {}", day.year())
}

/// "1 jour", "12 jours".
fn count(number: i32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// "28 novembre 2026 à 22:00", in mainland France's time.
fn moment(moment: Timestamp, language: Language) -> String {
    let zone = Zone::paris();
    let at = match language {
        Language::French => "à",
        Language::English => "at",
    };
    format!("{} {at} {}", day(zone.day_at(moment), language), zone.time_at(moment))
}

/// " En lecture seule pendant ce temps : congés, plannings."
fn closed(parts: &[Part], is_cancelled: bool, language: Language) -> String {
    if parts.is_empty() || is_cancelled {
        return String::new();
    }
    let word = |part: &Part| match (part, language) {
        (Part::Staff, Language::French) => "personnel",
        (Part::Leave, Language::French) => "congés",
        (Part::Planning, Language::French) => "plannings",
        (Part::Notification, Language::French) => "notifications",
        (Part::Staff, Language::English) => "staff",
        (Part::Leave, Language::English) => "leave",
        (Part::Planning, Language::English) => "plans",
        (Part::Notification, Language::English) => "notifications",
    };
    let words = parts.iter().map(word).collect::<Vec<_>>().join(", ");
    match language {
        Language::French => format!(" En lecture seule pendant ce temps : {words}."),
        Language::English => format!(" Read-only meanwhile: {words}."),
    }
}

/// "2 gardes ajoutées, 1 astreinte retirée".
fn tallies(changes: &[Tally], language: Language) -> String {
    let words: Vec<String> = changes
        .iter()
        .map(|tally| match language {
            Language::French => french_tally(tally),
            Language::English => english_tally(tally),
        })
        .collect();
    match (words.is_empty(), language) {
        (false, _) => words.join(", "),
        (true, Language::French) => "aucun changement".to_owned(),
        (true, Language::English) => "no change".to_owned(),
    }
}

fn french_tally(tally: &Tally) -> String {
    let plural = if tally.count > 1 { "s" } else { "" };
    let duty = match tally.duty {
        Duty::Garde => format!("garde{plural}"),
        Duty::Astreinte => format!("astreinte{plural}"),
        Duty::HalfDay => format!("demi-journée{plural}"),
    };
    let change = match tally.change {
        Change::Added => "ajoutée",
        Change::Moved => "déplacée",
        Change::Removed => "retirée",
    };
    format!("{} {duty} {change}{plural}", tally.count)
}

fn english_tally(tally: &Tally) -> String {
    let plural = if tally.count > 1 { "s" } else { "" };
    let duty = match tally.duty {
        Duty::Garde => format!("night dut{}", if tally.count > 1 { "ies" } else { "y" }),
        Duty::Astreinte => format!("on-call dut{}", if tally.count > 1 { "ies" } else { "y" }),
        Duty::HalfDay => format!("half-day{plural}"),
    };
    let change = match tally.change {
        Change::Added => "added",
        Change::Moved => "moved",
        Change::Removed => "removed",
    };
    format!("{} {duty} {change}", tally.count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, last: &str) -> DayRange {
        DayRange::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
    }

    fn notice() -> (Message, &'static str, &'static str) {
        let message = Message::Notice {
            category: Category::Maintenance,
            severity: crate::domain::notice::Severity::Warning,
            french: "Mise à jour.".to_owned(),
            english: "Update.".to_owned(),
            start: "2026-11-28T21:00:00Z".parse().unwrap(),
            end: "2026-11-29T01:30:00Z".parse().unwrap(),
            read_only: vec![Part::Leave, Part::Planning],
            is_cancelled: false,
        };
        (
            message,
            "Du 28 novembre 2026 à 22:00 au 29 novembre 2026 à 02:30 : Mise à jour. En lecture seule pendant ce temps : congés, plannings.",
            "From 28 November 2026 at 22:00 to 29 November 2026 at 02:30: Update. Read-only meanwhile: leave, plans.",
        )
    }

    fn decisions(week: DayRange) -> [(Message, &'static str, &'static str); 7] {
        let profession = "IADE".to_owned();
        [
            (
                Message::LeaveReturned { days: week },
                "Votre demande de congé du 1er février 2027 au 5 février 2027 vous revient : changez-la, ou annulez-la.",
                "Your request for leave from 1 February 2027 to 5 February 2027 comes back to you: change it, or cancel it.",
            ),
            (
                Message::LeaveEscalated { profession: profession.clone(), days: week, waiting_days: 12 },
                "Une demande de congé (IADE) du 1er février 2027 au 5 février 2027 attend une décision depuis 12 jours.",
                "A request for leave (IADE) from 1 February 2027 to 5 February 2027 has awaited a decision for 12 days.",
            ),
            (
                Message::UnavailabilitySubmitted { profession, days: days("2027-02-01", "2027-02-01") },
                "Une indisponibilité de garde ou d'astreinte (IADE) le 1er février 2027 attend une décision.",
                "An unavailability for night or on-call duties (IADE) on 1 February 2027 awaits a decision.",
            ),
            (
                Message::UnavailabilityApproved { days: week },
                "Votre indisponibilité du 1er février 2027 au 5 février 2027 est acceptée.",
                "Your unavailability from 1 February 2027 to 5 February 2027 is approved.",
            ),
            (
                Message::UnavailabilityRejected { days: week },
                "Votre indisponibilité du 1er février 2027 au 5 février 2027 est refusée.",
                "Your unavailability from 1 February 2027 to 5 February 2027 is refused.",
            ),
            (
                Message::UnavailabilityCountered { days: week },
                "Pour votre indisponibilité du 1er février 2027 au 5 février 2027, d'autres jours vous sont proposés : acceptez-les, ou annulez-la.",
                "For your unavailability from 1 February 2027 to 5 February 2027 other days are proposed: accept them, or cancel it.",
            ),
            (
                Message::WebhookFailed,
                "Un système destinataire n'a rien reçu depuis longtemps, ou a disparu : plus rien ne lui est envoyé.",
                "Another system has taken nothing over for long, or is gone: nothing is sent to it any more.",
            ),
        ]
    }

    #[test]
    fn each_message_has_its_words_in_both_languages() {
        let week = days("2027-02-01", "2027-02-05");
        let profession = "MAR".to_owned();
        let changes = vec![
            Tally { change: Change::Added, duty: Duty::Garde, count: 2 },
            Tally { change: Change::Removed, duty: Duty::HalfDay, count: 1 },
        ];
        let table = [
            (
                Message::LeaveSubmitted { profession, days: days("2027-02-01", "2027-02-01") },
                "Une demande de congé (MAR) le 1er février 2027 attend une décision.",
                "A request for leave (MAR) on 1 February 2027 awaits a decision.",
            ),
            (
                Message::LeaveReminder { days: week, days_ahead: 3 },
                "Votre congé du 1er février 2027 au 5 février 2027 commence dans 3 jours.",
                "Your leave from 1 February 2027 to 5 February 2027 begins in 3 days.",
            ),
            (
                Message::ApprovalNeeded { profession: "IADE".to_owned(), days: week },
                "Une demande de congé (IADE) du 1er février 2027 au 5 février 2027 attend toujours une décision.",
                "A request for leave (IADE) from 1 February 2027 to 5 February 2027 still awaits a decision.",
            ),
            (
                Message::LeaveApproved { days: week },
                "Votre congé du 1er février 2027 au 5 février 2027 est accepté.",
                "Your leave from 1 February 2027 to 5 February 2027 is approved.",
            ),
            (
                Message::PlanPublished { days: week, changes },
                "Le planning du 1er février 2027 au 5 février 2027 est publié. Pour vous : 2 gardes ajoutées, 1 demi-journée retirée.",
                "The plan from 1 February 2027 to 5 February 2027 is published. For you: 2 night duties added, 1 half-day removed.",
            ),
        ];
        for (message, french, english) in table.into_iter().chain(decisions(week)).chain([notice()]) {
            assert_eq!(text(&message, Language::French).body, french);
            assert_eq!(text(&message, Language::English).body, english);
        }
    }
}
