//! What several ask for at the same moment is read once for all of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use chassis::{Ctx, Problem};
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use crate::metrics;

/// Reads values by key, one at a time of each key. Who asks while a value is being read gets the next one, which all who
/// ask until it begins share: nobody is shown what was read before they asked. Clones share the reads.
#[derive(Debug)]
pub struct Together<K, V>(Arc<Mutex<BTreeMap<K, Weak<Line<V>>>>>);

/// Those who ask for one key.
#[derive(Debug)]
struct Line<V> {
    turn: tokio::sync::Mutex<()>,
    next: Mutex<Option<Next<V>>>,
}

/// A read that has not begun.
#[derive(Debug)]
struct Next<V> {
    /// Of those who wait for it, the one who waits longest.
    ctx: Ctx,
    read: Read<V>,
}

type Read<V> = Shared<BoxFuture<'static, Result<Arc<V>, Problem>>>;

// === impl Together ===

impl<K: Ord, V: Send + Sync + 'static> Together<K, V> {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// What `read` answers to one of those who ask for the same together.
    pub async fn read<F>(
        &self,
        key: K,
        ctx: &Ctx,
        read: impl FnOnce(Ctx) -> F + Send + 'static,
    ) -> Result<Arc<V>, Problem>
    where
        F: Future<Output = Result<V, Problem>> + Send,
    {
        metrics::board_asked();
        let line = self.line(key);
        // The line is held until the answer is there.
        line.join(ctx, read).await
    }

    fn line(&self, key: K) -> Arc<Line<V>> {
        let mut lines = locked(&self.0);
        if let Some(line) = lines.get(&key).and_then(Weak::upgrade) {
            return line;
        }
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::new(Line { turn: tokio::sync::Mutex::default(), next: Mutex::default() });
        lines.insert(key, Arc::downgrade(&line));
        line
    }
}

// By hand: neither keys nor values are cloned.
impl<K, V> Clone for Together<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

// === impl Line ===

impl<V: Send + Sync + 'static> Line<V> {
    /// The read that begins next.
    fn join<F>(self: &Arc<Self>, ctx: &Ctx, read: impl FnOnce(Ctx) -> F + Send + 'static) -> Read<V>
    where
        F: Future<Output = Result<V, Problem>> + Send,
    {
        let mut next = locked(&self.next);
        if let Some(next) = &mut *next {
            if next.ctx.deadline.is_some_and(|deadline| ctx.deadline.is_none_or(|own| own > deadline)) {
                next.ctx = ctx.clone();
            }
            return next.read.clone();
        }
        let line = Arc::downgrade(self);
        let read = async move {
            let gone = || Problem::internal("nobody waits for what is read");
            let line = line.upgrade().ok_or_else(gone)?;
            let _turn = line.turn.lock().await;
            let Next { ctx, .. } = locked(&line.next).take().ok_or_else(gone)?;
            metrics::board_read();
            read(ctx).await.map(Arc::new)
        };
        let read = read.boxed().shared();
        *next = Some(Next { ctx: ctx.clone(), read: read.clone() });
        read
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Changed by whole assignments only: a panic elsewhere leaves it valid.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, sync::atomic::Ordering, time::Duration};

    use chassis::Clock;
    use futures::poll;
    use tokio::{sync::Semaphore, time::Instant};

    use super::*;

    fn ctx(seconds: u64) -> Ctx {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        Ctx { deadline: Some(deadline), ..Ctx::system("planning", &Clock::system()) }
    }

    /// Each read waits for a permit, and answers how many were begun before it.
    struct Source {
        together: Together<&'static str, usize>,
        begun: Arc<AtomicUsize>,
        permits: Arc<Semaphore>,
        asker: Arc<Mutex<Option<Instant>>>,
    }

    impl Source {
        fn new() -> Self {
            Self {
                together: Together::new(),
                begun: Arc::default(),
                permits: Arc::new(Semaphore::new(0)),
                asker: Arc::default(),
            }
        }

        fn ask(&self, ctx: Ctx) -> BoxFuture<'_, Result<Arc<usize>, Problem>> {
            let (begun, permits, asker) = (self.begun.clone(), self.permits.clone(), self.asker.clone());
            let read = move |ctx: Ctx| async move {
                let before = begun.fetch_add(1, Ordering::SeqCst);
                *locked(&asker) = ctx.deadline;
                permits.acquire().await.map_err(Problem::internal)?.forget();
                Ok(before)
            };
            async move { self.together.read("plan", &ctx, read).await }.boxed()
        }
    }

    #[tokio::test]
    async fn who_asks_during_a_read_shares_the_next_one() {
        let source = Source::new();
        let mut first = source.ask(ctx(1));
        assert!(poll!(&mut first).is_pending());
        let (mut second, mut third) = (source.ask(ctx(5)), source.ask(ctx(3)));
        assert!(poll!(&mut second).is_pending() && poll!(&mut third).is_pending());
        assert_eq!(source.begun.load(Ordering::SeqCst), 1, "one at a time");
        source.permits.add_permits(2);
        assert_eq!(*first.await.unwrap(), 0);
        let (second, third) = tokio::join!(second, third);
        assert_eq!((*second.unwrap(), *third.unwrap()), (1, 1));
        assert!(locked(&source.asker).unwrap() > Instant::now() + Duration::from_secs(4), "the longest");
        assert_eq!(locked(&source.together.0).len(), 1);
    }

    #[tokio::test]
    async fn whoever_gives_up_holds_nobody_up() {
        let source = Source::new();
        let (mut first, mut second) = (source.ask(ctx(1)), source.ask(ctx(1)));
        assert!(poll!(&mut first).is_pending());
        let mut gone = source.ask(ctx(1));
        assert!(poll!(&mut gone).is_pending() && poll!(&mut second).is_pending());
        drop((first, gone));
        source.permits.add_permits(1);
        assert_eq!(*second.await.unwrap(), 1, "the read that nobody waited for was given up");
        source.permits.add_permits(1);
        assert_eq!(*source.ask(ctx(1)).await.unwrap(), 2);
    }
}
