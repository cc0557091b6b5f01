//! ListSwapCandidates: who could take an offered duty, and for which of theirs.

use calendar::Day;
use chassis::{Ctx, Problem};
use jiff::Timestamp;
use roster::{Evaluator, Level, problem::PersonIx, problem::Seat};

use super::{App, amend::Sheet, edits::Ground, propose_swap::profession_of, swaps::is_me};
use crate::{
    domain::{
        exchange::{self, ExchangePolicy},
        problem,
    },
    store::{exchange_policy, published, shifts::Assignment},
};

/// Somebody who could take an offered duty.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub staff_member: String,
    /// What they would give for it; none when it is given away.
    pub assignment: Option<Assignment>,
    /// What the plan would cost more at each level.
    pub levels: Vec<i64>,
}

/// What somebody would give.
struct Return {
    assignment: Assignment,
    seat: Seat,
    person: PersonIx,
}

// === impl App ===

impl App {
    pub async fn list_swap_candidates(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        (assignment, is_give_away): (&str, bool),
    ) -> Result<Vec<Candidate>, Problem> {
        self.allow(ctx, "swaps.propose", hospital)?;
        let sheet = self.sheet(ctx, hospital, plan).await?;
        let offered = self.published_duty(ctx, &sheet, assignment).await?;
        if !is_me(ctx, &offered.duty.staff_member) && self.allow(ctx, "plans.edit", hospital).is_err() {
            return Err(Problem::denied());
        }
        let policy = exchange_policy::load(self.db.read(), hospital).await?.policy;
        self.swap_candidates(&sheet, &offered, is_give_away, &policy, ctx.now).await
    }

    /// Best first: nobody else moves, and no hard rule is broken more than it is.
    pub(super) async fn swap_candidates(
        &self,
        sheet: &Sheet,
        offered: &Assignment,
        is_give_away: bool,
        policy: &ExchangePolicy,
        now: Timestamp,
    ) -> Result<Vec<Candidate>, Problem> {
        let ground = sheet.ground.clone();
        let missing = || Problem::internal("a published duty is not in the problem");
        let seat = ground.key.seat(&offered.duty.shift, offered.duty.post).ok_or_else(missing)?;
        let Some(proposer) = ground.key.index_of(&offered.duty.staff_member) else { return Ok(vec![]) };
        let profession = profession_of(sheet, &offered.duty.staff_member);
        let same = |person: &str| profession.is_some() && profession_of(sheet, person) == profession;
        let holders = sheet.frozen.holders.clone();
        if is_give_away {
            let people: Vec<PersonIx> = (ground.key.people.iter())
                .filter(|person| same(person) && **person != offered.duty.staff_member)
                .filter_map(|person| ground.key.index_of(person))
                .collect();
            return self.judges.ask(move || ground.takers_of(seat, &people, &holders)).await;
        }
        let plan = &sheet.board.plan;
        let all = published::assignments_of_plan(self.db.read(), &plan.hospital, &plan.id).await?;
        let is_holiday = |day: Day| sheet.is_holiday(day);
        let returns = all.into_iter().filter_map(|own| {
            let fits = own.duty.staff_member != offered.duty.staff_member
                && same(&own.duty.staff_member)
                && !own.is_pinned
                && exchange::start(&own.duty) > now
                && (policy.is_unequal_allowed
                    || exchange::compare(&offered.duty, &own.duty, is_holiday).is_ok());
            let seat = ground.key.seat(&own.duty.shift, own.duty.post)?;
            let person = ground.key.index_of(&own.duty.staff_member)?;
            fits.then_some(Return { assignment: own, seat, person })
        });
        let returns: Vec<Return> = returns.collect();
        self.judges.ask(move || ground.exchanges(seat, proposer, returns, &holders)).await
    }
}

// === impl Ground ===

impl Ground {
    fn takers_of(
        &self,
        seat: Seat,
        people: &[PersonIx],
        holders: &[crate::domain::shift::Holder],
    ) -> Vec<Candidate> {
        let mut judge = Evaluator::new(&self.problem, &problem::roster(&self.problem, &self.key, holders));
        let base = judge.score();
        let found = people.iter().filter_map(|person| {
            let score = judge.preview(&[(seat, Some(*person))]);
            let is_legal = score.level(Level::Hard) <= base.level(Level::Hard);
            is_legal.then(|| Candidate {
                staff_member: self.key.person(*person).to_owned(),
                assignment: None,
                levels: (score - base).levels().to_vec(),
            })
        });
        sorted(found.collect())
    }

    fn exchanges(
        &self,
        seat: Seat,
        proposer: PersonIx,
        returns: Vec<Return>,
        holders: &[crate::domain::shift::Holder],
    ) -> Vec<Candidate> {
        let mut judge = Evaluator::new(&self.problem, &problem::roster(&self.problem, &self.key, holders));
        let base = judge.score();
        let found = returns.into_iter().filter_map(|own| {
            let score = judge.preview(&[(seat, Some(own.person)), (own.seat, Some(proposer))]);
            let is_legal = score.level(Level::Hard) <= base.level(Level::Hard);
            is_legal.then(|| Candidate {
                staff_member: own.assignment.duty.staff_member.clone(),
                assignment: Some(own.assignment),
                levels: (score - base).levels().to_vec(),
            })
        });
        sorted(found.collect())
    }
}

fn sorted(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let id = |own: &Candidate| own.assignment.as_ref().map(|own| own.sort_key.clone());
    candidates.sort_by_cached_key(|own| (own.levels.clone(), own.staff_member.clone(), id(own)));
    candidates
}
