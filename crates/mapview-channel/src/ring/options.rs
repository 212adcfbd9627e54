//! `RingOptions`: everything a ring can be asked for.

use std::sync::Arc;

use mapview::{Security, ToName};

use super::plan::{measure, Plan, LARGEST, LEAST_ALIGN, MOST, MOST_ALIGN, SMALLEST};
use super::{Receiver, Sender};
use crate::station::{Header, Kind, Schema, Station, HUGE_PAGE};
use crate::{Error, ErrorKind, Result};

/// Messages of any length.
const ANY: (u64, u64) = (0, 0);

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
    senders: usize,
    receivers: usize,
    huge: bool,
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
        let (capacity, align, schema) = (SMALLEST, LEAST_ALIGN, String::new());
        let (senders, receivers, huge, security) = (1, 1, false, Security::default());
        RingOptions { capacity, align, senders, receivers, huge, schema, security }
    }

    /// How many bytes of messages of one sender can be under way, which is also the longest message; rounded up to a power of two, 64 KiB to 1 GiB.
    pub fn capacity(&mut self, bytes: u64) -> &mut RingOptions {
        self.capacity = bytes;
        self
    }

    /// What addresses of messages are multiples of, as far as the system's pages are; a power of two from 8 to 4096, and 8 unless set.
    pub fn align(&mut self, bytes: u64) -> &mut RingOptions {
        self.align = bytes;
        self
    }

    /// How many senders there can be at once: 1 to 63, and 1 unless set.
    ///
    /// Each has a part of the ring to itself, with [`RingOptions::capacity`] bytes, whose memory is taken when the first sender comes to
    /// it. So senders do not get into each other's way, and what one sent stays in order; there is no order between senders. A receiver
    /// takes from all in turn: one that sends without a pause does not keep the others waiting.
    pub fn senders(&mut self, most: usize) -> &mut RingOptions {
        self.senders = most;
        self
    }

    /// How many receivers there can be at once: 1 to 63, and 1 unless set. With several, each message goes to one of them.
    ///
    /// They begin messages in the order in which they were sent, and release them in any. What a receiver held when it ended goes to
    /// another, and says so: [`Message::redelivered`](super::Message::redelivered). Room comes back in order: a message that a receiver holds for
    /// long, or is stopped with, holds up only itself until its sender has sent [`RingOptions::capacity`] bytes more; then the sender
    /// waits, or gets `false` at its deadline.
    pub fn receivers(&mut self, most: usize) -> &mut RingOptions {
        self.receivers = most;
        self
    }

    /// Asks for huge pages for the data, which makes the first touch of large messages cheaper; capacities are then 2 MiB at least.
    ///
    /// A wish: the system gives them where it can, and [`Sender::huge_bytes`] tells how far it did.
    ///
    /// # Platform notes
    /// Linux: transparent huge pages, for which `/sys/kernel/mm/transparent_hugepage/shmem_enabled` has to say `advise`, or more.
    /// Windows has no such.
    pub fn huge_pages(&mut self, wanted: bool) -> &mut RingOptions {
        self.huge = wanted;
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

    /// Becomes a sender of the ring with this name, which is created if it is not there.
    ///
    /// # Errors
    /// * [`Occupied`](ErrorKind::Occupied): it has as many living senders as it takes, or 64 participants.
    /// * [`Mismatch`](ErrorKind::Mismatch): the ring is there with other options.
    /// * [`NotSuchAChannel`](ErrorKind::NotSuchAChannel): the name belongs to something else.
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): no name, or an option out of range.
    /// * [`Busy`](ErrorKind::Busy): somebody stopped while creating it; [`Object`](ErrorKind::Object): no memory, no right.
    pub fn sender(&self, name: &(impl ToName + ?Sized)) -> Result<Sender> {
        Sender::join(&self.create(name, ANY)?)
    }

    /// Becomes a receiver of the ring with this name, which is created if it is not there.
    ///
    /// # Errors
    /// As for [`RingOptions::sender`].
    pub fn receiver(&self, name: &(impl ToName + ?Sized)) -> Result<Receiver> {
        Receiver::join(&self.create(name, ANY)?)
    }

    /// Becomes a sender of a ring that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`RingOptions::sender`], and [`Object`](ErrorKind::Object) with `NotFound`: there is none.
    pub fn open_sender(&self, name: &(impl ToName + ?Sized)) -> Result<Sender> {
        let station = self.open(name)?;
        check_item(&station, ANY)?;
        Sender::join(&station)
    }

    /// Becomes a receiver of a ring that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`RingOptions::open_sender`].
    pub fn open_receiver(&self, name: &(impl ToName + ?Sized)) -> Result<Receiver> {
        Receiver::join(&self.open(name)?)
    }

    pub(super) fn create(
        &self,
        name: &(impl ToName + ?Sized),
        item: (u64, u64),
    ) -> Result<Arc<Station>> {
        let refuse = |why: String| Err(Error::new(ErrorKind::InvalidParameter, "", why));
        if self.capacity > LARGEST {
            return refuse(format!("a capacity of {}; {LARGEST} is the most", self.capacity));
        }
        let align = self.align.max(item.1);
        if !align.is_power_of_two() || !(LEAST_ALIGN..=MOST_ALIGN).contains(&align) {
            return refuse(format!("an alignment of {align}, not a power of two, 8 to 4096"));
        }
        for (count, role) in [(self.senders, "senders"), (self.receivers, "receivers")] {
            if !(1..=MOST as usize).contains(&count) {
                return refuse(format!("{count} {role}, not 1 to {MOST}"));
            }
        }
        let least = if self.huge { HUGE_PAGE as u64 } else { SMALLEST };
        let capacity = self.capacity.next_power_of_two().max(least);
        if item.0 > capacity {
            return refuse(format!("items of {} bytes, more than the capacity", item.0));
        }
        let (senders, receivers) = (self.senders as u64, self.receivers as u64);
        let plan = Plan { capacity, align, senders, receivers, item, huge: self.huge };
        let (parameters, schema) = (plan.parameters(), Schema::new(&self.schema));
        let header = Header { kind: Kind::Ring, parameters, schema, id: 0 };
        let measures = measure(&header).expect("the parameters were checked");
        Station::create(name, &self.security, &header, measures)
    }

    pub(super) fn open(&self, name: &(impl ToName + ?Sized)) -> Result<Arc<Station>> {
        Station::open(name, Kind::Ring, &Schema::new(&self.schema), measure)
    }
}

/// Whether messages of this sort may be sent in a ring that was opened as it is.
pub(super) fn check_item(station: &Station, item: (u64, u64)) -> Result<()> {
    let Some(plan) = Plan::of(station.header()) else {
        return Err(station.corrupt("its parameters are none of a ring"));
    };
    if plan.item == item {
        return Ok(());
    }
    let say = |(size, align)| match size {
        0 if align == 0 => "messages of any length".to_string(),
        _ => format!("items of {size} bytes, aligned to {align}"),
    };
    let why = format!("it is for {}, not for {}", say(plan.item), say(item));
    Err(Error::new(ErrorKind::Mismatch, station.name(), why))
}
