//! `RingOptions`: everything a ring can be asked for.

use std::sync::Arc;

use mapview::{Security, ToName};

use super::{Receiver, Sender};
use crate::lane::Shape;
use crate::station::{Header, Kind, Measures, Schema, Station, KIND_AT, PARAMETERS};
use crate::{Error, ErrorKind, Result};

/// The parameters in the header, by index.
pub(crate) const PARAMETER_NAMES: &[&str] = &["the capacity", "the alignment"];
const CAPACITY: usize = 0;
const ALIGN: usize = 1;

/// Capacities are powers of two between these.
const SMALLEST: u64 = 1 << 16;
const LARGEST: u64 = 1 << 30;
/// Alignments are powers of two between these.
const LEAST_ALIGN: u64 = 8;
const MOST_ALIGN: u64 = 4096;
/// One message in this many bytes of capacity can be under way.
const BYTES_PER_ENTRY: u32 = 64;
const GRANULE: usize = 1 << 16;

/// How to create or open a ring.
///
/// ```
/// use mapview_channel::RingOptions;
/// let name = format!("doc-ring-options-{}", std::process::id());
/// let options = RingOptions::new().capacity(1 << 20).schema("line of text").clone();
/// let mut receiver = options.receiver(&name)?;
/// let mut sender = options.sender(&name)?; // whoever comes first creates the ring
/// sender.send(b"hello")?;
/// assert_eq!(receiver.recv()?.len(), 5);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RingOptions {
    capacity: u64,
    align: u64,
    schema: String,
    security: Security,
}

impl Default for RingOptions {
    fn default() -> RingOptions {
        RingOptions::new()
    }
}

impl RingOptions {
    /// 64 KiB for one sender and one receiver, of the same user.
    pub fn new() -> RingOptions {
        let (schema, security) = (String::new(), Security::default());
        RingOptions { capacity: SMALLEST, align: LEAST_ALIGN, schema, security }
    }

    /// How many bytes of messages can be under way, which is also the longest message; rounded up to a power of two, 64 KiB to 1 GiB.
    pub fn capacity(&mut self, bytes: u64) -> &mut RingOptions {
        self.capacity = bytes;
        self
    }

    /// What addresses of messages are multiples of, as far as the system's pages are; a power of two from 8 to 4096, and 8 unless set.
    pub fn align(&mut self, bytes: u64) -> &mut RingOptions {
        self.align = bytes;
        self
    }

    /// What the messages are; both sides must say the same.
    pub fn schema(&mut self, schema: &str) -> &mut RingOptions {
        schema.clone_into(&mut self.schema);
        self
    }

    /// Who may take part in a new ring; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut RingOptions {
        self.security = security;
        self
    }

    /// Becomes the sender of the ring with this name, which is created if it is not there.
    ///
    /// # Errors
    /// * [`Occupied`](ErrorKind::Occupied): it has a living sender.
    /// * [`Mismatch`](ErrorKind::Mismatch): the ring is there with other options.
    /// * [`NotSuchAChannel`](ErrorKind::NotSuchAChannel): the name belongs to something else.
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): no name, a capacity or alignment out of range.
    /// * [`Busy`](ErrorKind::Busy): somebody stopped while creating it; [`Object`](ErrorKind::Object): no memory, no right.
    pub fn sender(&self, name: &(impl ToName + ?Sized)) -> Result<Sender> {
        Sender::join(self.create(name)?)
    }

    /// Becomes the receiver of the ring with this name, which is created if it is not there.
    ///
    /// # Errors
    /// As for [`RingOptions::sender`].
    pub fn receiver(&self, name: &(impl ToName + ?Sized)) -> Result<Receiver> {
        Receiver::join(self.create(name)?)
    }

    /// Becomes the sender of a ring that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`RingOptions::sender`], and [`Object`](ErrorKind::Object) with `NotFound`: there is none.
    pub fn open_sender(&self, name: &(impl ToName + ?Sized)) -> Result<Sender> {
        Sender::join(self.open(name)?)
    }

    /// Becomes the receiver of a ring that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`RingOptions::open_sender`].
    pub fn open_receiver(&self, name: &(impl ToName + ?Sized)) -> Result<Receiver> {
        Receiver::join(self.open(name)?)
    }

    fn create(&self, name: &(impl ToName + ?Sized)) -> Result<Arc<Station>> {
        let refuse = |why: String| Err(Error::new(ErrorKind::InvalidParameter, "", why));
        if self.capacity > LARGEST {
            return refuse(format!("a capacity of {}; {LARGEST} is the most", self.capacity));
        }
        if !self.align.is_power_of_two() || !(LEAST_ALIGN..=MOST_ALIGN).contains(&self.align) {
            return refuse(format!(
                "an alignment of {}, not a power of two, 8 to 4096",
                self.align
            ));
        }
        let mut parameters = [0; PARAMETERS];
        parameters[CAPACITY] = self.capacity.next_power_of_two().max(SMALLEST);
        parameters[ALIGN] = self.align;
        let schema = Schema::new(&self.schema);
        let header = Header { kind: Kind::Ring, parameters, schema, id: 0 };
        let Some(measures) = measure(&header) else {
            return refuse("these options do not go together".into());
        };
        Station::create(name, &self.security, &header, measures)
    }

    fn open(&self, name: &(impl ToName + ?Sized)) -> Result<Arc<Station>> {
        Station::open(name, Kind::Ring, &Schema::new(&self.schema), measure)
    }
}

/// The shape of a ring's lanes; `None` if the parameters are none of a ring.
pub(crate) fn shape(header: &Header) -> Option<Shape> {
    let (capacity, align) = (header.parameters[CAPACITY], header.parameters[ALIGN]);
    let fits = capacity.is_power_of_two() && (SMALLEST..=LARGEST).contains(&capacity);
    let aligned = align.is_power_of_two() && (LEAST_ALIGN..=MOST_ALIGN).contains(&align);
    let capacity = u32::try_from(capacity).ok().filter(|_| fits && aligned)?;
    Some(Shape { capacity, entries: capacity / BYTES_PER_ENTRY, align: align as u32 })
}

/// How the memory of a ring is divided.
pub(super) fn measure(header: &Header) -> Option<Measures> {
    let shape = shape(header)?;
    let control = (KIND_AT + super::track::control_len(shape)).next_multiple_of(GRANULE);
    Some(Measures { control, total: control as u64 + u64::from(shape.capacity) })
}
