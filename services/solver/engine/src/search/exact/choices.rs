//! What one person could hold in a half-day, and what each way costs them.

use roster::{
    Level,
    problem::{DayIx, HalfDay, PersonIx, Seat, SlotIx},
};

use super::candidates;
use crate::{
    benches::{self, Open},
    search::acceptors::energy,
    state::State,
};

/// More ways than this, of all people together, are not worth asking about.
const WAYS_MAX: usize = 60_000;

/// One person's choices; the first is what is held now.
pub(super) struct Choices {
    pub person: PersonIx,
    pub is_nurse: bool,
    /// Places held together, with what they cost as annealing counts; those that may not be are left out once asked.
    ways: Vec<(Vec<Seat>, i64)>,
}

// === impl Choices ===

impl Choices {
    /// Everybody who could hold something of these slots and has nothing else then; `None` when there are too many ways.
    pub fn of_all(state: &State<'_>, half_day: HalfDay, slots: &[SlotIx]) -> Option<Vec<Self>> {
        let rooms = benches::open(state.problem(), slots);
        let mut all: Vec<Self> = Vec::new();
        let mut count = 0;
        for person in candidates(state, slots) {
            if let Some(held) = held(state, person, half_day, slots) {
                let own = Self::of(state, person, held, slots, &rooms)?;
                count += own.len();
                all.push(own);
            }
            if count > WAYS_MAX {
                return None;
            }
        }
        (!all.is_empty()).then_some(all)
    }

    fn of(
        state: &State<'_>,
        person: PersonIx,
        held: Vec<Seat>,
        slots: &[SlotIx],
        rooms: &[Open],
    ) -> Option<Self> {
        let problem = state.problem();
        let may = |seat: Seat| problem.candidates(seat).contains(&person);
        let of_rooms = |seat: fn(SlotIx) -> Seat| -> Vec<u16> {
            (0..rooms.len() as u16).filter(|at| may(seat(rooms[usize::from(*at)].slot))).collect()
        };
        let (performs, supervises) = (of_rooms(Seat::performer), of_rooms(Seat::supervisor));
        let benches = benches::of(problem, rooms, &performs, &supervises, state.is_mar(person))?;
        let slot_of = |room: &u16| rooms[usize::from(*room)].slot;
        let benches = benches.iter().map(|bench| {
            let performed = bench.performs.iter().map(|room| Seat::performer(slot_of(room)));
            performed.chain(bench.supervises.iter().map(|room| Seat::supervisor(slot_of(room)))).collect()
        });
        let others = slots.iter().filter(|slot| !problem.slot(**slot).kind.is_theatre());
        let others =
            others.map(|slot| Seat::performer(*slot)).filter(|seat| may(*seat)).map(|seat| vec![seat]);
        let mut ways = vec![(held, 0)];
        for mut seats in std::iter::once(Vec::new()).chain(benches).chain(others) {
            seats.sort_unstable();
            if seats != ways[0].0 {
                ways.push((seats, 0));
            }
        }
        Some(Self { person, is_nurse: !state.is_mar(person), ways })
    }

    /// Asks the judge what each way costs; what breaks an inviolable rule is forgotten. The places are empty.
    pub fn ask(&mut self, state: &mut State<'_>) {
        let mut is_held = true;
        let person = self.person;
        self.ways.retain_mut(|(seats, cost)| {
            let score = state.preview_alone(person, seats);
            *cost = energy(&score);
            // What is held may be an inherited breach.
            std::mem::take(&mut is_held) || score.level(Level::Hard) <= 0
        });
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ways.len()
    }

    /// What is held now.
    pub fn held(&self) -> &[Seat] {
        self.seats(0)
    }

    /// The places of a choice.
    pub fn seats(&self, choice: usize) -> &[Seat] {
        &self.ways[choice].0
    }

    /// The choices with their costs.
    pub fn iter(&self) -> impl Iterator<Item = (&[Seat], i64)> {
        self.ways.iter().map(|(seats, cost)| (&seats[..], *cost))
    }
}

/// What somebody holds of these slots, in order; `None` when they have another place then.
fn held(state: &State<'_>, person: PersonIx, half_day: HalfDay, slots: &[SlotIx]) -> Option<Vec<Seat>> {
    let day: DayIx = half_day.day();
    let is_then = |seat: &&Seat| state.problem().slot(seat.slot).kind.half() == Some(half_day.half());
    let mut held: Vec<Seat> = state.posts(person, day).iter().filter(is_then).copied().collect();
    held.sort_unstable();
    held.iter().all(|seat| slots.contains(&seat.slot)).then_some(held)
}
