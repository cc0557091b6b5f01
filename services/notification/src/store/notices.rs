//! Notices: a document each, with what is asked for beside it.

use chassis::Problem;
use durable::{Tx, etag, filter::Filter, page::Page, problem, time};
use jiff::Timestamp;
use proto::error::v1::Reason;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    Store,
    entity::notice::{ActiveModel, Column, Entity, Model},
};
use crate::domain::notice::{Lead, Notice};

/// How many notices that are not over are looked at: far more than a hospital has.
const CURRENT_MAX: u64 = 1_000;

// === impl Store ===

impl Store {
    /// One notice.
    pub async fn notice(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        id: &str,
    ) -> Result<Option<Notice>, Problem> {
        let key = (hospital.to_owned(), id.to_owned());
        Entity::find_by_id(key).one(conn).await.map_err(problem)?.map(notice).transpose()
    }

    /// A page of notices, the latest beginning first; one more than the page holds.
    pub async fn notices_page(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        filter: &Filter,
        page: &Page,
    ) -> Result<Vec<Notice>, Problem> {
        let mut query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(filter.condition(
            |field| match field {
                "category" => Column::Category,
                "severity" => Column::Severity,
                _ => Column::IsCancelled,
            },
        ));
        let after = page.after().and_then(|after| after.split_once(' '));
        if let Some((start, id)) = after.and_then(|(start, id)| Some((start.parse::<i64>().ok()?, id))) {
            let later = Condition::all().add(Column::StartTime.eq(start)).add(Column::Id.lt(id));
            query = query.filter(Condition::any().add(Column::StartTime.lt(start)).add(later));
        }
        let rows = query
            .order_by_desc(Column::StartTime)
            .order_by_desc(Column::Id)
            .limit(page.limit() + 1)
            .all(conn)
            .await
            .map_err(problem)?;
        rows.into_iter().map(notice).collect()
    }

    /// A hospital's notices that are not over, called off ones included.
    pub async fn current_notices(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        now: Timestamp,
    ) -> Result<Vec<Notice>, Problem> {
        let rows = current(now).filter(Column::Hospital.eq(hospital)).all(conn).await.map_err(problem)?;
        rows.into_iter().map(notice).collect()
    }

    /// Every notice of which people are to be told now, and what.
    pub async fn due_notices(&self, now: Timestamp) -> Result<Vec<(Notice, Lead)>, Problem> {
        let rows = current(now).all(self.db.read()).await.map_err(problem)?;
        let mut due = Vec::new();
        for row in rows {
            let told = Lead::of(&row.told);
            let notice = notice(row)?;
            if let Some(lead) = notice.due(told, now) {
                due.push((notice, lead));
            }
        }
        Ok(due)
    }

    /// Writes down that people are told so of this version; false when somebody else did, or it changed.
    pub async fn mark_told(&self, tx: &Tx, notice: &Notice, lead: Lead) -> Result<bool, Problem> {
        let marked = Entity::update_many()
            .col_expr(Column::Told, Expr::value(lead.word()))
            .filter(Column::Hospital.eq(&notice.hospital))
            .filter(Column::Id.eq(&notice.id))
            .filter(Column::Version.eq(notice.version))
            .filter(Column::Told.ne(lead.word()))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        Ok(marked.rows_affected > 0)
    }

    /// Writes a new notice.
    ///
    /// # Errors
    /// `ALREADY_EXISTS / NAME_TAKEN` when there is one of this id.
    pub async fn insert_notice(&self, tx: &Tx, notice: &Notice) -> Result<(), Problem> {
        let once = OnConflict::columns([Column::Hospital, Column::Id]).do_nothing().to_owned();
        let row = ActiveModel { told: Set(String::new()), ..row(notice)? };
        let written = Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await;
        match written.map_err(problem)? {
            0 => Err(Problem::already_exists(Reason::NameTaken, "notice", notice.id.as_str())),
            _ => Ok(()),
        }
    }

    /// Writes a changed notice over the version it was read in; it has its new version afterwards. What people were
    /// told of it is forgotten if `is_news`.
    ///
    /// # Errors
    /// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
    pub async fn save_notice(&self, tx: &Tx, notice: &mut Notice, is_news: bool) -> Result<(), Problem> {
        let seen = notice.version;
        notice.version += 1;
        let told = if is_news { Set(String::new()) } else { NotSet };
        let written = Entity::update_many()
            .set(ActiveModel { told, ..row(notice)? })
            .filter(Column::Hospital.eq(&notice.hospital))
            .filter(Column::Id.eq(&notice.id))
            .filter(Column::Version.eq(seen))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        if written.rows_affected == 1 { Ok(()) } else { Err(etag::mismatch(notice.version)) }
    }
}

fn current(now: Timestamp) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::EndTime.gt(time::micros(now))).limit(CURRENT_MAX)
}

fn row(notice: &Notice) -> Result<ActiveModel, Problem> {
    Ok(ActiveModel {
        hospital: Set(notice.hospital.clone()),
        id: Set(notice.id.clone()),
        category: Set(notice.category.word().to_owned()),
        severity: Set(notice.severity.word().to_owned()),
        notice: Set(serde_json::to_string(notice).map_err(Problem::internal)?),
        start_time: Set(time::micros(notice.start)),
        end_time: Set(time::micros(notice.end)),
        is_cancelled: Set(notice.is_cancelled),
        told: NotSet,
        version: Set(notice.version),
    })
}

fn notice(row: Model) -> Result<Notice, Problem> {
    serde_json::from_str(&row.notice).map_err(Problem::internal)
}
