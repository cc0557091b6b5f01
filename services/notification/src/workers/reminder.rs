//! Reminds: people of their leave five, three and one days before, those who decide of what waits, every two days.

use std::time::Duration;

use async_trait::async_trait;
use calendar::working_time::Zone;
use chassis::{BoxError, Clock, Ctx, Next, Worker};
use tokio_util::sync::CancellationToken;

use super::Teller;
use crate::{
    domain::{
        recipient::Remit,
        reminder::{Stage, Watched},
    },
    store::News,
};

/// How late people may be reminded.
const EVERY: Duration = Duration::from_secs(2);

/// How many leaves are looked at in one go.
const BATCH: u64 = 100;

/// Reminds people.
pub struct Reminder {
    teller: Teller,
    clock: Clock,
    zone: Zone,
}

// === impl Reminder ===

impl Reminder {
    pub fn new(teller: Teller, clock: Clock) -> Self {
        Self { teller, clock, zone: Zone::paris() }
    }

    async fn remind(&self, leave: &Watched) -> Result<(), BoxError> {
        let store = self.teller.store();
        let ctx = Ctx::system("notification", &self.clock);
        let tx = store.db().begin(&ctx).await?;
        // What was due more than once while nobody was here is said once.
        if !store.mark_reminded(&tx, leave, leave.next_after(ctx.now, &self.zone)).await? {
            return Ok(());
        }
        if let Some(message) = leave.message(ctx.now, &self.zone) {
            let people = match leave.stage {
                Stage::Pending => {
                    let deciders =
                        store.deciders(&tx, &leave.hospital, Remit::over(&leave.profession)).await?;
                    deciders.into_iter().filter(|decider| *decider != leave.staff_member).collect()
                }
                Stage::Approved | Stage::Over => vec![leave.staff_member.clone()],
            };
            let people = people.into_iter().map(|person| (person, message.clone())).collect();
            // One reminder is one event, whatever is repeated.
            let due = leave.next_time.map_or(0, durable::time::micros);
            let id = leave.leave.rsplit('/').next().unwrap_or_default();
            let event_id = format!("reminder-{id}-{due}");
            let news = News { hospital: &leave.hospital, event_id: &event_id, subject: &leave.leave, people };
            self.teller.tell_all(&tx, news).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

#[async_trait]
impl Worker for Reminder {
    fn name(&self) -> &'static str {
        "notification.reminder"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        let due = self.teller.store().due_reminders(self.clock.now(), BATCH).await?;
        let is_full = due.len() as u64 == BATCH;
        for leave in due {
            if stop.is_cancelled() {
                return Ok(Next::Idle);
            }
            self.remind(&leave).await?;
        }
        Ok(if is_full { Next::Again } else { Next::Idle })
    }
}
