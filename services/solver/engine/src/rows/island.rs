//! An island: one thread's search on one sheet, or on some days of it.

use roster::shifts::{Code, OFF, Sheet, Table, Weights};

use super::{
    chance::Chance,
    construct::LABELS_PER_STEP,
    dp::{Dp, Mode},
    large::{Large, Opening},
};
use crate::{budget::Meter, rng::Rng};

/// What a breach weighs against everything else: the large steps make none, and keep what pins force.
const BREACH: i64 = 1_000;
/// Labels a day: a poorer row from more tries comes further than the best one.
const WIDTH: usize = 4;
/// How often two or more people are opened around a week-end they share by halves: so many times in so many.
const PAIRED: (usize, usize) = (7, 8);
/// Days and people drawn to find such a pair.
const DRAWS: usize = 4;
const DRAWS_OF_PEOPLE: usize = 40;
/// What is kept of the past when shares are settled.
const FADING: f64 = 0.8;
/// How long week-ends are charged for, as a share of the budget: the rest fills what none was spent on.
const CHARGED: f64 = 0.8;

/// How hot a search runs: the temperature falls from `first` by `octaves` (in 65536ths) while the budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cooling {
    pub first: i64,
    pub octaves: i64,
    /// What a week-end is charged where they are limited: with the price of a hole, half of one is no more worth
    /// working, and those who share one by halves leave it to one of them.
    pub weekend: i64,
}

/// How hot it is at a moment.
#[derive(Clone, Copy, Debug)]
struct Heat {
    temperature: i64,
    /// What a week-end is charged.
    weekend: i64,
}

/// One search.
#[derive(Debug)]
pub(super) struct Island<'t> {
    pub sheet: Sheet<'t>,
    pub dps: Vec<Option<Dp<'t>>>,
    pub rng: Rng,
    /// Days it may change.
    pub days: (usize, usize),
    /// The best rows and their cost, breaches included.
    pub best: (i64, Vec<Code>),
    pub steps: u64,
    large: Large<'t>,
    chance: Chance,
    /// Whose rows it may change.
    pub people: Vec<usize>,
    sizes: Sizes,
    old: Vec<Code>,
}

/// How many people and days are opened: shares follow what each size achieved for its work.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    /// Per size: people, days, what it gained and what it worked, both fading.
    arms: Vec<Arm>,
    total: f64,
}

#[derive(Clone, Debug)]
struct Arm {
    people: usize,
    days: (usize, usize),
    gained: f64,
    worked: f64,
    drawn: f64,
    share: f64,
}

// === impl Cooling ===

impl Cooling {
    /// How hot it is when this share of the budget is spent.
    fn heat(&self, spent: f64) -> Heat {
        let weekend = if spent < CHARGED { self.weekend } else { 0 };
        Heat { temperature: self.temperature(spent), weekend }
    }

    fn temperature(&self, spent: f64) -> i64 {
        let fallen = (spent * self.octaves as f64) as i64;
        let (octave, within) = ((fallen >> 16).clamp(0, 40) as u32, fallen & 0xffff);
        // Straight lines between powers of two.
        let top = self.first >> octave;
        (top - ((top / 2 * within) >> 16)).max(1)
    }
}

// === impl Sizes ===

impl Sizes {
    fn new(days: usize) -> Self {
        let mut arms = Vec::new();
        for people in [1, 2, 3, 4] {
            for range in [(4, 9), (8, 14), (14, 28), (28, 56)] {
                if range.0 <= days {
                    let days = (range.0, range.1.min(days));
                    arms.push(Arm { people, days, gained: 0.0, worked: 0.0, drawn: 0.0, share: 1.0 });
                }
            }
        }
        if arms.is_empty() {
            arms.push(Arm { people: 1, days: (1, days), gained: 0.0, worked: 0.0, drawn: 0.0, share: 1.0 });
        }
        let total = arms.len() as f64;
        Self { arms, total }
    }

    fn draw(&self, rng: &mut Rng) -> usize {
        let mut left = f64::from(rng.next()) / 4_294_967_296.0 * self.total;
        for (index, arm) in self.arms.iter().enumerate() {
            left -= arm.share;
            if left < 0.0 {
                return index;
            }
        }
        self.arms.len() - 1
    }

    /// Shares by gain for work; every size keeps a part, because what pays changes as the plan gets better.
    fn settle(&mut self) {
        let rate = |arm: &Arm| arm.gained / arm.worked.max(1.0);
        let mean = self.arms.iter().map(rate).sum::<f64>() / self.arms.len() as f64;
        self.total = 0.0;
        for arm in &mut self.arms {
            // The share of the work follows the gain; a size that takes long is drawn the less often for it.
            let wanted = if mean > 0.0 { 0.3 + 0.7 * rate(arm) / mean } else { 1.0 };
            arm.share = wanted * arm.drawn.max(1.0) / arm.worked.max(1.0);
            self.total += arm.share;
            arm.gained *= FADING;
            arm.worked *= FADING;
            arm.drawn *= FADING;
        }
    }
}

// === impl Island ===

impl<'t> Island<'t> {
    pub fn new(table: &'t Table, rows: &[Code], dps: Vec<Option<Dp<'t>>>, rng: Rng) -> Self {
        let sheet = Sheet::new(table, rows);
        let best = (sheet.cost(&Weights::flat(BREACH)), rows.to_vec());
        let people = (0..dps.len()).filter(|&person| dps[person].is_some()).collect();
        Self {
            sheet,
            dps,
            rng,
            days: (0, table.days),
            best,
            steps: 0,
            large: Large::new(table),
            chance: Chance::new(),
            people,
            sizes: Sizes::new(table.days),
            old: Vec::new(),
        }
    }

    /// Goes on from other rows.
    pub fn restart(&mut self, rows: &[Code]) {
        self.sheet = Sheet::new(self.sheet.table(), rows);
        self.best = (self.sheet.cost(&Weights::flat(BREACH)), rows.to_vec());
    }

    /// Goes on from rows that are mostly its own, on these days of these people.
    pub fn go_on(&mut self, rows: &[Code], days: (usize, usize), people: &[usize]) {
        let length = self.sheet.table().days;
        for (person, row) in rows.chunks(length.max(1)).enumerate() {
            let own = self.sheet.row(person);
            let Some(from) = (0..length).find(|&day| own[day] != row[day]) else { continue };
            let to = (0..length).rfind(|&day| own[day] != row[day]).map_or(from, |day| day + 1);
            self.sheet.put(person, from, &row[from..to]);
        }
        self.best.0 = self.cost();
        self.best.1.copy_from_slice(rows);
        self.days = days;
        self.people.clear();
        self.people.extend_from_slice(people);
    }

    /// What the sheet costs now.
    pub fn cost(&self) -> i64 {
        self.sheet.cost(&Weights::flat(BREACH))
    }

    /// Searches until the budget is spent; the temperature follows `cooling` between two shares of the whole.
    pub fn run(&mut self, cooling: Cooling, (from, to): (f64, f64), mut meter: Meter<'_>) {
        if self.people.is_empty() || self.days.0 >= self.days.1 {
            return;
        }
        let mut cost = self.cost();
        self.sizes.settle();
        let mut is_best_current = false;
        let mut steps = 0_u64;
        while !meter.is_over() {
            let heat = cooling.heat(from + (to - from) * meter.spent());
            for _ in 0..16 {
                let size = self.sizes.draw(&mut self.rng);
                let gain = self.step(size, heat, &mut cost, &mut is_best_current);
                let work = 1 + self.large.scratch.take_work() / LABELS_PER_STEP;
                let arm = &mut self.sizes.arms[size];
                arm.gained += gain as f64;
                arm.worked += work as f64;
                arm.drawn += 1.0;
                steps += work;
                let _ = meter.charge(work);
            }
            if self.rng.next() & 63 == 0 {
                self.sizes.settle();
            }
        }
        if is_best_current {
            self.best.1.copy_from_slice(self.sheet.rows());
        }
        self.steps += steps;
    }

    /// Where to open so many days: half the time around a hole.
    fn first_day(&mut self, length: usize) -> usize {
        let span = self.days.1 - self.days.0;
        if self.rng.next() & 1 == 0 {
            for _ in 0..4 {
                let day = self.days.0 + self.rng.below(span);
                if self.is_short(day) {
                    let first = day.saturating_sub(self.rng.below(length)).max(self.days.0);
                    return first.min(self.days.1 - length);
                }
            }
        }
        self.days.0 + self.rng.below(span - length + 1)
    }

    /// Puts two people first who work half of the same week-end each, one its first day and one its second; the first
    /// of these days. Where week-ends are limited, halves waste them: one of the two may take both days.
    fn pair_halves(&mut self) -> Option<usize> {
        let table = self.sheet.table();
        for _ in 0..DRAWS {
            let day = self.days.0 + self.rng.below((self.days.1 - self.days.0 - 1).max(1));
            let is_pair = day + 1 < self.days.1 && table.weekend[day].is_some();
            if !is_pair || table.weekend[day] != table.weekend[day + 1] {
                continue;
            }
            let (mut first, mut second) = (None, None);
            for _ in 0..DRAWS_OF_PEOPLE {
                let place = self.rng.below(self.people.len());
                let row = self.sheet.row(self.people[place]);
                match (row[day] == OFF, row[day + 1] == OFF) {
                    (false, true) => first = Some(place),
                    (true, false) => second = Some(place),
                    _ => {}
                }
                if let (Some(first), Some(second)) = (first, second) {
                    self.people.swap(0, first);
                    self.people.swap(1, if second == 0 { first } else { second });
                    if self.rng.next() & 1 == 0 {
                        self.people.swap(0, 1);
                    }
                    return Some(day);
                }
            }
        }
        None
    }

    /// Where to open so many days for so many people, who stand first among the people then.
    fn open(&mut self, count: usize, length: usize) -> usize {
        for place in 0..count {
            let other = place + self.rng.below(self.people.len() - place);
            self.people.swap(place, other);
        }
        if count > 1
            && length > 1
            && self.rng.below(PAIRED.1) < PAIRED.0
            && let Some(day) = self.pair_halves()
        {
            let first = (day + 2).saturating_sub(length) + self.rng.below(length - 1);
            return first.clamp(self.days.0, self.days.1 - length);
        }
        self.first_day(length)
    }

    fn is_short(&self, day: usize) -> bool {
        let table = self.sheet.table();
        (1..table.codes as Code).any(|code| self.sheet.count(day, code) < table.cover(day, code).required)
    }

    /// One large step; how much better than the best it made the plan.
    fn step(&mut self, size: usize, heat: Heat, cost: &mut i64, is_best_current: &mut bool) -> i64 {
        let arm = self.sizes.arms[size].clone();
        let span = self.days.1 - self.days.0;
        let length = (arm.days.0 + self.rng.below(arm.days.1 - arm.days.0 + 1)).min(span);
        let count = arm.people.min(self.people.len());
        let from = self.open(count, length);
        let people = &self.people[..count];
        let days = (from, from + length);
        let Heat { temperature, weekend } = heat;
        let mode = Mode::Beam { width: WIDTH };
        let opening = Opening { people, days, weekend, noise: 2 * temperature, mode };
        let Some(new) = self.large.rebuild(&self.dps, &self.sheet, &opening, &mut self.rng) else { return 0 };
        let is_same = |(&person, new): (&usize, &Vec<Code>)| self.sheet.row(person)[from..days.1] == new[..];
        if people.iter().zip(new).all(is_same) {
            return 0;
        }
        if *is_best_current {
            // It is left now or never: what follows may be worse.
            self.best.1.copy_from_slice(self.sheet.rows());
            *is_best_current = false;
        }
        self.old.clear();
        let weekends =
            |sheet: &Sheet<'_>| people.iter().map(|&person| i64::from(sheet.weekends(person))).sum::<i64>();
        let weekends_before = weekends(&self.sheet);
        for (&person, new) in people.iter().zip(new) {
            self.old.extend_from_slice(&self.sheet.row(person)[from..days.1]);
            self.sheet.put(person, from, new);
        }
        let after = self.sheet.cost(&Weights::flat(BREACH));
        let delta = after - *cost + weekend * (weekends(&self.sheet) - weekends_before);
        if delta > 0 && delta > self.chance.draw(temperature, &mut self.rng) {
            for (place, &person) in people.iter().enumerate() {
                self.sheet.put(person, from, &self.old[place * length..][..length]);
            }
            return 0;
        }
        *cost = after;
        let gain = self.best.0 - after;
        if gain > 0 {
            self.best.0 = after;
            *is_best_current = true;
        }
        gain.max(0)
    }
}
