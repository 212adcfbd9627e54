//! The memory that the three processes share.

use mapview::{Mapping, Result, View};

/// The mapping's size in bytes.
pub const SIZE: u64 = 4096;

/// A few numbers in shared memory; only whoever has the lock touches them.
pub struct Board(View);

/// Where a number lies.
#[derive(Clone, Copy)]
pub enum Field {
    /// How far to count.
    Limit = 0,
    /// The counter.
    Produced = 8,
    /// The last value the consumer saw.
    Consumed = 16,
    /// All values it saw, added up.
    Sum = 24,
    /// The value being written; 0 when none is. What a dead owner leaves here was not finished.
    Draft = 32,
}

impl Board {
    pub fn of(mapping: &Mapping) -> Result<Board> {
        Ok(Board(mapping.view()?))
    }

    pub fn get(&self, field: Field) -> Result<u64> {
        self.0.read(field as usize)
    }

    pub fn set(&self, field: Field, value: u64) -> Result<()> {
        self.0.write(field as usize, &value)
    }
}
