//! mapview's services: the first process calls, the second answers with as many bytes.

use std::cell::RefCell;
use std::rc::Rc;

use mapview_channel::{Client, Server, ServiceOptions};

use super::Place;
use crate::message::{Reader, Spec, Writer};
use crate::slice::{ends, Ends};

pub fn client(name: &str) -> Client {
    ServiceOptions::new().client(name).expect("a client")
}

pub fn server(name: &str) -> Server {
    ServiceOptions::new().server(name).expect("a server")
}

pub fn open(spec: &Spec, place: Place, name: &str) -> Ends {
    let (mut writer, mut reader, bytes) = (Writer::new(spec), Reader::new(spec), spec.bytes);
    if place == Place::First {
        let (client, calls) = (client(name), Rc::new(RefCell::new(None)));
        let under_way = Rc::clone(&calls);
        let send = move |number| {
            let mut draft = client.reserve(bytes).expect("room");
            // SAFETY: the draft is ours until it is committed.
            unsafe { writer.write(draft.payload().as_mut_ptr(), number) };
            *calls.borrow_mut() = Some(draft.commit());
            1
        };
        let receive = move || {
            let mut call = under_way.borrow_mut().take().expect("called before");
            let reply = call.recv().expect("received").expect("a reply");
            // SAFETY: nobody writes a reply that is held.
            unsafe { reader.read(reply.as_ptr()) }
        };
        ends(send, receive, u64::MAX) // nobody streams
    } else {
        let (mut server, requests) = (server(name), Rc::new(RefCell::new(None)));
        let under_way = Rc::clone(&requests);
        let send = move |number| {
            let request: mapview_channel::Request =
                under_way.borrow_mut().take().expect("got before");
            request.answer(writer.buffer(number)).expect("answered");
            1
        };
        let receive = move || {
            let request = server.recv().expect("received");
            // SAFETY: nobody writes a request that is held.
            let number = unsafe { reader.read(request.payload().as_ptr()) };
            *requests.borrow_mut() = Some(request);
            number
        };
        ends(send, receive, u64::MAX) // nobody streams
    }
}
