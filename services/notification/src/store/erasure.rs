//! What is kept of a person goes, at once or not at all.

use chassis::Problem;
use durable::{Tx, idempotency, problem};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    Store, Which,
    entity::{delivery, notification, preferences, watched_leave},
};
use crate::domain::recipient::{Person, Remit};

// === impl Store ===

impl Store {
    /// Deletes what a person was told, what was on its way to them, how they wanted to be told, and what they were to be
    /// reminded of. Their id stays, as that of somebody who is told nothing any more: events may come late.
    pub async fn erase_person(&self, tx: &Tx, which: Which<'_>) -> Result<(), Problem> {
        let Which { hospital, staff_member } = which;
        // Waits for those who tell the person something now; who comes later finds that nothing is kept any more.
        self.next_sequences(tx, hospital, &[staff_member]).await.map_err(problem)?;
        let person = Person { staff_member: staff_member.to_owned(), remit: Remit::Erased };
        self.put_person(tx, hospital, &person).await.map_err(problem)?;
        delivery::Entity::delete_many()
            .filter(delivery::Column::Hospital.eq(hospital))
            .filter(delivery::Column::StaffMember.eq(staff_member))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        notification::Entity::delete_many()
            .filter(notification::Column::Hospital.eq(hospital))
            .filter(notification::Column::StaffMember.eq(staff_member))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        self.close_mailboxes(tx, hospital, [&person.staff_member]).await.map_err(problem)?;
        preferences::Entity::delete_many()
            .filter(preferences::Column::Hospital.eq(hospital))
            .filter(preferences::Column::StaffMember.eq(staff_member))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        watched_leave::Entity::delete_many()
            .filter(watched_leave::Column::Hospital.eq(hospital))
            .filter(watched_leave::Column::StaffMember.eq(staff_member))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        // Answers that are remembered for a repeated request hold the preferences.
        let remembered = format!("\"hospital\":\"{hospital}\",\"staff_member\":\"{staff_member}\"");
        idempotency::forget(tx, &remembered).await.map(drop)
    }
}
