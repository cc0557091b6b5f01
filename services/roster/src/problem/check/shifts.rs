//! Checks what a draft says about shifts; above all that what is pinned could ever be worked.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use crate::{
    problem::{Availability, DayIx, PersonIx, SHIFT_TYPES_MAX, ShiftIx, ShiftLimits},
    rules,
    rules::RuleId,
    score::Score,
};

/// The heaviest weight of a demand, a wish or a change.
const WEIGHT_MAX: u32 = 1_000_000;
/// The longest shift: twenty-four hours, over a clock change one more.
const SHIFT_MINUTES_MAX: u16 = 1_500;
/// The largest limit of working time, more than the longest horizon holds.
const MINUTES_MAX: u32 = 1_000_000;
/// The most cells of people, days and types: half a gigabyte of tables.
const CELLS_MAX: usize = 1 << 26;
/// What everything may cost together at most, in thousandths: sums of it, weighed by a search, do not overflow.
const COST_MAX: i128 = 1 << 53;

// === impl Check ===

impl Check<'_> {
    pub(super) fn shifts(&mut self) {
        let draft = self.draft;
        let shifts = &draft.shifts;
        self.shift_types();
        for (position, cover) in shifts.covers.iter().enumerate() {
            let field = || format!("shifts.covers[{position}]");
            self.need(self.has_day(cover.day), || field() + ".day", "no such day");
            self.need(self.has_shift(cover.shift), || field() + ".shift", "no such type of shift");
            self.weight(|| field() + ".under_weight", cover.under_weight);
            self.weight(|| field() + ".over_weight", cover.over_weight);
        }
        self.once("shifts.covers", shifts.covers.iter().map(|own| (own.day, own.shift)));
        let length = shifts.limits.is_empty() || shifts.limits.len() == draft.people.len();
        self.need(length, || "shifts.limits".into(), "expected one entry per person, or none");
        for (position, limits) in shifts.limits.iter().enumerate() {
            if let Some(limits) = limits {
                self.shift_limits(position, limits);
            }
        }
        for (position, wish) in shifts.wishes.iter().enumerate() {
            let field = || format!("shifts.wishes[{position}]");
            self.cell(field, wish.person, wish.day, Some(wish.shift));
            self.weight(|| field() + ".weight", wish.weight);
        }
        for (position, entry) in shifts.published.iter().enumerate() {
            let field = || format!("shifts.published[{position}]");
            self.cell(field, entry.person, entry.day, entry.shift);
            self.weight(|| field() + ".change_cost", entry.change_cost);
        }
        self.once("shifts.published", shifts.published.iter().map(|own| (own.person, own.day)));
        for (position, pin) in shifts.pins.iter().enumerate() {
            self.cell(|| format!("shifts.pins[{position}]"), pin.person, pin.day, pin.shift);
        }
        self.once("shifts.pins", shifts.pins.iter().map(|own| (own.person, own.day)));
        if self.found.is_empty() {
            self.shift_pins();
            self.shift_costs();
        }
    }

    fn shift_types(&mut self) {
        let types = &self.draft.shifts.types;
        self.need(types.len() <= SHIFT_TYPES_MAX, || "shifts.types".into(), "expected at most 63 types");
        let cells = self.draft.people.len() * self.draft.days.len() * (types.len() + 1);
        self.need(
            types.is_empty() || cells <= CELLS_MAX,
            || "shifts".into(),
            "too many people, days and types",
        );
        self.need(
            !types.is_empty() || self.draft.shifts.limits.is_empty(),
            || "shifts.types".into(),
            "expected at least one type when people work shifts",
        );
        self.unique("shifts.types", types.iter().map(|own| own.id.as_str()));
        for (position, own) in types.iter().enumerate() {
            let field = || format!("shifts.types[{position}]");
            let minutes = (1..=SHIFT_MINUTES_MAX).contains(&own.minutes);
            self.need(minutes, || field() + ".minutes", "expected 1 to 1500");
            let exist = own.forbidden_next.iter().all(|next| self.has_shift(*next));
            self.need(exist, || field() + ".forbidden_next", "no such type of shift");
        }
    }

    fn shift_limits(&mut self, position: usize, limits: &ShiftLimits) {
        let field = |name: &str| format!("shifts.limits[{position}].{name}");
        let minutes = limits.minutes_min <= limits.minutes_max && limits.minutes_max <= MINUTES_MAX;
        self.need(minutes, || field("minutes_max"), "expected minutes_min to 1000000");
        let stretch = limits.stretch_min <= limits.stretch_max;
        self.need(stretch, || field("stretch_max"), "expected at least stretch_min");
        let most = limits.most.len() == self.draft.shifts.types.len();
        self.need(most, || field("most"), "expected one figure per type of shift");
    }

    fn has_shift(&self, shift: ShiftIx) -> bool {
        shift.at() < self.draft.shifts.types.len()
    }

    fn weight(&mut self, field: impl FnOnce() -> String, weight: u32) {
        self.need(weight <= WEIGHT_MAX, field, "expected at most 1000000");
    }

    fn cell(&mut self, field: impl Fn() -> String, person: PersonIx, day: DayIx, shift: Option<ShiftIx>) {
        self.need(self.has_person(person), || field() + ".person", "no such person");
        self.need(self.has_day(day), || field() + ".day", "no such day");
        let exists = shift.is_none_or(|shift| self.has_shift(shift));
        self.need(exists, || field() + ".shift", "no such type of shift");
    }

    fn once<T: Ord>(&mut self, table: &str, keys: impl Iterator<Item = T>) {
        let mut seen = BTreeSet::new();
        for (position, key) in keys.enumerate() {
            self.need(seen.insert(key), || format!("{table}[{position}]"), "named twice");
        }
    }

    /// Pins that no row could respect together: what search has no way around is the author's to settle.
    fn shift_pins(&mut self) {
        let mut by_person: BTreeMap<PersonIx, BTreeMap<DayIx, (usize, ShiftIx)>> = BTreeMap::new();
        for (position, pin) in self.draft.shifts.pins.iter().enumerate() {
            if let Some(shift) = pin.shift {
                by_person.entry(pin.person).or_default().insert(pin.day, (position, shift));
            }
        }
        for (person, pinned) in &by_person {
            for (day, (position, _)) in pinned {
                self.pinned_day(*person, *day, *position);
            }
            self.pinned_row(*person, pinned);
        }
    }

    fn pinned_day(&mut self, person: PersonIx, day: DayIx, position: usize) {
        let draft = self.draft;
        let field = || format!("shifts.pins[{position}]");
        let works = draft.shifts.limits.get(person.at()).is_some_and(Option::is_some);
        self.need(works, || field() + ".person", "works no shifts");
        let halves = &draft.people[person.at()].availability[day.at() * 2..day.at() * 2 + 2];
        let open = halves.iter().copied().all(Availability::allows_duty);
        self.need(open, || field() + ".day", "the person is not there that day");
    }

    /// Successions and upper limits, over the pinned days alone: free days can only add to them.
    fn pinned_row(&mut self, person: PersonIx, pinned: &BTreeMap<DayIx, (usize, ShiftIx)>) {
        let draft = self.draft;
        let types = &draft.shifts.types;
        let Some(Some(limits)) = draft.shifts.limits.get(person.at()) else { return };
        let is_on = |rule: RuleId| rules::settings(&draft.parameters)[rule as usize].weight > 0;
        let (mut minutes, mut used, mut run) = (0_u32, vec![0_u16; types.len()], 0_u16);
        let mut last: Option<(DayIx, ShiftIx)> = None;
        let mut saturdays = BTreeSet::new();
        for (day, (position, shift)) in pinned {
            let field = || format!("shifts.pins[{position}].shift");
            let follows = last.filter(|(before, _)| before.0 + 1 == day.0);
            let forbidden =
                follows.is_some_and(|(_, before)| types[before.at()].forbidden_next.contains(shift));
            let holds = !forbidden || !is_on(RuleId::ShiftSuccession);
            self.need(holds, field, "may not follow the shift pinned the day before");
            minutes += u32::from(types[shift.at()].minutes);
            self.need(
                minutes <= limits.minutes_max || !is_on(RuleId::ShiftMinutesMax),
                field,
                "the pinned shifts exceed minutes_max",
            );
            used[shift.at()] += 1;
            let most = used[shift.at()] <= limits.most[shift.at()] || !is_on(RuleId::ShiftsMost);
            self.need(most, field, "more of this type is pinned than the limits allow");
            run = if follows.is_some() { run + 1 } else { 1 };
            let stretch = run <= limits.stretch_max || !is_on(RuleId::ShiftStretchMax);
            self.need(stretch, field, "more days in a row are pinned than stretch_max");
            saturdays.extend(draft.days[day.at()].weekend());
            let weekends =
                saturdays.len() <= usize::from(limits.weekends_max) || !is_on(RuleId::ShiftWeekendsMax);
            self.need(weekends, field, "more week-ends are pinned than weekends_max");
            last = Some((*day, *shift));
        }
    }

    /// All that shifts can ever cost, counted with room to spare.
    fn shift_costs(&mut self) {
        let draft = self.draft;
        let settings = rules::settings(&draft.parameters);
        let weight = |rule: RuleId| i128::from(settings[rule as usize].weight);
        let people = draft.people.len() as i128;
        let mut total = 0_i128;
        for cover in &draft.shifts.covers {
            total += weight(RuleId::ShiftUnder) * i128::from(cover.under_weight) * i128::from(cover.required);
            total += weight(RuleId::ShiftOver) * i128::from(cover.over_weight) * people;
        }
        for wish in &draft.shifts.wishes {
            total += weight(RuleId::Wish) * i128::from(wish.weight);
        }
        for entry in &draft.shifts.published {
            total += weight(RuleId::Change) * i128::from(entry.change_cost);
        }
        let holds = total * i128::from(Score::UNIT) <= COST_MAX;
        self.need(holds, || "shifts".into(), "all weights together are too large to be counted exactly");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        problem::{
            Draft, PublishedShift, RuleSetting, ShiftCover, ShiftPin, ShiftType, ShiftWish, check::violations,
        },
        score::Level,
        testing::shifts_draft,
    };

    /// A field and what spoils it.
    type Fault = (&'static str, fn(&mut Draft));

    fn pin(person: u16, day: u16, shift: u16) -> ShiftPin {
        ShiftPin { person: PersonIx(person), day: DayIx(day), shift: Some(ShiftIx(shift)) }
    }

    fn wish(weight: u32) -> ShiftWish {
        ShiftWish { person: PersonIx(0), day: DayIx(0), shift: ShiftIx(0), is_wanted: true, weight }
    }

    fn cover(day: u16, required: u16, under_weight: u32) -> ShiftCover {
        ShiftCover { day: DayIx(day), shift: ShiftIx(0), required, under_weight, over_weight: 0 }
    }

    /// Two open people, two types, nothing pinned.
    fn plain() -> Draft {
        let mut draft = shifts_draft(3, 2, 14, 2);
        let open = Availability::Working;
        draft.people.iter_mut().for_each(|person| person.availability.fill(open));
        draft.shifts.limits[0] = Some(ShiftLimits {
            minutes_min: 0,
            minutes_max: 10_000,
            stretch_min: 1,
            stretch_max: 3,
            rest_min: 1,
            weekends_max: 1,
            most: vec![4, 4],
        });
        draft.shifts.types[0].forbidden_next = vec![ShiftIx(1)];
        draft.shifts.types[1].forbidden_next = Vec::new();
        draft.shifts.pins.clear();
        draft.shifts.published.clear();
        draft
    }

    #[test]
    fn sound_drafts_have_no_violation() {
        for seed in 0..50 {
            assert_eq!(violations(&shifts_draft(seed, 5, 16, 3)), []);
        }
        assert_eq!(violations(&plain()), []);
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        let faults: [Fault; 19] = [
            ("shifts.types", |draft| {
                let one = |at: usize| ShiftType { id: format!("s{at}"), minutes: 60, forbidden_next: vec![] };
                draft.shifts.types = (0..64).map(one).collect();
            }),
            ("shifts.types", |draft| draft.shifts.types.clear()),
            ("shifts.types[1].id", |draft| draft.shifts.types[1].id = draft.shifts.types[0].id.clone()),
            ("shifts.types[0].minutes", |draft| draft.shifts.types[0].minutes = 0),
            ("shifts.types[0].forbidden_next", |draft| {
                draft.shifts.types[0].forbidden_next = vec![ShiftIx(2)];
            }),
            ("shifts.limits", |draft| drop(draft.shifts.limits.pop())),
            ("shifts.limits[0].minutes_max", |draft| {
                draft.shifts.limits[0].as_mut().unwrap().minutes_min = 10_001;
            }),
            ("shifts.limits[0].stretch_max", |draft| {
                draft.shifts.limits[0].as_mut().unwrap().stretch_min = 4;
            }),
            ("shifts.limits[0].most", |draft| draft.shifts.limits[0].as_mut().unwrap().most = vec![4]),
            ("shifts.covers[0].day", |draft| draft.shifts.covers = vec![cover(14, 1, 1)]),
            ("shifts.covers[1]", |draft| draft.shifts.covers = vec![cover(1, 1, 1), cover(1, 2, 1)]),
            ("shifts.covers[0].under_weight", |draft| draft.shifts.covers = vec![cover(1, 1, 1_000_001)]),
            ("shifts.wishes[0].weight", |draft| draft.shifts.wishes = vec![wish(u32::MAX)]),
            ("shifts.published[0].shift", |draft| {
                draft.shifts.published = vec![PublishedShift {
                    person: PersonIx(0),
                    day: DayIx(0),
                    shift: Some(ShiftIx(9)),
                    change_cost: 1,
                }];
            }),
            ("shifts.pins[1]", |draft| draft.shifts.pins = vec![pin(0, 1, 0), pin(0, 1, 1)]),
            ("shifts.pins[0].person", |draft| {
                draft.shifts.limits[1] = None;
                draft.shifts.pins = vec![pin(1, 1, 0)];
            }),
            ("shifts.pins[0].day", |draft| {
                draft.people[0].availability[3] = Availability::Absent;
                draft.shifts.pins = vec![pin(0, 1, 0)];
            }),
            ("shifts.pins[1].shift", |draft| draft.shifts.pins = vec![pin(0, 1, 0), pin(0, 2, 1)]),
            ("shifts", |draft| {
                let setting = |rule| RuleSetting { rule, level: Level::Preference, weight: 1_000_000 };
                draft.parameters.settings = vec![setting(RuleId::ShiftUnder)];
                draft.shifts.covers = vec![cover(1, u16::MAX, 1_000_000)];
            }),
        ];
        for (field, spoil) in faults {
            let mut draft = plain();
            spoil(&mut draft);
            let found = violations(&draft);
            assert!(found.iter().any(|own| own.field == field), "expected {field}, found {found:?}");
        }
    }

    #[test]
    fn pins_beyond_the_limits_are_found_unless_the_rule_is_off() {
        let rows: [(RuleId, &[(u16, u16)]); 3] = [
            (RuleId::ShiftStretchMax, &[(0, 0), (1, 0), (2, 0), (3, 0)]),
            (RuleId::ShiftsMost, &[(0, 1), (1, 1), (3, 1), (4, 1), (7, 1)]),
            (RuleId::ShiftWeekendsMax, &[(5, 0), (12, 0)]),
        ];
        for (rule, row) in rows {
            let mut draft = plain();
            draft.shifts.pins = row.iter().map(|(day, shift)| pin(0, *day, *shift)).collect();
            assert_eq!(violations(&draft).len(), 1, "{rule:?}");
            draft.parameters.settings = vec![RuleSetting { rule, level: Level::Hard, weight: 0 }];
            assert_eq!(violations(&draft), [], "{rule:?}");
        }
    }
}
