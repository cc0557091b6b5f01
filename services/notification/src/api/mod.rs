//! The gRPC face: parse, call, render in the reader's language.

mod deliveries;
mod notices;
mod preferences;
mod traffic;
mod webhooks;

pub use deliveries::answer;
pub use traffic::TrafficApi;
use webhooks::Show;

use chassis::{Ctx, Locale, Problem, Violation};
use durable::{Once, mask::Mask, time};
use proto::{
    audit::v1 as audit_pb,
    names::{
        BannerName, HospitalName, NameError, NoticeName, NotificationName, NotificationPreferencesName,
        StaffMemberName, WebhookName,
    },
    notification::v1::{self as pb, notification_service_server::NotificationService},
};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use crate::{
    app::{
        App, ListDeliveries, ListNotifications, NOTICE_FIELDS, PREFERENCES_FIELDS, Update, WEBHOOK_FIELDS,
    },
    domain::{message::Priority, notification::Notification, template},
};

/// The handlers.
pub struct NotificationApi {
    app: App,
}

type Answer<T> = Result<Response<T>, Status>;
type Updates = std::pin::Pin<Box<dyn Stream<Item = Result<pb::WatchNotificationsResponse, Status>> + Send>>;

// === impl NotificationApi ===

impl NotificationApi {
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

#[tonic::async_trait]
impl NotificationService for NotificationApi {
    async fn get_notification(
        &self,
        request: Request<pb::GetNotificationRequest>,
    ) -> Answer<pb::Notification> {
        let ctx = Ctx::of(&request)?;
        let name = parse("name", NotificationName::parse(&request.get_ref().name))?;
        let found = self.app.get_notification(&ctx, &name).await?;
        Ok(Response::new(render(found, ctx.locale)))
    }

    async fn list_notifications(
        &self,
        request: Request<pb::ListNotificationsRequest>,
    ) -> Answer<pb::ListNotificationsResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let query = ListNotifications {
            parent: parse("parent", StaffMemberName::parse(&request.parent))?,
            page_size: request.page_size,
            page_token: request.page_token,
            filter: request.filter,
        };
        let (rows, next_page_token, unread_count) = self.app.list_notifications(&ctx, query).await?;
        let notifications = rows.into_iter().map(|row| render(row, ctx.locale)).collect();
        Ok(Response::new(pb::ListNotificationsResponse { notifications, next_page_token, unread_count }))
    }

    async fn read_notifications(
        &self,
        request: Request<pb::ReadNotificationsRequest>,
    ) -> Answer<pb::ReadNotificationsResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/ReadNotifications";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let parent = parse("parent", StaffMemberName::parse(&request.parent))?;
        let unread_count = self.app.read_notifications(&ctx, &parent, &request.names, once).await?;
        Ok(Response::new(pb::ReadNotificationsResponse { unread_count }))
    }

    type WatchNotificationsStream = Updates;

    async fn watch_notifications(
        &self,
        request: Request<pb::WatchNotificationsRequest>,
    ) -> Answer<Self::WatchNotificationsStream> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse("parent", StaffMemberName::parse(&request.parent))?;
        let updates = self.app.watch_notifications(&ctx, parent, &request.resume_token).await?;
        let locale = ctx.locale;
        let stream = ReceiverStream::new(updates).map(move |update| {
            let Update { notification, unread_count, sequence } = update?;
            let notification = notification.map(|notification| render(notification, locale));
            let resume_token = sequence.to_string();
            Ok(pb::WatchNotificationsResponse { notification, unread_count, resume_token })
        });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn get_notification_preferences(
        &self,
        request: Request<pb::GetNotificationPreferencesRequest>,
    ) -> Answer<pb::NotificationPreferences> {
        let ctx = Ctx::of(&request)?;
        let person = person("name", &request.get_ref().name)?;
        Ok(Response::new(preferences::render(self.app.get_preferences(&ctx, &person).await?)))
    }

    async fn update_notification_preferences(
        &self,
        request: Request<pb::UpdateNotificationPreferencesRequest>,
    ) -> Answer<pb::NotificationPreferences> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/UpdateNotificationPreferences";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let mask = Mask::of(request.update_mask, PREFERENCES_FIELDS);
        let sent = request.notification_preferences.unwrap_or_default();
        let person = person("notification_preferences.name", &sent.name)?;
        let sent = preferences::read(sent);
        let changed = self.app.update_preferences(&ctx, &person, (sent, mask), once).await?;
        Ok(Response::new(preferences::render(changed)))
    }

    async fn list_deliveries(
        &self,
        request: Request<pb::ListDeliveriesRequest>,
    ) -> Answer<pb::ListDeliveriesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let query = ListDeliveries {
            parent: deliveries::recipients(&request.parent)?,
            page_size: request.page_size,
            page_token: request.page_token,
            filter: request.filter,
        };
        let (rows, next_page_token) = self.app.list_deliveries(&ctx, query).await?;
        let deliveries = rows.into_iter().map(deliveries::render).collect();
        Ok(Response::new(pb::ListDeliveriesResponse { deliveries, next_page_token }))
    }

    async fn get_notice(&self, request: Request<pb::GetNoticeRequest>) -> Answer<pb::Notice> {
        let ctx = Ctx::of(&request)?;
        let name = parse("name", NoticeName::parse(&request.get_ref().name))?;
        Ok(Response::new(notices::render(self.app.get_notice(&ctx, &name).await?, ctx.now)))
    }

    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Answer<pb::ListNoticesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse("parent", HospitalName::parse(&request.parent))?;
        let page = (request.page_size, request.page_token.as_str());
        let listed = self.app.list_notices(&ctx, &parent.hospital, page, &request.filter).await?;
        let (rows, next_page_token) = listed;
        let notices = rows.into_iter().map(|row| notices::render(row, ctx.now)).collect();
        Ok(Response::new(pb::ListNoticesResponse { notices, next_page_token }))
    }

    async fn create_notice(&self, request: Request<pb::CreateNoticeRequest>) -> Answer<pb::Notice> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/CreateNotice";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let parent = parse("parent", HospitalName::parse(&request.parent))?;
        let sent = (notices::id(&request.notice_id), notices::read(request.notice.unwrap_or_default()));
        let notice = self.app.create_notice(&ctx, &parent.hospital, sent, once).await?;
        Ok(Response::new(notices::render(notice, ctx.now)))
    }

    async fn update_notice(&self, request: Request<pb::UpdateNoticeRequest>) -> Answer<pb::Notice> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/UpdateNotice";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let mask = Mask::of(request.update_mask, NOTICE_FIELDS);
        let sent = request.notice.unwrap_or_default();
        let name = parse("notice.name", NoticeName::parse(&sent.name))?;
        let notice = self.app.update_notice(&ctx, &name, (notices::read(sent), mask), once).await?;
        Ok(Response::new(notices::render(notice, ctx.now)))
    }

    async fn cancel_notice(&self, request: Request<pb::CancelNoticeRequest>) -> Answer<pb::Notice> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/CancelNotice";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let name = parse("name", NoticeName::parse(&request.name))?;
        let notice = self.app.cancel_notice(&ctx, &name, &request.etag, once).await?;
        Ok(Response::new(notices::render(notice, ctx.now)))
    }

    async fn get_banner(&self, request: Request<pb::GetBannerRequest>) -> Answer<pb::Banner> {
        let ctx = Ctx::of(&request)?;
        let name = parse("name", BannerName::parse(&request.get_ref().name))?;
        let shown = self.app.get_banner(&ctx, &name.hospital).await?;
        Ok(Response::new(notices::banner(&name, shown, ctx.now)))
    }

    async fn suggest_maintenance_windows(
        &self,
        request: Request<pb::SuggestMaintenanceWindowsRequest>,
    ) -> Answer<pb::SuggestMaintenanceWindowsResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse("parent", HospitalName::parse(&request.parent))?;
        let asked = traffic::asked(&request);
        let found = self.app.suggest_maintenance_windows(&ctx, &parent.hospital, asked).await?;
        Ok(Response::new(traffic::render(found)))
    }

    async fn get_webhook(&self, request: Request<pb::GetWebhookRequest>) -> Answer<pb::Webhook> {
        let ctx = Ctx::of(&request)?;
        let name = parse("name", WebhookName::parse(&request.get_ref().name))?;
        let webhook = self.app.get_webhook(&ctx, &name).await?;
        Ok(Response::new(webhooks::render(webhook, Show::NoSecret, ctx.now)))
    }

    async fn list_webhooks(
        &self,
        request: Request<pb::ListWebhooksRequest>,
    ) -> Answer<pb::ListWebhooksResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse("parent", HospitalName::parse(&request.parent))?;
        let page = (request.page_size, request.page_token.as_str());
        let (rows, next_page_token) = self.app.list_webhooks(&ctx, &parent.hospital, page).await?;
        let rows = rows.into_iter().map(|row| webhooks::render(row, Show::NoSecret, ctx.now));
        Ok(Response::new(pb::ListWebhooksResponse { webhooks: rows.collect(), next_page_token }))
    }

    async fn create_webhook(&self, request: Request<pb::CreateWebhookRequest>) -> Answer<pb::Webhook> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/CreateWebhook";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let parent = parse("parent", HospitalName::parse(&request.parent))?;
        let sent = (webhooks::id(&request.webhook_id), webhooks::read(request.webhook.unwrap_or_default()));
        let webhook = self.app.create_webhook(&ctx, &parent.hospital, sent, once).await?;
        Ok(Response::new(webhooks::render(webhook, Show::Secret, ctx.now)))
    }

    async fn update_webhook(&self, request: Request<pb::UpdateWebhookRequest>) -> Answer<pb::Webhook> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/UpdateWebhook";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let mask = Mask::of(request.update_mask, WEBHOOK_FIELDS);
        let sent = request.webhook.unwrap_or_default();
        let name = parse("webhook.name", WebhookName::parse(&sent.name))?;
        let webhook = self.app.update_webhook(&ctx, &name, (webhooks::read(sent), mask), once).await?;
        Ok(Response::new(webhooks::render(webhook, Show::NoSecret, ctx.now)))
    }

    async fn delete_webhook(&self, request: Request<pb::DeleteWebhookRequest>) -> Answer<()> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/DeleteWebhook";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let name = parse("name", WebhookName::parse(&request.name))?;
        self.app.delete_webhook(&ctx, &name, &request.etag, once).await?;
        Ok(Response::new(()))
    }

    async fn rotate_webhook_secret(
        &self,
        request: Request<pb::RotateWebhookSecretRequest>,
    ) -> Answer<pb::Webhook> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/RotateWebhookSecret";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let name = parse("name", WebhookName::parse(&request.name))?;
        let overlap = webhooks::overlap(request.overlap_hours);
        let webhook = self.app.rotate_webhook_secret(&ctx, (&name, &request.etag), overlap, once).await?;
        Ok(Response::new(webhooks::render(webhook, Show::Secret, ctx.now)))
    }

    async fn test_webhook(&self, request: Request<pb::TestWebhookRequest>) -> Answer<pb::Delivery> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let method = "notification.v1.NotificationService/TestWebhook";
        let once = Once::of(&ctx, method, &request.request_id, &request)?;
        let name = parse("name", WebhookName::parse(&request.name))?;
        Ok(Response::new(deliveries::render(self.app.test_webhook(&ctx, &name, once).await?)))
    }

    async fn list_audit_entries(
        &self,
        request: Request<audit_pb::ListAuditEntriesRequest>,
    ) -> Answer<audit_pb::ListAuditEntriesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse("parent", HospitalName::parse(&request.parent))?;
        Ok(Response::new(self.app.list_audit_entries(&ctx, &parent.hospital, &request).await?))
    }

    async fn verify_audit_log(
        &self,
        request: Request<audit_pb::VerifyAuditLogRequest>,
    ) -> Answer<audit_pb::AuditVerdict> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse("parent", HospitalName::parse(&request.parent))?;
        Ok(Response::new(self.app.verify_audit_log(&ctx, &parent.hospital, &request).await?))
    }
}

/// Whose preferences a name names.
fn person(field: &str, name: &str) -> Result<StaffMemberName, Problem> {
    let name = parse(field, NotificationPreferencesName::parse(name))?;
    Ok(StaffMemberName::new(name.hospital, name.staff_member))
}

fn parse<T>(field: &str, parsed: Result<T, NameError>) -> Result<T, Problem> {
    parsed.map_err(|error| Problem::invalid(vec![Violation::new(field, error.to_string())]))
}

fn render(notification: Notification, locale: Locale) -> pb::Notification {
    let language = match locale {
        Locale::French => template::Language::French,
        Locale::English => template::Language::English,
    };
    let text = template::text(&notification.message, language);
    let priority = match notification.message.priority() {
        Priority::Low => pb::notification::Priority::Low,
        Priority::Medium => pb::notification::Priority::Medium,
        Priority::High => pb::notification::Priority::High,
        Priority::Urgent => pb::notification::Priority::Urgent,
    };
    let Notification { hospital, staff_member, id, message, subject, create_time, read_time, .. } =
        notification;
    pb::Notification {
        name: NotificationName::new(hospital, staff_member, id).to_string(),
        kind: message.kind().to_owned(),
        priority: priority.into(),
        title: text.title,
        body: text.body,
        subject,
        create_time: Some(time::to_proto(create_time)),
        read_time: read_time.map(time::to_proto),
    }
}
