//! What is said about waiting for several objects.

use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{signal_and_wait, wait_all, wait_any, Deadline, Result, Signaled, Wait};

use super::{Object, Objects};
use crate::support::Line;

/// `any x y z`, `all x y z`, `signal_and_wait x y`; each also `within` some milliseconds. Answers the index, and whether
/// something was abandoned.
pub fn wait(line: &Line, objects: &Objects) -> Result<String> {
    let several: Vec<&dyn Wait> =
        line.slots().iter().map(|slot| waitable(&objects[*slot])).collect();
    let got = match line.verb.as_str() {
        "any" => wait_any(&several, line.deadline()),
        "all" => wait_all(&several, line.deadline()),
        _ => signal_and_wait(several[0], several[1], line.deadline()),
    };
    Ok(match got? {
        Some(signaled) => index(signaled),
        None => "timeout".into(),
    })
}

fn index(signaled: Signaled) -> String {
    let news = if signaled.abandoned() { " abandoned" } else { "" };
    format!("{}{news}", signaled.index())
}

fn waitable(object: &Object) -> &dyn Wait {
    match object {
        Object::Mutex(mutex) => mutex,
        Object::Event(event) => event,
        Object::Semaphore(semaphore) => semaphore,
        Object::Timer(timer) => timer,
        _ => panic!("not to be waited for"),
    }
}

/// `dine view times x y`: adds 1 to a plain number while it has both mutexes; lost updates would show.
pub fn dine(line: &Line, objects: &Objects) -> Result<String> {
    let slots = line.slots();
    let (Object::View(view), Object::Mutex(x), Object::Mutex(y)) =
        (&objects[slots[0]], &objects[slots[2]], &objects[slots[3]])
    else {
        panic!("a view and two mutexes are needed")
    };
    for _ in 0..line.number(1) {
        wait_all(&[x, y], Deadline::never())?;
        view.write(0, &(view.read::<u64>(0)? + 1))?;
        x.unlock()?;
        y.unlock()?;
    }
    Ok(String::new())
}

/// `crowd view times semaphore`: enters and leaves; answers the most that were inside together.
pub fn crowd(line: &Line, objects: &Objects) -> Result<String> {
    let slots = line.slots();
    let (Object::View(view), Object::Semaphore(door)) = (&objects[slots[0]], &objects[slots[2]])
    else {
        panic!("a view and a semaphore are needed")
    };
    let inside = view.atomic::<AtomicU64>(0)?;
    let mut most = 0;
    for _ in 0..line.number(1) {
        door.wait()?;
        most = most.max(inside.fetch_add(1, Ordering::SeqCst) + 1);
        inside.fetch_sub(1, Ordering::SeqCst);
        door.release(1)?;
    }
    Ok(most.to_string())
}

/// `rally times x y`: signals x and waits for y, so many times.
pub fn rally(line: &Line, objects: &Objects) -> Result<String> {
    let slots = line.slots();
    for _ in 0..line.number(0) {
        let (x, y) = (waitable(&objects[slots[1]]), waitable(&objects[slots[2]]));
        signal_and_wait(x, y, Deadline::never())?;
    }
    Ok(String::new())
}
