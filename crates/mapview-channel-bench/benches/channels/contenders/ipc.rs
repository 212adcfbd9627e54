//! The crate `ipc-channel`, with its channels of bytes.

use std::path::PathBuf;
use std::time::Duration;

use ipc_channel::ipc::{bytes_channel, IpcBytesReceiver, IpcOneShotServer, IpcSender};

use crate::message::{Spec, Writer};

/// The file in which the receiver says where its server is.
fn note(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("MAPVIEW_DIR").expect("set for all")).join(name)
}

pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let server = loop {
        match std::fs::read_to_string(note(name)) {
            Ok(server) => break server,
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let (sender, receiver) = bytes_channel().expect("a channel");
    let to_server = IpcSender::<IpcBytesReceiver>::connect(server).expect("the server");
    to_server.send(receiver).expect("the other end goes there");
    let mut writer = Writer::new(spec);
    move |number| {
        sender.send(writer.buffer(number)).expect("sent");
        1
    }
}

pub fn receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (server, its_name) = IpcOneShotServer::<IpcBytesReceiver>::new().expect("a server");
    let unfinished = note(name).with_extension("new");
    std::fs::write(&unfinished, its_name).expect("a file");
    std::fs::rename(unfinished, note(name)).expect("a file");
    let (_, receiver) = server.accept().expect("the sender comes");
    assert!(spec.bytes >= 8);
    move || {
        let message = std::hint::black_box(receiver.recv().expect("received"));
        u64::from_ne_bytes(message[..8].try_into().expect("eight bytes"))
    }
}
