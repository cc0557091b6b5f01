//! Staff with one administrator and notification with a mail server, in this process.

use std::path::PathBuf;

use bus::Bus;
use chassis::{
    Clock, Peer, Role, Secret, Service,
    testing::{Identity, Local, eventually, serve_local, with_token},
};
use durable::{Db, DbConfig, event};
use jiff::Timestamp;
use prost::{Message, Name};
use proto::{
    leave::v1::{LeaveApproved, LeaveRejected},
    names::StaffMemberName,
    notification::v1::{
        Delivery, ListDeliveriesRequest, NotificationPreferences, UpdateNotificationPreferencesRequest,
        delivery::{Answer, State},
        notification_service_client::NotificationServiceClient,
    },
    staff::v1::{ListStaffMembersRequest, staff_service_client::StaffServiceClient},
    r#type::v1::Date,
};

const HOSPITAL: &str = "tilleuls";

/// Where the administrator gets letters.
pub const ADDRESS: &str = "camille.tilleul@tilleuls.example";

/// The administrator's names.
pub const PERSON: &str = "Camille Tilleul";

/// Both services.
pub struct Office {
    /// Their clock.
    pub clock: Clock,
    bus: Bus,
    /// The administrator.
    person: StaffMemberName,
    notification: Local,
    _staff: Local,
    _folder: tempfile::TempDir,
}

impl Office {
    /// Opens it on a Monday morning.
    pub async fn open(smtp: &str, authority: Option<PathBuf>) -> Self {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let (clock, bus) = (Clock::fixed(now), Bus::local());
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| {
            DbConfig::at(format!("sqlite://{}", folder.path().join(format!("{name}.sqlite")).display()))
        };
        let keys = Identity::new(now).keys();

        let db = Db::open(&at("staff"), staff::Migrator).await.unwrap().with_clock(clock.clone());
        let (given_name, family_name) = PERSON.split_once(' ').unwrap();
        let config = toml::toml! {
            [bootstrap]
            hospital = HOSPITAL
            administrator_email = ADDRESS
            administrator_given_name = given_name
            administrator_family_name = family_name
            administrator_password = "un-long-mot-de-passe-42"
        };
        let config: staff::Config = config.try_into().unwrap();
        let deps = staff::Deps { db, bus: bus.clone(), clock: clock.clone() };
        let parts = staff::Staff::build(config, deps).await.unwrap();
        let staff = serve_local("notification", "staff", parts, clock.clone()).unwrap();
        let request =
            ListStaffMembersRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
        let people = StaffServiceClient::new(staff.peer.clone()).list_staff_members(request).await.unwrap();
        let person = StaffMemberName::parse(&people.into_inner().staff_members[0].name).unwrap();

        let db = Db::open(&at("notification"), notification::Migrator).await.unwrap();
        let db = db.with_clock(clock.clone());
        let email = notification::Email {
            url: Secret::new(smtp.to_owned()),
            sender: "Planning <planning@tilleuls.example>".to_owned(),
            authority,
            ..Default::default()
        };
        let config = notification::Config { email: Some(email), ..Default::default() };
        let peer: Peer = staff.peer.clone();
        let deps = notification::Deps { db, bus: bus.clone(), staff: peer, clock: clock.clone(), keys };
        let parts = notification::Notification::build(config, deps).await.unwrap();
        let notification = serve_local("gateway", "notification", parts, clock.clone()).unwrap();
        Self { clock, bus, person, notification, _staff: staff, _folder: folder }
    }

    async fn publish<M: Message + Name>(&self, event: &M) {
        let envelope = event::encode(event, HOSPITAL, "subject", self.clock.now());
        eventually("the event is taken", async || self.bus.publish("leave", envelope.clone()).await.ok())
            .await;
    }

    /// Lets the administrator be told of a leave.
    pub async fn approve_leave(&self) {
        let (first_date, last_date) = days();
        let (leave, staff_member) = (format!("{}/leaves/l1", self.person), self.person.to_string());
        self.publish(&LeaveApproved { leave, staff_member, first_date, last_date, ..Default::default() })
            .await;
    }

    /// Lets the administrator be told of a refusal.
    pub async fn reject_leave(&self) {
        let (first_date, last_date) = days();
        let (leave, staff_member) = (format!("{}/leaves/l1", self.person), self.person.to_string());
        self.publish(&LeaveRejected { leave, staff_member, first_date, last_date }).await;
    }

    fn by_person<M>(&self, message: M) -> tonic::Request<M> {
        let token = Identity::new(self.clock.now()).token(
            HOSPITAL,
            &self.person.staff_member,
            "MAR",
            &[Role::Anesthetist],
        );
        with_token(message, &token)
    }

    fn client(&self) -> NotificationServiceClient<Peer> {
        NotificationServiceClient::new(self.notification.peer.clone())
    }

    /// Changes what the administrator prefers.
    pub async fn prefer(&self, preferences: NotificationPreferences) {
        let name = format!("{}/notificationPreferences", self.person);
        let request = UpdateNotificationPreferencesRequest {
            notification_preferences: Some(NotificationPreferences { name, ..preferences }),
            ..Default::default()
        };
        self.client().update_notification_preferences(self.by_person(request)).await.unwrap();
    }

    async fn deliveries(&self) -> Vec<Delivery> {
        let request = ListDeliveriesRequest { parent: self.person.to_string(), ..Default::default() };
        self.client().list_deliveries(self.by_person(request)).await.unwrap().into_inner().deliveries
    }

    async fn eventually_one(&self, what: &str, is: impl Fn(&Delivery) -> bool) -> Delivery {
        eventually(what, async || self.deliveries().await.into_iter().find(|delivery| is(delivery))).await
    }

    /// A delivery in this state, once there is one.
    pub async fn eventually(&self, state: State) -> Delivery {
        self.eventually_one(state.as_str_name(), |delivery| delivery.state() == state).await
    }

    /// A delivery that was answered so, once there is one.
    pub async fn eventually_answered(&self, answer: Answer) -> Delivery {
        self.eventually_one(answer.as_str_name(), |delivery| delivery.answer() == answer).await
    }
}

fn days() -> (Option<Date>, Option<Date>) {
    let day = |day| Some(Date { year: 2027, month: 1, day });
    (day(4), day(8))
}
