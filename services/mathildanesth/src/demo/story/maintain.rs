//! Work on the plans' database is announced: everybody is told, plans answer questions only, and afterwards all goes on.

use calendar::working_time::Zone;
use chassis::Clock;
use jiff::{SignedDuration, Timestamp};
use proto::{
    notification::v1::{
        CancelNoticeRequest, CreateNoticeRequest, GetBannerRequest, Notice, SuggestMaintenanceWindowsRequest,
        notice::{Category, Service, Severity},
    },
    planning::v1::PublishPlanRequest,
};
use tokio::time::{Duration, Instant};
use tonic::Status;
use tonic_types::StatusExt;

use super::{Story, request_id};

/// How long services may take to hear of a window.
const HEARD_MAX: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
const CLOSED: &str = "READ_ONLY_WINDOW";
const NOT_SEEN: &str = "TRAFFIC_NOT_SEEN";

impl Story {
    pub(super) async fn maintain(&mut self) -> Result<(), Status> {
        self.ask_when_it_is_quiet().await?;
        let notice = self.announce().await?;
        let wait = self.until(|refused| refused).await?;
        self.tell(&format!(
            "  modifier le planning : refusé pendant la maintenance, réessayer dans {} min",
            wait.as_secs() / 60
        ));
        let plan = self.current_plan().await?;
        let revision = plan.published_revision.rsplit('/').next().unwrap_or_default();
        self.tell(&format!("  lire le planning : toujours possible, révision {revision}"));
        let administrator = self.administrator.clone();
        let request =
            CancelNoticeRequest { name: notice.name, request_id: request_id(), ..Default::default() };
        administrator
            .patiently(|| async { administrator.notifications().cancel_notice(request.clone()).await })
            .await?;
        self.until(|refused| !refused).await?;
        self.tell("  maintenance terminée plus tôt : le planning peut de nouveau être modifié");
        Ok(())
    }

    /// A mesh that has run for a week knows; one that has just been started says that it does not.
    async fn ask_when_it_is_quiet(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let request = SuggestMaintenanceWindowsRequest {
            parent: self.hospital.clone(),
            window_count_max: 1,
            ..Default::default()
        };
        let answer = administrator
            .patiently(|| async {
                administrator.notifications().suggest_maintenance_windows(request.clone()).await
            })
            .await;
        match answer {
            Ok(found) => {
                let zone = Zone::paris();
                for window in found.maintenance_windows {
                    let seconds = window.start_time.unwrap_or_default().seconds;
                    let start = Timestamp::from_second(seconds).unwrap_or_default();
                    self.tell(&format!(
                        "  heures les plus calmes : le {} à {}, {} appels attendus au lieu de {}",
                        zone.day_at(start),
                        zone.time_at(start),
                        window.expected_call_count,
                        found.usual_call_count
                    ));
                }
                Ok(())
            }
            Err(status) => {
                let details = status.get_error_details();
                let Some(info) = details.error_info().filter(|info| info.reason == NOT_SEEN) else {
                    return Err(status);
                };
                let hours = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
                self.tell(&format!(
                    "  heures les plus calmes : pas encore connues, {} h observées, il en faut {}",
                    hours("seen_hour_count"),
                    hours("seen_hour_count_min")
                ));
                Ok(())
            }
        }
    }

    async fn announce(&mut self) -> Result<Notice, Status> {
        let administrator = self.administrator.clone();
        let now = Clock::system().now();
        let notice = Notice {
            category: Category::Maintenance.into(),
            severity: Severity::Warning.into(),
            french_text: "Mise à jour de la base des plannings : lecture seule.".to_owned(),
            english_text: "The database of plans is being updated: reading only.".to_owned(),
            start_time: moment(now),
            end_time: moment(now + SignedDuration::from_hours(1)),
            read_only_services: vec![Service::Planning.into()],
            ..Default::default()
        };
        let request = CreateNoticeRequest {
            parent: self.hospital.clone(),
            notice: Some(notice),
            request_id: request_id(),
            ..Default::default()
        };
        let notice = administrator
            .patiently(|| async { administrator.notifications().create_notice(request.clone()).await })
            .await?;
        let banner = GetBannerRequest { name: format!("{}/banner", self.hospital) };
        let banner = administrator
            .patiently(|| async { administrator.notifications().get_banner(banner.clone()).await })
            .await?;
        for notice in &banner.notices {
            self.tell(&format!("  bandeau de tous : « {} »", notice.french_text));
        }
        self.outcome.banner = banner.notices;
        Ok(notice)
    }

    /// Tries a change until it is refused for the window, or is not; how long the refusal says to wait.
    async fn until(&self, is_enough: impl Fn(bool) -> bool) -> Result<Duration, Status> {
        let end = Instant::now() + HEARD_MAX;
        loop {
            let refusal = self.refusal().await?;
            if is_enough(refusal.is_some()) {
                return Ok(refusal.unwrap_or_default());
            }
            if Instant::now() > end {
                return Err(Status::deadline_exceeded("planning has not heard of the window"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Whether a change is refused for the window, and for how long. It would change nothing.
    async fn refusal(&self) -> Result<Option<Duration>, Status> {
        let administrator = self.administrator.clone();
        let plan = self.current_plan().await?;
        let request = PublishPlanRequest {
            name: plan.name,
            etag: plan.etag,
            validate_only: true,
            ..Default::default()
        };
        let answer = administrator
            .patiently(|| async { administrator.planning().publish_plan(request.clone()).await })
            .await;
        let Err(status) = answer else { return Ok(None) };
        let details = status.get_error_details();
        if details.error_info().is_none_or(|info| info.reason != CLOSED) {
            return Err(status);
        }
        Ok(Some(details.retry_info().and_then(|info| info.retry_delay).unwrap_or_default()))
    }
}

fn moment(time: Timestamp) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds: time.as_second(), nanos: 0 })
}
