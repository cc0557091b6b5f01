//! Rosters and scores, both ways.

use std::collections::BTreeSet;

use proto::solver::v1 as pb;
use proto::r#type::v1 as values;
use roster::problem::{PersonIx, Seat, SlotIx};
use roster::shifts::{Code, OFF};
use roster::{Level, Problem, Roster, Score};

use crate::Violation;
use crate::decode::post as decode_post;
use crate::encode::post as encode_post;
use crate::path::{Path, Reader};

/// The message of a roster: its held places, in order.
#[must_use]
pub fn encode_roster(roster: &Roster) -> pb::Roster {
    let seats = roster.held().map(|(seat, person)| pb::Seat {
        slot: seat.slot.0,
        post: encode_post(seat.post),
        person: u32::from(person.0),
    });
    let mut rows: Vec<pb::ShiftRow> = Vec::new();
    for (person, ..) in roster.worked() {
        let person_index = u32::from(person.0);
        if rows.last().is_none_or(|row| row.person != person_index) {
            let shifts = roster.row(person).iter().map(|code| u32::from(*code)).collect();
            rows.push(pb::ShiftRow { person: person_index, shifts });
        }
    }
    pb::Roster { seats: seats.collect(), rows }
}

/// The roster of a message, for `problem`. What is not named is empty.
///
/// # Errors
/// All violations: places and people the problem does not have, a place named twice.
pub fn decode_roster(message: &pb::Roster, problem: &Problem) -> Result<Roster, Vec<Violation>> {
    let mut reader = Reader::default();
    let mut roster = Roster::empty(problem);
    let mut named = BTreeSet::new();
    for (position, entry) in message.seats.iter().enumerate() {
        let at = Path::root_item("seats", position);
        let slot = SlotIx::of(entry.slot as usize).filter(|slot| slot.at() < problem.slots().len());
        let slot = reader.known(&at.field("slot"), slot, "a slot of the problem");
        let person =
            PersonIx::of(entry.person as usize).filter(|person| person.at() < problem.people().len());
        let person = reader.known(&at.field("person"), person, "a person of the problem");
        let post = decode_post(&mut reader, &at.field("post"), entry.post());
        let (Some(slot), Some(person), Some(post)) = (slot, person, post) else { continue };
        let seat = Seat { slot, post };
        if named.insert(seat) {
            roster.set(seat, Some(person));
        } else {
            reader.refuse(&at, "the place is named twice");
        }
    }
    for (position, row) in message.rows.iter().enumerate() {
        shift_row(&mut reader, &Path::root_item("rows", position), row, problem, &mut roster);
    }
    if reader.violations.is_empty() { Ok(roster) } else { Err(reader.violations) }
}

fn shift_row(reader: &mut Reader, at: &Path<'_>, row: &pb::ShiftRow, problem: &Problem, roster: &mut Roster) {
    let person = PersonIx::of(row.person as usize).filter(|person| person.at() < problem.people().len());
    let person = reader.known(&at.field("person"), person, "a person of the problem");
    let types = problem.draft().shifts.types.len() as u32;
    let is_sound = row.shifts.len() == problem.days().len() && row.shifts.iter().all(|code| *code <= types);
    reader.known(&at.field("shifts"), is_sound.then_some(()), "a shift of the problem, or 0, for each day");
    let (Some(person), true, true) = (person, is_sound, types > 0) else { return };
    if roster.row(person).iter().any(|code| *code != OFF) {
        reader.refuse(at, "the person is named twice");
    }
    for (day, code) in problem.day_indices().zip(&row.shifts) {
        roster.set_shift(person, day, Code::try_from(*code).unwrap_or(OFF));
    }
}

/// The message of a score.
#[must_use]
pub fn encode_score(score: &Score) -> values::Score {
    values::Score { levels: score.levels().to_vec() }
}

/// The score of a message; `None` when it has another number of levels.
#[must_use]
pub fn decode_score(message: &values::Score) -> Option<Score> {
    <[i64; Level::COUNT]>::try_from(message.levels.as_slice()).ok().map(Score::new)
}
