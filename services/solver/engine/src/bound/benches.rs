//! What one person may have at once in the theatre: every lawful set of rooms performed in and supervised.
//!
//! The limits of I5, B5, B6, B10, B12s and B14 on one person's rooms of one half-day. All but B6 only get stricter as
//! rooms are added, so they prune; B6 (one chain of neighbors) is asked of complete sets.

use roster::{
    Problem,
    problem::{RoomIx, SectorIx, SectorLimits, SiteIx, SlotIx, SlotKind},
};

/// More sets than this for one kind of person are not worth enumerating.
const SETS_MAX: usize = 20_000;

/// A person's rooms of one half-day, as positions among the half-day's open rooms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bench {
    pub performs: Vec<u16>,
    pub supervises: Vec<u16>,
}

/// An open room of a half-day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub slot: SlotIx,
    pub room: RoomIx,
    pub sector: SectorIx,
    pub site: Option<SiteIx>,
    pub is_pediatric: bool,
}

struct Search<'p> {
    problem: &'p Problem,
    rooms: &'p [Open],
    performs: &'p [u16],
    supervises: &'p [u16],
    is_mar: bool,
    found: Vec<Bench>,
    is_cut: bool,
}

/// The open rooms among some slots.
pub(crate) fn open(problem: &Problem, slots: &[SlotIx]) -> Vec<Open> {
    let of = |slot: &SlotIx| match problem.slot(*slot).kind {
        SlotKind::Theatre { room, is_pediatric, .. } => Some(Open {
            slot: *slot,
            room,
            sector: problem.topology().rooms[room.at()].sector,
            site: problem.site_of(*slot),
            is_pediatric,
        }),
        _ => None,
    };
    slots.iter().filter_map(of).collect()
}

/// Every lawful non-empty bench of somebody who may perform in and supervise these rooms; `None` when there are too
/// many to list.
pub(crate) fn of(
    problem: &Problem,
    rooms: &[Open],
    performs: &[u16],
    supervises: &[u16],
    is_mar: bool,
) -> Option<Vec<Bench>> {
    let mut search =
        Search { problem, rooms, performs, supervises, is_mar, found: Vec::new(), is_cut: false };
    search.grow(&mut Bench::default(), 0);
    (!search.is_cut).then_some(search.found)
}

// === impl Search ===

impl Search<'_> {
    /// Adds rooms from this one on, in every lawful way.
    fn grow(&mut self, bench: &mut Bench, from: u16) {
        for room in from..self.rooms.len() as u16 {
            if self.is_cut {
                return;
            }
            if self.performs.contains(&room) && self.goes_with(bench, room) {
                bench.performs.push(room);
                self.keep(bench, room);
                bench.performs.pop();
            }
            if self.supervises.contains(&room) && self.goes_with(bench, room) {
                bench.supervises.push(room);
                self.keep(bench, room);
                bench.supervises.pop();
            }
        }
    }

    fn keep(&mut self, bench: &mut Bench, room: u16) {
        if !self.is_within_limits(bench) {
            return;
        }
        if self.is_contiguous(bench) {
            self.found.push(bench.clone());
            self.is_cut |= self.found.len() > SETS_MAX;
        }
        self.grow(bench, room + 1);
    }

    /// B5 and B14: the room's sector and site go with those of the rooms already there.
    fn goes_with(&self, bench: &Bench, room: u16) -> bool {
        let own = self.rooms[usize::from(room)];
        let places = self.problem.topology();
        bench.performs.iter().chain(&bench.supervises).all(|other| {
            let other = self.rooms[usize::from(*other)];
            let sectors = |pair: &(SectorIx, SectorIx)| {
                *pair == (own.sector, other.sector) || *pair == (other.sector, own.sector)
            };
            let rooms =
                |pair: &(RoomIx, RoomIx)| *pair == (own.room, other.room) || *pair == (other.room, own.room);
            let compatible = own.sector == other.sector
                || places.sector_pairs.iter().any(sectors)
                || places.room_pairs.iter().any(rooms);
            own.site == other.site && compatible
        })
    }

    fn limits(&self, room: u16) -> SectorLimits {
        self.problem.topology().sectors[self.rooms[usize::from(room)].sector.at()].limits
    }

    /// I5, B12s, B10.
    fn is_within_limits(&self, bench: &Bench) -> bool {
        let most = bench.performs.iter().map(|room| self.limits(*room).rooms_per_person).min();
        if most.is_some_and(|most| bench.performs.len() > 1 && bench.performs.len() > usize::from(most)) {
            return false;
        }
        if bench.supervises.is_empty() {
            return true;
        }
        let parameters = self.problem.parameters();
        let (mut most, mut own_count) = (usize::MAX, false);
        for room in &bench.supervises {
            let limits = self.limits(*room);
            let derogated = parameters.supervision_derogation_authorized;
            let own = if derogated { limits.supervision_derogation_max } else { limits.supervision_max };
            most = most.min(usize::from(own));
            own_count |= limits.own_rooms_count;
        }
        let total = bench.supervises.len() + if own_count { bench.performs.len() } else { 0 };
        let pediatric = |rooms: &[u16]| rooms.iter().any(|room| self.rooms[usize::from(*room)].is_pediatric);
        let primary = self.is_mar && pediatric(&bench.performs);
        let crowded = pediatric(&bench.supervises)
            && bench.supervises.len() > usize::from(parameters.pediatric_supervision_max);
        total <= most && !primary && !crowded
    }

    /// B6.
    fn is_contiguous(&self, bench: &Bench) -> bool {
        let asking =
            bench.performs.iter().chain(&bench.supervises).filter(|room| self.limits(**room).is_contiguous);
        let mut left: Vec<RoomIx> = asking.map(|room| self.rooms[usize::from(*room)].room).collect();
        let Some(start) = left.pop() else { return true };
        let places = self.problem.topology();
        let mut frontier = vec![start];
        while let Some(room) = frontier.pop() {
            let reached = |other: &RoomIx| {
                places.rooms[room.at()].neighbors.contains(other)
                    || places.room_pairs.contains(&(room, *other))
                    || places.room_pairs.contains(&(*other, room))
            };
            frontier.extend(left.iter().copied().filter(reached));
            left.retain(|other| !reached(other));
        }
        left.is_empty()
    }
}
