//! GetExchangePolicy, UpdateExchangePolicy.

use chassis::{Ctx, Problem};
use durable::{audit::Change, etag, time};
use proto::names::ExchangePolicyName;

use super::App;
use crate::{
    domain::exchange::ExchangePolicy,
    store::exchange_policy::{self, Stored},
};

// === impl App ===

impl App {
    pub async fn get_exchange_policy(&self, ctx: &Ctx, hospital: &str) -> Result<Stored, Problem> {
        self.allow(ctx, "swaps.read", hospital)?;
        exchange_policy::load(&self.db.fresh(ctx), hospital).await
    }

    /// Changes what `change` says.
    pub async fn update_exchange_policy(
        &self,
        ctx: &Ctx,
        hospital: &str,
        sent: &str,
        change: impl FnOnce(&mut ExchangePolicy),
    ) -> Result<Stored, Problem> {
        self.allow(ctx, "exchange_policy.edit", hospital)?;
        let tx = self.db.begin(ctx).await?;
        let mut stored = exchange_policy::load(tx.conn(), hospital).await?;
        etag::check(sent, stored.version, false)?;
        let old = stored.policy.clone();
        change(&mut stored.policy);
        stored.update_time = time::micros(tx.now());
        exchange_policy::save(tx.conn(), hospital, &mut stored).await?;
        let name = ExchangePolicyName::new(hospital).to_string();
        let open = [
            "approval",
            "sites",
            "is_unequal_allowed",
            "is_give_away_allowed",
            "swap_hours",
            "offer_minutes",
        ];
        let line = Change::of(hospital, "exchange_policy.update", name);
        tx.audit(line.between(Some(&old), Some(&stored.policy), &open));
        tx.commit().await?;
        Ok(stored)
    }
}
