//! What the calling thread is in the midst of, by name: a mutex lets its owner in again, a typed value must not.

use std::cell::RefCell;
use std::sync::Arc;

use crate::{Error, ErrorKind, Name, Result};

thread_local! {
    static HELD: RefCell<Vec<Arc<Name>>> = const { RefCell::new(Vec::new()) };
}

/// The thread is inside the object of this name, through whichever handle; until dropped.
#[derive(Debug)]
pub(crate) struct Held(Arc<Name>);

impl Held {
    /// Notes that the thread goes inside; refused when it is there already.
    pub(crate) fn enter(name: &Arc<Name>) -> Result<Held> {
        let entered = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            let free = !held.contains(name);
            if free {
                held.push(name.clone());
            }
            free
        });
        match entered {
            // A thread that is ending has no such list any more, and nothing that it could be inside of.
            Ok(true) | Err(_) => Ok(Held(name.clone())),
            Ok(false) => Err(Error::new(
                ErrorKind::Busy,
                "this thread has it locked already; drop that guard first",
            )
            .about(name)),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            if let Some(index) = held.iter().rposition(|name| Arc::ptr_eq(name, &self.0)) {
                held.swap_remove(index);
            }
        });
    }
}
