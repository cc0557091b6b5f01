//! How many calls of each hospital come in which hour, told to notification, which says by it when the mesh is quiet.
//!
//! Sums only: nobody's calls can be told from anybody else's. A report that fails is made again, and no call waits for
//! one. What a process that dies has not reported is lost: an hour that it did not see to the end is not taken for a quiet
//! one. What comes without a token of a hospital, as signing in and calendar feeds do, is nobody's and is not counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chassis::worker::async_trait;
use chassis::{BoxError, Clock, Ctx, Next, Peer, Signal, Worker};
use metrics::counter;
use proto::notification::v1 as pb;
use proto::notification::v1::traffic_service_client::TrafficServiceClient;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::metrics::{TRAFFIC_LOST_TOTAL, TRAFFIC_REPORTS_TOTAL};

/// How long a report may take.
const REPORT_MAX: Duration = Duration::from_secs(5);
/// How many hours are remembered while nobody takes reports: a week.
const HOURS_MAX: usize = 7 * 24;
/// How many hospitals are counted in one hour; one report holds them.
const HOSPITALS_MAX: usize = 1_000;
/// How late in an hour a process may come and still speak for all of it, seconds.
const LATE_MAX: i64 = 300;

const HOUR: i64 = 3_600;

/// The counts of this process.
pub struct Traffic {
    clock: Clock,
    /// Names this process in its reports.
    reporter: String,
    hours: Mutex<BTreeMap<i64, Counted>>,
    /// Given when an hour begins: the one before can be told to its end.
    turn: Signal,
}

/// What was counted in one hour.
#[derive(Debug, Default)]
struct Counted {
    by_hospital: HashMap<String, Tally>,
    /// The process was there when the hour began.
    from_beginning: bool,
    /// Notification knows that the process was there to its end.
    is_told_whole: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    calls: i64,
    told: i64,
}

/// What is to be told of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Due {
    hour: i64,
    is_whole: bool,
    /// So far, of the hospitals of which notification knows less.
    calls: BTreeMap<String, i64>,
}

/// Tells notification.
pub struct Reporter {
    traffic: Arc<Traffic>,
    client: TrafficServiceClient<Peer>,
    every: Duration,
}

// === impl Traffic ===

impl Traffic {
    /// Nothing is counted yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, reporter: Uuid::new_v4().to_string(), hours: Mutex::default(), turn: Signal::new() }
    }

    /// A call with a token of this hospital that held.
    pub fn count(&self, hospital: &str) {
        let mut hours = self.present();
        let Some(mut now) = hours.last_entry() else { return };
        let counted = &mut now.get_mut().by_hospital;
        if let Some(tally) = counted.get_mut(hospital) {
            tally.calls += 1;
        } else if counted.len() < HOSPITALS_MAX {
            counted.insert(hospital.to_owned(), Tally { calls: 1, told: 0 });
        } else {
            counter!(TRAFFIC_LOST_TOTAL).increment(1);
        }
    }

    /// What notification does not know yet, the oldest hour first.
    fn due(&self) -> Vec<Due> {
        let hours = self.present();
        let Some(now) = hours.keys().next_back().copied() else { return vec![] };
        let due = hours.iter().filter_map(|(hour, counted)| {
            let is_whole = *hour < now && counted.from_beginning;
            let more = counted.by_hospital.iter().filter(|(_, tally)| tally.calls > tally.told);
            let calls: BTreeMap<String, i64> =
                more.map(|(hospital, tally)| (hospital.clone(), tally.calls)).collect();
            let is_news = !calls.is_empty() || (is_whole && !counted.is_told_whole);
            is_news.then_some(Due { hour: *hour, is_whole, calls })
        });
        due.collect()
    }

    /// Notification knows this now.
    fn told(&self, due: &Due) {
        let mut hours = self.hours();
        if let Some(counted) = hours.get_mut(&due.hour) {
            counted.is_told_whole |= due.is_whole;
            for (hospital, calls) in &due.calls {
                if let Some(tally) = counted.by_hospital.get_mut(hospital) {
                    tally.told = tally.told.max(*calls);
                }
            }
        }
        // A call may have read the time just before its hour ended: the last hour that is over is kept until the next one is.
        let Some(now) = hours.keys().next_back().copied() else { return };
        hours.retain(|hour, counted| *hour + HOUR >= now || !counted.is_done());
    }

    /// Notification will never take this.
    fn refused(&self, due: &Due) {
        if let Some(counted) = self.hours().remove(&due.hour) {
            counter!(TRAFFIC_LOST_TOTAL).increment(counted.untold());
        }
    }

    /// The hours, of which the last is that of now.
    fn present(&self) -> MutexGuard<'_, BTreeMap<i64, Counted>> {
        let mut hours = self.hours();
        let now = self.clock.now().as_second();
        let hour = now.div_euclid(HOUR) * HOUR;
        let last = hours.keys().next_back().copied();
        // A clock that was set back goes on counting in the hour in which it was.
        if last.is_none_or(|last| last < hour) {
            let from_beginning = now - hour <= LATE_MAX;
            hours.insert(hour, Counted { from_beginning, ..Counted::default() });
            if last.is_some() {
                self.turn.notify();
            }
        }
        while hours.len() > HOURS_MAX {
            let lost = hours.pop_first().map_or(0, |(_, counted)| counted.untold());
            counter!(TRAFFIC_LOST_TOTAL).increment(lost);
        }
        hours
    }

    fn hours(&self) -> MutexGuard<'_, BTreeMap<i64, Counted>> {
        // Counts are whole at any moment: a panic elsewhere leaves them valid.
        self.hours.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Counted ===

impl Counted {
    fn untold(&self) -> u64 {
        let untold = self.by_hospital.values().map(|tally| (tally.calls - tally.told).unsigned_abs());
        untold.sum()
    }

    /// Of an hour that is over: nothing is left to be told.
    fn is_done(&self) -> bool {
        self.untold() == 0 && (self.is_told_whole || !self.from_beginning)
    }
}

// === impl Reporter ===

impl Reporter {
    /// Tells `notification` at this pace, and when an hour is over.
    pub fn new(traffic: Arc<Traffic>, notification: Peer, every: Duration) -> Self {
        Self { traffic, client: TrafficServiceClient::new(notification), every }
    }

    async fn report(&self) -> Result<(), BoxError> {
        for due in self.traffic.due() {
            match self.tell(&due).await {
                Ok(()) => {
                    counter!(TRAFFIC_REPORTS_TOTAL, "outcome" => "taken").increment(1);
                    self.traffic.told(&due);
                }
                Err(status) if is_final(&status) => {
                    counter!(TRAFFIC_REPORTS_TOTAL, "outcome" => "refused").increment(1);
                    tracing::warn!(%status, hour = due.hour, "the calls of an hour are not taken; is the clock right?");
                    self.traffic.refused(&due);
                }
                Err(status) => {
                    counter!(TRAFFIC_REPORTS_TOTAL, "outcome" => "failed").increment(1);
                    return Err(status.into());
                }
            }
        }
        Ok(())
    }

    async fn tell(&self, due: &Due) -> Result<(), Status> {
        let hospitals = due.calls.iter().map(|(hospital, calls)| pb::HospitalTraffic {
            hospital: format!("hospitals/{hospital}"),
            call_count: *calls,
        });
        let report = pb::ReportTrafficRequest {
            reporter: self.traffic.reporter.clone(),
            start_time: Some(prost_types::Timestamp { seconds: due.hour, nanos: 0 }),
            is_whole: due.is_whole,
            hospitals: hospitals.collect(),
        };
        let deadline = Instant::now() + REPORT_MAX;
        let ctx = Ctx { deadline: Some(deadline), ..Ctx::system("gateway", &self.traffic.clock) };
        let mut client = self.client.clone();
        match tokio::time::timeout_at(deadline, client.report_traffic(ctx.call(report))).await {
            Ok(answer) => answer.map(drop),
            Err(_) => Err(Status::deadline_exceeded("notification did not answer")),
        }
    }
}

#[async_trait]
impl Worker for Reporter {
    fn name(&self) -> &'static str {
        "gateway.report_traffic"
    }

    fn every(&self) -> Duration {
        self.every
    }

    /// Waits inside the run: a process that goes down tells what it has before.
    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.traffic.turn.notified() => {}
            () = tokio::time::sleep(self.every) => {}
        }
        self.report().await?;
        Ok(Next::Again)
    }
}

/// Whether the same report would be refused again.
fn is_final(status: &Status) -> bool {
    matches!(status.code(), Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use proto::notification::v1::traffic_service_server::{TrafficService, TrafficServiceServer};
    use tonic::{Request, Response};
    use tower::util::BoxCloneSyncService;

    use super::*;

    /// Notification, as far as it listens.
    #[derive(Clone, Default)]
    struct Taken(Arc<Mutex<Vec<pb::ReportTrafficRequest>>>);

    #[tonic::async_trait]
    impl TrafficService for Taken {
        async fn report_traffic(
            &self,
            request: Request<pb::ReportTrafficRequest>,
        ) -> Result<Response<()>, Status> {
            let report = request.into_inner();
            // The one that is ahead is refused for ever.
            let is_ahead = report.start_time.unwrap().seconds > 4_000_000_000;
            self.0.lock().unwrap().push(report);
            if is_ahead { Err(Status::failed_precondition("misdated")) } else { Ok(Response::new(())) }
        }
    }

    fn reporter(traffic: Traffic) -> (Reporter, Taken) {
        let taken = Taken::default();
        let app = BoxCloneSyncService::new(TrafficServiceServer::new(taken.clone()));
        let peer = Peer::local("gateway", "notification", app);
        (Reporter::new(Arc::new(traffic), peer, Duration::from_secs(HOUR.unsigned_abs())), taken)
    }

    fn traffic(now: &str) -> (Traffic, Clock) {
        let clock = Clock::fixed(now.parse().unwrap());
        (Traffic::new(clock.clone()), clock)
    }

    fn due(hour: &str, is_whole: bool, calls: &[(&str, i64)]) -> Due {
        let hour = hour.parse::<Timestamp>().unwrap().as_second();
        let calls = calls.iter().map(|(hospital, calls)| ((*hospital).to_owned(), *calls)).collect();
        Due { hour, is_whole, calls }
    }

    #[test]
    fn counts_grow_until_the_hour_is_over_and_are_told_once() {
        let (traffic, clock) = traffic("2026-11-23T08:00:00Z");
        for hospital in ["chu", "north", "chu"] {
            traffic.count(hospital);
        }
        let first = due("2026-11-23T08:00:00Z", false, &[("chu", 2), ("north", 1)]);
        assert_eq!(traffic.due(), std::slice::from_ref(&first));
        // Counted while the report was on its way.
        traffic.count("chu");
        traffic.told(&first);
        assert_eq!(traffic.due(), [due("2026-11-23T08:00:00Z", false, &[("chu", 3)])]);
        clock.advance(SignedDuration::from_hours(1));
        let last = due("2026-11-23T08:00:00Z", true, &[("chu", 3)]);
        assert_eq!(traffic.due(), std::slice::from_ref(&last));
        traffic.told(&last);
        assert_eq!(traffic.due(), []);
        assert_eq!(traffic.hours().len(), 2);
        clock.advance(SignedDuration::from_hours(1));
        let quiet = due("2026-11-23T09:00:00Z", true, &[]);
        assert_eq!(traffic.due(), std::slice::from_ref(&quiet));
        traffic.told(&quiet);
        assert_eq!(traffic.hours().len(), 2, "what was told is forgotten");
    }

    #[test]
    fn who_comes_late_or_was_away_speaks_for_no_whole_hour() {
        let (traffic, clock) = traffic("2026-11-23T08:05:01Z");
        traffic.count("chu");
        // Away for two hours, as a machine that slept; back late in the third.
        clock.advance(SignedDuration::from_mins(3 * 60 + 10));
        let told = due("2026-11-23T08:00:00Z", false, &[("chu", 1)]);
        assert_eq!(traffic.due(), std::slice::from_ref(&told));
        traffic.told(&told);
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(traffic.due(), []);
    }

    #[test]
    fn a_clock_that_is_set_back_takes_nothing_away() {
        let (traffic, clock) = traffic("2026-11-23T08:00:00Z");
        traffic.count("chu");
        clock.advance(SignedDuration::from_hours(-5));
        traffic.count("chu");
        assert_eq!(traffic.due(), [due("2026-11-23T08:00:00Z", false, &[("chu", 2)])]);
    }

    #[test]
    fn what_is_never_taken_is_dropped_and_the_rest_stays() {
        let (traffic, clock) = traffic("2026-11-23T08:00:00Z");
        traffic.count("chu");
        clock.advance(SignedDuration::from_hours(1));
        traffic.count("chu");
        traffic.refused(&traffic.due()[0]);
        assert_eq!(traffic.due(), [due("2026-11-23T09:00:00Z", false, &[("chu", 1)])]);
    }

    #[test]
    fn memory_ends_after_a_week_and_a_thousand_hospitals() {
        let (traffic, clock) = traffic("2026-11-23T08:00:00Z");
        for _ in 0..HOURS_MAX + 10 {
            traffic.count("chu");
            clock.advance(SignedDuration::from_hours(1));
        }
        assert_eq!(traffic.due()[0].hour, due("2026-11-23T19:00:00Z", true, &[]).hour);
        assert_eq!(traffic.hours().len(), HOURS_MAX);
        for number in 0..HOSPITALS_MAX + 10 {
            traffic.count(&format!("h{number}"));
        }
        assert_eq!(traffic.due().pop().unwrap().calls.len(), HOSPITALS_MAX);
    }
    #[tokio::test]
    async fn a_process_that_goes_down_tells_what_it_has() {
        let (traffic, _) = traffic("2026-11-23T08:30:00Z");
        traffic.count("chu");
        let (reporter, taken) = reporter(traffic);
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(reporter.run(&stop).await.unwrap(), Next::Again);
        let taken = taken.0.lock().unwrap();
        assert_eq!(taken.len(), 1);
        let counted = pb::HospitalTraffic { hospital: "hospitals/chu".to_owned(), call_count: 1 };
        assert_eq!((taken[0].is_whole, taken[0].hospitals.as_slice()), (false, [counted].as_slice()));
    }

    #[tokio::test]
    async fn what_is_refused_for_ever_is_told_once_and_does_not_hold_up_the_rest() {
        // The clock is ahead by many years, and is set right.
        let (traffic, clock) = traffic("2126-11-23T08:00:00Z");
        traffic.count("chu");
        let (reporter, taken) = reporter(traffic);
        reporter.report().await.unwrap();
        clock.advance(SignedDuration::from_hours(-100 * 365 * 24));
        reporter.traffic.count("chu");
        for _ in 0..2 {
            reporter.report().await.unwrap();
        }
        let years: Vec<i64> = taken
            .0
            .lock()
            .unwrap()
            .iter()
            .map(|report| report.start_time.unwrap().seconds / (365 * 24 * HOUR))
            .collect();
        assert_eq!(years, [156, 56]);
    }
}
