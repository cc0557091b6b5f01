//! A department from CSV files, in one transaction.

use std::collections::{BTreeMap, HashMap};

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, Tx, audit::Change};
use proto::error::v1::Reason;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{App, audit::note, permissions::POLICY, resources::refused};
use crate::{
    domain::{
        LegalPack, Skill,
        import::{self, Count, Department, File, FileKind, Merge, Outcome, Refused},
    },
    metrics,
    store::{
        Stored,
        events::Announced,
        hospitals,
        resources::{self as store, by_id},
    },
};

/// The most violations of one answer.
const FLAWS_MAX: usize = 500;

/// What an import did, or would do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Imported {
    /// What became of the lines.
    pub counts: BTreeMap<FileKind, Count>,
    /// Spellings that were merged.
    pub merges: Vec<Merge>,
    /// Cells that were left out: where, and what was expected.
    #[serde(default)]
    pub warnings: Vec<(String, String)>,
}

/// What exists, with versions.
struct Existing {
    sites: BTreeMap<String, Stored<crate::domain::Site>>,
    sectors: BTreeMap<String, Stored<crate::domain::Sector>>,
    rooms: BTreeMap<String, Stored<crate::domain::Room>>,
    specialties: BTreeMap<String, Stored<crate::domain::Specialty>>,
    staff_members: BTreeMap<String, Stored<crate::domain::StaffMember>>,
    contracts: BTreeMap<String, Stored<crate::domain::Contract>>,
    surgeons: BTreeMap<String, Stored<crate::domain::Surgeon>>,
    skills: Vec<Stored<Skill>>,
    legal_packs: Vec<Stored<LegalPack>>,
}

impl App {
    /// Imports files, all or nothing.
    pub async fn import_department(
        &self,
        ctx: &Ctx,
        once: &Once,
        hospital: &str,
        files: BTreeMap<FileKind, File>,
        validate_only: bool,
    ) -> Result<Imported, Problem> {
        POLICY.authorize(ctx, "department.import", Target::hospital(hospital))?;
        let may_grant = POLICY.allows(ctx, "roles.grant", Target::hospital(hospital));
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        // Imports wait for each other: each reads the whole department before it writes.
        hospitals::lock(&tx, hospital).await?;
        // And for whoever writes one contract, room or sector: what is read below is still so when it is written.
        store::lock_parents(&tx, hospital).await?;
        let existing = Existing::load(&tx, hospital).await?;
        let department = existing.department();
        let outcome = chassis::compute::spawn(move || {
            import::read(&department, &files, &mut || Uuid::now_v7().to_string())
        })
        .await
        .map_err(Problem::internal)?
        .map_err(|refused| invalid(&refused))?;
        if !may_grant && grants_roles(&existing, &outcome.department) {
            return Err(Problem::denied());
        }
        let warnings = outcome.warnings.iter().take(FLAWS_MAX);
        let imported = Imported {
            counts: outcome.counts.clone(),
            merges: outcome.merges.clone(),
            warnings: warnings.map(|flaw| (flaw.field(), flaw.description())).collect(),
        };
        if validate_only {
            return Ok(imported);
        }
        existing.write(&tx, hospital, outcome).await?;
        tx.audit(Change::of(hospital, "department.import", format!("hospitals/{hospital}")));
        once.record(&tx, &imported).await?;
        tx.commit().await?;
        for count in imported.counts.values() {
            metrics::imported(count.created + count.updated);
        }
        Ok(imported)
    }
}

/// Every wrong cell, and with the first of a line how many others were passed over because of it.
fn invalid(refused: &Refused) -> Problem {
    let mut because_of: HashMap<(&str, u64), usize> = HashMap::new();
    for skip in &refused.skips {
        *because_of.entry((&skip.cause.0, skip.cause.1)).or_default() += 1;
    }
    let violations = refused.flaws.iter().take(FLAWS_MAX).map(|flaw| {
        let of_line = because_of.remove(&(flaw.file.as_str(), flaw.line)).unwrap_or_default();
        let of_file = because_of.remove(&(flaw.file.as_str(), 0)).unwrap_or_default();
        let description = match of_line + of_file {
            0 => flaw.description(),
            1 => format!("{}; a line that names it was passed over", flaw.description()),
            count => format!("{}; {count} lines that name it were passed over", flaw.description()),
        };
        Violation::new(flaw.field(), description)
    });
    Problem::invalid_as(Reason::ImportInvalid, violations.collect())
        .with("violation_count", refused.flaws.len().to_string())
        .with("skipped_line_count", refused.skips.len().to_string())
}

/// Whether files give somebody a role beyond the profession's own.
fn grants_roles(existing: &Existing, department: &Department) -> bool {
    department.staff_members.iter().any(|(id, new)| match existing.staff_members.get(id) {
        Some(old) => old.value.roles != new.roles,
        None => new.has_granted_roles(),
    })
}

impl Existing {
    async fn load(tx: &Tx, hospital: &str) -> Result<Self, Problem> {
        let conn = tx.conn();
        Ok(Self {
            sites: by_id(store::all(conn, hospital).await?),
            sectors: by_id(store::all(conn, hospital).await?),
            rooms: by_id(store::all(conn, hospital).await?),
            specialties: by_id(store::all(conn, hospital).await?),
            staff_members: by_id(store::all(conn, hospital).await?),
            contracts: by_id(store::all(conn, hospital).await?),
            surgeons: by_id(store::all(conn, hospital).await?),
            skills: store::all(conn, hospital).await?,
            legal_packs: store::all(conn, hospital).await?,
        })
    }

    fn department(&self) -> Department {
        fn values<T: Clone>(map: &BTreeMap<String, Stored<T>>) -> BTreeMap<String, T> {
            map.iter().map(|(id, stored)| (id.clone(), stored.value.clone())).collect()
        }
        Department {
            sites: values(&self.sites),
            sectors: values(&self.sectors),
            rooms: values(&self.rooms),
            specialties: values(&self.specialties),
            staff_members: values(&self.staff_members),
            contracts: values(&self.contracts),
            surgeons: values(&self.surgeons),
            skills: self.skills.iter().map(|skill| skill.id.clone()).collect(),
            legal_packs: self.legal_packs.iter().map(|own| own.value.code.clone()).collect(),
        }
    }

    async fn write(&self, tx: &Tx, hospital: &str, outcome: Outcome) -> Result<(), Problem> {
        let new = outcome.department;
        write(tx, hospital, &self.sites, new.sites).await?;
        write(tx, hospital, &self.sectors, new.sectors).await?;
        write(tx, hospital, &self.specialties, new.specialties).await?;
        write(tx, hospital, &self.rooms, new.rooms).await?;
        write(tx, hospital, &self.staff_members, new.staff_members).await?;
        write(tx, hospital, &self.contracts, new.contracts).await?;
        write(tx, hospital, &self.surgeons, new.surgeons).await
    }
}

/// Writes what is new or different. The files were checked whole, so nothing is checked again but uniqueness.
async fn write<T: Announced>(
    tx: &Tx,
    hospital: &str,
    old: &BTreeMap<String, Stored<T>>,
    new: BTreeMap<String, T>,
) -> Result<(), Problem> {
    for (id, value) in new {
        let written = match old.get(&id) {
            Some(old) if old.value == value => continue,
            Some(old) => store::update(tx, old, value).await?,
            None => store::insert(tx, hospital, &id, &value).await?,
        };
        let written = written.map_err(|error| refused(T::KIND, &T::KIND.name(hospital, &id), error))?;
        T::announce(tx, old.get(&id), Some(&written)).await?;
        note(tx, old.get(&id), Some(&written));
    }
    Ok(())
}
