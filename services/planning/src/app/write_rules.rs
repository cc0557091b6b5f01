//! UpdateRuleSet.

use chassis::{Ctx, Problem};
use durable::{audit::Change, etag, time};
use proto::names::RuleSetName;

use super::App;
use crate::{
    domain::rule_set::{Need, Setting},
    problems,
    store::{plans, rules},
};

// === impl App ===

impl App {
    /// Writes what is given; what is none stays.
    pub async fn update_rule_set(
        &self,
        ctx: &Ctx,
        hospital: &str,
        settings: Option<Vec<Setting>>,
        needs: Option<Vec<Need>>,
        sent: &str,
    ) -> Result<rules::Stored, Problem> {
        self.allow(ctx, "rules.edit", hospital)?;
        let tx = self.db.begin(ctx).await?;
        let mut stored = rules::load(tx.conn(), hospital).await?;
        let before = stored.rules.clone();
        etag::check(sent, stored.version, false)?;
        stored.rules.settings = settings.unwrap_or(stored.rules.settings);
        stored.rules.needs = needs.unwrap_or(stored.rules.needs);
        let wrong = stored.rules.check();
        if !wrong.is_empty() {
            return Err(problems::rules(wrong));
        }
        stored.update_time = time::micros(tx.now());
        rules::save(tx.conn(), hospital, &mut stored).await?;
        plans::outdate(tx.conn(), hospital, None).await?;
        let line =
            Change::of(hospital, "rule_set.update", RuleSetName::new(hospital, rules::DEFAULT).to_string());
        tx.audit(line.between(Some(&before), Some(&stored.rules), &["settings", "needs"]));
        tx.commit().await?;
        Ok(stored)
    }
}
