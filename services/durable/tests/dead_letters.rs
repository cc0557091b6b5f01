//! Events that cannot be applied: put aside, looked at, tried again. On SQLite always and on PostgreSQL where a server
//! is named.

#![allow(clippy::unwrap_used)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::Bus;
use chassis::{
    BoxError, Clock, KeySource, Parts, Worker,
    testing::{Local, eventually, serve_local},
};
use durable::{
    Consumer, Db, Tx, dead_letter, event,
    inbox::{self, Later, Patience},
    store_suite,
};
use jiff::Timestamp;
use proto::{
    event::v1::{
        self as pb, Envelope, dead_letter::State, dead_letter_service_client::DeadLetterServiceClient,
    },
    leave::v1::LeaveRejected,
};
use sea_orm::ConnectionTrait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, service::Routes};
use tonic_types::StatusExt;

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

/// What happens to an event called `poison`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Fails,
    Panics,
    /// Never comes back: whoever waits for it can be killed.
    Hangs,
    /// A neighbor is away.
    Waits,
    Works,
}

#[derive(Clone)]
struct Taster {
    fate: Arc<Mutex<Fate>>,
    tries: Arc<AtomicU32>,
    applied: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Consumer for Taster {
    fn name(&self) -> &'static str {
        "test.on_leave_events"
    }

    fn topic(&self) -> &'static str {
        "leave"
    }

    async fn handle(&self, _tx: &Tx, event: &Envelope) -> Result<(), BoxError> {
        if event.subject == "poison" {
            self.tries.fetch_add(1, Ordering::Relaxed);
            let fate = *self.fate.lock().unwrap();
            match fate {
                Fate::Fails => return Err("indigestible".into()),
                Fate::Panics => panic!("told to panic"),
                Fate::Hangs => std::future::pending().await,
                Fate::Waits => return Err(Later("a neighbor is away".into()).into()),
                Fate::Works => {}
            }
        }
        self.applied.lock().unwrap().push(event.subject.clone());
        Ok(())
    }
}

impl Taster {
    fn new(fate: Fate) -> Self {
        Self { fate: Arc::new(Mutex::new(fate)), tries: Arc::default(), applied: Arc::default() }
    }

    fn applied(&self) -> Vec<String> {
        self.applied.lock().unwrap().clone()
    }

    fn tries(&self) -> u32 {
        self.tries.load(Ordering::Relaxed)
    }

    fn turn(&self, fate: Fate) {
        *self.fate.lock().unwrap() = fate;
    }
}

const HASTY: Patience = Patience { attempts_max: 5, pause_min: Duration::ZERO };

const REQUEST: &str = "0b7e9a52-8a2c-4f0e-9d0e-111111111111";

fn envelope(subject: &str) -> Envelope {
    let event = LeaveRejected { leave: subject.to_owned(), ..LeaveRejected::default() };
    event::encode(&event, "chu", subject, Timestamp::UNIX_EPOCH)
}

fn inbox(db: &Db, bus: &Bus, taster: &Taster) -> Box<dyn Worker> {
    inbox::worker(db, bus, Arc::new(taster.clone()), HASTY)
}

/// Sends events to a consumer until it has dealt with each.
async fn feed(bus: &Bus, worker: &dyn Worker, events: Vec<Envelope>) {
    let stop = CancellationToken::new();
    let consume = async {
        loop {
            let _ = worker.run(&stop).await;
        }
    };
    tokio::select! {
        () = consume => {}
        sent = bus.publish_all("leave", events) => sent.unwrap(),
    }
}

/// The service of this database with the worker that tries letters again, as the operator reaches it.
fn serve(db: &Db, taster: &Taster) -> Local {
    let mut parts = Parts::service(Routes::new(dead_letter::service(db)), KeySource::fixed(vec![]));
    parts.workers = inbox::workers(db, &Bus::local(), vec![Arc::new(taster.clone())]);
    serve_local("operator", "test", parts, Clock::system()).unwrap()
}

type Client = DeadLetterServiceClient<chassis::Peer>;

fn client(local: &Local) -> Client {
    DeadLetterServiceClient::new(local.peer.clone())
}

async fn list(client: &mut Client) -> Vec<pb::DeadLetter> {
    let request = pb::ListDeadLettersRequest { parent: "consumers/-".into(), ..Default::default() };
    client.list_dead_letters(request).await.unwrap().into_inner().dead_letters
}

/// The letter of one poisoned event.
async fn buried(db: &Db, taster: &Taster, client: &mut Client) -> pb::DeadLetter {
    let bus = Bus::local();
    feed(&bus, &*inbox(db, &bus, taster), vec![envelope("poison")]).await;
    list(client).await.pop().unwrap()
}

async fn redrive(client: &mut Client, letter: &pb::DeadLetter) -> Result<pb::DeadLetter, Status> {
    let request = pb::RedriveDeadLetterRequest {
        name: letter.name.clone(),
        request_id: REQUEST.to_owned(),
        ..Default::default()
    };
    client.redrive_dead_letter(request).await.map(tonic::Response::into_inner)
}

async fn get(client: &Client, name: &str) -> Result<pb::DeadLetter, Status> {
    let request = pb::GetDeadLetterRequest { name: name.to_owned() };
    client.clone().get_dead_letter(request).await.map(tonic::Response::into_inner)
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

store_suite! { Nothing;
    async fn an_event_that_fails_is_put_aside_after_five_attempts_and_the_queue_goes_on(db) {
        for fate in [Fate::Fails, Fate::Panics] {
            let (bus, taster) = (Bus::local(), Taster::new(fate));
            let events = vec![envelope("poison"), envelope("next")];
            feed(&bus, &*inbox(&db, &bus, &taster), events.clone()).await;
            assert_eq!((taster.tries(), taster.applied()), (5, vec!["next".to_owned()]), "{fate:?}");
            // Whatever sends it once more, it is known.
            feed(&bus, &*inbox(&db, &bus, &taster), events).await;
            assert_eq!(taster.tries(), 5, "{fate:?}");
        }
    }

    async fn an_event_that_kills_its_process_is_put_aside_after_five_deaths(db) {
        let (event, taster) = (envelope("poison"), Taster::new(Fate::Hangs));
        for death in 1..=5 {
            // A process of its own: what it had in memory dies with it.
            let bus = Bus::local();
            let (worker, stop) = (inbox(&db, &bus, &taster), CancellationToken::new());
            let begun = async {
                eventually("the event is in hand", async || (taster.tries() == death).then_some(())).await;
            };
            tokio::select! {
                _ = bus.publish("leave", event.clone()) => panic!("nobody acknowledged"),
                _ = worker.run(&stop) => panic!("the consumer hangs"),
                () = begun => {}
            }
        }
        let bus = Bus::local();
        feed(&bus, &*inbox(&db, &bus, &taster), vec![event, envelope("next")]).await;
        assert_eq!((taster.tries(), taster.applied()), (5, vec!["next".to_owned()]));
        let letters = list(&mut client(&serve(&db, &taster))).await;
        assert_eq!((letters.len(), letters[0].attempts), (1, 5));
        assert!(letters[0].error.contains("process ended"), "{}", letters[0].error);
    }

    async fn waiting_for_a_neighbor_does_not_count(db) {
        let (bus, taster) = (Bus::local(), Taster::new(Fate::Waits));
        let (worker, stop) = (inbox(&db, &bus, &taster), CancellationToken::new());
        let waits = async {
            while taster.tries() < 20 {
                assert!(worker.run(&stop).await.is_err());
            }
            taster.turn(Fate::Fails);
            while taster.tries() < 24 {
                assert!(worker.run(&stop).await.is_err());
            }
            taster.turn(Fate::Works);
            worker.run(&stop).await.unwrap();
        };
        let (sent, ()) = tokio::join!(bus.publish("leave", envelope("poison")), waits);
        sent.unwrap();
        assert_eq!(taster.applied(), ["poison"], "the fifth attempt that counts is the last one");
    }

    async fn a_dead_letter_tells_what_it_is_about_and_not_what_it_says(db) {
        let taster = Taster::new(Fate::Fails);
        let local = serve(&db, &taster);
        let letter = buried(&db, &taster, &mut client(&local)).await;
        let id = letter.name.strip_prefix("consumers/test-on-leave-events/deadLetters/").unwrap();
        assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
        let expected = pb::DeadLetter {
            name: letter.name.clone(),
            kind: "mathildanesth.leave.v1.LeaveRejected".into(),
            hospital: "hospitals/chu".into(),
            subject: "poison".into(),
            error: "indigestible".into(),
            attempts: 5,
            state: State::Buried.into(),
            event_time: Some(prost_types::Timestamp::default()),
            fail_time: letter.fail_time,
            etag: "\"1\"".into(),
        };
        assert_eq!(letter, expected);
        assert_eq!(get(&client(&local), &letter.name).await.unwrap(), expected);
    }

    async fn a_dead_letter_is_applied_when_somebody_asks_for_it(db) {
        let taster = Taster::new(Fate::Fails);
        let local = serve(&db, &taster);
        let mut client = client(&local);
        let letter = buried(&db, &taster, &mut client).await;
        taster.turn(Fate::Works);
        let first = redrive(&mut client, &letter).await.unwrap();
        assert_eq!(first.state(), State::RedriveQueued);
        eventually("the letter is gone", async || {
            get(&client, &letter.name).await.err().filter(|error| error.code() == Code::NotFound)
        })
        .await;
        assert_eq!(taster.applied(), ["poison"]);
        assert_eq!(redrive(&mut client, &letter).await.unwrap(), first, "the same request, the same answer");
        assert_eq!((taster.applied().len(), taster.tries()), (1, 6));
    }

    async fn a_dead_letter_that_fails_again_is_a_dead_letter_again(db) {
        let taster = Taster::new(Fate::Fails);
        let local = serve(&db, &taster);
        let mut client = client(&local);
        let letter = buried(&db, &taster, &mut client).await;
        taster.turn(Fate::Panics);
        redrive(&mut client, &letter).await.unwrap();
        let again = eventually("it has failed again", async || {
            let letter = get(&client, &letter.name).await.unwrap();
            (letter.state() == State::Buried && letter.error == "the consumer panicked").then_some(letter)
        })
        .await;
        assert_eq!((again.attempts, taster.tries()), (6, 6), "an order is one attempt");
        assert_ne!(again.etag, letter.etag);
        let stale = pb::RedriveDeadLetterRequest { name: letter.name, etag: letter.etag, ..Default::default() };
        let refused = client.redrive_dead_letter(stale).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    }

    async fn a_dead_letter_stays_queued_while_a_neighbor_is_away(db) {
        let taster = Taster::new(Fate::Fails);
        let local = serve(&db, &taster);
        let mut client = client(&local);
        let letter = buried(&db, &taster, &mut client).await;
        taster.turn(Fate::Waits);
        redrive(&mut client, &letter).await.unwrap();
        eventually("it was tried twice", async || (taster.tries() > 6).then_some(())).await;
        taster.turn(Fate::Works);
        eventually("the letter is gone", async || get(&client, &letter.name).await.err()).await;
        assert_eq!(taster.applied(), ["poison"]);
    }

    async fn a_deleted_dead_letter_is_never_applied(db) {
        let taster = Taster::new(Fate::Fails);
        let local = serve(&db, &taster);
        let mut client = client(&local);
        let letter = buried(&db, &taster, &mut client).await;
        let request = pb::DeleteDeadLetterRequest { name: letter.name.clone(), etag: letter.etag.clone() };
        client.delete_dead_letter(request.clone()).await.unwrap();
        for gone in [
            client.delete_dead_letter(request).await.unwrap_err(),
            redrive(&mut client, &letter).await.unwrap_err(),
        ] {
            assert_eq!((gone.code(), reason(&gone).as_str()), (Code::NotFound, "NOT_FOUND"));
        }
        assert!(taster.applied().is_empty());
    }

    async fn dead_letters_come_in_pages_of_one_consumer_or_of_all(db) {
        let taster = Taster::new(Fate::Fails);
        let local = serve(&db, &taster);
        let (bus, mut client) = (Bus::local(), client(&local));
        feed(&bus, &*inbox(&db, &bus, &taster), vec![envelope("poison"), envelope("poison"), envelope("poison")]).await;
        let mut request = pb::ListDeadLettersRequest {
            parent: "consumers/test-on-leave-events".into(),
            page_size: 2,
            ..Default::default()
        };
        let first = client.list_dead_letters(request.clone()).await.unwrap().into_inner();
        request.page_token = first.next_page_token;
        let second = client.list_dead_letters(request.clone()).await.unwrap().into_inner();
        assert_eq!((first.dead_letters.len(), second.dead_letters.len()), (2, 1));
        assert!(second.next_page_token.is_empty());
        let all: Vec<_> = first.dead_letters.into_iter().chain(second.dead_letters).collect();
        assert_eq!(all, list(&mut client).await);
        request.parent = "consumers/test-on-staff-events".into();
        let refused = client.list_dead_letters(request.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID");
        request.page_token = String::new();
        assert!(client.list_dead_letters(request).await.unwrap().into_inner().dead_letters.is_empty());
    }

    async fn what_the_version_before_put_aside_is_shown_too(db) {
        let taster = Taster::new(Fate::Works);
        let mut client = client(&serve(&db, &taster));
        let row = "INSERT INTO dead_letter (consumer, event_id, kind, hospital, envelope, error, time) \
                   VALUES ('test.on_leave_events', 'e', 'k', 'chu', '', 'old', 7)";
        let tx = db.begin(&chassis::Ctx::system("test", &Clock::system())).await.unwrap();
        tx.execute_unprepared(row).await.unwrap();
        tx.commit().await.unwrap();
        let letter = list(&mut client).await.pop().unwrap();
        assert_eq!((letter.attempts, letter.state(), letter.etag.as_str()), (0, State::Buried, "\"1\""));
    }

    async fn only_the_operator_is_let_in(db) {
        let local = serve(&db, &Taster::new(Fate::Works));
        for (caller, code) in [("", Code::Unauthenticated), ("gateway", Code::PermissionDenied)] {
            let peer = chassis::Peer::local(caller, "test", local.app.clone());
            let request = pb::ListDeadLettersRequest { parent: "consumers/-".into(), ..Default::default() };
            let refused = DeadLetterServiceClient::new(peer).list_dead_letters(request).await.unwrap_err();
            assert_eq!(refused.code(), code, "{caller}");
        }
    }
}
