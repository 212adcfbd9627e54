//! Topics: samples from publishers to all subscribers.

mod area;
mod flow;
mod intake;
mod loan;
mod observe;
mod options;
mod plan;
mod policy;
mod publisher;
mod reading;
mod sample;
mod subscriber;

pub use loan::Loan;
pub(crate) use observe::{depth, observe, observed_len};
pub use options::TopicOptions;
pub(crate) use plan::PARAMETER_NAMES;
pub use policy::Policy;
pub use publisher::Publisher;
pub use sample::Sample;
pub use subscriber::Subscriber;
