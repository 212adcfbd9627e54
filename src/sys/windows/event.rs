//! `Event`: a handle to an event.

use std::os::windows::io::OwnedHandle;

use super::api::{self, Outcome, Wait, Wide};
use super::waitable::{Kind, Waitable};
use super::{wait, watch};
use crate::sys::EventRequest;
use crate::{Deadline, ObjectKind, Reset, Result};

#[derive(Debug)]
pub(crate) struct Flag;

impl Kind for Flag {
    const KIND: ObjectKind = ObjectKind::Event;
    const WITH_ARTICLE: &'static str = "an event";
    const USE: u32 =
        api::SYNCHRONIZATION_SYNCHRONIZE | api::EVENT_MODIFY_STATE | api::EVENT_QUERY_STATE;
    const ALL: u32 = api::EVENT_ALL_ACCESS;
    const OPEN: fn(u32, bool, &Wide) -> Outcome<OwnedHandle> = api::open_event;
}

pub(crate) type Event = Waitable<Flag>;

impl Event {
    pub(crate) fn create(request: EventRequest) -> Result<(Event, bool)> {
        let EventRequest { name, reset, set, security, inheritable, if_exists } = request;
        Event::create_by(name, (&security, inheritable), if_exists, |security, name| {
            api::create_event_ex(security, name, (reset == Reset::Manual, set), Flag::USE)
        })
    }

    pub(crate) fn set(&self) -> Result<()> {
        api::set_event(self.as_handle()).map_err(|code| code.error("cannot set the event"))?;
        watch::look_now();
        Ok(())
    }

    pub(crate) fn reset(&self) -> Result<()> {
        api::reset_event(self.as_handle()).map_err(|code| code.error("cannot reset the event"))
    }

    pub(crate) fn pulse(&self) -> Result<()> {
        api::pulse_event(self.as_handle()).map_err(|code| code.error("cannot pulse the event"))
    }

    pub(crate) fn wait(&self, deadline: Deadline) -> Result<bool> {
        Ok(wait::wait(&[self.as_handle()], false, deadline)? != Wait::Timeout)
    }
}
