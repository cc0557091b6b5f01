//! Streams a person's notifications as they are written, resumably.
//!
//! The bus wakes the stream; the database is what it reads, by the number it has reached. A lost wake-up delays by
//! one look and loses nothing.

use std::time::Duration;

use bus::Tail;
use chassis::{Ctx, Problem, Violation};
use proto::names::StaffMemberName;
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{Instant, sleep_until, timeout},
};

use super::{App, authorize, which};
use crate::{domain::notification::Notification, metrics, store::Store};

/// How often the database is looked at without a wake-up.
const LOOK: Duration = Duration::from_secs(3);

/// The longest silence.
const HEARTBEAT: Duration = Duration::from_secs(12);

/// When the stream ends by itself; the client calls again with its last token.
const LENGTH: Duration = Duration::from_secs(600);

/// How many updates wait for a slow client before the stream waits for it.
const WAITING_MAX: usize = 16;

/// How many notifications one look reads.
const BATCH: u64 = 100;

/// What the stream says.
#[derive(Debug)]
pub struct Update {
    /// A notification; none in a sign of life.
    pub notification: Option<Notification>,
    /// How many are unread now.
    pub unread_count: i32,
    /// The number reached.
    pub sequence: i64,
}

struct Watch {
    store: Store,
    person: StaffMemberName,
    sequence: i64,
    tail: Tail,
    updates: Sender<Result<Update, Problem>>,
    spoken: Instant,
}

// === impl App ===

impl App {
    /// Begins after the resume token, or with the next notification.
    pub async fn watch_notifications(
        &self,
        ctx: &Ctx,
        person: StaffMemberName,
        resume_token: &str,
    ) -> Result<Receiver<Result<Update, Problem>>, Problem> {
        authorize(ctx, "notifications.read", &person)?;
        // Listening begins before the number is read, so that nothing falls between.
        let tail = self.bus.tail("notification");
        let sequence = match resume_token {
            "" => self.store.last_sequence(which(&person)).await?,
            token => token.parse().ok().filter(|sequence| *sequence >= 0).ok_or_else(|| {
                let text = "expected the resume_token of a message received before";
                Problem::invalid(vec![Violation::new("resume_token", text)])
            })?,
        };
        let (updates, receiver) = mpsc::channel(WAITING_MAX);
        let watch =
            Watch { store: self.store.clone(), person, sequence, tail, updates, spoken: Instant::now() };
        let stop = ctx.stop.clone();
        tokio::spawn(async move {
            let _open = metrics::Watch::open();
            tokio::select! {
                () = stop.cancelled() => {}
                _ = timeout(LENGTH, watch.run()) => {}
            }
        });
        Ok(receiver)
    }
}

// === impl Watch ===

impl Watch {
    /// Runs until the client is gone.
    async fn run(mut self) {
        // The first message says how many are unread, and gives a token to resume from.
        let mut is_silent = true;
        loop {
            match self.look(is_silent).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(problem) => {
                    let _ = self.updates.send(Err(problem)).await;
                    return;
                }
            }
            self.wait().await;
            is_silent = self.spoken.elapsed() >= HEARTBEAT;
        }
    }

    /// Sends what is new, else a sign of life when it is time for one. False when the client is gone.
    async fn look(&mut self, is_silent: bool) -> Result<bool, Problem> {
        let which = which(&self.person);
        let news = self.store.notifications_after(which, self.sequence, BATCH).await?;
        if news.is_empty() && !is_silent {
            return Ok(!self.updates.is_closed());
        }
        let unread_count = self.store.unread_count(self.store.db().read(), which).await?;
        let mut sequence = self.sequence;
        let mut updates: Vec<Update> = news
            .into_iter()
            .map(|notification| {
                sequence = notification.sequence;
                Update { sequence, notification: Some(notification), unread_count }
            })
            .collect();
        if updates.is_empty() {
            updates.push(Update { notification: None, unread_count, sequence });
        }
        for update in updates {
            if self.updates.send(Ok(update)).await.is_err() {
                return Ok(false);
            }
        }
        self.sequence = sequence;
        self.spoken = Instant::now();
        Ok(true)
    }

    /// Waits for a notification of this person, the next look, or the client's leaving.
    async fn wait(&mut self) {
        let next_look = Instant::now() + LOOK;
        let mine = format!("{}/", self.person);
        loop {
            tokio::select! {
                () = sleep_until(next_look) => return,
                () = self.updates.closed() => return,
                heard = self.tail.next() => match heard {
                    Some(event) if event.subject.starts_with(&mine) => return,
                    Some(_) => {}
                    // The bus is gone; the looks go on.
                    None => return sleep_until(next_look).await,
                },
            }
        }
    }
}
