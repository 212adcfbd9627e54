//! An object on its way to another process: descriptors, and a text that says what they are. It lives while they do.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use mapview::{Event, Mapping, Mutex, Semaphore};

use super::page::Page;
use super::Process;
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

/// # Errors
/// 50 for what only this process can have; 8 if there are no descriptors left.
pub(super) fn pack(object: &Object) -> Result<Parcel> {
    let of = |(text, descriptors)| Ok(Parcel { text, descriptors });
    match object {
        Object::Event(event) => of(event.to_descriptors()?),
        Object::Mutex(mutex) => of(mutex.to_descriptors()?),
        Object::Section(section) => of(section.mapping().to_descriptors()?),
        Object::Semaphore(semaphore) => of(semaphore.to_descriptors()?),
        Object::Thread(_) => Err(Code::NOT_SUPPORTED),
        Object::Timer(timer) => of(timer.inner().to_descriptors()?),
        Object::File(file) => {
            let (access, flags) = file.heritage();
            let copy = file.as_fd().try_clone_to_owned().map_err(|_| Code::NOT_ENOUGH_MEMORY)?;
            of((format!("file {access} {flags}"), vec![copy]))
        }
        Object::Process(process) => process.pack(),
        Object::MainThread(process) => {
            let parcel = process.pack()?;
            Ok(Parcel { text: format!("main-thread of {}", parcel.text), ..parcel })
        }
    }
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
        "main-thread" => {
            let process = text.strip_prefix("main-thread of ").unwrap_or_default();
            Ok(Arc::new(Object::MainThread(Process::unpack(process, descriptors)?)))
        }
        _ => Err(Code::INVALID_PARAMETER),
    }
}

impl Process {
    fn pack(&self) -> Result<Parcel> {
        let copy =
            |fd: &dyn AsFd| fd.as_fd().try_clone_to_owned().map_err(|_| Code::NOT_ENOUGH_MEMORY);
        let mut descriptors = vec![copy(&self.pidfd)?];
        if let Some(page) = &self.page {
            descriptors.push(copy(page.fd())?);
        }
        Ok(Parcel { text: format!("process {} {}", self.pid, self.started), descriptors })
    }

    fn unpack(text: &str, descriptors: Vec<OwnedFd>) -> Result<Arc<Process>> {
        let mut numbers = text.split(' ').skip(1);
        let mut number = || numbers.next()?.parse::<u64>().ok();
        let (pid, started) = (number().and_then(|pid| pid.try_into().ok()), number());
        let (pid, started) = pid.zip(started).ok_or(Code::INVALID_PARAMETER)?;
        let mut descriptors = descriptors.into_iter();
        let pidfd = descriptors.next().ok_or(Code::INVALID_PARAMETER)?;
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
