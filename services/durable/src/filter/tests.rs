use chassis::Problem;
use proptest::prelude::*;
use proto::error::v1::Reason;

use super::*;

const FIELDS: &[&str] = &["state", "first_date", "age"];

/// Judges a row given as (field, value) pairs, by text order.
fn holds(text: &str, row: &[(&str, &str)]) -> Result<bool, Problem> {
    let filter = parse(text, FIELDS)?;
    Ok(filter.matches(|comparison| {
        let have = row.iter().find(|(field, _)| *field == comparison.field).map_or("", |(_, value)| *value);
        let want = comparison.value.as_str();
        match comparison.op {
            Op::Equal => have == want,
            Op::NotEqual => have != want,
            Op::Less => have < want,
            Op::LessOrEqual => have <= want,
            Op::Greater => have > want,
            Op::GreaterOrEqual => have >= want,
            Op::Has => have.contains(want),
        }
    }))
}

#[test]
fn filters_select_what_they_say() {
    let row = [("state", "PENDING"), ("first_date", "2026-12-24"), ("age", "30")];
    let table = [
        ("", true),
        ("state = PENDING", true),
        ("state != PENDING", false),
        ("state=PENDING AND first_date>=2026-12-25", false),
        ("state = APPROVED OR first_date < \"2026-12-25\"", true),
        ("NOT state = APPROVED", true),
        ("NOT (state = PENDING AND age = 30)", false),
        ("state = APPROVED AND age = 1 OR age = 30", true),
        ("state : END", true),
        ("state = 'PEND\\ING'", true),
    ];
    for (text, expected) in table {
        assert_eq!(holds(text, &row).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_filter_that_cannot_be_read_is_refused_with_its_place() {
    let deep = "(".repeat(50);
    for text in
        ["state", "state =", "= 3", "shoe = 3", "state = A B", "(state = A", "state = 'A", "state ~ A", &deep]
    {
        assert_eq!(holds(text, &[]).unwrap_err().reason(), Reason::FilterInvalid, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,80}") {
        let _ = parse(&text, FIELDS);
    }

    #[test]
    fn a_quoted_value_is_read_back(value in "[^\"'\\\\]{0,20}") {
        let filter = parse(&format!("state = \"{value}\""), FIELDS).unwrap();
        prop_assert_eq!(&filter.comparisons()[0].value, &value);
    }
}
