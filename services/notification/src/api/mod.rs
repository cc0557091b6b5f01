//! The gRPC face: parse, call, render in the reader's language.

use chassis::{Ctx, Locale, Problem, Violation};
use durable::{Once, time};
use proto::{
    names::{NameError, NotificationName, StaffMemberName},
    notification::v1::{self as pb, notification_service_server::NotificationService},
};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use crate::{
    app::{App, ListNotifications, Update},
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
