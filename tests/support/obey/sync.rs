//! What is said about mutexes, events and semaphores.

use std::time::{SystemTime, UNIX_EPOCH};

use mapview::{
    Deadline, Event, EventOptions, Inherit, Mutex, MutexOptions, Reset, Result, Semaphore,
    SemaphoreOptions,
};

use super::{Object, Objects};
use crate::support::{with_suffix, Line};

pub fn mutex(line: &Line) -> Result<Mutex> {
    match line.verb.as_str() {
        "inherited_mutex" => return Mutex::inherited(&line.text(0)),
        "duplicate_mutex" => return Mutex::duplicate_from(line.number(0) as u32, line.number(1)),
        _ => {}
    }
    let mut options = MutexOptions::new();
    options.name(&with_suffix(&line.text(0))).inheritable(line.has("inheritable"));
    options.initial_owner(line.has("owner")).security(line.security());
    match line.verb.as_str() {
        "open_mutex" => options.open(),
        _ if line.has("new") => options.create_new(),
        _ => options.create(),
    }
}

pub fn event(line: &Line) -> Result<Event> {
    match line.verb.as_str() {
        "inherited_event" => return Event::inherited(&line.text(0)),
        "duplicate_event" => return Event::duplicate_from(line.number(0) as u32, line.number(1)),
        _ => {}
    }
    let reset = if line.has("manual") { Reset::Manual } else { Reset::Auto };
    let mut options = EventOptions::new(reset);
    options.name(&with_suffix(&line.text(0))).inheritable(line.has("inheritable"));
    options.initially_set(line.has("set")).security(line.security());
    match line.verb.as_str() {
        "open_event" => options.open(),
        _ if line.has("new") => options.create_new(),
        _ => options.create(),
    }
}

/// `semaphore name initial maximum`.
pub fn semaphore(line: &Line) -> Result<Semaphore> {
    match line.verb.as_str() {
        "inherited_semaphore" => return Semaphore::inherited(&line.text(0)),
        "duplicate_semaphore" => {
            return Semaphore::duplicate_from(line.number(0) as u32, line.number(1))
        }
        "open_semaphore" => return Semaphore::open(&with_suffix(&line.text(0))),
        _ => {}
    }
    let mut options = SemaphoreOptions::new(line.number(1) as u32, line.number(2) as u32);
    options.name(&with_suffix(&line.text(0))).inheritable(line.has("inheritable"));
    options.security(line.security());
    if line.has("new") {
        options.create_new()
    } else {
        options.create()
    }
}

pub fn use_mutex(line: &Line, mutex: &Mutex) -> Result<String> {
    match line.verb.as_str() {
        // `lock x` waits for ever, `lock x within 50` for 50 milliseconds; answers how it went and when (nanoseconds).
        "lock" => lock(mutex, line.deadline()),
        // Locks in a thread that ends without unlocking.
        "lock_in_thread" => std::thread::scope(|scope| {
            scope.spawn(|| lock(mutex, Deadline::never())).join().unwrap()
        }),
        "unlock" => mutex.unlock().map(|()| String::new()),
        // Unlocks and at once tries to have it back.
        "relock" => mutex.unlock().and_then(|()| lock(mutex, Deadline::now())),
        "raw" => Ok(mutex.raw().to_string()),
        verb => panic!("no verb for mutexes: {verb}"),
    }
}

fn lock(mutex: &Mutex, deadline: Deadline) -> Result<String> {
    let Some(guard) = mutex.lock_until(deadline)? else { return Ok("timeout".into()) };
    let how = if guard.abandoned() { "abandoned" } else { "locked" };
    std::mem::forget(guard); // `unlock` gives it back
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    Ok(format!("{how} {now}"))
}

pub fn use_event(line: &Line, event: &Event) -> Result<String> {
    match line.verb.as_str() {
        "set" => event.set().map(|()| String::new()),
        "reset" => event.reset().map(|()| String::new()),
        "pulse" => event.pulse().map(|()| String::new()),
        "wait" => event.wait_until(line.deadline()).map(signaled),
        "raw" => Ok(event.raw().to_string()),
        verb => panic!("no verb for events: {verb}"),
    }
}

pub fn use_semaphore(line: &Line, semaphore: &Semaphore) -> Result<String> {
    match line.verb.as_str() {
        // Answers the count before.
        "release" => semaphore.release(line.number(1) as u32).map(|before| before.to_string()),
        "wait" => semaphore.wait_until(line.deadline()).map(signaled),
        "raw" => Ok(semaphore.raw().to_string()),
        verb => panic!("no verb for semaphores: {verb}"),
    }
}

fn signaled(in_time: bool) -> String {
    if in_time { "signaled" } else { "timeout" }.into()
}

/// `count mutex view times`: adds 1 to a plain number under the lock; lost updates would show.
pub fn count(line: &Line, objects: &Objects) -> Result<String> {
    let (Object::Mutex(mutex), Object::View(view)) =
        (&objects[&line.text(0)], &objects[&line.text(1)])
    else {
        panic!("a mutex and a view are needed")
    };
    for _ in 0..line.number(2) {
        let _guard = mutex.lock()?;
        view.write(0, &(view.read::<u64>(0)? + 1))?;
    }
    Ok(String::new())
}
