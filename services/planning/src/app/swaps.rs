//! GetSwap, ListSwaps, and who may see and decide what.

use chassis::{Ctx, Problem, Role, Target, access::PLANNING as POLICY};
use durable::{filter::Filter, page::Page};

use super::{App, not_found};
use crate::{
    domain::swap::Swap,
    store::swaps::{self, Sight},
};

/// The professions that are rostered, by their codes.
pub const MAR: &str = "MAR";
pub const IADE: &str = "IADE";

// === impl App ===

impl App {
    pub async fn get_swap(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<Swap, Problem> {
        self.allow(ctx, "swaps.read", hospital)?;
        let reader = self.db.fresh(ctx);
        let swap = swaps::find(&reader, hospital, id).await?;
        reader.vouch(self.visible(ctx, hospital, id, swap))
    }

    pub async fn list_swaps(
        &self,
        ctx: &Ctx,
        hospital: &str,
        page: &Page,
        filter: &Filter,
    ) -> Result<Vec<Swap>, Problem> {
        self.allow(ctx, "swaps.read", hospital)?;
        let sight = Sight {
            staff_member: me(ctx).to_owned(),
            professions: professions(ctx),
            decides_for: self.decides_for(ctx, hospital),
        };
        swaps::list(&self.db.fresh(ctx), hospital, page, filter, &sight).await
    }

    /// The swap to decide by, if the caller sees it.
    pub(super) async fn swap(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<Swap, Problem> {
        let swap = swaps::find(self.db.read(), hospital, id).await?;
        self.visible(ctx, hospital, id, swap)
    }

    fn visible(&self, ctx: &Ctx, hospital: &str, id: &str, swap: Option<Swap>) -> Result<Swap, Problem> {
        let sees = |swap: &Swap| {
            let profession = swap.profession.as_str();
            let for_anybody =
                swap.counterpart.is_empty() && swap.state.is_open() && professions(ctx).contains(&profession);
            is_me(ctx, &swap.proposer)
                || is_me(ctx, &swap.counterpart)
                || for_anybody
                || self.decides_for(ctx, hospital).contains(&profession)
        };
        swap.filter(sees).ok_or_else(|| not_found("Swap", hospital, "swaps", id))
    }

    /// The professions about whose swaps the caller decides.
    fn decides_for(&self, ctx: &Ctx, hospital: &str) -> Vec<&'static str> {
        if self.allow(ctx, "plans.edit", hospital).is_ok() {
            vec![MAR, IADE]
        } else if POLICY.allows(ctx, "swaps.decide", Target::hospital(hospital)) {
            vec![IADE]
        } else {
            vec![]
        }
    }

    /// Whether the caller decides about a swap: a nurse administrator about those of nurses within a week.
    pub(super) fn decides(&self, ctx: &Ctx, swap: &Swap) -> bool {
        self.decides_for(ctx, &swap.hospital).contains(&swap.profession.as_str())
            && (self.allow(ctx, "plans.edit", &swap.hospital).is_ok() || swap.is_within_a_week())
    }
}

/// The id of the person who calls; empty when none does.
pub(super) fn me(ctx: &Ctx) -> &str {
    ctx.principal.person().map_or("", |person| person.staff_member.as_str())
}

/// Whether the caller is a person of this id.
pub(super) fn is_me(ctx: &Ctx, staff_member: &str) -> bool {
    !staff_member.is_empty() && me(ctx) == staff_member
}

/// What the caller may be offered. A profession of the hospital's own is told by the role.
fn professions(ctx: &Ctx) -> Vec<&'static str> {
    let Some(person) = ctx.principal.person() else { return vec![] };
    let has = |roles: &[Role]| person.roles.iter().any(|role| roles.contains(role));
    let mut found = Vec::new();
    if person.profession == MAR || has(&[Role::Anesthetist, Role::AnesthetistAdministrator]) {
        found.push(MAR);
    }
    if person.profession == IADE || has(&[Role::NurseAnesthetist, Role::NurseAdministrator]) {
        found.push(IADE);
    }
    found
}
