//! Sign-ins.

use chassis::Problem;
use durable::{Tx, etag, problem, time};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{entity::session, unhex};
use crate::domain::refresh::Chain;

pub use super::entity::session::Model as Session;

/// A session to be written.
pub struct New<'a> {
    /// Hospital id.
    pub hospital: &'a str,
    /// Id of the session.
    pub id: &'a str,
    /// Who signed in.
    pub staff_member: &'a str,
    /// The device.
    pub user_agent: &'a str,
    /// Hash of the request, if it had an id.
    pub create_request: Option<[u8; 32]>,
    /// Its refresh tokens.
    pub chain: &'a Chain,
    /// When it ends unless it is refreshed.
    pub expire_time: Timestamp,
}

/// The chain of a session.
pub fn chain(session: &Session) -> Result<Chain, Problem> {
    Ok(Chain {
        seed: unhex(&session.seed)?,
        generation: session.generation,
        current: unhex(&session.current_hash)?,
        rotate_time: time::timestamp(session.rotate_time),
        rotate_request: session.rotate_request.as_deref().map(unhex).transpose()?,
    })
}

/// Whether the session is neither ended nor expired.
pub fn is_live(session: &Session, now: Timestamp) -> bool {
    session.end_time.is_none() && time::micros(now) < session.expire_time
}

/// Writes a session.
pub async fn insert(tx: &Tx, new: New<'_>) -> Result<Session, Problem> {
    let row = Session {
        hospital: new.hospital.to_owned(),
        id: new.id.to_owned(),
        staff_member: new.staff_member.to_owned(),
        user_agent: new.user_agent.to_owned(),
        create_request: new.create_request.map(hex::encode),
        seed: hex::encode(new.chain.seed),
        generation: new.chain.generation,
        current_hash: hex::encode(new.chain.current),
        rotate_request: None,
        version: 1,
        create_time: time::micros(tx.now()),
        rotate_time: time::micros(tx.now()),
        expire_time: time::micros(new.expire_time),
        end_time: None,
    };
    let active: session::ActiveModel = row.clone().into();
    session::Entity::insert(active).exec_without_returning(tx.conn()).await.map_err(problem)?;
    Ok(row)
}

/// One session.
pub async fn find(conn: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Session>, Problem> {
    session::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(conn).await.map_err(problem)
}

/// The session that a request made.
pub async fn find_by_request(
    conn: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
    request: [u8; 32],
) -> Result<Option<Session>, Problem> {
    session::Entity::find()
        .filter(session::Column::Hospital.eq(hospital))
        .filter(session::Column::StaffMember.eq(staff_member))
        .filter(session::Column::CreateRequest.eq(hex::encode(request)))
        .one(conn)
        .await
        .map_err(problem)
}

/// Live sessions of a person before an id, newest first.
pub async fn live(
    conn: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
    before: Option<&str>,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<Session>, Problem> {
    let mut query = session::Entity::find()
        .filter(session::Column::Hospital.eq(hospital))
        .filter(session::Column::StaffMember.eq(staff_member))
        .filter(session::Column::EndTime.is_null())
        .filter(session::Column::ExpireTime.gt(time::micros(now)))
        .order_by_desc(session::Column::Id)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(session::Column::Id.lt(before));
    }
    query.all(conn).await.map_err(problem)
}

/// Writes the next token of a session.
pub async fn rotate(
    tx: &Tx,
    old: &Session,
    chain: &Chain,
    expire_time: Timestamp,
) -> Result<Session, Problem> {
    let new = Session {
        generation: chain.generation,
        current_hash: hex::encode(chain.current),
        rotate_request: chain.rotate_request.map(hex::encode),
        version: old.version + 1,
        rotate_time: time::micros(chain.rotate_time),
        expire_time: time::micros(expire_time),
        ..old.clone()
    };
    let outcome = session::Entity::update_many()
        .col_expr(session::Column::Generation, Expr::value(new.generation))
        .col_expr(session::Column::CurrentHash, Expr::value(new.current_hash.clone()))
        .col_expr(session::Column::RotateRequest, Expr::value(new.rotate_request.clone()))
        .col_expr(session::Column::Version, Expr::value(new.version))
        .col_expr(session::Column::RotateTime, Expr::value(new.rotate_time))
        .col_expr(session::Column::ExpireTime, Expr::value(new.expire_time))
        .filter(session::Column::Hospital.eq(old.hospital.as_str()))
        .filter(session::Column::Id.eq(old.id.as_str()))
        .filter(session::Column::Version.eq(old.version))
        .filter(session::Column::EndTime.is_null())
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    if outcome.rows_affected == 0 { Err(etag::mismatch(new.version)) } else { Ok(new) }
}

/// Ends one session.
pub async fn end(tx: &Tx, hospital: &str, id: &str) -> Result<(), Problem> {
    end_where(tx, hospital, session::Column::Id.eq(id)).await.map(drop)
}

/// Ends the sessions of a person but one; answers how many.
pub async fn end_all(tx: &Tx, hospital: &str, staff_member: &str, but: Option<&str>) -> Result<u64, Problem> {
    let whose = session::Column::StaffMember.eq(staff_member);
    let which = match but {
        Some(id) => whose.and(session::Column::Id.ne(id)),
        None => whose,
    };
    end_where(tx, hospital, which).await
}

async fn end_where(tx: &Tx, hospital: &str, which: Expr) -> Result<u64, Problem> {
    let outcome = session::Entity::update_many()
        .col_expr(session::Column::EndTime, Expr::value(time::micros(tx.now())))
        .filter(session::Column::Hospital.eq(hospital))
        .filter(which)
        .filter(session::Column::EndTime.is_null())
        .filter(session::Column::ExpireTime.gt(time::micros(tx.now())))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(outcome.rows_affected)
}

/// Every session of a person that is still kept, newest first.
pub async fn all(
    conn: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
) -> Result<Vec<Session>, Problem> {
    session::Entity::find()
        .filter(session::Column::Hospital.eq(hospital))
        .filter(session::Column::StaffMember.eq(staff_member))
        .order_by_desc(session::Column::Id)
        .all(conn)
        .await
        .map_err(problem)
}

/// Deletes the sessions of a person, ended ones too.
pub async fn delete_all(tx: &Tx, hospital: &str, staff_member: &str) -> Result<(), Problem> {
    session::Entity::delete_many()
        .filter(session::Column::Hospital.eq(hospital))
        .filter(session::Column::StaffMember.eq(staff_member))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(())
}

/// Forgets sessions that expired before a moment.
pub async fn forget_before(tx: &Tx, before: Timestamp) -> Result<(), Problem> {
    session::Entity::delete_many()
        .filter(session::Column::ExpireTime.lt(time::micros(before)))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(())
}
