//! How much each hospital calls: a row for each hospital, hour and process of the gateway, and one for each hour in which
//! some process counted from its beginning to its end.

use chassis::Problem;
use durable::{Tx, problem};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    Store,
    entity::{
        seen_hour,
        traffic::{ActiveModel, Column, Entity},
    },
};
use crate::domain::traffic::{Hour, Report, Seen};

// === impl Store ===

impl Store {
    /// Keeps what a process counted, unless it has told a larger count before.
    pub async fn put_traffic(&self, tx: &Tx, report: &Report) -> Result<(), Problem> {
        let hour = report.hour.number();
        for (hospital, calls) in &report.calls {
            let row = ActiveModel {
                hospital: Set(hospital.clone()),
                hour: Set(hour),
                reporter: Set(report.reporter.clone()),
                calls: Set(*calls),
            };
            let larger = OnConflict::columns([Column::Hospital, Column::Hour, Column::Reporter])
                .update_column(Column::Calls)
                .action_and_where(Expr::col((Entity, Column::Calls)).lt(*calls))
                .to_owned();
            let written = Entity::insert(row).on_conflict(larger).exec_without_returning(tx.conn()).await;
            written.map_err(problem)?;
        }
        if report.is_whole {
            let row = seen_hour::ActiveModel { hour: Set(hour) };
            let once = OnConflict::column(seen_hour::Column::Hour).do_nothing().to_owned();
            let written = seen_hour::Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn());
            written.await.map_err(problem)?;
        }
        Ok(())
    }

    /// What was seen of a hospital from one hour to another, both included: nothing before it called first.
    pub async fn seen_traffic(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        (first, last): (Hour, Hour),
    ) -> Result<Seen, Problem> {
        let counted: Vec<(i64, i64)> = Entity::find()
            .select_only()
            .column(Column::Hour)
            .column_as(Column::Calls.sum().cast_as("bigint"), "calls")
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Hour.between(first.number(), last.number()))
            .group_by(Column::Hour)
            .order_by_asc(Column::Hour)
            .into_tuple()
            .all(conn)
            .await
            .map_err(problem)?;
        let Some((begin, _)) = counted.first() else { return Ok(Seen::default()) };
        let hours: Vec<i64> = seen_hour::Entity::find()
            .select_only()
            .column(seen_hour::Column::Hour)
            .filter(seen_hour::Column::Hour.between(*begin, last.number()))
            .into_tuple()
            .all(conn)
            .await
            .map_err(problem)?;
        let mut seen = Seen(hours.into_iter().map(|hour| (Hour::at(hour), 0)).collect());
        for (hour, calls) in counted {
            // Of an hour that nobody saw whole a part was counted: it says too little.
            if let Some(sum) = seen.0.get_mut(&Hour::at(hour)) {
                *sum = calls.unsigned_abs();
            }
        }
        Ok(seen)
    }

    /// Forgets what lies before an hour, and the oldest hours of what is then more than so many rows. Answers how many rows
    /// are gone.
    pub async fn prune_traffic(&self, tx: &Tx, first: Hour, rows_max: u64) -> Result<u64, Problem> {
        let gone = self.forget_traffic(tx, first.number()).await?;
        let too_old: Option<i64> = Entity::find()
            .select_only()
            .column(Column::Hour)
            .order_by_desc(Column::Hour)
            .offset(rows_max)
            .limit(1)
            .into_tuple()
            .one(tx.conn())
            .await
            .map_err(problem)?;
        match too_old {
            None => Ok(gone),
            // The whole hour goes: without some of its rows it would look quiet.
            Some(hour) => Ok(gone + self.forget_traffic(tx, hour + 1).await?),
        }
    }

    async fn forget_traffic(&self, tx: &Tx, first: i64) -> Result<u64, Problem> {
        let counted = Entity::delete_many().filter(Column::Hour.lt(first)).exec(tx.conn());
        let gone = counted.await.map_err(problem)?.rows_affected;
        let seen = seen_hour::Entity::delete_many().filter(seen_hour::Column::Hour.lt(first)).exec(tx.conn());
        seen.await.map_err(problem)?;
        Ok(gone)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chassis::{Clock, Ctx};
    use durable::store_suite;
    use jiff::Timestamp;

    use super::*;
    use crate::store::Migrator;

    fn ctx() -> Ctx {
        Ctx::system("notification", &Clock::fixed(Timestamp::UNIX_EPOCH))
    }

    async fn report(store: &Store, reporter: &str, hour: i64, is_whole: bool, calls: &[(&str, i64)]) {
        let calls = calls.iter().map(|(hospital, calls)| ((*hospital).to_owned(), *calls)).collect();
        let report = Report { reporter: reporter.to_owned(), hour: Hour::at(hour), is_whole, calls };
        let tx = store.db().begin(&ctx()).await.unwrap();
        store.put_traffic(&tx, &report).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn seen(store: &Store, hospital: &str) -> Vec<(i64, u64)> {
        let all = (Hour::at(0), Hour::at(1_000));
        let seen = store.seen_traffic(store.db().read(), hospital, all).await.unwrap();
        seen.0.into_iter().map(|(hour, calls)| (hour.number(), calls)).collect()
    }

    async fn prune(store: &Store, first: i64, rows_max: u64) -> u64 {
        let tx = store.db().begin(&ctx()).await.unwrap();
        let gone = store.prune_traffic(&tx, Hour::at(first), rows_max).await.unwrap();
        tx.commit().await.unwrap();
        gone
    }

    store_suite! { Migrator;
        async fn the_largest_count_stands_whatever_comes_again_or_late(db) {
            let store = Store::new(db);
            report(&store, "a", 7, false, &[("chu", 3)]).await;
            report(&store, "a", 7, true, &[("chu", 9), ("north", 1)]).await;
            report(&store, "b", 7, false, &[("chu", 20)]).await;
            let before = seen(&store, "chu").await;
            for (is_whole, calls) in [(false, 3), (true, 9), (false, 0)] {
                report(&store, "a", 7, is_whole, &[("chu", calls)]).await;
            }
            assert_eq!((before, seen(&store, "chu").await), (vec![(7, 29)], vec![(7, 29)]));
            assert_eq!(seen(&store, "north").await, [(7, 1)]);
            assert_eq!(seen(&store, "south").await, []);
        }

        async fn an_hour_without_calls_is_seen_and_one_without_anybody_is_not(db) {
            let store = Store::new(db);
            report(&store, "a", 6, true, &[("north", 5)]).await;
            report(&store, "a", 7, true, &[("chu", 3)]).await;
            report(&store, "a", 8, true, &[]).await;
            // At nine nobody was there to the end; at ten nobody at all.
            report(&store, "a", 9, false, &[("chu", 4)]).await;
            report(&store, "b", 11, true, &[("north", 5)]).await;
            // Before seven the hospital was not there.
            assert_eq!(seen(&store, "chu").await, [(7, 3), (8, 0), (11, 0)]);
            let some = (Hour::at(7), Hour::at(8));
            assert_eq!(store.seen_traffic(store.db().read(), "chu", some).await.unwrap().0.len(), 2);
        }

        async fn what_is_old_or_too_much_is_forgotten_by_whole_hours(db) {
            let store = Store::new(db);
            for hour in 1..=6 {
                report(&store, "a", hour, true, &[("chu", hour), ("north", 1)]).await;
            }
            assert_eq!(prune(&store, 1, 100).await, 0);
            assert_eq!(prune(&store, 3, 100).await, 4);
            assert_eq!(seen(&store, "chu").await, [(3, 3), (4, 4), (5, 5), (6, 6)]);
            // Five rows are left room for: two hours and a half.
            assert_eq!(prune(&store, 3, 5).await, 4);
            assert_eq!(seen(&store, "chu").await, [(5, 5), (6, 6)]);
            assert_eq!(prune(&store, 3, 4).await, 0);
            let remembered: BTreeMap<i64, u64> = seen(&store, "north").await.into_iter().collect();
            assert_eq!(remembered, BTreeMap::from([(5, 1), (6, 1)]));
        }

        async fn a_report_that_does_not_commit_leaves_nothing(db) {
            let store = Store::new(db);
            let report = Report {
                reporter: "a".to_owned(),
                hour: Hour::at(7),
                is_whole: true,
                calls: BTreeMap::from([("chu".to_owned(), 3)]),
            };
            let tx = store.db().begin(&ctx()).await.unwrap();
            store.put_traffic(&tx, &report).await.unwrap();
            drop(tx);
            assert_eq!(seen(&store, "chu").await, []);
        }
    }
}
