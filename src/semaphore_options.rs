//! `SemaphoreOptions`: everything a semaphore can be asked for.

use crate::mapping_options::{name_to_create, name_to_open};
use crate::sys::{self, IfExists, SemaphoreRequest};
use crate::{Error, ErrorKind, Name, Result, Security, Semaphore, ToName};

/// How to create or open a [`Semaphore`].
///
/// ```
/// let turns = mapview::SemaphoreOptions::new(1, 1).create()?; // unnamed, for child processes
/// assert!(turns.try_wait()? && !turns.try_wait()?);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
pub struct SemaphoreOptions {
    name: Option<Result<Option<Name>>>,
    initial: u32,
    maximum: u32,
    security: Security,
    inheritable: bool,
}

impl SemaphoreOptions {
    /// An unnamed semaphore that counts `initial` (0 to `maximum`) and at most `maximum` (1 to 2^31 - 1).
    #[doc(alias = "lInitialCount")]
    #[doc(alias = "lMaximumCount")]
    pub fn new(initial: u32, maximum: u32) -> SemaphoreOptions {
        let (name, security, inheritable) = (None, Security::OnlyMe, false);
        SemaphoreOptions { name, initial, maximum, security, inheritable }
    }

    /// The name: `Local\x` or `x`, or `Global\x`; see [`Name`]. The empty name creates an unnamed object.
    pub fn name(&mut self, name: &(impl ToName + ?Sized)) -> &mut SemaphoreOptions {
        self.name = Some(name.to_name());
        self
    }

    /// Who may open a new object by its name; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut SemaphoreOptions {
        self.security = security;
        self
    }

    /// Whether child processes inherit the handle, see [`CommandExt`](crate::CommandExt); not unless set.
    pub fn inheritable(&mut self, inheritable: bool) -> &mut SemaphoreOptions {
        self.inheritable = inheritable;
        self
    }

    /// Creates the object, or opens the one that has the name; [`Semaphore::was_created`] tells which.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): the numbers are out of range, whether the name exists or not;
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): its creator does not grant this user; the kinds of
    /// [`Name::from_utf16`].
    #[doc(alias = "CreateSemaphoreW")]
    pub fn create(&self) -> Result<Semaphore> {
        self.create_with(IfExists::Open)
    }

    /// Creates the object; a taken name is an error.
    ///
    /// # Errors
    /// The kinds of [`SemaphoreOptions::create`], and [`AlreadyExists`](crate::ErrorKind::AlreadyExists).
    pub fn create_new(&self) -> Result<Semaphore> {
        self.create_with(IfExists::Fail)
    }

    /// Opens the object that has the name; only the name and `inheritable` are looked at.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound): nobody has such an object open;
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object, or is empty;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): no name was set; the kinds of [`Name::from_utf16`].
    #[doc(alias = "OpenSemaphoreW")]
    pub fn open(&self) -> Result<Semaphore> {
        let name = name_to_open(&self.name)?;
        let inner =
            sys::Semaphore::open(&name, self.inheritable).map_err(|error| error.about(name))?;
        Ok(Semaphore { inner, created: false })
    }

    fn create_with(&self, if_exists: IfExists) -> Result<Semaphore> {
        let name = name_to_create(&self.name)?;
        if self.maximum == 0 || self.maximum > i32::MAX as u32 || self.initial > self.maximum {
            let why = "the maximum is 1 to 2147483647, and the initial count at most that";
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        let request = SemaphoreRequest {
            name: name.clone(),
            initial: self.initial,
            maximum: self.maximum,
            security: self.security.clone(),
            inheritable: self.inheritable,
            if_exists,
        };
        let (inner, created) = sys::Semaphore::create(request).map_err(|error| match name {
            Some(name) => error.about(name),
            None => error,
        })?;
        Ok(Semaphore { inner, created })
    }
}
