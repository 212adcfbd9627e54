//! `MutexOptions`: everything a mutex can be asked for.

use crate::mapping_options::{name_to_create, name_to_open};
use crate::sys::{self, IfExists, MutexRequest};
use crate::{Mutex, Name, Result, Security, ToName};

/// How to create or open a [`Mutex`].
///
/// ```
/// let mutex = mapview::MutexOptions::new().initial_owner(true).create()?; // unnamed, for child processes
/// mutex.unlock()?;
/// assert_eq!(mutex.unlock().unwrap_err().kind(), mapview::ErrorKind::NotOwner);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MutexOptions {
    name: Option<Result<Option<Name>>>,
    initial_owner: bool,
    security: Security,
    inheritable: bool,
}

impl MutexOptions {
    /// An unnamed mutex that nobody owns.
    pub fn new() -> MutexOptions {
        MutexOptions::default()
    }

    /// The name: `Local\x` or `x`, or `Global\x`; see [`Name`]. The empty name creates an unnamed mutex.
    pub fn name(&mut self, name: &(impl ToName + ?Sized)) -> &mut MutexOptions {
        self.name = Some(name.to_name());
        self
    }

    /// Whether the calling thread owns a new mutex from the start; ignored when the mutex exists.
    #[doc(alias = "bInitialOwner")]
    pub fn initial_owner(&mut self, owner: bool) -> &mut MutexOptions {
        self.initial_owner = owner;
        self
    }

    /// Who may open a new mutex by its name; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut MutexOptions {
        self.security = security;
        self
    }

    /// Whether child processes inherit the handle, see [`CommandExt`](crate::CommandExt); not unless set.
    pub fn inheritable(&mut self, inheritable: bool) -> &mut MutexOptions {
        self.inheritable = inheritable;
        self
    }

    /// Creates the mutex, or opens the one that has the name; [`Mutex::was_created`] tells which.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): its creator does not grant this user; the kinds of
    /// [`Name::from_utf16`].
    #[doc(alias = "CreateMutexW")]
    pub fn create(&self) -> Result<Mutex> {
        self.create_with(IfExists::Open)
    }

    /// Creates the mutex; a taken name is an error.
    ///
    /// # Errors
    /// The kinds of [`MutexOptions::create`], and [`AlreadyExists`](crate::ErrorKind::AlreadyExists).
    pub fn create_new(&self) -> Result<Mutex> {
        self.create_with(IfExists::Fail)
    }

    /// Opens the mutex that has the name; only the name and `inheritable` are looked at.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound): nobody has such a mutex open;
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object, or is empty;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): no name was set; the kinds of [`Name::from_utf16`].
    #[doc(alias = "OpenMutexW")]
    pub fn open(&self) -> Result<Mutex> {
        let name = name_to_open(&self.name)?;
        let inner = sys::Mutex::open(&name, self.inheritable).map_err(|error| error.about(name))?;
        Ok(Mutex { inner, created: false })
    }

    fn create_with(&self, if_exists: IfExists) -> Result<Mutex> {
        let name = name_to_create(&self.name)?;
        let (initial_owner, inheritable) = (self.initial_owner, self.inheritable);
        let security = self.security.clone();
        let request =
            MutexRequest { name: name.clone(), initial_owner, security, inheritable, if_exists };
        let (inner, created) = sys::Mutex::create(request).map_err(|error| match name {
            Some(name) => error.about(name),
            None => error,
        })?;
        Ok(Mutex { inner, created })
    }
}
