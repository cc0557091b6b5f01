//! Files on their way in: announced, uploaded, looked at, started, cancelled. What runs is next door.

use std::sync::Arc;

use chassis::{Ctx, Problem, Signal, Target, Violation, compute::Line};
use durable::{Once, audit::Change, etag, page::Page, time};
use proto::error::v1::Reason;
use uuid::Uuid;

use super::{App, permissions::POLICY};
use crate::{
    domain::{
        batch::Duplicates,
        import::{self, FileKind},
        spreadsheet::{self, Look},
    },
    store::imports::{self as store, Import, Mode, Phase, Progress, Settings, StoredFinding},
};

/// The largest chunk.
pub const CHUNK_MAX: usize = 1024 * 1024;

/// What running imports needs besides the database.
#[derive(Clone)]
pub struct Imports {
    /// Given when one was started.
    pub started: Signal,
    /// Files are looked at one after the other: each is in memory as a whole meanwhile.
    looks: Line,
}

impl Default for Imports {
    fn default() -> Self {
        Self { started: Signal::new(), looks: Line::new(1) }
    }
}

/// A run as it is asked for.
pub struct Start {
    /// What is written.
    pub mode: Mode,
    /// The field of each column, if not as proposed.
    pub fields: Vec<String>,
    /// What is done with who may be known.
    pub duplicates: Duplicates,
}

impl App {
    /// Announces a file.
    pub async fn create_import(
        &self,
        ctx: &Ctx,
        once: &Once,
        hospital: &str,
        (kind, file_name, byte_count): (FileKind, String, i64),
    ) -> Result<Import, Problem> {
        authorize(ctx, hospital)?;
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            return store::find(tx.conn(), hospital, &id).await?.ok_or_else(|| gone(hospital, &id));
        }
        let now = time::micros(ctx.now);
        let row = Import {
            hospital: hospital.to_owned(),
            id: Uuid::now_v7().to_string(),
            kind: serde_json::to_string(&kind).map_err(Problem::internal)?,
            file_name,
            byte_count,
            received_count: 0,
            state: store::UPLOADING.to_owned(),
            look: None,
            settings: None,
            run: 0,
            attempt: 0,
            progress: serde_json::to_string(&Progress::default()).map_err(Problem::internal)?,
            written_line: 0,
            failure: None,
            cancel_requested: false,
            version: 1,
            create_time: now,
            update_time: now,
        };
        store::insert(&tx, &row).await?;
        tx.audit(Change::of(hospital, "import.create", name(&row)));
        once.record(&tx, &row.id).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Adds a chunk; looks at the file with the last one.
    pub async fn upload_import_chunk(
        &self,
        ctx: &Ctx,
        (hospital, id): (&str, &str),
        offset: i64,
        content: Vec<u8>,
    ) -> Result<Import, Problem> {
        authorize(ctx, hospital)?;
        let tx = self.db.begin(ctx).await?;
        let mut row = load(&tx, hospital, id).await?;
        let end = offset + content.len() as i64;
        if end <= row.received_count && store::has_chunk(&tx, &row, offset, &content).await? {
            drop(tx);
            return self.looked_at(ctx, row).await;
        }
        if row.state != store::UPLOADING || offset != row.received_count || end > row.byte_count {
            let problem = Problem::precondition(Reason::ImportChunkMisplaced, "the chunk does not come next");
            return Err(problem.with("received_byte_count", row.received_count.to_string()));
        }
        row.received_count = end;
        store::add_chunk(&tx, &row, offset, content).await?;
        saved(&tx, &mut row).await?;
        tx.commit().await?;
        self.looked_at(ctx, row).await
    }

    /// Looks at a file that is complete, once.
    async fn looked_at(&self, ctx: &Ctx, mut row: Import) -> Result<Import, Problem> {
        if row.state != store::UPLOADING || row.received_count < row.byte_count {
            return Ok(row);
        }
        let content: Arc<[u8]> = store::content(self.db.read(), &row).await?.into();
        let look = self.imports.looks.run(move || spreadsheet::look(&content)).await;
        let look = look.map_err(Problem::internal)?.map_err(|refusal| {
            let field = format!("{}:{}:*", row.file_name, refusal.line);
            let violation = Violation::new(field, format!("expected {}", refusal.expected));
            Problem::invalid_as(Reason::ImportInvalid, vec![violation])
        })?;
        row.look = Some(serde_json::to_string(&look).map_err(Problem::internal)?);
        store::READY.clone_into(&mut row.state);
        let tx = self.db.begin(ctx).await?;
        saved(&tx, &mut row).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Answers one import.
    pub async fn get_import(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<Import, Problem> {
        authorize(ctx, hospital)?;
        let reader = self.db.fresh(ctx);
        let row = store::find(&reader, hospital, id).await?;
        reader.vouch(row.ok_or_else(|| gone(hospital, id)))
    }

    /// Answers a page of imports, newest first.
    pub async fn list_imports(
        &self,
        ctx: &Ctx,
        hospital: &str,
        page: &Page,
    ) -> Result<(Vec<Import>, String), Problem> {
        authorize(ctx, hospital)?;
        let mut rows = store::list(&self.db.fresh(ctx), hospital, page.after(), page.limit() + 1).await?;
        let token = page.next(&mut rows, |row| row.id.clone());
        Ok((rows, token))
    }

    /// Deletes an import that does not run.
    pub async fn delete_import(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<(), Problem> {
        authorize(ctx, hospital)?;
        let tx = self.db.begin(ctx).await?;
        let row = load(&tx, hospital, id).await?;
        refuse_running(&row)?;
        store::delete(&tx, &row).await?;
        tx.audit(Change::of(hospital, "import.delete", name(&row)));
        tx.commit().await
    }

    /// Starts a run.
    pub async fn start_import(
        &self,
        ctx: &Ctx,
        once: &Once,
        (hospital, id): (&str, &str),
        start: Start,
    ) -> Result<Import, Problem> {
        authorize(ctx, hospital)?;
        let may_grant = POLICY.allows(ctx, "roles.grant", Target::hospital(hospital));
        let tx = self.db.begin(ctx).await?;
        let mut row = load(&tx, hospital, id).await?;
        if once.replay::<()>(&tx).await?.is_some() {
            return Ok(row);
        }
        refuse_running(&row)?;
        let Some(look) = row.look()? else {
            return Err(Problem::precondition(Reason::ImportNotReady, "chunks of the file are missing"));
        };
        let fields = fields(row.kind()?, &look, &start.fields)?;
        let settings = Settings {
            mode: start.mode,
            fields,
            duplicates: start.duplicates,
            may_grant,
            actor: ctx.principal.subject(),
        };
        row.settings = Some(serde_json::to_string(&settings).map_err(Problem::internal)?);
        row.progress = serde_json::to_string(&Progress::default()).map_err(Problem::internal)?;
        (row.run, row.attempt, row.written_line) = (row.run + 1, 0, 0);
        (row.failure, row.cancel_requested) = (None, false);
        store::RUNNING.clone_into(&mut row.state);
        store::forget_findings(&tx, &row).await?;
        saved(&tx, &mut row).await?;
        tx.audit(Change::of(hospital, "import.start", name(&row)).value(
            "mode",
            "",
            &format!("{:?}", start.mode),
        ));
        once.record(&tx, &()).await?;
        tx.commit().await?;
        self.imports.started.notify();
        Ok(row)
    }

    /// Answers a page of findings.
    pub async fn list_import_findings(
        &self,
        ctx: &Ctx,
        (hospital, id): (&str, &str),
        page: &Page,
    ) -> Result<(Vec<StoredFinding>, String), Problem> {
        let row = self.get_import(ctx, hospital, id).await?;
        let after = page.after().and_then(|after| after.parse().ok());
        let mut rows = store::findings(&self.db.fresh(ctx), &row, after, page.limit() + 1).await?;
        let token = page.next(&mut rows, |finding| finding.number.to_string());
        Ok((rows, token))
    }

    /// Answers the last run of an import, if it is that one.
    pub async fn get_import_run(
        &self,
        ctx: &Ctx,
        (hospital, id): (&str, &str),
        run: &str,
    ) -> Result<Import, Problem> {
        let row = self.get_import(ctx, hospital, id).await?;
        if row.run > 0 && row.run.to_string() == run {
            return Ok(row);
        }
        Err(Problem::not_found("operation", format!("hospitals/{hospital}/imports/{id}/operations/{run}")))
    }

    /// Asks a run to stop.
    pub async fn cancel_import(
        &self,
        ctx: &Ctx,
        (hospital, id): (&str, &str),
        run: &str,
    ) -> Result<(), Problem> {
        self.get_import_run(ctx, (hospital, id), run).await?;
        let tx = self.db.begin(ctx).await?;
        let mut row = load(&tx, hospital, id).await?;
        if row.state != store::RUNNING || row.run.to_string() != run {
            return Err(Problem::precondition(Reason::OperationDone, "the operation has ended"));
        }
        if !row.cancel_requested {
            row.cancel_requested = true;
            saved(&tx, &mut row).await?;
            tx.audit(Change::of(hospital, "import.cancel", name(&row)));
            tx.commit().await?;
        }
        Ok(())
    }
}

fn authorize(ctx: &Ctx, hospital: &str) -> Result<(), Problem> {
    POLICY.authorize(ctx, "department.import", Target::hospital(hospital))
}

/// The name of an import.
pub fn name(row: &Import) -> String {
    format!("hospitals/{}/imports/{}", row.hospital, row.id)
}

fn gone(hospital: &str, id: &str) -> Problem {
    Problem::not_found("import", format!("hospitals/{hospital}/imports/{id}"))
}

async fn load(tx: &durable::Tx, hospital: &str, id: &str) -> Result<Import, Problem> {
    store::find(tx.conn(), hospital, id).await?.ok_or_else(|| gone(hospital, id))
}

async fn saved(tx: &durable::Tx, row: &mut Import) -> Result<(), Problem> {
    if store::save(tx, row).await? { Ok(()) } else { Err(etag::mismatch(row.version)) }
}

fn refuse_running(row: &Import) -> Result<(), Problem> {
    if row.state != store::RUNNING {
        return Ok(());
    }
    let problem = Problem::aborted(Reason::ImportRunning, "the import is running");
    Err(problem.with("operation", format!("{}/operations/{}", name(row), row.run)))
}

/// The field of each column: as asked for, or as proposed. What must be there is.
fn fields(kind: FileKind, look: &Look, asked: &[String]) -> Result<Vec<Option<String>>, Problem> {
    let (known, required) = import::columns(kind);
    let mut violations = vec![];
    let mut fields: Vec<Option<String>> = vec![];
    if !asked.is_empty() && asked.len() != look.headers.len() {
        violations.push(Violation::new("fields", format!("expected {} fields", look.headers.len())));
    }
    for (place, header) in look.headers.iter().enumerate() {
        let field = match asked.get(place) {
            Some(field) if field.is_empty() => None,
            Some(field) if !known.contains(&field.as_str()) => {
                let expected = format!("expected one of {}", known.join(", "));
                violations.push(Violation::new(format!("fields[{place}]"), expected));
                None
            }
            Some(field) => Some(field.clone()),
            None => spreadsheet::propose(kind, header).map(str::to_owned),
        };
        // Of two columns that look alike the first is taken; asked for, it is a mistake.
        let is_double = field.is_some() && fields.contains(&field);
        if is_double && !asked.is_empty() {
            violations.push(Violation::new(format!("fields[{place}]"), "expected each field once"));
        }
        fields.push(field.filter(|_| !is_double));
    }
    for field in required {
        if !fields.iter().flatten().any(|have| have == field) {
            violations.push(Violation::new("fields", format!("expected a column for `{field}`")));
        }
    }
    if violations.is_empty() { Ok(fields) } else { Err(Problem::invalid(violations)) }
}

/// Whether a run has ended.
pub fn is_done(row: &Import) -> bool {
    row.run > 0 && row.state != store::RUNNING
}

/// What a run is about, for its message.
pub fn phase(row: &Import, progress: &Progress) -> Phase {
    if is_done(row) { Phase::Done } else { progress.phase }
}
