//! `Plain`: which types can be shared by value.

use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A type that processes can share by value: plain bytes, no pointers, no padding, any bits valid.
///
/// Implemented for every type that has zerocopy's `FromBytes`, `IntoBytes` and `Immutable`: the numbers, arrays of
/// them, and your own structs with these derives and `repr(C)`, which fixes where the fields lie.
///
/// ```
/// use zerocopy::{FromBytes, Immutable, IntoBytes};
///
/// #[derive(FromBytes, IntoBytes, Immutable)]
/// #[repr(C)]
/// struct Limits {
///     jobs: u32,
///     seconds: u32,
/// }
/// fn shareable<T: mapview::Plain>() {}
/// shareable::<Limits>();
/// ```
pub trait Plain: FromBytes + IntoBytes + Immutable {}

impl<T: FromBytes + IntoBytes + Immutable> Plain for T {}
