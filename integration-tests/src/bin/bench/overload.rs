//! What is still answered in time when more is asked than there is time for.
//!
//! The mesh has one core, the users another: otherwise those who ask would take from those who answer, and the figure
//! would be of both.

use std::{
    process::{self, Command},
    sync::Arc,
    time::{Duration, Instant},
};

use chassis::BoxError;
use integration_tests::{
    load::World,
    mesh::{Administrator, Mesh},
};
use mathildanesth::demo;
use tokio::{task::JoinSet, time::MissedTickBehavior};
use tonic::Code;

/// How long everybody waits for an answer, and says so.
const IN_TIME: Duration = Duration::from_secs(1);
/// Users who ask again as soon as they are answered: enough to keep one core busy.
const USERS: u64 = 24;
/// Users do not share one connection, on which calls beyond its streams would wait before anybody is asked.
const CONNECTIONS: usize = 32;
const LASTS: Duration = Duration::from_secs(10);
/// Before anything is counted.
const WARM_UP: Duration = Duration::from_secs(5);
/// Times what can be answered.
const FACTORS: [f64; 3] = [1.0, 2.0, 4.0];

/// What became of the requests of a time.
#[derive(Default)]
struct Tally {
    good: Vec<Duration>,
    shed: Vec<Duration>,
    late: usize,
    failed: usize,
}

/// Answers the figures.
pub async fn overload() -> Result<Vec<String>, BoxError> {
    let administrator =
        Administrator { hospital: demo::HOSPITAL, email: demo::ADMINISTRATOR, password: demo::PASSWORD };
    keep_to(0)?;
    let mesh = tokio::task::spawn_blocking(move || Mesh::start(1, &administrator)).await??;
    keep_to(1)?;
    let doors = vec![mesh.addresses(); CONNECTIONS].concat();
    let world = Arc::new(World::build(&doors, &mesh.authority(), 1).await?);
    closed(&world, WARM_UP).await?;
    let capacity = closed(&world, LASTS).await?.good.len() as f64 / LASTS.as_secs_f64();
    println!("a colleague is looked at, over TLS, gateway and staff; the mesh has one core\n");
    println!(
        "| asked, /s | in time, /s | of what can be answered | p99 of them | turned away, /s | p99 of them | late | failed |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|");
    println!("| {capacity:.0} (closed, {USERS} users) | {capacity:.0} | 100 % | | | | | |");
    let mut figures = vec![format!("overload_capacity {capacity:.0} 1/s")];
    for factor in FACTORS {
        let mut tally = open(&world, capacity * factor).await?;
        let each_second = |count: usize| count as f64 / LASTS.as_secs_f64();
        let good = each_second(tally.good.len());
        let share = 100.0 * good / capacity;
        println!(
            "| {:.0} ({factor} ×) | {good:.0} | {share:.0} % | {:.0} ms | {:.0} | {:.0} ms | {} | {} |",
            capacity * factor,
            p99(&mut tally.good),
            each_second(tally.shed.len()),
            p99(&mut tally.shed),
            tally.late,
            tally.failed,
        );
        figures.push(format!("overload_{factor}x_goodput_pct {share:.1} %"));
        figures.push(format!("overload_{factor}x_failed {} requests", tally.failed));
    }
    println!();
    drop(mesh);
    Ok(figures)
}

/// Keeps this process, and whatever it starts from now on, to one core.
fn keep_to(core: u32) -> Result<(), BoxError> {
    let mut command = Command::new("taskset");
    command.args(["-a", "-cp", &core.to_string(), &process::id().to_string()]);
    match command.output()?.status.success() {
        true => Ok(()),
        false => Err("needs a machine with two cores, and taskset".into()),
    }
}

/// Users who wait for their answers.
async fn closed(world: &Arc<World>, lasts: Duration) -> Result<Tally, BoxError> {
    let end = Instant::now() + lasts;
    let mut users = JoinSet::new();
    for user in 0..USERS {
        let world = world.clone();
        users.spawn(async move {
            let (mut tally, mut draw) = (Tally::default(), user);
            while Instant::now() < end {
                let (took, code) = world.read_once(draw, IN_TIME).await;
                tally.add(took, code);
                draw += USERS;
            }
            tally
        });
    }
    let mut all = Tally::default();
    while let Some(tally) = users.join_next().await {
        all.merge(tally?);
    }
    Ok(all)
}

/// Users who come whether the ones before were answered or not.
async fn open(world: &Arc<World>, rate: f64) -> Result<Tally, BoxError> {
    let mut beat = tokio::time::interval(Duration::from_secs(1).div_f64(rate));
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let end = Instant::now() + LASTS;
    let mut users = JoinSet::new();
    for draw in 0.. {
        beat.tick().await;
        if Instant::now() >= end {
            break;
        }
        let world = world.clone();
        users.spawn(async move { world.read_once(draw, IN_TIME).await });
    }
    let mut tally = Tally::default();
    while let Some(answer) = users.join_next().await {
        let (took, code) = answer?;
        tally.add(took, code);
    }
    Ok(tally)
}

/// In milliseconds.
fn p99(times: &mut [Duration]) -> f64 {
    times.sort();
    times.get(times.len() * 99 / 100).map_or(0.0, |time| 1e3 * time.as_secs_f64())
}

// === impl Tally ===

impl Tally {
    fn add(&mut self, took: Duration, code: Code) {
        match code {
            Code::Ok if took <= IN_TIME => self.good.push(took),
            Code::Ok | Code::DeadlineExceeded => self.late += 1,
            Code::ResourceExhausted => self.shed.push(took),
            _ => self.failed += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.good.extend(other.good);
        self.shed.extend(other.shed);
        self.late += other.late;
        self.failed += other.failed;
    }
}
