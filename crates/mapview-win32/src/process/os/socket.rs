//! Sockets with abstract names, through which descriptors go to a process that does not ask for them.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::sockopt::socket_peercred;
use rustix::net::{
    accept_with, bind, connect, listen as set_listening, recvmsg, sendmsg, socket_with,
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
};

/// Descriptors of one message.
pub(in super::super) const MOST_DESCRIPTORS: usize = 4;
/// Bytes of one message.
pub(in super::super) const LONGEST: usize = 1024;
/// How many messages can wait. The kernel takes less if the machine is set up so.
const BACKLOG: i32 = 4096;

fn new_socket() -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)
}

/// Listens under a name that nobody has.
pub(in super::super) fn listen(name: &str) -> Option<OwnedFd> {
    let socket = new_socket().ok()?;
    bind(&socket, &SocketAddrUnix::new_abstract_name(name.as_bytes()).ok()?).ok()?;
    set_listening(&socket, BACKLOG).ok()?;
    Some(socket)
}

/// Sends one message; it waits there although nobody looks and this process ends.
pub(in super::super) fn send(name: &str, bytes: &[u8], fds: &[OwnedFd]) -> Result<(), Errno> {
    let socket = new_socket()?;
    connect(&socket, &SocketAddrUnix::new_abstract_name(name.as_bytes())?)?;
    let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&fds)) {
        return Err(Errno::MSGSIZE);
    }
    sendmsg(&socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The next connection of a process of this user, or of one that may do everything; others are dropped.
pub(in super::super) fn accept(listener: &OwnedFd) -> Option<OwnedFd> {
    loop {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let connection = match accept_with(listener, flags) {
            Err(Errno::INTR | Errno::CONNABORTED) => continue,
            accepted => accepted.ok()?,
        };
        let me = rustix::process::geteuid();
        if socket_peercred(&connection).is_ok_and(|peer| peer.uid == me || peer.uid.is_root()) {
            return Some(connection);
        }
    }
}

/// What a connection brought.
pub(in super::super) enum Received {
    Message(Vec<u8>, Vec<OwnedFd>),
    /// Its message is on the way.
    NotYet,
    Nothing,
}

pub(in super::super) fn receive(connection: &OwnedFd) -> Received {
    let mut bytes = [0; LONGEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    match recvmsg(connection, &mut [IoSliceMut::new(&mut bytes)], &mut control, flags) {
        Ok(got) if got.bytes > 0 => {
            let mut fds = Vec::new();
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(rights) = message {
                    fds.extend(rights);
                }
            }
            Received::Message(bytes[..got.bytes].to_vec(), fds)
        }
        Err(Errno::AGAIN | Errno::INTR) => Received::NotYet,
        _ => Received::Nothing,
    }
}
