//! `mathildanesth dead-letters`: what the operator of a mesh does about events that could not be applied.

use std::{fmt::Write, path::PathBuf, time::Duration};

use chassis::{
    BoxError, Clock, KeySource, Launch, Parts, Peer, Process,
    config::{Server, Target, Tls},
    tls::Certificates,
};
use clap::{Args, Subcommand};
use durable::{Db, DbConfig, dead_letter, time};
use proto::event::v1::{
    self as pb, DeadLetter, dead_letter::State, dead_letter_service_client::DeadLetterServiceClient,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, service::Routes};

use crate::{Config, certs::OPERATOR};

/// How long one answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// How often a redriven letter is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The most letters of one page.
const PAGE: i32 = 1_000;

/// Where the mesh is, and what is to be done.
#[derive(Args, Debug)]
pub struct DeadLetters {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    order: Order,
}

/// How the services are reached: by their addresses, or by the databases of an all-in-one on this machine.
#[derive(Args, Debug)]
struct Reach {
    /// A service that consumes events and where it is: planning=https://host:port. Once for each instance.
    #[arg(long, global = true, value_parser = address)]
    address: Vec<(String, String)>,
    /// The authority of the mesh's certificates, a PEM file.
    #[arg(long, global = true)]
    authority: Option<PathBuf>,
    /// The operator's certificate, a PEM file.
    #[arg(long, global = true)]
    certificate: Option<PathBuf>,
    /// The key that belongs to it, a PEM file.
    #[arg(long, global = true)]
    key: Option<PathBuf>,
    /// Without addresses: the configuration of an all-in-one, whose databases are opened beside it.
    #[arg(long, global = true, conflicts_with = "address")]
    config: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
enum Order {
    /// Prints a table of the dead letters.
    List,
    /// Prints one.
    Show {
        /// consumers/{consumer}/deadLetters/{id}
        name: String,
    },
    /// Has one applied again, and waits for the outcome.
    Redrive {
        /// consumers/{consumer}/deadLetters/{id}
        name: String,
        /// How long to wait, in seconds.
        #[arg(long, default_value_t = 30)]
        wait: u64,
    },
    /// Deletes one: its event is never applied.
    Delete {
        /// consumers/{consumer}/deadLetters/{id}
        name: String,
    },
}

type Client = DeadLetterServiceClient<Peer>;

/// The services that consume events, by name.
struct Services(Vec<(String, Client)>);

fn address(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, url)| !name.is_empty() && !url.is_empty());
    let (name, url) = parts.ok_or("expected SERVICE=URL, planning=https://host:port")?;
    Ok((name.to_owned(), url.to_owned()))
}

// === impl DeadLetters ===

impl DeadLetters {
    /// The configuration file of the all-in-one, if one is named.
    pub fn config(&self) -> Option<&std::path::Path> {
        self.reach.config.as_deref()
    }

    /// Does it; answers what is to be printed and what went wrong.
    ///
    /// # Errors
    /// When a service cannot be reached or refuses.
    pub async fn run(&self, config: &Config) -> Result<(String, Vec<String>), BoxError> {
        let services = self.reach.services(config).await?;
        match &self.order {
            Order::List => Ok((services.list().await?, vec![])),
            Order::Show { name } => Ok((shown(&services.get(name).await?), vec![])),
            Order::Redrive { name, wait } => services.redrive(name, Duration::from_secs(*wait)).await,
            Order::Delete { name } => {
                let request = pb::DeleteDeadLetterRequest { name: name.clone(), ..Default::default() };
                services.of(name)?.delete_dead_letter(timely(request)).await?;
                Ok((format!("{name} is deleted\n"), vec![]))
            }
        }
    }
}

impl Reach {
    async fn services(&self, config: &Config) -> Result<Services, BoxError> {
        if self.address.is_empty() {
            return Services::beside(config).await;
        }
        let needed =
            |file: &Option<PathBuf>, name| file.clone().ok_or(format!("--{name} is needed with --address"));
        let certificates = Certificates::read(&Tls {
            certificate: needed(&self.certificate, "certificate")?,
            key: needed(&self.key, "key")?,
            authority: needed(&self.authority, "authority")?,
            mutual: true,
        });
        let certificates = certificates.map_err(|error| error.to_string())?;
        let mut targets: Vec<Target> = vec![];
        for (name, url) in &self.address {
            match targets.iter_mut().find(|target| target.name == *name) {
                Some(target) => target.addresses.push(url.clone()),
                None => targets.push(Target { name: name.clone(), addresses: vec![url.clone()] }),
            }
        }
        let services = targets.into_iter().map(|target| {
            let peer = Peer::connect(OPERATOR, &target, Some(&certificates));
            let peer = peer.map_err(|error| error.to_string())?;
            Ok((target.name, DeadLetterServiceClient::new(peer)))
        });
        services.collect::<Result<_, BoxError>>().map(Services)
    }
}

// === impl Services ===

impl Services {
    /// Those of an all-in-one, by their databases: its ports know no certificates, its files have an owner. What is
    /// ordered here is done by the all-in-one when it runs.
    async fn beside(config: &Config) -> Result<Self, BoxError> {
        let mut services = vec![];
        for name in ["staff", "leave", "planning", "notification"] {
            let file = config.data.join(format!("{name}.sqlite"));
            if !file.is_file() {
                return Err(format!("`{}` is not there; say --config or --address", file.display()).into());
            }
            let at = DbConfig::at(config.database(name).expose());
            let db = match name {
                "staff" => Db::open(&at, staff::Migrator).await?,
                "leave" => Db::open(&at, leave::Migrator).await?,
                "planning" => Db::open(&at, planning::Migrator).await?,
                _ => Db::open(&at, notification::Migrator).await?,
            };
            let parts = Parts::service(Routes::new(dead_letter::service(&db)), KeySource::fixed(vec![]));
            let process =
                Process { name, clock: Clock::system(), stop: CancellationToken::new(), certificates: None };
            let launch = Launch::new(name, parts, &Server::default(), &process);
            let app = launch.map_err(|error| error.to_string())?.app;
            services.push((name.to_owned(), DeadLetterServiceClient::new(Peer::local(OPERATOR, name, app))));
        }
        Ok(Self(services))
    }

    /// The service that consumes what a name says; a consumer's name begins with it.
    fn of(&self, name: &str) -> Result<Client, BoxError> {
        let service = name.strip_prefix("consumers/").and_then(|rest| rest.split('-').next());
        let found = self.0.iter().find(|(known, _)| Some(known.as_str()) == service);
        let (_, client) =
            found.ok_or_else(|| format!("no address of the service that `{name}` belongs to"))?;
        Ok(client.clone())
    }

    async fn get(&self, name: &str) -> Result<DeadLetter, tonic::Status> {
        let mut client = self.of(name).map_err(|error| tonic::Status::invalid_argument(error.to_string()))?;
        let request = pb::GetDeadLetterRequest { name: name.to_owned() };
        Ok(client.get_dead_letter(timely(request)).await?.into_inner())
    }

    async fn list(&self) -> Result<String, BoxError> {
        let mut letters = vec![];
        for (_, client) in &self.0 {
            let mut request = pb::ListDeadLettersRequest {
                parent: "consumers/-".to_owned(),
                page_size: PAGE,
                page_token: String::new(),
            };
            loop {
                let answer = client.clone().list_dead_letters(timely(request.clone())).await?.into_inner();
                letters.extend(answer.dead_letters);
                if answer.next_page_token.is_empty() {
                    break;
                }
                request.page_token = answer.next_page_token;
            }
        }
        Ok(table(&letters))
    }

    async fn redrive(&self, name: &str, wait: Duration) -> Result<(String, Vec<String>), BoxError> {
        let request = pb::RedriveDeadLetterRequest {
            name: name.to_owned(),
            etag: String::new(),
            request_id: uuid::Uuid::new_v4().to_string(),
        };
        let asked = self.of(name)?.redrive_dead_letter(timely(request)).await?.into_inner();
        let until = Instant::now() + wait;
        loop {
            match self.get(name).await {
                Err(status) if status.code() == Code::NotFound => {
                    return Ok((format!("{name} is applied\n"), vec![]));
                }
                // Before the worker has said what the attempt failed with, the letter tells that it has begun.
                Ok(now) if now.state() == State::Buried && now.fail_time != asked.fail_time => {
                    return Ok((shown(&now), vec![format!("{name} failed again")]));
                }
                Err(status) if status.code() != Code::Unavailable => return Err(status.into()),
                _ if Instant::now() >= until => {
                    return Ok((String::new(), vec![format!("{name} is not applied yet; look at it later")]));
                }
                _ => sleep(LOOK_EVERY).await,
            }
        }
    }
}

fn timely<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(ANSWER_MAX);
    request
}

fn state(letter: &DeadLetter) -> &'static str {
    match letter.state() {
        State::RedriveQueued => "queued",
        State::Buried | State::Unspecified => "buried",
    }
}

fn moment(time: Option<prost_types::Timestamp>) -> String {
    let time = time.unwrap_or_default();
    time::timestamp(time.seconds.saturating_mul(1_000_000)).to_string()
}

/// All of them, one a line, in columns.
fn table(letters: &[DeadLetter]) -> String {
    if letters.is_empty() {
        return "no dead letters\n".to_owned();
    }
    let head = ["NAME", "KIND", "HOSPITAL", "STATE", "ATTEMPTS", "FAILED", "ERROR"].map(str::to_owned);
    let rows = letters.iter().map(|letter| {
        [
            letter.name.clone(),
            letter.kind.trim_start_matches("mathildanesth.").to_owned(),
            letter.hospital.trim_start_matches("hospitals/").to_owned(),
            state(letter).to_owned(),
            letter.attempts.to_string(),
            moment(letter.fail_time),
            letter.error.lines().next().unwrap_or_default().to_owned(),
        ]
    });
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..7).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// One, a field a line.
fn shown(letter: &DeadLetter) -> String {
    let fields = [
        ("name", letter.name.clone()),
        ("kind", letter.kind.clone()),
        ("hospital", letter.hospital.clone()),
        ("subject", letter.subject.clone()),
        ("happened", moment(letter.event_time)),
        ("failed", moment(letter.fail_time)),
        ("attempts", letter.attempts.to_string()),
        ("state", state(letter).to_owned()),
        ("error", letter.error.clone()),
    ];
    let mut text = String::new();
    for (field, value) in fields {
        let _ = writeln!(text, "{field:<9} {value}");
    }
    text
}
