//! UpdateRuleSet.

use chassis::{Ctx, Problem};
use durable::{audit::Change, etag, time};
use proto::names::RuleSetName;

use super::App;
use crate::{
    domain::{
        rule_set::{Need, Setting},
        team::{Equity, Fatigue, Team, Wishes},
    },
    problems,
    store::{plans, rules},
};

/// The parts of a rule set about the team; what is none stays.
#[derive(Debug, Default)]
pub struct Parts {
    pub equity: Option<Equity>,
    pub fatigue: Option<Fatigue>,
    pub wishes: Option<Wishes>,
}

// === impl App ===

impl App {
    /// Writes what is given; what is none stays.
    pub async fn update_rule_set(
        &self,
        ctx: &Ctx,
        hospital: &str,
        settings: Option<Vec<Setting>>,
        needs: Option<Vec<Need>>,
        parts: Parts,
        sent: &str,
    ) -> Result<rules::Stored, Problem> {
        self.allow(ctx, "rules.edit", hospital)?;
        let tx = self.db.begin(ctx).await?;
        let mut stored = rules::load(tx.conn(), hospital).await?;
        let before = stored.rules.clone();
        etag::check(sent, stored.version, false)?;
        stored.rules.settings = settings.unwrap_or(stored.rules.settings);
        stored.rules.needs = needs.unwrap_or(stored.rules.needs);
        parts.write_to(&mut stored.rules.team);
        let wrong = stored.rules.check();
        if !wrong.is_empty() {
            return Err(problems::rules(wrong));
        }
        stored.update_time = time::micros(tx.now());
        rules::save(tx.conn(), hospital, &mut stored).await?;
        plans::outdate(tx.conn(), hospital, None).await?;
        let line =
            Change::of(hospital, "rule_set.update", RuleSetName::new(hospital, rules::DEFAULT).to_string());
        tx.audit(line.between(Some(&before), Some(&stored.rules), &["settings", "needs", "team"]));
        tx.commit().await?;
        Ok(stored)
    }
}

// === impl Parts ===

impl Parts {
    fn write_to(self, team: &mut Team) {
        let Self { equity, fatigue, wishes } = self;
        team.equity = equity.unwrap_or_else(|| team.equity.clone());
        team.fatigue = fatigue.unwrap_or_else(|| team.fatigue.clone());
        team.wishes = wishes.unwrap_or_else(|| team.wishes.clone());
    }
}
