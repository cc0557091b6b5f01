//! Fair shares: each counter against each person's target, history included (G21 C9 I4e B2e O3 F2).
//!
//! The cost is piecewise linear and convex: the first unit off target weighs 1, the second 2, further ones 3. It is
//! exact in integers and easy to read; Gini and the like are for display only.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{Counter, PersonIx},
};

pub(super) fn judge(state: &State, person: PersonIx, counter: Counter, sink: &mut impl Sink) {
    let Some(target) = state.problem.target(person, counter) else { return };
    let quantity = state.counter(person, counter);
    let weight = state.problem.derived().counter_weights[counter.at()];
    let amount = weight * convex((quantity - target).abs());
    if amount > 0 {
        let facts = || Facts { people: vec![person], ..Facts::default() }.numbers(quantity, target);
        sink.found(rule_of(counter), amount, facts);
    }
}

/// The cost of being off target, both in thousandths: slopes 1, 2, then 3.
pub(crate) fn convex(off: i64) -> i64 {
    off + (off - UNIT).max(0) + (off - 2 * UNIT).max(0)
}

/// The rule a counter is judged under.
pub(crate) fn rule_of(counter: Counter) -> RuleId {
    match counter {
        Counter::Closings | Counter::ClosingsFriday => RuleId::ClosingEquity,
        Counter::ConsultationsMorning
        | Counter::ConsultationsAfternoon
        | Counter::ConsultationsFridayAfternoon => RuleId::ConsultationEquity,
        Counter::TheatreHalfDays | Counter::Supervisions => RuleId::TheatreEquity,
        Counter::OffHalfDays => RuleId::OffEquity,
        Counter::Hardship => RuleId::FatigueEquity,
        _ => RuleId::DutyEquity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_further_from_the_target_the_dearer_each_unit() {
        assert_eq!([0, 500, 1_000, 2_000, 3_000].map(convex), [0, 500, 1_000, 3_000, 6_000]);
    }
}
