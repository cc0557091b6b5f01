//! What the year gave so far: about ten times a month's share, unevenly; and the last duties before the horizon.

use roster::problem::{Counter, Person, Profession};

use crate::{dice::Dice, parameters::Team};

/// Months of the year that are over.
const MONTHS: i64 = 10;

/// What a month asks of a team, per counter: per garde line, per astreinte line, per consultation open in each half
/// of a working day.
const MONTH_OF_GARDES: [(Counter, i64); 6] = [
    (Counter::Gardes, 30),
    (Counter::GardesWeekday, 17),
    (Counter::GardesFriday, 4),
    (Counter::GardesSaturday, 4),
    (Counter::GardesSunday, 4),
    (Counter::GardesHoliday, 1),
];
const MONTH_OF_ASTREINTES: [(Counter, i64); 2] = [(Counter::Astreintes, 30), (Counter::AstreintesWeekend, 9)];
const MONTH_OF_CONSULTATIONS: [(Counter, i64); 3] = [
    (Counter::ConsultationsMorning, 21),
    (Counter::ConsultationsAfternoon, 21),
    (Counter::ConsultationsFridayAfternoon, 4),
];

/// Gives a team its past.
pub fn remember(shape: &Team, team: &mut [Person], dice: &mut Dice) {
    let shares: i64 = (team.iter())
        .filter(|person| person.profession == Profession::Mar)
        .map(|person| i64::from(person.equity_share))
        .sum();
    let demands = [
        (&MONTH_OF_GARDES[..], shape.garde_lines),
        (&MONTH_OF_ASTREINTES, shape.astreinte_lines),
        (&MONTH_OF_CONSULTATIONS, shape.consultations),
    ];
    for (at, person) in team.iter_mut().enumerate().filter(|(_, person)| !person.is_locum) {
        if person.profession == Profession::Iade {
            continue;
        }
        for (counters, lines) in demands {
            for (counter, month) in counters {
                let fair = month * i64::from(lines) * MONTHS * i64::from(person.equity_share) / shares.max(1);
                // One tenth up or down, and one at least.
                let spread = fair / 10 + 1;
                let own = fair - spread + dice.below(spread as usize * 2 + 1) as i64;
                person.history.counters.push((*counter, own.max(0) * Counter::ONE));
            }
        }
        duties(at, shape, person);
    }
}

/// Every garde and astreinte of the last weeks was somebody's, in turn.
fn duties(at: usize, shape: &Team, person: &mut Person) {
    let round = usize::from(shape.anesthetists).max(1);
    let before = |turn: usize, lines: u8| -1 - ((turn % round) / usize::from(lines.max(1))) as i32;
    let recent = |offset: &i32| *offset >= -30;
    person.history.gardes = Some(before(at, shape.garde_lines)).filter(recent).into_iter().collect();
    let turn = at + round / 2;
    person.history.astreintes =
        Some(before(turn, shape.astreinte_lines)).filter(recent).into_iter().collect();
}
