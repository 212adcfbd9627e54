//! `TopicOptions`: everything a topic can be asked for.

use std::sync::Arc;

use mapview::{Plain, Security, ToName};

use super::flow::Shape;
use super::plan::{self, Plan};
use super::{Policy, Publisher, Subscriber, TypedPublisher, TypedSubscriber};
use crate::station::{Header, Kind, Schema, Station, PARAMETERS};
use crate::{Error, ErrorKind, Result};

/// How to create or open a topic.
///
/// What the topic is, all its participants must say alike, or [open](TopicOptions::open_subscriber) it to take it as it is:
/// [`longest`](TopicOptions::longest), [`align`](TopicOptions::align), [`depth`](TopicOptions::depth), [`held`](TopicOptions::held),
/// [`publishers`](TopicOptions::publishers), [`subscribers`](TopicOptions::subscribers), and [`schema`](TopicOptions::schema) in any case.
/// [`history`](TopicOptions::history) and [`policy`](TopicOptions::policy) each subscriber chooses for itself.
///
/// ```
/// use mapview_channel::{Policy, TopicOptions};
/// let name = format!("doc-topic-options-{}", std::process::id());
/// let frames = TopicOptions::new().longest(1 << 20).depth(4).schema("frame").clone();
/// let mut publisher = frames.publisher(&name)?; // whoever comes first creates the topic
/// let mut screen = frames.subscriber(&name)?;
/// let mut recorder = frames.clone().policy(Policy::Block).subscriber(&name)?;
/// publisher.loan(1 << 20)?.publish(); // once, for both
/// assert_eq!(screen.recv()?.len(), 1 << 20);
/// assert_eq!(recorder.recv()?.len(), 1 << 20);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TopicOptions {
    parameters: [u64; PARAMETERS],
    history: u32,
    policy: Policy,
    schema: String,
    security: Security,
}

impl Default for TopicOptions {
    fn default() -> TopicOptions {
        TopicOptions::new()
    }
}

impl TopicOptions {
    /// Samples of up to 4 KiB, of which 16 of each publisher can be got and 4 can be held, for any number of participants of the same
    /// user; subscribers begin with what is published after they came, and do not hold up publishers.
    pub fn new() -> TopicOptions {
        let mut parameters = [0; PARAMETERS];
        parameters[plan::LONGEST] = 4096;
        parameters[plan::ALIGN] = 64;
        parameters[plan::DEPTH] = 16;
        parameters[plan::HELD] = 4;
        parameters[plan::PUBLISHERS] = plan::MOST_PLACES;
        parameters[plan::SUBSCRIBERS] = plan::MOST_PLACES;
        let (schema, security) = (String::new(), Security::default());
        TopicOptions { parameters, history: 0, policy: Policy::default(), schema, security }
    }

    /// The longest sample in bytes; 1 to 1 GiB.
    pub fn longest(&mut self, bytes: u64) -> &mut TopicOptions {
        self.set(plan::LONGEST, bytes)
    }

    /// What addresses of samples are multiples of; a power of two up to 4096. They are multiples of 64 in any case.
    pub fn align(&mut self, bytes: u64) -> &mut TopicOptions {
        self.set(plan::ALIGN, bytes)
    }

    /// How many samples of each publisher can be got: what subscribers can be behind before samples are overwritten or, as they choose,
    /// publishers wait; 1 to 8191.
    pub fn depth(&mut self, samples: u32) -> &mut TopicOptions {
        self.set(plan::DEPTH, u64::from(samples))
    }

    /// How many samples each subscriber can hold at once; 1 to 256.
    pub fn held(&mut self, samples: u32) -> &mut TopicOptions {
        self.set(plan::HELD, u64::from(samples))
    }

    /// How many publishers can be there at once; 1 to 64. Of publishers and subscribers together there can be 64.
    pub fn publishers(&mut self, count: u32) -> &mut TopicOptions {
        self.set(plan::PUBLISHERS, u64::from(count))
    }

    /// How many subscribers can be there at once; 1 to 64.
    pub fn subscribers(&mut self, count: u32) -> &mut TopicOptions {
        self.set(plan::SUBSCRIBERS, u64::from(count))
    }

    /// With how many samples of the past of each publisher's place a subscriber begins, as far as they are there; at most the depth.
    pub fn history(&mut self, samples: u32) -> &mut TopicOptions {
        self.history = samples;
        self
    }

    /// What happens when a subscriber does not keep up.
    pub fn policy(&mut self, policy: Policy) -> &mut TopicOptions {
        self.policy = policy;
        self
    }

    /// What the samples are; all must say the same.
    pub fn schema(&mut self, schema: &str) -> &mut TopicOptions {
        schema.clone_into(&mut self.schema);
        self
    }

    /// Who may take part in a new topic; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut TopicOptions {
        self.security = security;
        self
    }

    fn set(&mut self, parameter: usize, value: u64) -> &mut TopicOptions {
        self.parameters[parameter] = value;
        self
    }

    /// Bytes that a topic with these options can come to take, of all participants together. Memory is taken when it is first used.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range, or more than 1 TiB.
    pub fn memory_limit(&self) -> Result<u64> {
        Ok(self.plan(&self.header())?.total())
    }

    /// Becomes a publisher of the topic with this name, which is created if it is not there.
    ///
    /// # Errors
    /// * [`Occupied`](ErrorKind::Occupied): it has as many living publishers as it was made for.
    /// * [`Mismatch`](ErrorKind::Mismatch): the topic is there with other options.
    /// * [`NotSuchAChannel`](ErrorKind::NotSuchAChannel): the name belongs to something else.
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): no name, an option out of range, more than 1 TiB.
    /// * [`Busy`](ErrorKind::Busy): somebody stopped while creating it; [`Object`](ErrorKind::Object): no memory, no right.
    pub fn publisher(&self, name: &(impl ToName + ?Sized)) -> Result<Publisher> {
        Publisher::join(&self.create(name)?)
    }

    /// Becomes a subscriber of the topic with this name, which is created if it is not there.
    ///
    /// # Errors
    /// As for [`TopicOptions::publisher`], of subscribers; and [`InvalidParameter`](ErrorKind::InvalidParameter): a history longer than the
    /// depth.
    pub fn subscriber(&self, name: &(impl ToName + ?Sized)) -> Result<Subscriber> {
        self.subscribe(&self.create(name)?)
    }

    /// Becomes a publisher of a topic that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`TopicOptions::publisher`], and [`Object`](ErrorKind::Object) with `NotFound`: there is none.
    pub fn open_publisher(&self, name: &(impl ToName + ?Sized)) -> Result<Publisher> {
        Publisher::join(&self.open(name)?)
    }

    /// Becomes a subscriber of a topic that is there, whatever its options; the schema must be the same.
    ///
    /// # Errors
    /// As for [`TopicOptions::open_publisher`].
    pub fn open_subscriber(&self, name: &(impl ToName + ?Sized)) -> Result<Subscriber> {
        self.subscribe(&self.open(name)?)
    }

    /// Becomes a publisher of values of one type. As [`TopicOptions::publisher`]; [`longest`](TopicOptions::longest) is the type's size.
    ///
    /// # Errors
    /// As for [`TopicOptions::publisher`]; [`Mismatch`](ErrorKind::Mismatch) also: the size or alignment of the topic's values is
    /// another. [`InvalidParameter`](ErrorKind::InvalidParameter): a type without bytes, or aligned to more than 4096.
    pub fn typed_publisher<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedPublisher<T>> {
        Ok(TypedPublisher::new(self.of::<T>()?.publisher(name)?))
    }

    /// Becomes a subscriber of values of one type; see [`TopicOptions::typed_publisher`].
    ///
    /// # Errors
    /// As for [`TopicOptions::typed_publisher`] and [`TopicOptions::subscriber`].
    pub fn typed_subscriber<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedSubscriber<T>> {
        Ok(TypedSubscriber::new(self.of::<T>()?.subscriber(name)?))
    }

    /// Becomes a publisher of a typed topic that is there, whatever its other options.
    ///
    /// # Errors
    /// As for [`TopicOptions::typed_publisher`] and [`TopicOptions::open_publisher`].
    pub fn open_typed_publisher<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedPublisher<T>> {
        let station = self.of::<T>()?.open(name)?;
        Ok(TypedPublisher::new(Publisher::join(&station)?))
    }

    /// Becomes a subscriber of a typed topic that is there, whatever its other options.
    ///
    /// # Errors
    /// As for [`TopicOptions::typed_subscriber`] and [`TopicOptions::open_subscriber`].
    pub fn open_typed_subscriber<T: Plain>(
        &self,
        name: &(impl ToName + ?Sized),
    ) -> Result<TypedSubscriber<T>> {
        let station = self.of::<T>()?.open(name)?;
        Ok(TypedSubscriber::new(self.subscribe(&station)?))
    }

    /// The same, of values of one type.
    fn of<T: Plain>(&self) -> Result<TopicOptions> {
        let (size, align) = (size_of::<T>() as u64, align_of::<T>() as u64);
        if size == 0 || align > plan::MOST_ALIGN {
            return refuse(format!("values of {size} bytes, aligned to {align}"));
        }
        let mut options = self.clone();
        options.set(plan::LONGEST, size).set(plan::VALUE, size).set(plan::VALUE_ALIGN, align);
        let aligned = self.parameters[plan::ALIGN].max(align);
        options.set(plan::ALIGN, aligned);
        Ok(options)
    }

    fn subscribe(&self, station: &Arc<Station>) -> Result<Subscriber> {
        let depth = station.header().parameters[plan::DEPTH];
        if u64::from(self.history) > depth {
            let why = format!("a history of {}; the topic's depth is {depth}", self.history);
            return Err(Error::new(ErrorKind::InvalidParameter, station.name(), why));
        }
        Subscriber::join(station, self.policy, self.history)
    }

    fn header(&self) -> Header {
        let (parameters, schema) = (self.parameters, Schema::new(&self.schema));
        Header { kind: Kind::Topic, parameters, schema, id: 0 }
    }

    fn create(&self, name: &(impl ToName + ?Sized)) -> Result<Arc<Station>> {
        let header = self.header();
        let plan = self.plan(&header)?;
        let measures = plan.measures().ok_or_else(|| too_large(&plan))?;
        Station::create(name, &self.security, &header, measures)
    }

    fn open(&self, name: &(impl ToName + ?Sized)) -> Result<Arc<Station>> {
        let measure = |header: &Header| Plan::of(header)?.measures();
        let station = Station::open(name, Kind::Topic, &Schema::new(&self.schema), measure)?;
        let value = |of: &[u64]| (of[plan::VALUE], of[plan::VALUE_ALIGN]);
        let (mine, theirs) = (value(&self.parameters), value(&station.header().parameters));
        if mine.0 != 0 && mine != theirs {
            let why = format!(
                "its values have {} bytes, aligned to {}; this program expects {}, aligned to {}",
                theirs.0, theirs.1, mine.0, mine.1
            );
            return Err(Error::new(ErrorKind::Mismatch, station.name(), why));
        }
        Ok(station)
    }

    fn plan(&self, header: &Header) -> Result<Plan> {
        let limits = [
            (plan::LONGEST, plan::MOST_LONGEST),
            (plan::ALIGN, plan::MOST_ALIGN),
            (plan::DEPTH, u64::from(Shape::DEEPEST)),
            (plan::PUBLISHERS, plan::MOST_PLACES),
            (plan::SUBSCRIBERS, plan::MOST_PLACES),
            (plan::HELD, u64::from(Shape::MOST_HELD)),
        ];
        for (index, most) in limits {
            let (value, what) = (self.parameters[index], plan::PARAMETER_NAMES[index]);
            if !(1..=most).contains(&value) {
                return refuse(format!("{what} is {value}; 1 to {most} is possible"));
            }
        }
        match Plan::of(header) {
            Some(plan) if plan.measures().is_some() => Ok(plan),
            Some(plan) => Err(too_large(&plan)),
            None => refuse(format!(
                "an alignment of {}; it must be a power of two",
                self.parameters[plan::ALIGN]
            )),
        }
    }
}

fn refuse<T>(why: String) -> Result<T> {
    Err(Error::new(ErrorKind::InvalidParameter, "", why))
}

fn too_large(plan: &Plan) -> Error {
    let (shape, total) = (plan.shape, plan.total());
    let why = format!(
        "{} publishers with {} chunks of {} bytes each ({} in the ring, {} x {} held, {} to write) are {total} bytes, more than {}; \
         ask for less depth, fewer publishers, subscribers or samples held",
        shape.publishers,
        shape.chunks(),
        plan.stride,
        shape.entries(),
        shape.subscribers,
        shape.held,
        shape.spare + 1,
        plan::LARGEST
    );
    Error::new(ErrorKind::InvalidParameter, "", why)
}
