//! Each broken state is made, found and mended; what is well is left alone.

use chassis::{Clock, Peer, config::Target};
use durable::{Db, store_suite};

use super::*;
use crate::{
    app::{Limits, board::Boards, judge::Judges, wakes::Wakes},
    peers::Peers,
    store::{
        migration::Migrator,
        tasks::{LEASED, QUEUED, Task},
    },
};

const H: &str = "chu";

/// Planning without neighbors, over this database.
fn app(db: &Db) -> App {
    let nowhere = |name: &str| {
        let target = Target { name: name.into(), addresses: vec!["http://127.0.0.1:1".into()] };
        Peer::connect("planning", &target, None).unwrap()
    };
    let second = Duration::from_secs(1);
    App {
        db: db.clone(),
        peers: Peers::new(nowhere("staff"), nowhere("leave")),
        wakes: Wakes::new(),
        boards: Boards::new(),
        judges: Judges::new(),
        limits: Limits { lease: second, report_interval: second, attempts_max: 3 },
    }
}

fn ctx() -> Ctx {
    Ctx::system("planning", &Clock::system())
}

fn operation() -> Operation {
    Operation {
        hospital: H.into(),
        id: "o".into(),
        plan: "p".into(),
        running_key: "p".into(),
        phase: operations::SOLVING.into(),
        progress_percent: 0,
        best_levels: "[]".into(),
        steps: 0,
        attempt: 1,
        requester: "boss".into(),
        cancel_requested: false,
        done: false,
        error_reason: String::new(),
        error_message: String::new(),
        proposal: String::new(),
        version: 1,
        create_time: 0,
        end_time: 0,
        bound: String::new(),
        open_parts: 0,
    }
}

/// The task `t` of the operation `o`; its lease, if it has one, ran out long ago.
fn whole(state: &str) -> Task {
    Task {
        hospital: H.into(),
        id: "t".into(),
        operation: "o".into(),
        plan: "p".into(),
        state: state.into(),
        attempt: 1,
        worker: String::new(),
        lease_expire_time: 0,
        seed: 1,
        step_limit: 1,
        time_limit_ms: 0,
        problem: vec![1],
        checkpoint: vec![2],
        who: "who".into(),
        plan_frame: 0,
        absences: String::new(),
        create_time: 0,
        parent: String::new(),
        part: 0,
        round: 0,
        found: vec![],
        percent: 0,
        round_percent: 50,
        steps: 0,
        spent_steps: 0,
        spent_ms: 0,
        divide_time: 0,
    }
}

fn part(number: i32, state: &str) -> Task {
    Task {
        id: format!("t{number}"),
        parent: "t".into(),
        part: number,
        steps: 10,
        found: vec![3],
        ..whole(state)
    }
}

async fn put(db: &Db, operation: Option<Operation>, tasks: Vec<Task>) {
    let tx = db.begin(&ctx()).await.unwrap();
    if let Some(operation) = operation {
        assert!(operations::insert(tx.conn(), &operation).await.unwrap());
    }
    for task in tasks {
        tasks::insert(tx.conn(), task).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What is mended the first time; the second time there is nothing left to mend.
async fn mended(db: &Db) -> Vec<Kind> {
    let app = app(db);
    let first = app.mend_generations(&ctx()).await.unwrap();
    assert_eq!(app.mend_generations(&ctx()).await.unwrap(), [], "mended is mended");
    first
}

/// Why the operation ended; none: it runs.
async fn ended(db: &Db) -> Option<String> {
    let own = operations::by_id(db.read(), H, "o").await.unwrap().unwrap();
    own.done.then_some(own.error_reason)
}

async fn find(db: &Db, id: &str) -> Option<Task> {
    tasks::find(db.read(), H, id).await.unwrap()
}

async fn lease(db: &Db) -> Option<String> {
    let leased = app(db).lease_task(&Ctx::system("solver", &Clock::system()), "s").await.unwrap();
    leased.map(|leased| leased.task.id)
}

/// A time that no lease reaches.
const FAR: i64 = i64::MAX / 2;

store_suite! { Migrator;
    async fn what_is_well_is_left_alone(db) {
        put(&db, Some(operation()), vec![
            Task { attempt: 9, ..whole(DIVIDED) },
            part(0, QUEUED),
            Task { lease_expire_time: FAR, attempt: 9, ..part(1, LEASED) },
            // Lost, but a solver that asks for work takes it.
            part(2, LEASED),
            part(3, DONE),
        ]).await;
        let queued = Operation { id: "q".into(), plan: "q".into(), running_key: "q".into(), ..operation() };
        put(&db, Some(queued), vec![Task { id: "tq".into(), operation: "q".into(), ..whole(QUEUED) }]).await;
        assert_eq!(mended(&db).await, []);
        assert_eq!(ended(&db).await, None);
    }

    async fn an_operation_whose_task_is_over_or_missing_ends(db) {
        put(&db, Some(operation()), vec![whole(DONE)]).await;
        let other = Operation { id: "q".into(), plan: "q".into(), running_key: "q".into(), ..operation() };
        put(&db, Some(other), vec![]).await;
        assert_eq!(mended(&db).await, [Kind::TaskGone, Kind::TaskGone]);
        assert_eq!(ended(&db).await.as_deref(), Some("INTERNAL"));
        assert!(operations::running(db.read(), H, "p").await.unwrap().is_none(), "the plan is free");
    }

    async fn a_task_whose_operation_is_over_or_missing_ends_and_carries_nothing(db) {
        let over = Operation { done: true, running_key: "o".into(), ..operation() };
        put(&db, Some(over), vec![whole(DIVIDED), part(0, QUEUED)]).await;
        put(&db, None, vec![Task { id: "x".into(), operation: "missing".into(), ..whole(LEASED) }]).await;
        assert_eq!(mended(&db).await, [Kind::OperationGone, Kind::OperationGone]);
        for id in ["t", "x"] {
            let task = find(&db, id).await.unwrap();
            assert_eq!((task.state.as_str(), task.problem.len(), task.who.as_str()), (DONE, 0, ""), "{id}");
        }
        assert!(find(&db, "t0").await.is_none());
        assert_eq!(lease(&db).await, None);
    }

    async fn a_divided_task_whose_parts_are_all_done_goes_on(db) {
        put(&db, Some(operation()), vec![whole(DIVIDED), part(0, DONE), part(1, DONE)]).await;
        assert_eq!(mended(&db).await, [Kind::PartsDone]);
        let task = find(&db, "t").await.unwrap();
        assert_eq!((task.state.as_str(), task.round, task.percent, task.spent_steps), (QUEUED, 1, 50, 20));
        assert_eq!(lease(&db).await.as_deref(), Some("t"));
        assert_eq!(find(&db, "t").await.unwrap().times_lost(), 0);
    }

    async fn a_divided_task_that_has_lost_its_parts_is_divided_anew(db) {
        put(&db, Some(operation()), vec![whole(DIVIDED)]).await;
        assert_eq!(mended(&db).await, [Kind::PartsDone]);
        let task = find(&db, "t").await.unwrap();
        assert_eq!((task.state.as_str(), task.round), (QUEUED, 0));
        assert_eq!(lease(&db).await.as_deref(), Some("t"));
    }

    async fn a_part_of_nothing_is_forgotten(db) {
        let over = Operation { done: true, running_key: "o".into(), ..operation() };
        put(&db, Some(over), vec![whole(DONE), part(0, QUEUED)]).await;
        put(&db, None, vec![Task { parent: "missing".into(), ..part(1, LEASED) }]).await;
        assert_eq!(mended(&db).await, [Kind::WholeGone, Kind::WholeGone]);
        assert_eq!((find(&db, "t0").await, find(&db, "t1").await), (None, None));
    }

    async fn a_search_that_lost_too_many_solvers_ends_without_another_one(db) {
        // Three solvers are allowed to be lost, and the third is.
        put(&db, Some(operation()), vec![Task { attempt: 3, ..whole(LEASED) }]).await;
        assert_eq!(mended(&db).await, [Kind::LostTooOften]);
        assert_eq!(ended(&db).await.as_deref(), Some("INTERNAL"));
        assert_eq!(lease(&db).await, None);
    }

    async fn a_part_that_lost_too_many_solvers_ends_the_whole(db) {
        put(&db, Some(operation()), vec![
            whole(DIVIDED),
            Task { attempt: 3, ..part(0, LEASED) },
            Task { lease_expire_time: FAR, ..part(1, LEASED) },
        ]).await;
        assert_eq!(mended(&db).await, [Kind::LostTooOften]);
        assert_eq!(ended(&db).await.as_deref(), Some("INTERNAL"));
        assert_eq!((find(&db, "t").await.unwrap().state.as_str(), find(&db, "t1").await), (DONE, None));
    }

    async fn a_cancellation_that_nobody_is_left_to_hear_happens(db) {
        let cancelled = Operation { cancel_requested: true, ..operation() };
        put(&db, Some(cancelled), vec![whole(LEASED)]).await;
        assert_eq!(mended(&db).await, [Kind::CancelUnheard]);
        assert_eq!(ended(&db).await.as_deref(), Some("CANCELLED"));
    }

    async fn a_cancelled_part_without_a_solver_does_not_keep_the_others_waiting(db) {
        let cancelled = Operation { cancel_requested: true, ..operation() };
        put(&db, Some(cancelled), vec![
            whole(DIVIDED),
            part(0, LEASED),
            Task { lease_expire_time: FAR, ..part(1, LEASED) },
        ]).await;
        assert_eq!(mended(&db).await, [Kind::CancelUnheard]);
        assert_eq!(ended(&db).await, None, "what the other part finds is kept");
        assert_eq!(find(&db, "t0").await.unwrap().state, DONE);
        assert_eq!(find(&db, "t1").await.unwrap().state, LEASED);
    }

    async fn ending_a_task_that_somebody_divided_meanwhile_leaves_its_parts(db) {
        put(&db, Some(operation()), vec![Task { attempt: 2, ..whole(DIVIDED) }, part(0, QUEUED)]).await;
        let tx = db.begin(&ctx()).await.unwrap();
        assert!(!tasks::end(tx.conn(), &whole(QUEUED)).await.unwrap(), "an older attempt");
        tx.commit().await.unwrap();
        assert!(find(&db, "t0").await.is_some());
    }
}
