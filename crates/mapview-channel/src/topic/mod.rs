//! Topics: samples from publishers to all subscribers.

mod area;
mod flow;
mod intake;
mod loan;
#[allow(dead_code)] // until somebody looks
mod observe;
mod options;
mod plan;
mod policy;
mod publisher;
mod reading;
mod sample;
mod subscriber;

pub use loan::Loan;
#[allow(unused_imports)]
pub(crate) use observe::{observe, observed_len, Observed, ObservedPublisher, ObservedSubscriber};
pub use options::TopicOptions;
pub(crate) use plan::PARAMETER_NAMES;
pub use policy::Policy;
pub use publisher::Publisher;
pub use sample::Sample;
pub use subscriber::Subscriber;
