//! Running an import: every line is judged, then lines are written some hundred at a time, each time with the line up to
//! which that was done, so that another process goes on behind it.

use std::{collections::BTreeMap, sync::Arc};

use chassis::{BoxError, Ctx, Problem};
use durable::{Tx, audit::Change, lease::Lease, problem};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{App, audit::note_by, imports::name, resources::refused};
use crate::{
    domain::{
        Room, Sector, Site, Skill, Specialty, StaffMember, Surgeon,
        batch::{self, Applied, Finding, Memory, Plan, Severity},
        import::{self, Count, Department, FileKind},
        spreadsheet::{self, Format, Line, Refusal},
    },
    metrics,
    store::{
        Stored,
        events::Announced,
        imports::{self as store, FINDINGS_MAX, Import, Mode, Phase, Progress, Settings},
        resources::{self, by_id},
    },
};

/// How many lines are judged and written at once.
const BATCH: usize = 250;
/// The most rooms of a file.
const ROOMS_MAX: usize = 5_000;
/// How many batches are judged before that is written down.
const TOLD_EVERY: usize = 8;
/// How often a run is tried without getting on.
const ATTEMPTS_MAX: i32 = 5;

/// How a run ended.
enum End {
    /// At the last line.
    Done,
    /// Before, and why.
    Failed(String),
    /// Somebody cancelled it.
    Cancelled,
    /// Another process has taken over, or this one ends: nothing is written down.
    Left,
}

/// What is known of an import while it runs.
struct Run<'a> {
    app: &'a App,
    ctx: &'a Ctx,
    lease: &'a Lease,
    stop: &'a CancellationToken,
    row: Import,
    settings: Settings,
    progress: Progress,
    plan: Plan,
    content: Arc<[u8]>,
    format: Format,
    header_line: u64,
    /// What lines may name.
    ground: Department,
    found: usize,
}

/// The lines of the file, some at a time; none at its end, by which it is told from a reader that died.
struct Batches(mpsc::Receiver<Result<Vec<Line>, Refusal>>);

impl App {
    /// Runs the import that waits longest; false if none does.
    ///
    /// # Errors
    /// When the database is away, or somebody else changed what was about to be written: it goes on with the next run.
    pub async fn run_next_import(
        &self,
        ctx: &Ctx,
        lease: &Lease,
        stop: &CancellationToken,
    ) -> Result<bool, BoxError> {
        let Some(mut row) = store::next(self.db.read()).await? else { return Ok(false) };
        let settings = row.settings()?.ok_or("an import runs that was not started")?;
        row.attempt += 1;
        let tx = self.db.begin(ctx).await?;
        if !lease.guards(&tx).await? || !store::save(&tx, &mut row).await? {
            return Ok(false);
        }
        tx.commit().await?;
        let mut run = Run::begin(self, ctx, lease, stop, row, settings).await?;
        let end = if run.row.cancel_requested {
            End::Cancelled
        } else if run.row.attempt > ATTEMPTS_MAX {
            End::Failed("it did not get on in five attempts".to_owned())
        } else {
            run.all().await?
        };
        run.end(end).await?;
        Ok(true)
    }
}

impl<'a> Run<'a> {
    async fn begin(
        app: &'a App,
        ctx: &'a Ctx,
        lease: &'a Lease,
        stop: &'a CancellationToken,
        row: Import,
        settings: Settings,
    ) -> Result<Self, BoxError> {
        let (kind, progress) = (row.kind()?, row.progress()?);
        let look = row.look()?.ok_or("an import runs that was not looked at")?;
        let known = import::columns(kind).0;
        let field = |field: &Option<String>| {
            let field = field.as_deref()?;
            known.iter().find(|known| **known == field).copied()
        };
        let plan = Plan {
            kind,
            file: row.file_name.clone(),
            fields: settings.fields.iter().map(field).collect(),
            duplicates: settings.duplicates,
            may_grant: settings.may_grant,
        };
        let content = store::content(app.db.read(), &row).await?.into();
        let ground = ground(app.db.read(), &row.hospital, kind).await?;
        let (format, header_line) = (look.format, look.header_line);
        let found = store::findings(app.db.read(), &row, None, FINDINGS_MAX as u64).await?.len();
        Ok(Self {
            app,
            ctx,
            lease,
            stop,
            row,
            settings,
            progress,
            plan,
            content,
            format,
            header_line,
            ground,
            found,
        })
    }

    async fn all(&mut self) -> Result<End, BoxError> {
        if self.progress.phase != Phase::Writing {
            if let Some(end) = self.check().await? {
                return Ok(end);
            }
            let wrong = self.progress.skipped;
            match self.settings.mode {
                Mode::DryRun => return Ok(End::Done),
                Mode::AllOrNothing if wrong > 0 => {
                    return Ok(End::Failed(format!("{wrong} lines are wrong, nothing was written")));
                }
                _ => {}
            }
            self.progress.phase = Phase::Writing;
            (self.progress.count, self.progress.skipped) = (Count::default(), 0);
            if !self.tell().await? {
                return Ok(End::Left);
            }
        }
        if let Some(end) = self.write().await? {
            return Ok(end);
        }
        Ok(End::Done)
    }

    /// Judges every line. Answers an end, if it does not get to the last one.
    async fn check(&mut self) -> Result<Option<End>, BoxError> {
        let tx = self.app.db.begin(self.ctx).await?;
        store::forget_findings(&tx, &self.row).await?;
        tx.commit().await?;
        self.found = 0;
        self.progress = Progress { phase: Phase::Checking, ..Progress::default() };
        let mut memory = self.memory().await?;
        let mut batches = self.batches();
        let mut count = 0;
        loop {
            let lines = batches.next().await?;
            if let Some(end) = self.interrupted().await? {
                return Ok(Some(end));
            }
            let lines = match lines {
                Ok(lines) if lines.is_empty() => return Ok(None),
                Ok(lines) => lines,
                Err(refusal) => return Ok(Some(refused_file(&refusal))),
            };
            let last = lines.last().map_or(0, |line| line.number);
            let mut flaws = vec![];
            let table = self.plan.table(&lines, &mut flaws);
            let department = self.concerned(self.app.db.read(), &table, &memory).await?;
            let applied = self.plan.apply(table, flaws, department.value, &mut memory, &mut new_id);
            self.count(&applied);
            self.progress.checked_line = i64::try_from(last).unwrap_or(i64::MAX);
            let is_found = self.note_findings(&applied.findings).await?;
            count += 1;
            if !is_found || (count % TOLD_EVERY == 0 && !self.tell().await?) {
                // Cancelled meanwhile, or another's: the next look at it tells.
                return Ok(Some(End::Left));
            }
        }
    }

    /// Writes the lines behind those that were written.
    async fn write(&mut self) -> Result<Option<End>, BoxError> {
        let mut memory = self.memory().await?;
        let mut batches = self.batches();
        loop {
            let lines = batches.next().await?;
            if let Some(end) = self.interrupted().await? {
                return Ok(Some(end));
            }
            let lines = match lines {
                Ok(lines) if lines.is_empty() => return Ok(None),
                Ok(lines) => lines,
                Err(refusal) => return Ok(Some(refused_file(&refusal))),
            };
            let last = lines.last().map_or(0, |line| i64::try_from(line.number).unwrap_or(i64::MAX));
            let mut flaws = vec![];
            let table = self.plan.table(&lines, &mut flaws);
            if last <= self.row.written_line {
                memory.pass(&self.plan, &table);
                continue;
            }
            let tx = self.app.db.begin(self.ctx).await?;
            if !self.lease.guards(&tx).await? {
                return Ok(Some(End::Left));
            }
            let before = self.concerned(tx.conn(), &table, &memory).await?;
            let applied = self.plan.apply(table, flaws, before.value.clone(), &mut memory, &mut new_id);
            let written = self.write_batch(&tx, &before, &applied).await?;
            self.count(&applied);
            self.row.written_line = last;
            self.row.attempt = 0;
            self.row.progress = serde_json::to_string(&self.progress)?;
            if !store::save(&tx, &mut self.row).await? {
                // Cancelled meanwhile, or another's: the next look at it tells.
                return Ok(Some(End::Left));
            }
            tx.commit().await?;
            metrics::imported(written);
        }
    }

    async fn write_batch(&self, tx: &Tx, before: &Concerned, applied: &Applied) -> Result<i32, Problem> {
        let (new, actor) = (&applied.outcome.department, self.settings.actor.as_str());
        let hospital = self.row.hospital.as_str();
        match self.plan.kind {
            FileKind::StaffMembers => {
                write(tx, hospital, actor, &before.staff_members, &new.staff_members).await
            }
            FileKind::Surgeons => write(tx, hospital, actor, &before.surgeons, &new.surgeons).await,
            _ => write(tx, hospital, actor, &before.rooms, &new.rooms).await,
        }
    }

    fn count(&mut self, applied: &Applied) {
        let some = applied.outcome.counts.get(&self.plan.kind).copied().unwrap_or_default();
        batch::add(&mut self.progress.count, some);
        self.progress.skipped += applied.skipped;
        if self.progress.phase == Phase::Checking {
            for finding in &applied.findings {
                match finding.severity {
                    Severity::Error => self.progress.errors += 1,
                    Severity::Warning => self.progress.warnings += 1,
                    Severity::Duplicate => self.progress.duplicates += 1,
                }
            }
        }
    }

    /// Keeps the first findings; false when somebody else has the run.
    async fn note_findings(&mut self, findings: &[Finding]) -> Result<bool, BoxError> {
        let room = FINDINGS_MAX.saturating_sub(self.found).min(findings.len());
        if room == 0 {
            return Ok(true);
        }
        let tx = self.app.db.begin(self.ctx).await?;
        if !self.lease.guards(&tx).await? {
            return Ok(false);
        }
        store::add_findings(&tx, &self.row, self.found, &findings[..room]).await?;
        tx.commit().await?;
        self.found += room;
        Ok(true)
    }

    /// Writes down how far it is; false when somebody else has the run, or changed it.
    async fn tell(&mut self) -> Result<bool, BoxError> {
        let tx = self.app.db.begin(self.ctx).await?;
        self.row.progress = serde_json::to_string(&self.progress)?;
        if !self.lease.guards(&tx).await? || !store::save(&tx, &mut self.row).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn interrupted(&mut self) -> Result<Option<End>, BoxError> {
        if self.stop.is_cancelled() || self.lease.hold().await?.is_none() {
            return Ok(Some(End::Left));
        }
        let row = store::find(self.app.db.read(), &self.row.hospital, &self.row.id).await?;
        let Some(row) = row else { return Ok(Some(End::Left)) };
        // Asking for the end is the one change that others make of it.
        if row.cancel_requested && !self.row.cancel_requested {
            (self.row.cancel_requested, self.row.version) = (true, row.version);
            return Ok(Some(End::Cancelled));
        }
        Ok(None)
    }

    async fn end(mut self, end: End) -> Result<(), BoxError> {
        let state = match end {
            End::Done => store::DONE,
            End::Failed(why) => {
                self.row.failure = Some(why);
                store::FAILED
            }
            End::Cancelled => store::CANCELLED,
            End::Left => return Ok(()),
        };
        state.clone_into(&mut self.row.state);
        self.row.progress = serde_json::to_string(&self.progress)?;
        let tx = self.app.db.begin(self.ctx).await?;
        if !self.lease.guards(&tx).await? || !store::save(&tx, &mut self.row).await? {
            return Ok(());
        }
        let change = Change::of(&self.row.hospital, "import.end", name(&self.row));
        tx.audit(change.by(self.settings.actor.as_str()).value("state", store::RUNNING, state));
        tx.commit().await?;
        Ok(())
    }

    /// Who is known by name, if lines are people.
    async fn memory(&self) -> Result<Memory, Problem> {
        let mut memory = Memory::default();
        if self.plan.kind == FileKind::StaffMembers {
            let mut cursor = None;
            loop {
                let hospital = self.row.hospital.as_str();
                let some = resources::after::<StaffMember>(
                    self.app.db.read(),
                    (hospital, ""),
                    cursor.as_deref(),
                    1_000,
                    |_| true,
                )
                .await?;
                let Some(last) = some.last() else { break };
                cursor = Some(last.id.clone());
                // Whoever was written by this very run is a line of it.
                for person in some.iter().filter(|person| person.value.erase_time.is_none()) {
                    memory.remember(&person.id, &person.value);
                }
            }
        }
        Ok(memory)
    }

    /// Reads the file on a thread of its own, as fast as batches are taken.
    fn batches(&self) -> Batches {
        let (sender, receiver) = mpsc::channel(2);
        let (content, format, header) = (self.content.clone(), self.format, self.header_line);
        // Rooms name each other: they are judged together.
        let is_whole = self.plan.kind == FileKind::Rooms;
        let size = if is_whole { ROOMS_MAX + 1 } else { BATCH };
        chassis::compute::spawn(move || {
            let mut lines = Vec::new();
            let read = spreadsheet::read(&content, format, &mut |line| {
                if line.number <= header {
                    return true;
                }
                let number = line.number;
                lines.push(line);
                if is_whole && lines.len() == size {
                    let expected = format!("at most {ROOMS_MAX} rooms");
                    let _heard = sender.blocking_send(Err(Refusal { line: number, expected }));
                    return false;
                }
                lines.len() < size || sender.blocking_send(Ok(std::mem::take(&mut lines))).is_ok()
            });
            // Whoever does not listen any more has what it wants.
            let _heard = match read {
                Err(refusal) => sender.blocking_send(Err(refusal)),
                Ok(()) if lines.is_empty() => sender.blocking_send(Ok(vec![])),
                Ok(()) => sender.blocking_send(Ok(lines)).and_then(|()| sender.blocking_send(Ok(vec![]))),
            };
        });
        Batches(receiver)
    }

    /// What some lines concern.
    async fn concerned(
        &self,
        conn: &impl sea_orm::ConnectionTrait,
        table: &import::Table,
        memory: &Memory,
    ) -> Result<Concerned, Problem> {
        let hospital = self.row.hospital.as_str();
        let (natural, second) = self.plan.keys(table);
        let mut concerned = Concerned { value: self.ground.clone(), ..Concerned::default() };
        match self.plan.kind {
            FileKind::StaffMembers => {
                let mut people = resources::by_keys::<StaffMember>(conn, hospital, &natural, &second).await?;
                people.extend(resources::among(conn, hospital, &memory.known(table)).await?);
                concerned.staff_members = by_id(people);
                concerned.value.staff_members = values(&concerned.staff_members);
            }
            FileKind::Surgeons => {
                concerned.surgeons = by_id(resources::by_keys(conn, hospital, &natural, &second).await?);
                concerned.value.surgeons = values(&concerned.surgeons);
            }
            _ => {
                concerned.rooms = by_id(resources::all(conn, hospital).await?);
                concerned.value.rooms = values(&concerned.rooms);
            }
        }
        Ok(concerned)
    }
}

impl Batches {
    async fn next(&mut self) -> Result<Result<Vec<Line>, Refusal>, BoxError> {
        Ok(self.0.recv().await.ok_or("the reader of the file died")?)
    }
}

/// What some lines concern, with versions.
#[derive(Default)]
struct Concerned {
    staff_members: BTreeMap<String, Stored<StaffMember>>,
    surgeons: BTreeMap<String, Stored<Surgeon>>,
    rooms: BTreeMap<String, Stored<Room>>,
    /// The same as values, and what lines may name.
    value: Department,
}

fn values<T: Clone>(stored: &BTreeMap<String, Stored<T>>) -> BTreeMap<String, T> {
    stored.iter().map(|(id, stored)| (id.clone(), stored.value.clone())).collect()
}

/// What lines of a kind may name: few, whatever the file.
async fn ground(
    conn: &impl sea_orm::ConnectionTrait,
    hospital: &str,
    kind: FileKind,
) -> Result<Department, Problem> {
    let mut ground = Department {
        sites: values(&by_id(resources::all::<Site>(conn, hospital).await?)),
        ..Department::default()
    };
    match kind {
        FileKind::StaffMembers => {
            let skills = resources::all::<Skill>(conn, hospital).await?;
            ground.skills = skills.into_iter().map(|skill| skill.id).collect();
        }
        FileKind::Surgeons => {
            ground.specialties = values(&by_id(resources::all::<Specialty>(conn, hospital).await?));
        }
        _ => {
            ground.sectors = values(&by_id(resources::all::<Sector>(conn, hospital).await?));
            ground.specialties = values(&by_id(resources::all::<Specialty>(conn, hospital).await?));
        }
    }
    Ok(ground)
}

/// Writes what is new or different, tells of it and writes that down.
async fn write<T: Announced>(
    tx: &Tx,
    hospital: &str,
    actor: &str,
    before: &BTreeMap<String, Stored<T>>,
    after: &BTreeMap<String, T>,
) -> Result<i32, Problem> {
    let mut created = vec![];
    let mut count = 0;
    for (id, value) in after {
        match before.get(id) {
            Some(old) if old.value == *value => continue,
            Some(old) => {
                let changed = resources::update(tx, old, value.clone()).await?;
                let changed = changed.map_err(|error| refused(T::KIND, &old.name(), error))?;
                T::announce(tx, Some(old), Some(&changed)).await?;
                note_by(tx, actor, Some(old), Some(&changed));
            }
            None => created.push((id.clone(), value.clone())),
        }
        count += 1;
    }
    if !created.is_empty() {
        let created = resources::insert_all(tx, hospital, created).await?.map_err(problem)?;
        T::announce_created(tx, &created).await?;
        created.iter().for_each(|created| note_by(tx, actor, None, Some(created)));
    }
    Ok(count)
}

fn new_id() -> String {
    Uuid::now_v7().to_string()
}

fn refused_file(refusal: &Refusal) -> End {
    End::Failed(format!("line {}: expected {}", refusal.line, refusal.expected))
}
