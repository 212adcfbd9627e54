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
mod typed_loan;
mod typed_publisher;
mod typed_sample;
mod typed_subscriber;

pub use loan::Loan;
#[allow(unused_imports)]
pub(crate) use observe::{observe, observed_len, Observed, ObservedPublisher, ObservedSubscriber};
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
