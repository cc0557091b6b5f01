//! Leave: whole weeks by the month's share, a day or two besides, never more of a team at once than its quota.

use roster::problem::{Availability, Day, Person};

use crate::{dice::Dice, horizon::month, parameters::Parameters};

/// How many people in a hundred take a day or two besides.
const SINGLE_DAYS_PERCENT: u8 = 20;

/// Sends a team on leave.
pub fn plan(parameters: &Parameters, days: &[Day], team: &mut [Person], dice: &mut Dice) {
    let quota = team.len() * usize::from(parameters.leave.quota_percent) / 100;
    let mut away = vec![0_usize; days.len()];
    let always = usize::from(parameters.team.absent).min(team.len());
    for person in &mut team[..always] {
        leave(person, 0..days.len());
    }
    for week in weeks(days) {
        let share = parameters.leave.percent_by_month[month(&days[week.start]) - 1];
        // Not always the same people first.
        let turn = dice.below(team.len());
        for at in 0..team.len() {
            let person = &mut team[(turn + at) % team.len()];
            let goes = dice.percent(share) && away[week.start] < quota;
            if goes && !person.is_locum {
                leave(person, week.clone());
                away[week.clone()].iter_mut().for_each(|own| *own += 1);
            }
        }
    }
    for person in team.iter_mut().filter(|person| !person.is_locum) {
        let first = dice.below(days.len());
        let range = first..(first + 1 + dice.below(2)).min(days.len());
        if dice.percent(SINGLE_DAYS_PERCENT) && range.clone().all(|day| away[day] < quota) {
            away[range.clone()].iter_mut().for_each(|own| *own += 1);
            leave(person, range);
        }
    }
}

/// The days of each ISO week, as positions.
fn weeks(days: &[Day]) -> Vec<std::ops::Range<usize>> {
    let mut weeks: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, day) in days.iter().enumerate() {
        match weeks.last_mut() {
            Some(week) if days[week.start].iso_week == day.iso_week => week.end = at + 1,
            _ => weeks.push(at..at + 1),
        }
    }
    weeks
}

/// Days outside the pattern stay what they are.
fn leave(person: &mut Person, days: std::ops::Range<usize>) {
    for own in &mut person.availability[days.start * 2..days.end * 2] {
        if *own != Availability::NotWorking {
            *own = Availability::Absent;
        }
    }
}
