//! What somebody has to leave to hold a place: every irreducible set of places, found rule by rule.
//!
//! The judge names the first inviolable rule in the way; each rule says which of the person's places it is about,
//! and either all of them must go or one of several. What is named here only guides: the judge decides what is legal.

use std::ops::RangeInclusive;

use roster::{
    Level, RuleId,
    problem::{DayIx, PersonIx, Seat, SlotKind},
};

use super::{chain::Chains, warm::other_post};

/// What is in the way of a place.
enum InTheWay {
    /// Every one of these must go.
    All(Vec<Seat>),
    /// Leaving one of these may help.
    Any(Vec<Seat>),
    /// Nothing that leaving could mend.
    Nothing,
}

/// A search for sets of places to leave.
struct Ejection {
    seat: Seat,
    person: PersonIx,
    /// The relaxed level before the person came.
    relaxed: i64,
    chosen: Vec<Seat>,
    seen: Vec<Vec<Seat>>,
    found: Vec<Vec<Seat>>,
}

impl Chains<'_, '_> {
    /// Every irreducible set of at most so many places to leave, so that the person, who was just put there, may hold
    /// the place: the empty set alone when nothing is in the way.
    pub(super) fn ejections(&mut self, seat: Seat, person: PersonIx, limit: usize) -> Vec<Vec<Seat>> {
        let relaxed = {
            let with = self.judge.set(seat, None);
            let relaxed = self.judge.score().level(Level::Relaxed);
            self.judge.set(seat, with);
            relaxed
        };
        let mut ejection =
            Ejection { seat, person, relaxed, chosen: Vec::new(), seen: Vec::new(), found: Vec::new() };
        self.eject(&mut ejection, limit);
        ejection.found
    }

    fn eject(&mut self, own: &mut Ejection, left: usize) {
        let is_legal = self.is_legal();
        if is_legal {
            let is_superset = own.found.iter().any(|less| less.iter().all(|seat| own.chosen.contains(seat)));
            let relaxed = self.judge.score().level(Level::Relaxed);
            if !is_superset || relaxed < own.relaxed {
                own.found.push(own.chosen.clone());
            }
            if relaxed <= own.relaxed {
                return;
            }
        }
        if left == 0 {
            return;
        }
        let way = if is_legal { self.relaxing(own) } else { self.in_the_way(own) };
        let (seats, is_all) = match way {
            InTheWay::All(seats) if seats.len() > left => return,
            // All must go, so it does not matter which goes first.
            InTheWay::All(seats) => (seats.into_iter().take(1).collect(), true),
            InTheWay::Any(seats) => (seats, false),
            InTheWay::Nothing => return,
        };
        for seat in seats {
            if !self.may_leave(seat) || own.chosen.contains(&seat) {
                if is_all {
                    return;
                }
                continue;
            }
            own.chosen.push(seat);
            let mut set = own.chosen.clone();
            set.sort_unstable();
            if !own.seen.contains(&set) {
                own.seen.push(set);
                let relaxed = self.judge.score().level(Level::Relaxed);
                let mark = self.mark();
                self.put(seat, None);
                // Beyond what is lawful, a place is only left when that relaxes less.
                if !is_legal || self.judge.score().level(Level::Relaxed) < relaxed {
                    self.eject(own, left - 1);
                }
                self.undo_to(mark);
            }
            own.chosen.pop();
        }
    }

    /// What the first broken rule is about.
    fn in_the_way(&mut self, own: &Ejection) -> InTheWay {
        let (seat, person) = (own.seat, own.person);
        let slot = self.problem.slot(seat.slot);
        let day = i64::from(slot.day.0);
        let Err(blocker) = self.judge.can_take(seat, person) else {
            // The place itself is fine: what was left on the way is not, such as a middle room.
            let days: Vec<DayIx> =
                own.chosen.iter().map(|seat| self.problem.slot(seat.slot).day).chain([slot.day]).collect();
            return InTheWay::Any(self.held(own, |_, held| days.contains(&held)));
        };
        let parameters = self.problem.parameters();
        let near = |reach: i64| day - reach..=day + reach;
        match blocker.rule {
            RuleId::GardeAlone | RuleId::GardeAndAstreinte => {
                let is_garde = slot.kind.is_garde();
                InTheWay::All(self.on(own, day..=day, |kind| is_garde || kind.is_garde()))
            }
            RuleId::RestAfterGarde | RuleId::AstreinteInRest => self.rest(own, day, blocker.rule),
            RuleId::ConsecutiveGardes => InTheWay::All(self.on(own, near(1), SlotKind::is_garde)),
            RuleId::GardeSpacingMin => {
                let gap = i64::from(parameters.garde_gap_min.max(1)) - 1;
                InTheWay::All(self.on(own, near(gap), SlotKind::is_garde))
            }
            RuleId::GardesRollingMax => InTheWay::Any(self.on(
                own,
                near(i64::from(parameters.gardes_rolling_days)),
                SlotKind::is_garde,
            )),
            RuleId::AstreintesMonthMax => {
                InTheWay::Any(self.on(own, near(31), |kind| matches!(kind, SlotKind::Astreinte { .. })))
            }
            RuleId::ConsecutiveDaysMax => {
                let run = i64::from(parameters.consecutive_days_max);
                InTheWay::Any(self.on(own, near(run), |kind| !matches!(kind, SlotKind::Astreinte { .. })))
            }
            RuleId::DoubleBooking => self.same_time(own),
            RuleId::ConsultationTwiceADay => InTheWay::All(self.on(own, day..=day, is_consultation)),
            RuleId::ConsultationsWeekMax => InTheWay::Any(self.of_week(own, is_consultation)),
            RuleId::WeekMinutes => InTheWay::Any(self.of_week(own, |_| true)),
            RuleId::HoursCredit => InTheWay::Any(self.held(own, |_, _| true)),
            RuleId::TwoPrimaries => InTheWay::All(vec![other_post(seat)]),
            RuleId::IncompatibleStrict if self.judge.get(other_post(seat)).is_some() => {
                InTheWay::All(vec![other_post(seat)])
            }
            RuleId::RoomsPerPerson
            | RuleId::SectorsCompatible
            | RuleId::Contiguity
            | RuleId::PediatricPrimary
            | RuleId::SupervisionMax
            | RuleId::OwnSites
            | RuleId::FullDayForbidden => InTheWay::Any(self.on(own, day..=day, |_| true)),
            // What no leaving mends: who somebody is, and when somebody is there.
            RuleId::Availability
            | RuleId::DutyProfession
            | RuleId::ConsultationProfession
            | RuleId::IadeTheatreOnly
            | RuleId::DutyUnavailable
            | RuleId::SectorSkill
            | RuleId::IncompatibleStrict
            | RuleId::Pinned => InTheWay::Nothing,
            // A rule this module knows nothing of is about the days around.
            _ => InTheWay::Any(self.on(own, near(1), |_| true)),
        }
    }

    /// Rest after a garde: the garde's own holder leaves the next day, whoever comes the next day leaves the garde.
    fn rest(&self, own: &Ejection, day: i64, rule: RuleId) -> InTheWay {
        let is_astreinte = |kind: &SlotKind| matches!(kind, SlotKind::Astreinte { .. });
        if self.problem.slot(own.seat.slot).kind.is_garde() {
            let wants_astreinte = rule == RuleId::AstreinteInRest;
            InTheWay::All(self.on(own, day + 1..=day + 1, |kind| is_astreinte(kind) == wants_astreinte))
        } else {
            InTheWay::All(self.on(own, day - 1..=day - 1, SlotKind::is_garde))
        }
    }

    /// Two posts at once: rooms of a half-day go together, everything else goes.
    fn same_time(&self, own: &Ejection) -> InTheWay {
        let slot = self.problem.slot(own.seat.slot);
        let is_room = slot.kind.is_theatre();
        let all = self.held(own, |kind, day| {
            let together = is_room && kind.is_theatre();
            let same = match (slot.kind.half(), kind.half()) {
                (Some(one), Some(other)) => one == other,
                (None, None) => std::mem::discriminant(&slot.kind) == std::mem::discriminant(kind),
                _ => false,
            };
            day == slot.day && same && !together
        });
        InTheWay::All(all)
    }

    /// What may be left so that fewer rules are relaxed: an extra garde, a room too many.
    fn relaxing(&self, own: &Ejection) -> InTheWay {
        let slot = self.problem.slot(own.seat.slot);
        let day = i64::from(slot.day.0);
        match slot.kind {
            SlotKind::Garde { .. } | SlotKind::GardeDay { .. } | SlotKind::GardeNight { .. } => {
                let reach = i64::from(self.problem.parameters().gardes_rolling_days);
                InTheWay::Any(self.on(own, day - reach..=day + reach, SlotKind::is_garde))
            }
            SlotKind::Theatre { half, .. } => InTheWay::Any(
                self.on(own, day..=day, move |kind| kind.is_theatre() && kind.half() == Some(half)),
            ),
            _ => InTheWay::Nothing,
        }
    }

    fn of_week(&self, own: &Ejection, wanted: impl Fn(&SlotKind) -> bool) -> Vec<Seat> {
        let week = self.problem.week_of(self.problem.slot(own.seat.slot).day);
        let days = self.problem.days_of_week(week);
        self.held(own, |kind, day| days.contains(&day.at()) && wanted(kind))
    }

    fn on(&self, own: &Ejection, days: RangeInclusive<i64>, wanted: impl Fn(&SlotKind) -> bool) -> Vec<Seat> {
        let last = i64::try_from(self.problem.days().len()).unwrap_or(i64::MAX) - 1;
        let days = (*days.start()).max(0)..=(*days.end()).min(last);
        self.held_on(own, days.filter_map(|day| DayIx::of(usize::try_from(day).ok()?)), |kind, _| {
            wanted(kind)
        })
    }

    /// The person's other places of this kind, in the order of the slots.
    fn held(&self, own: &Ejection, wanted: impl Fn(&SlotKind, DayIx) -> bool) -> Vec<Seat> {
        self.held_on(own, self.problem.day_indices(), wanted)
    }

    fn held_on(
        &self,
        own: &Ejection,
        days: impl Iterator<Item = DayIx>,
        wanted: impl Fn(&SlotKind, DayIx) -> bool,
    ) -> Vec<Seat> {
        let posts = days.flat_map(|day| self.judge.posts(own.person, day).iter().copied());
        let mut seats: Vec<Seat> = posts
            .filter(|seat| *seat != own.seat)
            .filter(|seat| {
                let slot = self.problem.slot(seat.slot);
                wanted(&slot.kind, slot.day)
            })
            .collect();
        seats.sort_unstable();
        seats
    }
}

fn is_consultation(kind: &SlotKind) -> bool {
    matches!(kind, SlotKind::Consultation { .. })
}
