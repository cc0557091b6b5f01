//! Operations: what they are now, and how they go on.

use std::{pin::Pin, time::Duration};

use chassis::{Ctx, Problem};
use durable::time;
use futures::Stream;
use proto::{names::OperationName, operation::v1 as pb};
use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::convert;
use crate::{
    app::App,
    store::{operations::Operation, plans, proposals},
};

/// A stream says something at least this often.
const HEARTBEAT: Duration = Duration::from_secs(12);
/// Changes of other instances are found this often.
const POLL: Duration = Duration::from_millis(500);
/// Streams end after this; the client comes back with its token.
const LONGEST: Duration = Duration::from_mins(10);

/// What a watcher receives.
pub type Watch = Pin<Box<dyn Stream<Item = Result<pb::Operation, Status>> + Send>>;

/// An operation with its proposal, as a message.
pub async fn message(app: &App, ctx: &Ctx, own: &Operation, now: i64) -> Result<pb::Operation, Problem> {
    if own.proposal.is_empty() {
        return convert::operation(own, None, now);
    }
    let reader = app.db.fresh(ctx);
    let plan = plans::find(&reader, &own.hospital, &own.plan).await?;
    let row = proposals::find(&reader, &own.hospital, &own.plan, &own.proposal).await?;
    let proposal = match (plan, row) {
        (Some(plan), Some(row)) => Some(convert::proposal(&plan, &row, false)?),
        _ => None,
    };
    convert::operation(own, proposal, now)
}

/// Follows an operation until it ends, the longest time has passed or the process drains.
pub async fn watch(app: App, ctx: Ctx, name: OperationName, resume_token: String) -> Result<Watch, Problem> {
    let first = app.get_operation(&ctx, &name.hospital, &name.plan, &name.operation).await?;
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(follow(app, ctx, name, first, resume_token, sender));
    Ok(Box::pin(ReceiverStream::new(receiver)))
}

async fn follow(
    app: App,
    ctx: Ctx,
    name: OperationName,
    first: Operation,
    mut said: String,
    sender: mpsc::Sender<Result<pb::Operation, Status>>,
) {
    let began = Instant::now();
    let mut spoke = began;
    let mut wakes = app.wakes.follow();
    let mut current = first;
    loop {
        let token = convert::resume_token(&current);
        let is_due = token != said || spoke.elapsed() >= HEARTBEAT || current.done;
        if is_due {
            let elapsed = i64::try_from(began.elapsed().as_micros()).unwrap_or_default();
            let message =
                message(&app, &ctx, &current, time::micros(ctx.now) + elapsed).await.map_err(Status::from);
            let is_last = current.done || message.is_err();
            // A slow reader gets the newest state when it reads again, never a backlog.
            if sender.send(message).await.is_err() || is_last {
                return;
            }
            (said, spoke) = (token, Instant::now());
        }
        if began.elapsed() >= LONGEST {
            return;
        }
        tokio::select! {
            () = ctx.stop.cancelled() => return,
            () = sender.closed() => return,
            _ = wakes.changed() => {}
            () = tokio::time::sleep(POLL) => {}
        }
        match app.get_operation(&ctx, &name.hospital, &name.plan, &name.operation).await {
            Ok(operation) => current = operation,
            Err(problem) => {
                let _gone = sender.send(Err(problem.into())).await;
                return;
            }
        }
    }
}
