//! Tells people: in the application, by e-mail where they want it, and their streams by the bus; and other systems what
//! people are told. All in the transaction of the event.

use std::collections::BTreeSet;

use calendar::working_time::Zone;
use chassis::BoxError;
use durable::Tx;
use proto::{
    event::v1::Envelope,
    names::{NotificationName, StaffMemberName},
    notification::v1::NotificationDelivered,
};

use crate::{
    domain::{mail, message::Message, preferences::Preferences},
    metrics,
    store::{EMAIL, News, Outgoing, Store, Told},
};

/// Tells people.
#[derive(Clone)]
pub struct Teller {
    store: Store,
    zone: Zone,
    /// Whether there is a mail server.
    has_email: bool,
}

// === impl Teller ===

impl Teller {
    pub fn new(store: Store, has_email: bool) -> Self {
        Self { store, zone: Zone::paris(), has_email }
    }

    /// What is stored.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Tells one person.
    pub async fn tell(
        &self,
        tx: &Tx,
        event: &Envelope,
        person: StaffMemberName,
        (message, subject): (Message, &str),
    ) -> Result<(), BoxError> {
        let people = vec![(person.staff_member, message)];
        self.tell_all(tx, News { hospital: &person.hospital, event_id: &event.id, subject, people }).await
    }

    /// Tells people of one hospital, each once, whatever is repeated; and its endpoints, once each kind.
    pub async fn tell_all(&self, tx: &Tx, news: News<'_>) -> Result<(), BoxError> {
        let (hospital, event_id, subject) = (news.hospital, news.event_id, news.subject);
        let told = self.store.tell(tx, news).await?;
        let kinds: BTreeSet<&str> = told.iter().map(|told| told.message.kind()).collect();
        self.store.post(tx, (hospital, event_id, subject), &kinds).await?;
        if self.has_email {
            self.send_out(tx, (hospital, event_id), &told).await?;
        }
        let delivered = told.iter().map(|told| {
            let delivered = NotificationDelivered {
                notification: NotificationName::new(hospital, &told.staff_member, &told.id).to_string(),
                staff_member: StaffMemberName::new(hospital, &told.staff_member).to_string(),
                kind: told.message.kind().to_owned(),
            };
            let subject = delivered.notification.clone();
            (delivered, subject)
        });
        tx.publish_all("notification", hospital, delivered).await?;
        for told in &told {
            metrics::delivered(told.message.kind());
        }
        Ok(())
    }

    async fn send_out(
        &self,
        tx: &Tx,
        (hospital, event_id): (&str, &str),
        told: &[Told],
    ) -> Result<(), BoxError> {
        let people: Vec<&str> = told.iter().map(|told| told.staff_member.as_str()).collect();
        let chosen = self.store.chosen_preferences(tx.conn(), hospital, &people).await?;
        let outgoing = told.iter().filter_map(|told| {
            let (person, kind) = (told.staff_member.as_str(), told.message.kind());
            let defaults = || Preferences::defaults(hospital, person);
            let preferences = chosen.get(person).cloned().unwrap_or_else(defaults);
            let departure = preferences.departure(kind, told.message.priority(), tx.now(), &self.zone)?;
            let letter = match departure.digest {
                None => mail::key(&[hospital, event_id, kind, person, EMAIL]),
                Some(day) => mail::key(&[hospital, "digest", &day.to_string(), person, EMAIL]),
            };
            Some(Outgoing { told, departure, letter })
        });
        Ok(self.store.send_out(tx, (hospital, event_id), outgoing.collect()).await?)
    }
}
