//! `TimerOptions`: everything a timer can be asked for.

use crate::mapping_options::{name_to_create, name_to_open};
use crate::sys::{self, IfExists, TimerRequest};
use crate::{Name, Reset, Result, Security, Timer, ToName};

/// How to create or open an [`Timer`].
///
/// ```
/// use std::time::Duration;
/// use mapview::{Reset, TimerOptions};
/// let start = TimerOptions::new(Reset::Manual).create()?; // unnamed, for child processes
/// assert!(!start.try_wait()?);
/// start.set(Duration::ZERO, None)?;
/// assert!(start.try_wait()? && start.try_wait()?);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
pub struct TimerOptions {
    name: Option<Result<Option<Name>>>,
    reset: Reset,
    security: Security,
    inheritable: bool,
}

impl TimerOptions {
    /// An unnamed timer that is not set.
    pub fn new(reset: Reset) -> TimerOptions {
        let (name, security, inheritable) = (None, Security::OnlyMe, false);
        TimerOptions { name, reset, security, inheritable }
    }

    /// The name: `Local\x` or `x`, or `Global\x`; see [`Name`]. The empty name creates an unnamed object.
    pub fn name(&mut self, name: &(impl ToName + ?Sized)) -> &mut TimerOptions {
        self.name = Some(name.to_name());
        self
    }

    /// Who may open a new object by its name; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut TimerOptions {
        self.security = security;
        self
    }

    /// Whether child processes inherit the handle, see [`CommandExt`](crate::CommandExt); not unless set.
    pub fn inheritable(&mut self, inheritable: bool) -> &mut TimerOptions {
        self.inheritable = inheritable;
        self
    }

    /// Creates the object, or opens the one that has the name; [`Timer::was_created`] tells which.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): its creator does not grant this user; the kinds of
    /// [`Name::from_utf16`].
    #[doc(alias = "CreateWaitableTimerW")]
    #[doc(alias = "CreateWaitableTimerExW")]
    pub fn create(&self) -> Result<Timer> {
        self.create_with(IfExists::Open)
    }

    /// Creates the object; a taken name is an error.
    ///
    /// # Errors
    /// The kinds of [`TimerOptions::create`], and [`AlreadyExists`](crate::ErrorKind::AlreadyExists).
    pub fn create_new(&self) -> Result<Timer> {
        self.create_with(IfExists::Fail)
    }

    /// Opens the object that has the name; only the name and `inheritable` are looked at.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound): nobody has such an object open;
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object, or is empty;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): no name was set; the kinds of [`Name::from_utf16`].
    #[doc(alias = "OpenWaitableTimerW")]
    pub fn open(&self) -> Result<Timer> {
        let name = name_to_open(&self.name)?;
        let inner = sys::Timer::open(&name, self.inheritable).map_err(|error| error.about(name))?;
        Ok(Timer { inner, created: false })
    }

    fn create_with(&self, if_exists: IfExists) -> Result<Timer> {
        let name = name_to_create(&self.name)?;
        let request = TimerRequest {
            name: name.clone(),
            reset: self.reset,
            security: self.security.clone(),
            inheritable: self.inheritable,
            if_exists,
        };
        let (inner, created) = sys::Timer::create(request).map_err(|error| match name {
            Some(name) => error.about(name),
            None => error,
        })?;
        Ok(Timer { inner, created })
    }
}
