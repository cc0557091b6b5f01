//! What an operator asks after a restore: does everything still hold together, and if one database went back alone, let
//! the others agree with it again. See docs/operations/backup.md.

use std::collections::BTreeSet;

use bus::Bus;
use chassis::{BoxError, Clock};
use durable::{Db, DbConfig, outbox};
use jiff::{SignedDuration, Timestamp};
use leave::Leave;
use notification::Notification;
use planning::Planning;
use staff::Staff;
use tokio_util::sync::CancellationToken;

use crate::{Config, assemble::Mesh};

/// Where the databases are: an address in which `{}` stands for the service's name.
#[derive(clap::Args, Debug)]
pub struct Databases {
    /// `postgres://user@host:port/{}` or `sqlite://data/{}.sqlite`; a password comes from PGPASSWORD.
    #[arg(long)]
    databases: String,
}

/// The service whose database went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Restored {
    /// Who and where.
    Staff,
    /// Who is away.
    Leave,
    /// What must be staffed and who does it.
    Planning,
    /// What people were told.
    Notification,
}

/// The four databases.
struct Open {
    staff: Db,
    leave: Db,
    planning: Db,
    notification: Db,
}

/// Clocks of services differ, and what was relayed just before may have been applied just after.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// Looks at every promise of every database, then at what the services say of each other. A line for each that is
/// broken.
///
/// # Errors
/// When a database cannot be read.
pub async fn check(config: Config, databases: &Databases) -> Result<Vec<String>, BoxError> {
    let open = databases.open().await?;
    let mut broken = vec![];
    let mut keep = |service: &str, found: Vec<String>| {
        println!(
            "{service}: {}",
            if found.is_empty() { "holds".to_owned() } else { format!("{} broken", found.len()) }
        );
        broken.extend(found.into_iter().map(|line| format!("{service}: {line}")));
    };
    keep("staff", Staff::check(&open.staff).await?);
    keep("leave", Leave::check(&open.leave).await?);
    keep("notification", Notification::check(&open.notification).await?);
    let (staff, leave) = open.neighbors(config).await?;
    keep("planning", Planning::check(&open.planning, staff, leave).await?);
    keep("between services", open.differences().await?);
    Ok(broken)
}

/// Sends again what every service but the restored one has relayed since a time.
///
/// # Errors
/// When a database cannot be written.
pub async fn resend(
    databases: &Databases,
    since: Timestamp,
    restored: Option<Restored>,
) -> Result<(), BoxError> {
    databases.open().await?.resend(since, restored).await
}

/// Lets the others agree with a database that went back to a time.
///
/// # Errors
/// When a database cannot be read or written.
pub async fn reconcile(databases: &Databases, restored: Restored, to: Timestamp) -> Result<(), BoxError> {
    let open = databases.open().await?;
    if matches!(restored, Restored::Leave | Restored::Planning) {
        let duties = open.published().await?;
        Leave::take_duties(&open.leave, &duties).await?;
        println!("leave: knows the {} published duties", duties.len());
    }
    if matches!(restored, Restored::Leave | Restored::Staff) {
        let count = Planning::outdate_plans(&open.planning).await?;
        println!("planning: {count} analyses are marked as outdated");
    }
    if restored == Restored::Staff {
        let count = Staff::end_sessions(&open.staff).await?;
        println!("staff: {count} sessions ended; people sign in again");
        Notification::forget_people(&open.notification).await?;
        println!("notification: asks staff again who decides");
    }
    // Last: what is sent again then meets what was put right.
    open.resend(to, Some(restored)).await
}

// === impl Databases ===

impl Databases {
    async fn open(&self) -> Result<Open, BoxError> {
        let open = |service: &'static str| async move {
            let address = self.databases.replace("{}", service);
            let config = DbConfig { pool_max: 4, ..DbConfig::at(address) };
            Db::open_as_it_is(&config).await.map_err(|error| format!("the database of {service}: {error}"))
        };
        Ok(Open {
            staff: open("staff").await?,
            leave: open("leave").await?,
            planning: open("planning").await?,
            notification: open("notification").await?,
        })
    }
}

// === impl Open ===

impl Open {
    /// Staff and leave as planning reaches them, in this process and without their workers.
    async fn neighbors(&self, config: Config) -> Result<(chassis::Peer, chassis::Peer), BoxError> {
        let clock = Clock::system();
        let mut mesh = Mesh::new(clock.clone(), CancellationToken::new());
        let deps = staff::Deps { db: self.staff.clone(), bus: Bus::local(), clock };
        let staff_config = staff::Config { bootstrap: None, ..config.staff };
        let server = staff_config.server.clone();
        let staff = mesh.add::<Staff>(server, staff_config, deps).await.map_err(|error| error.to_string())?;
        let peer = staff.peer("leave");
        let keys = gateway::signing_keys(peer.clone());
        let deps = leave::Deps {
            db: self.leave.clone(),
            bus: Bus::local(),
            staff: peer,
            clock: Clock::system(),
            keys,
        };
        let server = config.leave.server.clone();
        let leave = mesh.add::<Leave>(server, config.leave, deps).await.map_err(|error| error.to_string())?;
        Ok((staff.peer("planning"), leave.peer("planning")))
    }

    /// What planning has published, as leave keeps it.
    async fn published(&self) -> Result<BTreeSet<leave::PublishedDuty>, BoxError> {
        let duties = Planning::published_duties(&self.planning).await?;
        let duties = duties.into_iter().map(|own| leave::PublishedDuty {
            hospital: own.hospital,
            staff_member: own.staff_member,
            shift: own.shift,
            day: own.day,
            part: own.part,
            is_on_call: own.is_on_call,
            revision: own.revision,
        });
        Ok(duties.collect())
    }

    async fn differences(&self) -> Result<Vec<String>, BoxError> {
        let mut broken = vec![];
        // Which revision told is leave's own bookkeeping: one that changed nothing for a person tells nothing.
        let known = |own: leave::PublishedDuty| leave::PublishedDuty { revision: 0, ..own };
        let told: BTreeSet<_> = Leave::told_duties(&self.leave).await?.into_iter().map(known).collect();
        let published: BTreeSet<_> = self.published().await?.into_iter().map(known).collect();
        let (missing, surplus) = (published.difference(&told).count(), told.difference(&published).count());
        if missing > 0 {
            broken.push(format!("leave lacks {missing} published duties"));
        }
        if surplus > 0 {
            broken.push(format!("leave knows {surplus} duties that planning has not published"));
        }
        Ok(broken)
    }

    async fn resend(&self, since: Timestamp, restored: Option<Restored>) -> Result<(), BoxError> {
        let since = since.checked_sub(MARGIN)?;
        for (service, of, db) in [
            ("staff", Restored::Staff, &self.staff),
            ("leave", Restored::Leave, &self.leave),
            ("planning", Restored::Planning, &self.planning),
            ("notification", Restored::Notification, &self.notification),
        ] {
            if restored != Some(of) {
                println!("{service}: {} events are sent again", outbox::resend(db, since).await?);
            }
        }
        Ok(())
    }
}
