//! Work that takes a processor for long goes to threads of its own, away from those that serve calls.

use tokio::task::JoinHandle;

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
