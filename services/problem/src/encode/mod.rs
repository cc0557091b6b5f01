//! From the judge's problem to the contract's. Total: every problem has a message.

mod people;
mod places;
mod shifts;
mod work;

use proto::solver::v1 as pb;
use proto::r#type::v1 as values;
use roster::Problem;
use roster::problem::{Counter, Day, Half, Post, Weekday};

/// The message of a problem.
#[must_use]
pub fn encode(problem: &Problem) -> pb::Problem {
    let draft = problem.draft();
    pb::Problem {
        days: draft.days.iter().map(day).collect(),
        topology: Some(places::topology(&draft.topology)),
        people: draft.people.iter().map(people::person).collect(),
        slots: draft.slots.iter().map(work::slot).collect(),
        pins: draft.pins.iter().map(work::pin).collect(),
        published: draft.published.iter().map(work::published).collect(),
        parameters: Some(work::parameters(&draft.parameters)),
        requests: draft.requests.iter().map(work::request).collect(),
        wishes: draft.wishes.iter().map(work::wish).collect(),
        derogations: draft.derogations.iter().map(work::derogation).collect(),
        shifts: shifts::shifts(&draft.shifts),
    }
}

fn day(day: &Day) -> pb::Day {
    pb::Day {
        number: day.number,
        weekday: weekday(day.weekday).into(),
        iso_week: day.iso_week,
        month: day.month,
        day_of_month: u32::from(day.day_of_month),
        public_holiday: day.is_public_holiday,
        school_holiday: day.is_school_holiday,
        special: day.is_special,
        garde_minutes: u32::from(day.garde_minutes),
    }
}

fn weekday(weekday: Weekday) -> values::Weekday {
    match weekday {
        Weekday::Monday => values::Weekday::Monday,
        Weekday::Tuesday => values::Weekday::Tuesday,
        Weekday::Wednesday => values::Weekday::Wednesday,
        Weekday::Thursday => values::Weekday::Thursday,
        Weekday::Friday => values::Weekday::Friday,
        Weekday::Saturday => values::Weekday::Saturday,
        Weekday::Sunday => values::Weekday::Sunday,
    }
}

fn half(half: Half) -> i32 {
    match half {
        Half::Morning => values::DayPart::Morning.into(),
        Half::Afternoon => values::DayPart::Afternoon.into(),
    }
}

/// The contract's number of a post.
pub fn post(post: Post) -> i32 {
    match post {
        Post::Performer => pb::Post::Performer.into(),
        Post::Supervisor => pb::Post::Supervisor.into(),
    }
}

fn counters(values: &[(Counter, i64)]) -> Vec<pb::CounterValue> {
    let entry = |(counter, value): &(Counter, i64)| pb::CounterValue {
        counter: counter.code().to_owned(),
        value: *value,
    };
    values.iter().map(entry).collect()
}
