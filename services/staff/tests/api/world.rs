//! A hospital with one administrator, and short ways to call.

use bus::Bus;
use chassis::{
    Clock, Peer, Secret, Service,
    testing::{Local, serve_local, with_token},
};
use durable::Db;
use jiff::{SignedDuration, Timestamp};
use proto::staff::v1::{
    self as pb, session_service_client::SessionServiceClient, site_service_client::SiteServiceClient,
    staff_service_client::StaffServiceClient,
};
use staff::{Config, Deps, Migrator, Staff, config::Bootstrap};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

pub const HOSPITAL: &str = "hospitals/north";
pub const ADMIN: &str = "admin@north.fr";
pub const PASSWORD: &str = "une garde un dimanche";

/// The service and what surrounds it.
pub struct World {
    pub clock: Clock,
    pub bus: Bus,
    pub db: Db,
    pub local: Local,
    /// Token of the super-administrator.
    pub admin: String,
    _folder: Option<durable::testing::TempDir>,
}

/// SQLite, or PostgreSQL when `MATHILDANESTH_TEST_STORE=postgres` asks for it (and a server is named as for
/// `durable::testing`).
async fn database() -> (Db, Option<durable::testing::TempDir>) {
    if std::env::var("MATHILDANESTH_TEST_STORE").is_ok_and(|store| store == "postgres") {
        return (durable::testing::postgres(Migrator).await.expect("a server is named"), None);
    }
    let (db, folder) = durable::testing::sqlite(Migrator).await;
    (db, Some(folder))
}

async fn served(db: &Db, bus: &Bus, clock: &Clock) -> Local {
    let bootstrap = Bootstrap {
        hospital: "north".into(),
        display_name: "Hôpital Nord".into(),
        administrator_email: ADMIN.into(),
        administrator_password: Secret::new(PASSWORD.into()),
        ..Bootstrap::default()
    };
    let config = Config { bootstrap: Some(bootstrap), ..Config::default() };
    let deps = Deps { db: db.clone(), bus: bus.clone(), clock: clock.clone() };
    let parts = Staff::build(config, deps).await.map_err(|error| error.to_string()).unwrap();
    serve_local("", Staff::NAME, parts, clock.clone()).map_err(|error| error.to_string()).unwrap()
}

impl World {
    pub async fn new() -> Self {
        let clock = Clock::fixed("2026-11-23T09:00:00Z".parse::<Timestamp>().unwrap());
        let (db, folder) = database().await;
        let bus = Bus::local();
        let local = served(&db, &bus, &clock).await;
        let mut world = Self { clock, bus, db, local, admin: String::new(), _folder: folder };
        world.admin = world.sign_in(ADMIN, PASSWORD).await.unwrap().access_token;
        world
    }

    /// Another instance over the same database, as after a restart.
    pub async fn restart(&mut self) {
        self.local = served(&self.db, &self.bus, &self.clock).await;
    }

    pub fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    fn peer(&self) -> Peer {
        self.local.peer.clone()
    }

    pub fn sessions(&self) -> SessionServiceClient<Peer> {
        SessionServiceClient::new(self.peer())
    }

    pub fn sites(&self) -> SiteServiceClient<Peer> {
        SiteServiceClient::new(self.peer())
    }

    pub fn staff(&self) -> StaffServiceClient<Peer> {
        StaffServiceClient::new(self.peer())
    }

    /// A message of the administrator.
    pub fn by_admin<M>(&self, message: M) -> tonic::Request<M> {
        with_token(message, &self.admin)
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Result<pb::Session, Status> {
        self.sessions().create_session(sign_in(email, password)).await.map(tonic::Response::into_inner)
    }

    pub async fn refresh(&self, token: &str, request_id: &str) -> Result<pb::Session, Status> {
        let request = pb::RefreshSessionRequest {
            refresh_token: token.into(),
            request_id: request_id.into(),
            cookies: false,
        };
        self.sessions().refresh_session(request).await.map(tonic::Response::into_inner)
    }

    /// A new person, created by the administrator.
    pub async fn person(&self, id: &str, profession: &str) -> pb::StaffMember {
        let request = pb::CreateStaffMemberRequest {
            parent: HOSPITAL.into(),
            staff_member_id: id.into(),
            staff_member: Some(person(id, profession)),
            request_id: String::new(),
        };
        self.staff().create_staff_member(self.by_admin(request)).await.unwrap().into_inner()
    }

    /// A temporary password of a person.
    pub async fn reset(&self, name: &str, request_id: &str) -> Result<String, Status> {
        let request = pb::ResetPasswordRequest { name: name.into(), request_id: request_id.into() };
        let answer = self.staff().reset_password(self.by_admin(request)).await?;
        Ok(answer.into_inner().temporary_password)
    }

    /// A person who has signed in; answers the session.
    pub async fn signed_in(&self, id: &str, profession: &str) -> pb::Session {
        let person = self.person(id, profession).await;
        let temporary = self.reset(&person.name, "").await.unwrap();
        let mut request = sign_in(&person.email, &temporary);
        request.new_password = PASSWORD.into();
        self.sessions().create_session(request).await.unwrap().into_inner()
    }

    pub async fn site(&self, id: &str) -> pb::Site {
        let request = pb::CreateSiteRequest {
            parent: HOSPITAL.into(),
            site_id: id.into(),
            site: Some(pb::Site { display_name: format!("Site {id}"), ..pb::Site::default() }),
            request_id: String::new(),
        };
        self.sites().create_site(self.by_admin(request)).await.unwrap().into_inner()
    }
}

pub fn sign_in(email: &str, password: &str) -> pb::CreateSessionRequest {
    pb::CreateSessionRequest {
        parent: HOSPITAL.into(),
        email: email.into(),
        password: password.into(),
        ..pb::CreateSessionRequest::default()
    }
}

pub fn person(id: &str, profession: &str) -> pb::StaffMember {
    pb::StaffMember {
        given_name: "Anne".into(),
        family_name: "Roux".into(),
        email: format!("{id}@north.fr"),
        profession: profession.into(),
        ..pb::StaffMember::default()
    }
}

pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// The code and the reason of a refusal.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Status>) -> (Code, String) {
    let status = result.unwrap_err();
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "staff.mathildanesth");
    (status.code(), info.reason)
}

/// The fields that a refusal names.
pub fn fields<T: std::fmt::Debug>(result: Result<T, Status>) -> Vec<String> {
    let status = result.unwrap_err();
    let request = status.get_details_bad_request().unwrap_or_else(|| panic!("no BadRequest: {status:?}"));
    request.field_violations.into_iter().map(|violation| violation.field).collect()
}
