//! Generations: two instances of planning, three solvers, people who ask, ask again and cancel.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bus::Bus;
use chassis::{
    App, KeySource, Launch, Peer, Process, Role, Service,
    config::Server as Limits,
    testing::{Identity, serve_local, with_token},
};
use http_body_util::{BodyExt, Full};
use jiff::SignedDuration;
use planning::{Config, Deps, Planning};
use prost::Message;
use proto::planning::v1::{self as pb, planning_service_client::PlanningServiceClient};
use sea_orm_migration::MigratorTrait;
use solver::Solver;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status, body::Body};
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};

use super::ground::{
    Broken, Plant, Run, Sim,
    broker::Broker,
    check,
    database::{Server, Template},
    finds,
    machine::{BEGIN, Machine},
    run,
};

/// Staff and leave, from the tables that planning's own tests use.
#[path = "../../../../services/planning/tests/api/department.rs"]
#[allow(dead_code)]
mod department;

const HOSPITAL: &str = "chu";

/// Plans to generate, with their first days; at most one generation runs for each.
const PLANS: [(&str, &str); 3] = [("one", "2027-01-01"), ("two", "2027-02-01"), ("three", "2027-03-01")];

const TRAME: &str = "weekday,week_parity,day_part,site,room,surgeon,specialty,date
1,,MORNING,main,1,s1,,
3,,MORNING,main,2,s1,,
";

/// How long faults last.
const STORM: Duration = Duration::from_secs(90);

/// How soon after them every operation must have ended: all attempts of a task, with leases and pauses between them.
const BOUND: Duration = Duration::from_secs(180);

fn identity() -> Identity {
    Identity::new(BEGIN.parse().unwrap())
}

fn by_boss<M>(message: M) -> tonic::Request<M> {
    with_token(message, &identity().token(HOSPITAL, "boss", "MAR", &[Role::AnesthetistAdministrator]))
}

fn neighbor(name: &'static str) -> Peer {
    Peer::local("planning", name, department::app(department::Switches::default()))
}

/// Planning's database with plans that have shifts, made once.
fn template() -> &'static Template {
    static TEMPLATE: OnceLock<(Template, durable::testing::TempDir)> = OnceLock::new();
    let make = async || {
        let (db, folder) = durable::testing::sqlite(planning::Migrator).await;
        let (staff, leave) = (neighbor("staff"), neighbor("leave"));
        let deps = Deps { db, bus: Bus::local(), staff, leave, keys: identity().keys() };
        let parts = Planning::build(Config::default(), deps).await.unwrap();
        let clock = chassis::Clock::fixed(BEGIN.parse().unwrap());
        let local = serve_local("gateway", "planning", parts, clock).unwrap();
        let mut client = PlanningServiceClient::new(local.peer.clone());
        let parent = format!("hospitals/{HOSPITAL}");
        let import = pb::ImportTemplateRequest {
            parent: parent.clone(),
            display_name: "Trame".into(),
            file_name: "trame.csv".into(),
            content: TRAME.as_bytes().to_vec(),
            ..Default::default()
        };
        let template = client.import_template(by_boss(import)).await.unwrap().into_inner().name;
        for (plan, first) in PLANS {
            let create = pb::CreatePlanRequest {
                parent: parent.clone(),
                plan_id: plan.into(),
                plan: Some(pb::Plan {
                    first_date: Some(department::date(first)),
                    sites: vec![format!("{parent}/sites/main")],
                    ..Default::default()
                }),
                request_id: String::new(),
            };
            let name = client.create_plan(by_boss(create)).await.unwrap().into_inner().name;
            let apply = pb::ApplyTemplateRequest { name, template: template.clone(), ..Default::default() };
            client.apply_template(by_boss(apply)).await.unwrap();
        }
        let rows = folder.path().join("test.sqlite");
        (Template::new(planning::Migrator::migrations(), Some(rows)).await, folder)
    };
    &TEMPLATE
        .get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(make())
        })
        .0
}

/// Instances of planning as their callers reach them.
type Instances = Arc<Mutex<Vec<(Arc<Machine>, Option<App>)>>>;

struct World {
    sim: Arc<Sim>,
    broker: Broker,
    database: Server,
    instances: Instances,
    planners: Vec<Arc<Machine>>,
    solvers: Vec<Arc<Machine>>,
    client: Arc<Machine>,
    seen: Arc<Mutex<Seen>>,
}

/// What callers and the test have seen.
#[derive(Default)]
struct Seen {
    /// Which operation a request id was answered with.
    answers: BTreeMap<String, String>,
    /// How each operation ended.
    ends: BTreeMap<String, Vec<String>>,
    unfinished: usize,
    broken: Option<Broken>,
}

// === impl World ===

impl World {
    fn new(sim: &Arc<Sim>) -> Self {
        let database = Server::new(sim, "planning", template());
        // What the tables alone do not tell: each time a task was handed out.
        database.prepare(
            "CREATE TABLE handed_out (task TEXT, attempt INTEGER, worker TEXT);
             CREATE TRIGGER hand_out AFTER UPDATE ON task WHEN new.state = 'LEASED'
                AND (old.state <> 'LEASED' OR old.worker <> new.worker OR old.attempt <> new.attempt)
             BEGIN INSERT INTO handed_out VALUES (new.id, new.attempt, new.worker); END;",
        );
        let machines =
            |name: &str, count| (0..count).map(|at| Machine::new(sim, format!("{name}-{at}"))).collect();
        let planners: Vec<_> = machines("planning", 2);
        Self {
            sim: sim.clone(),
            broker: Broker::new(sim),
            database,
            instances: Arc::new(Mutex::new(planners.iter().map(|own| (own.clone(), None)).collect())),
            planners,
            solvers: machines("solver", 3),
            client: Machine::new(sim, "client"),
            seen: Arc::default(),
        }
    }

    async fn boot(&self, machine: &Arc<Machine>) {
        machine.boot();
        let bus = self.broker.bus(machine);
        let process = |name| Process {
            name,
            clock: machine.clock(),
            stop: CancellationToken::new(),
            certificates: None,
        };
        let Some(at) = self.planners.iter().position(|own| Arc::ptr_eq(own, machine)) else {
            let config = solver::Config { threads: 1, search_threads: 1, ..solver::Config::default() };
            let keys = KeySource::fixed(Vec::new());
            let deps = solver::Deps {
                planning: self.planning("solver", machine),
                bus,
                clock: machine.clock(),
                keys,
            };
            let parts = Solver::build(config, deps).await.unwrap();
            machine
                .run(Launch::new("solver", parts, &Limits::default(), &process("solver")).unwrap().workers);
            return;
        };
        let (db, keys) = (self.database.open(machine), identity().keys());
        let deps = Deps { db, bus, staff: neighbor("staff"), leave: neighbor("leave"), keys };
        let parts = Planning::build(Config::default(), deps).await.unwrap();
        let launch = Launch::new("planning", parts, &Limits::default(), &process("planning")).unwrap();
        machine.run(launch.workers);
        self.instances.lock().unwrap()[at].1 = Some(launch.app);
    }

    /// Planning as somebody on a machine reaches it: one of its instances, over a network that loses messages.
    fn planning(&self, caller: &'static str, from: &Arc<Machine>) -> Peer {
        let (sim, from, instances) = (self.sim.clone(), from.clone(), self.instances.clone());
        let (database, seen) = (self.database.clone(), self.seen.clone());
        let app = service_fn(move |request: http::Request<Body>| {
            let (sim, from, instances) = (sim.clone(), from.clone(), instances.clone());
            let (database, seen) = (database.clone(), seen.clone());
            async move {
                let answer = call(&sim, &from, &instances, &database, &seen, request).await;
                Ok(answer.unwrap_or_else(|| Status::unavailable("no answer").into_http()))
            }
        });
        Peer::local(caller, "planning", BoxCloneSyncService::new(app))
    }

    /// Plays faults for a while, then mends everything.
    async fn storm(&self) -> Result<(), Broken> {
        let (sim, chance) = (&self.sim, &self.sim.chance);
        let kinds: Vec<usize> = (0..6).filter(|_| chance.happens(0.6)).collect();
        let pause = chance.millis(300, 6_000);
        let end = Instant::now() + STORM;
        let machines: Vec<&Arc<Machine>> = self.planners.iter().chain(&self.solvers).collect();
        while Instant::now() < end {
            sleep(pause.mul_f64(0.2 + chance.share())).await;
            self.broken()?;
            let machine = machines[chance.below(machines.len())];
            let lasts =
                if chance.happens(0.7) { chance.millis(10, 4_000) } else { chance.millis(4_000, 30_000) };
            let after = Instant::now() + lasts;
            match kinds.get(chance.below(kinds.len().max(1))).copied() {
                Some(0) => {
                    machine.kill();
                    sleep(lasts.min(Duration::from_secs(10))).await;
                    self.boot(machine).await;
                }
                Some(1) => {
                    machine.hang(true);
                    let machine = machine.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep_until(after).await;
                        machine.hang(false);
                    });
                }
                Some(2) => {
                    machine.cut(true);
                    let machine = machine.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep_until(after).await;
                        machine.cut(false);
                    });
                }
                Some(3) => {
                    let offset = [-3_600, -5, 5, 3_600][chance.below(4)];
                    machine
                        .disturb_clock(SignedDuration::from_secs(offset), [0.5, 1.0, 2.0][chance.below(3)]);
                }
                Some(4) => {
                    self.database.stop(true);
                    sleep(lasts.min(Duration::from_secs(8))).await;
                    self.database.stop(false);
                }
                Some(5) => self.broker.flush(),
                _ => {}
            }
        }
        sim.calm();
        for machine in machines {
            machine.cut(false);
            machine.disturb_clock(SignedDuration::ZERO, 1.0);
            match machine.is_dead() {
                true => self.boot(machine).await,
                false => machine.hang(false),
            }
        }
        Ok(())
    }

    /// What must hold at every moment.
    fn broken(&self) -> Result<(), Broken> {
        let twice =
            "SELECT task, attempt, COUNT(*) FROM handed_out GROUP BY task, attempt HAVING COUNT(*) > 1";
        if let Some(row) = self.database.ask(twice).first() {
            let task = self.sim.trace.name(&row[0]);
            return Err(format!("task {task} was handed to {} solvers under attempt {}", row[2], row[1]));
        }
        let mut seen = self.seen.lock().unwrap();
        if let Some(broken) = &seen.broken {
            return Err(broken.clone());
        }
        let ended = "SELECT id, proposal, error_reason FROM operation WHERE done ORDER BY id";
        for mut row in self.database.ask(ended) {
            let id = row.remove(0);
            let before = seen.ends.entry(id.clone()).or_insert_with(|| row.clone());
            if *before != row {
                return Err(format!("operation {} ended twice", self.sim.trace.name(&id)));
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let open = self.database.ask("SELECT COUNT(*) FROM operation WHERE NOT done");
        open[0][0] == "0" && self.seen.lock().unwrap().unfinished == 0
    }

    fn check(&self) -> Result<(), Broken> {
        self.broken()?;
        let seen = self.seen.lock().unwrap();
        if seen.unfinished > 0 {
            return Err(format!("{} people have no answer {BOUND:?} after the last fault", seen.unfinished));
        }
        let name = |id: &str| self.sim.trace.name(id);
        let operations =
            self.database.ask("SELECT id, done, proposal, error_reason FROM operation ORDER BY id");
        let answered: BTreeSet<&str> =
            seen.answers.values().filter_map(|operation| operation.rsplit('/').next()).collect();
        if answered.len() != seen.answers.len() || operations.len() != answered.len() {
            return Err(format!(
                "{} request ids have begun {} operations, and were told of {}",
                seen.answers.len(),
                operations.len(),
                answered.len()
            ));
        }
        for row in operations {
            let (id, done, proposal, reason) = (&row[0], &row[1], &row[2], &row[3]);
            if done != "1" {
                return Err(format!("operation {} has not ended {BOUND:?} after the last fault", name(id)));
            }
            if proposal.is_empty() == reason.is_empty() {
                return Err(format!("operation {} has not one result: {proposal} {reason}", name(id)));
            }
            let proposals =
                self.database.ask(&format!("SELECT COUNT(*) FROM proposal WHERE operation = '{id}'"));
            if proposals[0][0] != if proposal.is_empty() { "0" } else { "1" } {
                return Err(format!("operation {} has {} proposals", name(id), proposals[0][0]));
            }
            let told = format!(
                "SELECT COUNT(*) FROM outbox WHERE kind LIKE '%Generation%' AND subject LIKE '%/operations/{id}'"
            );
            if self.database.ask(&told)[0][0] != "1" {
                return Err(format!(
                    "the end of operation {} was told {} times",
                    name(id),
                    self.database.ask(&told)[0][0]
                ));
            }
        }
        if let Some(row) = self.database.ask("SELECT COUNT(*) FROM task WHERE state <> 'DONE'").first()
            && row[0] != "0"
        {
            return Err(format!("{} tasks are left", row[0]));
        }
        Ok(())
    }

    /// Asks for generations of one plan, one after the other.
    fn ask(&self, plan: &'static str, count: usize) {
        self.seen.lock().unwrap().unfinished += 1;
        let (sim, seen, peer) = (self.sim.clone(), self.seen.clone(), self.planning("gateway", &self.client));
        self.client.spawn(async move {
            for _ in 0..count {
                sleep(sim.chance.millis(10, 20_000)).await;
                generate(&sim, &seen, &mut PlanningServiceClient::new(peer.clone()), plan).await;
            }
            seen.lock().unwrap().unfinished -= 1;
        });
    }
}

/// One call over the network.
async fn call(
    sim: &Arc<Sim>,
    from: &Arc<Machine>,
    instances: &Instances,
    database: &Server,
    seen: &Arc<Mutex<Seen>>,
    request: http::Request<Body>,
) -> Option<http::Response<Body>> {
    let path = request.uri().path().to_owned();
    let method = path.rsplit('/').next().unwrap_or_default();
    sim.travel(from).await.ok()?;
    let (machine, app) = {
        let instances = instances.lock().unwrap();
        let (machine, app) = &instances[sim.chance.below(instances.len())];
        (machine.clone(), app.clone()?)
    };
    if machine.is_cut() || machine.is_dead() {
        sleep(sim.chance.millis(1, 2_000)).await;
        return None;
    }
    let (request, named) = read(sim, database, method, request).await;
    let answer = machine.life().live(app.oneshot(request)).await.ok()?;
    let Ok(answer) = answer;
    let code =
        answer.headers().get("grpc-status").map_or("0", |code| code.to_str().unwrap_or("?")).to_owned();
    sim.trace.say(format_args!("{} calls {method} of {}: {code}", from.name, machine.name));
    if let Some((task, attempt, newest)) = named
        && code == "0"
        && attempt < newest
    {
        let text = format!(
            "{method} of task {} under attempt {attempt} was taken after attempt {newest}",
            sim.trace.name(&task)
        );
        seen.lock().unwrap().broken.get_or_insert(text);
    }
    sim.travel(from).await.ok()?;
    Some(answer)
}

/// The task and attempt a solver's call names, and the newest attempt there is.
async fn read(
    sim: &Sim,
    database: &Server,
    method: &str,
    request: http::Request<Body>,
) -> (http::Request<Body>, Option<(String, i32, i32)>) {
    if !["ReportProgress", "SaveCheckpoint", "CompleteTask", "DivideTask"].contains(&method) {
        return (request, None);
    }
    let (head, body) = request.into_parts();
    let mut bytes = body.collect().await.unwrap().to_bytes().to_vec();
    // All of them begin alike: the name of the task, then the attempt.
    let said = pb::ReportProgressRequest::decode(&bytes[5..]);
    let (name, attempt) = match said {
        Ok(said) => (said.name, said.attempt),
        Err(_) => {
            let said = pb::SaveCheckpointRequest::decode(&bytes[5..]);
            let said = said.map(|said| (said.name, said.attempt));
            said.or_else(|_| {
                pb::CompleteTaskRequest::decode(&bytes[5..]).map(|said| (said.name, said.attempt))
            })
            .unwrap()
        }
    };
    let task = name.rsplit('/').next().unwrap_or_default().to_owned();
    let newest = database.ask(&format!("SELECT attempt FROM task WHERE id = '{task}'"));
    let newest = newest.first().map_or(attempt, |row| row[0].parse().unwrap());
    if sim.plant == Some(Plant::UnfencedTasks) && newest != attempt {
        // A field that comes again wins.
        let again = pb::ReportProgressRequest { attempt: newest, ..Default::default() };
        bytes.extend(again.encode_to_vec());
        let length = u32::try_from(bytes.len() - 5).unwrap().to_be_bytes();
        bytes[1..5].copy_from_slice(&length);
    }
    (http::Request::from_parts(head, Body::new(Full::from(bytes))), Some((task, attempt, newest)))
}

/// Asks for one generation until there is an answer, and follows it to its end; now and then cancels it.
async fn generate(sim: &Sim, seen: &Mutex<Seen>, client: &mut PlanningServiceClient<Peer>, plan: &str) {
    let request_id = {
        let (high, low) = (sim.chance.below(usize::MAX), sim.chance.below(usize::MAX));
        uuid::Uuid::from_u64_pair(high as u64, low as u64).to_string()
    };
    let asked = pb::GeneratePlanRequest {
        name: format!("hospitals/{HOSPITAL}/plans/{plan}"),
        seed: sim.chance.below(1_000) as u64,
        step_limit: 20,
        request_id: request_id.clone(),
        ..Default::default()
    };
    let mut is_eager = sim.chance.happens(0.3);
    let operation = loop {
        let answer = client.generate_plan(by_boss(asked.clone())).await.map(Response::into_inner);
        let Ok(operation) = answer else {
            sleep(sim.chance.millis(100, 2_000)).await;
            continue;
        };
        let before = seen.lock().unwrap().answers.insert(request_id.clone(), operation.name.clone());
        if before.is_some_and(|before| before != operation.name) {
            seen.lock().unwrap().broken = Some("a request id was answered with two operations".to_owned());
        }
        // Whoever is not sure asks again.
        if !std::mem::take(&mut is_eager) {
            break operation.name;
        }
    };
    let is_cancelled = sim.chance.happens(0.25);
    sleep(sim.chance.millis(0, 3_000)).await;
    loop {
        if is_cancelled {
            let cancel = pb::CancelOperationRequest { name: operation.clone() };
            let _ = client.cancel_operation(by_boss(cancel)).await;
        }
        let get = pb::GetOperationRequest { name: operation.clone() };
        if client.get_operation(by_boss(get)).await.is_ok_and(|answer| answer.into_inner().done) {
            return;
        }
        sleep(sim.chance.millis(200, 2_000)).await;
    }
}

async fn scenario(sim: Arc<Sim>) -> Result<(), Broken> {
    let world = World::new(&sim);
    for machine in world.planners.iter().chain(&world.solvers) {
        world.boot(machine).await;
    }
    world.client.boot();
    for (plan, _) in PLANS {
        world.ask(plan, 1 + sim.chance.below(3));
    }
    world.storm().await?;
    sim.eventually(BOUND, || {
        world.broken()?;
        Ok(world.is_over())
    })
    .await?;
    world.check()
}

fn one(seed: u64, plant: Option<Plant>) -> Run {
    template();
    run(seed, plant, scenario)
}

#[test]
fn generations_end_once_whatever_dies() {
    check("integration-tests", "generations_end_once", 10, one);
}

#[test]
fn a_seed_of_generations_replays() {
    for seed in 0..3 {
        assert_eq!(one(seed, None), one(seed, None), "seed {seed}");
    }
}

#[test]
fn planted_bugs_of_generations_are_found() {
    for plant in [Plant::UnfencedTasks, Plant::ForgetfulRequests] {
        finds(plant, 10, one);
    }
}
