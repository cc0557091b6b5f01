//! Leave: tried before it is sent, and approved with its ledger and its event.
//!
//! One person waits for each answer, over TLS through the gateway, as people do. The department has a history: everything
//! that was approved before is there when the next leave is judged.

use std::time::Duration;

use calendar::Day;
use chassis::BoxError;
use integration_tests::load::World;
use proto::leave::v1::{ApproveLeaveRequest, CreateLeaveRequest, Leave, SimulateLeaveRequest};
use tonic::Code;
use uuid::Uuid;

/// Calls of each kind that count, and those before them that warm connections and caches.
const CALLS: usize = 500;
const WARM_UP: usize = 50;
/// The first day asked for: one leave a day from here, of one person after the other.
const FIRST_DAY: (i32, i32, i32) = (2027, 3, 1);
/// Days are skipped on which somebody does not work; more than that are not there.
const DAYS_MAX: i32 = 3_000;

/// Answers the figures.
pub async fn leave(world: &World) -> Result<Vec<String>, BoxError> {
    let (year, month, day) = FIRST_DAY;
    let first = Day::new(year, month, day)?;
    let (mut simulated, mut approved) = (Vec::new(), Vec::new());
    for turn in 0..DAYS_MAX {
        let day = first.plus(turn);
        let person = world.person(u64::try_from(turn)?);
        let leave = Leave {
            leave_type: format!("{}/leaveTypes/cp", world.hospital),
            first_date: Some(day.into()),
            last_date: Some(day.into()),
            ..Default::default()
        };
        let create = CreateLeaveRequest {
            parent: person.name.clone(),
            leave: Some(leave.clone()),
            request_id: Uuid::new_v4().to_string(),
            validate_only: false,
        };
        let created = person.ask(&world.doors, |visitor| {
            let create = create.clone();
            async move { visitor.leave().create_leave(create).await }
        });
        let created = match created.await.answer {
            Ok(leave) => leave,
            // Not a day on which the person works, or nothing is left of the year.
            Err(status) if status.code() == Code::FailedPrecondition => continue,
            Err(status) => return Err(format!("a leave cannot be asked for: {status}").into()),
        };
        let simulate = SimulateLeaveRequest { parent: person.name.clone(), leave: Some(leave) };
        let tried = person
            .ask_once(&world.doors, |visitor| {
                let simulate = simulate.clone();
                async move { visitor.leave().simulate_leave(simulate).await }
            })
            .await;
        tried.answer?;
        simulated.push(tried.first);
        let approve = ApproveLeaveRequest {
            name: created.name.clone(),
            etag: created.etag.clone(),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let decided = world
            .administrator
            .ask_once(&world.doors, |visitor| {
                let approve = approve.clone();
                async move { visitor.leave().approve_leave(approve).await }
            })
            .await;
        decided.answer?;
        approved.push(decided.first);
        if approved.len() == WARM_UP + CALLS {
            break;
        }
    }
    println!("leave, one person at a time, TLS through the gateway, PostgreSQL");
    let mut figures = Vec::new();
    for (name, times) in [("simulate", &mut simulated), ("approve", &mut approved)] {
        let mut times: Vec<Duration> = times.split_off(WARM_UP.min(times.len()));
        times.sort();
        let (p50, p99) = (at(&times, 50), at(&times, 99));
        println!("  {name:<10} p50 {p50:>7.2} ms   p99 {p99:>7.2} ms   ({} calls)", times.len());
        figures.push(format!("leave_{name}_p50_ms {p50:.3} ms"));
        figures.push(format!("leave_{name}_p99_ms {p99:.3} ms"));
    }
    Ok(figures)
}

/// The time that this percentage of calls did not exceed, in milliseconds.
fn at(times: &[Duration], percentile: usize) -> f64 {
    let index = (times.len() * percentile / 100).min(times.len().saturating_sub(1));
    times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
