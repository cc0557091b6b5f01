//! The all-in-one: how fast it starts, how little it needs, how fast it answers.

use std::{
    io,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use chassis::BoxError;
use integration_tests::{
    mesh::{is_ready, program},
    process::{Process, free_port},
};
use mathildanesth::demo::{
    self, Play,
    report::Report,
    story::{Step, Story},
    visitor::Visitor,
};
use proto::planning::v1::{ListAssignmentsRequest, planning_service_client::PlanningServiceClient};
use tonic::transport::Channel;

const READY_MAX: Duration = Duration::from_secs(30);
/// How long the process is left alone before its memory is read.
const REST: Duration = Duration::from_secs(3);

/// Measures it and prints the figures.
pub async fn start(play: &Play, calls: usize) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let (mut ready, mut whole) = (vec![], None);
    // Five starts on an empty folder; the last one stays.
    for turn in 0..5 {
        let all = AllInOne::start(&folder.path().join(turn.to_string()))?;
        ready.push(all.ready);
        whole = Some(all);
    }
    let whole = whole.ok_or("no start")?;
    tokio::time::sleep(REST).await;
    let rest_rss = rss_mib(whole.process.id())?;

    let address = format!("http://127.0.0.1:{}", whole.gateway);
    let mut story = Story::new(demo::setting(play, &address, None, Duration::from_secs(20))?, |_| ());
    for step in Step::ALL {
        story.play(step).await?;
    }
    let faults = Report::of(&story.outcome).faults();
    if let Some(fault) = faults.first() {
        return Err(fault.clone().into());
    }

    let administrator = story.administrator();
    let (through, direct) = lists(administrator, whole.planning, &story.outcome.plan.name, calls).await?;
    let holes = story.outcome.proposal.hole_count;
    let posts = story.outcome.assignments.len();
    let month = story.outcome.generation_seconds;
    ready.sort_by(f64::total_cmp);

    println!("the all-in-one, release, {} cores", std::thread::available_parallelism()?);
    println!(
        "  start to ready        {:>9.3} s    (median of {}, worst {:.3})",
        ready[2],
        ready.len(),
        ready[4]
    );
    println!("  memory at rest        {rest_rss:>9.1} MiB");
    println!("  department's month    {month:>9.2} s    ({posts} posts, {holes} holes, no hard rule broken)");
    println!("  ListAssignments, {calls} calls of each, in turn:");
    println!("    gateway, gRPC-web   p50 {:>7.2} ms  p99 {:>7.2} ms", through.at(50), through.at(99));
    println!("    direct, gRPC        p50 {:>7.2} ms  p99 {:>7.2} ms", direct.at(50), direct.at(99));
    println!(
        "    ratio               p50 {:>7.2}     p99 {:>7.2}",
        through.at(50) / direct.at(50),
        through.at(99) / direct.at(99)
    );
    println!("figure ready_s {:.3} s", ready[2]);
    println!("figure rest_rss_mib {rest_rss:.1} MiB");
    println!("figure department_month_s {month:.2} s");
    println!("figure list_p50_ms {:.3} ms", through.at(50));
    println!("figure list_p99_ms {:.3} ms", through.at(99));
    println!("figure list_direct_p50_ms {:.3} ms", direct.at(50));
    println!("figure list_direct_p99_ms {:.3} ms", direct.at(99));
    Ok(())
}

/// The same page, asked through the gateway and from the service itself, in turn.
async fn lists(
    administrator: &Visitor,
    planning: u16,
    plan: &str,
    calls: usize,
) -> Result<(Latencies, Latencies), BoxError> {
    let request = ListAssignmentsRequest { parent: plan.to_owned(), page_size: 1000, ..Default::default() };
    let channel = Channel::from_shared(format!("http://127.0.0.1:{planning}"))?.connect().await?;
    let mut direct = PlanningServiceClient::new(channel).max_decoding_message_size(16 * 1024 * 1024);
    let mut through = administrator.planning();
    let token = administrator.authorization().ok_or("the administrator is not signed in")?;
    let mut latencies = (Latencies::default(), Latencies::default());
    for call in 0..calls + 20 {
        let started = Instant::now();
        through.list_assignments(request.clone()).await?;
        let gateway = started.elapsed();
        let mut signed = tonic::Request::new(request.clone());
        signed.metadata_mut().insert("authorization", token.to_str()?.parse()?);
        let started = Instant::now();
        direct.list_assignments(signed).await?;
        // The first calls warm connections and caches.
        if call >= 20 {
            latencies.0.0.push(gateway);
            latencies.1.0.push(started.elapsed());
        }
    }
    latencies.0.0.sort_unstable();
    latencies.1.0.sort_unstable();
    Ok(latencies)
}

#[derive(Default)]
struct Latencies(Vec<Duration>);

impl Latencies {
    /// The latency that this percentage of calls did not exceed, milliseconds.
    fn at(&self, percentile: usize) -> f64 {
        let index = (self.0.len() * percentile / 100).min(self.0.len().saturating_sub(1));
        self.0.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }
}

struct AllInOne {
    process: Process,
    gateway: u16,
    planning: u16,
    /// From start to `/readyz`, seconds.
    ready: f64,
}

impl AllInOne {
    fn start(data: &Path) -> io::Result<Self> {
        let (gateway, planning, admin) = (free_port()?, free_port()?, free_port()?);
        let mut command = Command::new(program("mathildanesth")?);
        let listen = |port: u16| format!("127.0.0.1:{port}");
        command
            .arg("serve")
            .env("MATHILDANESTH__DATA", data)
            .env("MATHILDANESTH__SERVER__ADMIN_LISTEN", listen(admin))
            .env("MATHILDANESTH__GATEWAY__SERVER__LISTEN", listen(gateway))
            .env("MATHILDANESTH__PLANNING__SERVER__LISTEN", listen(planning))
            .env("MATHILDANESTH__STAFF__BOOTSTRAP__HOSPITAL", demo::HOSPITAL)
            .env("MATHILDANESTH__STAFF__BOOTSTRAP__ADMINISTRATOR_EMAIL", demo::ADMINISTRATOR)
            .env("MATHILDANESTH__STAFF__BOOTSTRAP__ADMINISTRATOR_PASSWORD", demo::PASSWORD);
        for service in ["STAFF", "LEAVE", "NOTIFICATION", "SOLVER"] {
            command.env(format!("MATHILDANESTH__{service}__SERVER__LISTEN"), "127.0.0.1:0");
        }
        std::fs::create_dir_all(data)?;
        let started = Instant::now();
        let mut process = Process::start(command, &data.join("log"))?;
        process.wait_until(READY_MAX, || is_ready(admin))?;
        Ok(Self { process, gateway, planning, ready: started.elapsed().as_secs_f64() })
    }
}

fn rss_mib(pid: u32) -> Result<f64, BoxError> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}
