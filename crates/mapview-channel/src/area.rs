//! Atomics in shared memory that are found once and used often: a pointer, checked when it was made, and what keeps it valid.
#![allow(unsafe_code)]

use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use mapview::{Atomic, View};

use crate::Result;

/// An atomic integer in a view.
#[derive(Clone, Debug)]
pub(crate) struct Word<A> {
    at: NonNull<A>,
    _view: Arc<View>,
}

// SAFETY: it stands for a reference to an atomic integer, which threads may share, into memory that the view keeps mapped.
unsafe impl<A: Atomic> Send for Word<A> {}
// SAFETY: as above.
unsafe impl<A: Atomic> Sync for Word<A> {}

impl<A: Atomic> Word<A> {
    /// The atomic at this offset, which must lie inside the view and be aligned.
    pub(crate) fn new(view: &Arc<View>, offset: usize) -> Result<Word<A>> {
        Ok(Word { at: NonNull::from(view.atomic::<A>(offset)?), _view: view.clone() })
    }
}

impl<A: Atomic> Deref for Word<A> {
    type Target = A;

    #[inline]
    fn deref(&self) -> &A {
        // SAFETY: `new` found an atomic there, and the view is mapped as long as this exists.
        unsafe { self.at.as_ref() }
    }
}

/// Atomic integers side by side in a view.
#[derive(Clone, Debug)]
pub(crate) struct Words<A> {
    first: NonNull<A>,
    count: usize,
    _view: Arc<View>,
}

// SAFETY: as for `Word`.
unsafe impl<A: Atomic> Send for Words<A> {}
// SAFETY: as for `Word`.
unsafe impl<A: Atomic> Sync for Words<A> {}

impl<A: Atomic> Words<A> {
    /// `count` atomics from this offset on; at least one. All must lie inside the view and be aligned.
    pub(crate) fn new(view: &Arc<View>, offset: usize, count: usize) -> Result<Words<A>> {
        let first = NonNull::from(view.atomic::<A>(offset)?);
        let last = offset.saturating_add(count.saturating_sub(1).saturating_mul(size_of::<A>()));
        view.atomic::<A>(last)?;
        Ok(Words { first, count, _view: view.clone() })
    }
}

impl<A: Atomic> Deref for Words<A> {
    type Target = [A];

    #[inline]
    fn deref(&self) -> &[A] {
        // SAFETY: `new` checked that the first and the last, and so all between, lie inside the view, which is mapped as long as
        // this exists; an atomic integer may be shared, and any bits are one.
        unsafe { std::slice::from_raw_parts(self.first.as_ptr(), self.count) }
    }
}
