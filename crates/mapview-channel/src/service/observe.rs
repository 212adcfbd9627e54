//! What a service's words say, to somebody who only looks.

use std::sync::atomic::{AtomicU64, Ordering};

use super::layout::{Layout, CLIENTS};
use super::server::{REPLIES, REQUESTS};
use super::state::{Stage, State};
use crate::station::{Look, Role, Seen, Tag, KIND_AT};
use crate::Result;

/// A service as it is seen from outside. Others go on meanwhile, so figures need not fit together to the last call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// Calls by all clients there ever were.
    pub calls: u64,
    pub clients: Vec<ObservedClient>,
    pub servers: Vec<ObservedServer>,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObservedClient {
    pub member: Tag,
    pub pid: u32,
    /// Calls that no server has taken yet.
    pub waiting: u64,
    /// Calls that a server has.
    pub taken: u64,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObservedServer {
    pub member: Tag,
    pub pid: u32,
    /// Requests that it took, and replies of those that it finished, or more.
    pub requests: u64,
    pub replies: u64,
}

/// Looks at a service.
pub(crate) fn observe(look: &Look) -> Result<Observed> {
    let Some(layout) = Layout::of(look.header()) else {
        return Err(look.corrupt("its parameters are none of a service"));
    };
    let area = look.area(layout.lengths_at(0, 0) - KIND_AT)?;
    let word = |at: usize| area.load::<AtomicU64>(at, Ordering::Acquire);
    let mut seen = Observed::default();
    for index in 0..CLIENTS {
        seen.calls = seen.calls.wrapping_add(word(layout.desk_at(index))?);
    }
    for Seen { tag: member, role, pid, .. } in look.members()? {
        let Some(index) = member.index() else { continue };
        match role {
            Role::Client => {
                let mut client = ObservedClient { member, pid, waiting: 0, taken: 0 };
                for slot in 0..layout.calls {
                    match State(word(layout.slot_at(index, slot))?).stage() {
                        Some(Stage::Ready) => client.waiting += 1,
                        Some(Stage::Taken) => client.taken += 1,
                        _ => {}
                    }
                }
                seen.clients.push(client);
            }
            Role::Server => {
                let words = look.words(index)?;
                let (requests, replies) = (words[REQUESTS], words[REPLIES]);
                seen.servers.push(ObservedServer { member, pid, requests, replies });
            }
            _ => {}
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Client, Server};

    #[test]
    fn what_is_seen_is_what_happened() {
        let name = format!("mapview-test-observe-service-{}", std::process::id());
        let (one, two) = (Client::create(&name).unwrap(), Client::create(&name).unwrap());
        let (mut idle, mut busy) = (Server::open(&name).unwrap(), Server::open(&name).unwrap());
        assert!(idle.try_recv().unwrap().is_none());
        for replies in 0..3_u8 {
            let _call = one.call(b"?").unwrap();
            let mut request = busy.recv().unwrap();
            (0..replies).for_each(|_| assert!(request.reply(b"!").unwrap()));
            request.finish();
        }
        let _taken = two.call(b"taken").unwrap();
        let _request = busy.recv().unwrap();
        let _waiting = two.call(b"waiting").unwrap();

        let seen = observe(&Look::open(&name).unwrap()).unwrap();
        assert_eq!(seen.calls, 5);
        let clients: Vec<_> = seen.clients.iter().map(|one| (one.waiting, one.taken)).collect();
        assert_eq!(clients, [(0, 0), (1, 1)]);
        let servers: Vec<_> = seen.servers.iter().map(|one| (one.requests, one.replies)).collect();
        assert_eq!(servers, [(0, 0), (4, 3)]);
        assert!(seen.clients.iter().all(|client| client.pid == std::process::id()));
    }
}
