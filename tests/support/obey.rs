//! The child's end: reads lines, does what they say with the library, answers.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mapview::{
    Deadline, Inherit, Mapping, MappingOptions, Mutex, MutexOptions, Name, Result, View,
};

use super::line::{quote, quote_bytes};
use super::{with_suffix, Line};

enum Object {
    Mapping(Mapping),
    View(View),
    Mutex(Mutex),
}

/// Obeys until told to exit or until the pipe ends.
pub fn obey() {
    let mut objects = HashMap::new();
    say("\n@ok ready"); // the harness has printed the name of the test without a line end
    for line in std::io::stdin().lock().lines() {
        let line = Line::parse(&line.unwrap());
        match do_line(&line, &mut objects) {
            Ok(text) => say(&format!("@ok {text}")),
            Err(error) => {
                say(&format!("@err {} {}", error.win32_code(), error.to_string().escape_debug()))
            }
        }
    }
    std::process::exit(0);
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush()); // a parent that is gone needs no answer
}

type Objects = HashMap<String, Object>;

fn do_line(line: &Line, objects: &mut Objects) -> Result<String> {
    let text = match line.verb.as_str() {
        "create" | "unnamed" | "open" | "inherited" | "duplicate" => {
            let mapping = mapping(line)?;
            let text = format!("{} {}", word(mapping.was_created()), mapping.size());
            return Ok(keep(line, objects, Object::Mapping(mapping), text));
        }
        "mutex" | "open_mutex" | "inherited_mutex" | "duplicate_mutex" => {
            let mutex = mutex(line)?;
            let text = word(mutex.was_created()).to_string();
            return Ok(keep(line, objects, Object::Mutex(mutex), text));
        }
        "view" => {
            let view = map(line, objects)?;
            let text = (view.as_ptr() as usize).to_string();
            return Ok(keep(line, objects, Object::View(view), text));
        }
        "close" => match objects.remove(&line.text(0)).expect("such a slot") {
            Object::Mapping(mapping) => mapping.close().map(|()| String::new())?,
            Object::Mutex(mutex) => mutex.close().map(|()| String::new())?,
            Object::View(view) => view.unmap().map(|()| String::new())?,
        },
        // Gives up every lock and handle.
        "clear" => {
            clear(objects);
            String::new()
        }
        "list" => list()?,
        "holders" => holders(&with_suffix(&line.text(0)))?,
        "count" => count(line, objects)?,
        "resources" => resources(),
        "exit" => std::process::exit(0),
        _ => match &objects[&line.text(0)] {
            Object::Mapping(mapping) => mapping.raw().to_string(),
            Object::View(view) => use_view(line, view)?,
            Object::Mutex(mutex) => use_mutex(line, mutex)?,
        },
    };
    Ok(text)
}

fn word(created: bool) -> &'static str {
    if created {
        "created"
    } else {
        "existed"
    }
}

fn keep(line: &Line, objects: &mut Objects, object: Object, text: String) -> String {
    objects.insert(line.slot.clone().expect("a slot to keep it in"), object);
    text
}

fn mapping(line: &Line) -> Result<Mapping> {
    match line.verb.as_str() {
        "inherited" => return Mapping::inherited(&line.text(0)),
        "duplicate" => return Mapping::duplicate_from(line.number(0) as u32, line.number(1)),
        _ => {}
    }
    let mut options = MappingOptions::new();
    options.inheritable(line.has("inheritable"));
    let mut size = 0;
    if line.verb != "unnamed" {
        options.name(&with_suffix(&line.text(0)));
        size = 1;
    }
    if line.verb == "open" {
        return options.open(line.access());
    }
    options.size(line.number(size)).protection(line.protection()).reserve(line.has("reserve"));
    options.exclusive(line.has("exclusive")).security(line.security());
    if let Some(path) = line.option("path") {
        options.path(path);
    }
    if line.has("new") {
        options.create_new()
    } else {
        options.create()
    }
}

fn mutex(line: &Line) -> Result<Mutex> {
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

fn map(line: &Line, objects: &Objects) -> Result<View> {
    let Object::Mapping(mapping) = &objects[&line.text(0)] else { panic!("not a mapping") };
    let number = |key| line.option(key).map_or(0, |text| text.parse::<u64>().unwrap());
    let mut options = View::options();
    options.access(line.view_access()).offset(number("offset")).len(number("len") as usize);
    if line.option("at").is_some() {
        options.at(number("at") as usize);
    }
    options.map(mapping)
}

fn use_view(line: &Line, view: &View) -> Result<String> {
    let offset = line.number(1) as usize;
    Ok(match line.verb.as_str() {
        "read" => quote_bytes(&view.to_vec(offset, line.number(2) as usize)?),
        "write" => view.copy_in(offset, &line.bytes(2)).map(|()| String::new())?,
        "fill" => {
            view.fill(offset, line.number(2) as usize, line.number(3) as u8)?;
            String::new()
        }
        // In one step, but not at one go: what a lock has to protect.
        "add" => {
            let atomic = view.atomic::<AtomicU64>(offset)?;
            (atomic.fetch_add(line.number(2), Ordering::Relaxed) + line.number(2)).to_string()
        }
        "flush" => view.flush().map(|()| String::new())?,
        "poke" => {
            // SAFETY: none is claimed: on a read-only view this store is what the kernel must answer with a signal.
            unsafe { view.as_ptr().add(offset).write_volatile(1) };
            String::new()
        }
        verb => panic!("no verb for views: {verb}"),
    })
}

fn use_mutex(line: &Line, mutex: &Mutex) -> Result<String> {
    match line.verb.as_str() {
        // `lock x` waits for ever, `lock x within 50` for 50 milliseconds; answers how it went and when (nanoseconds).
        "lock" => {
            let deadline = match line.has("within") {
                true => Deadline::after(Duration::from_millis(line.number(2))),
                false => Deadline::never(),
            };
            lock(mutex, deadline)
        }
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

fn clear(objects: &mut Objects) {
    for (_, object) in objects.drain() {
        if let Object::Mutex(mutex) = &object {
            while mutex.unlock().is_ok() {}
        }
    }
}

/// `count mutex view times`: adds 1 to a plain number under the lock; lost updates would show.
fn count(line: &Line, objects: &Objects) -> Result<String> {
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
