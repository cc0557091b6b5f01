//! Legal packs: a hospital's own versions among those that come with the product.

use calendar::Day;
use chassis::{Ctx, Problem, Target};
use durable::page::Page;
use sea_orm::ConnectionTrait;

use super::{App, permissions::POLICY, resources::not_found};
use crate::{
    domain::{Kind, LegalPack, legal_pack},
    store::{Stored, resources as store},
};

/// A version, and the last day on which it binds.
pub type Dated = (Stored<LegalPack>, Option<Day>);

impl App {
    /// Answers one version.
    pub async fn get_legal_pack(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
    ) -> Result<Stored<LegalPack>, Problem> {
        POLICY.authorize(ctx, "legal_packs.read", Target::hospital(hospital))?;
        if let Some(pack) = legal_pack::shipped_as(id) {
            return Ok(of_the_product(hospital, id.to_owned(), pack));
        }
        let reader = self.db.fresh(ctx);
        let found = store::find(&reader, hospital, id).await?;
        reader.vouch(found.ok_or_else(|| not_found(Kind::LegalPack, hospital, id)))
    }

    /// Answers a page of the versions that `keep` keeps: of all that ever bind, or of those that do on a day.
    pub async fn list_legal_packs(
        &self,
        ctx: &Ctx,
        hospital: &str,
        on: Option<Day>,
        page: &Page,
        keep: impl Fn(&LegalPack) -> bool + Send + Sync,
    ) -> Result<(Vec<Dated>, String), Problem> {
        POLICY.authorize(ctx, "legal_packs.read", Target::hospital(hospital))?;
        let own = store::all::<LegalPack>(&self.db.stale(ctx).await, hospital).await?;
        let shipped = legal_pack::shipped();
        let shipped = shipped.into_iter().map(|(id, pack)| of_the_product(hospital, id, pack));
        let mut all: Vec<Stored<LegalPack>> = own.into_iter().chain(shipped).collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        let values: Vec<_> = all.iter().map(|own| (own.id.clone(), own.value.clone())).collect();
        let dated = all.into_iter().zip(legal_pack::last_days(&values));
        let dated = dated.filter_map(|(own, last)| Some((own, last?)));
        let asked = |(own, last): &Dated| {
            page.after().is_none_or(|after| own.id.as_str() > after)
                && on.is_none_or(|day| own.value.binds(day, *last))
                && keep(&own.value)
        };
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let mut rows: Vec<Dated> = dated.filter(asked).take(limit.saturating_add(1)).collect();
        let token = page.next(&mut rows, |(own, _)| own.id.clone());
        Ok((rows, token))
    }
}

/// Whether a contract that says this names a pack there is.
pub(super) async fn is_known(
    conn: &impl ConnectionTrait,
    hospital: &str,
    said: &str,
) -> Result<bool, Problem> {
    if legal_pack::is_known(said) {
        return Ok(true);
    }
    let own = store::all::<LegalPack>(conn, hospital).await?;
    Ok(own.iter().any(|own| own.value.code == said))
}

/// What comes with the product has no row.
fn of_the_product(hospital: &str, id: String, value: LegalPack) -> Stored<LegalPack> {
    Stored { hospital: hospital.to_owned(), id, value, version: 0, create_time: 0, update_time: 0 }
}
