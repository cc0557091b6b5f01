//! The gRPC face: parse, call, render in the reader's language.

mod deliveries;
mod preferences;

pub use deliveries::answer;

use chassis::{Ctx, Locale, Problem, Violation};
use durable::{Once, mask::Mask, time};
use proto::{
    names::{NameError, NotificationName, NotificationPreferencesName, StaffMemberName},
    notification::v1::{self as pb, notification_service_server::NotificationService},
};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use crate::{
    app::{App, ListDeliveries, ListNotifications, PREFERENCES_FIELDS, Update},
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
            parent: parse("parent", StaffMemberName::parse_wild(&request.parent))?,
            page_size: request.page_size,
            page_token: request.page_token,
            filter: request.filter,
        };
        let (rows, next_page_token) = self.app.list_deliveries(&ctx, query).await?;
        let deliveries = rows.into_iter().map(deliveries::render).collect();
        Ok(Response::new(pb::ListDeliveriesResponse { deliveries, next_page_token }))
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
        Priority::Medium => pb::notification::Priority::Medium,
        Priority::High => pb::notification::Priority::High,
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
