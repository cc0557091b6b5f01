//! A roster as the benchmark's tools expect it.

use roster::{
    Draft,
    shifts::{Code, OFF},
};

/// The text of a solution: one line per person in the instance's order, the id and then a shift per day, `-` for a
/// day off, with tabulators between. `rows` are what [`read`](super::read)'s people do, in order.
#[must_use]
pub fn write<'r>(draft: &Draft, rows: impl IntoIterator<Item = &'r [Code]>) -> String {
    let mut text = String::new();
    for (person, row) in draft.people.iter().zip(rows) {
        text.push_str(&person.id);
        for code in row {
            text.push('\t');
            text.push_str(name(draft, *code));
        }
        text.push('\n');
    }
    text
}

fn name(draft: &Draft, code: Code) -> &str {
    if code == OFF { "-" } else { &draft.shifts.types[usize::from(code) - 1].id }
}
