//! Asks millions of times what a change of shifts would cost, on a ward of fifty people, half a year and six types of
//! shift, and counts by processor time:
//! `time cargo run --release --package roster --features testing --example shift_moves`.

use roster::{
    Problem,
    shifts::{Code, OFF, Sheet, Weights},
    testing,
};

const DELTAS: usize = 40_000_000;
const PEOPLE: usize = 50;
const DAYS: usize = 182;
const TYPES: usize = 6;

fn main() {
    let mut draft = testing::shifts_draft(20, PEOPLE, DAYS, TYPES);
    draft.shifts.published.clear();
    let Ok(problem) = Problem::build(draft) else { return println!("the draft is not sound") };
    let table = problem.shifts();
    let mut dice = testing::Dice::new(20);
    let mut sheet = Sheet::new(table, &patterns(&mut dice));
    let weights = Weights::flat(150);
    println!("before {}", sheet.cost(&weights));
    let (mut sum, mut taken, mut codes) = (0_i64, 0_u64, [OFF; 6]);
    for round in 0..DELTAS {
        let roll = dice.roll();
        let length = 1 + (roll % 6) as usize;
        let first = (roll >> 8) as usize % (DAYS - length);
        let person = (roll >> 24) as usize % PEOPLE;
        let code = ((roll >> 40) as usize % (TYPES + 1)) as Code;
        // Half of the changes give one code to some days, the others exchange some days of two people.
        if round % 2 == 0 {
            codes[..length].fill(code);
            let delta = sheet.delta(person, first, &codes[..length], &weights);
            sum = sum.wrapping_add(delta);
            if delta < 0 {
                sheet.put(person, first, &codes[..length]);
                taken += 1;
            }
        } else {
            let other = (person + 1 + (roll >> 48) as usize % (PEOPLE - 1)) % PEOPLE;
            let delta = sheet.swap_delta(person, other, first, length, &weights);
            sum = sum.wrapping_add(delta);
            if delta < 0 {
                sheet.swap(person, other, first, length);
                taken += 1;
            }
        }
    }
    println!("after {}: {DELTAS} deltas, {taken} changes taken, checksum {sum}", sheet.cost(&weights));
    sheet.check();
}

/// Five days of work, two off, each person from another day on.
fn patterns(dice: &mut testing::Dice) -> Vec<Code> {
    let mut rows = Vec::with_capacity(PEOPLE * DAYS);
    for person in 0..PEOPLE {
        let mut code = 1;
        for day in 0..DAYS {
            let at = (day + person) % 7;
            if at == 0 {
                code = 1 + dice.below(TYPES) as Code;
            }
            rows.push(if at < 5 { code } else { OFF });
        }
    }
    rows
}
