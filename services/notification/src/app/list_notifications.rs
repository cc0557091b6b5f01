//! Reads notifications: one, or a page.

use chassis::{Ctx, Problem};
use durable::{filter, page::Page};
use proto::names::{NotificationName, StaffMemberName};

use super::{App, authorize, which};
use crate::domain::notification::Notification;

/// The fields of a filter.
const FIELDS: &[&str] = &["kind", "priority", "is_read"];

/// Which notifications are asked for.
pub struct ListNotifications {
    /// Whose.
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
    /// One notification.
    pub async fn get_notification(
        &self,
        ctx: &Ctx,
        name: &NotificationName,
    ) -> Result<Notification, Problem> {
        let person = StaffMemberName::new(&name.hospital, &name.staff_member);
        authorize(ctx, "notifications.read", &person)?;
        let reader = self.store.db().fresh(ctx);
        let found = self.store.notification(&reader, which(&person), &name.notification).await?;
        reader.vouch(found.ok_or_else(|| Problem::not_found("notification", name.to_string())))
    }

    /// A page, newest first, the token of the next, and how many are unread on all pages.
    pub async fn list_notifications(
        &self,
        ctx: &Ctx,
        query: ListNotifications,
    ) -> Result<(Vec<Notification>, String, i32), Problem> {
        authorize(ctx, "notifications.read", &query.parent)?;
        let arguments = [query.parent.to_string(), query.filter.clone()];
        let page = Page::of(query.page_size, &query.page_token, &[&arguments[0], &arguments[1]])?;
        let filter = filter::parse(&query.filter, FIELDS)?;
        let which = which(&query.parent);
        let reader = self.store.db().fresh(ctx);
        let mut rows = self.store.notifications_page(&reader, which, &filter, &page).await?;
        let token = page.next(&mut rows, |notification| notification.sequence.to_string());
        let unread = self.store.unread_count(&reader, which).await?;
        Ok((rows, token, unread))
    }
}
