//! What a partial generation leaves alone: locks made of a roster, so that the rest is searched around it.

use roster::{
    problem::{Draft, Half, HalfDay, Pin, Post, Problem, Profession, Seat, SlotKind},
    roster::Roster,
};

use super::Span;

/// Which places stay as they are. A place stays when any of these asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freeze {
    /// Everything that is held: only holes are filled.
    pub keeps_existing: bool,
    /// Everything outside this range of half-days; a duty belongs to its day's morning.
    pub outside: Option<Span>,
    /// Every place that people of these professions hold, and that only they could.
    pub professions: Vec<Profession>,
    /// Whole stages of the plan.
    pub stages: Vec<Stage>,
    /// Everything before this half-day: what is too near to move by itself.
    pub until: Option<HalfDay>,
}

/// A stage of the plan, in the order planners work in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Gardes.
    Gardes,
    /// Astreintes.
    Astreintes,
    /// Consultations.
    Consultations,
    /// Theatre rooms, performers and supervisors.
    Theatre,
    /// Closings and floating places.
    ClosingsAndVolants,
}

/// The locks that keep these places of a roster; places already locked are left out. Add them to the draft and search:
/// nothing of what is frozen moves, and what was empty there stays empty, except under `keeps_existing`.
#[must_use]
pub fn freeze(problem: &Problem, roster: &Roster, what: &Freeze) -> Vec<Pin> {
    let seats = problem.slot_indices().flat_map(|slot| Post::ALL.map(|post| Seat { slot, post }));
    let own = seats.filter(|seat| {
        let is_theatre = problem.slot(seat.slot).kind.is_theatre();
        problem.pin(*seat).is_none() && (seat.post == Post::Performer || is_theatre)
    });
    let pins = own.map(|seat| Pin { seat, person: roster.get(seat) });
    pins.filter(|pin| what.keeps(problem, pin)).collect()
}

/// The draft of a problem with these places of a roster locked on top of its own locks.
#[must_use]
pub fn keep(problem: &Problem, roster: &Roster, what: &Freeze) -> Draft {
    let mut draft = problem.draft().clone();
    draft.pins.extend(freeze(problem, roster, what));
    draft
}

// === impl Stage ===

impl Stage {
    /// The stage a slot is planned in.
    #[must_use]
    pub fn of(kind: &SlotKind) -> Self {
        match kind {
            SlotKind::Garde { .. } | SlotKind::GardeDay { .. } | SlotKind::GardeNight { .. } => Stage::Gardes,
            SlotKind::Astreinte { .. } => Stage::Astreintes,
            SlotKind::Consultation { .. } => Stage::Consultations,
            SlotKind::Theatre { .. } => Stage::Theatre,
            SlotKind::Closing { .. } | SlotKind::Volant { .. } => Stage::ClosingsAndVolants,
        }
    }
}

// === impl Freeze ===

impl Freeze {
    fn keeps(&self, problem: &Problem, pin: &Pin) -> bool {
        let slot = problem.slot(pin.seat.slot);
        let begins = slot.half_day().unwrap_or_else(|| HalfDay::new(slot.day, Half::Morning));
        (self.keeps_existing && pin.person.is_some())
            || self.outside.is_some_and(|span| begins < span.first || span.last < begins)
            || self.until.is_some_and(|until| begins < until)
            || self.stages.contains(&Stage::of(&slot.kind))
            || self.keeps_profession(problem, pin)
    }

    /// A held place follows its holder; an empty one stays empty when nobody outside these professions could take it.
    fn keeps_profession(&self, problem: &Problem, pin: &Pin) -> bool {
        let frozen = |person| self.professions.contains(&problem.person(person).profession);
        match pin.person {
            Some(person) => frozen(person),
            None => {
                let candidates = problem.candidates(pin.seat);
                !self.professions.is_empty() && candidates.iter().all(|person| frozen(*person))
            }
        }
    }
}
