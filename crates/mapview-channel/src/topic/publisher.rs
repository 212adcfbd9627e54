//! `Publisher`: puts samples into a topic.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use mapview::{Deadline, Name, ToName, View, ViewAccess};

use super::area::{Area, BoardWords};
use super::flow::{bits, Broken, Owner, Writer};
use super::{Loan, TopicOptions};
use crate::station::{Class, Member, Role, Station, Tag};
use crate::wait::{Awaited, Waiter};
use crate::{Error, ErrorKind, Result};

/// Memory is taken for at least so much at once.
const PORTION: usize = 1 << 16;

/// Puts samples into a topic, for all its subscribers.
///
/// Subscribers see the samples of one publisher in the order in which it published them. Between publishers there is no order.
///
/// ```
/// use mapview_channel::{Publisher, Subscriber};
/// let name = format!("doc-publisher-{}", std::process::id());
/// let (mut publisher, mut subscriber) = (Publisher::create(&name)?, Subscriber::create(&name)?);
/// let mut loan = publisher.loan(16)?; // where the subscribers will read
/// loan.write(8, &7_u64)?;
/// loan.publish(); // from now on the sample exists
/// assert_eq!(subscriber.recv()?.read::<u64>(8)?, 7);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct Publisher {
    pub(super) area: Area,
    board: BoardWords,
    place: usize,
    owner: Owner,
    pub(super) writer: Writer,
    pub(super) waiter: Waiter,
    pub(super) data: Arc<View>,
    /// For which chunks memory was taken.
    taken: Box<[bool]>,
    bytes: u64,
}

impl Publisher {
    /// Becomes a publisher of a topic with the default options; see [`TopicOptions::publisher`].
    ///
    /// # Errors
    /// As for [`TopicOptions::publisher`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<Publisher> {
        TopicOptions::new().publisher(name)
    }

    /// Becomes a publisher of a topic that is there; see [`TopicOptions::open_publisher`].
    ///
    /// # Errors
    /// As for [`TopicOptions::open_publisher`].
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Publisher> {
        TopicOptions::new().open_publisher(name)
    }

    pub(super) fn join(station: &Arc<Station>) -> Result<Publisher> {
        let area = Area::new(station)?;
        let member = Member::join(station, Role::Publisher, |_, tag| {
            area.bury(tag);
            Ok(())
        })?;
        let (place, owner) = area.take_place(&member)?;
        let shape = area.plan.shape;
        let ready = || {
            let board = area.board(place)?;
            let writer = Writer::resume(shape, place, board.board())
                .map_err(|Broken| station.corrupt("a publisher's count cannot be"))?;
            Ok((board, writer, area.data(place, ViewAccess::ReadWrite)?))
        };
        let (board, writer, data) =
            ready().inspect_err(|_: &Error| area.leave_place(place, owner))?;
        let bytes = board.bytes.load(Ordering::Relaxed);
        let taken = vec![false; shape.chunks() as usize].into_boxed_slice();
        let waiter = Waiter::new(member);
        Ok(Publisher { area, board, place, owner, writer, waiter, data, taken, bytes })
    }

    /// The topic's name.
    pub fn name(&self) -> &Name {
        self.area.station.name()
    }

    /// The longest sample in bytes.
    pub fn longest(&self) -> usize {
        self.area.plan.shape.longest as usize
    }

    /// Bytes that the topic can come to take, of all participants together. Memory is taken when it is first used.
    pub fn memory_limit(&self) -> u64 {
        self.area.plan.total()
    }

    /// How many subscribers there are. One that was killed counts until somebody needs its place.
    pub fn subscribers(&self) -> usize {
        self.area.seats().occupied()
    }

    /// The number of the next sample: [`Sample::sequence`](crate::Sample::sequence). A publisher that takes the place of one that ended
    /// goes on with its count.
    pub fn sequence(&self) -> u64 {
        self.writer.sequence()
    }

    /// Publishes a copy; waits while a [blocking](crate::Policy::Block) subscriber is behind.
    ///
    /// # Errors
    /// [`TooLong`](ErrorKind::TooLong): longer than [`Publisher::longest`]; [`Object`](ErrorKind::Object): no memory is left.
    pub fn publish(&mut self, sample: &[u8]) -> Result<()> {
        self.publish_until(sample, Deadline::never()).map(|_| ())
    }

    /// Publishes a copy, unless a blocking subscriber is behind: `false`.
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    pub fn try_publish(&mut self, sample: &[u8]) -> Result<bool> {
        self.publish_until(sample, Deadline::now())
    }

    /// Publishes a copy; `false` if a blocking subscriber was behind until the deadline.
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    pub fn publish_until(&mut self, sample: &[u8], deadline: impl Into<Deadline>) -> Result<bool> {
        let Some(mut loan) = self.loan_until(sample.len(), deadline)? else { return Ok(false) };
        loan.copy_in(0, sample)?;
        loan.publish();
        Ok(true)
    }

    /// Room for a sample of `len` bytes, to be written in place; waits while a blocking subscriber is behind.
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    #[inline]
    pub fn loan(&mut self, len: usize) -> Result<Loan<'_>> {
        let loan = self.loan_until(len, Deadline::never())?;
        Ok(loan.expect("a wait without end does not time out"))
    }

    /// Room for a sample; `None` while a blocking subscriber is behind.
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    #[inline]
    pub fn try_loan(&mut self, len: usize) -> Result<Option<Loan<'_>>> {
        self.loan_until(len, Deadline::now())
    }

    /// Room for a sample; `None` if a blocking subscriber was behind until the deadline.
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    #[inline]
    pub fn loan_until(
        &mut self,
        len: usize,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<Loan<'_>>> {
        if self.has_room(len)? || self.wait(deadline.into())? {
            return self.lend(len).map(Some);
        }
        Ok(None)
    }

    /// Whether a sample of this length may be published now.
    #[inline]
    pub(super) fn has_room(&mut self, len: usize) -> Result<bool> {
        if len > self.longest() {
            return Err(self.too_long(len));
        }
        Ok(self.writer.may_publish(self.area.seats()))
    }

    /// A chunk for a sample of a length that was checked, when there is room.
    #[inline]
    pub(super) fn lend(&mut self, len: usize) -> Result<Loan<'_>> {
        let chunk = self.writer.reserve(self.area.seats());
        if !self.taken[chunk as usize] {
            self.take_memory(chunk)?;
        }
        let at = self.area.chunk_at(chunk);
        Ok(Loan::new(self, chunk, at, len))
    }

    /// Waits until no subscriber holds this up.
    #[cold]
    fn wait(&mut self, deadline: Deadline) -> Result<bool> {
        let Publisher { area, writer, waiter, .. } = self;
        let mut room = Room { area, writer };
        // Who does not want to wait does not wait for the dead either.
        room.watched()?;
        Ok(room.ready()? || waiter.until_awaited(Class::Room, deadline, false, &mut room)?)
    }

    /// Takes memory for a chunk and, if they are small, those beside it.
    #[cold]
    fn take_memory(&mut self, chunk: u32) -> Result<()> {
        let stride = self.area.plan.stride;
        let portion = (PORTION / stride).max(1);
        let first = chunk as usize / portion * portion;
        let end = (first + portion).min(self.taken.len());
        self.data.commit(first * stride, (end - first) * stride)?;
        self.taken[first..end].fill(true);
        Ok(())
    }

    /// Publishes the loan, of this length.
    #[inline]
    pub(super) fn finish(&mut self, chunk: u32, len: usize) {
        self.bytes += len as u64;
        self.board.bytes.store(self.bytes, Ordering::Relaxed);
        self.writer.publish(self.board.board(), chunk, len as u32); // the loan's length was checked
        self.area.station.wake(Class::Messages, !0);
        // The next chunk was last read by others. Its first line is called back now, while nobody waits for it: the next sample would
        // wait for that line before it could be seen.
        let chunk = self.writer.reserve(self.area.seats());
        if self.taken[chunk as usize] {
            let _ = self.data.write(self.area.chunk_at(chunk), &0_u8);
        }
    }

    #[cold]
    fn too_long(&self, len: usize) -> Error {
        let why = format!("{len} bytes; the topic takes samples of up to {}", self.longest());
        Error::new(ErrorKind::TooLong, self.name(), why)
    }
}

/// That no subscriber holds a publisher up.
pub(super) struct Room<'a> {
    pub area: &'a Area,
    pub writer: &'a mut Writer,
}

impl Awaited for Room<'_> {
    fn ready(&mut self) -> Result<bool> {
        Ok(self.writer.may_publish(self.area.seats()))
    }

    /// Of those who hold it up, the dead are left alone from now on.
    fn watched(&mut self) -> Result<u64> {
        let Room { area, writer } = self;
        let mut watched = 0;
        for seat in bits(writer.behind()) {
            let owner = area.seats().owner(seat);
            let tag = Tag::from_bits(owner.member());
            if !area.station.roster().has(tag)? {
                writer.give_up(seat, owner);
            } else if let Some(index) = tag.index() {
                watched |= 1 << index;
            }
        }
        Ok(watched)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.area.leave_place(self.place, self.owner);
    }
}
