//! The duties of a problem, compiled: who may hold what on which day, at what cost, and what counts across days.

use std::sync::atomic::AtomicU64;

use roster::{
    Problem, RuleId, Score,
    problem::{
        Ask, Availability, Counter, DayIx, DayKind, Half, HalfDay, Person, PersonIx, RuleParameters, Seat,
        SlotIx, SlotKind,
    },
};

use super::charges::{Charges, Weighing};
use crate::columns::Demand;

/// Gaps longer than this are all the same to the state of a row.
pub(super) const GAP_MAX: u16 = 60;
/// What a slot taken twice costs at least: no lawful plan does that, so any price keeps a bound a bound.
const TWICE: i64 = 1_000_000;

/// A month's duties, ready to be priced.
pub(crate) struct Duties {
    /// One per person who may hold a duty or has a share in them.
    pub(super) people: Vec<Somebody>,
    pub(super) demands: Vec<Demand>,
    /// The slots behind the first demands, in order; the others are counters.
    pub(super) slots: Vec<SlotIx>,
    pub(super) calendar: Calendar,
    /// Labels made since somebody asked.
    pub(super) labels: AtomicU64,
}

/// What the days are, the same for everybody.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    /// 0 for a Saturday, 1 for a Sunday.
    pub from_saturday: Vec<i32>,
    /// The day begins a month, and is not the first of the horizon.
    pub begins_month: Vec<bool>,
    /// A window of gardes that ends this day touches school holidays.
    pub touches_holidays: Vec<bool>,
    /// Days in a window of gardes.
    pub window: usize,
}

/// One way to spend a day: off duty, a garde, an astreinte.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    pub garde: bool,
    pub astreinte: bool,
    pub cost: i64,
    pub covers: Vec<u32>,
}

/// One person's side of the model.
#[derive(Clone, Debug)]
pub(super) struct Somebody {
    pub person: PersonIx,
    /// The ways to spend each day, off duty first when that is possible.
    pub days: Vec<Vec<Choice>>,
    /// Gardes before the horizon: bit `i` is the day `-1 - i`.
    pub gardes_before: u64,
    /// The day of the last astreinte before the horizon.
    pub astreinte_before: Option<i32>,
    pub astreintes_of_first_month: u16,
    /// Saturdays of duty week-ends before the horizon (or cut by its start): garde, astreinte.
    pub weekends_before: Vec<(i32, bool, bool)>,
    /// What a gap of so many days between gardes costs; `None` is forbidden. The last entry stands for all longer ones.
    pub garde_gap: Vec<Option<i64>>,
    pub astreinte_gap: Vec<Option<i64>>,
    /// By how many gardes a window holds: what one that touches no school holidays costs, and one that does.
    pub in_window: Vec<[Option<i64>; 2]>,
    /// By how many astreintes the month holds.
    pub in_month: Vec<Option<i64>>,
    pub astreinte_in_rest: Option<i64>,
    /// A week-end with both kinds, or next to one with the other kind.
    pub crossed: Option<i64>,
    /// Duty week-ends one and two weeks apart.
    pub near: [Option<i64>; 2],
}

/// Rules of a person's sequence that are not enforced: a derogation was given, or the pins break them.
#[derive(Clone, Copy)]
struct Leniency<'p> {
    problem: &'p Problem,
    person: PersonIx,
    everything: bool,
}

// === impl Duties ===

impl Duties {
    /// The duties of a problem; `None` when there are none, or when the rule set allows what rows do not know (two
    /// duties of one person on one day).
    pub fn of(problem: &Problem, weighing: Weighing) -> Option<Self> {
        let charges = Charges::of(problem, weighing);
        let slots: Vec<SlotIx> =
            problem.slot_indices().filter(|slot| problem.slot(*slot).kind.is_duty()).collect();
        if slots.is_empty() || !is_spoken(problem, &charges) {
            return None;
        }
        let mut demands: Vec<Demand> =
            slots.iter().map(|slot| slot_demand(problem, &charges, *slot)).collect();
        let calendar = Calendar::of(problem);
        let people = (problem.person_indices())
            .filter_map(|person| Somebody::of(problem, &charges, person, &slots, &calendar, &mut demands))
            .collect();
        Some(Self { people, demands, slots, calendar, labels: AtomicU64::new(0) })
    }

    /// The position of somebody in the model, and the demand of a slot.
    pub fn position(&self, person: PersonIx, slot: SlotIx) -> Option<(usize, u32)> {
        let position = self.people.iter().position(|own| own.person == person)?;
        let demand = self.slots.binary_search(&slot).ok()?;
        Some((position, demand as u32))
    }

    /// Makes holding a slot dearer for somebody.
    pub fn surcharge(&mut self, (position, demand): (usize, u32), more: i64) {
        for choice in self.people[position].days.iter_mut().flatten() {
            if choice.covers.contains(&demand) {
                choice.cost += more;
            }
        }
    }

    /// Who a position of the model is.
    #[cfg(test)]
    pub fn person(&self, position: usize) -> PersonIx {
        self.people[position].person
    }

    /// The slot a demand stands for; `None` for a counter.
    #[cfg(test)]
    pub fn slot(&self, demand: u32) -> Option<SlotIx> {
        self.slots.get(demand as usize).copied()
    }
}

/// Rules that a row takes for granted are inviolable here, nobody has a derogation from them, and no garde is split.
fn is_spoken(problem: &Problem, charges: &Charges) -> bool {
    let granted = [RuleId::GardeAndAstreinte, RuleId::GardeAlone, RuleId::DoubleBooking];
    let parameters = problem.parameters();
    let is_whole = |slot: &roster::problem::Slot| {
        !slot.kind.is_duty() || matches!(slot.kind, SlotKind::Garde { .. } | SlotKind::Astreinte { .. })
    };
    granted.into_iter().all(|rule| charges.is_hard(rule))
        && problem.slots().iter().all(is_whole)
        && problem.draft().derogations.iter().all(|own| !granted.contains(&own.rule))
        && parameters.garde_gap_ideal <= GAP_MAX
        && parameters.astreinte_gap_min <= GAP_MAX
}

fn slot_demand(problem: &Problem, charges: &Charges, slot: SlotIx) -> Demand {
    let own = problem.slot(slot);
    let rule = match own.kind {
        SlotKind::Garde { .. } => RuleId::GardeCoverage,
        _ => RuleId::AstreinteCoverage,
    };
    let seat = Seat::performer(slot);
    let is_out_of_reach = match problem.pin(seat) {
        Some(pinned) => pinned.is_none(),
        None => problem.candidates(seat).is_empty(),
    };
    let hole = charges.hole(rule, own.weight, is_out_of_reach);
    let changed = published(problem, charges, slot).map_or(0, |(_, cost)| cost.unwrap_or(0));
    Demand { base: hole + changed, slopes: vec![(1, -hole), (u32::MAX, TWICE.max(2 * hole))] }
}

/// Whom a slot was published for, and what giving it to somebody else costs.
fn published(problem: &Problem, charges: &Charges, slot: SlotIx) -> Option<(PersonIx, Option<i64>)> {
    let entry = problem.published(Seat::performer(slot))?;
    let cost = charges.cost(RuleId::Change, i64::from(entry.change_cost) * Score::UNIT);
    Some((entry.person?, cost))
}

// === impl Calendar ===

impl Calendar {
    fn of(problem: &Problem) -> Self {
        let days = problem.days();
        let window = usize::from(problem.parameters().gardes_rolling_days);
        let touches = |day: usize| days[(day + 1).saturating_sub(window)..=day].iter();
        Self {
            // Day number 2 was a Saturday (1970-01-03).
            from_saturday: days.iter().map(|day| (day.number - 2).rem_euclid(7)).collect(),
            begins_month: (0..days.len())
                .map(|day| day > 0 && days[day].month != days[day - 1].month)
                .collect(),
            touches_holidays: (0..days.len())
                .map(|day| touches(day).any(|own| own.is_school_holiday))
                .collect(),
            window,
        }
    }
}

// === impl Somebody ===

impl Somebody {
    fn of(
        problem: &Problem,
        charges: &Charges,
        person: PersonIx,
        slots: &[SlotIx],
        calendar: &Calendar,
        demands: &mut Vec<Demand>,
    ) -> Option<Self> {
        let may = |slot: &SlotIx| {
            let seat = Seat::performer(*slot);
            match problem.pin(seat) {
                Some(pinned) => pinned == Some(person),
                None => problem.candidates(seat).contains(&person),
            }
        };
        let own: Vec<(u32, SlotIx)> = slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| may(slot))
            .map(|(at, slot)| (at as u32, *slot))
            .collect();
        let counters = counters(problem, charges, person, demands);
        // Who may hold nothing this month still has a share to be short of, and wishes to be refused.
        if own.is_empty() && counters.is_empty() && Asks::of(problem, person).own.is_empty() {
            return None;
        }
        let mut leniency = Leniency { problem, person, everything: false };
        let mut somebody = Self::rules(problem, charges, leniency);
        somebody.days = days(problem, charges, leniency, &own, &counters);
        if !somebody.pins_are_legal(calendar) {
            leniency.everything = true;
            let days = somebody.days;
            somebody = Self { days, ..Self::rules(problem, charges, leniency) };
        }
        Some(somebody)
    }

    /// What the rules say of this person's sequence of days, and what came before.
    fn rules(problem: &Problem, charges: &Charges, leniency: Leniency) -> Self {
        let parameters = problem.parameters();
        let who = problem.person(leniency.person);
        let cost = |rule, units: u16| leniency.cost(charges, rule, i64::from(units) * Score::UNIT);
        let (min, ideal) = (parameters.garde_gap_min, parameters.garde_gap_ideal.max(2));
        let garde_gap = |gap: u16| match gap {
            0 => Some(0),
            1 => cost(RuleId::ConsecutiveGardes, 1),
            gap if gap < min => cost(RuleId::GardeSpacingMin, min - gap),
            gap if gap < ideal => cost(RuleId::GardeSpacingIdeal, ideal - gap),
            _ => Some(0),
        };
        let apart = parameters.astreinte_gap_min;
        let astreinte_gap = |gap: u16| match gap {
            gap if gap > 0 && gap < apart => cost(RuleId::AstreinteSpacing, apart - gap),
            _ => Some(0),
        };
        let usual = u16::from(RuleParameters::pro_rata(parameters.gardes_rolling_max, who.percentage));
        let school = parameters.gardes_rolling_max_school_holidays;
        let school = u16::from(RuleParameters::pro_rata(school, who.percentage)).max(usual);
        let month = u16::from(RuleParameters::pro_rata(parameters.astreintes_month_max, who.percentage));
        let in_window = |count: u16| {
            let over = cost(RuleId::GardesRollingMax, count.saturating_sub(usual));
            let holidays = cost(RuleId::GardesRollingMaxHolidays, count.saturating_sub(usual));
            [over, if count <= school { holidays } else { over }]
        };
        let in_rest = if parameters.astreinte_in_rest_forbidden { 1 } else { 0 };
        Self {
            person: leniency.person,
            days: Vec::new(),
            gardes_before: gardes_before(who),
            astreinte_before: who.history.astreintes.last().copied(),
            astreintes_of_first_month: astreintes_of_first_month(problem, who),
            weekends_before: weekends_before(problem, who),
            garde_gap: (0..=ideal.max(min)).map(garde_gap).collect(),
            astreinte_gap: (0..=apart.max(1)).map(astreinte_gap).collect(),
            in_window: (0..=64).map(in_window).collect(),
            in_month: (0..=64)
                .map(|count: u16| cost(RuleId::AstreintesMonthMax, count.saturating_sub(month)))
                .collect(),
            astreinte_in_rest: cost(RuleId::AstreinteInRest, in_rest),
            crossed: cost(RuleId::WeekendGardeThenAstreinte, 1),
            near: [cost(RuleId::NearWeekends, 2), cost(RuleId::NearWeekends, 1)],
        }
    }

    /// Whether the pinned duties alone keep the rules of sequence.
    fn pins_are_legal(&self, calendar: &Calendar) -> bool {
        let off = Choice::default();
        let row: Vec<&Choice> = (self.days.iter())
            .map(|own| match own.first() {
                Some(first) if first.garde || first.astreinte => first,
                _ => &off,
            })
            .collect();
        self.days.iter().all(|own| !own.is_empty()) && self.sequence_cost(calendar, &row).is_some()
    }
}

fn gardes_before(who: &Person) -> u64 {
    let recent = who.history.gardes.iter().filter(|day| (-64..0).contains(*day));
    recent.fold(0, |mask, day| mask | 1 << (-1 - day))
}

fn astreintes_of_first_month(problem: &Problem, who: &Person) -> u16 {
    let first = 1 - i32::from(problem.days()[0].day_of_month);
    who.history.astreintes.iter().filter(|day| **day >= first).count() as u16
}

/// Duty week-ends of the past, oldest first; the one the horizon's start cuts comes last.
fn weekends_before(problem: &Problem, who: &Person) -> Vec<(i32, bool, bool)> {
    let first = problem.days()[0].number;
    let saturday = |day: &i32| {
        let from_saturday = (first + day - 2).rem_euclid(7);
        (from_saturday < 2).then_some(day - from_saturday)
    };
    let mut weekends: Vec<(i32, bool, bool)> = Vec::new();
    let gardes = who.history.gardes.iter().filter_map(saturday).map(|day| (day, true, false));
    let astreintes = who.history.astreintes.iter().filter_map(saturday).map(|day| (day, false, true));
    for (day, garde, astreinte) in gardes.chain(astreintes) {
        match weekends.iter_mut().find(|own| own.0 == day) {
            Some(own) => (own.1, own.2) = (own.1 | garde, own.2 | astreinte),
            None => weekends.push((day, garde, astreinte)),
        }
    }
    weekends.sort_unstable();
    weekends
}

/// The counters that duties add to.
const DUTY_COUNTERS: [Counter; 13] = [
    Counter::Gardes,
    Counter::GardesWeekday,
    Counter::GardesFriday,
    Counter::GardesSaturday,
    Counter::GardesSunday,
    Counter::GardesHoliday,
    Counter::GardesSpecial,
    Counter::GardesWeekend,
    Counter::Astreintes,
    Counter::AstreintesWeekend,
    Counter::AstreintesFriday,
    Counter::AstreintesHoliday,
    Counter::AstreintesSpecial,
];

/// A counter's weight, as the balance of fairness and fatigue has it (600 is the catalogue's own weight).
pub(crate) fn equity_weight(problem: &Problem, counter: Counter) -> i64 {
    let parameters = problem.parameters();
    (parameters.counter_weight(counter) * i64::from(parameters.equity_permille) + 300) / 600
}

/// A person's counters as demands: those a garde or an astreinte of each day adds to.
fn counters(
    problem: &Problem,
    charges: &Charges,
    person: PersonIx,
    demands: &mut Vec<Demand>,
) -> Vec<(Counter, u32)> {
    let mut found = Vec::new();
    for counter in &DUTY_COUNTERS {
        let Some(target) = problem.target(person, *counter) else { continue };
        let weight = equity_weight(problem, *counter);
        let history = problem.history(person, *counter);
        let cost = |count: u32| {
            let off = (history + i64::from(count) * Counter::ONE - target).abs();
            charges.cost(RuleId::DutyEquity, weight * convex(off)).unwrap_or(i64::MAX / 1_000_000)
        };
        let most = problem.days().len() as u32;
        let mut slopes: Vec<(u32, i64)> = Vec::new();
        for count in 0..most {
            let slope = cost(count + 1) - cost(count);
            match slopes.last_mut() {
                Some(last) if last.1 == slope => last.0 = count + 1,
                _ => slopes.push((count + 1, slope)),
            }
        }
        if let Some(last) = slopes.last_mut() {
            last.0 = u32::MAX;
        }
        found.push((*counter, demands.len() as u32));
        demands.push(Demand { base: cost(0), slopes });
    }
    found
}

/// What being off target costs, both in thousandths (domain dossier §4.8: slopes 1, 2, then 3).
pub(crate) fn convex(off: i64) -> i64 {
    off + (off - Score::UNIT).max(0) + (off - 2 * Score::UNIT).max(0)
}

/// The counters a duty adds to.
fn counted(problem: &Problem, slot: SlotIx) -> Vec<Counter> {
    let slot = problem.slot(slot);
    let day = problem.day(slot.day);
    let kind = day.kind();
    let mut found = Vec::new();
    if matches!(slot.kind, SlotKind::Garde { .. }) {
        found.push(Counter::Gardes);
        found.push(match kind {
            DayKind::Weekday => Counter::GardesWeekday,
            DayKind::Friday => Counter::GardesFriday,
            DayKind::Saturday => Counter::GardesSaturday,
            DayKind::Sunday => Counter::GardesSunday,
            DayKind::Holiday => Counter::GardesHoliday,
        });
        found.extend(matches!(kind, DayKind::Saturday | DayKind::Sunday).then_some(Counter::GardesWeekend));
        found.extend(day.is_special.then_some(Counter::GardesSpecial));
    } else {
        found.push(Counter::Astreintes);
        found.extend((!day.is_working_day()).then_some(Counter::AstreintesWeekend));
        found.extend((kind == DayKind::Friday).then_some(Counter::AstreintesFriday));
        found.extend((kind == DayKind::Holiday).then_some(Counter::AstreintesHoliday));
        found.extend(day.is_special.then_some(Counter::AstreintesSpecial));
    }
    found
}

/// The ways to spend each day.
fn days(
    problem: &Problem,
    charges: &Charges,
    leniency: Leniency,
    own: &[(u32, SlotIx)],
    counters: &[(Counter, u32)],
) -> Vec<Vec<Choice>> {
    let asks = Asks::of(problem, leniency.person);
    let mut days: Vec<Vec<Choice>> = problem
        .day_indices()
        .map(|day| {
            let off = asks.cost(problem, charges, day, &[]);
            off.map(|cost| Choice { cost, ..Choice::default() }).into_iter().collect()
        })
        .collect();
    let mut pinned: Vec<Vec<(u32, SlotIx)>> = vec![Vec::new(); days.len()];
    for (demand, slot) in own {
        let day = problem.slot(*slot).day;
        if problem.pin(Seat::performer(*slot)).is_some() {
            pinned[day.at()].push((*demand, *slot));
        }
        days[day.at()].extend(choice(problem, charges, leniency, &asks, &[(*demand, *slot)], counters));
    }
    for (day, held) in pinned.iter().enumerate().filter(|(_, held)| !held.is_empty()) {
        days[day] = choice(problem, charges, leniency, &asks, held, counters).into_iter().collect();
    }
    days
}

/// Holding these duties of one day; `None` when that may not be.
fn choice(
    problem: &Problem,
    charges: &Charges,
    leniency: Leniency,
    asks: &Asks,
    held: &[(u32, SlotIx)],
    counters: &[(Counter, u32)],
) -> Option<Choice> {
    let mut all = Choice::default();
    let mut slots = Vec::new();
    for (demand, slot) in held {
        let garde = matches!(problem.slot(*slot).kind, SlotKind::Garde { .. });
        let is_pinned = problem.pin(Seat::performer(*slot)).is_some();
        all.garde |= garde;
        all.astreinte |= !garde;
        all.cost += duty_cost(problem, charges, leniency, *slot, garde, is_pinned)?;
        all.covers.push(*demand);
        for counter in counted(problem, *slot) {
            all.covers.extend(counters.iter().find(|(own, _)| *own == counter).map(|(_, demand)| *demand));
        }
        slots.push((*slot, garde));
    }
    all.covers.sort_unstable();
    let day = problem.slot(held.first()?.1).day;
    all.cost += match asks.cost(problem, charges, day, &slots) {
        Some(cost) => cost,
        None if problem.pin(Seat::performer(held[0].1)).is_some() => 0,
        None => return None,
    };
    Some(all)
}

/// What holding one duty costs by itself; `None` when it may not be.
fn duty_cost(
    problem: &Problem,
    charges: &Charges,
    leniency: Leniency,
    slot: SlotIx,
    garde: bool,
    is_pinned: bool,
) -> Option<i64> {
    let person = leniency.person;
    let who = problem.person(person);
    let day = problem.slot(slot).day;
    let at = |day: DayIx| who.availability.get(HalfDay::new(day, Half::Morning).at()).copied();
    let mut rules = Vec::new();
    let unwelcome = |own: &&roster::problem::DutyUnavailability| {
        own.day == day && own.is_flexible && (if garde { own.garde } else { own.astreinte })
    };
    if who.duty_unavailabilities.iter().any(|own| unwelcome(&own)) {
        rules.push(RuleId::DutyUnwelcome);
    }
    if who.is_locum {
        rules.push(RuleId::LocumUsed);
    }
    if garde {
        if at(DayIx(day.0 + 1)) == Some(Availability::Absent) {
            rules.push(RuleId::GardeBeforeLeave);
        }
        let is_week_day = matches!(problem.day(day).kind(), DayKind::Weekday | DayKind::Friday);
        if is_week_day && at(day) == Some(Availability::DutyOnly) {
            rules.push(RuleId::GardeOnWorkingDay);
        }
        let run = if day.0 == 0 { u16::from(who.history.consecutive_days) } else { 0 };
        if run + 1 > u16::from(problem.parameters().consecutive_days_max) {
            rules.push(RuleId::ConsecutiveDaysMax);
        }
        // One garde alone is more than may still be given; what several posts come to is not for a row to say.
        let minutes = i64::from(problem.day(day).garde_minutes);
        if charges.is_hard(RuleId::HoursCredit)
            && who.credit_minutes.is_some_and(|credit| minutes > credit.max(0))
        {
            rules.push(RuleId::HoursCredit);
        }
    }
    let mut cost = 0;
    for rule in rules {
        match leniency.cost(charges, rule, Score::UNIT) {
            Some(own) => cost += own,
            None if is_pinned => {}
            None => return None,
        }
    }
    match published(problem, charges, slot) {
        Some((former, Some(change))) if former == person => cost -= change,
        Some((former, None)) if former != person && !is_pinned => return None,
        _ => {}
    }
    Some(cost)
}

/// What one person asks for, as far as duties alone decide it.
struct Asks {
    own: Vec<(DayIx, Ask, Option<u16>)>,
}

// === impl Asks ===

impl Asks {
    fn of(problem: &Problem, person: PersonIx) -> Self {
        let draft = problem.draft();
        let requests = draft.requests.iter().map(|own| (own.person, own.ask, None));
        let wishes = draft.wishes.iter().map(|own| (own.person, own.ask, Some(own.weight)));
        let own = requests.chain(wishes).filter(|(who, ..)| *who == person);
        Self { own: own.map(|(_, ask, weight)| (ask.day(&draft.slots), ask, weight)).collect() }
    }

    /// What is refused on a day when these duties are held; `None` when that may not be.
    fn cost(&self, problem: &Problem, charges: &Charges, day: DayIx, held: &[(SlotIx, bool)]) -> Option<i64> {
        let garde = held.iter().any(|(_, garde)| *garde);
        let astreinte = held.iter().any(|(_, garde)| !garde);
        let mut cost = 0;
        for (_, ask, weight) in self.own.iter().filter(|(own, ..)| *own == day) {
            let holds = match ask {
                Ask::Garde(_) => garde,
                Ask::NoGarde(_) => !garde,
                Ask::Astreinte(_) => astreinte,
                Ask::NoAstreinte(_) => !astreinte,
                Ask::Off(_) => !garde,
                Ask::Slot(slot) if problem.slot(*slot).kind.is_duty() => {
                    held.iter().any(|(own, _)| own == slot)
                }
                // Posts of the day may still give it.
                Ask::Work(_) | Ask::Consultation(_) | Ask::Slot(_) => true,
            };
            if !holds {
                cost += match weight {
                    None => charges.unit(RuleId::RequestGranted)?,
                    Some(weight) => charges.cost(RuleId::Wish, i64::from(*weight) * Score::UNIT)?,
                };
            }
        }
        Some(cost)
    }
}

// === impl Leniency ===

impl Leniency<'_> {
    /// What a breach costs this person; a rule not enforced costs nothing.
    fn cost(&self, charges: &Charges, rule: RuleId, amount: i64) -> Option<i64> {
        let derogated = || {
            self.problem.draft().derogations.iter().any(|own| own.rule == rule && own.person == self.person)
        };
        match charges.cost(rule, amount) {
            None if charges.is_hard(rule) && (self.everything || derogated()) => Some(0),
            cost => cost,
        }
    }
}
