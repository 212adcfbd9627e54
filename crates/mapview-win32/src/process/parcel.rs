//! An object on its way to another process: descriptors, and a text that says what they are. It lives while they do.

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;

use mapview::{Event, Mapping, Mutex, Semaphore};

use super::page::Page;
use super::{os, Process};
use crate::code::{Code, Result};
use crate::file::File;
use crate::object::Object;
use crate::section::Section;
use crate::sync::Timer;

#[derive(Debug)]
pub(super) struct Parcel {
    /// The kind, a blank, and what the kind needs.
    pub text: String,
    pub descriptors: Vec<OwnedFd>,
}

type Described = (String, Vec<RawFd>);

/// What a parcel with the object would say, and whose copies it would hold. The descriptors stay what they are while a
/// handle to the object is open.
///
/// # Errors
/// 50 for what only this process can have.
pub(super) fn describe(object: &Object) -> Result<Described> {
    let one = |kind: &str, fd: &dyn AsFd| (kind.to_string(), vec![fd.as_fd().as_raw_fd()]);
    Ok(match object {
        Object::Event(event) => one("event", event),
        Object::Mutex(mutex) => one("mutex", mutex),
        Object::Section(section) => match section.program() {
            Some(program) => {
                one(&format!("image {}", u32::from(program.is_plain())), program.file())
            }
            None => section.mapping().raw_descriptors(),
        },
        Object::Semaphore(semaphore) => one("semaphore", semaphore),
        Object::File(file) => {
            let (access, flags) = file.heritage();
            one(&format!("file {access} {flags}"), &file.as_fd())
        }
        Object::Process(process) => process.describe("process"),
        Object::MainThread(process) => process.describe("main-thread-of-process"),
        Object::Snapshot(_) | Object::Thread(_) | Object::Token => return Err(Code::NOT_SUPPORTED),
        Object::Timer(timer) => one("timer", timer.inner()),
    })
}

/// # Errors
/// 50 for what only this process can have; 8 if there are no descriptors left.
pub(super) fn pack(object: &Object) -> Result<Parcel> {
    let (text, descriptors) = match object {
        // Their names must live on the way, too.
        Object::Event(event) => event.to_descriptors()?,
        Object::Mutex(mutex) => mutex.to_descriptors()?,
        Object::Section(section) if section.program().is_none() => {
            section.mapping().to_descriptors()?
        }
        Object::Semaphore(semaphore) => semaphore.to_descriptors()?,
        Object::Timer(timer) => timer.inner().to_descriptors()?,
        _ => {
            let (text, fds) = describe(object)?;
            let copies = fds.into_iter().map(os::copy).collect::<Option<Vec<_>>>();
            (text, copies.ok_or(Code::NOT_ENOUGH_MEMORY)?)
        }
    };
    Ok(Parcel { text, descriptors })
}

/// The object that was sent. What is not as [`pack`] makes it is refused.
pub(super) fn unpack(parcel: Parcel) -> Result<Arc<Object>> {
    let Parcel { text, descriptors } = parcel;
    let kind = text.split(' ').next().unwrap_or_default();
    let mut numbers = text.split(' ').skip(1);
    let mut number = || numbers.next()?.parse::<u32>().ok();
    match kind {
        "file" => {
            let (access, flags) = number().zip(number()).ok_or(Code::INVALID_PARAMETER)?;
            let descriptor = descriptors.into_iter().next().ok_or(Code::INVALID_PARAMETER)?;
            Ok(Arc::new(Object::File(File::adopt(descriptor, access, flags)?)))
        }
        "image" => {
            let plain = number().ok_or(Code::INVALID_PARAMETER)? != 0;
            let descriptor = descriptors.into_iter().next().ok_or(Code::INVALID_PARAMETER)?;
            let section = Section::of_held_image(descriptor.into(), plain, 0)?;
            Ok(Arc::new(Object::Section(section)))
        }
        "mapping" => {
            let mapping = Mapping::from_descriptors(&text, descriptors)?;
            Ok(Arc::new(Object::Section(Section::new(mapping, None))))
        }
        "mutex" => Ok(Arc::new(Object::Mutex(Mutex::from_descriptors(&text, descriptors)?))),
        "semaphore" => {
            Ok(Arc::new(Object::Semaphore(Semaphore::from_descriptors(&text, descriptors)?)))
        }
        "event" => Ok(Arc::new(Object::Event(Event::from_descriptors(&text, descriptors)?))),
        "timer" => {
            let timer = mapview::Timer::from_descriptors(&text, descriptors)?;
            Ok(Arc::new(Object::Timer(Timer::new(timer))))
        }
        "process" => Ok(Arc::new(Object::Process(Process::unpack(&text, descriptors)?))),
        "main-thread-of-process" => {
            Ok(Arc::new(Object::MainThread(Process::unpack(&text, descriptors)?)))
        }
        _ => Err(Code::INVALID_PARAMETER),
    }
}

impl Process {
    fn describe(&self, kind: &str) -> Described {
        let mut fds = vec![self.pidfd.as_raw_fd()];
        fds.extend(self.page.as_ref().map(|page| page.fd().as_raw_fd()));
        (format!("{kind} {} {}", self.pid, self.started), fds)
    }

    fn unpack(text: &str, descriptors: Vec<OwnedFd>) -> Result<Arc<Process>> {
        let mut numbers = text.split(' ').skip(1);
        let mut number = || numbers.next()?.parse::<u64>().ok();
        let (pid, started) = (number().and_then(|pid| pid.try_into().ok()), number());
        let (pid, started) = pid.zip(started).ok_or(Code::INVALID_PARAMETER)?;
        let mut descriptors = descriptors.into_iter();
        let pidfd = descriptors.next().filter(|pidfd| os::is_of(pidfd, pid));
        let pidfd = pidfd.ok_or(Code::INVALID_PARAMETER)?;
        let page = descriptors.next().and_then(Page::open);
        Ok(Process::known_as(pidfd, (pid, started), page, false))
    }
}

/// A descriptor of what can be the standard input or output of a program.
pub(super) fn stream(object: &Object) -> Option<OwnedFd> {
    match object {
        Object::File(file) => file.as_fd().try_clone_to_owned().ok(),
        _ => None,
    }
}
