//! `SharedStatic`: a static that all running instances of a program share.
#![allow(unsafe_code)]

use std::fmt;
use std::ops::Deref;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::OnceLock;

use crate::typed::{Plan, Typed};
use crate::typed_header::{Header, Kind, DATA_AT};
use crate::{sys, Atomic, Name, Plain, Result, Security, Shared};

/// A static that all running instances of a program share, made by [`shared_static!`](crate::shared_static).
///
/// The first instance gives it its initial value, exactly once; it stays while any instance that used it runs, and begins
/// anew after the last one ended, however that ended. What the initial value is made of runs in one instance only.
///
/// It is found at the first use, in each instance, and costs one load more than another static from then on.
pub struct SharedStatic<T: Share> {
    /// Null until the first use.
    found: AtomicPtr<T>,
    place: Place,
    initial: fn() -> T::Initial,
}

/// Which static it is among all.
#[derive(Clone, Copy)]
struct Place {
    /// Of its own in the program; in a group, the name of the static.
    key: &'static str,
    group: Option<&'static str>,
}

/// What can be a static of all instances: the atomic integers, and [`Shared`] with plain data in it, which is used under its
/// lock.
///
/// Everything else holds addresses, or can be left half-changed, or believes that nobody outside of the process changes it.
pub trait Share: Sized + Send + Sync + 'static {
    /// What it is initialised with.
    type Initial;

    #[doc(hidden)]
    fn find(name: &Name, initial: fn() -> Self::Initial) -> Result<&'static Self>;
}

impl<A: Atomic> Share for A
where
    A::Value: Plain,
{
    type Initial = A::Value;

    fn find(name: &Name, initial: fn() -> A::Value) -> Result<&'static A> {
        let header = Header::new::<A>(Kind::Static, &format!("atomic {}", schema_of::<A::Value>()));
        let plan = Plan::new(name, header, Some(size_of::<A>()))?;
        let typed = plan.create(&Security::OnlyMe, |view| view.write(DATA_AT, &initial()))?;
        let typed: &'static Typed = Box::leak(Box::new(typed)); // as long as the process, as statics are
        typed.view.atomic(DATA_AT)
    }
}

impl<T: Plain + Send + Sync + 'static> Share for Shared<T> {
    type Initial = T;

    fn find(name: &Name, initial: fn() -> T) -> Result<&'static Shared<T>> {
        Ok(Box::leak(Box::new(Shared::create(name, &schema_of::<T>(), initial)?)))
    }
}

/// The name of a type without the paths to it, which may differ from program to program; as much of it as a schema holds.
fn schema_of<T>() -> String {
    let mut short = String::new();
    for part in
        std::any::type_name::<T>().split_inclusive(|c: char| !c.is_alphanumeric() && c != '_')
    {
        match part.strip_suffix(':') {
            Some(_) => {} // of a path
            None => short.push_str(part),
        }
    }
    short.chars().filter(char::is_ascii).take(48).collect()
}

impl<T: Share> SharedStatic<T> {
    #[doc(hidden)]
    pub const fn new(
        key: &'static str,
        group: Option<&'static str>,
        initial: fn() -> T::Initial,
    ) -> SharedStatic<T> {
        let place = Place { key, group };
        SharedStatic { found: AtomicPtr::new(null_mut()), place, initial }
    }

    /// The value, found if this is the first use in this process. A dereference does the same and panics where this fails.
    ///
    /// # Errors
    /// [`InvalidData`](crate::ErrorKind::InvalidData): in the group, another type has this name; the kinds of
    /// [`Shared::create`].
    #[inline]
    pub fn get(&self) -> Result<&'static T> {
        let found = self.found.load(Ordering::Acquire);
        if found.is_null() {
            return self.find();
        }
        // SAFETY: what `find` stored, which is never freed and only lent for reading.
        Ok(unsafe { &*found })
    }

    #[cold]
    fn find(&self) -> Result<&'static T> {
        let name = self.place.name()?;
        let found = T::find(&name, self.initial)?;
        // If another thread was faster, its finding is kept; this one stays open and is the same object.
        let (new, order) = ((&raw const *found).cast_mut(), Ordering::AcqRel);
        match self.found.compare_exchange(null_mut(), new, order, Ordering::Acquire) {
            Ok(_) => Ok(found),
            // SAFETY: as in `get`.
            Err(other) => Ok(unsafe { &*other }),
        }
    }
}

impl Place {
    fn name(&self) -> Result<Name> {
        let Place { key, group } = self;
        match group {
            Some(group) => Name::new(&format!("mapview statics of group {group}: {key}")),
            None => Name::new(&format!("mapview statics of {}: {key}", program()?)),
        }
    }
}

/// Which program this is: the same file unchanged, under whatever name.
fn program() -> Result<&'static str> {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    if let Some(program) = PROGRAM.get() {
        return Ok(program);
    }
    let identity = sys::file_identity(&sys::open_program()?)?;
    Ok(PROGRAM.get_or_init(|| identity))
}

impl<T: Share> Deref for SharedStatic<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.get().unwrap_or_else(|error| panic!("a static of all instances: {error}"))
    }
}

impl<T: Share + fmt::Debug> fmt::Debug for SharedStatic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Ok(value) => value.fmt(f),
            Err(error) => write!(f, "({error})"),
        }
    }
}

/// Statics that all running instances of a program share.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use mapview::{shared_static, Shared};
///
/// shared_static! {
///     /// How often any instance came by here.
///     pub static VISITS: AtomicU64 = 23;
///     static BEST: Shared<[u32; 2]> = [0, 0];
/// }
///
/// VISITS.fetch_add(1, Ordering::Relaxed);
/// BEST.lock()?.sound()?[1] = 7; // one instance at a time
/// assert!(VISITS.load(Ordering::Relaxed) > 23);
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// The instances are the processes of one user that run the same file: a program that was built again shares nothing with
/// the one before. In libraries, too, it is the program that counts. To share between *all programs that name a group*, with
/// the name of the static as it stands:
///
/// ```
/// # use std::sync::atomic::{AtomicU32, Ordering};
/// mapview::shared_static! {
///     group "org.example.tools";
///     static RUNNING: AtomicU32 = 0;
/// }
/// RUNNING.fetch_add(1, Ordering::Relaxed);
/// ```
///
/// What cannot be shared soundly is refused:
///
/// ```compile_fail
/// mapview::shared_static! { static NAMES: std::sync::Mutex<Vec<String>> = Default::default(); }
/// ```
///
/// # Platform notes
/// On Windows the linker can do something like it (`#pragma data_seg` with `/SECTION:name,RWS`); such sections of a library
/// are what [`Mapping::image`](crate::Mapping::image) maps. Here the first use opens two named objects for each static.
#[macro_export]
macro_rules! shared_static {
    (group $group:literal; $($rest:tt)*) => { $crate::shared_static! { @statics (Some($group)) $($rest)* } };
    (@statics ($group:expr)) => {};
    (@statics ($group:expr)
        $(#[$attribute:meta])* $visible:vis static $name:ident : $type:ty = $initial:expr; $($rest:tt)*
    ) => {
        $(#[$attribute])*
        $visible static $name: $crate::SharedStatic<$type> = {
            const GROUP: Option<&str> = $group;
            const KEY: &str = match GROUP {
                Some(_) => stringify!($name),
                None => concat!(module_path!(), "::", stringify!($name), " ", line!(), ":", column!()),
            };
            $crate::SharedStatic::new(KEY, GROUP, || $initial)
        };
        $crate::shared_static! { @statics ($group) $($rest)* }
    };
    ($($rest:tt)*) => { $crate::shared_static! { @statics (None) $($rest)* } };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_names_the_type_and_not_where_it_is() {
        assert_eq!(schema_of::<u64>(), "u64");
        assert_eq!(schema_of::<[u32; 3]>(), "[u32; 3]");
        assert_eq!(schema_of::<Option<std::num::NonZeroU8>>().matches("::").count(), 0);
        assert_eq!(schema_of::<Place>(), "Place");
        assert_eq!(schema_of::<(Place, [Place; 2])>(), "(Place, [Place; 2])");
    }
}
