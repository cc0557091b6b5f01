//! A plan's life.

use calendar::{Day, DayRange};

/// Where a plan is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Draft,
    Published,
    Archived,
}

/// What a plan is, without its shifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub hospital: String,
    pub id: String,
    pub display_name: String,
    pub days: DayRange,
    /// Ids; the first keeps the gardes.
    pub sites: Vec<String>,
    pub state: State,
    /// The row's version: grows at each change.
    pub version: i64,
    /// Grows when shifts or assignments change.
    pub head: i64,
    /// Grows when shifts or pins change: what a proposal was computed for.
    pub frame: i64,
    /// 0 before the first publication.
    pub revision: i32,
    /// The head that was published.
    pub published_head: i64,
    pub publish_time: i64,
    pub analysis: Option<Summary>,
    pub shift_count: i32,
    pub create_time: i64,
    pub update_time: i64,
}

/// What the last analysis of the head said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub levels: Vec<i64>,
    pub hard_count: i32,
    pub hole_count: i32,
    pub head: i64,
    pub absences_version: String,
    /// Absences or rules moved since.
    pub is_outdated: bool,
    pub time: i64,
}

/// Why a plan cannot do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the plan is archived")]
    Archived,
    #[error("the plan is not a draft")]
    NotDraft,
    #[error("the plan was never published")]
    NotPublished,
}

// === impl State ===

impl State {
    pub fn code(self) -> &'static str {
        match self {
            State::Draft => "DRAFT",
            State::Published => "PUBLISHED",
            State::Archived => "ARCHIVED",
        }
    }

    pub fn from_code(code: &str) -> State {
        match code {
            "PUBLISHED" => State::Published,
            "ARCHIVED" => State::Archived,
            _ => State::Draft,
        }
    }
}

// === impl Plan ===

impl Plan {
    /// Its shifts and assignments may change.
    pub fn editable(&self) -> Result<(), Refusal> {
        if self.state == State::Archived { Err(Refusal::Archived) } else { Ok(()) }
    }

    pub fn deletable(&self) -> Result<(), Refusal> {
        if self.state == State::Draft { Ok(()) } else { Err(Refusal::NotDraft) }
    }

    pub fn archivable(&self) -> Result<(), Refusal> {
        match self.state {
            State::Published => Ok(()),
            State::Draft => Err(Refusal::NotPublished),
            State::Archived => Err(Refusal::Archived),
        }
    }

    pub fn has_unpublished_changes(&self) -> bool {
        self.head != self.published_head
    }

    /// Whether the last analysis no longer tells about the head.
    pub fn is_stale(&self) -> bool {
        self.analysis.as_ref().is_none_or(|summary| summary.is_outdated || summary.head != self.head)
    }

    /// Whether an absence or a rule moved after `seen` was read. What was judged then is not the whole truth.
    pub fn was_outdated_since(&self, seen: &Plan) -> bool {
        let is_outdated = |plan: &Plan| plan.analysis.as_ref().is_some_and(|summary| summary.is_outdated);
        is_outdated(self) && !is_outdated(seen)
    }

    pub fn has_site(&self, site: &str) -> bool {
        self.sites.iter().any(|own| own == site)
    }
}

/// The days of a new plan: by default those of the first day's month that are left.
pub fn days(first: Day, last: Option<Day>) -> Result<DayRange, calendar::Error> {
    DayRange::new(first, last.unwrap_or_else(|| first.calendar_month().last()))
}

/// The longest plan: a little more than a quarter.
pub const DAYS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(state: State) -> Plan {
        Plan {
            hospital: "h".into(),
            id: "p".into(),
            display_name: String::new(),
            days: days("2026-12-01".parse().unwrap(), None).unwrap(),
            sites: vec!["main".into()],
            state,
            version: 1,
            head: 3,
            frame: 1,
            revision: 0,
            published_head: 0,
            publish_time: 0,
            analysis: None,
            shift_count: 0,
            create_time: 0,
            update_time: 0,
        }
    }

    #[test]
    fn each_state_allows_its_transitions_only() {
        for (state, edit, delete, archive) in [
            (State::Draft, Ok(()), Ok(()), Err(Refusal::NotPublished)),
            (State::Published, Ok(()), Err(Refusal::NotDraft), Ok(())),
            (State::Archived, Err(Refusal::Archived), Err(Refusal::NotDraft), Err(Refusal::Archived)),
        ] {
            let plan = plan(state);
            assert_eq!((plan.editable(), plan.deletable(), plan.archivable()), (edit, delete, archive));
        }
    }

    #[test]
    fn a_plan_covers_the_month_of_its_first_day_by_default() {
        assert_eq!(plan(State::Draft).days.last().to_string(), "2026-12-31");
        assert!(days("2026-12-01".parse().unwrap(), Some("2026-11-30".parse().unwrap())).is_err());
    }

    #[test]
    fn an_analysis_is_stale_once_the_head_or_the_absences_moved() {
        let mut plan = plan(State::Draft);
        assert!(plan.is_stale());
        let summary = Summary {
            levels: vec![0; 6],
            hard_count: 0,
            hole_count: 0,
            head: 3,
            absences_version: "a".into(),
            is_outdated: false,
            time: 0,
        };
        plan.analysis = Some(summary.clone());
        assert!(!plan.is_stale());
        plan.head = 4;
        assert!(plan.is_stale());
        let seen = Plan { analysis: Some(Summary { head: 4, ..summary.clone() }), ..plan.clone() };
        plan.analysis = Some(Summary { head: 4, is_outdated: true, ..summary });
        assert!(plan.is_stale());
        assert!(plan.was_outdated_since(&seen), "marked between the two reads");
        assert!(!plan.was_outdated_since(&plan.clone()), "known when it was judged");
    }
}
