//! What the gateway counted, and what is suggested by it, between the contract and the domain.

use std::collections::BTreeMap;

use chassis::{Ctx, Problem, Violation};
use durable::time;
use jiff::Timestamp;
use proto::{
    names::HospitalName,
    notification::v1::{self as pb, traffic_service_server::TrafficService},
};
use tonic::{Request, Response};
use uuid::Uuid;

use super::Answer;
use crate::{
    app::App,
    domain::traffic::{Asked, Hour, Report, Suggestions, Window},
};

/// The most hospitals of one report.
const HOSPITALS_MAX: usize = 1_000;

/// The most calls that are believed of one process in one hour: a quarter of a million a second.
const CALLS_MAX: i64 = 1_000_000_000;

/// What the gateway calls.
pub struct TrafficApi {
    app: App,
}

// === impl TrafficApi ===

impl TrafficApi {
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

#[tonic::async_trait]
impl TrafficService for TrafficApi {
    async fn report_traffic(&self, request: Request<pb::ReportTrafficRequest>) -> Answer<()> {
        let ctx = Ctx::of(&request)?;
        self.app.report_traffic(&ctx, read(request.into_inner())).await?;
        Ok(Response::new(()))
    }
}

/// Reads a report, with every violation.
fn read(sent: pb::ReportTrafficRequest) -> Result<Report, Problem> {
    let mut violations = Vec::new();
    let mut refuse = |field: String, text: &str| violations.push(Violation::new(field, text));
    if Uuid::try_parse(&sent.reporter).is_err() {
        refuse("reporter".to_owned(), "expected a UUID");
    }
    let start = sent.start_time.and_then(|start| Timestamp::new(start.seconds, start.nanos).ok());
    let hour = start.map(Hour::of).filter(|hour| Some(hour.start()) == start);
    if hour.is_none() {
        refuse("start_time".to_owned(), "expected a full hour of UTC");
    }
    let mut calls = BTreeMap::new();
    if sent.hospitals.len() > HOSPITALS_MAX {
        refuse("hospitals".to_owned(), "expected at most 1000");
    } else {
        for (index, counted) in sent.hospitals.into_iter().enumerate() {
            let field = |name: &str| format!("hospitals[{index}].{name}");
            if !(0..=CALLS_MAX).contains(&counted.call_count) {
                refuse(field("call_count"), "expected from 0 to 1000000000");
            }
            match HospitalName::parse(&counted.hospital) {
                Err(error) => refuse(field("hospital"), &error.to_string()),
                Ok(name) => {
                    if calls.insert(name.hospital, counted.call_count).is_some() {
                        refuse(field("hospital"), "named before");
                    }
                }
            }
        }
    }
    match hour {
        Some(hour) if violations.is_empty() => {
            Ok(Report { reporter: sent.reporter, hour, is_whole: sent.is_whole, calls })
        }
        _ => Err(Problem::invalid(violations)),
    }
}

/// Reads what was asked for, with every violation.
pub fn asked(sent: &pb::SuggestMaintenanceWindowsRequest) -> Result<Asked, Problem> {
    let mut violations = Vec::new();
    let mut moment = |field: &str, sent: Option<prost_types::Timestamp>| {
        let read = sent.map(|sent| Timestamp::new(sent.seconds, sent.nanos));
        if let Some(Err(_)) = read {
            violations.push(Violation::new(field, "expected a moment that exists"));
        }
        read.and_then(Result::ok)
    };
    let not_before = moment("not_before_time", sent.not_before_time);
    let not_after = moment("not_after_time", sent.not_after_time);
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    Ok(Asked { length_minutes: sent.length_minutes, not_before, not_after, count: sent.window_count_max })
}

/// What is suggested.
pub fn render(found: Suggestions) -> pb::SuggestMaintenanceWindowsResponse {
    let window = |window: Window| pb::MaintenanceWindow {
        start_time: Some(time::to_proto(window.start)),
        end_time: Some(time::to_proto(window.end)),
        expected_call_count: count(window.calls),
        seen_week_count: small(window.weeks),
    };
    pb::SuggestMaintenanceWindowsResponse {
        maintenance_windows: found.windows.into_iter().map(window).collect(),
        usual_call_count: count(found.usual),
        seen_hour_count: small(found.hours),
        seen_since_time: Some(time::to_proto(found.since)),
    }
}

fn count(calls: u64) -> i64 {
    i64::try_from(calls).unwrap_or(i64::MAX)
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
