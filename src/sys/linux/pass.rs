//! Descriptors, for whoever passes them himself: over a Unix socket, as a child's standard input, to other libraries.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use super::parts;
use crate::{Error, Event, Mapping, Mutex, ObjectKind, Result, Semaphore, Timer};

/// The descriptor of the memory or file, with the rights of this handle. Whoever receives it makes a [`Mapping`] of it with
/// `Mapping::try_from`. It carries the memory, not the name.
impl AsFd for Mapping {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Maps what the descriptor has open; unnamed, and as large as the file.
impl TryFrom<OwnedFd> for Mapping {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Mapping> {
        Mapping::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// The descriptor of the mutex. Whoever receives it makes a [`Mutex`] of it with `Mutex::try_from`.
impl AsFd for Mutex {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the mutex that the descriptor belongs to.
impl TryFrom<OwnedFd> for Mutex {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Mutex> {
        Mutex::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// The descriptor of the event. Whoever receives it makes an [`Event`] of it with `Event::try_from`.
impl AsFd for Event {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the event that the descriptor belongs to.
impl TryFrom<OwnedFd> for Event {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Event> {
        Event::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// The descriptor of the semaphore. Whoever receives it makes a [`Semaphore`] of it with `Semaphore::try_from`.
impl AsFd for Semaphore {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the semaphore that the descriptor belongs to.
impl TryFrom<OwnedFd> for Semaphore {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Semaphore> {
        Semaphore::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// Linux only.
impl Mapping {
    /// What another process needs to open this very mapping, with its name: descriptors to pass, and a text that says what they
    /// are. The mapping and its name live as long as the descriptors do, also on their way and after the end of this process.
    ///
    /// ```
    /// # use mapview::*;
    /// let here = Mapping::create("", 4096)?;
    /// let (text, descriptors) = here.to_descriptors()?;
    /// // In another process, after the descriptors went through a Unix socket:
    /// let there = Mapping::from_descriptors(&text, descriptors)?;
    /// assert_eq!(there.size(), here.size());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): no descriptor is left, and as for creating.
    #[doc(alias = "DuplicateHandle")]
    pub fn to_descriptors(&self) -> Result<(String, Vec<OwnedFd>)> {
        self.inner.to_parts()
    }

    /// The same text, and the descriptors of this process themselves, as long as a handle to the mapping is open here: for
    /// who lets other processes take copies. Those open it with [`Mapping::from_descriptors`].
    ///
    /// ```
    /// let here = mapview::Mapping::create("", 4096)?;
    /// let (text, descriptors) = here.raw_descriptors();
    /// assert!(text.starts_with("mapping "));
    /// assert_eq!(descriptors.len(), 1); // one more if it has a name
    /// # Ok::<(), mapview::Error>(())
    /// ```
    pub fn raw_descriptors(&self) -> (String, Vec<RawFd>) {
        self.inner.raw_parts()
    }

    /// Opens what [`Mapping::to_descriptors`] gave, as it is in the other process, once.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind), [`InvalidData`](crate::ErrorKind::InvalidData): it did not give this.
    pub fn from_descriptors(text: &str, descriptors: Vec<OwnedFd>) -> Result<Mapping> {
        let inner = parts::to_mapping(text, descriptors)?;
        Ok(Mapping { inner, created: false })
    }
}

/// Linux only.
impl Mutex {
    /// What another process needs to open this very mutex, with its name: descriptors to pass, and a text that says what they
    /// are. The mutex and its name live as long as the descriptors do, also on their way and after the end of this process.
    ///
    /// ```
    /// # use mapview::*;
    /// let here = Mutex::create("")?;
    /// let (text, descriptors) = here.to_descriptors()?;
    /// // In another process, after the descriptors went through a Unix socket:
    /// let there = Mutex::from_descriptors(&text, descriptors)?;
    /// assert!(is_same_object(&here, &there));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): no descriptor is left, and as for creating.
    #[doc(alias = "DuplicateHandle")]
    pub fn to_descriptors(&self) -> Result<(String, Vec<OwnedFd>)> {
        parts::of_object(&self.inner.0)
    }

    /// Opens what [`Mutex::to_descriptors`] gave, as it is in the other process, once.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind), [`InvalidData`](crate::ErrorKind::InvalidData): it did not give this.
    pub fn from_descriptors(text: &str, descriptors: Vec<OwnedFd>) -> Result<Mutex> {
        let inner = super::mutex::Mutex(parts::to_object(text, descriptors, ObjectKind::Mutex)?);
        Ok(Mutex { inner, created: false })
    }
}

/// Linux only.
impl Event {
    /// What another process needs to open this very event, with its name: descriptors to pass, and a text that says what they
    /// are. The event and its name live as long as the descriptors do, also on their way and after the end of this process.
    ///
    /// ```
    /// # use mapview::*;
    /// let here = Event::create("", Reset::Auto)?;
    /// let (text, descriptors) = here.to_descriptors()?;
    /// // In another process, after the descriptors went through a Unix socket:
    /// let there = Event::from_descriptors(&text, descriptors)?;
    /// assert!(is_same_object(&here, &there));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): no descriptor is left, and as for creating.
    #[doc(alias = "DuplicateHandle")]
    pub fn to_descriptors(&self) -> Result<(String, Vec<OwnedFd>)> {
        parts::of_object(&self.inner.0)
    }

    /// Opens what [`Event::to_descriptors`] gave, as it is in the other process, once.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind), [`InvalidData`](crate::ErrorKind::InvalidData): it did not give this.
    pub fn from_descriptors(text: &str, descriptors: Vec<OwnedFd>) -> Result<Event> {
        let inner = super::event::Event(parts::to_object(text, descriptors, ObjectKind::Event)?);
        Ok(Event { inner, created: false })
    }
}

/// Linux only.
impl Semaphore {
    /// What another process needs to open this very semaphore, with its name: descriptors to pass, and a text that says what they
    /// are. The semaphore and its name live as long as the descriptors do, also on their way and after the end of this process.
    ///
    /// ```
    /// # use mapview::*;
    /// let here = Semaphore::create("", 0, 9)?;
    /// let (text, descriptors) = here.to_descriptors()?;
    /// // In another process, after the descriptors went through a Unix socket:
    /// let there = Semaphore::from_descriptors(&text, descriptors)?;
    /// assert!(is_same_object(&here, &there));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): no descriptor is left, and as for creating.
    #[doc(alias = "DuplicateHandle")]
    pub fn to_descriptors(&self) -> Result<(String, Vec<OwnedFd>)> {
        parts::of_object(&self.inner.0)
    }

    /// Opens what [`Semaphore::to_descriptors`] gave, as it is in the other process, once.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind), [`InvalidData`](crate::ErrorKind::InvalidData): it did not give this.
    pub fn from_descriptors(text: &str, descriptors: Vec<OwnedFd>) -> Result<Semaphore> {
        let inner = super::semaphore::Semaphore(parts::to_object(
            text,
            descriptors,
            ObjectKind::Semaphore,
        )?);
        Ok(Semaphore { inner, created: false })
    }
}

/// The descriptor of the timer. Whoever receives it makes a [`Timer`] of it with `Timer::try_from`.
impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the timer that the descriptor belongs to.
impl TryFrom<OwnedFd> for Timer {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Timer> {
        Timer::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// Linux only.
impl Timer {
    /// What another process needs to open this very timer, with its name: descriptors to pass, and a text that says what they
    /// are. The timer and its name live as long as the descriptors do, also on their way and after the end of this process.
    ///
    /// ```
    /// # use mapview::*;
    /// let here = Timer::create("", Reset::Auto)?;
    /// let (text, descriptors) = here.to_descriptors()?;
    /// // In another process, after the descriptors went through a Unix socket:
    /// let there = Timer::from_descriptors(&text, descriptors)?;
    /// assert!(is_same_object(&here, &there));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): no descriptor is left, and as for creating.
    #[doc(alias = "DuplicateHandle")]
    pub fn to_descriptors(&self) -> Result<(String, Vec<OwnedFd>)> {
        parts::of_object(&self.inner.0)
    }

    /// Opens what [`Timer::to_descriptors`] gave, as it is in the other process, once.
    ///
    /// # Errors
    /// [`WrongKind`](crate::ErrorKind::WrongKind), [`InvalidData`](crate::ErrorKind::InvalidData): it did not give this.
    pub fn from_descriptors(text: &str, descriptors: Vec<OwnedFd>) -> Result<Timer> {
        let inner = super::timer::Timer(parts::to_object(text, descriptors, ObjectKind::Timer)?);
        Ok(Timer { inner, created: false })
    }
}
