//! A notification service in its whole stack, fed by a bus, beside a staff with one administrator.

use bus::Bus;
use chassis::{
    App, Clock, Peer, Role, Service,
    testing::{Identity, Local, eventually, serve_local, with_token},
};
use durable::{Db, DbConfig, testing::TempDir};
use jiff::Timestamp;
use notification::{Config, Deps, Email, Migrator, Notification};
use proto::{
    audit::v1::{self as audit_pb, AuditEntry, AuditVerdict},
    event::v1::Envelope,
    notification::v1::{
        self as pb, notification_service_client::NotificationServiceClient,
        traffic_service_client::TrafficServiceClient,
    },
    staff::v1 as staff,
    r#type::v1::Date,
};
use tonic::{Request, Response, Status, Streaming, body::Body, server::Grpc};
use tower::{service_fn, util::BoxCloneSyncService};

pub const HOSPITAL: &str = "chu";

pub struct World {
    bus: Bus,
    pub clock: Clock,
    identity: Identity,
    local: Local,
    folder: TempDir,
}

type Answer<T> = Result<T, Status>;

pub fn person(id: &str) -> String {
    format!("hospitals/{HOSPITAL}/staffMembers/{id}")
}

pub fn date(text: &str) -> Option<Date> {
    Some(text.parse::<calendar::Day>().unwrap().into())
}

impl World {
    pub async fn new() -> Self {
        Self::of(Config::default()).await
    }

    /// With a mail server.
    pub async fn with_email(url: &str) -> Self {
        let url = chassis::Secret::new(url.to_owned());
        let email = Email { url, sender: "planning@chu.example".to_owned(), ..Email::default() };
        Self::of(Config { email: Some(email), ..Config::default() }).await
    }

    pub async fn of(config: Config) -> Self {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let (db, folder) = durable::testing::sqlite(Migrator).await;
        Self::with(config, Clock::fixed(now), db, folder).await
    }

    /// The same database and time, served anew with another configuration.
    pub async fn reopened(self, config: Config) -> Self {
        let Self { clock, local, folder, .. } = self;
        drop(local);
        let url = format!("sqlite://{}/test.sqlite", folder.path().display());
        let db = Db::open(&DbConfig::at(url), Migrator).await.unwrap();
        Self::with(config, clock, db, folder).await
    }

    async fn with(config: Config, clock: Clock, db: Db, folder: TempDir) -> Self {
        let (identity, bus) = (Identity::new(clock.now()), Bus::local());
        let staff = Peer::local("notification", "staff", staff_app());
        let db = db.with_clock(clock.clone());
        let deps = Deps { db, bus: bus.clone(), staff, clock: clock.clone(), keys: identity.keys() };
        let parts = Notification::build(config, deps).await.unwrap();
        let local = serve_local("gateway", "notification", parts, clock.clone()).unwrap();
        Self { bus, clock, identity, local, folder }
    }

    fn client(&self) -> NotificationServiceClient<Peer> {
        NotificationServiceClient::new(self.local.peer.clone())
    }

    fn by<M>(&self, who: &str, message: M) -> Request<M> {
        // Signed in anew, however late it is.
        let identity = Identity::new(self.clock.now());
        with_token(message, &identity.token(HOSPITAL, who, "MAR", &[Role::SuperAdministrator]))
    }

    pub fn envelope<M: prost::Message + prost::Name>(&self, event: &M) -> Envelope {
        durable::event::encode(event, HOSPITAL, "subject", self.clock.now())
    }

    /// Returns once the service has taken the event in: a local bus is done after the consumers' commits.
    pub async fn send(&self, topic: &str, envelope: Envelope) {
        eventually("the event is taken", async || self.bus.publish(topic, envelope.clone()).await.ok()).await;
    }

    pub async fn publish<M: prost::Message + prost::Name>(&self, topic: &str, event: &M) {
        self.send(topic, self.envelope(event)).await;
    }

    pub async fn list(&self, who: &str, filter: &str) -> Answer<pb::ListNotificationsResponse> {
        let request = pb::ListNotificationsRequest {
            parent: person(who),
            filter: filter.to_owned(),
            ..Default::default()
        };
        self.client().list_notifications(self.by(who, request)).await.map(Response::into_inner)
    }

    pub async fn list_in(&self, language: &str, who: &str) -> Answer<pb::ListNotificationsResponse> {
        let mut request =
            self.by(who, pb::ListNotificationsRequest { parent: person(who), ..Default::default() });
        request.metadata_mut().insert("accept-language", language.parse().unwrap());
        self.client().list_notifications(request).await.map(Response::into_inner)
    }

    pub async fn get(&self, reader: &str, name: &str) -> Answer<pb::Notification> {
        let request = pb::GetNotificationRequest { name: name.to_owned() };
        self.client().get_notification(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn read(&self, who: &str, names: Vec<String>) -> Answer<pb::ReadNotificationsResponse> {
        let request = pb::ReadNotificationsRequest { parent: person(who), names, ..Default::default() };
        self.client().read_notifications(self.by(who, request)).await.map(Response::into_inner)
    }

    pub async fn preferences(&self, reader: &str, name: &str) -> Answer<pb::NotificationPreferences> {
        let request = pb::GetNotificationPreferencesRequest { name: name.to_owned() };
        self.client().get_notification_preferences(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn update_preferences(
        &self,
        who: &str,
        sent: pb::NotificationPreferences,
        paths: &[&str],
    ) -> Answer<pb::NotificationPreferences> {
        let mask = paths.iter().map(|&path| path.to_owned()).collect();
        let request = pb::UpdateNotificationPreferencesRequest {
            notification_preferences: Some(sent),
            update_mask: Some(prost_types::FieldMask { paths: mask }),
            ..Default::default()
        };
        self.client().update_notification_preferences(self.by(who, request)).await.map(Response::into_inner)
    }

    /// What left the application for a person, or for everybody.
    pub async fn deliveries(&self, reader: &str, of: &str, filter: &str) -> Answer<Vec<pb::Delivery>> {
        let request =
            pb::ListDeliveriesRequest { parent: person(of), filter: filter.to_owned(), ..Default::default() };
        let listed = self.client().list_deliveries(self.by(reader, request)).await;
        listed.map(|listed| listed.into_inner().deliveries)
    }

    /// The same by somebody without an administrator's role.
    pub async fn deliveries_as_nobody(&self, reader: &str, of: &str) -> Answer<Vec<pb::Delivery>> {
        let request = pb::ListDeliveriesRequest { parent: person(of), ..Default::default() };
        let token = self.identity.token(HOSPITAL, reader, "MAR", &[Role::Anesthetist]);
        let listed = self.client().list_deliveries(with_token(request, &token)).await;
        listed.map(|listed| listed.into_inner().deliveries)
    }

    pub async fn create_notice(&self, who: &str, notice: pb::Notice) -> Answer<pb::Notice> {
        let request = pb::CreateNoticeRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            notice: Some(notice),
            request_id: "0b7e9a52-8a2c-4f0e-9d0e-222222222222".to_owned(),
            ..Default::default()
        };
        self.client().create_notice(self.by(who, request)).await.map(Response::into_inner)
    }

    pub async fn update_notice(&self, notice: pb::Notice, paths: &[&str]) -> Answer<pb::Notice> {
        let mask = paths.iter().map(|&path| path.to_owned()).collect();
        let request = pb::UpdateNoticeRequest {
            notice: Some(notice),
            update_mask: Some(prost_types::FieldMask { paths: mask }),
            ..Default::default()
        };
        self.client().update_notice(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn cancel_notice(&self, name: &str, etag: &str) -> Answer<pb::Notice> {
        let (name, etag) = (name.to_owned(), etag.to_owned());
        let request = pb::CancelNoticeRequest { name, etag, ..Default::default() };
        self.client().cancel_notice(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn notices(&self, filter: &str) -> Answer<Vec<pb::Notice>> {
        let request = pb::ListNoticesRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            filter: filter.to_owned(),
            ..Default::default()
        };
        let listed = self.client().list_notices(self.by("boss", request)).await;
        listed.map(|listed| listed.into_inner().notices)
    }

    /// What somebody without any role sees.
    pub async fn banner(&self, roles: &[Role]) -> Answer<pb::Banner> {
        let request = pb::GetBannerRequest { name: format!("hospitals/{HOSPITAL}/banner") };
        let token = self.identity.token(HOSPITAL, "ann", "MAR", roles);
        self.client().get_banner(with_token(request, &token)).await.map(Response::into_inner)
    }

    /// As the gateway reports.
    pub async fn report(&self, report: pb::ReportTrafficRequest) -> Answer<()> {
        self.report_by("gateway", None, report).await
    }

    /// As a service reports, for itself or with a person's token; the empty one is nobody of the mesh.
    pub async fn report_by(
        &self,
        caller: &'static str,
        person: Option<&[Role]>,
        report: pb::ReportTrafficRequest,
    ) -> Answer<()> {
        let peer = Peer::local(caller, "notification", self.local.app.clone());
        let request = match person {
            Some(roles) => with_token(report, &self.identity.token(HOSPITAL, "ann", "MAR", roles)),
            None => Request::new(report),
        };
        TrafficServiceClient::new(peer).report_traffic(request).await.map(Response::into_inner)
    }

    pub async fn suggest(
        &self,
        roles: &[Role],
        request: pb::SuggestMaintenanceWindowsRequest,
    ) -> Answer<pb::SuggestMaintenanceWindowsResponse> {
        let token = self.identity.token(HOSPITAL, "ann", "MAR", roles);
        let found = self.client().suggest_maintenance_windows(with_token(request, &token)).await;
        found.map(Response::into_inner)
    }

    /// The same request each time it is asked for with the same id.
    pub async fn create_webhook(&self, id: &str, webhook: pb::Webhook) -> Answer<pb::Webhook> {
        let number = id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let request = pb::CreateWebhookRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            webhook_id: id.to_owned(),
            webhook: Some(webhook),
            request_id: format!("0b7e9a52-8a2c-4f0e-9d0e-{:012x}", number & 0xffff_ffff_ffff),
        };
        self.client().create_webhook(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// The same by somebody with other roles.
    pub async fn create_webhook_as(&self, roles: &[Role], webhook: pb::Webhook) -> Answer<pb::Webhook> {
        let request = pb::CreateWebhookRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            webhook: Some(webhook),
            ..Default::default()
        };
        let token = self.identity.token(HOSPITAL, "ann", "MAR", roles);
        self.client().create_webhook(with_token(request, &token)).await.map(Response::into_inner)
    }

    pub async fn webhook(&self, id: &str) -> Answer<pb::Webhook> {
        let request = pb::GetWebhookRequest { name: format!("hospitals/{HOSPITAL}/webhooks/{id}") };
        self.client().get_webhook(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn webhooks(&self) -> Answer<Vec<pb::Webhook>> {
        let parent = format!("hospitals/{HOSPITAL}");
        let request = pb::ListWebhooksRequest { parent, ..Default::default() };
        let listed = self.client().list_webhooks(self.by("boss", request)).await;
        listed.map(|listed| listed.into_inner().webhooks)
    }

    pub async fn update_webhook(&self, webhook: pb::Webhook, paths: &[&str]) -> Answer<pb::Webhook> {
        let mask = paths.iter().map(|&path| path.to_owned()).collect();
        let request = pb::UpdateWebhookRequest {
            webhook: Some(webhook),
            update_mask: Some(prost_types::FieldMask { paths: mask }),
            ..Default::default()
        };
        self.client().update_webhook(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn delete_webhook(&self, id: &str, etag: &str) -> Answer<()> {
        let name = format!("hospitals/{HOSPITAL}/webhooks/{id}");
        let request = pb::DeleteWebhookRequest { name, etag: etag.to_owned(), ..Default::default() };
        self.client().delete_webhook(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn rotate_webhook_secret(&self, id: &str, overlap_hours: Option<i32>) -> Answer<pb::Webhook> {
        let name = format!("hospitals/{HOSPITAL}/webhooks/{id}");
        let request = pb::RotateWebhookSecretRequest { name, overlap_hours, ..Default::default() };
        self.client().rotate_webhook_secret(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn test_webhook(&self, name: &str) -> Answer<pb::Delivery> {
        let request = pb::TestWebhookRequest { name: name.to_owned(), ..Default::default() };
        self.client().test_webhook(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// What was sent to an endpoint, or to all, newest first.
    pub async fn deliveries_to(&self, id: &str, filter: &str) -> Answer<Vec<pb::Delivery>> {
        let request = pb::ListDeliveriesRequest {
            parent: format!("hospitals/{HOSPITAL}/webhooks/{id}"),
            filter: filter.to_owned(),
            ..Default::default()
        };
        let listed = self.client().list_deliveries(self.by("boss", request)).await;
        listed.map(|listed| listed.into_inner().deliveries)
    }

    /// The same by somebody with other roles.
    pub async fn deliveries_to_webhooks_as(&self, roles: &[Role]) -> Answer<pb::ListDeliveriesResponse> {
        let parent = format!("hospitals/{HOSPITAL}/webhooks/-");
        let request = pb::ListDeliveriesRequest { parent, ..Default::default() };
        let token = self.identity.token(HOSPITAL, "ann", "MAR", roles);
        self.client().list_deliveries(with_token(request, &token)).await.map(Response::into_inner)
    }

    /// The audit log, newest first.
    pub async fn audit_entries(&self, filter: &str) -> Answer<Vec<AuditEntry>> {
        let request = audit_pb::ListAuditEntriesRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            filter: filter.to_owned(),
            ..Default::default()
        };
        let listed = self.client().list_audit_entries(self.by("boss", request)).await;
        listed.map(|listed| listed.into_inner().audit_entries)
    }

    /// The same by somebody with other roles.
    pub async fn audit_entries_as(&self, roles: &[Role]) -> Answer<audit_pb::ListAuditEntriesResponse> {
        let request = audit_pb::ListAuditEntriesRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            ..Default::default()
        };
        let token = self.identity.token(HOSPITAL, "ann", "MAR", roles);
        self.client().list_audit_entries(with_token(request, &token)).await.map(Response::into_inner)
    }

    pub async fn verify_audit_log(&self) -> Answer<AuditVerdict> {
        let request =
            audit_pb::VerifyAuditLogRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
        self.client().verify_audit_log(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// Waits until somebody was told so often.
    pub async fn told(&self, who: &str, count: usize) -> Vec<pb::Notification> {
        let told = async || self.list(who, "").await.ok().map(|listed| listed.notifications);
        let enough = async || told().await.filter(|told| told.len() >= count);
        eventually("people are told", enough).await
    }

    pub async fn watch(
        &self,
        who: &str,
        resume_token: &str,
    ) -> Answer<Streaming<pb::WatchNotificationsResponse>> {
        let request =
            pb::WatchNotificationsRequest { parent: person(who), resume_token: resume_token.to_owned() };
        self.client().watch_notifications(self.by(who, request)).await.map(Response::into_inner)
    }

    pub async fn watch_of(
        &self,
        reader: &str,
        who: &str,
    ) -> Answer<Streaming<pb::WatchNotificationsResponse>> {
        let request = pb::WatchNotificationsRequest { parent: person(who), ..Default::default() };
        self.client().watch_notifications(self.by(reader, request)).await.map(Response::into_inner)
    }
}

/// A staff service of one administrator.
fn staff_app() -> App {
    BoxCloneSyncService::new(service_fn(|request: http::Request<Body>| async move {
        let mut grpc = Grpc::new(tonic_prost::ProstCodec::<
            staff::ListStaffMembersResponse,
            staff::ListStaffMembersRequest,
        >::default());
        let service = service_fn(|_: Request<staff::ListStaffMembersRequest>| async {
            let boss = staff::StaffMember {
                name: person("staffs-boss"),
                roles: vec![staff::Role::AnesthetistAdministrator.into()],
                state: staff::staff_member::State::Active.into(),
                ..Default::default()
            };
            let staff_members = vec![boss];
            Ok::<_, Status>(Response::new(staff::ListStaffMembersResponse {
                staff_members,
                ..Default::default()
            }))
        });
        Ok(grpc.unary(service, request).await)
    }))
}
