//! The copy outside: what a department works from while the mesh is away.
//!
//! Read through the public API, as any client may read, and written whole beside the copy before, which stays until the
//! new one is complete. How it is used: docs/operations/continuity.md.

mod folder;
mod published;
mod sheet;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use calendar::{Month, working_time::Zone};
use chassis::{BoxError, Clock};
use proto::staff::v1::DeleteSessionRequest;

use self::published::Published;
use crate::demo::visitor::{Login, Visitor};

/// What is copied, as whom, and where to.
#[derive(Clone, Debug, clap::Args)]
pub struct Wanted {
    /// Where a gateway is: http://host:port or https://host:port.
    #[arg(long)]
    pub address: String,
    /// The authority of its certificate, a PEM file.
    #[arg(long)]
    pub authority: Option<PathBuf>,
    /// Id of the hospital.
    #[arg(long)]
    pub hospital: String,
    /// E-mail address of the account that reads; a nurse manager's rights are enough.
    #[arg(long)]
    pub email: String,
    /// The file whose first line is its password.
    #[arg(long)]
    pub password_file: PathBuf,
    /// Where to: a disk that is neither of the mesh nor of its databases.
    #[arg(long)]
    pub folder: PathBuf,
    /// The first of the two months, as 2026-12; this one by default.
    #[arg(long)]
    pub month: Option<Month>,
    /// How long an absent gateway is asked again, in seconds.
    #[arg(long, default_value_t = 30)]
    pub patience_seconds: u64,
    /// The folder of the node exporter's text files, to say there when the copy was made.
    #[arg(long)]
    pub metrics: Option<PathBuf>,
}

/// When the copy outside was last made, seconds since 1970.
const LAST_TIMESTAMP: &str = "mathildanesth_fallback_last_timestamp_seconds";

/// Makes the copy. When it cannot be made, the one before stays as it is.
///
/// # Errors
/// When the mesh does not answer, the account may not read, nothing is published for these months, or the folder
/// cannot be written.
pub async fn copy(wanted: &Wanted) -> Result<(), BoxError> {
    let now = Clock::system().now();
    let month = wanted.month.unwrap_or_else(|| Month::of(Zone::paris().day_at(now)));
    let months = [month, month.next()];
    let login = Login {
        hospital: format!("hospitals/{}", wanted.hospital),
        email: wanted.email.clone(),
        password: password(&wanted.password_file)?,
    };
    let patience = Duration::from_secs(wanted.patience_seconds);
    let visitor = Visitor::new(&wanted.address, wanted.authority.as_deref(), patience)?;
    let visitor = visitor.sign_in(&login).await?;
    let published = Published::read(&visitor, &login.hospital, months).await;
    sign_out(&visitor, &login.hospital).await;
    let published = published?;
    if published.entries.is_empty() {
        return Err(format!("nothing is published for {} and {}", months[0], months[1]).into());
    }
    let files = files(&wanted.hospital, &published, months, &sheet::moment(now));
    folder::replace(&wanted.folder, &files)?;
    if let Some(metrics) = &wanted.metrics {
        tell(metrics, &wanted.hospital, now.as_second())?;
    }
    println!("{} duties of {} and {} copied", published.entries.len(), months[0], months[1]);
    Ok(())
}

fn password(file: &Path) -> Result<String, BoxError> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(format!("{}: the first line is empty", file.display()).into()),
    }
}

/// So that a copy each hour leaves no session behind. What was read is worth more than that: a failure is only told.
async fn sign_out(visitor: &Visitor, hospital: &str) {
    let request = DeleteSessionRequest {
        name: format!("{hospital}/sessions/-"),
        request_id: uuid::Uuid::new_v4().to_string(),
    };
    let ended =
        visitor.patiently(|| async { visitor.sessions().delete_session(request.clone()).await }).await;
    if let Err(status) = ended {
        eprintln!("mathildanesth: the session was not ended: {:?}", status.code());
    }
}

/// The files of a copy by their path in it.
fn files(
    hospital: &str,
    published: &Published,
    months: [Month; 2],
    copied: &str,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    files.insert("index.html".to_owned(), sheet::index(published, copied));
    for (id, label) in &published.sites {
        let entries = published.at_site(id);
        files.insert(format!("sites/{id}.html"), sheet::site(label, months, &entries, copied));
        let title = format!("Anesthésie, {label} (copie du {copied})");
        files.insert(format!("sites/{id}.ics"), planning::calendar_file::render(hospital, &title, &entries));
    }
    for (id, label) in published.people_on_duty() {
        let title = format!("Planning d'anesthésie, {label} (copie du {copied})");
        let own = published.of_person(id);
        files.insert(format!("people/{id}.ics"), planning::calendar_file::render(hospital, &title, &own));
    }
    files
}

/// Says when the copy was made, where the node exporter looks for text files.
fn tell(folder: &Path, hospital: &str, seconds: i64) -> Result<(), BoxError> {
    let text = format!(
        "# HELP {LAST_TIMESTAMP} When the copy outside was last made.\n# TYPE {LAST_TIMESTAMP} gauge\n\
         {LAST_TIMESTAMP}{{hospital=\"{hospital}\"}} {seconds}\n"
    );
    let file = folder.join(format!("mathildanesth_fallback_{hospital}.prom"));
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(&new, &file)?;
    Ok(())
}
