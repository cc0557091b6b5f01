//! Days on which a person cannot take a garde or an astreinte, and their life: pending → approved, rejected, countered or
//! cancelled.

use calendar::{Day, DayRange, Span};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    conflict::Duty,
    holiday::PublicHolidays,
    leave::{Decision, Leave},
    recurrence::Recurrence,
    refusal::Refusal,
};

/// How far ahead conflicts are looked for.
pub const HORIZON_DAYS: i32 = 366;

/// The most times within what is looked at.
const TIMES_MAX: usize = 800;

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Waits for a decision.
    Pending,
    /// It holds.
    Approved,
    /// Refused, with a comment.
    Rejected,
    /// Other days were proposed.
    Countered,
    /// Withdrawn.
    Cancelled,
}

/// What the person cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Gardes.
    Garde,
    /// Astreintes.
    Astreinte,
    /// Both.
    Both,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Priority {
    /// Would be good.
    Low,
    /// Usual.
    Medium,
    /// There is no other way.
    High,
}

/// What is entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What the person cannot take.
    pub scope: Scope,
    /// The first time.
    pub days: DayRange,
    /// When it comes again.
    pub recurrence: Option<Recurrence>,
    /// How much it matters.
    pub priority: Priority,
    /// Whether other days would do.
    pub is_flexible: bool,
    /// For those who decide.
    pub comment: String,
}

/// Days on which a person cannot take a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unavailability {
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// Its own id.
    pub id: String,
    /// The person's profession code when it was entered.
    pub profession: String,
    /// What was entered.
    pub wish: Wish,
    /// Where it stands.
    pub state: State,
    /// What it met when it was last judged.
    pub conflicts: Vec<Conflict>,
    /// The decision, once there is one.
    pub decision: Option<Decision>,
    /// Other days that were proposed instead.
    pub counter: Option<DayRange>,
    /// Grows with each change.
    pub version: i64,
    /// When it was entered.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// What was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConflictKind {
    /// A published garde or astreinte.
    PublishedDuty,
    /// A leave.
    Leave,
    /// Another unavailability.
    OtherUnavailability,
}

/// Something that the person has on such a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What.
    pub kind: ConflictKind,
    /// The first day on which they meet.
    pub day: Day,
    /// The shift, leave or unavailability.
    pub resource: String,
}

/// What is known around it.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The person's published duties.
    pub duties: &'a [Duty],
    /// The person's leaves.
    pub leaves: &'a [Leave],
    /// The person's other unavailabilities.
    pub others: &'a [Unavailability],
    /// Public holidays here.
    pub holidays: &'a PublicHolidays,
}

/// Everything it meets in the year after its first day.
pub fn assess(own: &Unavailability, around: &Surroundings<'_>) -> Vec<Conflict> {
    let first = own.wish.days.first();
    let Ok(horizon) = DayRange::new(first, first.plus(HORIZON_DAYS)) else { return vec![] };
    let times = own.wish.times(horizon, around.holidays);
    let mut conflicts = Vec::new();
    let mut found = |kind, day: Option<Day>, resource: String| {
        conflicts.extend(day.map(|day| Conflict { kind, day, resource }));
    };
    let meets = |other: DayRange| times.iter().find_map(|time| time.intersect(other)).map(DayRange::first);
    for duty in around.duties.iter().filter(|duty| duty.is_on_call) {
        found(ConflictKind::PublishedDuty, meets(DayRange::single(duty.day)), duty.shift.clone());
    }
    for leave in around.leaves.iter().filter(|leave| leave.is_alive()) {
        found(ConflictKind::Leave, meets(leave.span.range()), leave.name());
    }
    for other in around.others.iter().filter(|other| other.id != own.id && other.holds()) {
        let mut theirs = other.wish.times(horizon, around.holidays).into_iter();
        found(ConflictKind::OtherUnavailability, theirs.find_map(meets), other.name());
    }
    conflicts
}

// === impl Wish ===

impl Wish {
    /// The last day on which it may hold: the last time may begin on the recurrence's last day, and has its own length
    /// after that. None when no such day is set.
    pub fn until(&self) -> Option<Day> {
        let (first, last) = (self.days.first(), self.days.last());
        match &self.recurrence {
            None => Some(last),
            Some(recurrence) => recurrence.until.map(|until| until.plus(last - first).max(last)),
        }
    }

    /// Its times that touch a range.
    pub fn times(&self, range: DayRange, holidays: &PublicHolidays) -> Vec<DayRange> {
        let first = Span::whole(self.days);
        let all = match &self.recurrence {
            None => vec![first],
            Some(recurrence) => {
                let until = recurrence.until.map_or(range.last(), |until| until.min(range.last()));
                let within = Recurrence { until: Some(until), ..recurrence.clone() };
                within.times_from(first, holidays, (range.first(), TIMES_MAX))
            }
        };
        all.into_iter().map(Span::range).filter(|days| days.overlaps(range)).collect()
    }
}

// === impl Unavailability ===

impl Unavailability {
    /// Its name.
    pub fn name(&self) -> String {
        proto::names::UnavailabilityName::new(&self.hospital, &self.staff_member, &self.id).to_string()
    }

    /// Whether it holds, or may come to hold.
    pub fn holds(&self) -> bool {
        matches!(self.state, State::Pending | State::Approved | State::Countered)
    }

    /// The same without what people wrote; none if nobody wrote anything.
    pub fn without_texts(&self) -> Option<Self> {
        let decided = self.decision.as_ref().is_some_and(|decision| !decision.comment.is_empty());
        (decided || !self.wish.comment.is_empty()).then(|| Self {
            wish: Wish { comment: String::new(), ..self.wish.clone() },
            decision: self.decision.clone().map(Decision::without_text),
            ..self.clone()
        })
    }

    /// As it is entered: approved if it meets nothing, else somebody decides.
    pub fn entered(self, conflicts: Vec<Conflict>) -> Self {
        let state = if conflicts.is_empty() { State::Approved } else { State::Pending };
        Self { state, conflicts, ..self }
    }

    /// PENDING or COUNTERED → APPROVED.
    pub fn approve(self, decision: Decision) -> Result<Self, Refusal> {
        self.must_be(&[State::Pending, State::Countered])?;
        Ok(self.decided(State::Approved, decision))
    }

    /// PENDING or COUNTERED → REJECTED.
    pub fn reject(self, decision: Decision) -> Result<Self, Refusal> {
        self.must_be(&[State::Pending, State::Countered])?;
        Ok(self.decided(State::Rejected, decision))
    }

    /// PENDING → COUNTERED: other days instead.
    pub fn counter(self, days: DayRange, decision: Decision) -> Result<Self, Refusal> {
        self.must_be(&[State::Pending])?;
        Ok(Self { counter: Some(days), ..self.decided(State::Countered, decision) })
    }

    /// COUNTERED → APPROVED, on the days that were proposed, once.
    pub fn accept(self, now: Timestamp) -> Result<Self, Refusal> {
        self.must_be(&[State::Countered])?;
        let days = self.counter.unwrap_or(self.wish.days);
        let wish = Wish { days, recurrence: None, ..self.wish };
        Ok(Self { wish, state: State::Approved, conflicts: vec![], update_time: now, ..self })
    }

    /// Anything that holds or may → CANCELLED.
    pub fn cancel(self, decision: Decision) -> Result<Self, Refusal> {
        self.must_be(&[State::Pending, State::Approved, State::Countered])?;
        Ok(self.decided(State::Cancelled, decision))
    }

    fn must_be(&self, states: &[State]) -> Result<(), Refusal> {
        if states.contains(&self.state) {
            return Ok(());
        }
        Err(Refusal::UnavailabilityState { unavailability: self.name(), state: self.state.word() })
    }

    fn decided(self, state: State, decision: Decision) -> Self {
        Self { state, update_time: decision.decide_time, decision: Some(decision), ..self }
    }
}

// === impl State ===

impl State {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Approved, Self::Rejected, Self::Countered, Self::Cancelled];

    /// The word in filters and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Countered => "COUNTERED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::recurrence::Frequency;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn days(first: &str, last: &str) -> DayRange {
        DayRange::new(day(first), day(last)).unwrap()
    }

    fn unavailability(id: &str, days: DayRange, recurrence: Option<Recurrence>) -> Unavailability {
        Unavailability {
            hospital: "chu".to_owned(),
            staff_member: "ann".to_owned(),
            id: id.to_owned(),
            profession: "MAR".to_owned(),
            wish: Wish {
                scope: Scope::Both,
                days,
                recurrence,
                priority: Priority::Medium,
                is_flexible: false,
                comment: String::new(),
            },
            state: State::Pending,
            conflicts: vec![],
            decision: None,
            counter: None,
            version: 1,
            create_time: Timestamp::UNIX_EPOCH,
            update_time: Timestamp::UNIX_EPOCH,
        }
    }

    fn weekly() -> Recurrence {
        Recurrence {
            frequency: Frequency::Weekly(vec![]),
            interval: 1,
            until: None,
            count: None,
            skip_holidays: false,
            skip_weekends: false,
            exceptions: BTreeSet::from([day("2026-06-16")]),
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

    #[test]
    fn an_endless_one_has_the_times_of_the_range_that_is_asked_for() {
        let tuesdays = unavailability("u", days("2026-06-02", "2026-06-02"), Some(weekly()));
        let none = PublicHolidays::default();
        let times = |first, last| tuesdays.wish.times(days(first, last), &none);
        let expected = ["2026-06-02", "2026-06-09", "2026-06-23"].map(|text| DayRange::single(day(text)));
        assert_eq!(times("2026-05-01", "2026-06-29"), expected);
        assert_eq!(times("2030-06-01", "2030-06-05"), [DayRange::single(day("2030-06-04"))]);
    }

    #[test]
    fn what_meets_nothing_is_approved_and_what_meets_a_garde_waits() {
        let duty =
            |text: &str, is_on_call| Duty { shift: text.to_owned(), day: day(text), part: None, is_on_call };
        let others = [
            unavailability("other", days("2026-06-08", "2026-06-09"), None),
            Unavailability {
                state: State::Rejected,
                ..unavailability("no", days("2026-06-02", "2026-06-02"), None)
            },
        ];
        let judge = |duties: &[Duty], others: &[Unavailability]| {
            let own = unavailability("u", days("2026-06-02", "2026-06-02"), Some(weekly()));
            let holidays = PublicHolidays::default();
            let around = Surroundings { duties, leaves: &[], others, holidays: &holidays };
            let conflicts = assess(&own, &around);
            own.entered(conflicts)
        };
        assert_eq!(
            judge(&[duty("2026-06-16", true), duty("2026-06-09", false)], &others[1..]).state,
            State::Approved
        );
        let waits = judge(&[duty("2026-06-23", true)], &others);
        let met: Vec<_> = waits.conflicts.iter().map(|c| (c.kind, c.day.to_string())).collect();
        assert_eq!(
            met,
            [
                (ConflictKind::PublishedDuty, "2026-06-23".to_owned()),
                (ConflictKind::OtherUnavailability, "2026-06-09".to_owned())
            ]
        );
        assert_eq!(waits.state, State::Pending);
    }

    #[test]
    fn each_state_allows_exactly_its_transitions() {
        use State::{Approved, Cancelled, Countered, Pending, Rejected};
        type Step = fn(Unavailability) -> Result<Unavailability, Refusal>;
        let steps: [Step; 5] = [
            |own| own.approve(decision()),
            |own| own.reject(decision()),
            |own| own.counter(days("2026-07-01", "2026-07-02"), decision()),
            |own| own.accept(Timestamp::UNIX_EPOCH),
            |own| own.cancel(decision()),
        ];
        let table = [
            (Pending, [Some(Approved), Some(Rejected), Some(Countered), None, Some(Cancelled)]),
            (Approved, [None, None, None, None, Some(Cancelled)]),
            (Rejected, [None; 5]),
            (Countered, [Some(Approved), Some(Rejected), None, Some(Approved), Some(Cancelled)]),
            (Cancelled, [None; 5]),
        ];
        for (state, expected) in table {
            for (step, expected) in steps.iter().zip(expected) {
                let own = unavailability("u", days("2026-06-02", "2026-06-02"), None);
                let reached = step(Unavailability { state, ..own }).ok().map(|own| own.state);
                assert_eq!(reached, expected, "from {state:?}");
            }
        }
    }

    #[test]
    fn a_counter_proposal_that_is_accepted_holds_on_its_own_days() {
        let own = unavailability("u", days("2026-06-02", "2026-06-02"), Some(weekly()));
        let countered = own.counter(days("2026-07-01", "2026-07-02"), decision()).unwrap();
        let accepted = countered.accept(Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((accepted.wish.days, accepted.wish.recurrence), (days("2026-07-01", "2026-07-02"), None));
    }
}
