//! `OnceInit`: something that processes do once, by name, also if one of them dies over it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::held::Held;
use crate::state::once;
use crate::typed::{Plan, Typed};
use crate::typed_header::{Header, Kind, WORD_AT};
use crate::{Access, Deadline, Error, Name, Result, Security, SharedOptions, ToName};

/// Something that exactly one of many processes does, such as setting up a directory, while the others wait until it is
/// done; if that one is killed in the midst, the next one does it and is told so.
///
/// A mapping `<name>` and a mutex `<name>.lock`. That it is done is known as long as any process has it open; then name
/// and memory end, and it would be done again.
///
/// ```
/// use mapview::OnceInit;
/// let name = format!("doc-once-{}", std::process::id());
/// let setup = OnceInit::create(&name)?; // in each process
/// let mut log = Vec::new();
/// setup.call_once(|attempt| {
///     if attempt.is_retry() { log.push("tidy up after the one before"); }
///     log.push("set up");
/// })?;
/// assert!(setup.is_done());
/// assert!(!setup.call_once(|_| unreachable!("it is done"))?);
/// assert_eq!(log, ["set up"]);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "InitOnceExecuteOnce")]
#[doc(alias = "INIT_ONCE")]
pub struct OnceInit {
    typed: Typed,
}

/// Which attempt it is that a closure of [`OnceInit::call_once`] makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    number: u64,
}

impl Attempt {
    /// 1 for the first, one more for each after it.
    pub fn number(self) -> u64 {
        self.number
    }

    /// Whether somebody began before and did not finish: killed, panicked, or returned an error.
    pub fn is_retry(self) -> bool {
        self.number != 1
    }
}

impl OnceInit {
    /// Creates it, or opens the one that has this name.
    ///
    /// # Errors
    /// [`InvalidData`](crate::ErrorKind::InvalidData): the mapping of this name is something else; the kinds of
    /// [`MappingOptions::create`](crate::MappingOptions::create) and [`MutexOptions::create`](crate::MutexOptions::create);
    /// a name is needed.
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<OnceInit> {
        SharedOptions::new().create_once(name)
    }

    /// Opens the one that has this name.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound): nobody has it open; else the kinds of [`OnceInit::create`].
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<OnceInit> {
        Ok(OnceInit { typed: plan(name)?.open(Access::READ | Access::WRITE)? })
    }

    /// Runs `body` unless it is done; waits while another thread or process is running its own. Returns whether this call
    /// did it. If `body` panics, it is not done.
    ///
    /// # Errors
    /// [`Busy`](crate::ErrorKind::Busy): called from within a `body` for the same name.
    pub fn call_once(&self, body: impl FnOnce(Attempt)) -> Result<bool> {
        let done = self.call_once_until(Deadline::never(), body)?;
        Ok(done.expect("a wait without end does not time out"))
    }

    /// Runs `body` unless it is done; gives up waiting for another's at `deadline` and returns `None`. It does not
    /// interrupt `body`.
    ///
    /// # Errors
    /// The kinds of [`OnceInit::call_once`].
    pub fn call_once_until(
        &self,
        deadline: Deadline,
        body: impl FnOnce(Attempt),
    ) -> Result<Option<bool>> {
        self.try_call_once_until(deadline, |attempt| {
            body(attempt);
            Ok::<(), Error>(())
        })
    }

    /// As [`OnceInit::call_once`], for a `body` that can fail: then it is not done, and the next one tries again.
    ///
    /// ```
    /// let setup = mapview::OnceInit::create(&format!("doc-try-once-{}", std::process::id()))?;
    /// let failed = setup.try_call_once(|_| std::fs::read("/no/such/file").map(drop).map_err(Box::from));
    /// let failed: Result<bool, Box<dyn std::error::Error>> = failed;
    /// assert!(failed.is_err() && !setup.is_done());
    /// assert!(setup.call_once(|attempt| assert_eq!(attempt.number(), 2))?);
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// What `body` returns, and the kinds of [`OnceInit::call_once`].
    pub fn try_call_once<E: From<Error>>(
        &self,
        body: impl FnOnce(Attempt) -> std::result::Result<(), E>,
    ) -> std::result::Result<bool, E> {
        let done = self.try_call_once_until(Deadline::never(), body)?;
        Ok(done.expect("a wait without end does not time out"))
    }

    /// As [`OnceInit::call_once_until`], for a `body` that can fail.
    ///
    /// # Errors
    /// The kinds of [`OnceInit::try_call_once`].
    pub fn try_call_once_until<E: From<Error>>(
        &self,
        deadline: Deadline,
        body: impl FnOnce(Attempt) -> std::result::Result<(), E>,
    ) -> std::result::Result<Option<bool>, E> {
        if self.is_done() {
            return Ok(Some(false));
        }
        let _held = Held::enter(&self.typed.name)?;
        let Some(_guard) = self.typed.lock.lock_until(deadline)? else { return Ok(None) };
        let word = self.typed.view.atomic::<AtomicU64>(WORD_AT)?;
        let Some(number) = once::begin(word) else { return Ok(Some(false)) };
        body(Attempt { number })?;
        once::finish(word);
        Ok(Some(true))
    }

    /// Whether it is done: one load from memory. If so, everything its `body` wrote to shared memory can be seen.
    pub fn is_done(&self) -> bool {
        let word = self.typed.view.load::<AtomicU64>(WORD_AT, Ordering::Acquire);
        word.is_ok_and(once::is_done)
    }

    /// The name of the mapping; that of the mutex has `.lock` behind it.
    pub fn name(&self) -> &Name {
        &self.typed.name
    }

    /// Whether creating this handle made the object; `false` when it existed.
    pub fn was_created(&self) -> bool {
        self.typed.created
    }
}

pub(crate) fn create(name: &(impl ToName + ?Sized), security: &Security) -> Result<OnceInit> {
    Ok(OnceInit { typed: plan(name)?.create(security, |_| Ok(()))? })
}

fn plan(name: &(impl ToName + ?Sized)) -> Result<Plan> {
    Plan::new(name, Header::new::<()>(Kind::OnceInit, ""), Some(0))
}
