//! Large problems in pieces.
//!
//! A group of hospitals is nearly decomposable: most people work at one site, a few at two or three. [`Cut`] finds
//! clusters of sites that are held together by their people; sites that share nobody fall apart exactly, sites that
//! share few people are cut where the tie is weak. Each cluster is a [`Part`]: a checked problem of its own with maps
//! back to the whole. Parts are searched side by side, and what they found is merged and judged whole.
//!
//! People who work in several clusters are the coupling. In each round such a person is *owned* by one cluster, whose
//! part holds all their posts, those of other clusters as pins; only the owner may change their plan. In every other
//! part they are *frozen*: there for the posts they are pinned to and for nothing else. So each person's rules are
//! judged in one part at a time and in full, and the merged roster breaks nothing that its parts do not break.
//!
//! Who owns whom goes round from cluster to cluster. On days that are dearer elsewhere (more open rooms for the people
//! there) an owner leaves the person free for the cluster whose turn comes: the *price* of a half-day is the weight
//! that is open over the people who are present.
//!
//! Invariants:
//! - a merged roster is legal when its parts are; should a rule ever look across parts, what breaks it is taken out;
//! - parts, seeds and step shares depend on the problem and the round alone, never on the number of threads or
//!   processes, and results are merged in the order of parts.

mod cut;
mod part;
mod price;
mod rounds;
#[cfg(test)]
mod tests;
mod ties;

pub(crate) use self::rounds::{Piece, Workshop};
use roster::{Problem, Roster};

use crate::{
    Observer, Options, Solution,
    budget::{Clock, Meter},
    follow, piece,
};

pub use self::{
    cut::{Cut, Turn},
    part::Part,
};

/// Searches one part, as a round of the whole's search would; `is_fresh` when its start came out of construction and
/// nobody minds what becomes of it. The roster is one of the part's own problem: see [`Part::merge`].
pub fn search_part(part: &Part, is_fresh: bool, options: &Options, observer: &mut impl Observer) -> Solution {
    let clock = Clock::new(observer.spent().is_some());
    let piece = Piece { problem: part.problem(), start: part.start(), seed: options.seed, is_fresh };
    follow::follow(observer, &clock, |reporter| {
        piece::search(piece, options, &mut Meter::new(&clock, options.steps), Some(&reporter))
    })
}

/// Judges a roster that parts made, and takes out what is not legal in the whole; nothing is searched.
#[must_use]
pub fn close(problem: &Problem, roster: &Roster) -> Solution {
    rounds::close(problem, roster)
}
