//! Ctrl-C, SIGTERM, SIGHUP: the program puts its things in order before it ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};

use mapview::{Event, EventOptions, Reset};

use crate::exit_codes::Exit;
use crate::failure::Failure;

/// From now on a signal does not end the program but arrives here.
pub fn channel() -> Result<mpsc::Receiver<()>, Failure> {
    let (sender, receiver) = mpsc::channel();
    handle(move || {
        // A second signal finds the receiver gone: the program is ending already.
        let _ = sender.send(());
    })?;
    Ok(receiver)
}

/// From now on a signal ends the program after `tidying`.
pub fn tidy(mut tidying: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    handle(move || {
        tidying();
        std::process::exit(Exit::Interrupted as i32);
    })
}

/// Waits until somebody wants the program to end; `ready` runs once a signal can no longer be missed.
pub fn wait(ready: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    let receiver = channel()?;
    ready()?;
    receiver.recv().map_err(|error| Failure::new(Exit::Failed, error.to_string()))
}

static WANTED: AtomicBool = AtomicBool::new(false);

/// From now on a signal does not end the program but the next [`check`].
pub fn watch() -> Result<(), Failure> {
    handle(|| WANTED.store(true, Ordering::Relaxed))
}

/// As [`watch`]; the event that is returned is set then, for waits.
pub fn event() -> Result<Arc<Event>, Failure> {
    let event = Arc::new(EventOptions::new(Reset::Manual).create()?);
    let stop = event.clone();
    handle(move || {
        WANTED.store(true, Ordering::Relaxed);
        let _ = stop.set(); // cannot fail: we hold it
    })?;
    Ok(event)
}

/// Whether somebody wants the program to end, after [`watch`] or [`event`].
pub fn wanted() -> bool {
    WANTED.load(Ordering::Relaxed)
}

/// Fails once somebody wants the program to end.
pub fn check(advice: &str) -> Result<(), Failure> {
    match wanted() {
        true => Err(Failure::new(Exit::Interrupted, format!("interrupted: {advice}"))),
        false => Ok(()),
    }
}

fn handle(action: impl FnMut() + Send + 'static) -> Result<(), Failure> {
    ctrlc::set_handler(action).map_err(|error| Failure::new(Exit::Failed, error.to_string()))
}
