//! The process that was started by hand: it leads the others through the play and checks the end.

use std::time::{Duration, Instant};

use mapview::{ErrorKind, Mapping, Mutex};

use super::board::{Board, Field};
use super::event::{Event, Line, Order, Role};
use super::stage::{Heard, Stage};
use super::{lock_name, Args};
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::out;

pub fn direct(args: &Args, name: &str) -> Result<(), Failure> {
    let mut director = Director { stage: Stage::new()?, json: args.json, victim: None };
    for role in [Role::Creator, Role::Producer, Role::Consumer] {
        director.stage.start(role, name, args.count)?;
        director.answers(1)?;
    }
    for round in 1..=args.count {
        if round == args.count.div_ceil(2) {
            director.kill_the_owner()?;
        } else {
            director.round()?;
        }
        std::thread::sleep(Duration::from_millis(args.interval)); // for the people who watch
    }
    // In the last round the consumer may have been faster than the producer.
    director.stage.order(Role::Consumer, Order::Consume)?;
    director.answers(1)?;
    director.finish(args, name)
}

struct Director {
    stage: Stage,
    json: bool,
    victim: Option<Role>,
}

impl Director {
    /// Both want the lock at once.
    fn round(&mut self) -> Result<(), Failure> {
        self.stage.order(Role::Producer, Order::Produce)?;
        self.stage.order(Role::Consumer, Order::Consume)?;
        self.answers(2)
    }

    /// The creator takes the lock; when the others are seen waiting for it, the creator dies.
    fn kill_the_owner(&mut self) -> Result<(), Failure> {
        self.stage.order(Role::Creator, Order::Hold)?;
        self.answers(1)?;
        self.stage.order(Role::Producer, Order::Produce)?;
        self.stage.order(Role::Consumer, Order::Consume)?;
        for _ in 0..2 {
            self.next_matching(|event| *event == Event::Waiting)?;
        }

        let start = Instant::now();
        self.victim = Some(Role::Creator);
        let victim_pid = self.stage.kill(Role::Creator)?;
        let heir = self.next(|event| matches!(event, Event::Abandoned { .. }))?;
        let after_us = start.elapsed().as_micros() as u64;

        self.say(Event::Killed { victim: Role::Creator, victim_pid })?;
        self.show(&heir)?;
        let (successor, successor_pid) = (heir.role, heir.pid);
        self.say(Event::TookOver { successor, successor_pid, after_us })?;
        self.answers(2)
    }

    /// Shows what happens until `count` answers are there.
    fn answers(&mut self, count: usize) -> Result<(), Failure> {
        (0..count).try_for_each(|_| self.next_matching(Event::is_answer))
    }

    /// Shows what happens up to the first event that is `wanted`.
    fn next_matching(&mut self, wanted: impl Fn(&Event) -> bool) -> Result<(), Failure> {
        let line = self.next(wanted)?;
        self.show(&line)
    }

    /// The first event that is `wanted`, not yet shown; what comes before it is.
    fn next(&mut self, wanted: impl Fn(&Event) -> bool) -> Result<Line, Failure> {
        loop {
            match self.stage.hear() {
                Heard::Line(line) if wanted(&line.event) => return Ok(line),
                Heard::Line(line) => self.show(&line)?,
                Heard::Gone(role) if self.victim == Some(role) => {}
                Heard::Gone(role) => return Err(self.stage.lost(role)),
            }
        }
    }

    /// Checks the numbers while the survivors still hold the memory, and then that it goes with them.
    fn finish(&mut self, args: &Args, name: &str) -> Result<(), Failure> {
        let (produced, consumed, sum) = {
            let board = Board::of(&Mapping::open_read_only(name)?)?;
            (board.get(Field::Produced)?, board.get(Field::Consumed)?, board.get(Field::Sum)?)
        };
        let well = self.stage.close(Role::Creator)?;
        let left_behind = u32::from(exists(Mapping::open_read_only(name))?)
            + u32::from(exists(Mutex::open(&lock_name(name)))?);
        let expected = args.count * (args.count + 1) / 2;
        let counted = produced == args.count && consumed == args.count && sum == expected;
        let ok = counted && well && left_behind == 0;
        self.say(Event::Summary { produced, consumed, sum, expected, left_behind, ok })?;
        match ok {
            true => Ok(()),
            false => Err(Failure::new(Exit::Failed, "the demo did not end as it should")),
        }
    }

    fn say(&self, event: Event) -> Result<(), Failure> {
        self.show(&Line::mine(Role::Director, event))
    }

    fn show(&self, line: &Line) -> Result<(), Failure> {
        match self.json {
            true => out::print_json(line),
            false => out::print(&line.text()),
        }
    }
}

fn exists<T>(opened: mapview::Result<T>) -> Result<bool, Failure> {
    match opened {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}
