//! Services: requests from clients to servers, and their replies.

mod base;
mod call;
mod client;
mod desk;
mod layout;
mod lookout;
mod observe;
mod options;
mod reply;
mod reply_draft;
mod request;
mod request_draft;
mod round;
mod server;
mod slot;
mod state;
mod typed_call;
mod typed_client;
mod typed_request;
mod typed_server;
mod waitable;
mod waiting;

pub use call::Call;
pub use client::Client;
pub(crate) use layout::PARAMETER_NAMES;
pub(crate) use observe::{observe, observed_len};
pub use options::ServiceOptions;
pub use reply::Reply;
pub use reply_draft::ReplyDraft;
pub use request::Request;
pub use request_draft::RequestDraft;
pub use server::Server;
pub use typed_call::TypedCall;
pub use typed_client::TypedClient;
pub use typed_request::TypedRequest;
pub use typed_server::TypedServer;
