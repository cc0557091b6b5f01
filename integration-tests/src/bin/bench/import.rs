//! How long 100,000 lines of people take on PostgreSQL, and how much memory.

use std::{
    fmt::Write,
    process::Command,
    time::{Duration, Instant},
};

use chassis::BoxError;
use integration_tests::{
    backends::Backends,
    mesh::{is_ready, program},
    process::{Process, free_port},
};
use mathildanesth::demo;
use proto::staff::v1::{
    CreateImportRequest, CreateSessionRequest, GetImportRequest, Import, StartImportRequest,
    UploadImportChunkRequest,
    import::{Kind, State},
    import_service_client::ImportServiceClient,
    session_service_client::SessionServiceClient,
    start_import_request::{Duplicates, Mode},
};
use tonic::transport::Channel;

const LINES: usize = 100_000;
const CHUNK: usize = 1024 * 1024;
const READY_MAX: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_mins(10);
/// How often it is asked how far it is.
const POLL: Duration = Duration::from_millis(200);

/// Staff on PostgreSQL and Redis imports a file that creates everybody, then the same file, which changes
/// nothing. Answers the figures.
pub async fn import() -> Result<Vec<String>, BoxError> {
    let folder = tempfile::tempdir()?;
    let backends = Backends::start()?;
    let database = backends.postgres.create_database("staff")?;
    let (port, admin) = (free_port()?, free_port()?);
    let mut command = Command::new(program("staff")?);
    command
        .env("MATHILDANESTH__SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env("MATHILDANESTH__SERVER__ADMIN_LISTEN", format!("127.0.0.1:{admin}"))
        .env("MATHILDANESTH__DB__URL", &database)
        .env("MATHILDANESTH__BUS__URL", backends.redis.url())
        .env("MATHILDANESTH__BOOTSTRAP__HOSPITAL", demo::HOSPITAL)
        .env("MATHILDANESTH__BOOTSTRAP__ADMINISTRATOR_EMAIL", demo::ADMINISTRATOR)
        .env("MATHILDANESTH__BOOTSTRAP__ADMINISTRATOR_PASSWORD", demo::PASSWORD);
    let mut process = Process::start(command, &folder.path().join("log"))?;
    process.wait_until(READY_MAX, || is_ready(admin))?;
    let channel = Channel::from_shared(format!("http://127.0.0.1:{port}"))?.connect().await?;
    let at_rest = memory_mib(process.id(), "VmRSS:")?;

    let mut client = Client { channel, token: String::new() };
    client.sign_in().await?;
    let name = client.upload(lines().into_bytes()).await?;
    let (first, created) = client.run(&name).await?;
    // Signed in anew: a token lives for ten minutes.
    client.sign_in().await?;
    let (again, changed) = client.run(&name).await?;
    let peak = memory_mib(process.id(), "VmHWM:")?;
    if created != LINES || changed != 0 {
        return Err(format!("{created} people were created, {changed} by the same file again").into());
    }
    println!("{LINES} lines of people, PostgreSQL, {} cores", std::thread::available_parallelism()?);
    println!("  creating everybody    {first:>9.1} s");
    println!("  the same file again   {again:>9.1} s");
    println!("  memory at most        {peak:>9.1} MiB    ({at_rest:.1} at rest)");
    Ok(vec![
        format!("import_100k_s {first:.1} s"),
        format!("import_100k_again_s {again:.1} s"),
        format!("import_100k_rss_mib {peak:.1} MiB"),
    ])
}

/// A file of people whom nobody is.
fn lines() -> String {
    let mut text = "email;nom;prénom;métier;rpps;date d'entrée\n".to_owned();
    for number in 0..LINES {
        let metier = if number % 3 == 0 { "IADE" } else { "MAR" };
        let _ = writeln!(text, "p{number}@example.org;Nom{number};Prénom{number};{metier};;2026-01-05");
    }
    text
}

struct Client {
    channel: Channel,
    token: String,
}

impl Client {
    fn signed<M>(&self, message: M) -> Result<tonic::Request<M>, BoxError> {
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {}", self.token).parse()?);
        Ok(request)
    }

    fn imports(&self) -> ImportServiceClient<Channel> {
        ImportServiceClient::new(self.channel.clone())
    }

    async fn sign_in(&mut self) -> Result<(), BoxError> {
        let request = CreateSessionRequest {
            parent: format!("hospitals/{}", demo::HOSPITAL),
            email: demo::ADMINISTRATOR.to_owned(),
            password: demo::PASSWORD.to_owned(),
            ..Default::default()
        };
        let session = SessionServiceClient::new(self.channel.clone()).create_session(request).await?;
        self.token = session.into_inner().access_token;
        Ok(())
    }

    async fn upload(&self, content: Vec<u8>) -> Result<String, BoxError> {
        let import = Import {
            kind: Kind::StaffMembers as i32,
            file_name: "people.csv".to_owned(),
            byte_count: i64::try_from(content.len())?,
            ..Default::default()
        };
        let create = CreateImportRequest {
            parent: format!("hospitals/{}", demo::HOSPITAL),
            import: Some(import),
            request_id: String::new(),
        };
        let name = self.imports().create_import(self.signed(create)?).await?.into_inner().name;
        for (place, chunk) in content.chunks(CHUNK).enumerate() {
            let chunk = UploadImportChunkRequest {
                name: name.clone(),
                offset: i64::try_from(place * CHUNK)?,
                content: chunk.to_vec(),
            };
            self.imports().upload_import_chunk(self.signed(chunk)?).await?;
        }
        Ok(name)
    }

    /// Runs the import; answers how long it took and how many people it created or changed.
    async fn run(&self, name: &str) -> Result<(f64, usize), BoxError> {
        let begun = Instant::now();
        let start = StartImportRequest {
            name: name.to_owned(),
            mode: Mode::AllOrNothing as i32,
            duplicates: Duplicates::Refuse as i32,
            ..Default::default()
        };
        self.imports().start_import(self.signed(start)?).await?;
        loop {
            let get = GetImportRequest { name: name.to_owned() };
            let import = self.imports().get_import(self.signed(get)?).await?.into_inner();
            if import.state != State::Running as i32 {
                let seconds = begun.elapsed().as_secs_f64();
                let count = import.progress.unwrap_or_default();
                if import.state != State::Done as i32 {
                    return Err(format!("the import ended in state {}", import.state).into());
                }
                return Ok((seconds, usize::try_from(count.created_count + count.updated_count)?));
            }
            if begun.elapsed() > PATIENCE {
                return Err("the import does not end".into());
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

fn memory_mib(pid: u32, which: &str) -> Result<f64, BoxError> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(which)).ok_or("no memory in /proc")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}
