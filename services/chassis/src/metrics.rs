//! The names of what the chassis measures, and the recorder behind `/metrics`.

use std::sync::OnceLock;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Calls answered, by service, method and gRPC code.
pub const RPC_SECONDS: &str = "mathildanesth_rpc_seconds";
/// Calls being served.
pub const RPC_RUNNING: &str = "mathildanesth_rpc_running";
/// Calls a process has places for now: fewer while calls wait, by service.
pub const RPC_PLACES: &str = "mathildanesth_rpc_places";
/// Calls refused because the process already serves as many as it has places for.
pub const RPC_SHED_TOTAL: &str = "mathildanesth_rpc_shed_total";
/// Calls to neighbours, by peer and outcome (`ok`, `error`, `moved` to another instance).
pub const PEER_CALLS_TOTAL: &str = "mathildanesth_peer_calls_total";
/// Instances of neighbours left out because they could not be reached or did not answer, by peer.
pub const PEER_EJECTIONS_TOTAL: &str = "mathildanesth_peer_ejections_total";
/// Open connections.
pub const CONNECTIONS: &str = "mathildanesth_connections";
/// One worker's runs, by outcome.
pub const WORKER_RUNS_TOTAL: &str = "mathildanesth_worker_runs_total";
/// The time of one worker's run.
pub const WORKER_RUN_SECONDS: &str = "mathildanesth_worker_run_seconds";
/// 1 when a probe answers, 0 when it does not.
pub const PROBE_UP: &str = "mathildanesth_probe_up";

const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Installs the process-wide recorder once; later calls get the same handle.
///
/// # Errors
/// When another recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)?
        .install_recorder()?;
    describe();
    Ok(HANDLE.get_or_init(|| handle).clone())
}

fn describe() {
    describe_histogram!(RPC_SECONDS, Unit::Seconds, "Calls answered, by service, method and gRPC code.");
    describe_gauge!(RPC_RUNNING, "Calls being served.");
    describe_gauge!(RPC_PLACES, "Calls the process has places for now.");
    describe_counter!(RPC_SHED_TOTAL, "Calls refused because all places were taken.");
    describe_counter!(PEER_CALLS_TOTAL, "Calls to neighbours, by peer and outcome.");
    describe_counter!(PEER_EJECTIONS_TOTAL, "Instances of neighbours left out, by peer.");
    describe_gauge!(CONNECTIONS, "Open connections.");
    describe_counter!(WORKER_RUNS_TOTAL, "Runs of a worker, by outcome.");
    describe_histogram!(WORKER_RUN_SECONDS, Unit::Seconds, "The time of one run of a worker.");
    describe_gauge!(PROBE_UP, "1 when a probe answers, 0 when it does not.");
}
