//! One specialty, however it is spelled.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The spelling without case, accents, punctuation and plural. Two texts with one key mean the same.
pub fn key(text: &str) -> String {
    let mut plain = String::new();
    for character in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match character {
            'œ' => plain.push_str("oe"),
            'æ' => plain.push_str("ae"),
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().map(singular).collect::<Vec<_>>().join(" ")
}

/// The key as an id: ASCII words with hyphens, at most 63 characters.
pub fn slug(text: &str) -> String {
    let ascii: String = key(text).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = ascii.split('-').filter(|word| !word.is_empty()).collect();
    let mut slug = words.join("-");
    slug.truncate(63);
    slug.trim_end_matches('-').to_owned()
}

/// A word without the mark of the plural. It need not be right, only the same for both forms.
fn singular(word: &str) -> &str {
    let is_plural = word.chars().count() > 3 && (word.ends_with('s') || word.ends_with('x'));
    if is_plural && !word.ends_with("ss") { &word[..word.len() - 1] } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_specialty_have_one_key() {
        for (one, other) in [
            ("Chirurgie Pédiatrique", "CHIRURGIES PEDIATRIQUES"),
            ("Ophtalmologie", " ophtalmologies "),
            ("Endoscopie-digestive", "endoscopie digestive"),
            ("Gynécologie", "Gyne\u{301}cologie"),
            ("Cœur", "coeur"),
            ("ORL", "orl"),
        ] {
            assert_eq!(key(one), key(other), "{one} / {other}");
        }
    }

    #[test]
    fn different_specialties_keep_different_keys() {
        assert_ne!(key("Urologie"), key("Neurologie"));
        assert_ne!(key("Chirurgie"), key("Chirurgie pédiatrique"));
    }

    #[test]
    fn a_slug_is_an_id() {
        assert_eq!(slug("Chirurgies pédiatriques (enfants)"), "chirurgie-pediatrique-enfant");
        assert_eq!(slug(&"très longue ".repeat(20)).len(), 63);
    }
}
