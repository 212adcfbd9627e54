//! Who is alive: each process that takes part holds a named object, which the system ends with it, however it ends.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mapview::{ErrorKind, Event, EventOptions, Grant, Namespace, Reset, Security};

use super::header::random;
use super::owner::LIFE_BITS;
use crate::Result;

/// This process's life, as other processes can see it.
#[derive(Debug)]
pub(super) struct Life {
    pub number: u64,
    pid: u32,
    _event: Event,
}

/// The life of this process in the namespace. It stays until the process ends: the next channel needs it again.
pub(super) fn mine(namespace: Namespace) -> Result<Arc<Life>> {
    static LIVES: [Mutex<Option<Arc<Life>>>; 2] = [Mutex::new(None), Mutex::new(None)];
    let mut life = LIVES[namespace as usize].lock().unwrap_or_else(PoisonError::into_inner);
    let pid = std::process::id();
    match &*life {
        // A child by fork has a life of its own.
        Some(life) if life.pid == pid => Ok(life.clone()),
        _ => {
            let new = Arc::new(begin(namespace, pid)?);
            *life = Some(new.clone());
            Ok(new)
        }
    }
}

fn begin(namespace: Namespace, pid: u32) -> Result<Life> {
    let number = (random() >> (64 - LIFE_BITS)).max(1);
    let mut options = EventOptions::new(Reset::Manual);
    // Nobody waits for it: it only has to be seen by whoever shares a channel.
    options.name(&name(namespace, number)).security(Security::Everybody(Grant::Read));
    Ok(Life { number, pid, _event: options.create_new()? })
}

/// Whether the process with this life has not ended.
pub(super) fn is_alive(namespace: Namespace, number: u64) -> Result<bool> {
    if mine(namespace)?.number == number {
        return Ok(true);
    }
    is_seen(namespace, number)
}

/// The same for somebody who takes part in nothing, and so has no need to be seen itself.
pub(super) fn is_seen(namespace: Namespace, number: u64) -> Result<bool> {
    match Event::open(&name(namespace, number)) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        // It is there, but not for us.
        Err(error) if error.kind() == ErrorKind::AccessDenied => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// The number of the namespace in which process numbers of this process are valid; 0 where there are no such namespaces.
pub(super) fn pid_namespace() -> u32 {
    static NUMBER: OnceLock<u32> = OnceLock::new();
    *NUMBER.get_or_init(|| {
        // "pid:[4026531836]"; a process never changes its own.
        let link = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let link = link.to_string_lossy();
        let digits = link.trim_start_matches("pid:[").trim_end_matches(']');
        digits.parse().unwrap_or(0)
    })
}

fn name(namespace: Namespace, number: u64) -> String {
    let prefix = if namespace == Namespace::Global { r"Global\" } else { "" };
    format!("{prefix}mapview-channel.life.{number:013x}")
}
