//! ListLedgerLines: the lines behind the counters, and who may see them.

use std::collections::BTreeSet;

use chassis::{Ctx, Problem};
use durable::{filter::Filter, page::Page};

use super::App;
use crate::{
    domain::ledger::Line,
    store::{ledger, rules},
};

/// How much somebody sees of the equity of others.
#[derive(Debug)]
pub enum Sight {
    /// The person, or who administers: justifications too.
    Whole,
    /// Those of the caller's profession, by id, where the team shares equity.
    Shared(BTreeSet<String>),
}

// === impl App ===

impl App {
    /// Lines of one person or of all, of one counter or of all; `-` is all.
    pub async fn list_ledger_lines(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        counter: &str,
        page: &Page,
        filter: &Filter,
    ) -> Result<Vec<Line>, Problem> {
        let sight = self.sees_equity(ctx, hospital, staff_member).await?;
        if !sight.includes(staff_member) {
            return Err(Problem::denied());
        }
        let one = |id| Some(id).filter(|id| *id != "-");
        let reader = self.db.stale(ctx).await;
        let mut lines =
            ledger::list(&reader, hospital, one(staff_member), one(counter), page, filter).await?;
        if matches!(sight, Sight::Shared(_)) {
            for line in &mut lines {
                line.justification.clear();
                line.author.clear();
            }
        }
        Ok(lines)
    }

    /// Whether the caller may see somebody's equity: their own, as an administrator, or as one of a team that shares it.
    pub async fn sees_equity(&self, ctx: &Ctx, hospital: &str, staff_member: &str) -> Result<Sight, Problem> {
        let Err(denied) = self.allow_for(ctx, "counters.read", hospital, staff_member) else {
            return Ok(Sight::Whole);
        };
        if self.allow(ctx, "plans.read", hospital).is_err() {
            return Err(denied);
        }
        let is_shared = rules::load(&self.db.fresh(ctx), hospital).await?.rules.team.equity.is_shared;
        let Some(own) = ctx.principal.person().filter(|_| is_shared) else { return Err(denied) };
        let people = self.peers.people(ctx, hospital).await?;
        let Some(own) = people.iter().find(|person| person.id == own.staff_member) else {
            return Err(denied);
        };
        let alike = people.iter().filter(|person| person.profession == own.profession);
        Ok(Sight::Shared(alike.map(|person| person.id.clone()).collect()))
    }
}

// === impl Sight ===

impl Sight {
    /// Whether somebody is seen.
    pub fn includes(&self, staff_member: &str) -> bool {
        match self {
            Sight::Whole => true,
            Sight::Shared(people) => people.contains(staff_member),
        }
    }
}
