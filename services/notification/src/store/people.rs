//! The projection of who decides about leave, and of whom nothing is kept any more.

use std::collections::HashSet;

use durable::Tx;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    Store,
    entity::person::{ActiveModel, Column, Entity},
};
use crate::domain::recipient::{Person, Remit};

// === impl Store ===

impl Store {
    /// What is known of a person now. Who was erased stays so.
    pub async fn put_person(&self, tx: &Tx, hospital: &str, person: &Person) -> Result<(), DbErr> {
        let row = ActiveModel {
            hospital: Set(hospital.to_owned()),
            staff_member: Set(person.staff_member.clone()),
            remit: Set(person.remit.word().to_owned()),
        };
        let replace = OnConflict::columns([Column::Hospital, Column::StaffMember])
            .update_column(Column::Remit)
            .action_and_where(Expr::col((Entity, Column::Remit)).ne(Remit::Erased.word()))
            .to_owned();
        Entity::insert(row).on_conflict(replace).exec_without_returning(tx.conn()).await.map(drop)
    }

    /// Those of these people of whom nothing is kept any more.
    pub async fn erased(&self, tx: &Tx, hospital: &str, people: &[&str]) -> Result<HashSet<String>, DbErr> {
        let erased: Vec<String> = Entity::find()
            .select_only()
            .column(Column::StaffMember)
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Remit.eq(Remit::Erased.word()))
            .filter(Column::StaffMember.is_in(people.iter().copied()))
            .into_tuple()
            .all(tx.conn())
            .await?;
        Ok(erased.into_iter().collect())
    }

    /// Whether anybody of a hospital is known.
    pub async fn knows_people(&self, tx: &Tx, hospital: &str) -> Result<bool, DbErr> {
        let somebody = Entity::find().filter(Column::Hospital.eq(hospital)).one(tx.conn()).await?;
        Ok(somebody.is_some())
    }

    /// Ids of those who have one of these remits.
    pub async fn deciders(&self, tx: &Tx, hospital: &str, remits: &[Remit]) -> Result<Vec<String>, DbErr> {
        let remits = remits.iter().map(|remit| remit.word());
        let rows = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Remit.is_in(remits))
            .order_by_asc(Column::StaffMember)
            .all(tx.conn())
            .await?;
        Ok(rows.into_iter().map(|row| row.staff_member).collect())
    }
}
