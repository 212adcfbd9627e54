//! Objects that can be waited for, opened by name whatever their kind.

use mapview::{ErrorKind, Event, Mutex, Reset, Semaphore, Timer, Wait};

use crate::failure::Failure;

/// An event, a semaphore, a timer or a mutex.
pub enum Object {
    Event(Event),
    Semaphore(Semaphore),
    Timer(Timer),
    Mutex(Mutex),
}

impl Object {
    /// Opens what has this name; `or_event` makes an auto-reset event if nothing has.
    pub fn open(name: &str, or_event: bool) -> Result<Object, Failure> {
        let event = match or_event {
            true => Event::create(name, Reset::Auto),
            false => Event::open(name),
        };
        let other = |error: &mapview::Error| error.kind() == ErrorKind::WrongKind;
        match event {
            Ok(event) => return Ok(Object::Event(event)),
            Err(error) if other(&error) => {}
            Err(error) => return Err(error.into()),
        }
        match Semaphore::open(name) {
            Ok(semaphore) => return Ok(Object::Semaphore(semaphore)),
            Err(error) if other(&error) => {}
            Err(error) => return Err(error.into()),
        }
        match Timer::open(name) {
            Ok(timer) => return Ok(Object::Timer(timer)),
            Err(error) if other(&error) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Object::Mutex(Mutex::open(name)?))
    }

    pub fn as_wait(&self) -> &dyn Wait {
        match self {
            Object::Event(event) => event,
            Object::Semaphore(semaphore) => semaphore,
            Object::Timer(timer) => timer,
            Object::Mutex(mutex) => mutex,
        }
    }
}
