//! SuggestReplacements: who could take a post, every hard rule judged, and what it does to the plan and to them.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayRange};
use chassis::{Ctx, Problem};
use roster::{
    Evaluator, Roster, RuleId, Score,
    problem::{self as judge, DayIx, PersonIx, Seat},
};

use super::{
    App,
    amend::{Handover, Sheet},
    edits::{Broken, Ground},
};
use crate::{
    domain::{
        counting, exchange, problem,
        replacement::{Rank, Replacement},
        shift::{Holder, Post},
    },
    store::{ledger, replacements},
};

/// A way to fill a post.
#[derive(Debug)]
pub struct Suggestion {
    /// Every post that changes hands, the one to fill first.
    pub moves: Vec<Handover>,
    pub levels: Vec<i64>,
    /// The soft rules that it breaks anew.
    pub broken: Vec<Broken>,
    /// Counter, before and after, in thousandths.
    pub counters: Vec<(String, i64, i64)>,
    /// 0 when never.
    pub last_offer_time: i64,
}

/// The ways to fill a post, best first, and what stops the others.
#[derive(Debug)]
pub struct Suggestions {
    pub plan: String,
    pub suggestions: Vec<Suggestion>,
    pub obstacles: Vec<(&'static str, i32)>,
}

/// Somebody who could take a post, alone or with somebody who takes theirs.
#[derive(Clone, Debug)]
pub(super) struct Taker {
    pub moves: Vec<(Seat, PersonIx)>,
    levels: Vec<i64>,
}

/// Everybody who could, and how many each rule stops.
#[derive(Debug, Default)]
pub(super) struct Takers {
    pub found: Vec<Taker>,
    pub stopped: Vec<(PersonIx, RuleId)>,
}

/// A question about a post.
#[derive(Clone, Debug)]
pub(super) struct Question {
    seat: Seat,
    holders: Vec<Holder>,
    /// Who cannot be the answer.
    absent: Option<PersonIx>,
    /// Posts of others that may pass on; none when only who is free is looked for.
    movable: BTreeSet<(String, Post)>,
}

// === impl App ===

impl App {
    pub async fn suggest_replacements(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        suggestions_max: usize,
    ) -> Result<Suggestions, Problem> {
        self.allow(ctx, "replacements.manage", hospital)?;
        let own = self.replacement(self.db.read(), hospital, id).await?;
        self.refuse_ended(&own, self.db.read()).await?;
        let sheet = self.sheet(ctx, hospital, &own.plan).await?;
        let movable = movable(&sheet, ctx.now);
        let takers = self.takers(&sheet, &own, movable).await?;
        let asked = replacements::last_asked(self.db.read(), hospital).await?;
        let last = |taker: &Taker| {
            let person = taker.moves.first().map_or("", |(_, person)| sheet.ground.key.person(*person));
            (person.to_owned(), asked.get(person).copied().unwrap_or_default())
        };
        let mut ranked: Vec<(Rank, Taker)> = (takers.found.into_iter())
            .map(|taker| {
                let (person, asked) = last(&taker);
                let rank = Rank::new(taker.moves.len(), &taker.levels, Score::UNIT, asked, &person);
                (rank, taker)
            })
            .collect();
        ranked.sort_by(|(one, _), (other, _)| one.cmp(other));
        ranked.truncate(suggestions_max);
        let mut suggestions = Vec::with_capacity(ranked.len());
        for (_, taker) in ranked {
            let moves: Vec<Handover> = taker.moves.iter().map(|own| handover(&sheet, own)).collect();
            let verdict = self.judge_handovers(&sheet, &moves).await?;
            suggestions.push(Suggestion {
                counters: self.effect(&sheet, &own, &taker).await?,
                broken: verdict.broken.into_iter().filter(|own| !own.is_hard).collect(),
                last_offer_time: last(&taker).1,
                levels: taker.levels,
                moves,
            });
        }
        Ok(Suggestions { plan: own.plan.clone(), suggestions, obstacles: obstacles(&takers.stopped) })
    }

    /// Who could take a post; with what passes on, when something may.
    pub(super) async fn takers(
        &self,
        sheet: &Sheet,
        own: &Replacement,
        movable: BTreeSet<(String, Post)>,
    ) -> Result<Takers, Problem> {
        let ground = sheet.ground.clone();
        let missing = || Problem::internal("a post to replace is not in the problem");
        let question = Question {
            seat: ground.key.seat(&own.item.shift, own.item.post).ok_or_else(missing)?,
            holders: sheet.frozen.holders.clone(),
            absent: ground.key.index_of(&own.absent),
            movable,
        };
        self.judges.ask(move || ground.takers(&question)).await
    }

    /// What it does to the counters of who takes the post: the sums of their year.
    async fn effect(
        &self,
        sheet: &Sheet,
        own: &Replacement,
        taker: &Taker,
    ) -> Result<Vec<(String, i64, i64)>, Problem> {
        let Some((_, person)) = taker.moves.first() else { return Ok(vec![]) };
        let person = sheet.ground.key.person(*person);
        let Some(shift) = sheet.shift(&own.item.shift) else { return Ok(vec![]) };
        let duty = shift.duty(own.item.post, person);
        let year = own.item.day.year();
        let day = |month, day| Day::new(year, month, day).map_err(Problem::internal);
        let year = DayRange::new(day(1, 1)?, day(12, 31)?).map_err(Problem::internal)?;
        let sums = ledger::sums(self.db.read(), &own.hospital, Some(person), None, year).await?;
        let counters = counting::of(&duty, sheet.is_holiday(duty.day)).into_iter().map(|counter| {
            let before = sums.get(&(person.to_owned(), counter.clone())).copied().unwrap_or_default();
            (counter, before, before + counting::quantity(&duty))
        });
        Ok(counters.collect())
    }
}

fn handover(sheet: &Sheet, (seat, person): &(Seat, PersonIx)) -> Handover {
    let key = &sheet.ground.key;
    sheet.handover(key.shift(seat.slot), post(seat.post), key.person(*person))
}

fn post(own: judge::Post) -> Post {
    match own {
        judge::Post::Performer => Post::Performer,
        judge::Post::Supervisor => Post::Supervisor,
    }
}

/// Posts that have not begun and that no planner has locked.
fn movable(sheet: &Sheet, now: jiff::Timestamp) -> BTreeSet<(String, Post)> {
    let locked: BTreeSet<(&str, Post)> = (sheet.frozen.holders.iter().filter(|own| own.is_pinned))
        .map(|own| (own.shift.as_str(), own.post))
        .collect();
    let duties =
        sheet.board.published.iter().filter(|duty| {
            exchange::start(duty) > now && !locked.contains(&(duty.shift.as_str(), duty.post))
        });
    duties.map(|duty| (duty.shift.clone(), duty.post)).collect()
}

/// The rules in the way, the most frequent first.
fn obstacles(stopped: &[(PersonIx, RuleId)]) -> Vec<(&'static str, i32)> {
    let mut counts: BTreeMap<RuleId, i32> = BTreeMap::new();
    for (_, rule) in stopped.iter().filter(|(_, rule)| !is_out_of_question(*rule)) {
        *counts.entry(*rule).or_default() += 1;
    }
    let mut counts: Vec<(RuleId, i32)> = counts.into_iter().collect();
    counts.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
    counts.into_iter().map(|(rule, count)| (rule.code(), count)).collect()
}

/// Rules that say a person is not of those who do this at all.
fn is_out_of_question(rule: RuleId) -> bool {
    matches!(rule, RuleId::DutyProfession | RuleId::ConsultationProfession | RuleId::IadeTheatreOnly)
}

// === impl Ground ===

impl Ground {
    fn takers(&self, question: &Question) -> Takers {
        let mut roster: Roster = problem::roster(&self.problem, &self.key, &question.holders);
        roster.set(question.seat, None);
        let mut judge = Evaluator::new(&self.problem, &roster);
        let base = judge.score();
        let mut takers = Takers::default();
        for person in self.problem.person_indices().filter(|person| Some(*person) != question.absent) {
            let Err(blocker) = judge.can_take(question.seat, person) else {
                let moves = vec![(question.seat, person)];
                let levels = difference(judge.preview(&[(question.seat, Some(person))]), base);
                takers.found.push(Taker { moves, levels });
                continue;
            };
            takers.stopped.push((person, blocker.rule));
            if !is_out_of_question(blocker.rule) && !question.movable.is_empty() {
                takers.found.extend(self.relayed(&mut judge, question, person, base));
            }
        }
        takers
    }

    /// Somebody who could if another took one of their posts around that day; the best way.
    fn relayed(
        &self,
        judge: &mut Evaluator,
        question: &Question,
        person: PersonIx,
        base: Score,
    ) -> Option<Taker> {
        let day = self.problem.slot(question.seat.slot).day.at();
        let days = (day.saturating_sub(1)..=day + 1).filter(|day| *day < self.problem.days().len());
        let posts: Vec<Seat> = days
            .filter_map(DayIx::of)
            .flat_map(|day| judge.posts(person, day).to_vec())
            .filter(|seat| {
                question.movable.contains(&(self.key.shift(seat.slot).to_owned(), post(seat.post)))
            })
            .collect();
        let mut best: Option<(Score, Taker)> = None;
        for left in posts {
            judge.set(left, None);
            if judge.can_take(question.seat, person).is_ok() {
                judge.set(question.seat, Some(person));
                for other in self.problem.candidates(left).to_vec() {
                    let is_free = other != person && Some(other) != question.absent;
                    if !is_free || judge.can_take(left, other).is_err() {
                        continue;
                    }
                    let score = judge.preview(&[(left, Some(other))]);
                    if best.as_ref().is_none_or(|(least, _)| score < *least) {
                        let moves = vec![(question.seat, person), (left, other)];
                        best = Some((score, Taker { moves, levels: difference(score, base) }));
                    }
                }
                judge.set(question.seat, None);
            }
            judge.set(left, Some(person));
        }
        best.map(|(_, taker)| taker)
    }
}

fn difference(score: Score, base: Score) -> Vec<i64> {
    (score - base).levels().to_vec()
}
