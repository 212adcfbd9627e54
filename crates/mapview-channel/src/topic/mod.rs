//! Topics: samples from publishers to all subscribers.

mod area;
mod flow;
mod futures;
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
mod typed_loan;
mod typed_publisher;
mod typed_sample;
mod typed_subscriber;
mod waitable;

pub use loan::Loan;
pub(crate) use observe::{depth, observe, observed_len};
pub use options::TopicOptions;
pub(crate) use plan::PARAMETER_NAMES;
pub use policy::Policy;
pub use publisher::Publisher;
pub use sample::Sample;
pub use subscriber::Subscriber;
pub use typed_loan::TypedLoan;
pub use typed_publisher::TypedPublisher;
pub use typed_sample::TypedSample;
pub use typed_subscriber::TypedSubscriber;
