//! What the moves choose from, listed once.

use roster::{
    Problem,
    problem::{PersonIx, Profession, Seat, SlotIx, SlotKind},
};

/// Slots and people by kind. Pinned places are left out: no move is about them.
pub(crate) struct Map {
    /// Gardes.
    pub gardes: Vec<SlotIx>,
    /// Astreintes.
    pub astreintes: Vec<SlotIx>,
    /// Theatre rooms.
    pub theatre: Vec<SlotIx>,
    /// Consultations, closings and floating places.
    pub others: Vec<SlotIx>,
    /// All of them.
    pub all: Vec<SlotIx>,
    /// For each half-day, its theatre rooms, consultations and floating places.
    pub by_half_day: Vec<Vec<SlotIx>>,
    /// The people of each profession.
    pub teams: Vec<Vec<PersonIx>>,
}

// === impl Map ===

impl Map {
    /// The map of a problem.
    pub fn of(problem: &Problem) -> Map {
        let mut map = Map {
            gardes: Vec::new(),
            astreintes: Vec::new(),
            theatre: Vec::new(),
            others: Vec::new(),
            all: Vec::new(),
            by_half_day: vec![Vec::new(); problem.days().len() * 2],
            teams: Vec::new(),
        };
        for slot in problem.slot_indices() {
            let seat = Seat::performer(slot);
            if problem.pin(seat).is_some() || problem.candidates(seat).is_empty() {
                continue;
            }
            map.all.push(slot);
            match problem.slot(slot).kind {
                SlotKind::Garde { .. } | SlotKind::GardeDay { .. } | SlotKind::GardeNight { .. } => {
                    map.gardes.push(slot)
                }
                SlotKind::Astreinte { .. } => map.astreintes.push(slot),
                SlotKind::Theatre { .. } => map.theatre.push(slot),
                _ => map.others.push(slot),
            }
            if let Some(half) = problem.slot(slot).half_day() {
                map.by_half_day[half.at()].push(slot);
            }
        }
        map.teams = (Profession::ALL.into_iter())
            .map(|profession| {
                (problem.person_indices())
                    .filter(|person| problem.person(*person).profession == profession)
                    .collect()
            })
            .collect();
        map
    }
}
