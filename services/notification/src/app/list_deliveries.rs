//! Reads what left the application.

use chassis::{Ctx, Problem, Target};
use durable::{filter, page::Page};
use proto::names::{StaffMemberName, WILDCARD, WebhookName};

use super::{App, POLICY, authorize};
use crate::domain::delivery::Delivery;

/// The fields of a filter.
const FIELDS: &[&str] = &["kind", "channel", "state", "answer"];

/// The same of what is sent to endpoints, which goes on one way only.
const WEBHOOK_FIELDS: &[&str] = &["kind", "state", "answer"];

/// To whom.
pub enum Recipients {
    /// A person; the wildcard means everybody.
    People(StaffMemberName),
    /// An endpoint; the wildcard means all.
    Webhooks(WebhookName),
}

/// Which deliveries are asked for.
pub struct ListDeliveries {
    /// To whom.
    pub parent: Recipients,
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
        match &query.parent {
            Recipients::People(parent) => self.list_letters(ctx, parent, &query).await,
            Recipients::Webhooks(parent) => self.list_parcels(ctx, parent, &query).await,
        }
    }

    async fn list_letters(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        query: &ListDeliveries,
    ) -> Result<(Vec<Delivery>, String), Problem> {
        authorize(ctx, "deliveries.read", parent)?;
        let page = Page::of(query.page_size, &query.page_token, &[&parent.to_string(), &query.filter])?;
        let filter = filter::parse(&query.filter, FIELDS)?;
        let person = Some(parent.staff_member.as_str()).filter(|person| *person != WILDCARD);
        let reader = self.store.db().fresh(ctx);
        let mut rows = self.store.deliveries_page(&reader, &parent.hospital, person, &filter, &page).await?;
        let token = page.next(&mut rows, |delivery| delivery.id.clone());
        Ok((rows, token))
    }

    async fn list_parcels(
        &self,
        ctx: &Ctx,
        parent: &WebhookName,
        query: &ListDeliveries,
    ) -> Result<(Vec<Delivery>, String), Problem> {
        POLICY.authorize(ctx, "webhooks.read", Target::hospital(&parent.hospital))?;
        let page = Page::of(query.page_size, &query.page_token, &[&parent.to_string(), &query.filter])?;
        let filter = filter::parse(&query.filter, WEBHOOK_FIELDS)?;
        let webhook = Some(parent.webhook.as_str()).filter(|webhook| *webhook != WILDCARD);
        let reader = self.store.db().fresh(ctx);
        let rows = self.store.webhook_deliveries_page(&reader, &parent.hospital, webhook, &filter, &page);
        let mut rows = rows.await?;
        let token = page.next(&mut rows, |delivery| delivery.id.clone());
        Ok((rows, token))
    }
}
