//! Passwords and wrong passwords.

use chassis::Problem;
use durable::{Tx, problem, time};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use sha2::{Digest, Sha256};

use super::entity::{account, attempt};
use crate::domain::lockout::Lockout;

/// The password of a person.
pub type Account = account::Model;

/// The account of a person.
pub async fn find(
    conn: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
) -> Result<Option<account::Model>, Problem> {
    let key = (hospital.to_owned(), staff_member.to_owned());
    account::Entity::find_by_id(key).one(conn).await.map_err(problem)
}

/// The same, kept as it is until the transaction ends: on PostgreSQL others who write it wait; SQLite has one writer.
pub async fn lock(tx: &Tx, hospital: &str, staff_member: &str) -> Result<Option<account::Model>, Problem> {
    let key = (hospital.to_owned(), staff_member.to_owned());
    let mut query = account::Entity::find_by_id(key);
    if tx.conn().get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(tx.conn()).await.map_err(problem)
}

/// Gives a person a password.
pub async fn set_password(
    tx: &Tx,
    hospital: &str,
    staff_member: &str,
    password_hash: String,
    temporary_until: Option<Timestamp>,
) -> Result<(), Problem> {
    let row = account::ActiveModel {
        hospital: Set(hospital.to_owned()),
        staff_member: Set(staff_member.to_owned()),
        password_hash: Set(password_hash),
        temporary_until: Set(temporary_until.map(time::micros)),
        update_time: Set(time::micros(tx.now())),
    };
    let replace = OnConflict::columns([account::Column::Hospital, account::Column::StaffMember])
        .update_columns([
            account::Column::PasswordHash,
            account::Column::TemporaryUntil,
            account::Column::UpdateTime,
        ])
        .to_owned();
    account::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx.conn())
        .await
        .map_err(problem)?;
    Ok(())
}

/// Takes a person's password away.
pub async fn delete(tx: &Tx, hospital: &str, staff_member: &str) -> Result<(), Problem> {
    let key = (hospital.to_owned(), staff_member.to_owned());
    account::Entity::delete_by_id(key).exec(tx.conn()).await.map_err(problem)?;
    Ok(())
}

/// What is remembered about an address.
pub async fn lockout(tx: &Tx, hospital: &str, email: &str) -> Result<Lockout, Problem> {
    // A row to lock first, so that attempts at once are counted one after the other.
    let fresh = attempt::ActiveModel {
        hospital: Set(hospital.to_owned()),
        login: Set(login(email)),
        failure_count: Set(0),
        locked_until: Set(None),
        time: Set(time::micros(tx.now())),
    };
    let touch = OnConflict::columns([attempt::Column::Hospital, attempt::Column::Login])
        .update_column(attempt::Column::Hospital)
        .to_owned();
    attempt::Entity::insert(fresh)
        .on_conflict(touch)
        .exec_without_returning(tx.conn())
        .await
        .map_err(problem)?;
    let key = (hospital.to_owned(), login(email));
    let row = attempt::Entity::find_by_id(key).one(tx.conn()).await.map_err(problem)?;
    Ok(row.map_or(Lockout::none(tx.now()), |row| Lockout {
        failure_count: row.failure_count,
        locked_until: row.locked_until.map(time::timestamp),
        attempt_time: time::timestamp(row.time),
    }))
}

/// Remembers an attempt.
pub async fn remember(tx: &Tx, hospital: &str, email: &str, lockout: Lockout) -> Result<(), Problem> {
    let row = attempt::ActiveModel {
        hospital: Set(hospital.to_owned()),
        login: Set(login(email)),
        failure_count: Set(lockout.failure_count),
        locked_until: Set(lockout.locked_until.map(time::micros)),
        time: Set(time::micros(lockout.attempt_time)),
    };
    attempt::Entity::update(row).exec(tx.conn()).await.map_err(problem)?;
    Ok(())
}

/// Forgives an address.
pub async fn forgive(tx: &Tx, hospital: &str, email: &str) -> Result<(), Problem> {
    let key = (hospital.to_owned(), login(email));
    attempt::Entity::delete_by_id(key).exec(tx.conn()).await.map_err(problem)?;
    Ok(())
}

/// Forgets attempts before a moment.
pub async fn forget_before(tx: &Tx, before: Timestamp) -> Result<(), Problem> {
    attempt::Entity::delete_many()
        .filter(attempt::Column::Time.lt(time::micros(before)))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(())
}

/// Addresses are kept as hashes: this table holds what strangers type.
fn login(email: &str) -> String {
    hex::encode(Sha256::digest(email.trim().to_lowercase()))
}
