//! `TypedDraft`: room for a value, until it is committed.

use std::marker::PhantomData;

use mapview::Plain;

use super::Draft;
use crate::Result;

/// Room for one value, where the receiver will read it: a [`Draft`] with the size and alignment of `T`.
///
/// ```
/// use mapview_channel::{TypedReceiver, TypedSender};
/// let name = format!("doc-typed-draft-{}", std::process::id());
/// let mut sender = TypedSender::<[u32; 1000]>::create(&name)?;
/// let mut receiver = TypedReceiver::<[u32; 1000]>::create(&name)?;
/// let mut draft = sender.reserve()?;
/// draft.write_part(4 * 999, &7_u32)?; // the rest is what was left there
/// draft.commit();
/// assert_eq!(receiver.recv_in_place()?.read::<u32>(4 * 999)?, 7);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct TypedDraft<'a, T> {
    draft: Draft<'a>,
    item: PhantomData<fn(T)>,
}

impl<'a, T: Plain> TypedDraft<'a, T> {
    #[inline]
    pub(super) fn new(draft: Draft<'a>) -> TypedDraft<'a, T> {
        TypedDraft { draft, item: PhantomData }
    }

    /// Stores the whole value.
    #[inline]
    pub fn write(&mut self, value: &T) {
        self.draft.write(0, value).expect("the draft is as long as the value");
    }

    /// Stores a part of the value at its offset.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): out of range; nothing is stored.
    #[inline]
    pub fn write_part<P: Plain>(&mut self, offset: usize, part: &P) -> Result<()> {
        self.draft.write(offset, part)
    }

    /// The address of the value, aligned for it: for who builds it there by other means.
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.draft.payload().as_mut_ptr().cast()
    }

    /// Makes the value exist. In a [`TypedBatch`](super::TypedBatch) it does so with the batch.
    #[inline]
    pub fn commit(self) {
        self.draft.commit();
    }
}
