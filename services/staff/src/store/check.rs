//! What must be true of staff's tables after a restore.

use chassis::Problem;
use durable::{Tx, check::Rule, problem, time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::entity::session;

/// The promises.
pub const RULES: &[Rule] = &[
    Rule {
        promise: "a resource is of a hospital that exists",
        broken: "SELECT COUNT(*) AS broken FROM resource r WHERE NOT EXISTS (SELECT 1 FROM hospital h WHERE h.id = r.hospital)",
    },
    Rule {
        promise: "an account is a staff member's",
        broken: "SELECT COUNT(*) AS broken FROM account a WHERE NOT EXISTS (SELECT 1 FROM resource r WHERE r.hospital = a.hospital AND r.kind = 'staff_member' AND r.id = a.staff_member)",
    },
    Rule {
        promise: "a session is somebody's who has an account",
        broken: "SELECT COUNT(*) AS broken FROM session s WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.hospital = s.hospital AND a.staff_member = s.staff_member)",
    },
];

/// Ends every session: what was signed out since the moment a database went back to would live again.
pub async fn end_sessions(tx: &Tx) -> Result<u64, Problem> {
    let ended = session::Entity::update_many()
        .col_expr(session::Column::EndTime, Expr::value(time::micros(tx.now())))
        .filter(session::Column::EndTime.is_null())
        .exec(tx.conn())
        .await;
    Ok(ended.map_err(problem)?.rows_affected)
}
