//! A stack that grows in place: a gigabyte of addresses, of which only what is used is memory. `cargo run --example reserve_commit`
//!
//! Nothing is ever moved, so an address of an element stays good; and a guard page says when the next piece is needed.

use mapview::{ErrorKind, Protect, Region, RegionOptions, Result};

const PIECE: usize = 64 << 10;

struct Stack {
    region: Region,
    committed: usize,
    used: usize,
}

impl Stack {
    fn new() -> Result<Stack> {
        let region = RegionOptions::new().size(1 << 30).reserve()?;
        let mut stack = Stack { region, committed: 0, used: 0 };
        stack.grow()?;
        Ok(stack)
    }

    /// Commits the next piece. The first touch of its last page will be reported.
    fn grow(&mut self) -> Result<()> {
        let end = self.committed + PIECE;
        self.region.commit(self.committed..end, Protect::READ_WRITE)?;
        self.region.protect(end - 4096..end, Protect::READ_WRITE.guarded())?;
        self.committed = end;
        Ok(())
    }

    fn push(&mut self, value: u64) -> Result<()> {
        match self.region.write(self.used, &value) {
            Err(error) if error.kind() == ErrorKind::GuardPage => {
                println!("{} KiB are nearly full", self.committed >> 10);
                self.grow()?;
                self.region.write(self.used, &value)?;
            }
            other => other?,
        }
        self.used += 8;
        Ok(())
    }

    fn sum(&self) -> Result<u64> {
        (0..self.used).step_by(8).map(|offset| self.region.read::<u64>(offset)).sum()
    }
}

fn main() -> Result<()> {
    let mut stack = Stack::new()?;
    for value in 1..=30_000 {
        stack.push(value)?;
    }
    println!("sum {} in {} KiB of memory", stack.sum()?, stack.committed >> 10);
    assert_eq!(stack.sum()?, 30_000 * 30_001 / 2);
    Ok(())
}
