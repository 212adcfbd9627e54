//! The atomic integers that a view can lend.

use std::sync::atomic::*;

mod sealed {
    pub trait Sealed {}
}

/// An atomic integer of `std::sync::atomic`: what [`View::atomic`](crate::View::atomic) lends in place.
///
/// Implemented for the integers of 8 to 64 bits and for nothing else: every bit pattern is a value of theirs.
#[doc(alias = "Interlocked")]
// The compiler names this trait, and not `Share`, when the type of a shared static is wrong.
#[diagnostic::on_unimplemented(
    message = "processes cannot share `{Self}` as it stands: it is no atomic integer",
    label = "no atomic integer",
    note = "take an integer of `std::sync::atomic`, or for a shared static `mapview::Shared<T>` with a plain `T`, which is used under its lock"
)]
pub trait Atomic: sealed::Sealed + Send + Sync + 'static {
    /// The plain integer inside.
    type Value: Copy + std::fmt::Debug + PartialEq;

    #[doc(hidden)]
    fn load_value(&self, ordering: Ordering) -> Self::Value;
}

macro_rules! atomics {
    ($($atomic:ty => $value:ty),*) => {$(
        impl sealed::Sealed for $atomic {}
        impl Atomic for $atomic {
            type Value = $value;
            fn load_value(&self, ordering: Ordering) -> $value {
                self.load(ordering)
            }
        }
    )*};
}

atomics!(
    AtomicU8 => u8, AtomicU16 => u16, AtomicU32 => u32, AtomicU64 => u64, AtomicUsize => usize,
    AtomicI8 => i8, AtomicI16 => i16, AtomicI32 => i32, AtomicI64 => i64, AtomicIsize => isize
);
