//! Windows in which a service only answers questions, as notification's notices tell them: kept in the service's own
//! database, so that a restart and a bus that is away forget none, and shown to the server stack.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chassis::{
    BoxError, Next, Signal, Worker,
    read_only::{ReadOnly, Window},
};
use proto::{
    event::v1::Envelope,
    names::NoticeName,
    notification::v1::{NoticeChanged, notice::Service},
    values,
};
use sea_orm::{
    ActiveValue::Set,
    DbErr, EntityTrait, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use tokio_util::sync::CancellationToken;

use crate::{Consumer, Db, Tx, entity::window, event, time};

/// How late another instance hears of a window.
const EVERY: Duration = Duration::from_secs(1);

/// How many windows are looked at, the last to end first: far more than a mesh has open.
const WINDOWS_MAX: u64 = 1_000;

/// What a service needs to be closed to changes.
pub struct Windows {
    /// For the server stack.
    pub read_only: ReadOnly,
    /// For the inbox: takes in what notices say.
    pub consumer: Arc<dyn Consumer>,
    /// For the workers: shows what was taken in.
    pub keeper: Box<dyn Worker>,
}

struct OnNotices {
    name: &'static str,
    service: Service,
    signal: Signal,
}

struct Keeper {
    db: Db,
    read_only: ReadOnly,
    signal: Signal,
}

/// The windows of a service: what its database knows is in force before the first call. `name` is the consumer's.
///
/// # Errors
/// When the database cannot be read.
pub async fn windows(db: &Db, name: &'static str, service: Service) -> Result<Windows, BoxError> {
    let (read_only, signal) = (ReadOnly::default(), Signal::new());
    let keeper = Keeper { db: db.clone(), read_only: read_only.clone(), signal: signal.clone() };
    keeper.show().await?;
    let consumer = Arc::new(OnNotices { name, service, signal });
    Ok(Windows { read_only, consumer, keeper: Box::new(keeper) })
}

// === impl OnNotices ===

#[async_trait]
impl Consumer for OnNotices {
    fn name(&self) -> &'static str {
        self.name
    }

    fn topic(&self) -> &'static str {
        "notification"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<NoticeChanged>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let Some(changed) = event::decode::<NoticeChanged>(envelope) else { return Ok(()) };
        let changed = changed?;
        let name = NoticeName::parse(&changed.notice)?;
        let is_closed = changed.read_only_services().any(|service| service == self.service);
        let moment = |moment: Option<prost_types::Timestamp>| moment.as_ref().map_or(0, values::micros);
        let (start, end) = (moment(changed.start_time), moment(changed.end_time));
        // One that is not closed any more is kept too, so that an older event that comes late means nothing.
        let row = window::ActiveModel {
            hospital: Set(name.hospital),
            notice: Set(name.notice),
            version: Set(changed.version),
            start_time: Set(start),
            end_time: Set(if is_closed { end } else { start }),
        };
        let newer = OnConflict::columns([window::Column::Hospital, window::Column::Notice])
            .update_columns([window::Column::Version, window::Column::StartTime, window::Column::EndTime])
            .action_and_where(Expr::col((window::Entity, window::Column::Version)).lt(changed.version))
            .to_owned();
        window::Entity::insert(row).on_conflict(newer).exec_without_returning(tx.conn()).await?;
        Ok(())
    }

    fn committed(&self, _event: &Envelope) {
        self.signal.notify();
    }
}

// === impl Keeper ===

impl Keeper {
    async fn show(&self) -> Result<(), DbErr> {
        // Those that are over too: only a call knows what time it is for it.
        let rows = window::Entity::find()
            .order_by_desc(window::Column::EndTime)
            .limit(WINDOWS_MAX)
            .all(self.db.read())
            .await?;
        let window = |row: window::Model| Window {
            hospital: row.hospital,
            start: time::timestamp(row.start_time),
            end: time::timestamp(row.end_time),
        };
        self.read_only
            .set(rows.into_iter().filter(|row| row.start_time < row.end_time).map(window).collect());
        Ok(())
    }
}

#[async_trait]
impl Worker for Keeper {
    fn name(&self) -> &'static str {
        "read_only.keeper"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.signal.clone())
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        self.show().await?;
        Ok(Next::Idle)
    }
}
