//! A look at channels from outside, for people and tools: nothing is written, no place is taken, nobody is slowed down.

mod channel_info;
mod figures;
mod participant;
mod ring;
mod service;
mod topic;

use mapview::{ObjectKind, ObjectState, ToName};

use crate::station::{Kind, Look};
use crate::Result;
pub use channel_info::ChannelInfo;
use figures::Figures;
pub use participant::Participant;

/// Looks at the channel with this name, whatever its kind. All figures are of one moment as nearly as can be had while others go on.
///
/// ```
/// use mapview_channel::{observe, ChannelKind, Receiver, Sender};
/// let name = format!("doc-observe-{}", std::process::id());
/// let mut sender = Sender::create(&name)?;
/// sender.send(b"hello")?;
/// let info = observe(&name)?;
/// assert_eq!((info.kind, info.depth, info.bytes), (ChannelKind::Ring, 1, 5));
/// assert!(info.participants[0].alive);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
///
/// # Errors
/// * [`Object`](crate::ErrorKind::Object) with `NotFound`: there is none; with `AccessDenied`: it is somebody else's.
/// * [`NotSuchAChannel`](crate::ErrorKind::NotSuchAChannel): the name belongs to something else.
/// * [`Mismatch`](crate::ErrorKind::Mismatch): it is of another version of this library.
/// * [`Corrupt`](crate::ErrorKind::Corrupt): what is stored in it makes no sense.
/// * [`Busy`](crate::ErrorKind::Busy): a mapping that nobody makes a channel of.
///
/// # Platform notes
/// While it looks, this process is one of those that hold the mapping; the name of a channel that ends in this moment is free
/// afterwards.
pub fn observe(name: &(impl ToName + ?Sized)) -> Result<ChannelInfo> {
    info(&Look::open(name)?)
}

/// All channels that this user can see, by name. What ends meanwhile, is being created, or cannot be understood is left out;
/// [`observe`] says why.
///
/// ```
/// let name = format!("doc-channels-{}", std::process::id());
/// let sender = mapview_channel::Sender::create(&name)?;
/// assert!(mapview_channel::channels()?.iter().any(|channel| &channel.name == sender.name()));
/// # Ok::<(), mapview_channel::Error>(())
/// ```
///
/// # Errors
/// Those of [`mapview::objects`].
pub fn channels() -> Result<Vec<ChannelInfo>> {
    let mut found = Vec::new();
    for object in mapview::objects()? {
        let may_be = matches!(object.state, ObjectState::Reserved | ObjectState::Unknown);
        if object.kind == ObjectKind::Mapping && may_be {
            let look = Look::glance(&object.name);
            found.extend(look.ok().flatten().and_then(|look| info(&look).ok()));
        }
    }
    Ok(found)
}

fn info(look: &Look) -> Result<ChannelInfo> {
    let header = look.header();
    // Before the members: whoever left in between has left no figures.
    let figures = match header.kind {
        Kind::Ring => ring::figures(look)?,
        Kind::Topic => topic::figures(look)?,
        Kind::Service => service::figures(look)?,
    };
    let members = look.members()?;
    Ok(ChannelInfo::new(look, &figures, &members))
}
