//! Threads that take work from one queue. There are as many as there is work at one time, up to a limit; who has nothing to
//! do for a while ends.

use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::abi::{BOOL, DWORD};
use crate::code::{Code, Result};
use crate::last_error;

type Work = Box<dyn FnOnce() + Send>;

/// As on Windows.
const MOST: usize = 500;
const IDLE: Duration = Duration::from_secs(20);

struct Queue {
    work: VecDeque<Work>,
    workers: usize,
    idle: usize,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { work: VecDeque::new(), workers: 0, idle: 0 });
static MORE: Condvar = Condvar::new();

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has a worker do it.
///
/// # Errors
/// 8 if there is none and none can be had.
pub(super) fn submit(work: Work) -> Result<()> {
    let mut queue = queue();
    if queue.idle <= queue.work.len() && queue.workers < MOST {
        match start("mapview-worker", run) {
            Ok(()) => queue.workers += 1,
            Err(code) if queue.workers == 0 => return Err(code),
            Err(_) => {} // those that there are will come to it
        }
    }
    queue.work.push_back(work);
    MORE.notify_one();
    Ok(())
}

/// Starts a thread of the library.
pub(super) fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    thread.map(drop).map_err(|_| Code::NOT_ENOUGH_MEMORY)
}

fn run() {
    let mut queue = queue();
    loop {
        if let Some(work) = queue.work.pop_front() {
            drop(queue);
            work();
            queue = self::queue();
            continue;
        }
        queue.idle += 1;
        let (back, waited) = MORE.wait_timeout(queue, IDLE).unwrap_or_else(PoisonError::into_inner);
        queue = back;
        queue.idle -= 1;
        if waited.timed_out() && queue.work.is_empty() {
            queue.workers -= 1;
            return;
        }
    }
}

/// The flags only say which sort of thread Windows would take.
#[no_mangle]
extern "C" fn QueueUserWorkItem(
    function: Option<unsafe extern "C" fn(*mut c_void) -> u32>,
    argument: usize,
    _flags: DWORD,
) -> BOOL {
    let queue = || {
        let function = function.ok_or(Code::INVALID_PARAMETER)?;
        submit(Box::new(move || {
            // SAFETY: the program's function, with the argument it gave for it.
            unsafe { function(argument as *mut c_void) };
        }))
    };
    last_error::report(queue())
}
