//! Rings whose messages are all values of one type.

use mapview::{Plain, ToName};

use super::options::check_item;
use super::{Receiver, RingOptions, Sender, TypedReceiver, TypedSender};
use crate::Result;

impl RingOptions {
    /// As [`RingOptions::sender`], of a ring whose messages are all values of `T`.
    ///
    /// Size and alignment of `T` are agreed on with the other options, so that nobody takes part with a type of another shape; the
    /// [schema](RingOptions::schema) tells apart what has the same.
    ///
    /// # Errors
    /// As for [`RingOptions::sender`]; [`InvalidParameter`](crate::ErrorKind::InvalidParameter) also: a value is longer than the
    /// capacity, or aligned to more than 4096.
    pub fn typed_sender<T: Plain>(&self, name: &(impl ToName + ?Sized)) -> Result<TypedSender<T>> {
        Ok(TypedSender::new(Sender::join(&self.create(name, item_of::<T>())?)?))
    }

    /// As [`RingOptions::receiver`], of a ring whose messages are all values of `T`.
    ///
    /// # Errors
    /// As for [`RingOptions::typed_sender`].
    pub fn typed_receiver<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedReceiver<T>> {
        Ok(TypedReceiver::new(Receiver::join(&self.create(name, item_of::<T>())?)?))
    }

    /// As [`RingOptions::open_sender`], of a ring whose messages are all values of `T`.
    ///
    /// # Errors
    /// As for [`RingOptions::open_sender`]; [`Mismatch`](crate::ErrorKind::Mismatch) also: size or alignment of `T` are not the ring's.
    pub fn open_typed_sender<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedSender<T>> {
        let station = self.open(name)?;
        check_item(&station, item_of::<T>())?;
        Ok(TypedSender::new(Sender::join(&station)?))
    }

    /// As [`RingOptions::open_receiver`], of a ring whose messages are all values of `T`.
    ///
    /// # Errors
    /// As for [`RingOptions::open_typed_sender`].
    pub fn open_typed_receiver<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedReceiver<T>> {
        let station = self.open(name)?;
        check_item(&station, item_of::<T>())?;
        Ok(TypedReceiver::new(Receiver::join(&station)?))
    }
}

/// What a ring of such values is for: size and alignment.
fn item_of<T>() -> (u64, u64) {
    (size_of::<T>() as u64, align_of::<T>() as u64)
}
