//! System calls that another process makes for us: a thread of it is stopped where it is, given other registers, and put back.
//!
//! **The process survives our death at any instant.** First all that the thread needs to get home is written where a signal
//! handler's frame would be, which changes nothing. Then one request gives it registers with which it makes the call,
//! returns to code that calls `rt_sigreturn`, and so finds itself again. From there on it needs nobody. Normally we stop it
//! after the call and put the true registers back, so that the kernel can continue an interrupted system call.
//!
//! All of it is done by a short-lived thread of ours: when a thread ends, the kernel lets go of everything it traces, so no
//! error and no panic leaves the process standing still.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::os::ptrace::{self, Registers, Stop};
use super::process::Process;
use super::remote_code::Code;
use super::remote_frame::{as_interrupted, build, ends_when_disturbed};
use super::remote_stack::is_on_own_stack;
use crate::{Error, ErrorKind, Result};

/// How long to look for a thread that can be stopped, and to wait for its answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long one thread gets to stop before the next is tried.
const ONE_THREAD: Duration = Duration::from_millis(100);

const NONE: &str = "it has no thread that can be stopped";
const WAITS: &str = "its threads do not stop: they wait in the kernel";
const TRACED: &str = "its threads are traced";

/// What the kernel calls signals that a thread raises itself; blocked, they would end the process.
const OWN_SIGNALS: [i32; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS];

/// Runs `body` with a thread of the process that makes system calls for it.
///
/// # Errors
/// `AccessDenied`: the process has ended, or the system forbids it; `Busy`: no thread can be had in time;
/// `Unsupported`: a program for another kind of processor, or one that this cannot be done to safely.
pub(super) fn with_thread<T: Send>(
    process: &Process,
    body: impl FnOnce(&mut Thread) -> Result<T> + Send,
) -> Result<T> {
    // Threads of this process take turns, so that they do not find each other's traces.
    let _turn = process.turn.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let work = || {
        let mut thread = Thread::catch(process)?;
        let outcome = body(&mut thread);
        let released = thread.release();
        outcome.and_then(|value| released.map(|()| value))
    };
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().name("mapview process".to_string());
        let worker = worker.spawn_scoped(scope, work).map_err(|error| {
            Error::new(ErrorKind::NotEnoughMemory, format!("cannot start a thread: {error}"))
        })?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A thread of another process that stands still and has the way home on its stack.
pub(super) struct Thread<'a> {
    process: &'a Process,
    tid: u32,
    /// As it was found.
    registers: Registers,
    mask: u64,
    /// With which it makes calls: the way home is prepared.
    prepared: Registers,
}

impl<'a> Thread<'a> {
    fn catch(process: &'a Process) -> Result<Thread<'a>> {
        process.check_callable()?;
        let code = process.code()?;
        let begin = Instant::now();
        let mut ours = HashSet::new();
        loop {
            let mut why = NONE;
            for tid in candidates(process)? {
                match Thread::try_catch(process, tid, &code, &mut ours)? {
                    Ok(thread) => return Ok(thread),
                    Err(WAITS) if why != NONE => {} // the others' reason says more
                    Err(not_now) => why = not_now,
                }
            }
            if begin.elapsed() > PATIENCE {
                if why == TRACED {
                    return Err(process.denied(Errno::PERM));
                }
                return Err(Error::new(ErrorKind::Busy, format!("{why}; try again later")));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The inner error says why not this thread, or not now.
    fn try_catch(
        process: &'a Process,
        tid: u32,
        code: &Code,
        ours: &mut HashSet<u32>,
    ) -> Result<std::result::Result<Thread<'a>, &'static str>> {
        if !ours.contains(&tid) {
            match ptrace::seize(tid) {
                Ok(()) => {}
                Err(Errno::SRCH) => return Ok(Err("its threads end")),
                // The kernel refuses those too that are on their way out, and those that are traced: perhaps by somebody
                // who changes memory as we do, and is done in a moment.
                Err(_) if process.is_ending(tid) => return Ok(Err("its threads end")),
                Err(_) if process.tracer(tid) != 0 => return Ok(Err(TRACED)),
                Err(errno) => return Err(process.denied(errno)),
            }
            ours.insert(tid);
            if !process.has_thread(tid) {
                return Ok(Err("its threads end")); // the number is a stranger's by now, who is let go when we are done
            }
            step(process)?;
            if ptrace::interrupt(tid).is_err() {
                return Ok(Err("its threads end"));
            }
        }
        let Some(()) = wait_until_asked(process, tid, ONE_THREAD)? else {
            return Ok(Err(WAITS));
        };
        step(process)?;
        let prepared = Thread::prepare(process, tid, code)?;
        if prepared.is_err() {
            let _ = ptrace::detach(tid);
            ours.remove(&tid);
        }
        Ok(prepared)
    }

    /// Looks at a stopped thread and prepares its way home.
    fn prepare(
        process: &'a Process,
        tid: u32,
        code: &Code,
    ) -> Result<std::result::Result<Thread<'a>, &'static str>> {
        let ends = |_| process.ended_or(Error::new(ErrorKind::Busy, "its thread ended"));
        let registers = ptrace::registers(tid).map_err(ends)?;
        if registers.cs != 0x33 {
            let why = "it is a program for 32-bit processors";
            return Err(Error::new(ErrorKind::Unsupported, why));
        }
        if in_restartable_sequence(process, tid, registers.rip) {
            return Ok(Err("its threads are in sequences that must not be disturbed"));
        }
        let mask = ptrace::signal_mask(tid).map_err(ends)?;
        let vectors = ptrace::vector_registers(tid).map_err(|errno| match errno {
            Errno::NODEV => Error::new(ErrorKind::Unsupported, "the processor has no XSAVE"),
            errno => ends(errno),
        })?;
        let Some(frame) = build(&registers, mask, vectors, code.restorer) else {
            return Ok(Err("its registers cannot be kept"));
        };
        if !is_on_own_stack(process, tid, &registers, frame.address) {
            return Ok(Err("none of its threads is on a stack with room for a signal"));
        }
        if process.write_as_kernel(frame.address as usize, &frame.bytes) != Ok(frame.bytes.len()) {
            return Ok(Err("there is no room on the stacks of its threads"));
        }
        step(process)?;
        let mut prepared = registers;
        prepared.rsp = frame.address;
        prepared.rip = code.call;
        prepared.orig_rax = u64::MAX; // it is in no system call that could be restarted
        Ok(Ok(Thread { process, tid, registers, mask, prepared }))
    }

    /// Makes one system call.
    ///
    /// # Errors
    /// Outside: the process ended, or does not come back in time, and will finish the call by itself. Inside: what the
    /// call says.
    pub(super) fn call(
        &mut self,
        number: i64,
        arguments: [u64; 6],
    ) -> Result<std::result::Result<u64, Errno>> {
        let mut registers = self.prepared;
        registers.rax = number as u64;
        [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9] =
            arguments;
        self.check(ptrace::set_registers(self.tid, &registers))?;
        step(self.process)?;
        // Its signals have to wait. Should we end here, the frame has the true mask.
        let blocked = OWN_SIGNALS.iter().fold(u64::MAX, |mask, signal| mask & !(1 << (signal - 1)));
        self.check(ptrace::set_signal_mask(self.tid, blocked))?;
        step(self.process)?;
        self.run_to_call()?; // its begin
        self.run_to_call()?; // and its end
        let result = self.check(ptrace::registers(self.tid))?.rax as i64;
        Ok(match result {
            -4095..=-1 => Err(Errno::from_raw_os_error(-result as i32)),
            result => Ok(result as u64),
        })
    }

    fn run_to_call(&mut self) -> Result<()> {
        const SYS_SECCOMP: i32 = 1;
        let mut signal = 0;
        loop {
            self.check(ptrace::run_to_call(self.tid, signal))?;
            step(self.process)?;
            signal = match wait(self.process, self.tid, PATIENCE)? {
                Some(Stop::Call) => return Ok(()),
                Some(Stop::Asked) => 0,
                Some(Stop::Signal(libc::SIGSYS, SYS_SECCOMP)) => {
                    self.restore()?; // instead of the signal
                    let why = "a seccomp filter of the process forbids it the system call";
                    return Err(Error::new(ErrorKind::AccessDenied, why));
                }
                Some(Stop::Signal(signal, _)) => signal,
                None => return Err(self.does_not_stop()),
            }
        }
    }

    /// Puts the thread back and lets it go.
    fn release(self) -> Result<()> {
        step(self.process)?;
        // Only on its way back from such a stop does the kernel look at what is to become of an interrupted system call.
        if self.check(ptrace::stop(self.tid))? != Some(Stop::Asked) {
            self.check(ptrace::interrupt(self.tid))?;
            self.check(ptrace::run(self.tid, 0))?;
            step(self.process)?;
            if wait_until_asked(self.process, self.tid, PATIENCE)?.is_none() {
                return Err(self.does_not_stop());
            }
        }
        self.restore()?;
        step(self.process)?;
        self.check(ptrace::detach(self.tid))
    }

    fn restore(&self) -> Result<()> {
        self.check(ptrace::set_signal_mask(self.tid, self.mask))?;
        step(self.process)?;
        self.check(ptrace::set_registers(self.tid, &as_interrupted(&self.registers)))
    }

    fn check<T>(&self, outcome: std::result::Result<T, Errno>) -> Result<T> {
        outcome.map_err(|_| self.process.ended_or(self.does_not_stop()))
    }

    fn does_not_stop(&self) -> Error {
        let why = "its thread does not come back in time; it will finish the change by itself";
        Error::new(ErrorKind::Busy, why)
    }
}

/// The threads, those first whose system call goes on as if nothing had been.
fn candidates(process: &Process) -> Result<Vec<u32>> {
    const ENOUGH: usize = 64;
    let mut threads = process.threads()?;
    threads.truncate(ENOUGH);
    threads.sort_by_cached_key(|&tid| {
        let call = process.text(&format!("task/{tid}/syscall"));
        let number = call.split(' ').next().and_then(|number| number.parse().ok());
        number.is_some_and(ends_when_disturbed)
    });
    Ok(threads)
}

/// Waits until a thread stands still on its way back to its program; hands it the signals that come before.
fn wait_until_asked(process: &Process, tid: u32, limit: Duration) -> Result<Option<()>> {
    loop {
        match wait(process, tid, limit)? {
            None => return Ok(None),
            Some(Stop::Asked) => return Ok(Some(())),
            Some(Stop::Call) => drop(ptrace::run(tid, 0)),
            Some(Stop::Signal(signal, _)) => drop(ptrace::run(tid, signal)),
        }
    }
}

/// Waits until a thread stands still.
fn wait(process: &Process, tid: u32, limit: Duration) -> Result<Option<Stop>> {
    let begin = Instant::now();
    let mut pause = Duration::from_micros(10);
    loop {
        match ptrace::stop(tid) {
            Ok(Some(stop)) => return Ok(Some(stop)),
            Ok(None) => {}
            Err(errno) => return Err(process.denied(errno)),
        }
        if begin.elapsed() > limit {
            return Ok(None);
        }
        if begin.elapsed() < Duration::from_micros(100) {
            std::thread::yield_now();
            continue;
        }
        if !process.is_alive() {
            return Err(process.ended());
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(1));
    }
}

/// Whether the thread is inside a sequence that the kernel promised to start again when the thread is moved
/// (`rseq(2)`): away from it, the promise would be forgotten.
fn in_restartable_sequence(process: &Process, tid: u32, rip: u64) -> bool {
    let word = |address: u64| process.word(address);
    let Some(rseq) = ptrace::rseq_address(tid) else { return false };
    let Some(descriptor) = word(rseq + 8).filter(|&at| at != 0) else { return false };
    let (Some(start), Some(len)) = (word(descriptor + 8), word(descriptor + 16)) else {
        return true;
    };
    rip.wrapping_sub(start) < len
}

/// A point at which our death must do no harm; the tests end the tracing thread at each of them.
fn step(process: &Process) -> Result<()> {
    #[cfg(test)]
    return process.step();
    #[cfg(not(test))]
    {
        let _ = process;
        Ok(())
    }
}
