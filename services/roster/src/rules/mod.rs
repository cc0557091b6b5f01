//! The rules: one table of contents, then one file per family.
//!
//! A rule is named by its [`RuleId`], counts at one level, and weighs so much per unit of breach. A family's
//! function looks at one small thing — a slot, a person's day, a person's duties — and reports to a sink, which sums
//! for the score or keeps typed matches for the explanation. The score is the sum over all small things; a move
//! changes few of them, so its effect is what those few say after, minus what they said before.
//!
//! | looks at | file | rules |
//! |---|---|---|
//! | a slot | `coverage` | G1 G2 C3 I4 B2 B4 B3 B18, and B19 for its sector's half-day |
//! | a slot | `fit` | A1 G5 C1 I1 G19 B9 B11 B14 B16, locums |
//! | a slot | `change` | A3 R6 |
//! | a person's day | `exclusive` | G3 G4 G6 G16 A2 C7 G20 G22 I2 I3i |
//! | a person's night between two days | `rest` | G17 H2, H3 for a day |
//! | a person's days around one | `legal` | H4 H4+ H5 H6 |
//! | a person's days in theatre | `stay` | B12 B12d |
//! | a person's half-day | `supervision` | I5 B5 B6 B10 supervision limits, B13, B14 |
//! | a person's day | `continuity` | B7 B8 B17 B14~ |
//! | a person's day | `ask` | R1 R2 |
//! | a person's duties | `spacing` | G7 G8 G9 G10 G11 G12 |
//! | a person's duties | `weekend` | G13 G14 |
//! | a person's week or month | `week` | C4 C5 C6 I3 I4w I7 I7t B8w O1 O2 H7 |
//! | a person's days in a row | `stretch` | G23 F1 H1 |
//! | a person's counter | `equity` | G21 C9 I4e B2e O3 F2 |
//! | a row of shifts, a day's demand of shifts | `shift` | S1 to S12, R2 R6 of shifts |

mod ask;
mod catalogue;
mod change;
mod continuity;
mod coverage;
pub(crate) mod day_load;
pub(crate) mod equity;
mod exclusive;
mod fit;
mod legal;
mod rest;
pub(crate) mod shift;
mod sink;
mod spacing;
mod stay;
pub(crate) mod stretch;
mod supervision;
mod week;
mod weekend;

pub(crate) use self::sink::{Breaches, Matches, Sink, Tally};
pub use self::{
    catalogue::{Rule, RuleId, catalogue},
    sink::{Facts, Match},
};
use crate::{
    evaluator::{pieces::Piece, state::State},
    problem::{
        Counter, DayIx, Look, PersonIx, Problem, RuleParameters, RuleSetting, Seat, SlotIx, counters_of,
    },
};

/// The version of the rules as coded here: whoever records a verdict records it with the verdict.
pub const VERSION: &str = "2026-11-23.3";

/// The catalogue's settings with a rule set's own on top.
pub(crate) fn settings(parameters: &RuleParameters) -> [RuleSetting; RuleId::COUNT] {
    let mut table = RuleId::ALL.map(|rule| {
        let entry = rule.entry();
        RuleSetting { rule, level: entry.level, weight: entry.default_weight }
    });
    for setting in &parameters.settings {
        table[setting.rule as usize] = *setting;
    }
    let weight = &mut table[RuleId::Fatigue as usize].weight;
    *weight = parameters.of_fatigue(*weight);
    for rule in [RuleId::OffWeek, RuleId::OffMonth] {
        let weight = &mut table[rule as usize].weight;
        *weight = parameters.of_equity(*weight);
    }
    table
}

/// Everything: the whole roster's matches.
pub(crate) fn everything(state: &State, sink: &mut impl Sink) {
    let problem = state.problem;
    for slot in problem.slot_indices() {
        of_slot(state, slot, sink);
    }
    let mut benches = std::collections::BTreeSet::new();
    for slot in problem.slot_indices() {
        let look = problem.look(slot);
        if look.is_theatre() && benches.insert((look.day, look.half, look.sector)) {
            coverage::bench(state, slot, sink);
        }
    }
    for person in problem.person_indices() {
        for day in problem.day_indices() {
            of_day(state, person, day, sink);
        }
        of_duties(state, person, sink);
        for week in 0..problem.week_count() {
            week::judge(state, person, week, sink);
            legal::weekly_rest(state, person, week, sink);
        }
        of_sums(state, person, sink);
        for fortnight in 0..problem.derived().fortnights.len() {
            legal::fortnight(state, person, fortnight, sink);
        }
        for day in 0..=problem.days().len() {
            rest::night_before(state, person, day, sink);
        }
        legal::seven_days(state, person, 0..problem.days().len(), sink);
        stay::sectors(state, person, sink);
        stay::surgeons(state, person, sink);
        stretch::consecutive_days(state, person, 0..problem.days().len(), sink);
        stretch::fatigue(state, person, 0..problem.days().len(), sink);
        for counter in Counter::ALL.into_iter().filter(|own| !DECIDED.contains(own)) {
            equity::judge(state, person, counter, sink);
        }
    }
    shift::everything(state, sink);
}

/// What a theatre slot's sector and half-day say.
pub(crate) fn of_bench(state: &State, slot: SlotIx, sink: &mut impl Sink) {
    coverage::bench(state, slot, sink);
}

/// What a slot says, whoever its people are.
fn of_slot(state: &State, slot: SlotIx, sink: &mut impl Sink) {
    coverage::judge(state, slot, sink);
    fit::judge(state, slot, sink);
    change::judge(state, slot, sink);
}

/// What one piece of the score says.
pub(crate) fn of_piece(state: &State, piece: Piece, sink: &mut impl Sink) {
    match piece {
        Piece::Slot(slot) => of_slot(state, slot, sink),
        Piece::Day(person, day) => of_day(state, person, day, sink),
        Piece::Week(person, week) => week::judge(state, person, week, sink),
        Piece::Duties(person) => of_duties(state, person, sink),
        Piece::Sums(person) => of_sums(state, person, sink),
    }
}

/// The last day a change of a slot reaches by itself: a night reaches the day of rest after it.
fn last_day(problem: &Problem, look: &Look) -> DayIx {
    let reaches = look.has_night() && look.day.at() + 1 < problem.days().len();
    DayIx(look.day.0 + u16::from(reaches))
}

/// The pieces that a person's taking or leaving a slot can change, beside the slot itself.
pub(crate) fn pieces_of(problem: &Problem, person: PersonIx, slot: SlotIx, mut visit: impl FnMut(Piece)) {
    let look = problem.look(slot);
    let (day, last) = (look.day, last_day(problem, look));
    visit(Piece::Day(person, day));
    if last != day {
        visit(Piece::Day(person, last));
    }
    if look.is_garde() || look.is_astreinte() {
        visit(Piece::Duties(person));
    }
    visit(Piece::Sums(person));
    let (week, week_after) = (problem.week_of(day), problem.week_of(last));
    visit(Piece::Week(person, week));
    // The rest after a garde of Sunday belongs to the next week, and so does what is OFF on Monday.
    if week_after != week {
        visit(Piece::Week(person, week_after));
    }
}

/// All that a person's taking or leaving a place can change, beside the slot itself.
pub(crate) fn touched_by(state: &State, person: PersonIx, seat: Seat, sink: &mut impl Sink) {
    pieces_of(state.problem, person, seat.slot, |piece| of_piece(state, piece, sink));
    beyond_pieces(state, person, seat, sink);
}

/// What is no piece's alone.
pub(crate) fn beyond_pieces(state: &State, person: PersonIx, seat: Seat, sink: &mut impl Sink) {
    let problem = state.problem;
    let look = problem.look(seat.slot);
    let day = look.day;
    working_time(state, person, day, sink);
    if look.is_theatre() {
        stay::sectors_around(state, person, day, sink);
        if let Some(surgeon) = look.surgeon {
            stay::surgeon_around(state, person, day, surgeon, sink);
        }
    }
    stretch::consecutive_days_from(state, person, day.at(), sink);
    let last = last_day(problem, look).at();
    stretch::fatigue(state, person, day.at()..problem.days().len().min(last + stretch::FATIGUE_DAYS), sink);
    if look.is_counted {
        let mut judge = |counter, _| equity::judge(state, person, counter, sink);
        counters_of(problem.slot(seat.slot), problem.day(day), &mut judge);
    }
}

/// What a plan decides itself, summed over a person's horizon.
fn of_sums(state: &State, person: PersonIx, sink: &mut impl Sink) {
    for month in 0..state.problem.derived().months.len() {
        week::month(state, person, month, sink);
    }
    stretch::hours_credit(state, person, sink);
    for counter in DECIDED {
        equity::judge(state, person, counter, sink);
    }
}

/// The counters that only a plan gives a total.
const DECIDED: [Counter; 4] =
    [Counter::TheatreHalfDays, Counter::Supervisions, Counter::OffHalfDays, Counter::Hardship];

/// What the law says of the days around one.
fn working_time(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    rest::night_before(state, person, day.at(), sink);
    rest::night_before(state, person, day.at() + 1, sink);
    if state.problem.derived().is_regulated[person.at()] {
        legal::seven_days(state, person, day.at()..day.at() + 1, sink);
        legal::weekly_rest(state, person, state.problem.week_of(day), sink);
        legal::fortnight(state, person, legal::fortnight_of(state, day), sink);
    }
}

/// What a person and a place say of each other, whatever the rest of the roster.
#[cfg(test)]
pub(crate) fn fits_alone(problem: &Problem, seat: Seat, person: PersonIx, sink: &mut impl Sink) {
    fit::alone(problem, seat, person, sink);
}

/// What a place says of its holder alone: how they fit it, and whether it was published for them.
pub(crate) fn of_holder(state: &State, seat: Seat, sink: &mut impl Sink) {
    if let Some(person) = state.roster.get(seat) {
        fit::alone(state.problem, seat, person, sink);
    }
    change::of_seat(state, seat, sink);
}

/// What a person's day says, whatever is held and worked on it.
fn of_day(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    exclusive::judge(state, person, day, sink);
    supervision::judge(state, person, day, sink);
    continuity::judge(state, person, day, sink);
    rest::day(state, person, day, sink);
    ask::judge(state, person, day, sink);
    shift::day(state, person, day, sink);
}

fn of_duties(state: &State, person: PersonIx, sink: &mut impl Sink) {
    spacing::gardes(state, person, sink);
    spacing::astreintes(state, person, sink);
    weekend::judge(state, person, sink);
}
