//! What is there: every object of the namespaces, for people and tools that look.

use crate::{sys, Name, Result};

/// The kinds of objects that share one namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectKind {
    /// A [`Mapping`](crate::Mapping).
    Mapping,
    /// A [`Mutex`](crate::Mutex).
    Mutex,
    /// An [`Event`](crate::Event).
    Event,
    /// A [`Semaphore`](crate::Semaphore).
    Semaphore,
    /// A [`Timer`](crate::Timer).
    Timer,
}

impl ObjectKind {
    /// The word for messages and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Mapping => "mapping",
            ObjectKind::Mutex => "mutex",
            ObjectKind::Event => "event",
            ObjectKind::Semaphore => "semaphore",
            ObjectKind::Timer => "timer",
        }
    }
}

/// What [`objects`] knows about one object; every figure is of the moment it was looked at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// The name, with its namespace.
    pub name: Name,
    /// The kind.
    pub kind: ObjectKind,
    /// The size of a mapping in bytes.
    pub size: Option<u64>,
    /// The bytes of memory or disk that a mapping takes up at present, where that can be found out.
    pub allocated: Option<u64>,
    /// The processes that hold it, where that can be found out; ascending, each once.
    pub holders: Vec<u32>,
    /// The threads that wait for it, where that can be found out; ascending.
    pub waiters: Vec<Who>,
    /// The thread that owns a mutex, where its process can be found out.
    pub owner: Option<Who>,
    /// The state.
    pub state: ObjectState,
}

/// A thread of some process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Who {
    /// Its process.
    pub pid: u32,
    /// Its own id, unique in the system.
    pub tid: u32,
}

/// The state of an object, by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectState {
    /// Memory of the paging file.
    Memory,
    /// Memory of the paging file that is taken at first touch.
    Reserved,
    /// The bytes of a file.
    File,
    /// A mutex that nobody owns.
    Free,
    /// A mutex owned by the thread with this id.
    Owned(u32),
    /// A mutex whose owner ended without unlocking; the next to lock it will be told.
    Abandoned,
    /// An event or timer that lets waiters through.
    Set,
    /// An event or timer that makes them wait.
    NotSet,
    /// A semaphore.
    Count {
        /// How many waits it lets through now.
        count: u32,
        /// The most it can count.
        maximum: u32,
    },
    /// Not known here.
    Unknown,
}

/// Lists every object of both namespaces that this user can see, sorted by name.
///
/// ```
/// let name = format!("doc-objects-{}", std::process::id());
/// let mapping = mapview::Mapping::create(&name, 4096)?;
/// let all = mapview::objects()?;
/// assert!(all.iter().any(|object| object.name == mapview::Name::new(&name).unwrap()));
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`AccessDenied`](crate::ErrorKind::AccessDenied): the namespace directory belongs to somebody else.
///
/// # Platform notes
/// Linux: also removes what crashed processes left. Windows: asks the object manager, which tells neither holders nor
/// owners nor waiters.
pub fn objects() -> Result<Vec<ObjectInfo>> {
    let mut objects = sys::objects()?;
    objects.sort_by(|a, b| {
        (a.name.namespace(), a.name.units()).cmp(&(b.name.namespace(), b.name.units()))
    });
    Ok(objects)
}
