//! The rows of the log.

use std::collections::BTreeMap;

use chassis::Problem;
use jiff::Timestamp;
use proto::audit::v1 as pb;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, sea_query::Expr,
};

use super::{
    Actor, Change, Field,
    chain::{self, Broken, Known, Verdict},
};
pub use crate::entity::audit_entry::Model as Line;
use crate::{
    entity::{
        audit_entry::{self, Column, Entity},
        audit_head,
    },
    filter::Filter,
    page::Page,
    problem, rows, time,
};

/// Lines read at once.
const CHUNK: u64 = 500;

/// Takes the next numbers of a chain; the row is locked from here on, and still has the hash of the last line.
const TAKE: &str = "INSERT INTO audit_head (hospital, sequence, hash) VALUES ($1, $2, '') \
    ON CONFLICT (hospital) DO UPDATE SET sequence = audit_head.sequence + excluded.sequence \
    RETURNING sequence, hash";

/// Writes lines, hospital by hospital in one order for all.
pub(crate) async fn append(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    now: Timestamp,
    changes: Vec<Change>,
) -> Result<(), DbErr> {
    let mut by_hospital: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_hospital.entry(change.hospital.clone()).or_default().push(change);
    }
    for (hospital, changes) in by_hospital {
        let count = changes.len() as i64;
        let take = Statement::from_sql_and_values(
            conn.get_database_backend(),
            TAKE,
            [hospital.as_str().into(), count.into()],
        );
        let row = conn.query_one_raw(take).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the head of an audit log".to_owned()))?;
        let last: i64 = row.try_get("", "sequence")?;
        let mut previous: String = row.try_get("", "hash")?;
        let mut lines = Vec::with_capacity(changes.len());
        for (number, change) in changes.into_iter().enumerate() {
            let mut line = Line {
                hospital: hospital.clone(),
                sequence: last - count + 1 + number as i64,
                time: time::micros(now),
                actor: change.actor.unwrap_or_else(|| actor.subject.clone()),
                call: actor.call.clone(),
                action: change.action,
                resource: change.resource,
                fields: serde_json::to_string(&change.fields).map_err(|e| DbErr::Json(e.to_string()))?,
                previous_hash: previous,
                hash: String::new(),
            };
            line.hash = chain::hash(&line);
            previous = line.hash.clone();
            lines.push(audit_entry::ActiveModel::from(line));
        }
        rows::insert_all(conn, lines).await?;
        audit_head::Entity::update_many()
            .col_expr(audit_head::Column::Hash, Expr::value(previous))
            .filter(audit_head::Column::Hospital.eq(hospital.as_str()))
            .exec(conn)
            .await?;
    }
    Ok(())
}

/// One page of a hospital's log, newest first; `filter` is over [`FILTER`](super::FILTER), times as
/// `2026-12-31T08:00:00Z`.
pub async fn list(
    conn: &impl ConnectionTrait,
    hospital: &str,
    filter: &Filter,
    page: &Page,
) -> Result<(Vec<Line>, String), Problem> {
    let mut filter = filter.clone();
    filter.map_values(|field, value| match value.parse::<Timestamp>() {
        Ok(moment) if field == "time" => time::micros(moment).to_string(),
        _ => value.to_owned(),
    });
    let condition = filter.condition(|field| match field {
        "actor" => Column::Actor,
        "action" => Column::Action,
        "resource" => Column::Resource,
        _ => Column::Time,
    });
    let mut query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(condition);
    if let Some(after) = page.after().and_then(|after| after.parse::<i64>().ok()) {
        query = query.filter(Column::Sequence.lt(after));
    }
    let query = query.order_by_desc(Column::Sequence).limit(page.limit() + 1);
    let mut rows = query.all(conn).await.map_err(problem)?;
    let token = page.next(&mut rows, |line| line.sequence.to_string());
    Ok((rows, token))
}

/// What was done to a resource and what is below it, or by it: the newest lines.
pub async fn of_resource(
    conn: &impl ConnectionTrait,
    hospital: &str,
    name: &str,
    limit: u64,
) -> Result<Vec<Line>, Problem> {
    let concerned = Condition::any()
        .add(Column::Resource.eq(name))
        .add(Column::Resource.starts_with(format!("{name}/")))
        .add(Column::Actor.eq(name));
    Entity::find()
        .filter(Column::Hospital.eq(hospital))
        .filter(concerned)
        .order_by_desc(Column::Sequence)
        .limit(limit)
        .all(conn)
        .await
        .map_err(problem)
}

/// The hospitals that have a log.
pub async fn hospitals(conn: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let heads = audit_head::Entity::find().order_by_asc(audit_head::Column::Hospital).all(conn).await?;
    Ok(heads.into_iter().map(|head| head.hospital).collect())
}

/// Walks a hospital's log from its first line. `known` is a line's hash that was kept elsewhere.
pub async fn verify(
    conn: &impl ConnectionTrait,
    hospital: &str,
    known: Option<&Known>,
) -> Result<Verdict, DbErr> {
    // The end first: what is written meanwhile lies behind it.
    let head = audit_head::Entity::find_by_id(hospital).one(conn).await?;
    let (end, hash) = head.map_or((0, String::new()), |head| (head.sequence, head.hash));
    let mut verdict = Verdict::default();
    let mut cursor = 0;
    loop {
        let lines = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Sequence.gt(cursor))
            .filter(Column::Sequence.lte(end))
            .order_by_asc(Column::Sequence)
            .limit(CHUNK)
            .all(conn)
            .await?;
        let Some(last) = lines.last() else { break };
        cursor = last.sequence;
        verdict.walk(&lines, known);
        if verdict.broken.is_some() {
            break;
        }
    }
    verdict.end(end, &hash, known);
    Ok(verdict)
}

/// A line as the contract says it.
pub fn to_message(line: &Line) -> pb::AuditEntry {
    let fields: Vec<Field> = serde_json::from_str(&line.fields).unwrap_or_default();
    let field = |field: Field| pb::audit_entry::Field {
        name: field.name,
        old_value: field.old.unwrap_or_default(),
        new_value: field.new.unwrap_or_default(),
    };
    pb::AuditEntry {
        name: format!("hospitals/{}/auditEntries/{}", line.hospital, line.sequence),
        time: Some(time::micros_to_proto(line.time)),
        actor: line.actor.clone(),
        call_id: line.call.clone(),
        action: line.action.clone(),
        resource: line.resource.clone(),
        fields: fields.into_iter().map(field).collect(),
        previous_hash: bytes(&line.previous_hash),
        hash: bytes(&line.hash),
    }
}

/// A verdict as the contract says it.
pub fn verdict_to_message(verdict: &Verdict) -> pb::AuditVerdict {
    let Broken { sequence, finding } = verdict.broken.clone().unwrap_or(Broken { sequence: 0, finding: "" });
    pb::AuditVerdict {
        entry_count: verdict.count,
        head_hash: bytes(&verdict.head),
        is_whole: verdict.broken.is_none(),
        broken_number: sequence,
        finding: finding.to_owned(),
    }
}

/// A hash that somebody made up need not be hexadecimal; it is shown empty then.
fn bytes(hash: &str) -> Vec<u8> {
    hex::decode(hash).unwrap_or_default()
}
