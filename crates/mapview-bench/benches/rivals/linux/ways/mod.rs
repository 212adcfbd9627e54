//! Ways to signal another process, each by the name that orders give it: `event`, `futex`, `poll 64`, ...

mod own;
pub mod raw;

use super::posix::{page_of, Shm};
use super::{boost, posix_name};

/// Most objects in a wait.
pub const MOST: usize = 64;
/// Bytes of the shared page that each thing in it gets.
const SLOT: usize = 256;

/// One direction: one process signals, the other waits, and takes the signal.
pub trait Way {
    fn signal(&self);
    fn wait(&self);
}

/// What both processes need: a page, descriptors, and a prefix for names.
pub struct Shared {
    name: String,
    page: *mut u8,
    /// Of each direction, to read and to write.
    pipes: [[i32; 2]; 2],
    /// Of each direction, as many as the largest wait takes.
    events: [Vec<i32>; 2],
}

/// Keeps what is shared for the processes that open it.
pub struct Kept {
    _shm: Shm,
    _objects: own::Objects,
}

impl Shared {
    /// Makes all of it. The descriptors are inherited by peers that are started from now on.
    pub fn make(what: &str) -> (Shared, Kept) {
        let name = posix_name(what);
        let kept =
            Kept { _shm: Shm::create(&name, 4096), _objects: own::Objects::make(&name[1..], MOST) };
        let shared = Shared {
            page: page_of(&name),
            name,
            pipes: [(); 2].map(|()| raw::pipe()),
            events: [(); 2].map(|()| (0..MOST).map(|_| raw::event_fd()).collect()),
        };
        for direction in 0..2 {
            boost::make_semaphore(shared.slot(direction, 1));
            boost::make_flag(shared.slot(direction, 2));
        }
        (shared, kept)
    }

    /// For the command line of a peer.
    pub fn arguments(&self) -> [String; 2] {
        let all = self.pipes.iter().flatten().chain(self.events.iter().flatten());
        [self.name.clone(), all.map(i32::to_string).collect::<Vec<_>>().join(",")]
    }

    /// In a peer: what its parent made.
    pub fn existing(name: &str, descriptors: &str) -> Shared {
        let numbers: Vec<i32> =
            descriptors.split(',').map(|word| word.parse().expect("a number")).collect();
        let (pipes, events) = numbers.split_at(4);
        Shared {
            name: name.to_owned(),
            page: page_of(name),
            pipes: [[pipes[0], pipes[1]], [pipes[2], pipes[3]]],
            events: [events[..MOST].to_vec(), events[MOST..].to_vec()],
        }
    }

    /// A way in one of the two directions.
    pub fn open(&self, way: &str, direction: usize) -> Box<dyn Way> {
        let (kind, count) = way.split_once(' ').unwrap_or((way, "1"));
        let count: usize = count.parse().expect("a number");
        let events = &self.events[direction][..count];
        let name = &self.name[1..];
        match kind {
            "event" => Box::new(own::event(name, direction)),
            "semaphore" => Box::new(own::semaphore(name, direction)),
            "any" => Box::new(own::Any::open(name, direction, count)),
            "futex" => Box::new(raw::Futex::at(self.slot(direction, 0), 0)),
            "spinning-futex" => Box::new(raw::Futex::at(self.slot(direction, 0), 10_000)),
            "eventfd" => Box::new(raw::Descriptor::event(events[0])),
            "pipe" => Box::new(raw::Descriptor::pipe(self.pipes[direction])),
            "poll" => Box::new(raw::Poll::new(events)),
            "epoll" => Box::new(raw::Epoll::new(events)),
            "boost-semaphore" => Box::new(BoostSemaphore(self.slot(direction, 1))),
            "boost-condition" => Box::new(BoostCondition(self.slot(direction, 2))),
            _ => panic!("no such way: {way}"),
        }
    }

    fn slot(&self, direction: usize, what: usize) -> *mut u8 {
        self.page.wrapping_add((2 * what + direction) * SLOT)
    }
}

struct BoostSemaphore(*mut u8);

impl Way for BoostSemaphore {
    fn signal(&self) {
        boost::post(self.0);
    }
    fn wait(&self) {
        boost::wait(self.0);
    }
}

struct BoostCondition(*mut u8);

impl Way for BoostCondition {
    fn signal(&self) {
        boost::set_flag(self.0, false);
    }
    fn wait(&self) {
        boost::await_flag(self.0, true);
    }
}
