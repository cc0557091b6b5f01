use calendar::{Day, DayRange};
use proptest::prelude::*;

use super::*;
use crate::domain::balance::Figures;

fn leave(state: State) -> Leave {
    let days = DayRange::new(Day::new(2026, 12, 30).unwrap(), Day::new(2027, 1, 5).unwrap()).unwrap();
    Leave {
        hospital: "chu".to_owned(),
        staff_member: "ann".to_owned(),
        id: "l1".to_owned(),
        profession: "MAR".to_owned(),
        leave_type: "cp".to_owned(),
        span: days.into(),
        charges: vec![Charge { year: 2026, half_days: 4 }, Charge { year: 2027, half_days: 6 }],
        has_balance: true,
        charged_type: None,
        employed_since: None,
        state,
        comment: String::new(),
        decision: None,
        series: None,
        escalate_time: None,
        version: 1,
        create_time: Timestamp::UNIX_EPOCH,
        update_time: Timestamp::UNIX_EPOCH,
    }
}

fn decision() -> Decision {
    Decision {
        decider: "bob".to_owned(),
        comment: String::new(),
        is_forced: false,
        decide_time: Timestamp::UNIX_EPOCH,
        rank: None,
    }
}

type Step = fn(Leave) -> Result<Change, Refusal>;

const STEPS: [(&str, Step); 5] = [
    ("submit", |leave| leave.submit(Timestamp::UNIX_EPOCH)),
    ("approve", |leave| leave.approve(decision())),
    ("reject", |leave| leave.reject(decision())),
    ("return", |leave| leave.give_back(decision())),
    ("cancel", |leave| leave.cancel(decision())),
];

#[test]
fn each_state_allows_exactly_its_transitions() {
    use State::{Approved, Cancelled, Draft, Pending, Rejected, RevisionAsked};
    let table = [
        (Draft, [Some(Pending), None, None, None, Some(Cancelled)]),
        (Pending, [None, Some(Approved), Some(Rejected), Some(RevisionAsked), Some(Cancelled)]),
        (RevisionAsked, [Some(Pending), None, None, None, Some(Cancelled)]),
        (Approved, [None, None, None, None, Some(Cancelled)]),
        (Rejected, [None; 5]),
        (Cancelled, [None; 5]),
    ];
    for (from, expected) in table {
        for ((name, step), expected) in STEPS.iter().zip(expected) {
            let reached = step(leave(from)).ok().map(|change| change.leave.state);
            assert_eq!(reached, expected, "{name} from {from:?}");
        }
    }
}

#[test]
fn approving_turns_the_reservation_into_usage_in_each_year() {
    let change = leave(State::Pending).approve(decision()).unwrap();
    let lines: Vec<_> = change.entries.iter().map(|e| (e.year, e.kind, e.half_days)).collect();
    assert_eq!(
        lines,
        [
            (2026, EntryKind::Release, 4),
            (2027, EntryKind::Release, 6),
            (2026, EntryKind::Usage, -4),
            (2027, EntryKind::Usage, -6),
        ]
    );
}

#[test]
fn a_revision_keeps_the_name_and_releases_what_waited() {
    let draft =
        || Leave { id: "new".to_owned(), version: 1, comment: "shorter".to_owned(), ..leave(State::Draft) };
    let (revised, released) = Leave { version: 4, ..leave(State::Pending) }.revise(draft()).unwrap();
    assert_eq!((revised.id.as_str(), revised.version, revised.state), ("l1", 4, State::Draft));
    assert_eq!(revised.comment, "shorter");
    let lines: Vec<_> = released.iter().map(|e| (e.kind, e.half_days)).collect();
    assert_eq!(lines, [(EntryKind::Release, 4), (EntryKind::Release, 6)]);
    assert_eq!(leave(State::RevisionAsked).revise(draft()).unwrap().1, []);
    for state in [State::Approved, State::Rejected, State::Cancelled] {
        assert!(leave(state).revise(draft()).is_err(), "{state:?}");
    }
}

#[test]
fn a_leave_outside_balances_writes_no_line() {
    let unpaid = Leave { has_balance: false, ..leave(State::Draft) };
    assert_eq!(unpaid.submit(Timestamp::UNIX_EPOCH).unwrap().entries, []);
}

proptest! {
    /// Whatever is done to a leave, in whatever order: once it is no longer alive, the ledger is as before it.
    #[test]
    fn a_leave_that_ended_has_cost_nothing(steps in prop::collection::vec(0usize..5, 0..8)) {
        let (mut leave, mut figures) = (leave(State::Draft), Figures::default());
        for step in steps {
            if let Ok(change) = STEPS[step].1(leave.clone()) {
                change.entries.iter().for_each(|entry| figures.add(entry.kind, entry.half_days));
                leave = change.leave;
            }
            let cost = leave.counted_half_days();
            let expected = match leave.state {
                State::Pending => (0, cost),
                State::Approved => (cost, 0),
                _ => (0, 0),
            };
            prop_assert_eq!((figures.used, figures.pending), expected);
        }
    }
}
