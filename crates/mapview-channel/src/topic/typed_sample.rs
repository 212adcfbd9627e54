//! `TypedSample`: a value in place, held until it is dropped.

use std::marker::PhantomData;

use mapview::Plain;

use super::Sample;
use crate::Payload;

/// A value where it was written, held until this is dropped.
#[derive(Debug)]
pub struct TypedSample<T> {
    sample: Sample,
    of: PhantomData<fn() -> T>,
}

impl<T: Plain> TypedSample<T> {
    /// The sample has the size of the type.
    pub(super) fn new(sample: Sample) -> TypedSample<T> {
        TypedSample { sample, of: PhantomData }
    }

    /// A copy of the value.
    pub fn value(&self) -> T {
        self.sample.read(0).expect("the sample has the size of the type")
    }

    /// The bytes in place, to read parts of a large value. They are aligned for the type.
    pub fn payload(&self) -> Payload<'_> {
        self.sample.payload()
    }

    /// Which publisher published it; see [`Sample::publisher`].
    pub fn publisher(&self) -> usize {
        self.sample.publisher()
    }

    /// Its number among the samples of its publisher's place; see [`Sample::sequence`].
    pub fn sequence(&self) -> u64 {
        self.sample.sequence()
    }
}
