//! The plan is published, and what everybody then sees is read.

use std::collections::BTreeSet;

use proto::{
    notification::v1::ListNotificationsRequest,
    planning::v1::{
        AnalyzePlanRequest, CreateCalendarFeedRequest, GetCertificateRequest, GetPlanRequest,
        ListAssignmentsRequest, ListRulesRequest, Plan, PublishPlanRequest,
    },
};
use tokio::time::{Duration, Instant};
use tonic::Status;

use super::{Story, pages, request_id};

/// How long a person may wait for the news of a publication.
const NEWS_MAX: Duration = Duration::from_secs(60);
const KIND: &str = "PLAN_PUBLISHED";

impl Story {
    pub(super) async fn current_plan(&self) -> Result<Plan, Status> {
        let administrator = self.administrator.clone();
        let get = GetPlanRequest { name: self.outcome.plan.name.clone() };
        administrator.patiently(|| async { administrator.planning().get_plan(get.clone()).await }).await
    }

    pub(super) async fn publish(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let plan = self.current_plan().await?;
        let request = PublishPlanRequest {
            name: plan.name,
            etag: plan.etag,
            request_id: request_id(),
            validate_only: false,
        };
        self.outcome.plan = administrator
            .patiently(|| async { administrator.planning().publish_plan(request.clone()).await })
            .await?;
        let revision = self.outcome.plan.published_revision.clone();
        let get = GetCertificateRequest { name: format!("{revision}/certificate") };
        let certificate = administrator
            .patiently(|| async { administrator.planning().get_certificate(get.clone()).await })
            .await?;
        self.tell(&format!(
            "  publié : révision {}, certificat {} sur {} faits",
            revision.rsplit('/').next().unwrap_or_default(),
            certificate.hash.get(..12).unwrap_or_default(),
            certificate.fact_count
        ));
        Ok(())
    }

    /// What the plan is now, and what the judge says of it.
    pub(super) async fn read_plan(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let parent = self.outcome.plan.name.clone();
        self.outcome.assignments = pages!(
            administrator,
            |page_token| administrator.planning().list_assignments(ListAssignmentsRequest {
                parent: parent.clone(),
                page_size: 1000,
                page_token,
                ..Default::default()
            }),
            assignments
        );
        let analyze = AnalyzePlanRequest { name: parent.clone() };
        self.outcome.analysis = administrator
            .patiently(|| async { administrator.planning().analyze_plan(analyze.clone()).await })
            .await?;
        Ok(())
    }

    pub(super) async fn read(&mut self) -> Result<(), Status> {
        self.read_plan().await?;
        let (administrator, hospital) = (self.administrator.clone(), self.hospital.clone());
        let rules = pages!(
            administrator,
            |page_token| administrator.planning().list_rules(ListRulesRequest {
                parent: hospital.clone(),
                page_size: 1000,
                page_token,
            }),
            rules
        );
        let labels = rules.into_iter().map(|rule| (format!("rules/{}", rule.id), rule.description));
        self.outcome.labels.extend(labels);
        self.read_news().await?;
        self.read_feed().await
    }

    /// Waits until each person of the plan has been told.
    async fn read_news(&mut self) -> Result<(), Status> {
        let concerned: BTreeSet<String> =
            self.outcome.assignments.iter().map(|assignment| assignment.staff_member.clone()).collect();
        let end = Instant::now() + NEWS_MAX;
        let mut told = 0;
        for person in self.outcome.people.values().filter(|person| concerned.contains(&person.name)) {
            let visitor = self.visitor(&person.email)?;
            let request = ListNotificationsRequest {
                parent: person.name.clone(),
                page_size: 100,
                ..Default::default()
            };
            loop {
                let page = visitor
                    .patiently(|| async { visitor.notifications().list_notifications(request.clone()).await })
                    .await?;
                if page.notifications.iter().any(|notification| notification.kind == KIND) {
                    told += 1;
                    break;
                }
                if Instant::now() > end {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        self.tell(&format!("  {told} personnes sur {} ont reçu leur notification", concerned.len()));
        self.outcome.told = told;
        self.outcome.concerned = concerned;
        Ok(())
    }

    /// One doctor subscribes; their calendar program fetches the feed.
    async fn read_feed(&mut self) -> Result<(), Status> {
        let person = self.person("mar06@tilleuls.example")?.clone();
        let visitor = self.visitor(&person.email)?.clone();
        let request = CreateCalendarFeedRequest { parent: person.name.clone(), request_id: request_id() };
        let feed = visitor
            .patiently(|| async { visitor.planning().create_calendar_feed(request.clone()).await })
            .await?;
        self.outcome.feed_path = format!("/calendar/{}.ics", feed.token);
        self.fetch_feed().await?;
        self.outcome.feed_owner = person.display_name;
        let events = self.outcome.feed.matches("BEGIN:VEVENT").count();
        let owner = self.outcome.feed_owner.clone();
        self.tell(&format!("  calendrier iCalendar de {owner} : {events} événements"));
        Ok(())
    }

    /// What the plan and the feed say once somebody has exchanged something.
    pub(super) async fn look_again(&mut self) -> Result<(), Status> {
        self.read_plan().await?;
        self.fetch_feed().await
    }

    async fn fetch_feed(&mut self) -> Result<(), Status> {
        let end = Instant::now() + NEWS_MAX;
        self.outcome.feed = loop {
            match self.setting.visitor.get(&self.outcome.feed_path).await {
                Ok(text) => break text,
                Err(error) if Instant::now() > end => return Err(Status::unavailable(error.to_string())),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        };
        Ok(())
    }
}
