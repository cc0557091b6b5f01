//! Files on their way in: what is known of them, their chunks, what was found in them.

use chassis::Problem;
use durable::{Tx, problem, time};
use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::entity::{import, import_chunk, import_finding};
use crate::domain::{
    batch::{Duplicates, Finding, Severity},
    import::{Count, FileKind},
    spreadsheet::Look,
};

pub use super::entity::{import::Model as Import, import_finding::Model as StoredFinding};

/// Chunks are missing.
pub const UPLOADING: &str = "UPLOADING";
/// It can be started.
pub const READY: &str = "READY";
/// It waits or runs.
pub const RUNNING: &str = "RUNNING";
/// It ran to its end.
pub const DONE: &str = "DONE";
/// It ended early.
pub const FAILED: &str = "FAILED";
/// Somebody cancelled it.
pub const CANCELLED: &str = "CANCELLED";

/// The most findings that are kept of a run.
pub const FINDINGS_MAX: usize = 1_000;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Nothing.
    DryRun,
    /// Everything, or nothing.
    AllOrNothing,
    /// What is right.
    ValidLines,
}

/// How a run was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What is written.
    pub mode: Mode,
    /// The field of each column.
    pub fields: Vec<Option<String>>,
    /// What is done with who may be known.
    pub duplicates: Duplicates,
    /// Whether who started it may grant roles.
    pub may_grant: bool,
    /// Who started it.
    pub actor: String,
}

/// What a run is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// It waits for its turn.
    #[default]
    Queued,
    /// Lines are judged.
    Checking,
    /// Lines are written.
    Writing,
    /// It has ended.
    Done,
}

/// How a run is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it is about.
    pub phase: Phase,
    /// Judged up to here.
    pub checked_line: i64,
    /// What became of the lines.
    pub count: Count,
    /// Lines not written.
    pub skipped: i32,
    /// Findings by severity.
    pub errors: i32,
    /// Cells left out.
    pub warnings: i32,
    /// Lines that may be somebody known.
    pub duplicates: i32,
}

// === impl Import ===

impl Import {
    /// What its lines are.
    pub fn kind(&self) -> Result<FileKind, Problem> {
        serde_json::from_str(&self.kind).map_err(Problem::internal)
    }

    /// What it looks like, once it is there.
    pub fn look(&self) -> Result<Option<Look>, Problem> {
        self.look.as_deref().map(serde_json::from_str).transpose().map_err(Problem::internal)
    }

    /// How it was started, if it was.
    pub fn settings(&self) -> Result<Option<Settings>, Problem> {
        self.settings.as_deref().map(serde_json::from_str).transpose().map_err(Problem::internal)
    }

    /// How it is doing.
    pub fn progress(&self) -> Result<Progress, Problem> {
        serde_json::from_str(&self.progress).map_err(Problem::internal)
    }
}

/// One import.
pub async fn find(conn: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Import>, Problem> {
    import::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(conn).await.map_err(problem)
}

/// Imports before an id, newest first.
pub async fn list(
    conn: &impl ConnectionTrait,
    hospital: &str,
    before: Option<&str>,
    limit: u64,
) -> Result<Vec<Import>, Problem> {
    let mut query = import::Entity::find().filter(import::Column::Hospital.eq(hospital));
    if let Some(before) = before {
        query = query.filter(import::Column::Id.lt(before));
    }
    query.order_by_desc(import::Column::Id).limit(limit).all(conn).await.map_err(problem)
}

/// The import that waits longest.
pub async fn next(conn: &impl ConnectionTrait) -> Result<Option<Import>, Problem> {
    import::Entity::find()
        .filter(import::Column::State.eq(RUNNING))
        .order_by_asc(import::Column::CreateTime)
        .one(conn)
        .await
        .map_err(problem)
}

/// Writes a new import.
pub async fn insert(tx: &Tx, row: &Import) -> Result<(), Problem> {
    let row: import::ActiveModel = row.clone().into();
    import::Entity::insert(row).exec_without_returning(tx.conn()).await.map(drop).map_err(problem)
}

/// Writes what changes of an import; false if somebody else was faster.
pub async fn save(tx: &Tx, row: &mut Import) -> Result<bool, Problem> {
    let seen = row.version;
    row.version += 1;
    row.update_time = time::micros(tx.now());
    let new: import::ActiveModel = row.clone().into();
    let done = import::Entity::update_many()
        .set(new.reset_all())
        .filter(import::Column::Hospital.eq(row.hospital.as_str()))
        .filter(import::Column::Id.eq(row.id.as_str()))
        .filter(import::Column::Version.eq(seen))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(done.rows_affected > 0)
}

/// Adds a chunk.
pub async fn add_chunk(tx: &Tx, row: &Import, offset: i64, content: Vec<u8>) -> Result<(), Problem> {
    let chunk =
        import_chunk::Model { hospital: row.hospital.clone(), import: row.id.clone(), offset, content };
    let chunk: import_chunk::ActiveModel = chunk.into();
    import_chunk::Entity::insert(chunk).exec_without_returning(tx.conn()).await.map(drop).map_err(problem)
}

/// Whether a chunk is there as it is sent once more.
pub async fn has_chunk(tx: &Tx, row: &Import, offset: i64, content: &[u8]) -> Result<bool, Problem> {
    let key = (row.hospital.clone(), row.id.clone(), offset);
    let chunk = import_chunk::Entity::find_by_id(key).one(tx.conn()).await.map_err(problem)?;
    Ok(chunk.is_some_and(|chunk| chunk.content == content))
}

/// The file, chunk after chunk.
pub async fn content(conn: &impl ConnectionTrait, row: &Import) -> Result<Vec<u8>, Problem> {
    let mut content = Vec::with_capacity(usize::try_from(row.byte_count).unwrap_or_default());
    let mut offset = 0;
    while offset < row.received_count {
        let key = (row.hospital.clone(), row.id.clone(), offset);
        let chunk = import_chunk::Entity::find_by_id(key).one(conn).await.map_err(problem)?;
        let chunk = chunk.ok_or_else(|| Problem::internal("a chunk of an import is gone"))?;
        content.extend_from_slice(&chunk.content);
        offset = content.len() as i64;
    }
    Ok(content)
}

/// Writes findings behind those that are there.
pub async fn add_findings(tx: &Tx, row: &Import, before: usize, findings: &[Finding]) -> Result<(), Problem> {
    if findings.is_empty() {
        return Ok(());
    }
    let rows = findings.iter().enumerate().map(|(place, finding)| {
        let severity = match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Duplicate => "DUPLICATE",
        };
        import_finding::ActiveModel::from(import_finding::Model {
            hospital: row.hospital.clone(),
            import: row.id.clone(),
            number: (before + place) as i64,
            severity: severity.to_owned(),
            line: i64::try_from(finding.flaw.line).unwrap_or(i64::MAX),
            field: finding.flaw.column.clone(),
            value: finding.flaw.value.clone(),
            expected: finding.flaw.expected.clone(),
            known: finding.known.clone(),
        })
    });
    import_finding::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await
        .map(drop)
        .map_err(problem)
}

/// Findings after a number, in their order.
pub async fn findings(
    conn: &impl ConnectionTrait,
    row: &Import,
    after: Option<i64>,
    limit: u64,
) -> Result<Vec<StoredFinding>, Problem> {
    import_finding::Entity::find()
        .filter(import_finding::Column::Hospital.eq(row.hospital.as_str()))
        .filter(import_finding::Column::Import.eq(row.id.as_str()))
        .filter(import_finding::Column::Number.gt(after.unwrap_or(-1)))
        .order_by_asc(import_finding::Column::Number)
        .limit(limit)
        .all(conn)
        .await
        .map_err(problem)
}

/// Forgets what a run found.
pub async fn forget_findings(tx: &Tx, row: &Import) -> Result<(), Problem> {
    import_finding::Entity::delete_many()
        .filter(import_finding::Column::Hospital.eq(row.hospital.as_str()))
        .filter(import_finding::Column::Import.eq(row.id.as_str()))
        .exec(tx.conn())
        .await
        .map(drop)
        .map_err(problem)
}

/// Deletes an import with everything of it.
pub async fn delete(tx: &Tx, row: &Import) -> Result<(), Problem> {
    forget_findings(tx, row).await?;
    import_chunk::Entity::delete_many()
        .filter(import_chunk::Column::Hospital.eq(row.hospital.as_str()))
        .filter(import_chunk::Column::Import.eq(row.id.as_str()))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    import::Entity::delete_by_id((row.hospital.clone(), row.id.clone()))
        .exec(tx.conn())
        .await
        .map(drop)
        .map_err(problem)
}

/// Imports that were created before a moment and do not run.
pub async fn old(conn: &impl ConnectionTrait, before: Timestamp) -> Result<Vec<Import>, Problem> {
    import::Entity::find()
        .filter(import::Column::CreateTime.lt(time::micros(before)))
        .filter(import::Column::State.ne(RUNNING))
        .limit(100)
        .all(conn)
        .await
        .map_err(problem)
}
