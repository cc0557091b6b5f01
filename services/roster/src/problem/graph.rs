//! The rooms as a graph: which are neighbors, which go together, and which sets one anesthetist may supervise at once.
//!
//! Three relations. Rooms *go together* when their sectors are the same or a permitted pair, or when the rooms
//! themselves are (B5). Rooms are *linked* when they are neighbors or a permitted pair of rooms (B6: the rooms of
//! sectors that ask for it form one chain of links). Some pairs hold in one direction only: whoever performs in
//! hyperaseptic 3 may supervise room 5, not the other way round.

use super::{
    index::RoomIx,
    slot::Post,
    topology::{SectorLimits, Topology},
};

/// How many rooms somebody may supervise at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Without an administrator's derogation.
    pub usual: u8,
    /// With it.
    pub derogated: u8,
    /// Own rooms count within these.
    pub own_rooms_count: bool,
}

/// The rooms and what links them, compiled from a [`Topology`].
#[derive(Clone, Debug, Default)]
pub struct RoomGraph {
    sector_of: Vec<u16>,
    limits: Vec<SectorLimits>,
    own_max: Vec<Option<u8>>,
    /// Permitted pairs of sectors, row by row.
    sector_pairs: Vec<bool>,
    /// Per room, sorted: rooms it goes with although the sectors are no pair.
    pairs: Vec<Vec<RoomIx>>,
    /// Per room, sorted: rooms that may be supervised from it although the sectors are no pair.
    from_here: Vec<Vec<RoomIx>>,
    /// Per room, sorted: rooms linked to it.
    links: Vec<Vec<RoomIx>>,
    components: Vec<u16>,
}

// === impl RoomGraph ===

impl RoomGraph {
    /// Compiles a topology whose references have been checked.
    #[must_use]
    pub fn of(places: &Topology) -> Self {
        let rooms = places.rooms.len();
        let sectors = places.sectors.len();
        let mut graph = Self {
            sector_of: places.rooms.iter().map(|room| room.sector.0).collect(),
            limits: places.sectors.iter().map(|sector| sector.limits).collect(),
            own_max: places.rooms.iter().map(|room| room.supervision_max).collect(),
            sector_pairs: vec![false; sectors * sectors],
            pairs: vec![Vec::new(); rooms],
            from_here: vec![Vec::new(); rooms],
            links: places.rooms.iter().map(|room| room.neighbors.clone()).collect(),
            components: vec![u16::MAX; rooms],
        };
        for at in 0..sectors {
            graph.sector_pairs[at * sectors + at] = true;
        }
        for (one, other) in &places.sector_pairs {
            graph.sector_pairs[one.at() * sectors + other.at()] = true;
            graph.sector_pairs[other.at() * sectors + one.at()] = true;
        }
        for (one, other) in &places.room_pairs {
            graph.pairs[one.at()].push(*other);
            graph.pairs[other.at()].push(*one);
        }
        for (from, to) in &places.supervision_pairs {
            graph.from_here[from.at()].push(*to);
        }
        for (one, other) in places.room_pairs.iter().chain(&places.supervision_pairs) {
            graph.links[one.at()].push(*other);
            graph.links[other.at()].push(*one);
        }
        for table in [&mut graph.pairs, &mut graph.from_here, &mut graph.links] {
            for own in table {
                own.sort_unstable();
                own.dedup();
            }
        }
        graph.number_components();
        graph
    }

    fn number_components(&mut self) {
        let mut number = 0;
        for start in 0..self.components.len() {
            if self.components[start] != u16::MAX {
                continue;
            }
            let mut frontier = vec![RoomIx(start as u16)];
            self.components[start] = number;
            while let Some(room) = frontier.pop() {
                for next in &self.links[room.at()] {
                    if self.components[next.at()] == u16::MAX {
                        self.components[next.at()] = number;
                        frontier.push(*next);
                    }
                }
            }
            number += 1;
        }
    }

    /// Rooms linked to a room, in order.
    #[must_use]
    pub fn links(&self, room: RoomIx) -> &[RoomIx] {
        &self.links[room.at()]
    }

    /// The connected component a room belongs to: rooms of two components are never one chain.
    #[must_use]
    pub fn component(&self, room: RoomIx) -> u16 {
        self.components[room.at()]
    }

    /// Whether two rooms are linked.
    #[must_use]
    pub fn are_linked(&self, one: RoomIx, other: RoomIx) -> bool {
        self.links[one.at()].contains(&other)
    }

    /// Whether a room's sector asks for chains.
    #[must_use]
    pub fn is_chained(&self, room: RoomIx) -> bool {
        self.limits_of(room).is_contiguous
    }

    /// The limits of a room's sector.
    #[must_use]
    pub fn limits_of(&self, room: RoomIx) -> &SectorLimits {
        &self.limits[usize::from(self.sector_of[room.at()])]
    }

    /// B5: whether one person may have these two rooms at once, each in this post.
    #[must_use]
    pub fn go_together(&self, one: (Post, RoomIx), other: (Post, RoomIx)) -> bool {
        let (first, second) =
            (usize::from(self.sector_of[one.1.at()]), usize::from(self.sector_of[other.1.at()]));
        first == second
            || self.sector_pairs[first * self.limits.len() + second]
            || self.pairs[one.1.at()].contains(&other.1)
            || self.is_supervised_from(one, other)
            || self.is_supervised_from(other, one)
    }

    fn is_supervised_from(&self, from: (Post, RoomIx), to: (Post, RoomIx)) -> bool {
        from.0 == Post::Performer && to.0 == Post::Supervisor && self.from_here[from.1.at()].contains(&to.1)
    }

    /// The strictest limit of rooms supervised together. A room's own limit knows no derogation.
    #[must_use]
    pub fn reach(&self, supervised: impl IntoIterator<Item = RoomIx>) -> Reach {
        let mut reach = Reach { usual: u8::MAX, derogated: u8::MAX, own_rooms_count: false };
        for room in supervised {
            let limits = self.limits_of(room);
            let (usual, derogated) = match self.own_max[room.at()] {
                Some(own) => (own, own),
                None => (limits.supervision_max, limits.supervision_derogation_max),
            };
            reach.usual = reach.usual.min(usual);
            reach.derogated = reach.derogated.min(derogated);
            reach.own_rooms_count |= limits.own_rooms_count;
        }
        reach
    }

    /// B6: in how many chains the rooms fall, of those whose sectors ask for chains. `rooms` is spent.
    pub fn chains(&self, rooms: &mut Vec<RoomIx>) -> usize {
        rooms.retain(|room| self.is_chained(*room));
        rooms.sort_unstable();
        rooms.dedup();
        let mut chains = 0;
        while let Some(start) = rooms.pop() {
            chains += 1;
            let mut frontier = vec![start];
            while let Some(room) = frontier.pop() {
                let mut at = 0;
                while at < rooms.len() {
                    if self.are_linked(room, rooms[at]) {
                        frontier.push(rooms.swap_remove(at));
                    } else {
                        at += 1;
                    }
                }
            }
        }
        chains
    }

    /// All sets of these open rooms that somebody who performs in `own` may supervise at once: within the limits, in
    /// sectors that go together, in one chain where it is asked for. Ascending within a set; the empty set is left out.
    #[must_use]
    pub fn supervisable_sets(
        &self,
        own: &[RoomIx],
        open: &[RoomIx],
        with_derogation: bool,
    ) -> Vec<Vec<RoomIx>> {
        let mut open: Vec<RoomIx> = open.iter().copied().filter(|room| !own.contains(room)).collect();
        open.sort_unstable();
        open.dedup();
        let mut search =
            Sets { graph: self, own, open: &open, with_derogation, chosen: Vec::new(), found: Vec::new() };
        search.extend(0);
        search.found
    }
}

/// The enumeration of supervisable sets, depth first: limits and pairs only get stricter as a set grows, chains are
/// looked at last because a middle room may still come.
struct Sets<'g> {
    graph: &'g RoomGraph,
    own: &'g [RoomIx],
    open: &'g [RoomIx],
    with_derogation: bool,
    chosen: Vec<RoomIx>,
    found: Vec<Vec<RoomIx>>,
}

// === impl Sets ===

impl Sets<'_> {
    fn extend(&mut self, from: usize) {
        for at in from..self.open.len() {
            let room = self.open[at];
            if !self.fits(room) {
                continue;
            }
            self.chosen.push(room);
            if self.is_within_limits() {
                let mut rooms = [self.own, &self.chosen].concat();
                if self.graph.chains(&mut rooms) <= 1 {
                    self.found.push(self.chosen.clone());
                }
                self.extend(at + 1);
            }
            self.chosen.pop();
        }
    }

    fn fits(&self, room: RoomIx) -> bool {
        let own = self.own.iter().map(|own| (Post::Performer, *own));
        let mut held = own.chain(self.chosen.iter().map(|own| (Post::Supervisor, *own)));
        held.all(|held| self.graph.go_together(held, (Post::Supervisor, room)))
    }

    fn is_within_limits(&self) -> bool {
        let reach = self.graph.reach(self.chosen.iter().copied());
        let own = if reach.own_rooms_count { self.own.len() } else { 0 };
        let limit = if self.with_derogation { reach.derogated } else { reach.usual };
        self.chosen.len() + own <= usize::from(limit)
    }
}
