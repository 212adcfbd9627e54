//! `SlidingWindows`: a mapping of any size, seen through windows of bounded size.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::sliding_plan::Plan;
use crate::{Advice, Error, ErrorKind, Mapping, Result, SlidingOptions, View, ViewOptions, Window};

/// Shows a mapping of any size, also one larger than memory or the address space, window by window.
///
/// At no moment more of the mapping is mapped than [`SlidingOptions::memory`] says: a window is lent until the next call,
/// which unmaps it before it maps more. What the next window shows is read from the disk while the present one is used.
///
/// ```
/// use mapview::{MappingOptions, SlidingWindows};
/// let mapping = MappingOptions::new().size(1 << 20).create()?;
/// mapping.view()?.write(700_000, &5_u8)?;
///
/// let mut windows = mapping.windows(128 << 10)?; // at most 128 KiB are mapped
/// let (mut buffer, mut sum) = (vec![0; 128 << 10], 0_u64);
/// while let Some(window) = windows.next()? {
///     let bytes = &mut buffer[..window.len()];
///     window.copy_out(0, bytes)?;
///     sum += bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
/// }
/// assert_eq!(sum, 5);
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux reads a file ahead by itself when it is touched in order, so there only one window is mapped at a time then. In
/// other orders, with several threads, and on Windows, the next window is mapped beside the present one, and advised as
/// [`WillNeed`](Advice::WillNeed). If the memory suffices for one window only, nothing is read ahead.
#[derive(Debug)]
pub struct SlidingWindows<'m> {
    options: SlidingOptions,
    slider: Slider<'m>,
    step: u64,
}

impl<'m> SlidingWindows<'m> {
    pub(crate) fn new(mapping: &'m Mapping, options: SlidingOptions) -> Result<SlidingWindows<'m>> {
        let slider = Slider::new(mapping, &options, 1)?;
        Ok(SlidingWindows { options, slider, step: 0 })
    }

    /// The choices, the same as [`SlidingOptions::new`].
    pub fn options() -> SlidingOptions {
        SlidingOptions::new()
    }

    /// How many windows there are; at least one.
    pub fn count(&self) -> u64 {
        self.slider.plan.count()
    }

    /// The next window, or `None` behind the last. Unmaps the one before.
    ///
    /// # Errors
    /// The kinds of [`ViewOptions::map`](crate::ViewOptions::map); the window then comes at the next call.
    /// [`InPageError`](ErrorKind::InPageError): the file has become shorter than the mapping (Linux).
    #[allow(clippy::should_implement_trait)] // an iterator could not lend
    pub fn next(&mut self) -> Result<Option<&Window>> {
        let plan = &self.slider.plan;
        let Some(index) = plan.at_step(self.step) else {
            self.slider.release();
            return Ok(None);
        };
        let then = plan.at_step(self.step + 1);
        let window = self.slider.show(index, then)?;
        self.step += 1;
        Ok(Some(window))
    }

    /// The window that owns the byte at `offset` in the mapping. Unmaps the one before, unless it is the same.
    ///
    /// [`SlidingWindows::next`] goes on as if this had not been called.
    ///
    /// ```
    /// let mapping = mapview::MappingOptions::new().size(1 << 20).create()?;
    /// let mut windows = mapping.windows(64 << 10)?;
    /// let window = windows.at(700_000)?;
    /// window.write((700_000 - window.offset()) as usize, &1_u8).unwrap_err(); // windows are read-only unless said otherwise
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): outside the range; and those of [`SlidingWindows::next`].
    pub fn at(&mut self, offset: u64) -> Result<&Window> {
        let index = self.slider.plan.at_offset(offset)?;
        self.slider.jump(index)
    }

    /// Calls `work` with every window, from `threads` threads, which share the memory; returns when all are done.
    ///
    /// Threads take windows in the chosen order, but do not wait for each other. After the first error no further window
    /// is begun, and that error is returned; after a panic likewise, and the panic goes on. What [`SlidingWindows::next`]
    /// already showed is shown again. Windows that follow from the memory are smaller than with one thread.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// let mapping = mapview::MappingOptions::new().size(1 << 20).create()?;
    /// let bytes = AtomicUsize::new(0);
    /// mapping.windows(512 << 10)?.for_each_parallel(4, |window| {
    ///     bytes.fetch_add(window.own_len(), Ordering::Relaxed);
    ///     Ok::<(), mapview::Error>(())
    /// })?;
    /// assert_eq!(bytes.into_inner(), 1 << 20);
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): no threads, or the memory does not suffice for so many.
    /// * [`Other`](ErrorKind::Other): a thread could not be started.
    /// * Those of [`SlidingWindows::next`], and of `work`.
    pub fn for_each_parallel<E: From<Error> + Send>(
        self,
        threads: usize,
        work: impl Fn(&Window) -> std::result::Result<(), E> + Sync,
    ) -> std::result::Result<(), E> {
        let (options, mapping) = (self.options, self.slider.mapping);
        drop((self.slider.present, self.slider.ahead)); // the threads have all of the memory
        if threads == 0 {
            return Err(Error::new(ErrorKind::InvalidParameter, "no threads").into());
        }
        let plan = Slider::new(mapping, &options, threads)?.plan;
        let (step, stop, failure) = (AtomicU64::new(0), AtomicBool::new(false), Mutex::new(None));
        let take = || match stop.load(Ordering::Relaxed) {
            true => None,
            false => plan.at_step(step.fetch_add(1, Ordering::Relaxed)),
        };
        let slide = || -> std::result::Result<(), E> {
            let _panics = StopOnPanic(&stop);
            let mut slider = Slider::new(mapping, &options, threads)?;
            let mut next = take();
            while let Some(index) = next.filter(|_| !stop.load(Ordering::Relaxed)) {
                let then = if plan.ahead { take() } else { None };
                work(slider.show(index, then)?)?;
                next = then.or_else(&take);
            }
            Ok(())
        };
        let fail = |error: E| {
            stop.store(true, Ordering::Relaxed);
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        thread::scope(|scope| {
            for _ in 0..plan.count().min(threads as u64) {
                let run = || slide().unwrap_or_else(fail);
                if let Err(error) = thread::Builder::new().spawn_scoped(scope, run) {
                    fail(
                        Error::new(ErrorKind::Other, format!("starting a thread: {error}")).into(),
                    );
                }
            }
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

/// Keeps the other threads from going on when one panics.
struct StopOnPanic<'a>(&'a AtomicBool);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// The windows of one thread that are mapped: the present one, and the next.
#[derive(Debug)]
struct Slider<'m> {
    mapping: &'m Mapping,
    plan: Plan,
    view: ViewOptions,
    drop_behind: bool,
    present: Option<(u64, Window)>,
    ahead: Option<(u64, Window)>,
}

impl<'m> Slider<'m> {
    fn new(mapping: &'m Mapping, options: &SlidingOptions, threads: usize) -> Result<Slider<'m>> {
        let plan = Plan::new(options, mapping.size(), mapping.inner.unit(), threads)?;
        let &SlidingOptions { access, drop_behind, guarded, .. } = options;
        let mut view = View::options();
        view.access(access).guarded(guarded);
        Ok(Slider { mapping, plan, view, drop_behind, present: None, ahead: None })
    }

    /// The window with this index, while the one that comes `then` is read ahead.
    fn show(&mut self, index: u64, then: Option<u64>) -> Result<&Window> {
        let present = match self.take(index) {
            Some(window) => window,
            None => {
                self.ahead = None;
                self.map(index, Advice::Sequential)?
            }
        };
        if let Some(then) = then.filter(|_| self.plan.ahead) {
            if self.ahead.as_ref().is_none_or(|ahead| ahead.0 != then) {
                self.ahead = None; // unmapped before more is mapped
                                   // Should this fail, it fails again, and is told, when that window's turn comes.
                self.ahead = self.map(then, Advice::WillNeed).ok().map(|window| (then, window));
            }
        }
        Ok(&self.present.insert((index, present)).1)
    }

    /// The window with this index, and no word on which comes then.
    fn jump(&mut self, index: u64) -> Result<&Window> {
        let window = match self.take(index) {
            Some(window) => window,
            None => self.map(index, Advice::Normal)?,
        };
        Ok(&self.present.insert((index, window)).1)
    }

    /// The window, if it is mapped; what was shown until now is not, any more, afterwards.
    fn take(&mut self, index: u64) -> Option<Window> {
        if let Some((_, window)) = self.present.take_if(|present| present.0 == index) {
            return Some(window);
        }
        self.release();
        self.ahead.take_if(|ahead| ahead.0 == index).map(|ahead| ahead.1)
    }

    fn release(&mut self) {
        let Some((index, window)) = self.present.take() else { return };
        drop(window);
        if self.drop_behind {
            let (offset, len) = self.plan.behind(index);
            self.mapping.inner.drop_from_cache(offset, len);
        }
    }

    fn map(&self, index: u64, advice: Advice) -> Result<Window> {
        let (offset, own_len, len) = self.plan.span(index);
        let about = |error: Error| match self.mapping.name() {
            Some(name) => error.about(name),
            None => error,
        };
        self.mapping.inner.check_end(offset + len as u64).map_err(about)?;
        let view = self.view.clone().offset(offset).len(len).map(self.mapping)?;
        // To look for each page of what is there already takes the kernel a good part of the time to read it.
        let needless =
            advice == Advice::WillNeed && self.mapping.inner.is_cached(offset, len as u64);
        if !needless {
            view.advise(0, len, advice)?;
        }
        Ok(Window::new(view, offset, own_len))
    }
}
