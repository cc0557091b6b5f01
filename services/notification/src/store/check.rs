//! What must be true of notification's tables after a restore.

use chassis::{BoxError, Clock, Ctx};
use durable::check::Rule;
use sea_orm::EntityTrait;

use super::{Store, entity::person};

const RULES: &[Rule] = &[
    Rule {
        promise: "a person is told once of an event",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT hospital FROM notification GROUP BY hospital, staff_member, event_id, kind HAVING COUNT(*) > 1) AS doubled",
    },
    Rule {
        promise: "a mailbox counts to its last notification",
        broken: "SELECT COUNT(*) AS broken FROM mailbox m WHERE m.sequence <> (SELECT COALESCE(MAX(n.sequence), m.sequence) FROM notification n WHERE n.hospital = m.hospital AND n.staff_member = m.staff_member)",
    },
    Rule {
        promise: "a notification is in a mailbox",
        broken: "SELECT COUNT(*) AS broken FROM notification n WHERE NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.hospital = n.hospital AND m.staff_member = n.staff_member)",
    },
    Rule {
        promise: "a person is told once of an event on each way",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT hospital FROM outgoing GROUP BY hospital, staff_member, event_id, kind, channel HAVING COUNT(*) > 1) AS doubled",
    },
    Rule {
        promise: "a delivery delivers a notification of its person",
        broken: "SELECT COUNT(*) AS broken FROM outgoing d WHERE NOT EXISTS (SELECT 1 FROM notification n WHERE n.hospital = d.hospital AND n.id = d.notification AND n.staff_member = d.staff_member)",
    },
    Rule {
        promise: "an endpoint is told once of an event",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT hospital FROM webhook_delivery GROUP BY hospital, webhook, event_id, kind HAVING COUNT(*) > 1) AS doubled",
    },
];

// === impl Store ===

impl Store {
    /// A line for each promise that is broken.
    pub async fn check(&self) -> Result<Vec<String>, BoxError> {
        Ok(durable::check::check(self.db(), RULES).await?)
    }

    /// Forgets who decides; the next event that needs it asks staff.
    pub async fn forget_people(&self) -> Result<(), BoxError> {
        let tx = self.db().begin(&Ctx::system("notification", &Clock::system())).await?;
        person::Entity::delete_many().exec(tx.conn()).await?;
        tx.commit().await?;
        Ok(())
    }
}
