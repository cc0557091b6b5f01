//! The same for those who work shifts: somebody takes the shift that fell, others take what that leaves.
//!
//! What falls is a head in the count of a day and a type of shift, not a named place: it only has to be made up for
//! where fewer come than are wanted. Somebody comes on a day off or changes type that day, and may have to change other
//! days of the own row for it, as rests and stretches ask; what is then missing elsewhere is made up for in turn. All of
//! it up to so many changed days, deepened one by one, cut where even filling everything could not reach what was found.

use roster::{
    Evaluator, Level, RuleId, Score,
    problem::{DayIx, PersonIx},
    rules::catalogue,
    shifts::{Code, OFF, Table},
};

use super::{
    ChangeBudget, Limits, Span, Warm,
    archive::{Archive, Found},
};

/// How far from a day given the own row may have to change.
const REACH: usize = 7;

/// One day of somebody's shifts that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShiftChange {
    /// Whose.
    pub person: PersonIx,
    /// Which day.
    pub day: DayIx,
    /// What it was.
    pub before: Code,
    /// What it is.
    pub after: Code,
}

/// One way to make up for shifts that fell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftAlternative {
    /// What changes, by person and day, the absent person's days included.
    pub changes: Vec<ShiftChange>,
    /// How many days of others change.
    pub changes_count: usize,
    /// What the roster costs more (less, when negative) than with the fallen shifts simply missing.
    pub difference: Score,
    /// No other alternative has as few changes and is as good, the price of changes left aside.
    pub is_pareto: bool,
}

/// What can be done about the shifts of somebody who is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftReplanning {
    /// The shifts that fell, by day.
    pub fallen: Vec<(DayIx, Code)>,
    /// Days that are locked, and so stay.
    pub locked: Vec<DayIx>,
    /// The ways to make up for them, the best roster first.
    pub alternatives: Vec<ShiftAlternative>,
    /// All ways of at most so many changes were tried; `None`: the steps ended before.
    pub complete_up_to: Option<usize>,
    /// Steps spent.
    pub steps: u64,
}

/// The best ways to make up for somebody's shifts, on whole days the span touches.
#[must_use]
pub fn absence_of_shifts(
    warm: &Warm<'_>,
    person: PersonIx,
    span: Span,
    budget: &ChangeBudget,
) -> ShiftReplanning {
    let problem = warm.problem();
    let row = warm.roster().row(person);
    let worked = problem.day_indices().filter(|day| row.get(day.at()).is_some_and(|code| *code != OFF));
    let away = worked.filter(|day| span.first.day() <= *day && *day <= span.last.day());
    let is_locked =
        |day: &DayIx| problem.draft().shifts.pins.iter().any(|pin| pin.person == person && pin.day == *day);
    let (locked, open): (Vec<_>, Vec<_>) = away.partition(is_locked);
    let fallen: Vec<_> = open.into_iter().map(|day| (day, row[day.at()])).collect();
    let mut search = Search::new(warm, person, &fallen, budget.frozen_until);
    let limits = Limits { changes_max: budget.changes_max.max(fallen.len()), steps: budget.steps };
    let complete_up_to = search.mend(&fallen, &limits);
    let alternatives = search.alternatives(&fallen, budget.alternatives_max);
    ShiftReplanning { fallen, locked, alternatives, complete_up_to, steps: search.steps }
}

struct Search<'p> {
    judge: Evaluator<'p>,
    absent: PersonIx,
    frozen_until: DayIx,
    hard_max: i64,
    base: Score,
    /// Changed days, with what was there, oldest first; each at most once.
    journal: Vec<(PersonIx, DayIx, Code)>,
    first: Option<(DayIx, Code)>,
    archive: Archive<ShiftChange>,
    /// What one unit of under-cover costs in this rule set; 0 when it does not count as a hole.
    hole_price: i64,
    changes_max: usize,
    steps: u64,
    steps_max: u64,
}

// === impl Search ===

impl<'p> Search<'p> {
    fn new(warm: &Warm<'p>, absent: PersonIx, fallen: &[(DayIx, Code)], frozen_until: DayIx) -> Self {
        let mut judge = warm.judge();
        for (day, _) in fallen {
            judge.set_shifts(absent, *day, &[OFF]);
        }
        let base = judge.score();
        Search {
            judge,
            absent,
            frozen_until,
            hard_max: base.level(Level::Hard),
            base,
            journal: Vec::new(),
            first: fallen.first().copied(),
            archive: Archive::default(),
            hole_price: hole_price(warm),
            changes_max: 0,
            steps: 0,
            steps_max: 0,
        }
    }

    fn mend(&mut self, fallen: &[(DayIx, Code)], limits: &Limits) -> Option<usize> {
        self.steps_max = limits.steps;
        let mut complete = None;
        for changes_max in 0..=limits.changes_max {
            self.changes_max = changes_max;
            self.descend(fallen);
            if self.steps >= self.steps_max {
                break;
            }
            complete = Some(changes_max);
        }
        complete
    }

    fn table(&self) -> &'p Table {
        self.judge.problem().shifts()
    }

    /// Fewer come than are wanted.
    fn is_missing(&self, day: DayIx, code: Code) -> bool {
        code != OFF && self.judge.sheet().count(day.at(), code) < self.table().cover(day.at(), code).required
    }

    /// The most that one more head can save at the level of holes.
    fn worth(&self, day: DayIx, code: Code) -> i64 {
        self.table().cover(day.at(), code).under.saturating_mul(self.hole_price)
    }

    /// Makes up for the dearest of the missing heads in every way, and for the others after it.
    fn descend(&mut self, pending: &[(DayIx, Code)]) {
        let open: Vec<_> =
            pending.iter().copied().filter(|(day, code)| self.is_missing(*day, *code)).collect();
        let saved: i64 = open.iter().map(|(day, code)| self.worth(*day, *code)).sum();
        let critical = self.judge.score().level(Level::Critical);
        if self.steps >= self.steps_max || self.archive.beats(self.journal.len(), critical - saved) {
            return;
        }
        let dearest = open
            .iter()
            .copied()
            .max_by_key(|(day, code)| (self.worth(*day, *code), std::cmp::Reverse((*day, *code))));
        let Some((day, code)) = dearest else {
            self.record();
            return;
        };
        let mut rest = open;
        if let Some(at) = rest.iter().position(|own| *own == (day, code)) {
            rest.remove(at);
        }
        if self.journal.len() < self.changes_max {
            for person in self.judge.problem().person_indices() {
                self.give(person, day, code, &rest);
            }
        }
        self.descend(&rest);
    }

    /// Gives somebody a shift and mends the row in every way within the budget.
    fn give(&mut self, person: PersonIx, day: DayIx, code: Code, rest: &[(DayIx, Code)]) {
        if person == self.absent || !self.may_change(person, day, code) || !self.may_come(person, day) {
            return;
        }
        let before = self.change(person, day, code);
        let mut next = rest.to_vec();
        next.push((day, before));
        self.settle(person, day, 0, &next);
        self.take_back();
    }

    /// A fallen shift may be taken in the frozen days by somebody who is off; nobody is moved there.
    fn may_come(&self, person: PersonIx, day: DayIx) -> bool {
        day >= self.frozen_until || self.judge.sheet().row(person.at())[day.at()] == OFF
    }

    /// While the row breaks a rule, changes other days of it; a lawful row goes on to what is missing.
    fn settle(&mut self, person: PersonIx, day: DayIx, from: usize, pending: &[(DayIx, Code)]) {
        if self.judge.score().level(Level::Hard) <= self.hard_max {
            self.descend(pending);
            return;
        }
        if self.journal.len() >= self.changes_max || self.steps >= self.steps_max {
            return;
        }
        let days = self.judge.problem().days().len();
        let around = day.at().saturating_sub(REACH)..(day.at() + REACH + 1).min(days);
        // Days are mended in order, so that no set of days is tried twice.
        for other in around.filter(|other| *other >= from && *other != day.at()).filter_map(DayIx::of) {
            for code in 0..self.table().codes as Code {
                if other >= self.frozen_until && self.may_change(person, other, code) {
                    let before = self.change(person, other, code);
                    let mut next = pending.to_vec();
                    next.push((other, before));
                    self.settle(person, day, other.at() + 1, &next);
                    self.take_back();
                }
            }
        }
    }

    /// Another code than now, open to the person, on a day that was not changed yet.
    fn may_change(&self, person: PersonIx, day: DayIx, code: Code) -> bool {
        let table = self.table();
        table.limits.get(person.at()).is_some_and(Option::is_some)
            && table.allowed(person.at(), day.at()) >> code & 1 == 1
            && self.judge.sheet().row(person.at())[day.at()] != code
            && !self.journal.iter().any(|own| (own.0, own.1) == (person, day))
    }

    fn change(&mut self, person: PersonIx, day: DayIx, code: Code) -> Code {
        self.steps += 1;
        let before = self.judge.set_shifts(person, day, &[code]).first().copied().unwrap_or(OFF);
        self.journal.push((person, day, before));
        before
    }

    fn take_back(&mut self) {
        if let Some((person, day, before)) = self.journal.pop() {
            self.judge.set_shifts(person, day, &[before]);
        }
    }

    fn record(&mut self) {
        let sheet = self.judge.sheet();
        let mut moves: Vec<ShiftChange> = (self.journal.iter())
            .map(|(person, day, before)| {
                let after = sheet.row(person.at())[day.at()];
                ShiftChange { person: *person, day: *day, before: *before, after }
            })
            .collect();
        moves.sort_unstable();
        let takes = |own: &&ShiftChange| self.first == Some((own.day, own.after));
        let by = moves.iter().find(takes).map(|own| own.person);
        let (changes, score) = (self.journal.len(), self.judge.score());
        self.archive.add(Found { changes, score, moves, by });
    }

    fn alternatives(&self, fallen: &[(DayIx, Code)], limit: usize) -> Vec<ShiftAlternative> {
        let away = fallen.iter().map(|(day, code)| ShiftChange {
            person: self.absent,
            day: *day,
            before: *code,
            after: OFF,
        });
        let chosen = self.archive.select(limit).into_iter().map(|(found, is_pareto)| {
            let mut changes: Vec<_> = found.moves.iter().copied().chain(away.clone()).collect();
            changes.sort_unstable();
            let difference = found.score - self.base;
            ShiftAlternative { changes, changes_count: found.changes, difference, is_pareto }
        });
        chosen.collect()
    }
}

/// What one thousandth of under-cover costs at the level of holes.
fn hole_price(warm: &Warm<'_>) -> i64 {
    let settings = &warm.problem().parameters().settings;
    let own = settings.iter().find(|setting| setting.rule == RuleId::ShiftUnder);
    let default = catalogue().iter().find(|entry| entry.id == RuleId::ShiftUnder);
    let (level, weight) = own
        .map(|setting| (setting.level, setting.weight))
        .or(default.map(|entry| (entry.level, entry.default_weight)))
        .unwrap_or((Level::Critical, 1));
    if level == Level::Critical { weight } else { 0 }
}
