//! What every typed value consists of: a mapping that begins with a header, and a mutex whose name is the mapping's with
//! `.lock` behind it; and how processes that come, go and die agree that it is ready.
//!
//! Whoever makes the value does so under the lock, and says at last that it is ready. Before that word stands nobody
//! believes anything in the mapping; whoever gets the lock and finds it unsaid knows that the maker ended, and makes it
//! anew. The mutex is opened before the mapping and closed after it, so who finds the mapping finds the mutex too, but
//! for the moment in which a process that was killed loses its handles one by one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::held::Held;
use crate::state::once;
use crate::typed_header::{foreign, Header, DATA_AT, MAGIC_AT, READY_AT};
use crate::{
    Access, Error, ErrorKind, Guard, Mapping, MappingOptions, Mutex, MutexOptions, Name, Result,
    Security, ToName, View, ViewAccess,
};

/// How long something half there may take to come or go, before it is taken for what it looks like.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(1);
const ENDED: &str = "whoever was creating it ended before it was ready";

/// The open parts of a typed value. The fields' order is that in which they close.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) view: View,
    _mapping: Mapping,
    pub(crate) lock: Mutex,
    pub(crate) name: Arc<Name>,
    pub(crate) created: bool,
}

/// What is to be created or opened.
#[derive(Debug)]
pub(crate) struct Plan {
    name: Arc<Name>,
    lock: Name,
    header: Header,
    /// Bytes of the mapping, header included.
    bytes: usize,
}

/// The result of one look: `Err` inside `Ok` is what it means if it stays like this.
type Look<T> = Result<std::result::Result<T, Error>>;

/// What a mapping of the right name is.
enum Found {
    Ready,
    /// Somebody began, or was about to.
    Unfinished {
        empty: bool,
    },
}

impl Plan {
    /// `data`: the bytes behind the header; `None` if too many.
    pub(crate) fn new(
        name: &(impl ToName + ?Sized),
        header: Result<Header>,
        data: Option<usize>,
    ) -> Result<Plan> {
        let name = name.to_name()?.map_or_else(|| Name::new(""), Ok)?;
        let too_large = || Error::new(ErrorKind::NotEnoughMemory, "the value is too large");
        let bytes = data.and_then(|data| data.checked_add(DATA_AT));
        let plan = || {
            let bytes = bytes.filter(|&bytes| bytes <= isize::MAX as usize);
            Ok((name.with_suffix(".lock")?, header?, bytes.ok_or_else(too_large)?))
        };
        let (lock, header, bytes) = plan().map_err(|error: Error| error.about(&name))?;
        Ok(Plan { name: Arc::new(name), lock, header, bytes })
    }

    /// Opens the value, or makes it with `init`, which fills the mapping behind the header under the lock.
    pub(crate) fn create(
        &self,
        security: &Security,
        init: impl FnOnce(&View) -> Result<()>,
    ) -> Result<Typed> {
        let mut init = Some(init);
        self.patiently(|| self.try_create(security, &mut init))
    }

    /// Opens the value, after waiting for whoever is making it.
    pub(crate) fn open(&self, access: Access) -> Result<Typed> {
        self.patiently(|| self.try_open(access))
    }

    /// Looks again for a while at what cannot be told yet.
    fn patiently(&self, mut look: impl FnMut() -> Look<Typed>) -> Result<Typed> {
        let begin = Instant::now();
        loop {
            match look().map_err(|error| error.about(&self.name))? {
                Ok(typed) => return Ok(typed),
                Err(error) if begin.elapsed() > PATIENCE => return Err(error.about(&self.name)),
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    }

    fn try_create(
        &self,
        security: &Security,
        init: &mut Option<impl FnOnce(&View) -> Result<()>>,
    ) -> Look<Typed> {
        let open_lock = || MutexOptions::new().name(&self.lock).security(security.clone()).create();
        if let Some((mapping, view, Found::Ready)) = self.find(Access::READ | Access::WRITE)? {
            return Ok(Ok(self.typed(mapping, view, open_lock()?, false)));
        }
        let lock = open_lock()?;
        let held = Held::enter(&self.name)?;
        let guard = lock.lock()?;
        let mut options = MappingOptions::new();
        options.name(&*self.name).size(self.bytes as u64).security(security.clone());
        let mapping = options.create()?;
        let view = view_of(&mapping)?;
        let mut created = false;
        match self.look(&view)? {
            Found::Ready => {}
            // An empty mapping that nobody who is known made or died over may be anybody's.
            Found::Unfinished { empty: true } if !mapping.was_created() && !guard.abandoned() => {
                return Ok(Err(foreign()));
            }
            Found::Unfinished { .. } if view.len() < self.bytes => {
                return Ok(Err(self.short(&view)))
            }
            Found::Unfinished { .. } => {
                let init = init.take().expect("a look that inits is the last one");
                self.make(&view, mapping.was_created(), init)?;
                created = true;
            }
        }
        drop(guard);
        drop(held);
        Ok(Ok(self.typed(mapping, view, lock, created)))
    }

    fn try_open(&self, access: Access) -> Look<Typed> {
        let unfinished = match self.find(access)? {
            // The mutex is missing only when all who had it are gone, but for somebody with a bare mapping.
            Some((mapping, view, Found::Ready)) => {
                let lock = MutexOptions::new().name(&self.lock).create()?;
                return Ok(Ok(self.typed(mapping, view, lock, false)));
            }
            Some((.., Found::Unfinished { empty })) => Some(empty),
            None => None,
        };
        let lock = match MutexOptions::new().name(&self.lock).open() {
            Ok(lock) => lock,
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Err(_) => {
                return match unfinished {
                    Some(true) => Ok(Err(foreign())),
                    Some(false) => Err(not_found(ENDED)),
                    None => Err(not_found("nobody has created it")),
                }
            }
        };
        let held = Held::enter(&self.name)?;
        let guard = lock.lock()?; // whoever makes it has the lock
        let mapping = MappingOptions::new().name(&*self.name).open(access)?;
        let view = view_of(&mapping)?;
        match self.look(&view)? {
            Found::Ready => {}
            Found::Unfinished { empty: true } if !guard.abandoned() => return Ok(Err(foreign())),
            Found::Unfinished { .. } => {
                return Err(not_found(ENDED));
            }
        }
        drop(guard);
        drop(held);
        Ok(Ok(self.typed(mapping, view, lock, false)))
    }

    /// The mapping, if there is one, and what it is without the lock.
    fn find(&self, access: Access) -> Result<Option<(Mapping, View, Found)>> {
        let mapping = match MappingOptions::new().name(&*self.name).open(access) {
            Ok(mapping) => mapping,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let view = view_of(&mapping)?;
        let found = self.look(&view)?;
        Ok(Some((mapping, view, found)))
    }

    /// Looks what a mapping holds; refuses what is foreign, or ready and different.
    fn look(&self, view: &View) -> Result<Found> {
        if view.len() < DATA_AT {
            return Err(foreign());
        }
        let ready = once::is_done(view.load::<AtomicU64>(READY_AT, Ordering::Acquire)?);
        let header = view.read::<Header>(0)?;
        if header.magic == 0 {
            return Ok(Found::Unfinished { empty: true });
        }
        header.recognise()?;
        if !ready {
            return Ok(Found::Unfinished { empty: false });
        }
        header.expect(&self.header)?;
        if view.len() < self.bytes {
            return Err(self.short(view));
        }
        Ok(Found::Ready)
    }

    /// Makes the value, under the lock.
    fn make(&self, view: &View, new: bool, init: impl FnOnce(&View) -> Result<()>) -> Result<()> {
        // The magic last: who finds it finds the rest of the header.
        view.write(0, &self.header.without_magic())?;
        if !new {
            view.fill(READY_AT, self.bytes - READY_AT, 0)?; // what a maker left that ended
        }
        view.atomic::<AtomicU64>(MAGIC_AT)?.store(self.header.magic, Ordering::Release);
        init(view)?;
        once::finish(view.atomic(READY_AT)?);
        Ok(())
    }

    fn typed(&self, mapping: Mapping, view: View, lock: Mutex, created: bool) -> Typed {
        Typed { view, _mapping: mapping, lock, name: self.name.clone(), created }
    }

    fn short(&self, view: &View) -> Error {
        let why = format!("its mapping has {} bytes, but {} are needed", view.len(), self.bytes);
        Error::new(ErrorKind::InvalidData, why)
    }
}

fn not_found(why: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, why)
}

/// The view of a value. Others may be able to truncate the mapping's file, so it is guarded if the program has a guard.
fn view_of(mapping: &Mapping) -> Result<View> {
    let write = mapping.access().contains(Access::WRITE);
    let access = if write { ViewAccess::ReadWrite } else { ViewAccess::Read };
    View::options().access(access).guarded(Guard::is_installed()).map(mapping)
}
