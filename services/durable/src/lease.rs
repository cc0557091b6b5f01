//! One runner per job, renewed while it lives, taken over when it does not.
//!
//! The rules are [`decide`], a pure function; production and simulation call the same one. Each change of
//! holder raises the token (fencing): whoever writes on behalf of the job can be checked against it.

use std::time::Duration;

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use tokio::{sync::Mutex, time::Instant};

use crate::{Db, Tx, entity::lease, metric};

/// What is known of a lease. Times are microseconds by the clock of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who runs the job.
    pub holder: String,
    /// Grows with each change of holder.
    pub token: i64,
    /// Until when, unless renewed.
    pub expire_micros: i64,
}

/// Decides what an asker gets: the lease as it shall be, or nothing because somebody else holds it.
pub fn decide(current: Option<&Held>, asker: &str, now_micros: i64, ttl: Duration) -> Option<Held> {
    let expire_micros = now_micros.saturating_add(i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX));
    let token = match current {
        None => 1,
        Some(held) if held.holder == asker && held.expire_micros > now_micros => held.token,
        // Expired, even if it was ours: somebody may have acted in between.
        Some(held) if held.expire_micros <= now_micros => held.token + 1,
        Some(_) => return None,
    };
    Some(Held { holder: asker.to_owned(), token, expire_micros })
}

/// One process's claim to a job.
#[derive(Debug)]
pub struct Lease {
    db: Db,
    name: String,
    holder: String,
    ttl: Duration,
    /// The token, and until when it is ours by this process's monotonic clock.
    held: Mutex<Option<(i64, Instant)>>,
}

// === impl Lease ===

impl Lease {
    /// A claim by `holder` (unique per process) to the job `name`.
    pub fn new(db: &Db, name: impl Into<String>, holder: impl Into<String>, ttl: Duration) -> Self {
        Self { db: db.clone(), name: name.into(), holder: holder.into(), ttl, held: Mutex::new(None) }
    }

    /// Takes or renews the lease; answers its fencing token, or `None` when somebody else holds it.
    pub async fn acquire(&self) -> Result<Option<i64>, DbErr> {
        let asked = Instant::now();
        let mut held = self.held.lock().await;
        let token = self.write().await?;
        // Counted from before the question, so that we never believe longer than the database does. A process that hung
        // until the answer is no news any more holds nothing: somebody else may.
        let until = asked + self.ttl;
        *held = token.filter(|_| Instant::now() < until).map(|token| (token, until));
        Ok(held.map(|(token, _)| token))
    }

    /// Like [`Lease::acquire`], but asks the database only when less than half of the time is left.
    pub async fn hold(&self) -> Result<Option<i64>, DbErr> {
        if let Some((token, until)) = *self.held.lock().await
            && until.saturating_duration_since(Instant::now()) > self.ttl / 2
        {
            return Ok(Some(token));
        }
        self.acquire().await
    }

    /// The token, while the lease is ours by this process's clock; asks nobody.
    pub(crate) async fn token(&self) -> Option<i64> {
        let held = *self.held.lock().await;
        held.filter(|(_, until)| Instant::now() < *until).map(|(token, _)| token)
    }

    /// Renews a lease that is held; `None` when it was lost meanwhile.
    pub async fn renew(&self) -> Result<Option<i64>, DbErr> {
        let before = self.held.lock().await.map(|(token, _)| token);
        let token = self.acquire().await?;
        Ok(token.filter(|token| Some(*token) == before))
    }

    /// Gives the lease back, so that the next asker need not wait.
    pub async fn release(&self) -> Result<(), DbErr> {
        let Some((token, _)) = self.held.lock().await.take() else { return Ok(()) };
        let tx = self.db.begin_now().await?;
        lease::Entity::update_many()
            .col_expr(lease::Column::ExpireTime, sea_orm::sea_query::Expr::value(0_i64))
            .filter(lease::Column::Name.eq(self.name.as_str()))
            .filter(lease::Column::Token.eq(token))
            .exec(&*tx)
            .await?;
        tx.commit_raw().await
    }

    /// Whether the lease is still ours, which stays so until `tx` ends: nobody takes it over in between.
    pub async fn guards(&self, tx: &Tx) -> Result<bool, DbErr> {
        let Some((token, _)) = *self.held.lock().await else { return Ok(false) };
        let touched = lease::Entity::update_many()
            .col_expr(lease::Column::Token, sea_orm::sea_query::Expr::value(token))
            .filter(lease::Column::Name.eq(self.name.as_str()))
            .filter(lease::Column::Token.eq(token))
            .exec(tx.conn())
            .await?;
        Ok(touched.rows_affected > 0)
    }

    async fn write(&self) -> Result<Option<i64>, DbErr> {
        let tx = self.db.begin_now().await?;
        let now = self.db.now_micros(tx.conn()).await?;
        let row = lease::Entity::find_by_id(self.name.as_str()).one(tx.conn()).await?;
        let current =
            row.map(|row| Held { holder: row.holder, token: row.token, expire_micros: row.expire_time });
        let Some(next) = decide(current.as_ref(), &self.holder, now, self.ttl) else { return Ok(None) };
        let row = lease::ActiveModel {
            name: Set(self.name.clone()),
            holder: Set(next.holder),
            token: Set(next.token),
            expire_time: Set(next.expire_micros),
        };
        let written = match &current {
            None => {
                let once = OnConflict::column(lease::Column::Name).do_nothing().to_owned();
                lease::Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await?
            }
            // Two that saw the same row: the second finds it changed.
            Some(seen) => {
                lease::Entity::update_many()
                    .set(row)
                    .filter(lease::Column::Name.eq(self.name.as_str()))
                    .filter(lease::Column::Token.eq(seen.token))
                    .filter(lease::Column::ExpireTime.eq(seen.expire_micros))
                    .exec(tx.conn())
                    .await?
                    .rows_affected
            }
        };
        if written == 0 {
            return Ok(None);
        }
        tx.commit_raw().await?;
        if current.is_none_or(|current| current.token != next.token) {
            metric::lease_acquired(&self.name);
        }
        Ok(Some(next.token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_micros(10);

    fn held(holder: &str, token: i64, expire_micros: i64) -> Held {
        Held { holder: holder.to_owned(), token, expire_micros }
    }

    #[test]
    fn a_lease_is_taken_renewed_refused_and_taken_over() {
        let mine = held("a", 4, 100);
        assert_eq!(decide(None, "a", 90, TTL), Some(held("a", 1, 100)), "free");
        assert_eq!(decide(Some(&mine), "a", 95, TTL), Some(held("a", 4, 105)), "renewed, same token");
        assert_eq!(decide(Some(&mine), "b", 99, TTL), None, "held by another");
        assert_eq!(decide(Some(&mine), "b", 100, TTL), Some(held("b", 5, 110)), "expired, token grows");
        assert_eq!(decide(Some(&mine), "a", 100, TTL), Some(held("a", 5, 110)), "expired for its holder too");
    }
}
