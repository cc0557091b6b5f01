//! Hospitals that were there before professions were theirs to name begin with the same as new ones.

use sea_orm_migration::prelude::*;

pub struct Migration;

/// Id, natural key and value, as they were at this migration.
const FIRST: [(&str, &str, &str); 3] = [
    (
        "mar",
        "medecin anesthesiste reanimateur",
        r##"{"base":"MAR","display_name":"Médecin anesthésiste-réanimateur","description":"","is_retired":false,"color":"#1d4ed8","icon":"","display_order":1,"is_hidden":false}"##,
    ),
    (
        "iade",
        "infirmier anesthesiste",
        r##"{"base":"IADE","display_name":"Infirmier anesthésiste","description":"","is_retired":false,"color":"#0f766e","icon":"","display_order":2,"is_hidden":false}"##,
    ),
    (
        "secretary",
        "secretaire",
        r##"{"base":"SECRETARY","display_name":"Secrétaire","description":"","is_retired":false,"color":"#7c3aed","icon":"","display_order":3,"is_hidden":false}"##,
    ),
];

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261201_professions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (id, natural_key, value) in FIRST {
            let sql = format!(
                "INSERT INTO resource \
                 (hospital, kind, id, natural_key, second_key, value, version, create_time, update_time) \
                 SELECT id, 'profession', '{id}', '{natural_key}', NULL, '{value}', 1, create_time, create_time \
                 FROM hospital"
            );
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Profession, Resource, profession};

    #[test]
    fn old_hospitals_begin_with_what_new_ones_do() {
        let read = FIRST.map(|(id, natural_key, value)| {
            let profession: Profession = serde_json::from_str(value).unwrap();
            assert_eq!(profession.natural_key(id), natural_key);
            (id, profession)
        });
        assert_eq!(read.to_vec(), profession::first());
    }
}
