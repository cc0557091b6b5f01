//! The first hospital and who may sign in to it, when the database is empty.

use chassis::{BuildError, Ctx};
use durable::audit::Change;
use uuid::Uuid;

use super::{App, passwords::check_strength, resources::add};
use crate::{
    config::Bootstrap,
    domain::{Resource, Skill, StaffMember, profession, staff_member::Role},
    store::{accounts, hospitals},
};

/// Skills that every department has: who may supervise where rules differ.
const SKILLS: [(&str, &str); 2] = [
    ("supervise-endoscopy", "Supervision en endoscopie"),
    ("supervise-ophthalmology", "Supervision en ophtalmologie"),
];

impl App {
    /// Creates the hospital and its first super-administrator; does nothing if there is any hospital.
    ///
    /// # Errors
    /// When a setting is not usable, or the database is away.
    pub async fn bootstrap(&self, ctx: &Ctx, settings: &Bootstrap) -> Result<(), BuildError> {
        if !hospitals::is_empty(self.db.read()).await? {
            return Ok(());
        }
        let person = StaffMember {
            given_name: settings.administrator_given_name.clone(),
            family_name: settings.administrator_family_name.clone(),
            email: settings.administrator_email.clone(),
            profession: settings.administrator_profession.clone(),
            roles: vec![Role::SuperAdministrator],
            ..StaffMember::default()
        }
        .completed();
        check(settings, &person)?;
        let hash = self.hasher.hash(settings.administrator_password.expose().clone()).await?;
        let tx = self.db.begin(ctx).await?;
        let hospital = settings.hospital.as_str();
        if !hospitals::insert(&tx, hospital, &settings.display_name, &settings.time_zone).await? {
            return Ok(());
        }
        tx.audit(Change::of(hospital, "hospital.create", format!("hospitals/{hospital}")));
        for (id, display_name) in SKILLS {
            let skill = Skill { display_name: display_name.to_owned(), category: "general".to_owned() };
            add(&tx, hospital, id, skill).await?;
        }
        for (id, profession) in profession::first() {
            add(&tx, hospital, id, profession).await?;
        }
        let person = add(&tx, hospital, &Uuid::now_v7().to_string(), person).await?;
        accounts::set_password(&tx, hospital, &person.id, hash, None).await?;
        tx.commit().await?;
        tracing::info!(hospital.id = hospital, "the first hospital was created");
        Ok(())
    }
}

fn check(settings: &Bootstrap, person: &StaffMember) -> Result<(), BuildError> {
    let wrong = |setting: &str, expected: &str| {
        Err(BuildError::new(format!("bootstrap.{setting}: expected {expected}")))
    };
    if !proto::names::is_id(&settings.hospital) {
        return wrong("hospital", "an id out of a-z, 0-9 and -");
    }
    if jiff::tz::TimeZone::get(&settings.time_zone).is_err() {
        return wrong("time_zone", "an IANA time zone");
    }
    if let Some(flaw) = person.flaws().first() {
        return wrong(&format!("administrator_{}", flaw.field), &flaw.expected);
    }
    check_strength("administrator_password", settings.administrator_password.expose(), &person.email)?;
    Ok(())
}
