//! How people want to be told, a document each; the defaults where there is none.

use std::collections::HashMap;

use chassis::Problem;
use durable::{Tx, etag, problem};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict,
};

use super::{
    Store, Which,
    entity::preferences::{ActiveModel, Column, Entity},
};
use crate::domain::preferences::Preferences;

/// How many people are asked for in one statement.
const AT_ONCE: usize = 1_000;

// === impl Store ===

impl Store {
    /// A person's preferences.
    pub async fn preferences(
        &self,
        conn: &impl ConnectionTrait,
        which: Which<'_>,
    ) -> Result<Preferences, Problem> {
        let key = (which.hospital.to_owned(), which.staff_member.to_owned());
        let row = Entity::find_by_id(key).one(conn).await.map_err(problem)?;
        match row {
            None => Ok(Preferences::defaults(which.hospital, which.staff_member)),
            Some(row) => serde_json::from_str(&row.preferences).map_err(Problem::internal),
        }
    }

    /// The preferences of those of a hospital's people who have changed them, by person.
    pub async fn chosen_preferences(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        people: &[&str],
    ) -> Result<HashMap<String, Preferences>, DbErr> {
        let mut chosen = HashMap::new();
        for some in people.chunks(AT_ONCE) {
            let rows = Entity::find()
                .filter(Column::Hospital.eq(hospital))
                .filter(Column::StaffMember.is_in(some.iter().copied()))
                .all(conn)
                .await?;
            for row in rows {
                let preferences =
                    serde_json::from_str(&row.preferences).map_err(|error| DbErr::Json(error.to_string()))?;
                chosen.insert(row.staff_member, preferences);
            }
        }
        Ok(chosen)
    }

    /// Writes changed preferences over the version they were read in; they have their new version afterwards.
    ///
    /// # Errors
    /// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
    pub async fn save_preferences(&self, tx: &Tx, preferences: &mut Preferences) -> Result<(), Problem> {
        let seen = preferences.version;
        preferences.version += 1;
        let row = ActiveModel {
            hospital: Set(preferences.hospital.clone()),
            staff_member: Set(preferences.staff_member.clone()),
            preferences: Set(serde_json::to_string(preferences).map_err(Problem::internal)?),
            version: Set(preferences.version),
        };
        let written = if seen == 0 {
            let once = OnConflict::columns([Column::Hospital, Column::StaffMember]).do_nothing().to_owned();
            Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await.map_err(problem)?
        } else {
            let of_seen = Entity::update_many()
                .set(row)
                .filter(Column::Hospital.eq(&preferences.hospital))
                .filter(Column::StaffMember.eq(&preferences.staff_member))
                .filter(Column::Version.eq(seen));
            of_seen.exec(tx.conn()).await.map_err(problem)?.rows_affected
        };
        if written == 1 { Ok(()) } else { Err(etag::mismatch(preferences.version)) }
    }
}
