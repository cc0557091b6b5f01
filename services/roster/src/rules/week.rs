//! One person's ISO week: consultations (C4 C5 C6), floating (I3), closings (I4), OFF half-days (O1, and O2 a month),
//! changes of sector (B8w), working time (I7 I7t) and half-days of service (H7). People who work shifts have no OFF
//! half-days and no share of floating.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::{DayLoad, State},
    problem::{DayIx, PersonIx, Profession},
};

/// A full-timer's half-days in a week.
const FULL_WEEK: i64 = 10;

/// A full-timer's half-days in a month of 21 working days.
const FULL_MONTH: i64 = 42;

pub(super) fn judge(state: &State, person: PersonIx, week: usize, sink: &mut impl Sink) {
    let mut sums = Sums::default();
    for load in &state.loads(person)[state.problem.days_of_week(week)] {
        sums.add(load);
    }
    let scene = Scene { state, person, week };
    match state.profession(person) {
        Profession::Mar => {
            scene.consultations(sums.consultations, sink);
            scene.offs(sums.offs, sink);
        }
        Profession::Iade => scene.nurse(sums.volants, sums.closings, sink),
    }
    scene.sectors(sums.sector_changes, sink);
    scene.minutes(sums.minutes, sink);
    scene.half_days(sums.half_days, sink);
}

/// O2: OFF half-days of a civil month, as much of it as the horizon has.
pub(super) fn month(state: &State, person: PersonIx, month: usize, sink: &mut impl Sink) {
    let who = state.problem.person(person);
    if who.profession != Profession::Mar || who.is_locum || state.problem.works_shifts(person) {
        return;
    }
    let derived = state.problem.derived();
    let halves = i64::from(derived.month_halves[person.at()][month]).min(FULL_MONTH);
    let least = state.problem.parameters().off_month_min * halves / FULL_MONTH;
    let offs = state.offs(person, month) * UNIT;
    if offs < least {
        let facts = || {
            let day = derived.months[month].start.max(0);
            Facts::on(person, DayIx(day as u16)).numbers(offs, least)
        };
        sink.found(RuleId::OffMonth, least - offs, facts);
    }
}

/// What a week holds.
#[derive(Default)]
struct Sums {
    consultations: [i64; 2],
    volants: i64,
    closings: i64,
    offs: i64,
    minutes: i64,
    half_days: i64,
    sector: u16,
    sector_changes: i64,
}

// === impl Sums ===

impl Sums {
    fn add(&mut self, load: &DayLoad) {
        self.offs += i64::from(load.offs);
        if !load.is_worked {
            return;
        }
        for half in 0..2 {
            self.consultations[half] += i64::from(load.consultations[half]);
            let sector = load.sectors[half];
            if sector > 0 {
                self.sector_changes += i64::from(self.sector > 0 && self.sector != sector);
                self.sector = sector;
            }
        }
        self.volants += i64::from(load.volants);
        self.closings += i64::from(load.closings);
        self.minutes += load.minutes;
        self.half_days += i64::from(load.half_days);
    }
}

struct Scene<'s, 'p> {
    state: &'s State<'p>,
    person: PersonIx,
    week: usize,
}

// === impl Scene ===

impl Scene<'_, '_> {
    fn facts(&self) -> Facts {
        let first = DayIx(self.state.problem.days_of_week(self.week).start as u16);
        Facts::on(self.person, first)
    }

    fn working_halves(&self) -> i64 {
        i64::from(self.state.problem.derived().working_halves[self.person.at()][self.week])
    }

    fn consultations(&self, held: [i64; 2], sink: &mut impl Sink) {
        let who = self.state.problem.person(self.person);
        let parameters = self.state.problem.parameters();
        let total = held[0] + held[1];
        if who.abilities.consultation && !who.is_locum {
            // The target follows what the person works this week: part time, leave and cut weeks shrink it.
            let target = parameters.consultations_week_target * self.working_halves() / FULL_WEEK;
            let off = (total * UNIT - target).abs();
            if off > 0 {
                sink.found(RuleId::ConsultationsWeekTarget, off, || {
                    self.facts().numbers(total * UNIT, target)
                });
            }
        }
        let limit = i64::from(parameters.consultations_week_max);
        if total > limit {
            let facts = || self.facts().numbers(total, limit);
            sink.found(RuleId::ConsultationsWeekMax, (total - limit) * UNIT, facts);
        }
        let bad = i64::from(parameters.consultations_same_half_bad);
        for same in held.into_iter().filter(|same| *same >= bad) {
            let facts = || self.facts().numbers(same, bad - 1);
            sink.found(RuleId::ConsultationSpread, (same - bad + 1) * UNIT, facts);
        }
    }

    fn nurse(&self, volants: i64, closings: i64, sink: &mut impl Sink) {
        let who = self.state.problem.person(self.person);
        let parameters = self.state.problem.parameters();
        if who.abilities.volant && !who.is_locum && !self.state.problem.works_shifts(self.person) {
            let target = i64::from(parameters.volant_week_target) * UNIT * self.working_halves() / FULL_WEEK;
            let off = (volants * UNIT - target).abs();
            if off > 0 {
                sink.found(RuleId::Volant, off, || self.facts().numbers(volants * UNIT, target));
            }
        }
        let limit = i64::from(parameters.closings_week_max);
        if closings > limit {
            let facts = || self.facts().numbers(closings, limit);
            sink.found(RuleId::ClosingTwiceAWeek, (closings - limit) * UNIT, facts);
        }
    }

    /// O1: between half an OFF and two OFF half-days a week for whoever works all of it, in proportion otherwise.
    fn offs(&self, offs: i64, sink: &mut impl Sink) {
        let problem = self.state.problem;
        if problem.person(self.person).is_locum || problem.works_shifts(self.person) {
            return;
        }
        let parameters = problem.parameters();
        let halves = self.working_halves().min(FULL_WEEK);
        let least = parameters.off_week_min * halves / FULL_WEEK;
        let most = parameters.off_week_max * halves / FULL_WEEK;
        let held = offs * UNIT;
        let (off, expected) = if held < least { (least - held, least) } else { (held - most, most) };
        if off > 0 {
            sink.found(RuleId::OffWeek, off, || self.facts().numbers(held, expected));
        }
    }

    /// B8w.
    fn sectors(&self, changes: i64, sink: &mut impl Sink) {
        let most = i64::from(self.state.problem.parameters().sector_changes_week_max);
        if changes > most {
            let facts = || self.facts().numbers(changes, most);
            sink.found(RuleId::SectorChangesWeek, (changes - most) * UNIT, facts);
        }
    }

    /// I7: hours over the contract's weekly ceiling (decree 2002-9 for public nurses), with what the week holds
    /// outside the horizon; I7t: hours off what the contract aims at.
    fn minutes(&self, worked: i64, sink: &mut impl Sink) {
        let derived = self.state.problem.derived();
        if let Some(limit) = self.state.problem.person(self.person).week_minutes_max {
            let worked = worked + derived.outside_minutes[self.person.at()][self.week];
            if worked > limit {
                let amount = (worked - limit) * UNIT / 60;
                sink.found(RuleId::WeekMinutes, amount, || self.facts().numbers(worked, limit));
            }
        }
        if let Some(target) = derived.week_targets[self.person.at()][self.week]
            && worked != target
        {
            let amount = (worked - target).abs() * UNIT / 60;
            sink.found(RuleId::WeekMinutesTarget, amount, || self.facts().numbers(worked, target));
        }
    }

    /// H7: half-days of service beyond the regime's, for those who did not volunteer.
    fn half_days(&self, half_days: i64, sink: &mut impl Sink) {
        let own = &self.state.problem.person(self.person).working_time;
        let Some(most) = own.week_half_days_max.map(i64::from).filter(|_| !own.is_volunteer) else { return };
        if half_days > most {
            let facts = || self.facts().numbers(half_days, most);
            sink.found(RuleId::WeekHalfDays, (half_days - most) * UNIT, facts);
        }
    }
}
