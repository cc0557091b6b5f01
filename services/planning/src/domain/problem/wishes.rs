//! Wishes as the judge knows them: what is granted must hold (R1), what is submitted is welcome (R2).

use std::collections::BTreeMap;

use calendar::{DayPart, DayRange};
use roster::problem::{Ask, DayIx, Half, HalfDay, PersonIx, Request, Wish as Welcome};

use super::Inputs;
use crate::domain::wish::{Kind, State, Wish};

/// Requests and wishes of those who are in the problem. Wishes whose rank weighs nothing are left out.
pub(super) fn of(inputs: &Inputs<'_>, people: &BTreeMap<&str, PersonIx>) -> (Vec<Request>, Vec<Welcome>) {
    let (mut requests, mut wishes) = (Vec::new(), Vec::new());
    let policy = &inputs.rules.team.wishes;
    for wish in inputs.wishes {
        let Some(person) = people.get(wish.staff_member.as_str()).copied() else { continue };
        let asks = asks(wish, inputs.days);
        let weight = policy.weight(wish.rank);
        match wish.state {
            State::Approved => requests.extend(asks.into_iter().map(|ask| Request { person, ask })),
            State::Submitted if weight > 0 => {
                wishes.extend(asks.into_iter().map(|ask| Welcome { person, ask, weight }));
            }
            State::Submitted | State::Rejected => {}
        }
    }
    (requests, wishes)
}

/// What a wish asks of a plan: of each half-day that it is about, or of its day.
fn asks(wish: &Wish, days: DayRange) -> Vec<Ask> {
    let offset = days.contains(wish.day).then(|| usize::try_from(wish.day - days.first()).ok()).flatten();
    let Some(day) = offset.and_then(DayIx::of) else { return Vec::new() };
    let halves = DayPart::ALL.into_iter().filter(|part| wish.part.is_none_or(|own| own == *part));
    let of_halves = |ask: fn(HalfDay) -> Ask| {
        let half = |part: DayPart| match part {
            DayPart::Morning => Half::Morning,
            DayPart::Afternoon => Half::Afternoon,
        };
        halves.map(|part| ask(HalfDay::new(day, half(part)))).collect()
    };
    match wish.kind {
        Kind::Off => of_halves(Ask::Off),
        Kind::Work => of_halves(Ask::Work),
        Kind::Consultation => of_halves(Ask::Consultation),
        Kind::Garde => vec![Ask::Garde(day)],
        Kind::NoGarde => vec![Ask::NoGarde(day)],
        Kind::Astreinte => vec![Ask::Astreinte(day)],
        Kind::NoAstreinte => vec![Ask::NoAstreinte(day)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{equity::Standing, rule_set::RuleSet, snapshot::Snapshot, wish::Rank};

    fn wish(staff_member: &str, kind: Kind, day: &str, part: Option<DayPart>, state: State) -> Wish {
        Wish {
            id: "w".into(),
            staff_member: staff_member.into(),
            kind,
            day: day.parse().unwrap(),
            part,
            rank: Rank::Primary,
            state,
            comment: String::new(),
            decision_comment: String::new(),
            decider: String::new(),
            decide_time: 0,
            create_time: 0,
            version: 1,
        }
    }

    fn found(wishes: &[Wish], rules: &RuleSet) -> (Vec<Request>, Vec<Welcome>) {
        let inputs = Inputs {
            days: DayRange::new("2027-01-01".parse().unwrap(), "2027-01-31".parse().unwrap()).unwrap(),
            sites: &[],
            shifts: &[],
            holders: &[],
            published: &[],
            before: &[],
            after: &[],
            elsewhere: &[],
            standing: &Standing::default(),
            wishes,
            snapshot: &Snapshot::default(),
            rules,
            today: "2026-11-20".parse().unwrap(),
        };
        of(&inputs, &[("a", PersonIx(3))].into())
    }

    #[test]
    fn what_is_granted_must_hold_and_what_is_submitted_is_welcome() {
        let wishes = [
            wish("a", Kind::Off, "2027-01-02", None, State::Approved),
            wish("a", Kind::Consultation, "2027-01-05", Some(DayPart::Afternoon), State::Approved),
            wish("a", Kind::NoGarde, "2027-01-31", None, State::Submitted),
            wish("a", Kind::Garde, "2027-01-30", None, State::Rejected),
            wish("a", Kind::Garde, "2027-02-01", None, State::Approved),
            wish("elsewhere", Kind::Garde, "2027-01-03", None, State::Approved),
        ];
        let mut rules = RuleSet::default();
        let person = PersonIx(3);
        let request = |ask| Request { person, ask };
        let half = |day, half| HalfDay::new(DayIx(day), half);
        let (requests, welcome) = found(&wishes, &rules);
        let expected = [
            request(Ask::Off(half(1, Half::Morning))),
            request(Ask::Off(half(1, Half::Afternoon))),
            request(Ask::Consultation(half(4, Half::Afternoon))),
        ];
        assert_eq!(requests, expected);
        assert_eq!(welcome, [Welcome { person, ask: Ask::NoGarde(DayIx(30)), weight: 3 }]);
        rules.team.wishes.primary_weight = 0;
        assert!(found(&wishes, &rules).1.is_empty(), "a wish that weighs nothing is no wish");
    }
}
