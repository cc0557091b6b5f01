//! Rows are charged what the judge charges, and the best row is the best of all.

use roster::{
    Draft, Problem, Roster, RuleId, analyze,
    problem::{Ask, Seat, SlotKind},
    testing::{department_draft, small_draft},
};

use super::{Duties, charges::Weighing, compile::Choice};
use crate::{
    columns::{Effort, Pricing},
    rng::Rng,
};

/// The rules rows and duty slots are charged for.
const CHARGED: [RuleId; 14] = [
    RuleId::GardeCoverage,
    RuleId::AstreinteCoverage,
    RuleId::GardeSpacingIdeal,
    RuleId::GardesRollingMaxHolidays,
    RuleId::AstreinteSpacing,
    RuleId::WeekendGardeThenAstreinte,
    RuleId::NearWeekends,
    RuleId::DutyUnwelcome,
    RuleId::GardeBeforeLeave,
    RuleId::DutyEquity,
    RuleId::GardeOnWorkingDay,
    RuleId::RequestGranted,
    RuleId::Wish,
    RuleId::LocumUsed,
];

/// Split gardes become whole ones: rows know no parts.
fn whole(draft: &mut Draft) {
    for slot in &mut draft.slots {
        if let SlotKind::GardeDay { line } | SlotKind::GardeNight { line } = slot.kind {
            slot.kind = SlotKind::Garde { line };
        }
    }
}

/// What only the posts of the day decide is taken out, and so is what was published of them.
fn duties_only(mut draft: Draft) -> Problem {
    whole(&mut draft);
    for person in &mut draft.people {
        // What rows leave out: parts of gardes before the horizon, and all that is published after it.
        person.following = Default::default();
        person.history.garde_days.clear();
        person.history.garde_nights.clear();
    }
    let slots = draft.slots.clone();
    let is_duty = |ask: &Ask| match ask {
        Ask::Slot(slot) => slots[slot.at()].kind.is_duty(),
        Ask::Work(_) | Ask::Consultation(_) => false,
        _ => true,
    };
    draft.requests.retain(|own| is_duty(&own.ask));
    draft.wishes.retain(|own| is_duty(&own.ask));
    draft.published.retain(|own| slots[own.seat.slot.at()].kind.is_duty());
    Problem::build(draft).unwrap()
}

/// A random lawful row per person, no slot twice; `None` when somebody runs into a dead end.
fn random_rows<'d>(duties: &'d Duties, rng: &mut Rng) -> Option<Vec<Vec<&'d Choice>>> {
    let mut taken = vec![false; duties.slots.len()];
    let mut rows = Vec::new();
    for somebody in &duties.people {
        let (mut memory, _) = somebody.start(&duties.calendar);
        let mut row = Vec::new();
        for (day, choices) in somebody.days.iter().enumerate() {
            let free = |choice: &&Choice| {
                choice.covers.iter().all(|own| !taken.get(*own as usize).copied().unwrap_or(false))
            };
            let lawful = |choice: &&Choice| {
                somebody.step(&duties.calendar, day, memory, (choice.garde, choice.astreinte)).is_some()
            };
            let options: Vec<&Choice> = choices.iter().filter(free).filter(lawful).collect();
            let choice = *rng.pick(&options)?;
            for own in &choice.covers {
                if let Some(taken) = taken.get_mut(*own as usize) {
                    *taken = true;
                }
            }
            memory = somebody.step(&duties.calendar, day, memory, (choice.garde, choice.astreinte))?.0;
            row.push(choice);
        }
        rows.push(row);
    }
    Some(rows)
}

fn row_cost(duties: &Duties, position: usize, row: &[&Choice]) -> i64 {
    let own: i64 = row.iter().map(|choice| choice.cost).sum();
    own + duties.people[position].sequence_cost(&duties.calendar, row).unwrap()
}

fn model_cost(duties: &Duties, rows: &[Vec<&Choice>]) -> i64 {
    let mut counts = vec![0; duties.demands.len()];
    let mut cost = 0;
    for (position, row) in rows.iter().enumerate() {
        cost += row_cost(duties, position, row);
        row.iter().flat_map(|choice| &choice.covers).for_each(|own| counts[*own as usize] += 1);
    }
    cost + duties.demands.iter().zip(counts).map(|(demand, count)| demand.cost(count)).sum::<i64>()
}

fn judged_cost(problem: &Problem, duties: &Duties, rows: &[Vec<&Choice>]) -> i64 {
    let mut roster = Roster::empty(problem);
    for (position, row) in rows.iter().enumerate() {
        for own in row.iter().flat_map(|choice| &choice.covers) {
            if let Some(slot) = duties.slot(*own) {
                roster.set(Seat::performer(slot), Some(duties.person(position)));
            }
        }
    }
    let factors = Weighing::of_search().factors;
    let is_duty =
        |slots: &[roster::problem::SlotIx]| slots.iter().all(|slot| problem.slot(*slot).kind.is_duty());
    let analysis = analyze(problem, &roster);
    let matches = analysis.rules.iter().flat_map(|report| &report.matches);
    matches
        .filter(|own| {
            CHARGED.contains(&own.rule) || (own.rule == RuleId::Change && is_duty(&own.facts.slots))
        })
        .map(|own| own.cost * factors[own.level as usize])
        .sum()
}

#[test]
fn rows_are_charged_what_the_judge_charges() {
    let mut rng = Rng::new(5);
    let drafts = (0..40).map(small_draft).chain((0..3).map(department_draft));
    let mut compared = 0;
    for draft in drafts {
        let problem = duties_only(draft);
        let duties = Duties::of(&problem, Weighing::of_search()).unwrap();
        for _ in 0..20 {
            let Some(rows) = random_rows(&duties, &mut rng) else { continue };
            assert_eq!(model_cost(&duties, &rows), judged_cost(&problem, &duties, &rows));
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared}");
}

/// The least reduced cost over all sequences of choices.
fn least(duties: &Duties, position: usize, prices: &[i64]) -> Option<i64> {
    let somebody = &duties.people[position];
    let mut best = None;
    let mut stack = vec![(0, somebody.start(&duties.calendar))];
    while let Some((day, (memory, cost))) = stack.pop() {
        let Some(choices) = somebody.days.get(day) else {
            best = Some(best.map_or(cost, |best: i64| best.min(cost)));
            continue;
        };
        for choice in choices {
            if let Some((next, step)) =
                somebody.step(&duties.calendar, day, memory, (choice.garde, choice.astreinte))
            {
                let paid: i64 = choice.covers.iter().map(|own| prices[*own as usize]).sum();
                stack.push((day + 1, (next, cost + step + choice.cost - paid)));
            }
        }
    }
    best
}

#[test]
fn the_best_row_is_the_best_of_all_rows() {
    let mut rng = Rng::new(9);
    for seed in 0..12 {
        let problem = duties_only(small_draft(seed));
        let duties = Duties::of(&problem, Weighing::of_search()).unwrap();
        for position in 0..duties.people() {
            let scale = 1 + rng.below(4) * 100_000;
            let prices: Vec<i64> =
                duties.demands.iter().map(|_| rng.below(scale * 10) as i64 - scale as i64).collect();
            let mut columns = Vec::new();
            let bound = duties.price(position, &prices, Effort::Exact, &mut columns);
            assert_eq!(bound, least(&duties, position, &prices));
            let paid: i64 = columns[0].covers.iter().map(|own| prices[*own as usize]).sum();
            assert_eq!(Some(columns[0].cost - paid), bound);
        }
    }
}
