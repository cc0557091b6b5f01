//! From morning to afternoon: same room (B7), same sector (B8), no full day where it is forbidden (B17), and what a
//! change of site at noon costs (B14).

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, Half, Look, PersonIx, Post, Problem, Profession, Seat, SectorIx},
};

pub(super) fn judge(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let posts = state.posts(person, day);
    if posts.len() < 2 || state.loads(person)[day.at()].busy != [true; 2] {
        return;
    }
    let span = Span { problem: state.problem, person, day, posts };
    if span.of(Half::Morning).next().is_none() || span.of(Half::Afternoon).next().is_none() {
        return;
    }
    span.full_day(state.profession(person), sink);
    span.rooms(sink);
    span.sites(sink);
}

struct Span<'s> {
    problem: &'s Problem,
    person: PersonIx,
    day: DayIx,
    posts: &'s [Seat],
}

// === impl Span ===

impl Span<'_> {
    fn of(&self, half: Half) -> impl Iterator<Item = (Post, &Look)> + Clone + '_ {
        let looks = self.posts.iter().map(|seat| (seat.post, self.problem.look(seat.slot)));
        looks.filter(move |(_, look)| look.is_in(half))
    }

    fn performed(&self, half: Half) -> impl Iterator<Item = &Look> + Clone + '_ {
        self.of(half)
            .filter(|(post, look)| *post == Post::Performer && look.is_theatre())
            .map(|(_, look)| look)
    }

    fn facts(&self) -> Facts {
        Facts::on(self.person, self.day).with_slots(self.posts.iter().map(|seat| seat.slot))
    }

    /// Where a person stands: in the sectors of the rooms performed in; when performing nowhere, in those supervised.
    fn stands_in(&self, half: Half, sector: SectorIx) -> bool {
        let mut performed = self.performed(half).peekable();
        if performed.peek().is_some() {
            return performed.any(|look| look.sector == sector);
        }
        self.of(half).any(|(_, look)| look.is_theatre() && look.sector == sector)
    }

    /// B17: counted once per forbidden sector.
    fn full_day(&self, profession: Profession, sink: &mut impl Sink) {
        let sectors = &self.problem.topology().sectors;
        for (post, look) in self.of(Half::Morning).filter(|(_, look)| look.is_theatre()) {
            let limits = &sectors[look.sector.at()].limits;
            let is_forbidden = match profession {
                Profession::Mar => limits.mar_full_day_forbidden,
                Profession::Iade => limits.iade_full_day_forbidden,
            };
            if is_forbidden
                && self.is_first_of_sector(post, look)
                && self.stands_in(Half::Morning, look.sector)
                && self.stands_in(Half::Afternoon, look.sector)
            {
                sink.found(RuleId::FullDayForbidden, UNIT, || self.facts());
            }
        }
    }

    /// One place speaks for all of a sector's, whatever their order.
    fn is_first_of_sector(&self, post: Post, look: &Look) -> bool {
        let same =
            self.of(Half::Morning).filter(|(_, other)| other.is_theatre() && other.sector == look.sector);
        same.map(|(post, other)| (other.room, post)).min() == Some((look.room, post))
    }

    /// B7 and B8, on the rooms performed in.
    fn rooms(&self, sink: &mut impl Sink) {
        let Some(morning) = self.performed(Half::Morning).map(|look| (look.sector, look.room)).min() else {
            return;
        };
        let afternoon = self.performed(Half::Afternoon);
        if afternoon.clone().next().is_none() {
            return;
        }
        let shared = |look: &Look| self.performed(Half::Morning).any(|own| own.sector == look.sector);
        if !afternoon.clone().any(shared) {
            sink.found(RuleId::SectorChange, UNIT, || self.facts());
        } else if self.problem.topology().sectors[morning.0.at()].limits.is_contiguous {
            let kept = |look: &Look| self.performed(Half::Morning).any(|own| own.room == look.room);
            if !afternoon.clone().any(kept) {
                sink.found(RuleId::SameRoomAllDay, UNIT, || self.facts());
            }
        }
    }

    /// B14: posts of the morning at one site, of the afternoon at another.
    fn sites(&self, sink: &mut impl Sink) {
        let site = |half| self.of(half).filter_map(|(_, look)| look.site).min();
        let (morning, afternoon) = (site(Half::Morning), site(Half::Afternoon));
        if morning.is_some() && afternoon.is_some() && morning != afternoon {
            let allowed = self.problem.parameters().site_change_at_noon_allowed;
            let rule = if allowed { RuleId::SiteChange } else { RuleId::OwnSites };
            sink.found(rule, UNIT, || self.facts());
        }
    }
}
