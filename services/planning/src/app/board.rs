//! A plan with everything it is judged by, read at one moment.

use std::{collections::BTreeSet, sync::Arc};

use calendar::{Day, DayRange};
use chassis::{Ctx, Problem};
use futures::future::try_join;
use proto::names::RevisionName;
use sea_orm::ConnectionTrait;
use tokio::sync::OnceCell;

use super::{App, edits::Ground, standing::done_before, together::Together};
use crate::{
    domain::{
        certify,
        equity::{Done, Periods, Standing},
        plan::{Plan, State},
        problem::{Inputs, Key, build},
        rule_set::RuleSet,
        shift::{Duty, Holder, Post, Shift},
        snapshot::{Room, Snapshot},
        wish::Wish,
    },
    problems,
    store::{
        plans, published, rules,
        shifts::{self, Assignment},
        unplanned_absences, wishes,
    },
};

/// How far back published duties matter: four months of working time.
pub(super) const HISTORY_DAYS: i32 = 122;

/// How far ahead published duties matter: the two weeks and the 30 days that rules look over.
pub(super) const FOLLOWING_DAYS: i32 = 31;

/// Boards that are being read, by who asks: the neighbors answer each with what they may see.
pub type Boards = Together<Asked, Board>;

/// Somebody's question for the board of a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The session, or the service.
    asker: String,
    hospital: String,
    plan: String,
}

/// A plan on the table.
#[derive(Debug)]
pub struct Board {
    pub plan: Plan,
    pub shifts: Vec<Shift>,
    pub assignments: Vec<Assignment>,
    pub published: Vec<Duty>,
    pub snapshot: Snapshot,
    pub rules: RuleSet,
    /// What edits of it are compared with, once somebody has asked.
    pub ground: OnceCell<Arc<Ground>>,
    before: Vec<Duty>,
    after: Vec<Duty>,
    elsewhere: Vec<Duty>,
    wishes: Vec<Wish>,
    /// What the ledger says of the days before the plan, and where people stand by it.
    pub(super) periods: Periods,
    pub(super) done: Done,
    pub(super) standing: Standing,
    today: Day,
}

// === impl App ===

impl App {
    /// A plan and what it is judged by: own rows first, then the neighbors' facts. All of it is read after it was asked
    /// for, once for those who ask at the same moment.
    pub async fn board(&self, ctx: &Ctx, hospital: &str, plan: &str) -> Result<Arc<Board>, Problem> {
        let person = ctx.principal.person();
        let asked = Asked {
            asker: person.map_or_else(|| ctx.principal.subject(), |person| person.session.clone()),
            hospital: hospital.to_owned(),
            plan: plan.to_owned(),
        };
        let (app, own) = (self.clone(), asked.clone());
        let read = |ctx| async move { app.read_board(&ctx, &own.hospital, &own.plan).await };
        self.boards.read(asked, ctx, read).await
    }

    async fn read_board(&self, ctx: &Ctx, hospital: &str, plan: &str) -> Result<Board, Problem> {
        let mut board = self.own_board(ctx, self.db.read(), hospital, plan).await?;
        let past = board.periods.years.or(board.periods.year);
        let (snapshot, away) = try_join(
            self.peers.snapshot(ctx, hospital, board.plan.days),
            self.peers.past_absences(ctx, hospital, past),
        )
        .await?;
        board.snapshot = snapshot;
        // What nobody planned is known here only.
        for (person, spans) in unplanned_absences::in_days(self.db.read(), hospital, board.plan.days).await? {
            board.snapshot.absences.entry(person).or_default().extend(spans);
        }
        self.stand(&mut board, away).await?;
        Ok(board)
    }

    /// The same without the neighbors' facts.
    async fn own_board(
        &self,
        ctx: &Ctx,
        db: &impl ConnectionTrait,
        hospital: &str,
        id: &str,
    ) -> Result<Board, Problem> {
        let plan = self.plan(db, hospital, id).await?;
        let first = plan.days.first();
        let history =
            DayRange::new(first.plus(-HISTORY_DAYS), first.previous()).map_err(Problem::internal)?;
        let last = plan.days.last();
        let following = DayRange::new(last.next(), last.plus(FOLLOWING_DAYS)).map_err(Problem::internal)?;
        let rules = rules::load(db, hospital).await?.rules;
        let (periods, done) = done_before(db, hospital, first, &rules.team.equity).await?;
        let others = plans::overlapping(db, hospital, plan.days).await?.into_iter();
        let others = others.filter(|other| other.id != plan.id && other.state != State::Archived);
        let others: Vec<String> = others.map(|other| other.id).collect();
        Ok(Board {
            elsewhere: published::of_others(db, hospital, &others, plan.days).await?,
            shifts: shifts::of_plan(db, hospital, id).await?,
            assignments: shifts::assignments_of_plan(db, hospital, id).await?,
            published: published::of_plan(db, hospital, id).await?,
            before: published::in_days(db, hospital, history).await?,
            after: published::in_days(db, hospital, following).await?,
            wishes: wishes::in_days(db, hospital, plan.days).await?,
            periods,
            done,
            standing: Standing::default(),
            rules,
            snapshot: Snapshot::default(),
            ground: OnceCell::new(),
            today: calendar::working_time::Zone::paris().day_at(ctx.now),
            plan,
        })
    }
}

// === impl Board ===

impl Board {
    /// The published duties of the months before the plan, and those of its head.
    pub fn duties_until_end(&self) -> impl Iterator<Item = &Duty> {
        self.before.iter().chain(self.assignments.iter().map(|own| &own.duty))
    }

    /// What people wish for in the plan's days, the rejected wishes left out.
    pub fn wishes(&self) -> &[Wish] {
        &self.wishes
    }

    /// Who holds what in the head.
    pub fn holders(&self) -> Vec<Holder> {
        self.assignments.iter().map(Assignment::holder).collect()
    }

    /// The judge's problem over the plan's shifts, locked where `holders` are pinned.
    pub fn problem(&self, holders: &[Holder]) -> Result<(roster::Problem, Key), Problem> {
        self.problem_of(&self.shifts, holders)
    }

    /// The same over other shifts: those of a revision.
    pub fn problem_of(
        &self,
        shifts: &[Shift],
        holders: &[Holder],
    ) -> Result<(roster::Problem, Key), Problem> {
        build(&self.inputs(shifts, holders)).map_err(|error| problems::no_problem(&self.plan, error))
    }

    /// The facts of the certificate of the plan's next revision; `open` are the posts that nobody holds.
    pub fn facts_of(
        &self,
        shifts: &[Shift],
        holders: &[Holder],
        open: &BTreeSet<(String, Post)>,
    ) -> certificate::Facts {
        let number = (self.plan.revision + 1).to_string();
        let subject = RevisionName::new(&self.plan.hospital, &self.plan.id, number).to_string();
        certify::facts(&self.inputs(shifts, holders), subject, open)
    }

    fn inputs<'b>(&'b self, shifts: &'b [Shift], holders: &'b [Holder]) -> Inputs<'b> {
        Inputs {
            days: self.plan.days,
            sites: &self.plan.sites,
            shifts,
            holders,
            published: &self.published,
            before: &self.before,
            after: &self.after,
            elsewhere: &self.elsewhere,
            standing: &self.standing,
            wishes: &self.wishes,
            snapshot: &self.snapshot,
            rules: &self.rules,
            today: self.today,
        }
    }
}

impl Board {
    /// Site and id of a sector of the judge's problem: problems number sectors by site and id.
    pub fn sector(&self, index: roster::problem::SectorIx) -> Option<(&str, &str)> {
        let mut sectors: Vec<(&str, &str)> = (self.snapshot.sectors.iter())
            .filter(|sector| self.plan.has_site(&sector.site))
            .map(|sector| (sector.site.as_str(), sector.id.as_str()))
            .collect();
        sectors.sort_unstable();
        sectors.get(index.at()).copied()
    }

    /// Site, sector and id of a room of the judge's problem: problems number rooms by site, sector and id.
    pub fn room(&self, index: roster::problem::RoomIx) -> Option<(&str, &str, &str)> {
        let has_sector = |room: &&Room| {
            self.snapshot.sectors.iter().any(|own| own.site == room.site && own.id == room.sector)
        };
        let known = self.snapshot.rooms.iter().filter(|room| self.plan.has_site(&room.site));
        let mut rooms: Vec<(&str, &str, &str)> = (known.filter(has_sector))
            .map(|room| (room.site.as_str(), room.sector.as_str(), room.id.as_str()))
            .collect();
        rooms.sort_unstable();
        rooms.dedup();
        rooms.get(index.at()).copied()
    }
}
