//! Work that takes a processor for long goes to threads of its own, away from those that serve calls.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinHandle};

use crate::BoxError;

/// A line for work of one kind: so many at once, the others in the order in which they came. All at once would share the
/// processors and end together, when nobody waits for the result any more. Clones share the line.
#[derive(Clone, Debug)]
pub struct Line(Arc<Semaphore>);

// === impl Line ===

impl Line {
    /// So many at once.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// Does work when its turn comes. What nobody waits for any more before is not begun.
    ///
    /// # Errors
    /// When the work panics.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BoxError> {
        let place = self.0.clone().acquire_owned().await?;
        let work = move || {
            // Free again when the work is done, even if nobody waits for it any more.
            let _place = place;
            work()
        };
        Ok(spawn(work).await?)
    }
}

/// Runs bounded work on a thread where it holds nobody up; the work goes on when the handle is dropped.
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    #[cfg(feature = "testing")]
    if let Some(chance) = crate::simulation::chance() {
        // On the one thread of the simulation, where it takes simulated time: mostly little, at times seconds. News of
        // it is heard at its beginning, as the whole work is done by then.
        let pace = std::time::Duration::from_millis(1).mul_f64(1.0 + 6_000.0 * chance.powi(4));
        return tokio::spawn(async move {
            let done = work();
            tokio::time::sleep(pace).await;
            done
        });
    }
    tokio::task::spawn_blocking(work)
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};

    use futures::{FutureExt, poll};

    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_begun() {
        let line = Line::new(1);
        let begun = Arc::new(Mutex::new(vec![]));
        let (go_on, waits) = mpsc::channel();
        let note = |which: u8| {
            let begun = begun.clone();
            move || begun.lock().unwrap().push(which)
        };
        let first = note(1);
        let mut busy = line
            .run(move || {
                first();
                waits.recv()
            })
            .boxed();
        assert!(poll!(&mut busy).is_pending());
        let (mut gone, mut patient) = (line.run(note(2)).boxed(), line.run(note(3)).boxed());
        assert!(poll!(&mut gone).is_pending() && poll!(&mut patient).is_pending());
        drop(gone);
        go_on.send(()).unwrap();
        busy.await.unwrap().unwrap();
        patient.await.unwrap();
        assert_eq!(*begun.lock().unwrap(), [1, 3]);
    }
}
