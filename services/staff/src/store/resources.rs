//! Resources of a department: one table, since they are small, read whole and told apart by kind.
//!
//! What must be unique is a column with a unique index; everything else is the value's own JSON.

use std::collections::BTreeMap;

use chassis::Problem;
use durable::{Tx, etag, problem};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, QueryFilter,
    QueryOrder, QuerySelect, Statement, sea_query::Expr,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::entity::resource::{ActiveModel, Column, Entity, Model};
use crate::domain::{Contract, Kind, LegalPack, Resource, StaffMember, legal_pack, profession};

/// How many rows a filtered list looks at in one query.
const CHUNK: u64 = 1_000;

/// A resource with its id and version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned"))]
pub struct Stored<T> {
    /// Hospital id.
    pub hospital: String,
    /// The id, see [`crate::domain::resource`].
    pub id: String,
    /// The resource.
    pub value: T,
    /// Grows with each change.
    pub version: i64,
    /// Microseconds.
    pub create_time: i64,
    /// Microseconds.
    pub update_time: i64,
}

impl<T: Resource> Stored<T> {
    fn of(row: Model) -> Result<Self, Problem> {
        let value = serde_json::from_str(&row.value).map_err(Problem::internal)?;
        Ok(Self {
            hospital: row.hospital,
            id: row.id,
            value,
            version: row.version,
            create_time: row.create_time,
            update_time: row.update_time,
        })
    }

    /// The resource's name.
    pub fn name(&self) -> String {
        T::KIND.name(&self.hospital, &self.id)
    }
}

fn of_kind(hospital: &str, kind: Kind) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Hospital.eq(hospital)).filter(Column::Kind.eq(kind.word()))
}

/// One resource.
pub async fn find<T: Resource>(
    conn: &impl ConnectionTrait,
    hospital: &str,
    id: &str,
) -> Result<Option<Stored<T>>, Problem> {
    let row = of_kind(hospital, T::KIND).filter(Column::Id.eq(id)).one(conn).await.map_err(problem)?;
    row.map(Stored::of).transpose()
}

/// The resource with this natural key.
pub async fn find_by_key<T: Resource>(
    conn: &impl ConnectionTrait,
    hospital: &str,
    key: &str,
) -> Result<Option<Stored<T>>, Problem> {
    let row =
        of_kind(hospital, T::KIND).filter(Column::NaturalKey.eq(key)).one(conn).await.map_err(problem)?;
    row.map(Stored::of).transpose()
}

/// Resources with one of these natural or second keys, in no order.
pub async fn by_keys<T: Resource>(
    conn: &impl ConnectionTrait,
    hospital: &str,
    natural: &[String],
    second: &[String],
) -> Result<Vec<Stored<T>>, Problem> {
    let mut rows = with_keys(conn, (hospital, T::KIND), Column::NaturalKey, natural).await?;
    rows.extend(with_keys(conn, (hospital, T::KIND), Column::SecondKey, second).await?);
    rows.into_iter().map(Stored::of).collect()
}

/// Looks each key up by itself. Beside a list of keys a planner that has not counted the table yet, as while a large file
/// goes in, takes hospital and kind for rare and reads all of the kind instead.
async fn with_keys(
    conn: &impl ConnectionTrait,
    (hospital, kind): (&str, Kind),
    column: Column,
    keys: &[String],
) -> Result<Vec<Model>, Problem> {
    if keys.is_empty() {
        return Ok(vec![]);
    }
    let (backend, column) = (conn.get_database_backend(), column.as_str());
    let sql = match backend {
        DbBackend::Postgres => format!(
            "SELECT found.* FROM json_array_elements_text(CAST($3 AS json)) AS asked(key) CROSS JOIN LATERAL \
             (SELECT * FROM resource WHERE hospital = $1 AND kind = $2 AND {column} = asked.key LIMIT 1) AS found"
        ),
        _ => format!(
            "SELECT found.* FROM json_each($3) AS asked CROSS JOIN resource AS found \
             WHERE found.hospital = $1 AND found.kind = $2 AND found.{column} = asked.value"
        ),
    };
    let keys = serde_json::to_string(keys).map_err(Problem::internal)?;
    let values = [hospital.into(), kind.word().into(), keys.into()];
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Entity::find().from_raw_sql(statement).all(conn).await.map_err(problem)
}

/// Resources among these ids, in no order.
pub async fn among<T: Resource>(
    conn: &impl ConnectionTrait,
    hospital: &str,
    ids: &[String],
) -> Result<Vec<Stored<T>>, Problem> {
    let rows = of_kind(hospital, T::KIND).filter(Column::Id.is_in(ids)).all(conn).await.map_err(problem)?;
    rows.into_iter().map(Stored::of).collect()
}

/// Every resource of a kind, by id.
pub async fn all<T: Resource>(
    conn: &impl ConnectionTrait,
    hospital: &str,
) -> Result<Vec<Stored<T>>, Problem> {
    let rows = of_kind(hospital, T::KIND).order_by_asc(Column::Id).all(conn).await.map_err(problem)?;
    rows.into_iter().map(Stored::of).collect()
}

/// Every resource under one parent.
pub async fn children<T: Resource>(
    conn: &impl ConnectionTrait,
    hospital: &str,
    parent: &str,
) -> Result<Vec<Stored<T>>, Problem> {
    let prefix = format!("{parent}/");
    let rows =
        of_kind(hospital, T::KIND).filter(Column::Id.starts_with(prefix)).all(conn).await.map_err(problem)?;
    rows.into_iter().map(Stored::of).collect()
}

/// Up to `limit` resources after an id, of those that `keep` keeps. `parent` is an id under which all of them live, or
/// empty.
pub async fn after<T: Resource>(
    conn: &impl ConnectionTrait,
    (hospital, parent): (&str, &str),
    after: Option<&str>,
    limit: u64,
    keep: impl Fn(&Stored<T>) -> bool,
) -> Result<Vec<Stored<T>>, Problem> {
    let mut found = vec![];
    let mut cursor = after.map(str::to_owned);
    loop {
        let mut query = of_kind(hospital, T::KIND).order_by_asc(Column::Id).limit(CHUNK);
        if !parent.is_empty() {
            query = query.filter(Column::Id.starts_with(format!("{parent}/")));
        }
        if let Some(cursor) = &cursor {
            query = query.filter(Column::Id.gt(cursor.as_str()));
        }
        let rows = query.all(conn).await.map_err(problem)?;
        let is_last = (rows.len() as u64) < CHUNK;
        cursor = rows.last().map(|row| row.id.clone());
        for row in rows {
            let stored = Stored::of(row)?;
            if keep(&stored) {
                found.push(stored);
            }
            if found.len() as u64 == limit {
                return Ok(found);
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// Which of these ids exist.
pub async fn existing(
    conn: &impl ConnectionTrait,
    hospital: &str,
    kind: Kind,
    ids: &[String],
) -> Result<Vec<String>, Problem> {
    let query = of_kind(hospital, kind).filter(Column::Id.is_in(ids)).select_only().column(Column::Id);
    query.into_tuple().all(conn).await.map_err(problem)
}

/// A resource that lives under this one, or names it.
pub async fn referrer(
    conn: &impl ConnectionTrait,
    hospital: &str,
    kind: Kind,
    id: &str,
) -> Result<Option<String>, Problem> {
    use crate::domain::{AccessPolicy, Incompatibility, Room, Sector, ServiceAccount, Surgeon};
    match kind {
        Kind::LegalPack => return held_to(conn, hospital, id).await,
        Kind::Profession => return having(conn, hospital, id).await,
        _ => {}
    }
    let children: Vec<&str> =
        Kind::ALL.into_iter().filter(|child| child.parent() == Some(kind)).map(Kind::word).collect();
    if !children.is_empty() {
        let child = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Kind.is_in(children))
            .filter(Column::Id.starts_with(format!("{id}/")))
            .one(conn)
            .await
            .map_err(problem)?;
        if let Some(child) = child {
            let kind = Kind::ALL.into_iter().find(|kind| kind.word() == child.kind);
            return Ok(kind.map(|kind| kind.name(hospital, &child.id)));
        }
    }
    if let Some(name) = naming::<Sector>(conn, hospital, kind, id).await? {
        return Ok(Some(name));
    }
    if let Some(name) = naming::<Room>(conn, hospital, kind, id).await? {
        return Ok(Some(name));
    }
    if let Some(name) = naming::<StaffMember>(conn, hospital, kind, id).await? {
        return Ok(Some(name));
    }
    if let Some(name) = naming::<Surgeon>(conn, hospital, kind, id).await? {
        return Ok(Some(name));
    }
    if let Some(name) = naming::<ServiceAccount>(conn, hospital, kind, id).await? {
        return Ok(Some(name));
    }
    if let Some(name) = naming::<AccessPolicy>(conn, hospital, kind, id).await? {
        return Ok(Some(name));
    }
    naming::<Incompatibility>(conn, hospital, kind, id).await
}

/// A contract that names the code of a legal pack of which no other version would be left.
async fn held_to(conn: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<String>, Problem> {
    let Some(pack) = find::<LegalPack>(conn, hospital, id).await? else { return Ok(None) };
    let code = pack.value.code;
    let versions = all::<LegalPack>(conn, hospital).await?;
    if legal_pack::is_known(&code) || versions.iter().any(|own| own.id != id && own.value.code == code) {
        return Ok(None);
    }
    let contracts = all::<Contract>(conn, hospital).await?;
    Ok(contracts.iter().find(|own| own.value.legal_pack == code).map(Stored::name))
}

/// Somebody of a profession: by its name, or because it is called like the code of theirs.
async fn having(conn: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<String>, Problem> {
    let people = all::<StaffMember>(conn, hospital).await?;
    let has = |own: &&Stored<StaffMember>| match own.value.own_profession.as_str() {
        "" => profession::id_of(&own.value.profession) == id,
        own => own == id,
    };
    Ok(people.iter().find(has).map(Stored::name))
}

async fn naming<T: Resource>(
    conn: &impl ConnectionTrait,
    hospital: &str,
    kind: Kind,
    id: &str,
) -> Result<Option<String>, Problem> {
    let all = all::<T>(conn, hospital).await?;
    let names = |stored: &&Stored<T>| {
        stored
            .value
            .references(&stored.id)
            .iter()
            .any(|reference| reference.kind == kind && reference.id == id)
    };
    Ok(all.iter().find(names).map(Stored::name))
}

/// Writes a new resource. The error tells whether a unique index refused it.
pub async fn insert<T: Resource>(
    tx: &Tx,
    hospital: &str,
    id: &str,
    value: &T,
) -> Result<Result<Stored<T>, DbErr>, Problem> {
    let now = durable::time::micros(tx.now());
    let row = ActiveModel {
        hospital: Set(hospital.to_owned()),
        kind: Set(T::KIND.word().to_owned()),
        id: Set(id.to_owned()),
        natural_key: Set(value.natural_key(id)),
        second_key: Set(value.second_key()),
        value: Set(serde_json::to_string(value).map_err(Problem::internal)?),
        version: Set(1),
        create_time: Set(now),
        update_time: Set(now),
    };
    Ok(Entity::insert(row).exec_without_returning(tx.conn()).await.map(|_| Stored {
        hospital: hospital.to_owned(),
        id: id.to_owned(),
        value: value.clone(),
        version: 1,
        create_time: now,
        update_time: now,
    }))
}

/// Writes new resources. The inner error tells whether a unique index refused one.
pub async fn insert_all<T: Resource>(
    tx: &Tx,
    hospital: &str,
    new: Vec<(String, T)>,
) -> Result<Result<Vec<Stored<T>>, DbErr>, Problem> {
    let now = durable::time::micros(tx.now());
    let mut rows = vec![];
    for (id, value) in &new {
        rows.push(ActiveModel {
            hospital: Set(hospital.to_owned()),
            kind: Set(T::KIND.word().to_owned()),
            id: Set(id.clone()),
            natural_key: Set(value.natural_key(id)),
            second_key: Set(value.second_key()),
            value: Set(serde_json::to_string(value).map_err(Problem::internal)?),
            version: Set(1),
            create_time: Set(now),
            update_time: Set(now),
        });
    }
    if let Err(error) = durable::insert_all(tx.conn(), rows).await {
        return Ok(Err(error));
    }
    let stored = |(id, value)| Stored {
        hospital: hospital.to_owned(),
        id,
        value,
        version: 1,
        create_time: now,
        update_time: now,
    };
    Ok(Ok(new.into_iter().map(stored).collect()))
}

/// Writes a changed resource over the version that was read. The inner error tells whether a unique index refused.
pub async fn update<T: Resource>(
    tx: &Tx,
    old: &Stored<T>,
    value: T,
) -> Result<Result<Stored<T>, DbErr>, Problem> {
    let now = durable::time::micros(tx.now());
    let text = serde_json::to_string(&value).map_err(Problem::internal)?;
    let outcome = Entity::update_many()
        .col_expr(Column::NaturalKey, Expr::value(value.natural_key(&old.id)))
        .col_expr(Column::SecondKey, Expr::value(value.second_key()))
        .col_expr(Column::Value, Expr::value(text))
        .col_expr(Column::Version, Expr::value(old.version + 1))
        .col_expr(Column::UpdateTime, Expr::value(now))
        .filter(Column::Hospital.eq(old.hospital.as_str()))
        .filter(Column::Kind.eq(T::KIND.word()))
        .filter(Column::Id.eq(old.id.as_str()))
        .filter(Column::Version.eq(old.version))
        .exec(tx.conn())
        .await;
    match outcome {
        Ok(outcome) if outcome.rows_affected == 0 => Err(etag::mismatch(old.version + 1)),
        Ok(_) => Ok(Ok(Stored { value, version: old.version + 1, update_time: now, ..old.clone() })),
        Err(error) => Ok(Err(error)),
    }
}

/// Deletes the version that was read.
pub async fn delete<T: Resource>(tx: &Tx, old: &Stored<T>) -> Result<(), Problem> {
    let outcome = Entity::delete_many()
        .filter(Column::Hospital.eq(old.hospital.as_str()))
        .filter(Column::Kind.eq(T::KIND.word()))
        .filter(Column::Id.eq(old.id.as_str()))
        .filter(Column::Version.eq(old.version))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    if outcome.rows_affected == 0 { Err(etag::mismatch(old.version + 1)) } else { Ok(()) }
}

/// Makes other transactions that change children of this resource wait for this one: on PostgreSQL two contracts
/// written at once would not see each other. False if there is no such resource.
pub async fn lock(tx: &Tx, hospital: &str, kind: Kind, id: &str) -> Result<bool, Problem> {
    let outcome = Entity::update_many()
        .col_expr(Column::UpdateTime, Expr::col(Column::UpdateTime))
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Kind.eq(kind.word()))
        .filter(Column::Id.eq(id))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(outcome.rows_affected > 0)
}

/// The same for all resources of a hospital under which others live, from the top down as those who write one do.
pub async fn lock_parents(tx: &Tx, hospital: &str) -> Result<(), Problem> {
    for kind in [Kind::Site, Kind::Sector, Kind::StaffMember] {
        Entity::update_many()
            .col_expr(Column::UpdateTime, Expr::col(Column::UpdateTime))
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Kind.eq(kind.word()))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
    }
    Ok(())
}

/// Resources by id.
pub fn by_id<T>(rows: Vec<Stored<T>>) -> BTreeMap<String, Stored<T>> {
    rows.into_iter().map(|stored| (stored.id.clone(), stored)).collect()
}
