//! Marks notifications as read.

use chassis::{Ctx, Problem, Violation};
use durable::Once;
use proto::names::{NotificationName, StaffMemberName};

use super::{App, authorize, which};

/// How many may be named at once.
const NAMES_MAX: usize = 1_000;

// === impl App ===

impl App {
    /// The named ones, or all; answers how many are unread then.
    pub async fn read_notifications(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        names: &[String],
        once: Once,
    ) -> Result<i32, Problem> {
        authorize(ctx, "notifications.write", parent)?;
        let ids = ids(parent, names)?;
        let which = which(parent);
        let tx = self.store.db().begin(ctx).await?;
        if let Some(unread) = once.replay(&tx).await? {
            return Ok(unread);
        }
        if ids.is_empty() {
            self.store.mark_read(&tx, which, None).await?;
        } else {
            let known = self.store.known_ids(&tx, which, &ids).await?;
            if let Some(unknown) = ids.iter().find(|id| !known.contains(id)) {
                let name = NotificationName::new(&parent.hospital, &parent.staff_member, unknown);
                return Err(Problem::not_found("notification", name.to_string()));
            }
            self.store.mark_read(&tx, which, Some(&ids)).await?;
        }
        let unread = self.store.unread_count(tx.conn(), which).await?;
        once.record(&tx, &unread).await?;
        tx.commit().await?;
        Ok(unread)
    }
}

fn ids(parent: &StaffMemberName, names: &[String]) -> Result<Vec<String>, Problem> {
    if names.len() > NAMES_MAX {
        let text = format!("expected at most {NAMES_MAX}, got {}", names.len());
        return Err(Problem::invalid(vec![Violation::new("names", text)]));
    }
    let mut violations = Vec::new();
    let mut ids = Vec::with_capacity(names.len());
    for (index, text) in names.iter().enumerate() {
        match NotificationName::parse(text) {
            Ok(name) if (&name.hospital, &name.staff_member) == (&parent.hospital, &parent.staff_member) => {
                ids.push(name.notification);
            }
            Ok(_) => {
                let text = format!("expected a notification of `{parent}`");
                violations.push(Violation::new(format!("names[{index}]"), text));
            }
            Err(error) => violations.push(Violation::new(format!("names[{index}]"), error.to_string())),
        }
    }
    if violations.is_empty() { Ok(ids) } else { Err(Problem::invalid(violations)) }
}
