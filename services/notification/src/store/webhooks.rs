//! Endpoints of other systems: a document each, with how well it does beside it.

use chassis::Problem;
use durable::{Tx, etag, page::Page, problem, time};
use jiff::Timestamp;
use proto::error::v1::Reason;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, OnConflict},
};

use super::{
    Store,
    entity::webhook::{ActiveModel, Column, Entity, Model},
};
use crate::domain::webhook::{State, Webhook};

/// How well an endpoint does.
#[derive(Clone, Debug)]
pub struct Health {
    /// The endpoint.
    pub webhook: Webhook,
    /// Since when nothing was taken over.
    pub failing_since: Option<Timestamp>,
}

// === impl Store ===

impl Store {
    /// One endpoint.
    pub async fn webhook(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        id: &str,
    ) -> Result<Option<Webhook>, Problem> {
        let key = (hospital.to_owned(), id.to_owned());
        Entity::find_by_id(key).one(conn).await.map_err(problem)?.map(webhook).transpose()
    }

    /// A page of endpoints, by id; one more than the page holds.
    pub async fn webhooks_page(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        page: &Page,
    ) -> Result<Vec<Webhook>, Problem> {
        let mut query = Entity::find().filter(Column::Hospital.eq(hospital));
        if let Some(after) = page.after() {
            query = query.filter(Column::Id.gt(after));
        }
        let query = query.order_by_asc(Column::Id).limit(page.limit() + 1);
        query.all(conn).await.map_err(problem)?.into_iter().map(webhook).collect()
    }

    /// The endpoints of a hospital that are told anything.
    pub async fn enabled_webhooks(&self, tx: &Tx, hospital: &str) -> Result<Vec<Webhook>, DbErr> {
        let rows = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::IsEnabled.eq(true))
            .all(tx.conn())
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// How many endpoints a hospital has.
    pub async fn webhook_count(&self, tx: &Tx, hospital: &str) -> Result<u64, Problem> {
        Entity::find().filter(Column::Hospital.eq(hospital)).count(tx.conn()).await.map_err(problem)
    }

    /// Writes a new endpoint.
    ///
    /// # Errors
    /// `ALREADY_EXISTS / NAME_TAKEN` when there is one of this id.
    pub async fn insert_webhook(&self, tx: &Tx, webhook: &Webhook) -> Result<(), Problem> {
        let once = OnConflict::columns([Column::Hospital, Column::Id]).do_nothing().to_owned();
        let row = ActiveModel { failing_since: Set(None), ..row(webhook)? };
        let written = Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await;
        match written.map_err(problem)? {
            0 => Err(Problem::already_exists(Reason::NameTaken, "webhook", webhook.id.as_str())),
            _ => Ok(()),
        }
    }

    /// Writes a changed endpoint over the version it was read in; it has its new version afterwards. How it did is
    /// forgotten if it gets another chance.
    ///
    /// # Errors
    /// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
    pub async fn save_webhook(
        &self,
        tx: &Tx,
        webhook: &mut Webhook,
        is_new_chance: bool,
    ) -> Result<(), Problem> {
        let seen = webhook.version;
        webhook.version += 1;
        let failing_since = if is_new_chance { Set(None) } else { NotSet };
        let written = Entity::update_many()
            .set(ActiveModel { failing_since, ..row(webhook)? })
            .filter(Column::Hospital.eq(&webhook.hospital))
            .filter(Column::Id.eq(&webhook.id))
            .filter(Column::Version.eq(seen))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        if written.rows_affected == 1 { Ok(()) } else { Err(etag::mismatch(webhook.version)) }
    }

    /// Deletes the version that was read.
    ///
    /// # Errors
    /// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
    pub async fn delete_webhook(&self, tx: &Tx, webhook: &Webhook) -> Result<(), Problem> {
        let gone = Entity::delete_many()
            .filter(Column::Hospital.eq(&webhook.hospital))
            .filter(Column::Id.eq(&webhook.id))
            .filter(Column::Version.eq(webhook.version));
        let gone = gone.exec(tx.conn()).await.map_err(problem)?;
        if gone.rows_affected == 1 { Ok(()) } else { Err(etag::mismatch(webhook.version)) }
    }

    /// Writes down whether an endpoint took anything over just now, and answers how well it does; nothing of one that is
    /// not there any more.
    pub async fn note_health(
        &self,
        tx: &Tx,
        (hospital, id): (&str, &str),
        has_accepted: bool,
    ) -> Result<Option<Health>, Problem> {
        let now = time::micros(tx.now());
        let since = match has_accepted {
            true => Expr::value(None::<i64>),
            // Which was first counts.
            false => Expr::expr(Func::coalesce([Expr::col(Column::FailingSince), Expr::value(now)])),
        };
        Entity::update_many()
            .col_expr(Column::FailingSince, since)
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Id.eq(id))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        let key = (hospital.to_owned(), id.to_owned());
        let found = Entity::find_by_id(key).one(tx.conn()).await.map_err(problem)?;
        let Some(row) = found else { return Ok(None) };
        let failing_since = row.failing_since.map(time::timestamp);
        Ok(Some(Health { webhook: webhook(row)?, failing_since }))
    }
}

fn row(webhook: &Webhook) -> Result<ActiveModel, Problem> {
    Ok(ActiveModel {
        hospital: Set(webhook.hospital.clone()),
        id: Set(webhook.id.clone()),
        webhook: Set(serde_json::to_string(webhook).map_err(Problem::internal)?),
        is_enabled: Set(webhook.state() == State::Enabled),
        failing_since: NotSet,
        version: Set(webhook.version),
    })
}

fn webhook(row: Model) -> Result<Webhook, Problem> {
    read(row).map_err(problem)
}

fn read(row: Model) -> Result<Webhook, DbErr> {
    serde_json::from_str(&row.webhook).map_err(|error| DbErr::Json(error.to_string()))
}
