//! Values of any type that serde knows as messages, encoded as [postcard](https://docs.rs/postcard) does; with the feature `postcard`.
//!
//! Encoding copies, so plain types are better sent as they are: [`TypedSender`](crate::TypedSender) and its like.

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::{Call, Client, Error, ErrorKind, Payload, Publisher, Request, Result, Sender};

impl Payload<'_> {
    /// The value that was sent. Everything is checked: bytes of another type are an error.
    ///
    /// ```
    /// use mapview_channel::{Receiver, Sender};
    /// let name = format!("doc-values-{}", std::process::id());
    /// let (mut sender, mut receiver) = (Sender::create(&name)?, Receiver::create(&name)?);
    /// sender.send_value(&("frames", vec![1, 2, 3]))?;
    /// let value: (String, Vec<i32>) = receiver.recv()?.value()?;
    /// assert_eq!(value, ("frames".to_owned(), vec![1, 2, 3]));
    /// # Ok::<(), mapview_channel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Encoding`](ErrorKind::Encoding): the bytes are no value of this type, or more than one.
    pub fn value<T: DeserializeOwned>(&self) -> Result<T> {
        let bytes = self.to_vec()?; // others could change them while they are read
        let refuse = |why: String| Error::new(ErrorKind::Encoding, "", why);
        match postcard::take_from_bytes(&bytes) {
            Ok((value, [])) => Ok(value),
            Ok((_, rest)) => Err(refuse(format!(
                "{} of {} bytes are left over; both sides must use the same type",
                rest.len(),
                bytes.len()
            ))),
            Err(error) => Err(refuse(format!("{error}; both sides must use the same type"))),
        }
    }
}

impl Sender {
    /// Sends a value; waits while the ring is full. The receiver reads it with [`Payload::value`].
    ///
    /// # Errors
    /// As for [`Sender::send`], and [`Encoding`](ErrorKind::Encoding).
    pub fn send_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let bytes = encode(value)?;
        self.send(&bytes)
    }
}

impl Publisher {
    /// Publishes a value; waits as [`Publisher::publish`] does.
    ///
    /// # Errors
    /// As for [`Publisher::publish`], and [`Encoding`](ErrorKind::Encoding).
    pub fn publish_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let bytes = encode(value)?;
        self.publish(&bytes)
    }
}

impl Client {
    /// Calls with a value as the request; waits as [`Client::call`] does.
    ///
    /// # Errors
    /// As for [`Client::call`], and [`Encoding`](ErrorKind::Encoding).
    pub fn call_value<T: Serialize + ?Sized>(&self, value: &T) -> Result<Call> {
        let bytes = encode(value)?;
        self.call(&bytes)
    }
}

impl Request {
    /// Replies with a value; waits as [`Request::reply`] does, and returns what it returns.
    ///
    /// # Errors
    /// As for [`Request::reply`], and [`Encoding`](ErrorKind::Encoding).
    pub fn reply_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<bool> {
        let bytes = encode(value)?;
        self.reply(&bytes)
    }
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    postcard::to_stdvec(value)
        .map_err(|error| Error::new(ErrorKind::Encoding, "", error.to_string()))
}
