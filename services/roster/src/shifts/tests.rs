//! The sheet says what a plain count says, and what the benchmark's published semantics say.

use proptest::prelude::*;

use super::*;
use crate::{
    problem::{Availability, DayIx, Draft, PersonIx, Problem, RuleSetting, SHIFT_TYPES_MAX, Shifts},
    rules::RuleId,
    score::{Level, Score},
    testing::{Dice, days, number_of, shifts_draft},
};

/// Sizes that reach every path: tiny and long horizons, few and many types.
fn any_draft(seed: u64) -> Draft {
    let mut dice = Dice::new(seed ^ 0xA5A5);
    let (people, types) = (1 + dice.below(5), [1, 2, 3, 5, SHIFT_TYPES_MAX][dice.below(5)]);
    let day_count = [14, 15, 30, 67, 140][dice.below(5)];
    let mut draft = shifts_draft(seed, people, day_count, types);
    // Any weekday may begin: a pinned week-end stays one only from Monday on, so pins go.
    draft.shifts.pins.clear();
    draft.days = days(number_of(2027, 3, 1) + dice.below(7) as i32, day_count);
    if dice.percent(30) {
        draft.shifts.limits[0] = None;
    }
    if dice.percent(30) {
        draft.shifts.limits.iter_mut().flatten().for_each(|own| own.rest_min = 1 + dice.below(20) as u16);
    }
    // Wishes weigh 1, as in the benchmarks.
    draft.parameters.settings = vec![RuleSetting { rule: RuleId::Wish, level: Level::Preference, weight: 1 }];
    draft
}

/// Rows like people work them, and now and then any row at all.
fn any_rows(problem: &Problem, dice: &mut Dice) -> Vec<Code> {
    let table = problem.shifts();
    let mut rows = Vec::new();
    for person in 0..table.people() {
        while rows.len() < (person + 1) * table.days {
            let length = (1 + dice.below(6)).min((person + 1) * table.days - rows.len());
            let code = if dice.percent(40) { OFF } else { dice.below(table.codes) as Code };
            rows.extend(std::iter::repeat_n(code, length));
        }
    }
    rows
}

/// A change of one row: mostly a few days, sometimes many.
fn any_change(table: &Table, dice: &mut Dice) -> (usize, usize, Vec<Code>) {
    let first = dice.below(table.days);
    let longest = [1, 3, 7, 14, 40, table.days][dice.below(6)].min(table.days - first);
    let length = 1 + dice.below(longest);
    let one = dice.below(table.codes) as Code;
    let person = dice.below(table.people());
    let codes = (0..length).map(|_| if dice.percent(60) { one } else { dice.below(table.codes) as Code });
    (person, first, codes.collect())
}

fn any_weights(dice: &mut Dice) -> Weights {
    let mut weights = Weights::flat(0);
    ShiftRule::ALL.iter().for_each(|rule| weights[*rule] = dice.below(500) as i64);
    weights
}

/// What the published semantics say of some rows: breaches of rules of a row, and the objective. Written from the
/// benchmark's description, reading the draft only: no table, no sheet.
fn published_verdict(draft: &Draft, rows: &[Vec<Option<usize>>]) -> (usize, i64) {
    let shifts = &draft.shifts;
    let mut breaches = 0;
    for (at, row) in rows.iter().enumerate() {
        breaches += match &shifts.limits[at] {
            Some(limits) => breaches_of_row(draft, at, limits, row),
            None => row.iter().flatten().count(),
        };
    }
    let mut objective = 0_i64;
    for wish in &shifts.wishes {
        let has = rows[wish.person.at()][wish.day.at()] == Some(wish.shift.at());
        objective += if has == wish.is_wanted { 0 } else { i64::from(wish.weight) };
    }
    for entry in &shifts.published {
        let is_kept = rows[entry.person.at()][entry.day.at()] == entry.shift.map(|shift| shift.at());
        objective += if is_kept { 0 } else { i64::from(entry.change_cost) };
    }
    for cover in &shifts.covers {
        let present = rows.iter().filter(|row| row[cover.day.at()] == Some(cover.shift.at())).count() as i64;
        let required = i64::from(cover.required);
        objective += i64::from(cover.under_weight) * (required - present).max(0);
        objective += i64::from(cover.over_weight) * (present - required).max(0);
    }
    (breaches, objective)
}

fn breaches_of_row(
    draft: &Draft,
    person: usize,
    limits: &crate::problem::ShiftLimits,
    row: &[Option<usize>],
) -> usize {
    let types = &draft.shifts.types;
    let mut breaches = 0;
    for day in 0..row.len() {
        let halves = &draft.people[person].availability[day * 2..day * 2 + 2];
        let is_off = halves.iter().any(|half| {
            matches!(half, Availability::Absent | Availability::Unavailable | Availability::NotWorking)
        });
        breaches += usize::from(row[day].is_some() && is_off);
        if let (Some(one), Some(Some(next))) = (row[day], row.get(day + 1)) {
            breaches += usize::from(types[one].forbidden_next.iter().any(|own| own.at() == *next));
        }
    }
    for shift in 0..types.len() {
        let used = row.iter().filter(|own| **own == Some(shift)).count();
        breaches += usize::from(used > usize::from(limits.most[shift]));
    }
    let minutes: u32 = row.iter().flatten().map(|shift| u32::from(types[*shift].minutes)).sum();
    breaches += usize::from(!(limits.minutes_min..=limits.minutes_max).contains(&minutes));
    let mut start = 0;
    while start < row.len() {
        let works = row[start].is_some();
        let length = row[start..].iter().take_while(|own| own.is_some() == works).count();
        let touches_an_end = start == 0 || start + length == row.len();
        let inherited = usize::from(draft.people[person].history.consecutive_days);
        let stretch = length + if start == 0 { inherited } else { 0 };
        breaches += usize::from(works && stretch > usize::from(limits.stretch_max));
        breaches += usize::from(works && !touches_an_end && length < usize::from(limits.stretch_min));
        breaches += usize::from(!works && !touches_an_end && length < usize::from(limits.rest_min));
        start += length;
    }
    let mut weekends = std::collections::BTreeSet::new();
    for (day, _) in draft.days.iter().zip(row).filter(|(_, shift)| shift.is_some()) {
        let weekday = (day.number + 3).rem_euclid(7);
        if weekday >= 5 {
            weekends.insert(day.number - weekday);
        }
    }
    breaches + usize::from(weekends.len() > usize::from(limits.weekends_max))
}

/// The rows as the published semantics read them.
fn plain_rows(table: &Table, rows: &[Code]) -> Vec<Vec<Option<usize>>> {
    let of_code = |code: &Code| (*code != OFF).then(|| usize::from(*code) - 1);
    rows.chunks(table.days).map(|row| row.iter().map(of_code).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_delta_is_what_a_recount_finds_after_the_change(seed in any::<u64>()) {
        let problem = Problem::build(any_draft(seed)).unwrap();
        let table = problem.shifts();
        let mut dice = Dice::new(seed);
        let mut sheet = Sheet::new(table, &any_rows(&problem, &mut dice));
        sheet.check();
        for _ in 0..150 {
            let weights = any_weights(&mut dice);
            let (person, first, codes) = any_change(table, &mut dice);
            let (before, rows) = (sheet.cost(&weights), sheet.rows().to_vec());
            let delta = sheet.delta(person, first, &codes, &weights);
            prop_assert_eq!(sheet.rows(), &rows[..]);
            let undo = sheet.row(person)[first..first + codes.len()].to_vec();
            sheet.put(person, first, &codes);
            prop_assert_eq!(*sheet.amounts(), sheet.recount());
            prop_assert_eq!(sheet.cost(&weights), before + delta);
            if dice.percent(50) {
                sheet.put(person, first, &undo);
                prop_assert_eq!(sheet.rows(), &rows[..]);
                prop_assert_eq!(sheet.cost(&weights), before);
            }
        }
        sheet.check();
    }

    #[test]
    fn a_swap_costs_what_both_changes_cost(seed in any::<u64>()) {
        let problem = Problem::build(any_draft(seed)).unwrap();
        let table = problem.shifts();
        let mut dice = Dice::new(seed);
        let mut sheet = Sheet::new(table, &any_rows(&problem, &mut dice));
        for _ in 0..50 {
            let weights = any_weights(&mut dice);
            let (one, first, codes) = any_change(table, &mut dice);
            let other = dice.below(table.people());
            let before = sheet.cost(&weights);
            if one != other {
                let delta = sheet.swap_delta(one, other, first, codes.len(), &weights);
                sheet.swap(one, other, first, codes.len());
                prop_assert_eq!(sheet.cost(&weights), before + delta);
            }
        }
        sheet.check();
    }

    #[test]
    fn the_verdict_is_the_published_one(seed in any::<u64>()) {
        let draft = any_draft(seed);
        let problem = Problem::build(draft.clone()).unwrap();
        let table = problem.shifts();
        let mut dice = Dice::new(seed);
        for _ in 0..10 {
            let rows = any_rows(&problem, &mut dice);
            let amounts = *Sheet::new(table, &rows).amounts();
            let (breaches, objective) = published_verdict(&draft, &plain_rows(table, &rows));
            prop_assert_eq!(amounts.is_legal(), breaches == 0);
            prop_assert_eq!(amounts.cost(&Weights::flat(0)), objective * Score::UNIT);
        }
    }
}

#[test]
fn the_verdict_on_every_roster_of_a_tiny_problem_is_the_published_one() {
    let mut legal = 0;
    for seed in 0..12 {
        let mut draft = shifts_draft(seed, 1, 14, 2);
        // Five days, Friday to Tuesday, so that every row can be tried and some are legal.
        let first = number_of(2027, 3, 5);
        draft.days = days(first, 5);
        draft.people[0].availability.truncate(10);
        draft.people[0].availability[..4].fill(Availability::DutyOnly);
        draft.shifts.pins.clear();
        let keep = |day: DayIx| day.0 < 5;
        draft.shifts.covers.retain(|own| keep(own.day));
        draft.shifts.wishes.retain(|own| keep(own.day));
        draft.shifts.published.retain(|own| keep(own.day));
        let limits = draft.shifts.limits[0].as_mut().unwrap();
        (limits.minutes_min, limits.minutes_max) = (480, 1_500);
        draft.parameters.settings =
            vec![RuleSetting { rule: RuleId::Wish, level: Level::Preference, weight: 1 }];
        let problem = Problem::build(draft.clone()).unwrap();
        let table = problem.shifts();
        for number in 0..3_usize.pow(5) {
            let rows: Vec<_> = (0..5).map(|day| (number / 3_usize.pow(day) % 3) as Code).collect();
            let amounts = *Sheet::new(table, &rows).amounts();
            let (breaches, objective) = published_verdict(&draft, &plain_rows(table, &rows));
            assert_eq!(amounts.is_legal(), breaches == 0, "seed {seed}, {rows:?}");
            assert_eq!(amounts.cost(&Weights::flat(0)), objective * Score::UNIT, "seed {seed}, {rows:?}");
            legal += usize::from(breaches == 0);
        }
    }
    assert!(legal > 50, "a test in which hardly any row is legal proves little: {legal}");
}

#[test]
fn a_table_allows_what_availability_contract_and_pins_leave() {
    let mut draft = shifts_draft(1, 3, 14, 3);
    draft.people.iter_mut().for_each(|person| person.availability.fill(Availability::Working));
    draft.people[0].availability[2] = Availability::Absent;
    draft.people[0].availability[5] = Availability::DutyOnly;
    let limits = draft.shifts.limits[0].as_mut().unwrap();
    limits.most = vec![14, 0, 14];
    draft.shifts.limits[1] = None;
    let pin = |day, shift| crate::problem::ShiftPin { person: PersonIx(0), day: DayIx(day), shift };
    draft.shifts.pins = vec![pin(3, None), pin(4, Some(crate::problem::ShiftIx(2)))];
    let problem = Problem::build(draft).unwrap();
    let table = problem.shifts();
    let own: Vec<_> = (0..6).map(|day| table.allowed(0, day)).collect();
    assert_eq!(own, [0b1011, 0b0001, 0b1011, 0b0001, 0b1000, 0b1011]);
    assert!((0..14).all(|day| table.allowed(1, day) == 1), "who works no shifts is off");
}

#[test]
fn rules_turned_off_limit_nothing() {
    let mut draft = shifts_draft(5, 4, 30, 3);
    draft.shifts.pins.clear();
    let off = |rule| RuleSetting { rule, level: Level::Hard, weight: 0 };
    let rules = ShiftRule::ALL.into_iter().filter(|rule| *rule != ShiftRule::NotOpen);
    draft.parameters.settings = rules.map(|rule| off(rule.id())).collect();
    let problem = Problem::build(draft).unwrap();
    let mut dice = Dice::new(5);
    let sheet = Sheet::new(problem.shifts(), &any_rows(&problem, &mut dice));
    let mut amounts = *sheet.amounts();
    amounts[ShiftRule::NotOpen] = 0;
    assert_eq!(amounts, Amounts::ZERO);
}

#[test]
fn a_weighted_table_costs_what_weights_make_of_the_plain_one() {
    let mut dice = Dice::new(11);
    for seed in 0..10 {
        let problem = Problem::build(any_draft(seed)).unwrap();
        let weights = any_weights(&mut dice);
        let heavier = problem.shifts().weighted(&weights);
        let rows = any_rows(&problem, &mut dice);
        let (plain, heavy) = (Sheet::new(problem.shifts(), &rows), Sheet::new(&heavier, &rows));
        heavy.check();
        for rule in ShiftRule::ALL.into_iter().filter(|rule| !rule.is_of_row()) {
            assert_eq!(heavy.amounts()[rule], plain.amounts()[rule] * weights[rule], "{rule:?}");
        }
    }
}

#[test]
fn limits_that_nobody_has_are_no_limits() {
    let mut draft = shifts_draft(2, 3, 14, 2);
    draft.shifts.limits.fill(None);
    draft.shifts.pins.clear();
    let problem = Problem::build(draft).unwrap();
    assert_eq!(problem.draft().shifts.limits, []);
    assert_eq!(problem.shifts().limits, [None, None, None]);
}

#[test]
fn a_problem_without_shifts_has_an_empty_sheet() {
    let problem = crate::testing::small(1);
    assert_eq!(problem.draft().shifts, Shifts::default());
    assert!(problem.shifts().is_empty());
    let sheet = Sheet::new(problem.shifts(), &[]);
    assert_eq!(*sheet.amounts(), Amounts::ZERO);
    sheet.check();
}

#[test]
fn a_known_sheet_costs_what_it_always_did() {
    let problem = Problem::build(shifts_draft(7, 6, 28, 3)).unwrap();
    let mut dice = Dice::new(7);
    let mut sheet = Sheet::new(problem.shifts(), &any_rows(&problem, &mut dice));
    for _ in 0..100 {
        let (person, first, codes) = any_change(problem.shifts(), &mut dice);
        sheet.put(person, first, &codes);
    }
    let amounts = ShiftRule::ALL.map(|rule| sheet.amounts()[rule]);
    let expected =
        [41_000, 20_000, 46_000, 136_000, 8_000, 53_000, 6_000, 6_000, 5_000, 2_100_000, 66_000, 105_000, 0];
    assert_eq!(amounts, expected);
}
