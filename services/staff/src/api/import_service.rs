//! Handlers of ImportService: large files, and the operations that write them.

use std::{pin::Pin, time::Duration};

use chassis::{Ctx, Problem, Target};
use durable::Once;
use futures::Stream;
use prost::{Message, Name};
use proto::{
    operation::v1 as op,
    staff::v1::{self as pb, import_service_server::ImportService},
};
use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use super::{
    convert::moment,
    parse::{self, Violations},
};
use crate::{
    app::{
        App,
        imports::{self, CHUNK_MAX, Start},
        permissions::POLICY,
    },
    domain::{
        Kind,
        batch::Duplicates,
        import::FileKind,
        spreadsheet::{self, BYTES_MAX, Encoding, Format, Look},
    },
    store::imports::{self as store, Import, Mode, Phase, StoredFinding},
};

/// A stream says something at least this often.
const HEARTBEAT: Duration = Duration::from_secs(12);
/// News are found this often.
const POLL: Duration = Duration::from_millis(500);
/// Streams end after this; the client comes back with its token.
const LONGEST: Duration = Duration::from_mins(10);

/// The handlers.
pub struct Handlers(pub App);

/// The import, and the run if one is named.
struct Named {
    hospital: String,
    import: String,
    run: String,
}

type Watch = Pin<Box<dyn Stream<Item = Result<op::Operation, Status>> + Send>>;

#[tonic::async_trait]
impl ImportService for Handlers {
    type WatchOperationStream = Watch;

    async fn create_import(
        &self,
        request: Request<pb::CreateImportRequest>,
    ) -> Result<Response<pb::Import>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let hospital = parse::hospital(&request.parent)?;
        POLICY.authorize(&ctx, "department.import", Target::hospital(&hospital))?;
        let once = Once::of(&ctx, "staff.v1.ImportService/CreateImport", &request.request_id, &request)?;
        let mut found = Violations::default();
        let sent = request.import.unwrap_or_default();
        let kind = match pb::import::Kind::try_from(sent.kind) {
            Ok(pb::import::Kind::StaffMembers) => Some(FileKind::StaffMembers),
            Ok(pb::import::Kind::Surgeons) => Some(FileKind::Surgeons),
            Ok(pb::import::Kind::Rooms) => Some(FileKind::Rooms),
            _ => None,
        };
        if kind.is_none() {
            found.add("import.kind", "expected STAFF_MEMBERS, SURGEONS or ROOMS");
        }
        if sent.file_name.trim().is_empty() || sent.file_name.chars().count() > 100 {
            found.add("import.file_name", "expected a name of at most 100 characters");
        }
        if !(1..=BYTES_MAX as i64).contains(&sent.byte_count) {
            found.add("import.byte_count", format!("expected from 1 to {BYTES_MAX}"));
        }
        let kind = found.done(kind)?;
        let file = (kind, sent.file_name, sent.byte_count);
        Ok(Response::new(to_message(&self.0.create_import(&ctx, &once, &hospital, file).await?)?))
    }

    async fn upload_import_chunk(
        &self,
        request: Request<pb::UploadImportChunkRequest>,
    ) -> Result<Response<pb::Import>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let named = named(&ctx, "name", &request.name, false)?;
        let mut found = Violations::default();
        if request.content.is_empty() || request.content.len() > CHUNK_MAX {
            found.add("content", format!("expected from 1 to {CHUNK_MAX} bytes"));
        }
        if !(0..BYTES_MAX as i64).contains(&request.offset) {
            found.add("offset", "expected a place in the file");
        }
        found.done(Some(()))?;
        let which = (named.hospital.as_str(), named.import.as_str());
        let import = self.0.upload_import_chunk(&ctx, which, request.offset, request.content).await?;
        Ok(Response::new(to_message(&import)?))
    }

    async fn get_import(
        &self,
        request: Request<pb::GetImportRequest>,
    ) -> Result<Response<pb::Import>, Status> {
        let ctx = Ctx::of(&request)?;
        let named = named(&ctx, "name", &request.get_ref().name, false)?;
        Ok(Response::new(to_message(&self.0.get_import(&ctx, &named.hospital, &named.import).await?)?))
    }

    async fn list_imports(
        &self,
        request: Request<pb::ListImportsRequest>,
    ) -> Result<Response<pb::ListImportsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListImportsRequest { parent, page_size, page_token } = request.get_ref();
        let hospital = parse::hospital(parent)?;
        POLICY.authorize(&ctx, "department.import", Target::hospital(&hospital))?;
        let page = parse::page(&ctx, *page_size, page_token, &["import", parent])?;
        let (rows, next_page_token) = self.0.list_imports(&ctx, &hospital, &page).await?;
        let imports = rows.iter().map(to_message).collect::<Result<_, Problem>>()?;
        Ok(Response::new(pb::ListImportsResponse { imports, next_page_token }))
    }

    async fn delete_import(&self, request: Request<pb::DeleteImportRequest>) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let named = named(&ctx, "name", &request.get_ref().name, false)?;
        self.0.delete_import(&ctx, &named.hospital, &named.import).await?;
        Ok(Response::new(()))
    }

    async fn start_import(
        &self,
        request: Request<pb::StartImportRequest>,
    ) -> Result<Response<op::Operation>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let named = named(&ctx, "name", &request.name, false)?;
        let once = Once::of(&ctx, "staff.v1.ImportService/StartImport", &request.request_id, &request)?;
        let mut found = Violations::default();
        let mode = match pb::start_import_request::Mode::try_from(request.mode) {
            Ok(pb::start_import_request::Mode::DryRun) => Some(Mode::DryRun),
            Ok(pb::start_import_request::Mode::AllOrNothing) => Some(Mode::AllOrNothing),
            Ok(pb::start_import_request::Mode::ValidLines) => Some(Mode::ValidLines),
            _ => None,
        };
        if mode.is_none() {
            found.add("mode", "expected DRY_RUN, ALL_OR_NOTHING or VALID_LINES");
        }
        let duplicates = match pb::start_import_request::Duplicates::try_from(request.duplicates) {
            Ok(pb::start_import_request::Duplicates::Keep) => Duplicates::Keep,
            Ok(pb::start_import_request::Duplicates::Merge) => Duplicates::Merge,
            Ok(_) => Duplicates::Refuse,
            Err(_) => {
                found.add("duplicates", "expected REFUSE, KEEP or MERGE");
                Duplicates::Refuse
            }
        };
        let start = Start { mode: found.done(mode)?, fields: request.fields, duplicates };
        let which = (named.hospital.as_str(), named.import.as_str());
        Ok(Response::new(operation(&self.0.start_import(&ctx, &once, which, start).await?)?))
    }

    async fn list_import_findings(
        &self,
        request: Request<pb::ListImportFindingsRequest>,
    ) -> Result<Response<pb::ListImportFindingsResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let pb::ListImportFindingsRequest { parent, page_size, page_token } = request.get_ref();
        let named = named(&ctx, "parent", parent, false)?;
        let page = parse::page(&ctx, *page_size, page_token, &["import_finding", parent])?;
        let which = (named.hospital.as_str(), named.import.as_str());
        let (rows, next_page_token) = self.0.list_import_findings(&ctx, which, &page).await?;
        let findings = rows.into_iter().map(finding).collect();
        Ok(Response::new(pb::ListImportFindingsResponse { findings, next_page_token }))
    }

    async fn get_operation(
        &self,
        request: Request<pb::GetOperationRequest>,
    ) -> Result<Response<op::Operation>, Status> {
        let ctx = Ctx::of(&request)?;
        let named = named(&ctx, "name", &request.get_ref().name, true)?;
        let which = (named.hospital.as_str(), named.import.as_str());
        Ok(Response::new(operation(&self.0.get_import_run(&ctx, which, &named.run).await?)?))
    }

    async fn cancel_operation(
        &self,
        request: Request<pb::CancelOperationRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let named = named(&ctx, "name", &request.get_ref().name, true)?;
        self.0.cancel_import(&ctx, (&named.hospital, &named.import), &named.run).await?;
        Ok(Response::new(()))
    }

    async fn watch_operation(
        &self,
        request: Request<pb::WatchOperationRequest>,
    ) -> Result<Response<Watch>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let named = named(&ctx, "name", &request.name, true)?;
        let which = (named.hospital.as_str(), named.import.as_str());
        let first = self.0.get_import_run(&ctx, which, &named.run).await?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(follow(self.0.clone(), ctx, named, first, request.resume_token, sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

async fn follow(
    app: App,
    ctx: Ctx,
    named: Named,
    first: Import,
    mut said: String,
    sender: mpsc::Sender<Result<op::Operation, Status>>,
) {
    let began = Instant::now();
    let mut spoke = began;
    let mut current = first;
    loop {
        let token = current.version.to_string();
        if token != said || spoke.elapsed() >= HEARTBEAT || imports::is_done(&current) {
            let message = operation(&current).map_err(Status::from);
            let is_last = imports::is_done(&current) || message.is_err();
            if sender.send(message).await.is_err() || is_last {
                return;
            }
            (said, spoke) = (token, Instant::now());
        }
        if began.elapsed() >= LONGEST {
            return;
        }
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = sender.closed() => return,
            () = tokio::time::sleep(POLL) => {}
        }
        match app.get_import_run(&ctx, (&named.hospital, &named.import), &named.run).await {
            Ok(import) => current = import,
            Err(problem) => {
                let _gone = sender.send(Err(problem.into())).await;
                return;
            }
        }
    }
}

/// Reads the name of an import, or of its operation, and lets in who may import.
fn named(ctx: &Ctx, field: &str, text: &str, is_operation: bool) -> Result<Named, Problem> {
    let mut found = Violations::default();
    let named = if is_operation {
        let name = found.keep(field, proto::names::ImportOperationName::parse(text));
        name.map(|name| Named { hospital: name.hospital, import: name.import, run: name.operation })
    } else {
        let name = found.keep(field, proto::names::ImportName::parse(text));
        name.map(|name| Named { hospital: name.hospital, import: name.import, run: String::new() })
    };
    let named = found.done(named)?;
    POLICY.authorize(ctx, "department.import", Target::hospital(&named.hospital))?;
    Ok(named)
}

fn to_message(row: &Import) -> Result<pb::Import, Problem> {
    use pb::import::State;
    let kind = row.kind()?;
    let word = match kind {
        FileKind::StaffMembers => pb::import::Kind::StaffMembers,
        FileKind::Surgeons => pb::import::Kind::Surgeons,
        FileKind::Rooms => pb::import::Kind::Rooms,
        _ => pb::import::Kind::Unspecified,
    };
    let state = match row.state.as_str() {
        store::UPLOADING => State::Uploading,
        store::READY => State::Ready,
        store::RUNNING => State::Running,
        store::DONE => State::Done,
        store::CANCELLED => State::Cancelled,
        _ => State::Failed,
    };
    Ok(pb::Import {
        name: imports::name(row),
        kind: word as i32,
        file_name: row.file_name.clone(),
        byte_count: row.byte_count,
        received_byte_count: row.received_count,
        state: state as i32,
        preview: row.look()?.map(|look| preview(kind, look)),
        progress: if row.run > 0 { Some(progress(row)?) } else { None },
        operation: if row.run > 0 { operation_name(row) } else { String::new() },
        create_time: moment(row.create_time),
        update_time: moment(row.update_time),
    })
}

fn preview(kind: FileKind, look: Look) -> pb::ImportPreview {
    use pb::import_preview as words;
    let (format, encoding, separator) = match look.format {
        Format::Xlsx => (words::Format::Xlsx, words::Encoding::Unspecified, String::new()),
        Format::Csv { encoding, separator } => {
            let encoding = match encoding {
                Encoding::Utf8 => words::Encoding::Utf8,
                Encoding::Utf8Bom => words::Encoding::Utf8Bom,
                Encoding::Windows1252 => words::Encoding::Windows1252,
            };
            (words::Format::Csv, encoding, separator.to_string())
        }
    };
    let mut fields: Vec<&'static str> = vec![];
    let columns = look.headers.iter().enumerate().map(|(place, header)| {
        let field = spreadsheet::propose(kind, header).filter(|field| !fields.contains(field));
        fields.extend(field);
        let sample = |line: &Vec<String>| line.get(place).cloned().unwrap_or_default();
        pb::ImportColumn {
            header: header.clone(),
            field: field.unwrap_or_default().to_owned(),
            samples: look.samples.iter().map(sample).collect(),
        }
    });
    let columns = columns.collect();
    let required = crate::domain::import::columns(kind).1;
    let missing = required.iter().filter(|field| !fields.contains(field));
    pb::ImportPreview {
        format: format as i32,
        encoding: encoding as i32,
        separator,
        columns,
        missing_fields: missing.map(|field| (*field).to_owned()).collect(),
    }
}

fn progress(row: &Import) -> Result<pb::ImportProgress, Problem> {
    use pb::import_progress::Phase as Word;
    let own = row.progress()?;
    let phase = match imports::phase(row, &own) {
        Phase::Queued => Word::Queued,
        Phase::Checking => Word::Checking,
        Phase::Writing => Word::Writing,
        Phase::Done => Word::Done,
    };
    Ok(pb::ImportProgress {
        phase: phase as i32,
        checked_line: own.checked_line,
        written_line: row.written_line,
        created_count: own.count.created,
        updated_count: own.count.updated,
        unchanged_count: own.count.unchanged,
        skipped_count: own.skipped,
        error_count: own.errors,
        warning_count: own.warnings,
        duplicate_count: own.duplicates,
    })
}

fn finding(row: StoredFinding) -> pb::ImportFinding {
    use pb::import_finding::Severity;
    let severity = match row.severity.as_str() {
        "WARNING" => Severity::Warning,
        "DUPLICATE" => Severity::Duplicate,
        _ => Severity::Error,
    };
    let known = Some(&row.known).filter(|known| !known.is_empty());
    pb::ImportFinding {
        severity: severity as i32,
        line: row.line,
        field: row.field.clone(),
        value: row.value.clone(),
        expected: row.expected.clone(),
        known: known.map(|id| Kind::StaffMember.name(&row.hospital, id)).unwrap_or_default(),
    }
}

fn operation_name(row: &Import) -> String {
    format!("{}/operations/{}", imports::name(row), row.run)
}

fn operation(row: &Import) -> Result<op::Operation, Problem> {
    use proto::error::v1::Reason;
    let failed = |code: Code, reason: Reason, message: &str| {
        // The form a failed call has: its details are the status' own.
        let status = Status::from(Problem::new(code, reason, message.to_owned()));
        let details = RpcStatus::decode(status.details()).map(|status| status.details).unwrap_or_default();
        op::operation::Result::Error(op::Error { code: code as i32, message: message.to_owned(), details })
    };
    let result = match row.state.as_str() {
        _ if !imports::is_done(row) => None,
        store::DONE => Some(op::operation::Result::Response(any(&to_message(row)?))),
        store::CANCELLED => Some(failed(Code::Cancelled, Reason::Cancelled, "the import was cancelled")),
        _ => {
            let why = row.failure.as_deref().unwrap_or_default();
            Some(failed(Code::InvalidArgument, Reason::ImportInvalid, why))
        }
    };
    Ok(op::Operation {
        name: operation_name(row),
        metadata: Some(any(&progress(row)?)),
        done: imports::is_done(row),
        result,
        resume_token: row.version.to_string(),
    })
}

/// google.rpc.Status, as the details of a tonic status carry it.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// A message with its type.
fn any<M: Message + Name>(message: &M) -> prost_types::Any {
    prost_types::Any {
        type_url: format!("type.googleapis.com/{}", M::full_name()),
        value: message.encode_to_vec(),
    }
}
