//! The moves. Each changes the roster through the journal and leaves judging to the search.
//!
//! A move may leave the roster illegal; the search takes it back then. It never touches a pinned place.

mod block;
mod duty;
mod hole;
mod reassign;
mod rebuild;

pub(crate) use self::hole::chain;
use crate::{rng::Rng, search::map::Map, state::State};

/// A kind of move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An empty place is filled by a chain of ejections.
    Hole,
    /// A theatre room, a consultation, a closing or a floating place goes to somebody else.
    Reassign,
    /// A nurse's room goes to another supervisor.
    Supervisor,
    /// A garde or an astreinte goes to somebody else.
    Duty,
    /// Two gardes, or two astreintes, are exchanged.
    DutyExchange,
    /// Two people exchange everything they have during some days.
    Block,
    /// Some rooms of a half-day are emptied and filled anew.
    Rebuild,
    /// Everybody's places of a half-day are chosen anew together.
    Exact,
}

// === impl Kind ===

impl Kind {
    /// How many there are.
    pub const COUNT: usize = 8;

    /// All, in order.
    pub const ALL: [Kind; Kind::COUNT] = [
        Kind::Hole,
        Kind::Reassign,
        Kind::Supervisor,
        Kind::Duty,
        Kind::DutyExchange,
        Kind::Block,
        Kind::Rebuild,
        Kind::Exact,
    ];

    /// A word for statistics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Hole => "hole",
            Kind::Reassign => "reassign",
            Kind::Supervisor => "supervisor",
            Kind::Duty => "duty",
            Kind::DutyExchange => "duty_exchange",
            Kind::Block => "block",
            Kind::Rebuild => "rebuild",
            Kind::Exact => "exact",
        }
    }
}

/// Makes one move of a kind; `false` when it found nothing to do (what it did so far is to be taken back).
pub(crate) fn propose(kind: Kind, state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    match kind {
        Kind::Hole => hole::fill_by_ejection(state, map, rng),
        Kind::Reassign => reassign::reassign(state, map, rng),
        Kind::Supervisor => reassign::change_supervisor(state, map, rng),
        Kind::Duty => duty::give_to_another(state, map, rng),
        Kind::DutyExchange => duty::exchange(state, map, rng),
        Kind::Block => block::exchange_days(state, map, rng),
        Kind::Rebuild => rebuild::rebuild_rooms(state, map, rng),
        Kind::Exact => false,
    }
}
