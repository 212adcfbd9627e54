//! `Guard`: bytes of a mapped file that go away are an error, not the end of the program.

use crate::{sys, Result, View};

/// The guard of this process against files that are truncated, and disks that fail or are full, under a view.
///
/// Whoever may write a file may also truncate it, mapped or not. Touching a page that is gone ends a program: by
/// SIGBUS on Linux, by an exception on Windows. In a view that was mapped with
/// [`ViewOptions::guarded`](crate::ViewOptions::guarded) it does not:
///
/// * [`View::copy_in`], [`copy_out`](View::copy_out), [`fill`](View::fill), [`to_vec`](View::to_vec),
///   [`read`](View::read), [`write`](View::write) and [`load`](View::load) return
///   [`InPageError`](crate::ErrorKind::InPageError), which says where and why. Bytes before that place may have been copied.
///   Nothing else changes: when the file has grown back, or the disk has room, the same view works again.
/// * Access in place, through [`View::atomic`], [`View::as_ptr`] or a slice, has no way to return an error. It meets a
///   private page of zeros, and the view is [damaged](View::is_damaged) from then on: the methods above and [`View::flush`]
///   return `InPageError` until [`View::repair`].
///
/// A copy that does not fail costs what an unguarded one does, and makes no system call.
///
/// ```
/// use mapview::{ErrorKind, Guard, MappingOptions, View, ViewAccess};
/// let file = tempfile::NamedTempFile::new()?;
/// file.as_file().set_len(1 << 20)?;
/// let mapping = MappingOptions::new().path(file.path()).create()?;
/// let view = View::options().access(ViewAccess::ReadWrite).guarded(true).map(&mapping)?;
/// assert!(Guard::is_installed());
/// # if cfg!(target_os = "linux") {
/// file.as_file().set_len(0)?; // usually another program, which knows nothing of the mapping
/// assert_eq!(view.read::<u64>(8).unwrap_err().kind(), ErrorKind::InPageError);
/// file.as_file().set_len(1 << 20)?;
/// assert_eq!(view.read::<u64>(8)?, 0);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Platform notes
/// Linux on x86-64: handlers for SIGBUS and SIGSEGV. Whatever is not about a guarded view goes to the handlers that were there
/// before; handlers that are installed later must pass on what they do not know, as they should anyway. A thread that has
/// blocked these signals is not guarded. Once installed, the library also
/// survives that somebody truncates the files in `/dev/shm` in which it keeps objects of `Global\`: their users get `InPageError`.
///
/// Windows: an exception handler, for copies only: access in place raises the exception as ever. Windows itself refuses
/// to truncate a mapped file, so what remains are disks and networks that fail.
///
/// Other processors: [`Unsupported`](crate::ErrorKind::Unsupported).
#[derive(Clone, Copy, Debug)]
#[doc(alias = "SIGBUS")]
#[doc(alias = "EXCEPTION_IN_PAGE_ERROR")]
#[doc(alias = "AddVectoredExceptionHandler")]
pub struct Guard(());

impl Guard {
    /// Installs the guard, unless it is there already. It stays until the process ends, and in its forks.
    ///
    /// Mapping a guarded view does this too. To call it early, before threads start, lets handlers that come later be
    /// the first to see a fault.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported): not on this processor.
    pub fn install() -> Result<Guard> {
        sys::install_guard()?;
        Ok(Guard(()))
    }

    /// Whether this process has the guard.
    pub fn is_installed() -> bool {
        sys::is_guard_installed()
    }
}

impl View {
    /// Whether bytes that go away are an error here; see [`Guard`].
    pub fn is_guarded(&self) -> bool {
        self.inner().is_guarded()
    }

    /// Whether access in place met a page that was gone; then zeros stand there, and changes to them reach nobody.
    ///
    /// # Platform notes
    /// Never on Windows, where such access raises an exception.
    pub fn is_damaged(&self) -> bool {
        self.inner().has_lost_pages()
    }

    /// Maps the file again where pages were replaced by zeros; without effect on a view that is not damaged.
    ///
    /// What was written to the zeros is lost. So are the private changes of a copy-on-write view between the first and the
    /// last page that was replaced.
    ///
    /// # Errors
    /// [`InPageError`](crate::ErrorKind::InPageError): the file is still too short; the view stays damaged.
    pub fn repair(&self) -> Result<()> {
        self.inner().repair()
    }
}
