//! Many rows in few statements.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

/// How many rows one statement writes: far below the number of values that a statement may hold, which is 32,766 in SQLite
/// and 65,535 in PostgreSQL.
const ROWS_MAX: usize = 500;

/// Writes rows in their order; none is no statement.
///
/// # Errors
/// As the database says; in a transaction none is then written.
pub async fn insert_all<A>(conn: &impl ConnectionTrait, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        A::Entity::insert_many(rows.by_ref().take(ROWS_MAX)).exec_without_returning(conn).await?;
    }
    Ok(())
}
