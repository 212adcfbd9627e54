//! `EventOptions`: everything an event can be asked for.

use crate::mapping_options::{name_to_create, name_to_open};
use crate::sys::{self, EventRequest, IfExists};
use crate::{Event, Name, Reset, Result, Security, ToName};

/// How to create or open an [`Event`].
///
/// ```
/// use mapview::{EventOptions, Reset};
/// let go = EventOptions::new(Reset::Manual).initially_set(true).create()?; // unnamed, for child processes
/// assert!(go.try_wait()? && go.try_wait()?);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
pub struct EventOptions {
    name: Option<Result<Option<Name>>>,
    reset: Reset,
    set: bool,
    security: Security,
    inheritable: bool,
}

impl EventOptions {
    /// An unnamed event that is not set.
    pub fn new(reset: Reset) -> EventOptions {
        let (name, set, security, inheritable) = (None, false, Security::OnlyMe, false);
        EventOptions { name, reset, set, security, inheritable }
    }

    /// The name: `Local\x` or `x`, or `Global\x`; see [`Name`]. The empty name creates an unnamed object.
    pub fn name(&mut self, name: &(impl ToName + ?Sized)) -> &mut EventOptions {
        self.name = Some(name.to_name());
        self
    }

    /// Whether a new event is set from the start; ignored when the event exists.
    #[doc(alias = "bInitialState")]
    pub fn initially_set(&mut self, set: bool) -> &mut EventOptions {
        self.set = set;
        self
    }

    /// Who may open a new object by its name; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut EventOptions {
        self.security = security;
        self
    }

    /// Whether child processes inherit the handle, see [`CommandExt`](crate::CommandExt); not unless set.
    pub fn inheritable(&mut self, inheritable: bool) -> &mut EventOptions {
        self.inheritable = inheritable;
        self
    }

    /// Creates the object, or opens the one that has the name; [`Event::was_created`] tells which.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): its creator does not grant this user; the kinds of
    /// [`Name::from_utf16`].
    #[doc(alias = "CreateEventW")]
    pub fn create(&self) -> Result<Event> {
        self.create_with(IfExists::Open)
    }

    /// Creates the object; a taken name is an error.
    ///
    /// # Errors
    /// The kinds of [`EventOptions::create`], and [`AlreadyExists`](crate::ErrorKind::AlreadyExists).
    pub fn create_new(&self) -> Result<Event> {
        self.create_with(IfExists::Fail)
    }

    /// Opens the object that has the name; only the name and `inheritable` are looked at.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound): nobody has such an object open;
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the name belongs to another kind of object, or is empty;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): no name was set; the kinds of [`Name::from_utf16`].
    #[doc(alias = "OpenEventW")]
    pub fn open(&self) -> Result<Event> {
        let name = name_to_open(&self.name)?;
        let inner = sys::Event::open(&name, self.inheritable).map_err(|error| error.about(name))?;
        Ok(Event { inner, created: false })
    }

    fn create_with(&self, if_exists: IfExists) -> Result<Event> {
        let name = name_to_create(&self.name)?;
        let request = EventRequest {
            name: name.clone(),
            reset: self.reset,
            set: self.set,
            security: self.security.clone(),
            inheritable: self.inheritable,
            if_exists,
        };
        let (inner, created) = sys::Event::create(request).map_err(|error| match name {
            Some(name) => error.about(name),
            None => error,
        })?;
        Ok(Event { inner, created })
    }
}
