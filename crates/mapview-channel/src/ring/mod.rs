//! Rings: messages from senders to receivers, in order.

mod batch;
mod draft;
mod futures;
mod hub;
mod inlet;
mod intake;
mod message;
mod options;
mod outlet;
mod plan;
mod receiver;
mod seat;
mod sender;
mod track;
mod typed_batch;
mod typed_draft;
mod typed_options;
mod typed_receiver;
mod typed_sender;
mod waitable;

pub use batch::Batch;
pub use draft::Draft;
pub(crate) use hub::{control_len, hub_place, words_at};
pub use message::Message;
pub use options::RingOptions;
pub(crate) use plan::{Plan, PARAMETER_NAMES};
pub use receiver::Receiver;
pub use sender::Sender;
pub(crate) use track::place;
pub use typed_batch::TypedBatch;
pub use typed_draft::TypedDraft;
pub use typed_receiver::TypedReceiver;
pub use typed_sender::TypedSender;

use crate::station::Tag;
use crate::Result;

/// Removes what a member left that ended, before its place in the roster is given to another, who may get the same tag one day.
fn bury(hub: &hub::Hub, gone: Tag) -> Result<()> {
    if hub.plan.is_claimed() {
        let mut lanes = hub.lanes();
        while lanes != 0 {
            let lane = lanes.trailing_zeros() as usize;
            lanes &= lanes - 1;
            inlet::Inlet::resume(hub, lane)?.offer_again_all_of(gone);
        }
    }
    hub.unseat(gone);
    Ok(())
}
