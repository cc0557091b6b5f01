//! From the draft's lists to dense tables. The draft was checked: nothing is refused here.

use super::table::{Change, Code, Cover, Limits, OFF, Table};
use crate::{
    problem::{Availability, Draft, Person, RuleSetting, ShiftLimits, Shifts},
    rules::RuleId,
    score::Score,
};

/// The days' class for somebody: both halves must be workable, for posts or at least for duties.
fn is_open(person: &Person, day: usize) -> bool {
    person.availability[day * 2..day * 2 + 2].iter().copied().all(Availability::allows_duty)
}

/// What a cost of the draft becomes in the score: thousandths, times the rule's weight.
struct Scale<'s>(&'s [RuleSetting; RuleId::COUNT]);

// === impl Scale ===

impl Scale<'_> {
    fn is_on(&self, rule: RuleId) -> bool {
        self.0[rule as usize].weight > 0
    }

    fn cost(&self, rule: RuleId, weight: u32) -> i64 {
        i64::from(weight) * self.0[rule as usize].weight * Score::UNIT
    }
}

/// The code of a type, or of a day off.
fn code_of(shift: Option<crate::problem::ShiftIx>) -> Code {
    shift.map_or(OFF, |shift| shift.0 as Code + 1)
}

// === impl Table ===

impl Table {
    /// The tables of a checked draft; empty when it knows no type of shift.
    pub(crate) fn of(draft: &Draft, settings: &[RuleSetting; RuleId::COUNT]) -> Self {
        let shifts = &draft.shifts;
        if shifts.types.is_empty() {
            return Self::default();
        }
        let scale = Scale(settings);
        let (days, people, codes) = (draft.days.len(), draft.people.len(), shifts.types.len() + 1);
        let (weekend, weekends) = weekends(draft);
        let mut table = Self {
            days,
            codes,
            minutes: std::iter::once(0)
                .chain(shifts.types.iter().map(|own| i32::from(own.minutes)))
                .collect(),
            forbidden_next: forbidden_next(shifts, scale.is_on(RuleId::ShiftSuccession)),
            cover: covers(shifts, days, &scale),
            weekend,
            weekends,
            limits: (0..people).map(|at| limits(draft, at, &scale)).collect(),
            allowed: Vec::new(),
            cost: vec![0; people * days * codes],
            changes: Vec::new(),
        };
        table.allowed = allowed(draft, codes);
        table.wish(shifts, &scale);
        table.publish(shifts, people, &scale);
        table
    }

    /// Leaves a person only the pinned shifts, and no limit to reach by others.
    pub(crate) fn freeze(&mut self, person: usize) {
        if let Some(limits) = self.limits.get_mut(person) {
            *limits = None;
            for own in &mut self.allowed[person * self.days..][..self.days] {
                *own = if own.is_power_of_two() { *own } else { 1 };
            }
        }
    }

    /// Wishes: a shift wanted costs when anything else is worked, an unwelcome one when it is.
    fn wish(&mut self, shifts: &Shifts, scale: &Scale) {
        for wish in &shifts.wishes {
            let cost = scale.cost(RuleId::Wish, wish.weight);
            let first = (wish.person.at() * self.days + wish.day.at()) * self.codes;
            let wished = usize::from(wish.shift.0) + 1;
            for (code, own) in self.cost[first..first + self.codes].iter_mut().enumerate() {
                if (code == wished) != wish.is_wanted {
                    *own += cost;
                }
            }
        }
    }

    /// What was published: everything else costs.
    fn publish(&mut self, shifts: &Shifts, people: usize, scale: &Scale) {
        if shifts.published.is_empty() {
            return;
        }
        self.changes = vec![Change::default(); people * self.days];
        for entry in &shifts.published {
            let cell = entry.person.at() * self.days + entry.day.at();
            let change =
                Change { code: code_of(entry.shift), cost: scale.cost(RuleId::Change, entry.change_cost) };
            self.changes[cell] = change;
            for (code, own) in self.cost[cell * self.codes..][..self.codes].iter_mut().enumerate() {
                *own += change.of(code as Code);
            }
        }
    }
}

fn weekends(draft: &Draft) -> (Vec<Option<u16>>, usize) {
    let mut saturdays: Vec<i32> = draft.days.iter().filter_map(crate::problem::Day::weekend).collect();
    saturdays.dedup();
    let number = |saturday| saturdays.partition_point(|own| *own < saturday) as u16;
    (draft.days.iter().map(|day| day.weekend().map(number)).collect(), saturdays.len())
}

fn forbidden_next(shifts: &Shifts, is_on: bool) -> Vec<u64> {
    let bits = |own: &crate::problem::ShiftType| {
        own.forbidden_next.iter().fold(0, |bits, next| bits | 1_u64 << (next.0 + 1))
    };
    let own = shifts.types.iter().map(|own| if is_on { bits(own) } else { 0 });
    std::iter::once(0).chain(own).collect()
}

fn covers(shifts: &Shifts, days: usize, scale: &Scale) -> Vec<Cover> {
    let codes = shifts.types.len() + 1;
    let mut table = vec![Cover::default(); days * codes];
    for cover in &shifts.covers {
        table[cover.day.at() * codes + usize::from(cover.shift.0) + 1] = Cover {
            required: cover.required,
            under: scale.cost(RuleId::ShiftUnder, cover.under_weight),
            over: scale.cost(RuleId::ShiftOver, cover.over_weight),
        };
    }
    table
}

/// A rule that is turned off limits nothing: no search needs to know.
fn limits(draft: &Draft, person: usize, scale: &Scale) -> Option<Limits> {
    let own: &ShiftLimits = draft.shifts.limits.get(person)?.as_ref()?;
    let days = draft.days.len() as u16;
    let most = |limit: u16, rule| if scale.is_on(rule) { limit } else { u16::MAX };
    let least = |limit: u16, rule| if scale.is_on(rule) { limit } else { 0 };
    let minutes_max = if scale.is_on(RuleId::ShiftMinutesMax) { own.minutes_max as i32 } else { i32::MAX };
    let minutes_min = if scale.is_on(RuleId::ShiftMinutesMin) { own.minutes_min as i32 } else { 0 };
    let of_types = own.most.iter().map(|limit| most(*limit, RuleId::ShiftsMost).min(days));
    Some(Limits {
        minutes_min,
        minutes_max,
        stretch_min: least(own.stretch_min, RuleId::ShiftStretchMin),
        stretch_max: most(own.stretch_max, RuleId::ShiftStretchMax),
        stretch_before: u16::from(draft.people[person].history.consecutive_days),
        rest_min: least(own.rest_min, RuleId::ShiftRestMin),
        weekends_max: most(own.weekends_max, RuleId::ShiftWeekendsMax),
        most: std::iter::once(days).chain(of_types).collect(),
    })
}

/// Days not open, people without shifts and types a contract allows none of leave [`OFF`]; a pin leaves one code.
fn allowed(draft: &Draft, codes: usize) -> Vec<u64> {
    let (days, all) = (draft.days.len(), u64::MAX >> (64 - codes));
    let mut table = Vec::with_capacity(draft.people.len() * days);
    for (at, person) in draft.people.iter().enumerate() {
        let types = draft.shifts.limits.get(at).and_then(Option::as_ref).map_or(1, |limits| {
            let none = limits.most.iter().enumerate().filter(|(_, most)| **most == 0);
            none.fold(all, |bits, (shift, _)| bits & !(1_u64 << (shift + 1)))
        });
        table.extend((0..days).map(|day| if is_open(person, day) { types } else { 1 }));
    }
    for pin in &draft.shifts.pins {
        table[pin.person.at() * days + pin.day.at()] = 1_u64 << code_of(pin.shift);
    }
    table
}
