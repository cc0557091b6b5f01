//! Who covers the rooms that are never on the plan (B15): whoever holds the day's garde or astreinte.

use crate::{
    problem::{DayIx, PersonIx, Problem, RoomIx, SlotIx},
    roster::Roster,
};

/// A hidden room on a day, with those who would come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenRoom {
    /// The room.
    pub room: RoomIx,
    /// The day, from the hour at which gardes begin.
    pub day: DayIx,
    /// Who is on site: the garde, or the holders of its parts.
    pub garde: Vec<PersonIx>,
    /// Who is on call.
    pub astreinte: Vec<PersonIx>,
}

// === impl HiddenRoom ===

impl HiddenRoom {
    /// Nobody would come.
    #[must_use]
    pub fn is_uncovered(&self) -> bool {
        self.garde.is_empty() && self.astreinte.is_empty()
    }
}

/// Every hidden room on every day, by room. Nothing without hidden rooms.
pub(super) fn rooms(problem: &Problem, roster: &Roster) -> Vec<HiddenRoom> {
    let places = problem.topology();
    let hidden = places.rooms.iter().enumerate().filter(|(_, room)| room.is_hidden);
    let mut found = Vec::new();
    for (at, room) in hidden {
        let site = places.sectors[room.sector.at()].site;
        for day in problem.day_indices() {
            let holders = |fits: fn(&Problem, SlotIx) -> bool| {
                let slots = problem.slots_of_day(day).iter().copied();
                let here = slots.filter(|slot| {
                    fits(problem, *slot) && problem.site_of(*slot).is_none_or(|own| own == site)
                });
                here.filter_map(|slot| roster.performer(slot)).collect()
            };
            found.push(HiddenRoom {
                room: RoomIx(at as u16),
                day,
                garde: holders(|problem, slot| problem.look(slot).is_garde()),
                astreinte: holders(|problem, slot| problem.look(slot).is_astreinte()),
            });
        }
    }
    found
}
