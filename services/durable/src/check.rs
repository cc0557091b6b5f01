//! What must be true of a database whatever happened to it: asked after a restore.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::{Db, audit};

/// A promise, and the question how many rows break it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The promise, as it is printed when it is broken; it names nobody.
    pub promise: &'static str,
    /// SQL that both databases understand and that answers one column `broken`, a bigint.
    pub broken: &'static str,
}

/// What durable promises of its own tables. An index that was damaged no longer keeps them.
const RULES: &[Rule] = &[
    Rule {
        promise: "an event is in the outbox once",
        broken: "SELECT COUNT(*) - COUNT(DISTINCT event_id) AS broken FROM outbox",
    },
    Rule {
        promise: "an event is applied once by each consumer",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT consumer FROM inbox GROUP BY consumer, event_id HAVING COUNT(*) > 1) AS doubled",
    },
    Rule {
        promise: "a request is remembered once",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT method FROM request GROUP BY scope, method, request_id HAVING COUNT(*) > 1) AS doubled",
    },
];

/// Asks every rule of durable and of the service, and walks the audit logs; a line for each that is broken.
pub async fn check(db: &Db, rules: &[Rule]) -> Result<Vec<String>, DbErr> {
    let mut broken = Vec::new();
    for rule in RULES.iter().chain(rules) {
        let statement = Statement::from_string(db.backend(), rule.broken);
        let row = db.read().query_one_raw(statement).await?;
        let count: i64 =
            row.ok_or_else(|| DbErr::RecordNotFound(rule.promise.to_owned()))?.try_get("", "broken")?;
        if count > 0 {
            broken.push(format!("{count} times not true: {}", rule.promise));
        }
    }
    for hospital in audit::hospitals(db.read()).await? {
        let verdict = audit::verify(db.read(), &hospital, None).await?;
        if let Some(found) = verdict.broken {
            let line = format!("the audit log of hospitals/{hospital} is broken at line {}", found.sequence);
            broken.push(format!("{line}: {}", found.finding));
        }
    }
    Ok(broken)
}
