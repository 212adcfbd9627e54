//! What the processes of the demo tell each other, and how people are told.

use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};

use crate::out;

/// Who is who. The director is the process that was started by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Creator,
    Producer,
    Consumer,
    #[value(skip)]
    Director,
}

/// What the director asks for, one word per line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    Produce,
    Consume,
    /// Take the lock, leave a change half-done, and keep the lock.
    Hold,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Created { mapping: String, mutex: String, size: u64 },
    Opened { mapping: String, mutex: String },
    Waiting,
    Abandoned { undone: Option<u64> },
    Produced { value: u64 },
    Consumed { first: u64, last: u64, sum: u64 },
    FoundNothing,
    Holding { draft: u64 },
    Killed { victim: Role, victim_pid: u32 },
    TookOver { successor: Role, successor_pid: u32, after_us: u64 },
    Summary { produced: u64, consumed: u64, sum: u64, expected: u64, left_behind: u32, ok: bool },
}

impl Event {
    /// Whether this is how an order, or the start of a process, ends.
    pub fn is_answer(&self) -> bool {
        use Event::*;
        matches!(
            self,
            Created { .. }
                | Opened { .. }
                | Produced { .. }
                | Consumed { .. }
                | FoundNothing
                | Holding { .. }
        )
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub role: Role,
    pub pid: u32,
    #[serde(flatten)]
    pub event: Event,
}

impl Line {
    /// A line of our own.
    pub fn mine(role: Role, event: Event) -> Line {
        Line { role, pid: std::process::id(), event }
    }

    /// The line for people.
    pub fn text(&self) -> String {
        let style = match (&self.event, self.role) {
            (Event::Killed { .. } | Event::Abandoned { .. }, _) => {
                AnsiColor::Red.on_default().bold()
            }
            (Event::Summary { .. }, _) => Style::new().bold(),
            (Event::Waiting | Event::FoundNothing, _) => Style::new().dimmed(),
            (_, Role::Creator) => AnsiColor::Yellow.on_default(),
            (_, Role::Producer) => AnsiColor::Green.on_default(),
            (_, Role::Consumer) => AnsiColor::Cyan.on_default(),
            (_, Role::Director) => Style::new(),
        };
        let (role, pid, words) = (self.role.word(), self.pid, self.event.words());
        format!("{style}{role:8} {pid:>7}  {words}{style:#}\n")
    }
}

impl Role {
    /// As an argument and for people.
    pub fn word(self) -> &'static str {
        match self {
            Role::Creator => "creator",
            Role::Producer => "producer",
            Role::Consumer => "consumer",
            Role::Director => "director",
        }
    }
}

impl Event {
    fn words(&self) -> String {
        let named = |mapping: &str, mutex: &str| {
            format!("mapping `{}` and mutex `{}`", out::printable(mapping), out::printable(mutex))
        };
        match self {
            Event::Created { mapping, mutex, size } => {
                format!("created {}, {size} bytes", named(mapping, mutex))
            }
            Event::Opened { mapping, mutex } => format!("opened {}", named(mapping, mutex)),
            Event::Waiting => "waits for the lock".into(),
            Event::Abandoned { undone: Some(draft) } => {
                format!("got the lock ABANDONED: its owner died; took back the half-done {draft}")
            }
            Event::Abandoned { undone: None } => "got the lock ABANDONED: its owner died".into(),
            Event::Produced { value } => format!("wrote {value}"),
            Event::Consumed { first, last, sum } if first == last => {
                format!("read {last}, sum {sum}")
            }
            Event::Consumed { first, last, sum } => format!("read {first} to {last}, sum {sum}"),
            Event::FoundNothing => "found nothing new".into(),
            Event::Holding { draft } => format!("holds the lock and has begun to write {draft}"),
            Event::Killed { victim, victim_pid } => {
                format!("killed the {} ({victim_pid}) while it holds the lock", victim.word())
            }
            Event::TookOver { successor, successor_pid, after_us } => {
                let (heir, ms) = (successor.word(), *after_us as f64 / 1000.0);
                format!("the {heir} ({successor_pid}) had the lock {ms:.2} ms after the kill")
            }
            Event::Summary { produced, consumed, sum, expected, left_behind, ok } => format!(
                "{}: {produced} written, {consumed} read, sum {sum} of {expected}, {left_behind} \
                 objects left behind",
                if *ok { "all right" } else { "WRONG" }
            ),
        }
    }
}
