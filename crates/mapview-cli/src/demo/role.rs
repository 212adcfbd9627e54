//! The part of a process that was started by the director: it obeys orders from stdin and tells on stdout.

use std::io::{self, BufRead};

use mapview::{Mapping, MappingOptions, Mutex, MutexGuard, MutexOptions};

use super::board::{Board, Field, SIZE};
use super::event::{Event, Line, Order, Role};
use super::lock_name;
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::out;

/// Plays until the director closes our stdin, which its death does as well.
pub fn play(role: Role, name: &str, count: u64) -> Result<(), Failure> {
    let player = match role {
        Role::Creator => Player::create(role, name, count)?,
        _ => Player::open(role, name)?,
    };
    for line in io::stdin().lock().lines() {
        let bad =
            |error: &dyn std::fmt::Display| Failure::new(Exit::Failed, format!("order: {error}"));
        let line = line.map_err(|error| bad(&error))?;
        match serde_json::from_str(&line).map_err(|error| bad(&error))? {
            Order::Produce => player.produce()?,
            Order::Consume => player.consume()?,
            Order::Hold => player.hold()?,
        }
    }
    Ok(())
}

struct Player {
    role: Role,
    board: Board,
    lock: Mutex,
    /// Keeps the name.
    _mapping: Mapping,
}

impl Player {
    fn create(role: Role, name: &str, count: u64) -> Result<Player, Failure> {
        let mutex = lock_name(name);
        let lock = MutexOptions::new().name(&mutex).create_new()?;
        let mapping = MappingOptions::new().name(name).size(SIZE).create_new()?;
        let board = Board::of(&mapping)?;
        board.set(Field::Limit, count)?;
        let player = Player { role, board, lock, _mapping: mapping };
        player.say(Event::Created { mapping: name.into(), mutex, size: SIZE })?;
        Ok(player)
    }

    fn open(role: Role, name: &str) -> Result<Player, Failure> {
        let mutex = lock_name(name);
        let lock = Mutex::open(&mutex)?;
        let mapping = Mapping::open(name)?;
        let player = Player { role, board: Board::of(&mapping)?, lock, _mapping: mapping };
        player.say(Event::Opened { mapping: name.into(), mutex })?;
        Ok(player)
    }

    fn produce(&self) -> Result<(), Failure> {
        let guard = self.acquire()?;
        let value = self.board.get(Field::Produced)? + 1;
        if value > self.board.get(Field::Limit)? {
            self.say(Event::FoundNothing)?;
        } else {
            self.board.set(Field::Draft, value)?;
            self.board.set(Field::Produced, value)?;
            self.board.set(Field::Draft, 0)?;
            self.say(Event::Produced { value })?;
        }
        Ok(guard.unlock()?)
    }

    fn consume(&self) -> Result<(), Failure> {
        let guard = self.acquire()?;
        let first = self.board.get(Field::Consumed)? + 1;
        let last = self.board.get(Field::Produced)?;
        if first > last {
            self.say(Event::FoundNothing)?;
        } else {
            let sum = (first..=last).fold(self.board.get(Field::Sum)?, u64::wrapping_add);
            self.board.set(Field::Sum, sum)?;
            self.board.set(Field::Consumed, last)?;
            self.say(Event::Consumed { first, last, sum })?;
        }
        Ok(guard.unlock()?)
    }

    fn hold(&self) -> Result<(), Failure> {
        let guard = self.acquire()?;
        let draft = self.board.get(Field::Produced)? + 1;
        self.board.set(Field::Draft, draft)?;
        self.say(Event::Holding { draft })?;
        std::mem::forget(guard); // not given back: the director kills us now
        Ok(())
    }

    /// Takes the lock, tells when that means waiting, and clears up behind a dead owner.
    fn acquire(&self) -> Result<MutexGuard<'_>, Failure> {
        let guard = match self.lock.try_lock()? {
            Some(guard) => guard,
            None => {
                self.say(Event::Waiting)?;
                self.lock.lock()?
            }
        };
        if guard.abandoned() {
            let draft = self.board.get(Field::Draft)?;
            self.board.set(Field::Draft, 0)?;
            self.say(Event::Abandoned { undone: (draft != 0).then_some(draft) })?;
        }
        Ok(guard)
    }

    fn say(&self, event: Event) -> Result<(), Failure> {
        out::print_json(&Line::mine(self.role, event))
    }
}
