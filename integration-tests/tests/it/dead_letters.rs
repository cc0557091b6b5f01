//! The operator's command against a service behind mutual TLS, and against the files of an all-in-one.

use std::path::{Path, PathBuf};

use bus::Bus;
use chassis::{
    Clock, Ctx, KeySource, Launch, Peer, Process, Service,
    config::{Server, Target, Tls},
    serve::serve,
    tls::Certificates,
    worker,
};
use clap::Parser;
use durable::{Db, DbConfig, event};
use leave::Leave;
use mathildanesth::{Config, certs, dead_letters::DeadLetters};
use prost::Message;
use proto::planning::v1::PlanPublished;
use sea_orm::{ConnectionTrait, Statement};
use tokio_util::sync::{CancellationToken, DropGuard};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    dead_letters: DeadLetters,
}

struct Served {
    folder: tempfile::TempDir,
    port: u16,
    _stop: DropGuard,
}

/// Leave with two dead letters, one of which can be applied by now; behind mutual TLS.
async fn served() -> Served {
    let folder = tempfile::tempdir().unwrap();
    certs::write(&folder.path().join("certs")).unwrap();
    let db = Db::open(&at(folder.path(), "leave"), leave::Migrator).await.unwrap();
    for (revision, id) in [("hospitals/chu/plans/p/revisions/1", "1"), ("nonsense", "2")] {
        bury(&db, &PlanPublished { revision: revision.into(), ..Default::default() }, id).await;
    }
    let nowhere = Target { name: "staff".into(), addresses: vec!["http://127.0.0.1:1".into()] };
    let staff = Peer::connect("leave", &nowhere, None).unwrap();
    let deps =
        leave::Deps { db, bus: Bus::local(), staff, clock: Clock::system(), keys: KeySource::fixed(vec![]) };
    let parts = Leave::build(leave::Config::default(), deps).await.unwrap();
    let (server, stop) = (Server::default(), CancellationToken::new());
    let process = Process { name: "leave", clock: Clock::system(), stop: stop.clone(), certificates: None };
    let launch = Launch::new("leave", parts, &server, &process).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = certificates(folder.path(), "leave").server().unwrap();
    let mut workers = worker::spawn(launch.workers, &stop);
    let (app, until) = (launch.app, stop.clone());
    tokio::spawn(async move {
        serve("leave", listener, app, Some(tls), &server.limits, until).await;
        while workers.join_next().await.is_some() {}
    });
    Served { folder, port, _stop: stop.drop_guard() }
}

fn at(folder: &Path, service: &str) -> DbConfig {
    DbConfig::at(format!("sqlite://{}", folder.join(format!("{service}.sqlite")).display()))
}

fn certificates(folder: &Path, name: &str) -> Certificates {
    let file = |name: String| folder.join("certs").join(name);
    Certificates::read(&Tls {
        certificate: file(format!("{name}.pem")),
        key: file(format!("{name}.key")),
        authority: file("authority.pem".to_owned()),
        mutual: true,
    })
    .unwrap()
}

async fn bury(db: &Db, published: &PlanPublished, id: &str) {
    let mut envelope = event::encode(published, "chu", "hospitals/chu/plans/p", Clock::system().now());
    id.clone_into(&mut envelope.id);
    let row = "INSERT INTO dead_letter (consumer, event_id, kind, hospital, envelope, error, time, attempts) \
               VALUES ('leave.on_planning_events', $1, $2, 'chu', $3, 'it was Monday', 7, 5)";
    let values = [id.into(), envelope.r#type.clone().into(), envelope.encode_to_vec().into()];
    let tx = db.begin(&Ctx::system("leave", &Clock::system())).await.unwrap();
    tx.execute_raw(Statement::from_sql_and_values(db.backend(), row, values)).await.unwrap();
    tx.commit().await.unwrap();
}

/// What the command prints, and what it complains about.
async fn run(words: &[&str], config: &Config) -> Result<(String, Vec<String>), String> {
    let command = Command::try_parse_from(["dead-letters"].iter().chain(words)).unwrap();
    command.dead_letters.run(config).await.map_err(|error| error.to_string())
}

fn by(served: &Served, name: &str) -> Vec<String> {
    let file = |name: String| served.folder.path().join("certs").join(name).display().to_string();
    vec![
        format!("--address=leave=https://127.0.0.1:{}", served.port),
        format!("--certificate={}", file(format!("{name}.pem"))),
        format!("--key={}", file(format!("{name}.key"))),
        format!("--authority={}", file("authority.pem".to_owned())),
    ]
}

const GOOD: &str = "consumers/leave-on-planning-events/deadLetters/1";
const BAD: &str = "consumers/leave-on-planning-events/deadLetters/2";

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_lists_shows_redrives_and_deletes_dead_letters() {
    let (served, config) = (served().await, Config::default());
    let reach = by(&served, certs::OPERATOR);
    let ask = async |words: &[&str]| {
        let words: Vec<&str> = words.iter().copied().chain(reach.iter().map(String::as_str)).collect();
        run(&words, &config).await.unwrap()
    };
    let (text, _) = ask(&["list"]).await;
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains(GOOD) && text.contains("planning.v1.PlanPublished"), "{text}");
    let (text, _) = ask(&["show", GOOD]).await;
    assert!(text.contains("subject   hospitals/chu/plans/p") && text.contains("it was Monday"), "{text}");
    let (text, faults) = ask(&["redrive", GOOD]).await;
    assert_eq!((text, faults), (format!("{GOOD} is applied\n"), vec![]));
    let (text, faults) = ask(&["redrive", BAD]).await;
    assert!(text.contains("attempts  6") && !text.contains("Monday"), "{text}");
    assert_eq!(faults, [format!("{BAD} failed again")]);
    ask(&["delete", BAD]).await;
    assert_eq!(ask(&["list"]).await.0, "no dead letters\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_not_the_operator() {
    let served = served().await;
    let reach = by(&served, "gateway");
    let words: Vec<&str> = ["list"].into_iter().chain(reach.iter().map(String::as_str)).collect();
    let refused = run(&words, &Config::default()).await.unwrap_err();
    assert!(refused.contains("not permitted"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_letters_of_an_all_in_one_are_in_its_files() {
    let served = served().await;
    let data: PathBuf = served.folder.path().to_owned();
    let config = Config { data: data.clone(), ..Config::default() };
    drop(Db::open(&at(&data, "staff"), staff::Migrator).await.unwrap());
    let refused = run(&["list"], &config).await.unwrap_err();
    assert!(refused.contains("planning.sqlite"), "nothing is made where nothing is: {refused}");
    drop(Db::open(&at(&data, "planning"), planning::Migrator).await.unwrap());
    drop(Db::open(&at(&data, "notification"), notification::Migrator).await.unwrap());
    assert_eq!(run(&["list"], &config).await.unwrap().0.lines().count(), 3);
    // The service runs and does it.
    let (text, _) = run(&["redrive", GOOD], &config).await.unwrap();
    assert_eq!(text, format!("{GOOD} is applied\n"));
}
