//! Who has which rooms at once: limits per sector, compatible sectors, contiguity, pediatrics, one site at a time.
//!
//! A nurse anesthetist acts only while an anesthetist can step in at any moment (Code de la santé publique
//! R4311-12); one anesthetist for two rooms with a nurse in each is the accepted ratio. More must be declared, and is
//! listed as a derogation (B13).

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, Half, Look, PersonIx, Post, Problem, Profession, RoomIx, Seat},
};

pub(super) fn judge(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let posts = state.posts(person, day);
    let theatre = state.loads(person)[day.at()].sectors;
    for half in Half::ALL.into_iter().filter(|half| theatre[half.at()] > 0) {
        let bench = Bench { problem: state.problem, person, day, posts, half };
        let (performed, supervised) = bench.sizes();
        if performed > 0 {
            bench.rooms(performed, sink);
        }
        if supervised > 0 {
            bench.supervised(performed, supervised, sink);
            bench.pediatrics(supervised, state.profession(person), sink);
        }
        if performed + supervised > 1 {
            bench.pairs(sink);
            bench.contiguity(sink);
        }
    }
    one_site(state, person, day, posts, sink);
}

/// A person's rooms of one half-day.
struct Bench<'s> {
    problem: &'s Problem,
    person: PersonIx,
    day: DayIx,
    posts: &'s [Seat],
    half: Half,
}

// === impl Bench ===

impl Bench<'_> {
    fn seats(&self) -> impl Iterator<Item = (Post, &Look)> + Clone + '_ {
        let looks = self.posts.iter().map(|seat| (seat.post, self.problem.look(seat.slot)));
        looks.filter(|(_, look)| look.is_theatre() && look.is_in(self.half))
    }

    fn sizes(&self) -> (i64, i64) {
        self.seats().fold((0, 0), |(performed, supervised), (post, _)| match post {
            Post::Performer => (performed + 1, supervised),
            Post::Supervisor => (performed, supervised + 1),
        })
    }

    fn of(&self, post: Post) -> impl Iterator<Item = &Look> + Clone + '_ {
        self.seats().filter(move |(own, _)| *own == post).map(|(_, look)| look)
    }

    fn facts(&self) -> Facts {
        let slots = self.posts.iter().map(|seat| seat.slot);
        let mut rooms: Vec<_> = slots.filter(|slot| self.problem.look(*slot).is_in(self.half)).collect();
        rooms.dedup();
        Facts::on(self.person, self.day).with_slots(rooms.into_iter())
    }

    /// I5: rooms one person performs in; the strictest sector decides.
    fn rooms(&self, performed: i64, sink: &mut impl Sink) {
        if performed < 2 {
            return;
        }
        let rooms = self.problem.rooms();
        let limits =
            self.of(Post::Performer).map(|look| i64::from(rooms.limits_of(look.room).rooms_per_person));
        let limit = limits.min().unwrap_or(1);
        if performed > limit {
            let facts = || self.facts().numbers(performed, limit);
            sink.found(RuleId::RoomsPerPerson, (performed - limit) * UNIT, facts);
        }
    }

    /// Supervision over the strictest sector's limit; an authorized derogation reaches further, and is reported.
    fn supervised(&self, performed: i64, supervised: i64, sink: &mut impl Sink) {
        let reach = self.problem.rooms().reach(self.of(Post::Supervisor).map(|look| look.room));
        let limit = i64::from(reach.usual);
        let total = if reach.own_rooms_count { performed + supervised } else { supervised };
        if total <= limit {
            return;
        }
        let with_derogation = self.problem.parameters().supervision_derogation_authorized;
        let reach = if with_derogation { i64::from(reach.derogated) } else { limit };
        let facts = || self.facts().numbers(total, limit);
        let relaxed = total.min(reach) - limit;
        if relaxed > 0 {
            sink.found(RuleId::SupervisionDerogation, relaxed * UNIT, facts);
        }
        if total > reach {
            sink.found(RuleId::SupervisionMax, (total - reach) * UNIT, facts);
        }
    }

    /// B10.
    fn pediatrics(&self, supervised: i64, profession: Profession, sink: &mut impl Sink) {
        let facts = || self.facts().numbers(supervised, 0);
        if profession == Profession::Mar && self.of(Post::Performer).any(|look| look.is_pediatric) {
            sink.found(RuleId::PediatricPrimary, supervised * UNIT, facts);
        }
        let limit = i64::from(self.problem.parameters().pediatric_supervision_max);
        if supervised > limit && self.of(Post::Supervisor).any(|look| look.is_pediatric) {
            sink.found(RuleId::PediatricPrimary, (supervised - limit) * UNIT, facts);
        }
    }

    /// B5: every two rooms are in one sector or in a permitted pair.
    fn pairs(&self, sink: &mut impl Sink) {
        let graph = self.problem.rooms();
        let mut rest = self.seats();
        let mut bad = 0;
        while let Some((post, one)) = rest.next() {
            for (other_post, other) in rest.clone() {
                bad += i64::from(!graph.go_together((post, one.room), (other_post, other.room)));
            }
        }
        if bad > 0 {
            sink.found(RuleId::SectorsCompatible, bad * UNIT, || self.facts());
        }
    }

    /// B6: the rooms of sectors that ask for it form one chain of neighbors; the breach is the number of gaps.
    fn contiguity(&self, sink: &mut impl Sink) {
        let graph = self.problem.rooms();
        let mut asking = self.seats().map(|(_, look)| look.room).filter(|room| graph.is_chained(*room));
        let (Some(first), Some(second)) = (asking.next(), asking.next()) else { return };
        if asking.next().is_none() {
            // Two rooms, the usual case: linked, the same, or apart.
            if first != second && !graph.are_linked(first, second) {
                sink.found(RuleId::Contiguity, UNIT, || self.facts());
            }
            return;
        }
        let mut rooms: Vec<RoomIx> = self.seats().map(|(_, look)| look.room).collect();
        let chains = graph.chains(&mut rooms) as i64;
        if chains > 1 {
            sink.found(RuleId::Contiguity, (chains - 1) * UNIT, || self.facts());
        }
    }
}

/// B14: one site per half-day; closing counts with the afternoon.
fn one_site(state: &State, person: PersonIx, day: DayIx, posts: &[Seat], sink: &mut impl Sink) {
    if posts.len() < 2 {
        return;
    }
    let problem = state.problem;
    for half in Half::ALL {
        let in_half = posts.iter().map(|seat| problem.look(seat.slot)).filter(|look| {
            look.is_in(half) || (half == Half::Afternoon && look.what == crate::problem::What::Closing)
        });
        let mut sites = in_half.filter_map(|look| look.site);
        if let Some(first) = sites.next() {
            let lowest = sites.clone().fold(first, Ord::min);
            // Counted against the lowest site, so that the order of the posts does not matter.
            let elsewhere = i64::from(first != lowest) + sites.filter(|site| *site != lowest).count() as i64;
            if elsewhere > 0 {
                let facts = || Facts::on(person, day).with_slots(posts.iter().map(|seat| seat.slot));
                sink.found(RuleId::OwnSites, elsewhere * UNIT, facts);
            }
        }
    }
}
