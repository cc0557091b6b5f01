//! What an e-mail says, and by what it is known again when it is handed over twice.

use sha2::{Digest, Sha256};

use crate::domain::template::{Language, Text};

/// The longest name before an address.
const NAME_MAX: usize = 100;

/// By what an e-mail is known: the same for what was handed over before a crash and again after it.
pub fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length, so that ("ab", "c") and ("a", "bc") differ.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

/// Gathers texts into one e-mail: a subject of one line that names nobody, and a body.
pub fn letter(texts: &[Text], language: Language) -> Text {
    let title = match (texts, language) {
        ([only], _) => only.title.clone(),
        (many, Language::French) => format!("{} nouvelles", many.len()),
        (many, Language::English) => format!("{} news", many.len()),
    };
    let told: Vec<String> = match texts {
        [only] => vec![only.body.clone()],
        many => many.iter().map(|text| format!("{}\n{}", text.title, text.body)).collect(),
    };
    let farewell = match language {
        Language::French => {
            "Ce message est automatique. Vos préférences de notification disent ce qui vous est envoyé par courriel."
        }
        Language::English => {
            "This message is automatic. Your notification preferences say what is sent to you by e-mail."
        }
    };
    Text { title: one_line(&title), body: format!("{}\n\n-- \n{farewell}\n", told.join("\n\n")) }
}

/// A name as it may stand before an address: of one line, whatever it was. Empty if nothing is left.
pub fn name(text: &str) -> String {
    one_line(text).chars().take(NAME_MAX).collect()
}

/// Without anything that could begin another line or hide in one.
fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let words = text.split(|c: char| is_break(c) || c.is_whitespace()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(title: &str, body: &str) -> Text {
        Text { title: title.to_owned(), body: body.to_owned() }
    }

    #[test]
    fn a_key_depends_on_each_part_and_on_nothing_else() {
        assert_eq!(key(&["e", "ann", "EMAIL"]), key(&["e", "ann", "EMAIL"]));
        assert_ne!(key(&["e", "ann", "EMAIL"]), key(&["e", "bob", "EMAIL"]));
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
    }

    #[test]
    fn several_news_are_one_letter() {
        let alone = letter(&[text("Congé accepté", "Votre congé est accepté.")], Language::French);
        assert_eq!(alone.title, "Congé accepté");
        assert!(alone.body.starts_with("Votre congé est accepté.\n\n-- \n"));
        let both = letter(&[text("A", "a."), text("B", "b.")], Language::English);
        assert_eq!(both.title, "2 news");
        assert!(both.body.starts_with("A\na.\n\nB\nb.\n\n-- \n"));
    }

    #[test]
    fn no_name_and_no_title_begins_another_line() {
        for evil in [
            "Ann\r\nBcc: everybody@example.org",
            "Ann\nBcc: everybody@example.org",
            "Ann\u{2028}Bcc: everybody@example.org",
            "Ann\0\u{85}\u{b}Bcc: everybody@example.org",
        ] {
            assert_eq!(name(evil), "Ann Bcc: everybody@example.org");
            assert_eq!(letter(&[text(evil, "")], Language::French).title, name(evil));
        }
        assert_eq!(name("\r\n"), "");
        assert_eq!(name(&"x".repeat(1_000)).len(), NAME_MAX);
    }
}
