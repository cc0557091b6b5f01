//! The admin port: `/livez`, `/readyz`, `/metrics`. Not for the outside.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::health::Readiness;

#[derive(Clone)]
struct Admin {
    readiness: Vec<Readiness>,
    metrics: PrometheusHandle,
}

/// Serves the admin port for the services of this process until `stop`.
pub async fn serve(
    listener: TcpListener,
    readiness: Vec<Readiness>,
    metrics: PrometheusHandle,
    stop: CancellationToken,
) {
    let router = Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(exposition))
        .with_state(Admin { readiness, metrics });
    let served = axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "admin port failed");
    }
}

async fn readyz(State(admin): State<Admin>) -> (StatusCode, String) {
    let mut obstacles = String::new();
    for readiness in &admin.readiness {
        for obstacle in readiness.obstacles().await {
            obstacles.push_str(&obstacle);
            obstacles.push('\n');
        }
    }
    if obstacles.is_empty() {
        (StatusCode::OK, "ok\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, obstacles)
    }
}

async fn exposition(State(admin): State<Admin>) -> String {
    admin.metrics.run_upkeep();
    admin.metrics.render()
}
