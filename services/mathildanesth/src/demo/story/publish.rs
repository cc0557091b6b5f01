//! The plan is published, and what everybody then sees is read.

use std::collections::BTreeSet;

use proto::{
    notification::v1::ListNotificationsRequest,
    planning::v1::{
        AnalyzePlanRequest, CreateCalendarFeedRequest, GetPlanRequest, ListAssignmentsRequest,
        ListRulesRequest, Plan, PublishPlanRequest,
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
        self.tell(&format!("  publié : révision {}", revision.rsplit('/').next().unwrap_or_default()));
        Ok(())
    }

    pub(super) async fn read(&mut self) -> Result<(), Status> {
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
        let hospital = self.hospital.clone();
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
        let concerned: BTreeSet<&str> =
            self.outcome.assignments.iter().map(|assignment| assignment.staff_member.as_str()).collect();
        let end = Instant::now() + NEWS_MAX;
        let mut told = 0;
        for person in self.outcome.people.values().filter(|person| concerned.contains(person.name.as_str())) {
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
        self.outcome.told = (told, concerned.len());
        self.tell(&format!("  {told} personnes sur {} ont reçu leur notification", self.outcome.told.1));
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
        let end = Instant::now() + NEWS_MAX;
        self.outcome.feed = loop {
            match self.setting.visitor.get(&format!("/calendar/{}.ics", feed.token)).await {
                Ok(text) => break text,
                Err(error) if Instant::now() > end => return Err(Status::unavailable(error.to_string())),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        };
        self.outcome.feed_owner = person.display_name;
        let events = self.outcome.feed.matches("BEGIN:VEVENT").count();
        let owner = self.outcome.feed_owner.clone();
        self.tell(&format!("  calendrier iCalendar de {owner} : {events} événements"));
        Ok(())
    }
}
