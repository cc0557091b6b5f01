//! Which passwords are good enough, and what a temporary one looks like.

use sha2::{Digest, Sha256};

/// The shortest password, in characters.
pub const LENGTH_MIN: usize = 12;
/// The longest password, in characters; hashing more would only cost.
pub const LENGTH_MAX: usize = 128;

/// Parts of passwords that everybody tries first.
const COMMON: [&str; 10] = [
    "password",
    "motdepasse",
    "azerty",
    "qwerty",
    "123456",
    "anesthesie",
    "hopital",
    "hospital",
    "bienvenue",
    "welcome",
];

/// Characters that are not taken for one another when they are read aloud.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";

/// Why a password is not good enough; `None` if it is.
pub fn weakness(password: &str, email: &str) -> Option<String> {
    let length = password.chars().count();
    if !(LENGTH_MIN..=LENGTH_MAX).contains(&length) {
        return Some(format!("from {LENGTH_MIN} to {LENGTH_MAX} characters"));
    }
    let lower = password.to_lowercase();
    let login = email.split('@').next().unwrap_or_default().to_lowercase();
    if login.len() >= 4 && lower.contains(&login) {
        return Some("a password that does not hold the login".to_owned());
    }
    // A common word is harmless within a long phrase, not as half of the password.
    if COMMON.iter().any(|word| lower.contains(word) && length < 2 * word.len() + 4) {
        return Some("a password that does not rest on a common word".to_owned());
    }
    let mut characters: Vec<char> = lower.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    (characters.len() < 5).then(|| "at least 5 different characters".to_owned())
}

/// A temporary password for `name`: the same for the same `nonce`, so that a repeated request answers it again,
/// and unknown to whoever does not hold `secret`. 16 characters of 5 bits.
pub fn temporary(secret: &[u8; 32], name: &str, nonce: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"temporary password\0");
    hash.update(secret);
    hash.update(name.as_bytes());
    hash.update([0]);
    hash.update(nonce.as_bytes());
    let digest = hash.finalize();
    let mut text = String::with_capacity(19);
    for (index, byte) in digest.iter().take(16).enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_and_good_ones_kept() {
        for (password, is_good) in [
            ("short", false),
            ("azerty123456", false),
            ("MotDePasse2026", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("elise.martin!2026", false),
            ("correct horse battery", true),
            ("une garde un dimanche", true),
            ("k7#Lw9!pQ2zR", true),
        ] {
            assert_eq!(weakness(password, "elise.martin@hopital.fr").is_none(), is_good, "{password}");
        }
        assert!(weakness(&"xyzab".repeat(30), "").is_some(), "too long");
    }

    #[test]
    fn a_temporary_password_depends_on_all_it_is_made_of_and_is_good_enough() {
        let one = temporary(&[1; 32], "a", "n");
        assert_eq!(one, temporary(&[1; 32], "a", "n"));
        assert_ne!(one, temporary(&[2; 32], "a", "n"));
        assert_ne!(one, temporary(&[1; 32], "b", "n"));
        assert_ne!(one, temporary(&[1; 32], "a", "m"));
        assert_eq!(one.len(), 19);
        assert_eq!(weakness(&one, ""), None);
    }
}
