//! From the contract's problem to the judge's: every value is read, every violation told, the whole checked.

mod parameters;
mod people;
mod places;
mod shifts;
mod work;

use proto::solver::v1 as pb;
use proto::r#type::v1 as values;
use roster::problem::{Counter, Day, Half, Post, Weekday};
use roster::{Draft, Problem};

use crate::Violation;
use crate::path::{Path, Reader};

/// The problem of a message.
///
/// # Errors
/// All violations: first of single values, then, when there is none, of the problem as a whole.
pub fn decode(message: &pb::Problem) -> Result<Problem, Vec<Violation>> {
    let mut reader = Reader::default();
    let draft = draft(&mut reader, message);
    if !reader.violations.is_empty() {
        return Err(reader.violations);
    }
    Problem::build(draft).map_err(|violations| {
        let told = violations.into_iter();
        told.map(|found| Violation { field: found.field, description: found.message }).collect()
    })
}

fn draft(reader: &mut Reader, message: &pb::Problem) -> Draft {
    let topology = reader.some(&Path::root("topology"), message.topology.as_ref());
    let parameters = reader.some(&Path::root("parameters"), message.parameters.as_ref());
    let shifts = message.shifts.as_ref().map(|value| shifts::shifts(reader, value, message.people.len()));
    Draft {
        days: list("days", &message.days, |at, value| day(reader, at, value)),
        people: list("people", &message.people, |at, value| people::person(reader, at, value)),
        topology: topology.map(|value| places::topology(reader, value)).unwrap_or_default(),
        slots: list("slots", &message.slots, |at, value| work::slot(reader, at, value)),
        pins: list("pins", &message.pins, |at, value| work::pin(reader, at, value)),
        published: list("published", &message.published, |at, value| work::published(reader, at, value)),
        requests: list("requests", &message.requests, |at, value| work::request(reader, at, value)),
        wishes: list("wishes", &message.wishes, |at, value| work::wish(reader, at, value)),
        derogations: list("derogations", &message.derogations, |at, value| {
            work::derogation(reader, at, value)
        }),
        shifts: shifts.unwrap_or_default(),
        parameters: parameters.map(|value| parameters::parameters(reader, value)).unwrap_or_default(),
    }
}

/// Reads the items of a list of the message itself. What cannot be read is left out: it is a violation, so the
/// draft is never used.
fn list<M, T>(
    name: &'static str,
    messages: &[M],
    mut read: impl FnMut(&Path<'_>, &M) -> Option<T>,
) -> Vec<T> {
    let items = messages.iter().enumerate();
    items.filter_map(|(position, message)| read(&Path::root_item(name, position), message)).collect()
}

fn day(reader: &mut Reader, at: &Path<'_>, message: &pb::Day) -> Option<Day> {
    Some(Day {
        number: message.number,
        weekday: weekday(reader, &at.field("weekday"), message.weekday())?,
        iso_week: message.iso_week,
        month: message.month,
        day_of_month: reader.figure(&at.field("day_of_month"), message.day_of_month),
        is_public_holiday: message.public_holiday,
        is_school_holiday: message.school_holiday,
        is_special: message.special,
        garde_minutes: reader.figure(&at.field("garde_minutes"), message.garde_minutes),
    })
}

fn weekday(reader: &mut Reader, at: &Path<'_>, weekday: values::Weekday) -> Option<Weekday> {
    let known = match weekday {
        values::Weekday::Unspecified => None,
        values::Weekday::Monday => Some(Weekday::Monday),
        values::Weekday::Tuesday => Some(Weekday::Tuesday),
        values::Weekday::Wednesday => Some(Weekday::Wednesday),
        values::Weekday::Thursday => Some(Weekday::Thursday),
        values::Weekday::Friday => Some(Weekday::Friday),
        values::Weekday::Saturday => Some(Weekday::Saturday),
        values::Weekday::Sunday => Some(Weekday::Sunday),
    };
    reader.known(at, known, "a weekday")
}

fn half(reader: &mut Reader, at: &Path<'_>, part: values::DayPart) -> Option<Half> {
    let known = match part {
        values::DayPart::Unspecified => None,
        values::DayPart::Morning => Some(Half::Morning),
        values::DayPart::Afternoon => Some(Half::Afternoon),
    };
    reader.known(at, known, "MORNING or AFTERNOON")
}

/// A post by the contract's number.
pub fn post(reader: &mut Reader, at: &Path<'_>, post: pb::Post) -> Option<Post> {
    let known = match post {
        pb::Post::Unspecified => None,
        pb::Post::Performer => Some(Post::Performer),
        pb::Post::Supervisor => Some(Post::Supervisor),
    };
    reader.known(at, known, "PERFORMER or SUPERVISOR")
}

fn counters(
    reader: &mut Reader,
    at: &Path<'_>,
    name: &'static str,
    messages: &[pb::CounterValue],
) -> Vec<(Counter, i64)> {
    let items = messages.iter().enumerate();
    let read = items.filter_map(|(position, entry)| {
        let at = at.item(name, position);
        let counter = Counter::from_code(&entry.counter);
        reader.known(&at.field("counter"), counter, "a counter's code").map(|counter| (counter, entry.value))
    });
    read.collect()
}
