//! Handles that other processes pass to this one, and requests to close one: they wait in a socket until this process next
//! uses a handle. Nothing runs in the background.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::block::{Reader, Writer};
use super::os::socket::{self, Received};
use super::page::{Page, FOREIGN};
use super::parcel::{self, Parcel};
use super::start;
use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::table::{self, Entry, FIRST_FOREIGN};

/// Says which version of the messages it is, too.
const MAGIC: u64 = u64::from_le_bytes(*b"mapvmsg1");
const GIVE: u64 = 1;
const CLOSE: u64 = 2;
/// Connections without a message that are kept: who connects sends at once.
const MOST_PENDING: usize = 64;

/// Called by the dynamic loader, or by the start-up code of a program that has this library built in. It stands here because
/// every program that uses a handle needs this file, so the linker does not leave it out.
#[used]
#[link_section = ".init_array"]
static START: extern "C" fn() = start::start;

struct Inbox {
    listener: Option<OwnedFd>,
    pending: Vec<OwnedFd>,
}

static INBOX: Mutex<Inbox> = Mutex::new(Inbox { listener: None, pending: Vec::new() });
/// How many messages there were when it was last emptied.
static SEEN: AtomicU64 = AtomicU64::new(0);

/// Has others find the inbox of this process.
pub(super) fn open(page: &Page) {
    adopt(socket::listen(&page.inbox_name()));
}

/// Takes over the inbox that the parent made.
pub(super) fn adopt(listener: Option<OwnedFd>) {
    INBOX.lock().unwrap_or_else(PoisonError::into_inner).listener = listener;
}

/// Takes in what was sent since the last call. Called before a handle is looked up.
#[inline]
pub(crate) fn look() {
    if let Some(page) = Page::own() {
        if page.sent().load(Ordering::Acquire) != SEEN.load(Ordering::Relaxed) {
            empty(page);
        }
    }
}

#[cold]
fn empty(page: &Page) {
    let mut inbox = INBOX.lock().unwrap_or_else(PoisonError::into_inner);
    SEEN.store(page.sent().load(Ordering::Acquire), Ordering::Relaxed);
    let mut connections = std::mem::take(&mut inbox.pending);
    if let Some(listener) = &inbox.listener {
        connections.extend(std::iter::from_fn(|| socket::accept(listener)));
    }
    for connection in connections {
        match socket::receive(&connection) {
            // Who sends what is no message of ours gets no answer.
            Received::Message(bytes, fds) => drop(obey(page, &bytes, fds)),
            Received::NotYet if inbox.pending.len() < MOST_PENDING => {
                inbox.pending.push(connection)
            }
            Received::NotYet | Received::Nothing => {}
        }
    }
}

fn obey(page: &Page, bytes: &[u8], descriptors: Vec<OwnedFd>) -> Option<()> {
    let mut from = Reader(bytes);
    (from.number()? == MAGIC).then_some(())?;
    let what = from.number()?;
    let handle = from.number()? as HANDLE;
    match what {
        GIVE => {
            let slot = table::slot_of(handle).ok()?;
            slot.checked_sub(FIRST_FOREIGN).filter(|number| *number < FOREIGN)?;
            let access = from.small()?;
            let (inherit, protect) = (from.number()? != 0, from.number()? != 0);
            let text = from.text()?.to_string();
            match parcel::unpack(Parcel { text, descriptors }) {
                Ok(object) => table::take_in(handle, Entry { object, access, inherit, protect }),
                Err(_) => page.free_foreign(slot - FIRST_FOREIGN),
            }
        }
        CLOSE => drop(table::remove_quietly(handle)),
        _ => {}
    }
    Some(())
}

/// Sends an object to another process. Returns the handle that it has there.
///
/// # Errors
/// 5 if the process is about to end, 8 if it has too many such handles, 50 if it has no inbox.
pub(super) fn give(page: &Page, entry: &Entry) -> Result<HANDLE> {
    let parcel = parcel::pack(&entry.object)?;
    let number = page.take_foreign().ok_or(Code::NOT_ENOUGH_MEMORY)?;
    let handle = table::handle_of(FIRST_FOREIGN + number);
    let mut out = Writer::default();
    for number in [MAGIC, GIVE, handle as u64, entry.access.into()] {
        out.number(number);
    }
    out.number(entry.inherit.into());
    out.number(entry.protect.into());
    out.bytes(parcel.text.as_bytes());
    match send(page, &out, &parcel.descriptors) {
        Ok(()) => Ok(handle),
        Err(code) => {
            page.free_foreign(number);
            Err(code)
        }
    }
}

/// Has another process close one of its handles, when it next uses one.
pub(super) fn close(page: &Page, handle: HANDLE) -> Result<()> {
    let mut out = Writer::default();
    for number in [MAGIC, CLOSE, handle as u64] {
        out.number(number);
    }
    send(page, &out, &[])
}

fn send(page: &Page, message: &Writer, descriptors: &[OwnedFd]) -> Result<()> {
    use rustix::io::Errno;
    match socket::send(&page.inbox_name(), &message.0, descriptors) {
        Ok(()) => {}
        Err(Errno::CONNREFUSED) => return Err(Code::NOT_SUPPORTED),
        Err(_) => return Err(Code::NOT_ENOUGH_MEMORY), // it does not look, and thousands wait already
    }
    page.sent().fetch_add(1, Ordering::Release);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Object;

    fn message(numbers: &[u64], text: &str) -> Vec<u8> {
        let mut out = Writer::default();
        numbers.iter().for_each(|number| out.number(*number));
        out.bytes(text.as_bytes());
        out.0
    }

    #[test]
    fn what_is_no_message_is_ignored_and_what_is_one_arrives() {
        let page = Page::own().expect("it was made before main");
        let send = |bytes: &[u8], fds: &[OwnedFd]| {
            socket::send(&page.inbox_name(), bytes, fds).expect("it listens");
            page.sent().fetch_add(1, Ordering::Release);
        };
        let descriptor = || -> OwnedFd { std::fs::File::open("/dev/null").expect("it").into() };
        let handle = table::handle_of(FIRST_FOREIGN + 7) as u64;
        send(b"x", &[]);
        send(&[0xff; socket::LONGEST], &[descriptor(), descriptor()]);
        send(&message(&[MAGIC], ""), &[]);
        send(&message(&[MAGIC, 99, handle], ""), &[]);
        send(&message(&[MAGIC, CLOSE, handle], ""), &[]);
        send(&message(&[MAGIC, GIVE, 4, 0, 0, 0], "event"), &[descriptor()]);
        for text in
            ["event", "mapping 1000 2 f 0 0", "file", "process 1 1", "process", "nothing", ""]
        {
            send(&message(&[MAGIC, GIVE, handle, 0x1F_0003, 0, 0], text), &[descriptor()]);
            send(&message(&[MAGIC, GIVE, handle, u64::MAX, 0, 0], text), &[]);
        }
        let got = table::get_real(handle as HANDLE).map(|_| ());
        assert_eq!(got, Err(Code::INVALID_HANDLE));

        let event = mapview::Event::create("", mapview::Reset::Manual).expect("an event");
        let entry = Entry::new(Object::Event(event), 0x1F_0003, true);
        let given = give(page, &entry).expect("it is given");
        let arrived = table::get_real(given).expect("it arrived");
        assert!(arrived.object.is_same(&entry.object) && arrived.inherit);
        close(page, given).expect("it is sent");
        assert!(table::get_real(given).is_err());
        assert_eq!(give(page, &entry), Ok(given), "the number is free again");
        drop(table::remove(given));
    }
}
