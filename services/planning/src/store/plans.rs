//! Plans and their revisions.

use chassis::Problem;
use durable::{etag, filter::Filter, page::Page};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement, sea_query::Expr,
};

use super::{
    entity::{assignment, operation, plan, proposal, revision, shift},
    from_json, to_day, to_json,
};
use crate::domain::plan::{Plan, State, Summary};

/// The plan, if there is one.
pub async fn find(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Plan>, Problem> {
    let row = plan::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    row.map_err(durable::problem)?.map(from_row).transpose()
}

/// Every plan that is published, of every hospital.
pub async fn published(db: &impl ConnectionTrait) -> Result<Vec<Plan>, Problem> {
    let rows = plan::Entity::find()
        .filter(plan::Column::State.eq(State::Published.code()))
        .order_by_asc(plan::Column::Hospital)
        .order_by_asc(plan::Column::Id)
        .all(db)
        .await;
    rows.map_err(durable::problem)?.into_iter().map(from_row).collect()
}

/// Marks the analyses of every plan of every hospital as outdated: nobody can tell which absences moved.
pub async fn outdate_all(db: &impl ConnectionTrait) -> Result<u64, Problem> {
    let update = plan::Entity::update_many()
        .col_expr(plan::Column::AnalysisOutdated, Expr::value(true))
        .filter(plan::Column::State.ne(State::Archived.code()))
        .filter(plan::Column::AnalysisTime.gt(0));
    Ok(update.exec(db).await.map_err(durable::problem)?.rows_affected)
}

/// The same, kept as it is until the transaction ends: on PostgreSQL others who write it wait; SQLite has one writer.
pub async fn lock(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Plan>, Problem> {
    let mut query = plan::Entity::find_by_id((hospital.to_owned(), id.to_owned()));
    if db.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(db).await.map_err(durable::problem)?.map(from_row).transpose()
}

/// Waits for its turn among those who create plans of a hospital: two at once would not see each other's.
pub async fn take_turn(db: &impl ConnectionTrait, hospital: &str) -> Result<(), Problem> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    let turn = Statement::from_sql_and_values(DbBackend::Postgres, sql, [format!("plans/{hospital}").into()]);
    db.execute_raw(turn).await.map(drop).map_err(durable::problem)
}

/// One page of a hospital's plans, by first date.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    page: &Page,
    filter: &Filter,
    is_editor: bool,
) -> Result<Vec<Plan>, Problem> {
    let mut query =
        plan::Entity::find().filter(plan::Column::Hospital.eq(hospital)).filter(filter.condition(|field| {
            match field {
                "state" => plan::Column::State,
                "last_date" => plan::Column::LastDate,
                _ => plan::Column::FirstDate,
            }
        }));
    if !is_editor {
        query = query.filter(plan::Column::Revision.gt(0));
    }
    if let Some((date, id)) = page.after().and_then(|key| key.split_once('/')) {
        query = query.filter(
            Condition::any()
                .add(plan::Column::FirstDate.gt(date))
                .add(Condition::all().add(plan::Column::FirstDate.eq(date)).add(plan::Column::Id.gt(id))),
        );
    }
    let rows = query
        .order_by_asc(plan::Column::FirstDate)
        .order_by_asc(plan::Column::Id)
        .limit(page.limit() + 1)
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.into_iter().map(from_row).collect()
}

/// The plans that cover any of these days at any of these sites.
pub async fn overlapping(
    db: &impl ConnectionTrait,
    hospital: &str,
    days: calendar::DayRange,
) -> Result<Vec<Plan>, Problem> {
    let rows = plan::Entity::find()
        .filter(plan::Column::Hospital.eq(hospital))
        .filter(plan::Column::FirstDate.lte(days.last().to_string()))
        .filter(plan::Column::LastDate.gte(days.first().to_string()))
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.into_iter().map(from_row).collect()
}

pub async fn insert(db: &impl ConnectionTrait, plan: &Plan) -> Result<(), Problem> {
    let row = to_row(plan)?.into_active_model();
    match plan::Entity::insert(row).exec_without_returning(db).await {
        Err(error) if durable::is_unique(&error) => {
            let name = format!("hospitals/{}/plans/{}", plan.hospital, plan.id);
            Err(Problem::already_exists(proto::error::v1::Reason::NameTaken, "Plan", name))
        }
        other => other.map(|_| ()).map_err(durable::problem),
    }
}

/// Writes a plan that was loaded at `plan.version`; the new version is one more.
///
/// # Errors
/// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
pub async fn save(db: &impl ConnectionTrait, plan: &mut Plan) -> Result<(), Problem> {
    let seen = plan.version;
    plan.version += 1;
    let row = to_row(plan)?;
    let mut active = row.into_active_model().reset_all();
    active.hospital = sea_orm::ActiveValue::NotSet;
    active.id = sea_orm::ActiveValue::NotSet;
    let done = plan::Entity::update_many()
        .set(active)
        .filter(plan::Column::Hospital.eq(plan.hospital.as_str()))
        .filter(plan::Column::Id.eq(plan.id.as_str()))
        .filter(plan::Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(etag::mismatch(seen)) } else { Ok(()) }
}

/// Deletes a plan with all it has.
pub async fn delete(db: &impl ConnectionTrait, plan: &Plan) -> Result<(), Problem> {
    let (hospital, id) = (plan.hospital.as_str(), plan.id.as_str());
    let done = plan::Entity::delete_many()
        .filter(plan::Column::Hospital.eq(hospital))
        .filter(plan::Column::Id.eq(id))
        .filter(plan::Column::Version.eq(plan.version))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 {
        return Err(etag::mismatch(plan.version));
    }
    let of = |hospital_column: Expr, plan_column: Expr| {
        use sea_orm::sea_query::ExprTrait;
        Condition::all().add(hospital_column.eq(hospital)).add(plan_column.eq(id))
    };
    let condition = || of(Expr::col("hospital"), Expr::col("plan"));
    shift::Entity::delete_many().filter(condition()).exec(db).await.map_err(durable::problem)?;
    assignment::Entity::delete_many().filter(condition()).exec(db).await.map_err(durable::problem)?;
    proposal::Entity::delete_many().filter(condition()).exec(db).await.map_err(durable::problem)?;
    operation::Entity::delete_many().filter(condition()).exec(db).await.map_err(durable::problem)?;
    super::tasks::delete_of_plan(db, hospital, id).await
}

/// Marks the analyses of all plans that cover one of these days as outdated: an absence moved.
pub async fn outdate(
    db: &impl ConnectionTrait,
    hospital: &str,
    days: Option<calendar::DayRange>,
) -> Result<u64, Problem> {
    let mut query = plan::Entity::update_many()
        .col_expr(plan::Column::AnalysisOutdated, Expr::value(true))
        .filter(plan::Column::Hospital.eq(hospital))
        .filter(plan::Column::State.ne(State::Archived.code()))
        .filter(plan::Column::AnalysisTime.gt(0));
    if let Some(days) = days {
        query = query
            .filter(plan::Column::FirstDate.lte(days.last().to_string()))
            .filter(plan::Column::LastDate.gte(days.first().to_string()));
    }
    Ok(query.exec(db).await.map_err(durable::problem)?.rows_affected)
}

/// How many shifts a plan has.
pub async fn count_shifts(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<i32, Problem> {
    let count = shift::Entity::find()
        .filter(shift::Column::Hospital.eq(hospital))
        .filter(shift::Column::Plan.eq(id))
        .count(db)
        .await
        .map_err(durable::problem)?;
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}

pub async fn insert_revision(db: &impl ConnectionTrait, row: revision::Model) -> Result<(), Problem> {
    let insert = revision::Entity::insert(row.into_active_model()).exec_without_returning(db).await;
    insert.map(|_| ()).map_err(durable::problem)
}

pub async fn find_revision(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    number: i32,
) -> Result<Option<revision::Model>, Problem> {
    let key = (hospital.to_owned(), plan.to_owned(), number);
    revision::Entity::find_by_id(key).one(db).await.map_err(durable::problem)
}

/// One page of a plan's revisions, oldest first.
pub async fn list_revisions(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    page: &Page,
) -> Result<Vec<revision::Model>, Problem> {
    let after: i32 = page.after().and_then(|key| key.parse().ok()).unwrap_or(0);
    revision::Entity::find()
        .filter(revision::Column::Hospital.eq(hospital))
        .filter(revision::Column::Plan.eq(plan))
        .filter(revision::Column::Number.gt(after))
        .order_by_asc(revision::Column::Number)
        .limit(page.limit() + 1)
        .all(db)
        .await
        .map_err(durable::problem)
}

fn from_row(row: plan::Model) -> Result<Plan, Problem> {
    let days = calendar::DayRange::new(to_day(&row.first_date)?, to_day(&row.last_date)?);
    let analysis = if row.analysis_time > 0 {
        Some(Summary {
            levels: from_json(&row.analysis_levels)?,
            hard_count: row.analysis_hard_count,
            hole_count: row.analysis_hole_count,
            head: row.analysis_head,
            absences_version: row.analysis_absences,
            is_outdated: row.analysis_outdated,
            time: row.analysis_time,
        })
    } else {
        None
    };
    Ok(Plan {
        hospital: row.hospital,
        id: row.id,
        display_name: row.display_name,
        days: days.map_err(Problem::internal)?,
        sites: from_json(&row.sites)?,
        state: State::from_code(&row.state),
        version: row.version,
        head: row.head,
        frame: row.frame,
        revision: row.revision,
        published_head: row.published_head,
        publish_time: row.publish_time,
        analysis,
        shift_count: row.shift_count,
        create_time: row.create_time,
        update_time: row.update_time,
    })
}

fn to_row(plan: &Plan) -> Result<plan::Model, Problem> {
    let summary = plan.analysis.as_ref();
    Ok(plan::Model {
        hospital: plan.hospital.clone(),
        id: plan.id.clone(),
        display_name: plan.display_name.clone(),
        first_date: plan.days.first().to_string(),
        last_date: plan.days.last().to_string(),
        sites: to_json(&plan.sites)?,
        state: plan.state.code().to_owned(),
        version: plan.version,
        head: plan.head,
        frame: plan.frame,
        revision: plan.revision,
        published_head: plan.published_head,
        publish_time: plan.publish_time,
        analysis_levels: summary.map_or(Ok("[]".to_owned()), |summary| to_json(&summary.levels))?,
        analysis_hard_count: summary.map_or(0, |summary| summary.hard_count),
        analysis_hole_count: summary.map_or(0, |summary| summary.hole_count),
        analysis_head: summary.map_or(0, |summary| summary.head),
        analysis_absences: summary.map_or_else(String::new, |summary| summary.absences_version.clone()),
        analysis_outdated: summary.is_some_and(|summary| summary.is_outdated),
        analysis_time: summary.map_or(0, |summary| summary.time),
        shift_count: plan.shift_count,
        create_time: plan.create_time,
        update_time: plan.update_time,
    })
}
