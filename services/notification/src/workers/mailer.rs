//! Hands letters to the mail server: several at once, each by one instance, until it takes them or they are given up.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use chassis::{BoxError, Clock, Ctx, Next, Problem, Worker, worker::jitter};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use proto::{
    names::{NotificationName, StaffMemberName},
    notification::v1::{self as pb, NotificationFailed},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    api::answer,
    config::Email,
    domain::{
        delivery::{self, Answer},
        mail,
        message::Message,
        preferences::Preferences,
        template::{self, Language},
    },
    metrics,
    peers::{Recipient, Staff},
    smtp::Smtp,
    store::{Claim, Letter, Outcome, Store},
};

/// How long the mailer rests when nothing is due.
const EVERY: Duration = Duration::from_secs(1);

/// How many letters are in hand at once: what is handed over twice when the process is killed.
const IN_HAND: u64 = 50;

/// Hands letters to the mail server.
pub struct Mailer {
    store: Store,
    staff: Staff,
    smtp: Smtp,
    clock: Clock,
    config: Email,
}

/// What a letter needs beside itself.
struct Knowledge {
    recipients: HashMap<(String, String), Recipient>,
    languages: HashMap<(String, String), Language>,
    messages: HashMap<String, Message>,
}

// === impl Mailer ===

impl Mailer {
    pub fn new(store: Store, staff: Staff, smtp: Smtp, clock: Clock, config: Email) -> Self {
        Self { store, staff, smtp, clock, config }
    }

    fn ctx(&self) -> Ctx {
        Ctx::system("notification", &self.clock)
    }

    /// Reads who gets the letters, in which language, and what they say.
    async fn know(&self, letters: &[Letter]) -> Result<Knowledge, Problem> {
        let mut people = BTreeMap::<&str, Vec<&str>>::new();
        for letter in letters {
            people.entry(&letter.hospital).or_default().push(&letter.staff_member);
        }
        let (mut recipients, mut languages) = (HashMap::new(), HashMap::new());
        for (hospital, mut people) in people {
            people.sort_unstable();
            people.dedup();
            let key = |person: String| (hospital.to_owned(), person);
            let found = self.staff.recipients(hospital, &people).await?;
            recipients.extend(found.into_iter().map(|(person, recipient)| (key(person), recipient)));
            let chosen = self.store.chosen_preferences(self.store.db().read(), hospital, &people).await;
            let language = |(person, chosen): (String, Preferences)| (key(person), chosen.language);
            languages.extend(chosen.map_err(durable::problem)?.into_iter().map(language));
        }
        let ids: Vec<String> = letters.iter().flat_map(|letter| letter.notifications.clone()).collect();
        Ok(Knowledge { recipients, languages, messages: self.store.messages(&ids).await? })
    }

    /// Hands one letter over, unless it is too late for it; `None` if the server was not asked.
    async fn send(
        &self,
        letter: &Letter,
        known: &Knowledge,
        until: Instant,
        stop: &CancellationToken,
    ) -> Option<Answer> {
        // An answer may take as long as the time that is left then; who is killed has lost it anyway.
        if stop.is_cancelled() || until.saturating_duration_since(Instant::now()) < self.config.timeout() {
            return None;
        }
        let key = (letter.hospital.clone(), letter.staff_member.clone());
        let Some(recipient) = known.recipients.get(&key) else { return Some(Answer::NoAddress) };
        let language = known.languages.get(&key).copied().unwrap_or(Language::French);
        let messages = letter.notifications.iter().filter_map(|id| known.messages.get(id));
        let texts: Vec<template::Text> = messages.map(|message| template::text(message, language)).collect();
        let text = mail::letter(&texts, language);
        let written = SystemTime::from(letter.create_time);
        match self.smtp.message(recipient, text, &letter.key, written) {
            Ok(message) => Some(self.smtp.hand_over(message).await),
            Err(_) => Some(Answer::NoAddress),
        }
    }

    /// Hands over what is in hand.
    async fn work_off(&self, claim: Claim, stop: &CancellationToken) -> Result<(), Problem> {
        let known = match self.know(&claim.letters).await {
            Ok(known) => known,
            Err(problem) => {
                // Staff being away is no attempt.
                let untried = claim.letters.into_iter().map(|letter| self.outcome(letter, None)).collect();
                self.settle(&claim.id, untried).await?;
                return Err(problem);
            }
        };
        let connections = usize::try_from(self.config.connections).unwrap_or(1).max(1);
        let sent = stream::iter(claim.letters).map(|letter| {
            let known = &known;
            async move {
                let answer = self.send(&letter, known, claim.until, stop).await;
                self.outcome(letter, answer)
            }
        });
        let outcomes: Vec<Outcome> = sent.buffer_unordered(connections).collect().await;
        self.settle(&claim.id, outcomes).await
    }

    fn outcome(&self, letter: Letter, answer: Option<Answer>) -> Outcome {
        let pause = delivery::pause(letter.attempts + 1).mul_f64(jitter());
        let now = self.clock.now();
        let next_attempt_time = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
        Outcome { letter, answer, next_attempt_time }
    }

    async fn settle(&self, claim: &str, outcomes: Vec<Outcome>) -> Result<(), Problem> {
        let tx = self.store.db().begin(&self.ctx()).await?;
        let settled = self.store.settle(&tx, claim, &outcomes, self.config.attempts_max).await;
        let failed = settled.map_err(durable::problem)?;
        for outcome in &failed {
            let Outcome { letter, answer, .. } = outcome;
            for (id, kind) in letter.notifications.iter().zip(&letter.kinds) {
                let event = NotificationFailed {
                    notification: NotificationName::new(&letter.hospital, &letter.staff_member, id)
                        .to_string(),
                    staff_member: StaffMemberName::new(&letter.hospital, &letter.staff_member).to_string(),
                    kind: kind.clone(),
                    channel: pb::Channel::Email.into(),
                    answer: answer.map_or(pb::delivery::Answer::Unspecified, self::answer).into(),
                };
                tx.publish("notification", &event, &letter.hospital, &event.notification).await?;
            }
        }
        let given_up = failed.len();
        tx.commit().await?;
        for answer in outcomes.iter().filter_map(|outcome| outcome.answer) {
            metrics::attempted(answer.word());
        }
        metrics::given_up(given_up);
        if given_up > 0 {
            tracing::warn!(letters = given_up, "e-mails were given up; ListDeliveries says which");
        }
        Ok(())
    }
}

#[async_trait]
impl Worker for Mailer {
    fn name(&self) -> &'static str {
        "notification.mailer"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        if stop.is_cancelled() {
            return Ok(Next::Idle);
        }
        let claim = self.store.claim_letters(&self.ctx(), self.config.claim(), IN_HAND).await?;
        if claim.letters.is_empty() {
            return Ok(Next::Idle);
        }
        self.work_off(claim, stop).await?;
        Ok(Next::Again)
    }
}
