//! Tells everybody of notices, at once, a day and an hour before their windows.

use std::time::Duration;

use async_trait::async_trait;
use chassis::{BoxError, Clock, Ctx, Next, Signal, Worker};
use proto::names::NoticeName;
use tokio_util::sync::CancellationToken;

use super::Teller;
use crate::{
    domain::{
        message::Message,
        notice::{Lead, Notice},
    },
    peers::Staff,
    store::News,
};

/// How late people may be told without a signal.
const EVERY: Duration = Duration::from_secs(2);

/// Tells everybody of notices.
pub struct Herald {
    teller: Teller,
    staff: Staff,
    clock: Clock,
    signal: Signal,
}

// === impl Herald ===

impl Herald {
    /// `signal` says that a notice was written.
    pub fn new(teller: Teller, staff: Staff, clock: Clock, signal: Signal) -> Self {
        Self { teller, staff, clock, signal }
    }

    /// Tells everybody who works there now; an instance that comes second finds it done.
    async fn tell(&self, notice: &Notice, lead: Lead) -> Result<(), BoxError> {
        let hospital = notice.hospital.as_str();
        let people = self.staff.active_people(hospital).await?;
        let store = self.teller.store();
        let tx = store.db().begin(&Ctx::system("notification", &self.clock)).await?;
        if !store.mark_told(&tx, notice, lead).await? {
            return Ok(());
        }
        let message = Message::Notice {
            category: notice.category,
            severity: notice.severity,
            french: notice.french.clone(),
            english: notice.english.clone(),
            start: notice.start,
            end: notice.end,
            read_only: notice.read_only.iter().copied().collect(),
            is_cancelled: notice.is_cancelled,
        };
        let people = people.into_iter().map(|person| (person, message.clone())).collect();
        let event_id = format!("notice-{}-{}-{}", notice.id, notice.version, lead.word());
        let subject = NoticeName::new(hospital, &notice.id).to_string();
        self.teller.tell_all(&tx, News { hospital, event_id: &event_id, subject: &subject, people }).await?;
        tx.commit().await?;
        Ok(())
    }
}

#[async_trait]
impl Worker for Herald {
    fn name(&self) -> &'static str {
        "notification.herald"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.signal.clone())
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        for (notice, lead) in self.teller.store().due_notices(self.clock.now()).await? {
            if stop.is_cancelled() {
                break;
            }
            self.tell(&notice, lead).await?;
        }
        Ok(Next::Idle)
    }
}
