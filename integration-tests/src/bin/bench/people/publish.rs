//! A publication that touches 2,000 people: how soon all of them are told in the application and all letters are with the
//! mail server, and what is lost or doubled when an instance is killed while it hands letters over.
//!
//! The event is put on the bus as planning's relay puts it there; staff, two instances of notification, the databases, the
//! bus and the mail server are real.

use std::{collections::BTreeSet, fmt::Write, time::Duration};

use bus::Bus;
use chassis::{BoxError, Clock};
use durable::event;
use integration_tests::{
    foundation::Foundation,
    mesh::{Administrator, Mesh},
    smtp::Smtp,
};
use mathildanesth::demo::{
    self,
    visitor::{Login, Visitor},
};
use proto::{
    planning::v1::{DutyChange, PersonChanges, PlanPublished, duty_change::Change, shift::Kind},
    staff::v1::{ImportDepartmentRequest, ImportFile, ListStaffMembersRequest, import_file},
    r#type::v1::Date,
};
use tokio::time::Instant;

const PEOPLE: usize = 2_000;
/// After how many letters an instance is killed.
const DIES_AFTER: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);
const WAIT_MAX: Duration = Duration::from_mins(5);
const POLL: Duration = Duration::from_millis(50);

/// The mesh with its mail server, and everybody in it.
struct Scene {
    mesh: Mesh,
    smtp: Smtp,
    bus: Bus,
    people: Vec<String>,
}

/// What came of one publication.
struct Told {
    in_app: Duration,
    email: Duration,
    /// People and ways on which they were not told.
    lost: usize,
    /// Notifications beyond one for a person, and letters that a receiver would take for another one.
    doubled: usize,
    /// Letters that were handed over again with the identity of the first time.
    repeated: usize,
}

/// Answers the figures.
pub async fn publish() -> Result<Vec<String>, BoxError> {
    let mut scene = Scene::open().await?;
    let quiet = scene.publication("1", false).await?;
    let killed = scene.publication("2", true).await?;
    println!(
        "a publication that touches {PEOPLE} people, two instances of notification, PostgreSQL, Redis, SMTP"
    );
    for (name, told) in [("undisturbed", &quiet), ("one instance killed", &killed)] {
        println!(
            "  {name:<20} in the application {:>6.2} s   by e-mail {:>6.2} s   lost {}   doubled {}   repeated {}",
            told.in_app.as_secs_f64(),
            told.email.as_secs_f64(),
            told.lost,
            told.doubled,
            told.repeated
        );
    }
    tokio::task::spawn_blocking(move || drop(scene)).await?;
    Ok(vec![
        format!("publish_{PEOPLE}_inapp_s {:.2} s", quiet.in_app.as_secs_f64()),
        format!("publish_{PEOPLE}_email_s {:.2} s", quiet.email.as_secs_f64()),
        format!("publish_{PEOPLE}_lost {} messages", quiet.lost + killed.lost),
        format!("publish_{PEOPLE}_doubled {} messages", quiet.doubled + killed.doubled),
        format!("publish_{PEOPLE}_repeated {} letters", quiet.repeated + killed.repeated),
    ])
}

impl Scene {
    async fn open() -> Result<Self, BoxError> {
        let smtp = Smtp::start(&[])?;
        let url = smtp.url();
        let mesh = tokio::task::spawn_blocking(move || launch(&url)).await??;
        let visitor = Visitor::new(&mesh.address(), Some(&mesh.authority()), PATIENCE)?;
        let login = Login {
            hospital: format!("hospitals/{}", demo::HOSPITAL),
            email: demo::ADMINISTRATOR.to_owned(),
            password: demo::PASSWORD.to_owned(),
        };
        let visitor = visitor.sign_in(&login).await?;
        let people = import(&visitor, &login.hospital).await?;
        let bus = Bus::connect(&mesh.backends.bus().try_into()?).await?;
        Ok(Self { mesh, smtp, bus, people })
    }

    /// Publishes a plan of that name and waits until everything has settled.
    async fn publication(&mut self, plan: &str, is_deadly: bool) -> Result<Told, BoxError> {
        let before: BTreeSet<String> = self.letters()?.into_iter().collect();
        let plan = format!("hospitals/{}/plans/{plan}", demo::HOSPITAL);
        let envelope =
            event::encode(&published(&plan, &self.people), demo::HOSPITAL, &plan, Clock::system().now());
        let id = envelope.id.clone();
        let begun = Instant::now();
        self.bus.publish_all("planning", vec![envelope]).await?;
        let notifications = format!("SELECT count(*) FROM notification WHERE event_id = '{id}'");
        let sent = format!("SELECT count(*) FROM outgoing WHERE event_id = '{id}' AND state = 'SENT'");
        self.until(&notifications, PEOPLE).await?;
        let in_app = begun.elapsed();
        if is_deadly {
            self.until(&sent, DIES_AFTER).await?;
            self.mesh.kill_instance("notification", 0);
        }
        self.until(&sent, PEOPLE).await?;
        let email = begun.elapsed();
        let letters: Vec<String> =
            self.letters()?.into_iter().filter(|letter| !before.contains(letter)).collect();
        let distinct = letters.iter().collect::<BTreeSet<_>>().len();
        let told = self.count(&notifications)?;
        Ok(Told {
            in_app,
            email,
            lost: PEOPLE.saturating_sub(told) + PEOPLE.saturating_sub(distinct),
            doubled: told.saturating_sub(PEOPLE) + distinct.saturating_sub(PEOPLE),
            repeated: letters.len() - distinct,
        })
    }

    /// The identities of the letters that have arrived.
    fn letters(&self) -> Result<Vec<String>, BoxError> {
        let received = self.smtp.received()?.into_iter();
        Ok(received.map(|mut letter| letter.head.remove("Message-ID").unwrap_or_default()).collect())
    }

    async fn until(&self, question: &str, count: usize) -> Result<(), BoxError> {
        let end = Instant::now() + WAIT_MAX;
        while self.count(question)? < count {
            if Instant::now() > end {
                return Err(format!("{} of {count} after {WAIT_MAX:?}", self.count(question)?).into());
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    fn count(&self, question: &str) -> Result<usize, BoxError> {
        let rows = self.mesh.backends.postgres.query("notification", question)?;
        Ok(rows.first().ok_or("a count has a row")?.parse()?)
    }
}

fn launch(url: &str) -> std::io::Result<Mesh> {
    let administrator =
        Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD };
    let count = |service| if service == "notification" { 2 } else { 1 };
    let mut mesh = Mesh::start_with(count, &administrator)?;
    for instance in [0, 1] {
        let settings = [
            ("MATHILDANESTH__EMAIL__URL", url),
            ("MATHILDANESTH__EMAIL__SENDER", "planning@tilleuls.example"),
        ];
        mesh.set_environment("notification", instance, &settings);
    }
    mesh.kill("notification");
    mesh.restart("notification")?;
    Ok(mesh)
}

/// Everybody, by an import; answers their names.
async fn import(visitor: &Visitor, hospital: &str) -> Result<Vec<String>, BoxError> {
    let sites = "id,display_name\nprincipal,Principal\n".to_owned();
    let mut lines =
        "given_name,family_name,display_name,email,profession,roles,sites,first_date\n".to_owned();
    for number in 0..PEOPLE {
        writeln!(
            lines,
            "P{number},N{number},P. N{number},p{number}@tilleuls.example,MAR,ANESTHETIST,principal,2026-01-05"
        )?;
    }
    let file = |kind: import_file::Kind, name: &str, content: String| ImportFile {
        kind: kind.into(),
        file_name: name.to_owned(),
        content: content.into_bytes(),
    };
    let request = ImportDepartmentRequest {
        parent: hospital.to_owned(),
        files: vec![
            file(import_file::Kind::Sites, "sites.csv", sites),
            file(import_file::Kind::StaffMembers, "staff_members.csv", lines),
        ],
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only: false,
    };
    visitor.patiently(|| async { visitor.staff().import_department(request.clone()).await }).await?;
    let mut request =
        ListStaffMembersRequest { parent: hospital.to_owned(), page_size: 1_000, ..Default::default() };
    let mut people = vec![];
    loop {
        let page =
            visitor.patiently(|| async { visitor.staff().list_staff_members(request.clone()).await }).await?;
        people.extend(page.staff_members.into_iter().filter(|person| person.email != demo::ADMINISTRATOR));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    Ok(people.into_iter().map(|person| person.name).collect())
}

/// The news that everybody has a garde.
fn published(plan: &str, people: &[String]) -> PlanPublished {
    let date = |day| Some(Date { year: 2027, month: 1, day });
    let changes = |number: usize| DutyChange {
        change: Change::Added.into(),
        shift: format!("{plan}/shifts/s{number}"),
        kind: Kind::Garde.into(),
        date: date(i32::try_from(number % 31).unwrap_or_default() + 1),
        site: format!("hospitals/{}/sites/principal", demo::HOSPITAL),
        ..Default::default()
    };
    let people = people.iter().enumerate().map(|(number, person)| PersonChanges {
        staff_member: person.clone(),
        changes: vec![changes(number)],
    });
    PlanPublished {
        plan: plan.to_owned(),
        revision: format!("{plan}/revisions/1"),
        first_date: date(1),
        last_date: date(31),
        people: people.collect(),
        ..Default::default()
    }
}
