//! A channel as `ls` and `watch` show it.

use mapview_channel::{ChannelInfo, Role};
use serde::Serialize;

/// What `--json` tells about a channel.
#[derive(Serialize)]
pub struct Channel {
    pub depth: u64,
    pub messages: u64,
    pub bytes: u64,
    pub drops: u64,
    pub participants: Vec<Participant>,
}

#[derive(Serialize)]
pub struct Participant {
    pub role: &'static str,
    pub pid: u32,
    pub alive: bool,
    pub ready: bool,
    pub asleep: bool,
    pub lag: Option<u64>,
    pub drops: Option<u64>,
}

impl Channel {
    pub fn new(info: &ChannelInfo) -> Channel {
        let participants = info.participants.iter().map(|who| Participant {
            role: who.role.as_str(),
            pid: who.pid,
            alive: who.alive,
            ready: who.ready,
            asleep: who.asleep,
            lag: who.lag,
            drops: who.drops,
        });
        let participants = participants.collect();
        let ChannelInfo { depth, messages, bytes, drops, .. } = *info;
        Channel { depth, messages, bytes, drops, participants }
    }

    /// A few words for a table: how full, and who takes part.
    pub fn summary(&self) -> String {
        let mut words = vec![format!("depth {}", self.depth)];
        for role in [
            Role::Sender,
            Role::Receiver,
            Role::Publisher,
            Role::Subscriber,
            Role::Client,
            Role::Server,
        ] {
            let role = role.as_str();
            let alive = self.participants.iter().filter(|who| who.role == role && who.alive);
            match alive.count() {
                0 => {}
                1 => words.push(format!("1 {role}")),
                count => words.push(format!("{count} {role}s")),
            }
        }
        let dead = self.participants.iter().filter(|who| !who.alive).count();
        if dead > 0 {
            words.push(format!("{dead} dead"));
        }
        words.join(", ")
    }
}
