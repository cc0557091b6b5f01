//! Numbers by which France knows its professionals and establishments of health.
//!
//! - RPPS: 11 digits, the last a Luhn key over the others; for life, whoever employs the person.
//! - ADELI: 9 digits, the first two those of the department; given out until the professions moved to RPPS.
//! - FINESS: 9 characters, the first two those of the department (`2A` and `2B` in Corsica), the last a Luhn key. For
//!   Corsica only the form is looked at: how its letters count in the key is not said where the number is.
//!
//! The Agence du Numérique en Santé gives out RPPS numbers, the Drees keeps FINESS; the formula is INSEE's of SIREN.

use super::resource::Flaw;

/// What a RPPS number looks like, for messages.
pub const RPPS: &str = "a RPPS number: 11 digits whose last is the key of the others";
/// What an ADELI number looks like, for messages.
pub const ADELI: &str = "an ADELI number: 9 digits that begin with a department";
/// What a FINESS number looks like, for messages.
pub const FINESS: &str = "a FINESS number: 9 characters whose last is the key of the others";

/// The number without the spaces that people write in it.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// Whether it is a RPPS number.
pub fn is_rpps(text: &str) -> bool {
    text.len() == 11 && is_luhn(text)
}

/// Whether it is an ADELI number. Its last digit has no published rule.
pub fn is_adeli(text: &str) -> bool {
    text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit()) && is_department(text)
}

/// Whether it is a FINESS number.
pub fn is_finess(text: &str) -> bool {
    if text.len() != 9 || !text.is_ascii() || !is_department(text) {
        return false;
    }
    let is_corsican = text.starts_with('2') && text.as_bytes()[1].is_ascii_alphabetic();
    if is_corsican { text.bytes().skip(2).all(|b| b.is_ascii_digit()) } else { is_luhn(text) }
}

/// Notes a number that is none; a number may be absent.
pub fn check(flaws: &mut Vec<Flaw>, field: &str, text: &str, is_one: fn(&str) -> bool, expected: &str) {
    if !text.is_empty() && !is_one(text) {
        flaws.push(Flaw::new(field, expected));
    }
}

/// Departments are 01 to 95 and 2A, 2B; 97 and 98 lie overseas, 99 is abroad.
fn is_department(text: &str) -> bool {
    match &text.as_bytes()[..2] {
        b"2A" | b"2B" => true,
        b"00" | b"96" => false,
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

/// Luhn: every second digit from the right is doubled, the digits of all are summed, and ten divides the sum. Only
/// digits count, and not zeros alone, of which ten always divides the sum.
fn is_luhn(text: &str) -> bool {
    let mut sum = 0;
    for (place, byte) in text.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let digit = u32::from(byte - b'0') * if place % 2 == 0 { 1 } else { 2 };
        sum += digit / 10 + digit % 10;
    }
    sum > 0 && sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A number with its key, by the definition: the one digit that fits.
    fn keyed(digits: &str) -> String {
        let all = (0..10).map(|key| format!("{digits}{key}")).filter(|number| is_luhn(number));
        let fitting: Vec<String> = all.collect();
        assert_eq!(fitting.len(), 1, "one key fits {digits}");
        fitting[0].clone()
    }

    #[test]
    fn numbers_are_told_from_what_is_none() {
        // The worked example of INSEE's SIRET rule has the same key.
        assert!(is_luhn("73282932000074"));
        assert!(is_rpps(&keyed("1000000000")));
        for wrong in ["", "0", "00000000000", "1000000000", "100000000080", "1000000000é", "A0000000008"] {
            assert!(!is_rpps(wrong), "{wrong}");
        }
        for (text, is_one) in [
            ("751234567", true),
            ("2A1234567", false),
            ("001234567", false),
            ("961234567", false),
            ("75123456", false),
            ("75123456x", false),
        ] {
            assert_eq!(is_adeli(text), is_one, "{text}");
        }
        assert!(is_finess(&keyed("75010000")));
        assert!(is_finess("2A0000014"));
        for wrong in ["2C0000014", "2A000001x", "000000000", "é5010000"] {
            assert!(!is_finess(wrong), "{wrong}");
        }
        assert_eq!(plain(" 75 123 4567 "), "751234567");
        assert_eq!(plain("2a0000014"), "2A0000014");
    }

    proptest! {
        #[test]
        fn a_wrong_digit_is_always_found(digits in "1[0-9]{9}", place in 0usize..11, other in 1u8..10) {
            let right = keyed(&digits);
            prop_assert!(is_rpps(&right));
            let mut wrong = right.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + other) % 10;
            prop_assert!(!is_rpps(std::str::from_utf8(&wrong).unwrap()));
        }

        #[test]
        fn two_neighbors_that_change_places_are_found_but_for_0_and_9(digits in "1[0-9]{9}", place in 0usize..10) {
            let right = keyed(&digits);
            let mut wrong = right.clone().into_bytes();
            wrong.swap(place, place + 1);
            let pair = (right.as_bytes()[place], right.as_bytes()[place + 1]);
            let is_blind = pair.0 == pair.1 || matches!(pair, (b'0', b'9') | (b'9', b'0'));
            prop_assert_eq!(is_rpps(std::str::from_utf8(&wrong).unwrap()), is_blind);
        }

        #[test]
        fn no_text_stops_it(text in "\\PC{0,14}") {
            let plain = plain(&text);
            let _ = (is_rpps(&plain), is_finess(&plain), is_adeli(&plain));
        }
    }
}
