//! Waiting in async functions, on any executor.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::wait::{signaled, targets};
use crate::{sys, Deadline, Event, Mutex, MutexGuard, Process, Result, Semaphore, Signaled};
use crate::{Timer, Wait};

/// Waits in an async function as [`wait_any`](crate::wait_any) does. The future belongs to one thread, because taking a
/// mutex makes the thread that polls its owner; for tasks that move between threads, select among the futures of
/// [`Event::wait_async`], [`Semaphore::wait_async`], [`Timer::wait_async`] and [`Process::wait_async`].
///
/// *Cancel-safe*: a future takes an object in the very poll that returns it, so a dropped one has taken nothing. Give it a
/// deadline with the time-out of your executor.
///
/// # Errors
/// The kinds of [`wait_any`](crate::wait_any).
///
/// # Platform notes
/// One thread of the library watches for all futures of the process; it runs while there are any. A signal is taken when
/// the executor polls, so threads that sleep in [`wait_any`](crate::wait_any) are served before a future. Windows: the
/// thread looks at the states of the objects, so what another process signals is noticed some milliseconds later, up to
/// about 30 after a long silence; a signal that is gone again by then is not noticed.
pub async fn wait_any_async(objects: &[&(dyn Wait + Sync)]) -> Result<Signaled> {
    let waiting = Waiting { objects: objects.to_vec(), watch: None };
    let _one_thread: PhantomData<*const ()> = PhantomData;
    waiting.await
}

impl Event {
    /// Waits in an async function; see [`wait_any_async`] for what dropping it means.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> mapview::Result<()> {
    /// let (ask, answer) = (mapview::Semaphore::create("", 0, 1)?, mapview::Event::create("", mapview::Reset::Auto)?);
    /// let asker = async { ask.release(1).and(answer.wait_async().await) };
    /// let (asked, answered) = tokio::join!(ask.wait_async(), async { answer.set().and(asker.await) });
    /// asked.and(answered)
    /// # }
    /// ```
    ///
    /// # Errors
    /// The kinds of [`Event::wait`].
    pub async fn wait_async(&self) -> Result<()> {
        Waiting { objects: vec![self], watch: None }.await.map(|_| ())
    }
}

impl Semaphore {
    /// Waits in an async function; see [`wait_any_async`] for what dropping it means.
    ///
    /// # Errors
    /// The kinds of [`Semaphore::wait`].
    pub async fn wait_async(&self) -> Result<()> {
        Waiting { objects: vec![self], watch: None }.await.map(|_| ())
    }
}

impl Timer {
    /// Waits in an async function; see [`wait_any_async`] for what dropping it means.
    ///
    /// # Errors
    /// The kinds of [`Timer::wait`].
    pub async fn wait_async(&self) -> Result<()> {
        Waiting { objects: vec![self], watch: None }.await.map(|_| ())
    }
}

impl Process {
    /// Waits in an async function until it has ended; see [`wait_any_async`] for what dropping it means.
    ///
    /// # Errors
    /// The kinds of [`wait_any`](crate::wait_any).
    pub async fn wait_async(&self) -> Result<()> {
        Waiting { objects: vec![self], watch: None }.await.map(|_| ())
    }
}

impl Mutex {
    /// Locks in an async function; see [`wait_any_async`] for what dropping it means. The thread that polls becomes the
    /// owner, so a task that keeps the guard across an `.await` cannot move to another thread.
    ///
    /// # Errors
    /// The kinds of [`Mutex::lock`].
    pub async fn lock_async(&self) -> Result<MutexGuard<'_>> {
        let signaled = Waiting { objects: vec![self], watch: None }.await?;
        Ok(MutexGuard::of(self, signaled.abandoned()))
    }
}

/// Takes one of the objects as soon as there is one to take.
struct Waiting<'a> {
    objects: Vec<&'a (dyn Wait + Sync)>,
    /// Present while the executor may sleep.
    watch: Option<Watching>,
}

struct Watching {
    _watch: sys::Watch,
    waker: Waker,
    fired: Arc<AtomicBool>,
}

impl Future for Waiting<'_> {
    type Output = Result<Signaled>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Signaled>> {
        let targets = targets(&self.objects)?;
        if let Some(got) = sys::wait_any(&targets, Deadline::now())? {
            self.watch = None;
            return Poll::Ready(Ok(signaled(got)));
        }
        let waker = context.waker();
        let armed = self.watch.as_ref().is_some_and(|watching| {
            !watching.fired.load(Ordering::Acquire) && watching.waker.will_wake(waker)
        });
        if !armed {
            let fired = Arc::new(AtomicBool::new(false));
            let (tell, wake) = (fired.clone(), waker.clone());
            let call = Box::new(move || {
                tell.store(true, Ordering::Release);
                wake.wake();
            });
            self.watch = None;
            let watch = sys::Watch::new(&targets, call)?;
            drop(targets);
            self.watch = Some(Watching { _watch: watch, waker: waker.clone(), fired });
        }
        Poll::Pending
    }
}
