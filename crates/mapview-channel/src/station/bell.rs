//! Bells: what a member sleeps on, made when it first does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use mapview::{Event, EventOptions, Grant, Namespace, Reset, Security};

use super::owner::Owner;
use super::{Member, Station};
use crate::Result;

/// Every so many times a bell is rung, it is made sure that its member lives.
const DOUBT: u32 = 256;

/// The bells of others that this process has rung.
#[derive(Debug, Default)]
pub(super) struct Bells(Mutex<HashMap<usize, Bell>>);

#[derive(Debug)]
struct Bell {
    generation: u8,
    event: Event,
    rung: u32,
}

impl Bells {
    /// Rings the bell of who has a place; `false` if that one has ended.
    pub(super) fn ring(&self, station: &Station, index: usize, owner: Owner) -> bool {
        if owner.is_free() {
            return false;
        }
        // Whoever cannot be asked about is taken to live.
        let is_alive = || station.roster().is_alive(owner).unwrap_or(true);
        let generation = owner.generation();
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get_mut(&index).filter(|bell| bell.generation == generation) {
            bell.rung = bell.rung.wrapping_add(1);
            let rung = bell.event.set().is_ok();
            return (rung && !bell.rung.is_multiple_of(DOUBT)) || is_alive();
        }
        bells.remove(&index);
        let Ok(event) = Event::open(&name(station, index, generation)) else { return is_alive() };
        let _ = event.set(); // if it fails, the bell is doubted the next time
        bells.insert(index, Bell { generation, event, rung: 1 });
        true
    }
}

/// Makes this member's own bell.
pub(crate) fn hang(member: &Member) -> Result<Event> {
    let (station, tag) = (member.station(), member.tag());
    let mut options = EventOptions::new(Reset::Auto);
    options.name(&name(station, member.index(), tag.generation()));
    // Whoever may take part may ring; others cannot know the channel's id.
    options.security(Security::Everybody(Grant::ReadWrite));
    Ok(options.create()?)
}

fn name(station: &Station, index: usize, generation: u8) -> String {
    let global = station.name().namespace() == Namespace::Global;
    let prefix = if global { r"Global\" } else { "" };
    format!("{prefix}mapview-channel.bell.{:016x}.{index}.{generation}", station.header().id)
}
