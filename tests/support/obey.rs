//! What the lines of a script mean: does what they say with the library.

#[cfg(target_os = "linux")]
mod doom;
mod memory;
mod sync;
mod timers;
mod waits;

use std::collections::HashMap;

use mapview::{Event, Mapping, Mutex, Name, Result, Semaphore, Timer, View};

use super::line::quote;
use super::{serve, with_suffix, Line};

pub enum Object {
    Mapping(Mapping),
    View(View),
    Mutex(Mutex),
    Event(Event),
    Semaphore(Semaphore),
    Timer(Timer),
}

pub type Objects = HashMap<String, Object>;

/// Obeys until told to exit or until the pipe ends.
pub fn obey() {
    let mut objects = HashMap::new();
    serve(|line| do_line(line, &mut objects));
}

fn do_line(line: &Line, objects: &mut Objects) -> Result<String> {
    if let Some((object, text)) = make(line, objects)? {
        objects.insert(line.slot.clone().expect("a slot to keep it in"), object);
        return Ok(text);
    }
    match line.verb.as_str() {
        "close" => match objects.remove(&line.text(0)).expect("such a slot") {
            Object::Mapping(mapping) => mapping.close(),
            Object::View(view) => view.unmap(),
            Object::Mutex(mutex) => mutex.close(),
            Object::Event(event) => event.close(),
            Object::Semaphore(semaphore) => semaphore.close(),
            Object::Timer(timer) => timer.close(),
        }
        .map(|()| String::new()),
        // Gives up every lock and handle.
        "clear" => {
            clear(objects);
            Ok(String::new())
        }
        "list" => list(),
        "holders" => holders(&with_suffix(&line.text(0))),
        "waiters" => waiters(&with_suffix(&line.text(0))),
        "count" => sync::count(line, objects),
        "any" | "all" | "signal_and_wait" => waits::wait(line, objects),
        "dine" => waits::dine(line, objects),
        "crowd" => waits::crowd(line, objects),
        "rally" => waits::rally(line, objects),
        #[cfg(target_os = "linux")]
        "die_at_wake" | "batch" | "kill" | "now" | "cpu" | "handle" => Ok(doom::doom(line)),
        "resources" => Ok(resources()),
        _ => match &objects[&line.text(0)] {
            Object::Mapping(mapping) => memory::use_mapping(line, mapping),
            Object::View(view) => memory::use_view(line, view),
            Object::Mutex(mutex) => sync::use_mutex(line, mutex),
            Object::Event(event) => sync::use_event(line, event),
            Object::Semaphore(semaphore) => sync::use_semaphore(line, semaphore),
            Object::Timer(timer) => timers::use_timer(line, timer),
        },
    }
}

/// What a line that makes an object makes, and the answer to it.
fn make(line: &Line, objects: &Objects) -> Result<Option<(Object, String)>> {
    Ok(Some(match line.verb.as_str() {
        "create" | "unnamed" | "open" | "inherited" | "duplicate" => {
            let mapping = memory::mapping(line)?;
            let text = format!("{} {}", word(mapping.was_created()), mapping.size());
            (Object::Mapping(mapping), text)
        }
        "view" => {
            let view = memory::map(line, objects)?;
            let text = (view.as_ptr() as usize).to_string();
            (Object::View(view), text)
        }
        "mutex" | "open_mutex" | "inherited_mutex" | "duplicate_mutex" => {
            let mutex = sync::mutex(line)?;
            let text = word(mutex.was_created());
            (Object::Mutex(mutex), text)
        }
        "event" | "open_event" | "inherited_event" | "duplicate_event" => {
            let event = sync::event(line)?;
            let text = word(event.was_created());
            (Object::Event(event), text)
        }
        "semaphore" | "open_semaphore" | "inherited_semaphore" | "duplicate_semaphore" => {
            let semaphore = sync::semaphore(line)?;
            let text = word(semaphore.was_created());
            (Object::Semaphore(semaphore), text)
        }
        "timer" | "open_timer" | "inherited_timer" | "duplicate_timer" => {
            let timer = timers::timer(line)?;
            let text = word(timer.was_created());
            (Object::Timer(timer), text)
        }
        _ => return Ok(None),
    }))
}

fn word(created: bool) -> String {
    if created { "created" } else { "existed" }.into()
}

fn clear(objects: &mut Objects) {
    for (_, object) in objects.drain() {
        if let Object::Mutex(mutex) = &object {
            while mutex.unlock().is_ok() {}
        }
    }
}

/// What a leak in this process would add to: open descriptors and mapped ranges (Linux).
fn resources() -> String {
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
    let ranges = std::fs::read_to_string("/proc/self/maps").unwrap();
    let ranges = ranges.lines().filter(|range| !range.contains("[heap]")).count();
    format!("{descriptors} descriptors {ranges} ranges")
}

fn list() -> Result<String> {
    let objects = mapview::objects()?;
    let words: Vec<String> = objects
        .iter()
        .map(|object| quote(&format!("{}:{}", object.kind.as_str(), object.name)))
        .collect();
    Ok(words.join(" "))
}

fn holders(name: &str) -> Result<String> {
    let name = Name::new(name)?;
    let object = mapview::objects()?.into_iter().find(|object| object.name == name);
    Ok(object.map_or("none".into(), |object| format!("{:?}", object.holders)))
}

/// The processes of those that wait.
fn waiters(name: &str) -> Result<String> {
    let name = Name::new(name)?;
    let object = mapview::objects()?.into_iter().find(|object| object.name == name);
    let waiters = object.expect("it exists").waiters;
    let pids: Vec<String> = waiters.iter().map(|waiter| waiter.pid.to_string()).collect();
    Ok(pids.join(" "))
}
