//! What is told of exchanged duties and of posts to replace: facts, and their words.

use calendar::{Day, DayPart};
use serde::{Deserialize, Serialize};

use crate::domain::{
    message::{Duty, Priority},
    template::{Language, Text, day},
};

/// A duty, whoever has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// What it is.
    pub duty: Duty,
    /// The day.
    pub day: Day,
    /// The half-day; none when it lasts the day.
    pub part: Option<DayPart>,
}

/// News of an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Exchange {
    /// To whom a duty is offered.
    SwapRequested {
        /// The duty.
        offered: Slot,
        /// The reader's, which is wanted for it.
        wanted: Option<Slot>,
    },
    /// To the proposer: an administrator must approve.
    SwapAccepted {
        /// The duty.
        offered: Slot,
    },
    /// To those who decide.
    SwapApprovalNeeded {
        /// The duty.
        offered: Slot,
    },
    /// To both: it is done.
    SwapApplied {
        /// What the reader has no more.
        given: Option<Slot>,
        /// What the reader has now.
        taken: Option<Slot>,
    },
    /// To the proposer.
    SwapDeclined {
        /// The duty.
        offered: Slot,
    },
    /// To both.
    SwapRefused {
        /// The duty.
        offered: Slot,
    },
    /// To the other party.
    SwapCancelled {
        /// The duty.
        offered: Slot,
    },
    /// To both.
    SwapExpired {
        /// The duty.
        offered: Slot,
    },
    /// To those who decide for all: a post is to replace.
    ReplacementNeeded {
        /// The post.
        post: Slot,
    },
    /// To those who could take a post.
    ReplacementRequested {
        /// The post.
        post: Slot,
    },
    /// To those who were asked: nobody is needed any more.
    ReplacementClosed {
        /// The post.
        post: Slot,
    },
    /// To who held a post: somebody else has it.
    ReplacementCovered {
        /// The post.
        post: Slot,
    },
    /// To those who decide for all: nobody has it.
    ReplacementUnfilled {
        /// The post.
        post: Slot,
    },
}

// === impl Exchange ===

impl Exchange {
    /// The closed word for what happened.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SwapRequested { .. } => "SWAP_REQUESTED",
            Self::SwapAccepted { .. } => "SWAP_ACCEPTED",
            Self::SwapApprovalNeeded { .. } => "SWAP_APPROVAL_NEEDED",
            Self::SwapApplied { .. } => "SWAP_APPLIED",
            Self::SwapDeclined { .. } => "SWAP_DECLINED",
            Self::SwapRefused { .. } => "SWAP_REFUSED",
            Self::SwapCancelled { .. } => "SWAP_CANCELLED",
            Self::SwapExpired { .. } => "SWAP_EXPIRED",
            Self::ReplacementNeeded { .. } => "REPLACEMENT_NEEDED",
            Self::ReplacementRequested { .. } => "REPLACEMENT_REQUESTED",
            Self::ReplacementClosed { .. } => "REPLACEMENT_CLOSED",
            Self::ReplacementCovered { .. } => "REPLACEMENT_COVERED",
            Self::ReplacementUnfilled { .. } => "REPLACEMENT_UNFILLED",
        }
    }

    /// How soon the person should know (domain §8).
    pub fn priority(&self) -> Priority {
        match self {
            Self::SwapCancelled { .. } | Self::SwapExpired { .. } | Self::SwapApprovalNeeded { .. } => {
                Priority::Medium
            }
            Self::SwapRequested { .. }
            | Self::SwapAccepted { .. }
            | Self::SwapApplied { .. }
            | Self::SwapDeclined { .. }
            | Self::SwapRefused { .. } => Priority::High,
            Self::ReplacementNeeded { .. }
            | Self::ReplacementRequested { .. }
            | Self::ReplacementClosed { .. }
            | Self::ReplacementCovered { .. }
            | Self::ReplacementUnfilled { .. } => Priority::Urgent,
        }
    }

    /// Its words.
    pub fn text(&self, language: Language) -> Text {
        let (title, body) = match language {
            Language::French => self.french(),
            Language::English => self.english(),
        };
        Text { title: title.to_owned(), body }
    }

    fn french(&self) -> (&'static str, String) {
        match self {
            Self::SwapRequested { offered, wanted: None } => {
                ("Échange proposé", format!("{} vous est proposée.", a(offered)))
            }
            Self::SwapRequested { offered, wanted: Some(wanted) } => (
                "Échange proposé",
                format!("{} vous est proposée contre votre {}.", a(offered), french(wanted)),
            ),
            Self::SwapAccepted { offered } => (
                "Échange accepté",
                format!(
                    "L'échange de votre {} est accepté : il attend l'accord d'un administrateur.",
                    french(offered)
                ),
            ),
            Self::SwapApprovalNeeded { offered } => {
                ("Échange à approuver", format!("L'échange d'une {} attend un accord.", french(offered)))
            }
            Self::SwapApplied { given, taken } => (
                "Échange fait",
                match (given, taken) {
                    (Some(given), Some(taken)) => {
                        format!("Vous laissez votre {} et prenez une {}.", french(given), french(taken))
                    }
                    (Some(given), None) => format!("Vous laissez votre {}.", french(given)),
                    (None, Some(taken)) => format!("Vous prenez une {}.", french(taken)),
                    (None, None) => "L'échange est fait.".to_owned(),
                },
            ),
            Self::SwapDeclined { offered } => {
                ("Échange décliné", format!("L'échange de votre {} est décliné.", french(offered)))
            }
            Self::SwapRefused { offered } => (
                "Échange refusé",
                format!("L'échange d'une {} est refusé par un administrateur.", french(offered)),
            ),
            Self::SwapCancelled { offered } => {
                ("Échange annulé", format!("L'échange d'une {} est annulé.", french(offered)))
            }
            Self::SwapExpired { offered } => (
                "Échange expiré",
                format!("L'échange d'une {} n'a pas eu de réponse à temps.", french(offered)),
            ),
            Self::ReplacementNeeded { post } => {
                ("Remplacement à trouver", format!("{} est à remplacer.", a(post)))
            }
            Self::ReplacementRequested { post } => (
                "Remplacement demandé",
                format!("{} est à prendre : la première réponse l'emporte.", a(post)),
            ),
            Self::ReplacementClosed { post } => {
                ("Remplacement clos", format!("{} n'est plus à prendre.", a(post)))
            }
            Self::ReplacementCovered { post } => {
                ("Remplacement trouvé", format!("Votre {} est reprise.", french(post)))
            }
            Self::ReplacementUnfilled { post } => {
                ("Remplacement non trouvé", format!("{} n'a été prise par personne.", a(post)))
            }
        }
    }

    fn english(&self) -> (&'static str, String) {
        match self {
            Self::SwapRequested { offered, wanted: None } => {
                ("Swap proposed", format!("You are offered {}.", english(offered, "a")))
            }
            Self::SwapRequested { offered, wanted: Some(wanted) } => (
                "Swap proposed",
                format!("You are offered {} for {}.", english(offered, "a"), english(wanted, "your")),
            ),
            Self::SwapAccepted { offered } => (
                "Swap accepted",
                format!(
                    "The swap of {} is accepted: it awaits an administrator's approval.",
                    english(offered, "your")
                ),
            ),
            Self::SwapApprovalNeeded { offered } => {
                ("Swap to approve", format!("The swap of {} awaits an approval.", english(offered, "a")))
            }
            Self::SwapApplied { given, taken } => (
                "Swap done",
                match (given, taken) {
                    (Some(given), Some(taken)) => {
                        format!("You leave {} and take {}.", english(given, "your"), english(taken, "a"))
                    }
                    (Some(given), None) => format!("You leave {}.", english(given, "your")),
                    (None, Some(taken)) => format!("You take {}.", english(taken, "a")),
                    (None, None) => "The swap is done.".to_owned(),
                },
            ),
            Self::SwapDeclined { offered } => {
                ("Swap declined", format!("The swap of {} is declined.", english(offered, "your")))
            }
            Self::SwapRefused { offered } => (
                "Swap refused",
                format!("The swap of {} is refused by an administrator.", english(offered, "a")),
            ),
            Self::SwapCancelled { offered } => {
                ("Swap cancelled", format!("The swap of {} is cancelled.", english(offered, "a")))
            }
            Self::SwapExpired { offered } => {
                ("Swap expired", format!("The swap of {} had no answer in time.", english(offered, "a")))
            }
            Self::ReplacementNeeded { post } => {
                ("Replacement to find", format!("Somebody is needed for {}.", english(post, "a")))
            }
            Self::ReplacementRequested { post } => (
                "Replacement requested",
                format!("Somebody is needed for {}: the first answer takes it.", english(post, "a")),
            ),
            Self::ReplacementClosed { post } => {
                ("Replacement closed", format!("Nobody is needed any more for {}.", english(post, "a")))
            }
            Self::ReplacementCovered { post } => {
                ("Replacement found", format!("Somebody has taken {}.", english(post, "your")))
            }
            Self::ReplacementUnfilled { post } => {
                ("Replacement not found", format!("Nobody has taken {}.", english(post, "a")))
            }
        }
    }
}

/// "garde du 5 janvier 2027", "demi-journée du 5 janvier 2027 (matin)"; all three are feminine.
fn french(slot: &Slot) -> String {
    let word = match slot.duty {
        Duty::Garde => "garde",
        Duty::Astreinte => "astreinte",
        Duty::HalfDay => "demi-journée",
    };
    let part = match (slot.duty, slot.part) {
        (_, None) => "",
        (Duty::Garde, Some(DayPart::Morning)) => " (jour)",
        (Duty::Garde, Some(DayPart::Afternoon)) => " (nuit)",
        (_, Some(DayPart::Morning)) => " (matin)",
        (_, Some(DayPart::Afternoon)) => " (après-midi)",
    };
    format!("{word} du {}{part}", day(slot.day, Language::French))
}

fn a(slot: &Slot) -> String {
    format!("Une {}", french(slot))
}

/// "a night duty on 5 January 2027", "your on-call duty on 5 January 2027".
fn english(slot: &Slot, whose: &str) -> String {
    let word = match slot.duty {
        Duty::Garde => "night duty",
        Duty::Astreinte => "on-call duty",
        Duty::HalfDay => "half-day",
    };
    let article = if whose == "a" && slot.duty == Duty::Astreinte { "an" } else { whose };
    let part = match (slot.duty, slot.part) {
        (_, None) => "",
        (Duty::Garde, Some(DayPart::Morning)) => " (day part)",
        (Duty::Garde, Some(DayPart::Afternoon)) => " (night part)",
        (_, Some(DayPart::Morning)) => " (morning)",
        (_, Some(DayPart::Afternoon)) => " (afternoon)",
    };
    format!("{article} {word} on {}{part}", day(slot.day, Language::English))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(duty: Duty, part: Option<DayPart>) -> Slot {
        Slot { duty, day: "2027-01-05".parse().unwrap(), part }
    }

    #[test]
    fn exchanges_are_worded_in_both_languages_and_name_nobody() {
        let (garde, astreinte) = (slot(Duty::Garde, None), slot(Duty::Astreinte, None));
        let morning = slot(Duty::HalfDay, Some(DayPart::Morning));
        for (news, french, english) in [
            (
                Exchange::SwapRequested { offered: garde, wanted: Some(astreinte) },
                "Une garde du 5 janvier 2027 vous est proposée contre votre astreinte du 5 janvier 2027.",
                "You are offered a night duty on 5 January 2027 for your on-call duty on 5 January 2027.",
            ),
            (
                Exchange::SwapRequested { offered: astreinte, wanted: None },
                "Une astreinte du 5 janvier 2027 vous est proposée.",
                "You are offered an on-call duty on 5 January 2027.",
            ),
            (
                Exchange::SwapApplied { given: Some(garde), taken: Some(morning) },
                "Vous laissez votre garde du 5 janvier 2027 et prenez une demi-journée du 5 janvier 2027 (matin).",
                "You leave your night duty on 5 January 2027 and take a half-day on 5 January 2027 (morning).",
            ),
            (
                Exchange::ReplacementRequested { post: slot(Duty::Garde, Some(DayPart::Afternoon)) },
                "Une garde du 5 janvier 2027 (nuit) est à prendre : la première réponse l'emporte.",
                "Somebody is needed for a night duty on 5 January 2027 (night part): the first answer takes it.",
            ),
            (
                Exchange::ReplacementCovered { post: astreinte },
                "Votre astreinte du 5 janvier 2027 est reprise.",
                "Somebody has taken your on-call duty on 5 January 2027.",
            ),
        ] {
            assert_eq!(news.text(Language::French).body, french);
            assert_eq!(news.text(Language::English).body, english);
        }
    }

    #[test]
    fn what_somebody_must_do_at_once_is_urgent() {
        let post = slot(Duty::Garde, None);
        assert!(Exchange::ReplacementRequested { post }.priority().is_urgent());
        assert!(!Exchange::SwapRequested { offered: post, wanted: None }.priority().is_urgent());
    }
}
