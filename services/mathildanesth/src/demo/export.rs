//! The demo's month as a document that any solver can read.
//!
//! The story is played up to the generation, which planning writes down as a task; then the task is leased as a solver
//! would, and the problem in it is written instead of solved. So the file is what the product's own search is given.

use std::path::Path;

use chassis::{BoxError, Clock, Ctx, Peer};
use proto::planning::v1::{
    GeneratePlanRequest, LeaseTaskRequest, Task, task_service_client::TaskServiceClient,
};
use tokio_util::sync::CancellationToken;

use super::{
    Play, explain,
    serve::bootstrapped,
    setting,
    story::{Step, Story},
};
use crate::{Config, serve};

/// The largest problem, in bytes.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Whose workers stay asleep: nobody else is to lease the task.
const SOLVER: &str = "solver";

/// Writes the problem of the demo's month to a file.
///
/// # Errors
/// When the mesh cannot start, a step of the story fails or the file cannot be written.
pub async fn export(config: Config, play: &Play, file: &Path) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let mut config = bootstrapped(config).on_free_ports();
    config.data = folder.path().to_owned();
    let stop = CancellationToken::new();
    let running = serve::start_without(config, stop.clone(), Some(SOLVER)).await?;
    let address = format!("http://{}", running.gateway);
    let task = task(play, &address, running.planning.clone()).await;
    stop.cancel();
    running.finished.await?;
    let message = task?.problem.ok_or("the task has no problem")?;
    let problem = problem::decode(&message).map_err(|violations| format!("{violations:?}"))?;
    std::fs::write(file, problem::problem_document(&problem)?)?;
    println!("{} personnes, {} places : {}", problem.people().len(), problem.slots().len(), file.display());
    Ok(())
}

/// The task that the story's generation becomes.
async fn task(play: &Play, address: &str, planning: Peer) -> Result<Task, BoxError> {
    let patience = std::time::Duration::from_secs(20);
    let mut story = Story::new(setting(play, address, None, patience)?, |_| ());
    for step in Step::ALL.into_iter().take_while(|step| *step < Step::Generate) {
        story.play(step).await.map_err(|status| explain(&status))?;
    }
    let request = GeneratePlanRequest {
        name: story.outcome.plan.name.clone(),
        seed: play.seed,
        step_limit: play.steps,
        request_id: uuid::Uuid::new_v4().to_string(),
        ..Default::default()
    };
    let mut planner = story.administrator().planning();
    planner.generate_plan(request).await.map_err(|status| explain(&status))?;
    let mut tasks = TaskServiceClient::new(planning).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let lease = LeaseTaskRequest { worker: "export".to_owned() };
    let answer = tasks.lease_task(Ctx::system(SOLVER, &Clock::system()).call(lease)).await?;
    answer.into_inner().task.ok_or_else(|| "no task waits".into())
}
