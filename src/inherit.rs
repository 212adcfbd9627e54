//! Handing objects to a child process.

use std::process::Command;

use crate::{sys, Error, ErrorKind, Event, Mapping, Mutex, Result, Semaphore, Timer};

/// Lets a child process inherit objects that were marked [inheritable](crate::MappingOptions::inheritable).
///
/// ```no_run
/// use mapview::{CommandExt, Inherit, Mapping, MappingOptions};
/// // The parent, with an object that needs no name:
/// let frames = MappingOptions::new().size(4096).inheritable(true).create()?;
/// std::process::Command::new("child").inherit("frames", &frames)?.spawn()?;
/// // The child:
/// let frames = Mapping::inherited("frames")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait CommandExt {
    /// Tells the child under which `key` it finds `object`. The object must stay open until the child runs.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): the object was not marked inheritable, or the key is not made of
    /// ASCII letters, digits and `_`.
    ///
    /// # Platform notes
    /// An environment variable carries the number of the handle; the handle itself is inherited as every inheritable one
    /// is, so other children that start meanwhile get it too.
    fn inherit(&mut self, key: &str, object: &impl Inherit) -> Result<&mut Command>;
}

impl CommandExt for Command {
    fn inherit(&mut self, key: &str, object: &impl Inherit) -> Result<&mut Command> {
        let variable = variable(key)?;
        Ok(self.env(variable, object.token()?))
    }
}

/// An object that a child can inherit.
pub trait Inherit: Sized {
    /// The object that the parent passed under `key`. Can be called again: each call opens a handle of its own.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound): the parent passed nothing under this key;
    /// [`InvalidData`](ErrorKind::InvalidData): what it passed is no such object.
    fn inherited(key: &str) -> Result<Self>;

    #[doc(hidden)]
    fn token(&self) -> Result<String>;
}

impl Inherit for Mapping {
    fn inherited(key: &str) -> Result<Mapping> {
        let inner = sys::Mapping::from_token(&passed(key)?).map_err(|error| error.about(key))?;
        Ok(Mapping { inner, created: false })
    }

    fn token(&self) -> Result<String> {
        self.inner.to_token()
    }
}

impl Inherit for Mutex {
    fn inherited(key: &str) -> Result<Mutex> {
        let inner = sys::Mutex::from_token(&passed(key)?).map_err(|error| error.about(key))?;
        Ok(Mutex { inner, created: false })
    }

    fn token(&self) -> Result<String> {
        self.inner.to_token()
    }
}

impl Inherit for Event {
    fn inherited(key: &str) -> Result<Event> {
        let inner = sys::Event::from_token(&passed(key)?).map_err(|error| error.about(key))?;
        Ok(Event { inner, created: false })
    }

    fn token(&self) -> Result<String> {
        self.inner.to_token()
    }
}

impl Inherit for Semaphore {
    fn inherited(key: &str) -> Result<Semaphore> {
        let inner = sys::Semaphore::from_token(&passed(key)?).map_err(|error| error.about(key))?;
        Ok(Semaphore { inner, created: false })
    }

    fn token(&self) -> Result<String> {
        self.inner.to_token()
    }
}

impl Inherit for Timer {
    fn inherited(key: &str) -> Result<Timer> {
        let inner = sys::Timer::from_token(&passed(key)?).map_err(|error| error.about(key))?;
        Ok(Timer { inner, created: false })
    }

    fn token(&self) -> Result<String> {
        self.inner.to_token()
    }
}

fn variable(key: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if key.is_empty() || !key.bytes().all(plain) {
        let why = "a key is made of ASCII letters, digits and `_`";
        return Err(Error::new(ErrorKind::InvalidParameter, why).about(key));
    }
    Ok(format!("MAPVIEW_INHERIT_{key}"))
}

fn passed(key: &str) -> Result<String> {
    std::env::var(variable(key)?).map_err(|_| {
        Error::new(ErrorKind::NotFound, "the parent passed no object under this key").about(key)
    })
}
