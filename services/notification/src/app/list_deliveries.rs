//! Reads what left the application.

use chassis::{Ctx, Problem};
use durable::{filter, page::Page};
use proto::names::{StaffMemberName, WILDCARD};

use super::{App, authorize};
use crate::domain::delivery::Delivery;

/// The fields of a filter.
const FIELDS: &[&str] = &["kind", "channel", "state", "answer"];

/// Which deliveries are asked for.
pub struct ListDeliveries {
    /// Whose; the wildcard means everybody's.
    pub parent: StaffMemberName,
    /// As sent.
    pub page_size: i32,
    /// As sent.
    pub page_token: String,
    /// As sent.
    pub filter: String,
}

// === impl App ===

impl App {
    /// A page, newest first, and the token of the next.
    pub async fn list_deliveries(
        &self,
        ctx: &Ctx,
        query: ListDeliveries,
    ) -> Result<(Vec<Delivery>, String), Problem> {
        authorize(ctx, "deliveries.read", &query.parent)?;
        let arguments = [query.parent.to_string(), query.filter.clone()];
        let page = Page::of(query.page_size, &query.page_token, &[&arguments[0], &arguments[1]])?;
        let filter = filter::parse(&query.filter, FIELDS)?;
        let person = Some(query.parent.staff_member.as_str()).filter(|person| *person != WILDCARD);
        let reader = self.store.db().fresh(ctx);
        let hospital = &query.parent.hospital;
        let mut rows = self.store.deliveries_page(&reader, hospital, person, &filter, &page).await?;
        let token = page.next(&mut rows, |delivery| delivery.id.clone());
        Ok((rows, token))
    }
}
