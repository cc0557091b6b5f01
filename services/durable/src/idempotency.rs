//! A repeated request gets the first response (AIP-155).

use chassis::{Ctx, Problem, Violation};
use prost::Message;
use proto::error::v1::Reason;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Tx, entity::request, metric, problem::problem, time};

/// One request, to be answered once: per caller, method and request id, for 7 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once(Option<Key>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    scope: String,
    method: &'static str,
    request_id: String,
    fingerprint: String,
}

/// Forgets the answers that hold a text, before their time: their requests can no longer be repeated without an effect.
///
/// # Errors
/// When the database is away.
pub async fn forget(tx: &Tx, text: &str) -> Result<u64, Problem> {
    let gone = request::Entity::delete_many().filter(request::Column::Response.contains(text));
    Ok(gone.exec(tx.conn()).await.map_err(problem)?.rows_affected)
}

// === impl Once ===

impl Once {
    /// Names the request. Without a request id nothing is remembered.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the request id is no UUID.
    pub fn of(
        ctx: &Ctx,
        method: &'static str,
        request_id: &str,
        request: &impl Message,
    ) -> Result<Self, Problem> {
        if request_id.is_empty() {
            return Ok(Self(None));
        }
        let Ok(id) = Uuid::parse_str(request_id) else {
            return Err(Problem::invalid(vec![Violation::new("request_id", "expected a UUID")]));
        };
        Ok(Self(Some(Key {
            scope: ctx.principal.subject(),
            method,
            request_id: id.to_string(),
            fingerprint: hex::encode(Sha256::digest(request.encode_to_vec())),
        })))
    }

    /// The first response, if there was one. Otherwise claims the id: a second request with it waits for this
    /// transaction.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT / REQUEST_ID_REUSED` when the id came with another payload before.
    pub async fn replay<T: DeserializeOwned>(&self, tx: &Tx) -> Result<Option<T>, Problem> {
        let Some(key) = &self.0 else { return Ok(None) };
        if key.claim(tx).await? {
            return Ok(None);
        }
        let primary = (key.scope.clone(), key.method.to_owned(), key.request_id.clone());
        let row = request::Entity::find_by_id(primary).one(tx.conn()).await.map_err(problem)?;
        let Some(row) = row else { return Ok(None) };
        if row.fingerprint != key.fingerprint {
            let text = "was used before with another payload; make a new one for each new request";
            return Err(Problem::invalid_as(
                Reason::RequestIdReused,
                vec![Violation::new("request_id", text)],
            ));
        }
        let Some(response) = row.response else { return Ok(None) };
        metric::replayed(key.method);
        tx.repeated().await;
        serde_json::from_str(&response).map(Some).map_err(Problem::internal)
    }

    /// Remembers the response, within the transaction of its effect.
    pub async fn record(&self, tx: &Tx, response: &impl Serialize) -> Result<(), Problem> {
        let Some(key) = &self.0 else { return Ok(()) };
        let response = serde_json::to_string(response).map_err(Problem::internal)?;
        key.claim(tx).await?;
        request::Entity::update_many()
            .col_expr(request::Column::Response, Expr::value(response))
            .filter(request::Column::Scope.eq(key.scope.as_str()))
            .filter(request::Column::Method.eq(key.method))
            .filter(request::Column::RequestId.eq(key.request_id.as_str()))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        Ok(())
    }
}

impl Key {
    /// True when the id is new.
    async fn claim(&self, tx: &Tx) -> Result<bool, Problem> {
        let row = request::ActiveModel {
            scope: Set(self.scope.clone()),
            method: Set(self.method.to_owned()),
            request_id: Set(self.request_id.clone()),
            fingerprint: Set(self.fingerprint.clone()),
            response: Set(None),
            time: Set(time::micros(tx.now())),
        };
        let columns = [request::Column::Scope, request::Column::Method, request::Column::RequestId];
        let once = OnConflict::columns(columns).do_nothing().to_owned();
        let inserted = request::Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await;
        Ok(inserted.map_err(problem)? > 0)
    }
}
