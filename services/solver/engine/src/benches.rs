//! What one person may have at once in the theatre: every lawful set of rooms performed in and supervised.
//!
//! The limits of I5, B5, B6, B10, B12s and B14 on one person's rooms of one half-day. All but B6 only get stricter as
//! rooms are added, so they prune; B6 (one chain of neighbors) is asked of complete sets.

use roster::{
    Problem,
    problem::{Post, RoomIx, SectorIx, SiteIx, SlotIx, SlotKind},
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
            if self.performs.contains(&room) && self.goes_with(bench, Post::Performer, room) {
                bench.performs.push(room);
                self.keep(bench, room);
                bench.performs.pop();
            }
            if self.supervises.contains(&room) && self.goes_with(bench, Post::Supervisor, room) {
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

    /// B5 and B14: the room goes with those already there, at one site.
    fn goes_with(&self, bench: &Bench, post: Post, room: u16) -> bool {
        let own = self.rooms[usize::from(room)];
        let graph = self.problem.rooms();
        bench.seats().all(|(other_post, other)| {
            let other = self.rooms[usize::from(other)];
            let is_one_site = own.site.is_none() || other.site.is_none() || own.site == other.site;
            is_one_site && graph.go_together((other_post, other.room), (post, own.room))
        })
    }

    /// I5, B12s, B10.
    fn is_within_limits(&self, bench: &Bench) -> bool {
        let graph = self.problem.rooms();
        let room = |at: &u16| self.rooms[usize::from(*at)].room;
        let most = bench.performs.iter().map(|at| graph.limits_of(room(at)).rooms_per_person).min();
        if most.is_some_and(|most| bench.performs.len() > 1 && bench.performs.len() > usize::from(most)) {
            return false;
        }
        if bench.supervises.is_empty() {
            return true;
        }
        let parameters = self.problem.parameters();
        let reach = graph.reach(bench.supervises.iter().map(room));
        let own = if parameters.supervision_derogation_authorized { reach.derogated } else { reach.usual };
        let total = bench.supervises.len() + if reach.own_rooms_count { bench.performs.len() } else { 0 };
        let pediatric = |rooms: &[u16]| rooms.iter().any(|room| self.rooms[usize::from(*room)].is_pediatric);
        let primary = self.is_mar && pediatric(&bench.performs);
        let crowded = pediatric(&bench.supervises)
            && bench.supervises.len() > usize::from(parameters.pediatric_supervision_max);
        total <= usize::from(own) && !primary && !crowded
    }

    /// B6.
    fn is_contiguous(&self, bench: &Bench) -> bool {
        let graph = self.problem.rooms();
        let mut rooms: Vec<RoomIx> = bench.seats().map(|(_, at)| self.rooms[usize::from(at)].room).collect();
        let asking: Vec<RoomIx> = rooms.iter().copied().filter(|room| graph.is_chained(*room)).collect();
        match asking[..] {
            [] | [_] => true,
            [one, other] => one == other || graph.are_linked(one, other),
            _ => graph.chains(&mut rooms) <= 1,
        }
    }
}

// === impl Bench ===

impl Bench {
    fn seats(&self) -> impl Iterator<Item = (Post, u16)> + '_ {
        let performs = self.performs.iter().map(|room| (Post::Performer, *room));
        performs.chain(self.supervises.iter().map(|room| (Post::Supervisor, *room)))
    }
}

#[cfg(test)]
mod tests {
    use roster::{problem::Half, problem::HalfDay, testing};

    use super::*;

    #[test]
    fn who_only_supervises_has_a_bench_for_every_set_the_judge_allows() {
        let mut compared = 0;
        let department = generator::generate(&generator::Preset::Department.parameters(1)).unwrap();
        let drafts = (0..20).map(testing::small_draft).chain([department]);
        for (seed, draft) in drafts.enumerate() {
            let problem = Problem::build(draft).unwrap();
            for day in problem.day_indices() {
                for half in Half::ALL {
                    let slots = problem.slots_of_day(day).iter().copied();
                    let slots: Vec<SlotIx> =
                        slots.filter(|slot| problem.slot(*slot).kind.half() == Some(half)).collect();
                    let rooms = open(&problem, &slots);
                    let all: Vec<u16> = (0..rooms.len() as u16).collect();
                    let named = |bench: Bench| -> Vec<RoomIx> {
                        let mut own: Vec<RoomIx> =
                            bench.supervises.iter().map(|at| rooms[usize::from(*at)].room).collect();
                        own.sort_unstable();
                        own
                    };
                    let ours: Vec<_> =
                        of(&problem, &rooms, &[], &all, true).unwrap().into_iter().map(named).collect();
                    for set in problem.supervisable_sets(HalfDay::new(day, half), &[]) {
                        let mut set: Vec<RoomIx> = set
                            .iter()
                            .filter_map(|slot| {
                                rooms.iter().find(|open| open.slot == *slot).map(|open| open.room)
                            })
                            .collect();
                        set.sort_unstable();
                        assert!(ours.contains(&set), "seed {seed}: {set:?} is no bench");
                        compared += usize::from(set.len() > 1);
                    }
                }
            }
        }
        assert!(compared > 0);
    }
}
