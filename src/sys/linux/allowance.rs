//! How much memory this process may take before it looks again at how much there is.
//!
//! A look costs a hundred microseconds, and taking the last memory costs some process its life: so a look is good for a
//! part of what it found, and for a while.

use std::sync::{Mutex, TryLockError};
use std::time::{Duration, Instant};

use super::memory::WORTH_A_LOOK;
use super::os::free_memory;

/// What a process takes without a look: a few small things, as every process has them.
const UNSEEN: u64 = 1 << 20;
/// One in so many of the bytes that were found may be taken, up to the most.
const PART: u64 = 8;
const MOST: u64 = 64 << 20;
const WHILE: Duration = Duration::from_secs(1);
/// Is left to the kernel, which takes more than it was asked for.
const MARGIN: u64 = 1 << 20;

struct Allowance {
    left: u64,
    /// `None` before the first look.
    since: Option<Instant>,
}

static ALLOWANCE: Mutex<Allowance> = Mutex::new(Allowance { left: UNSEEN, since: None });

/// Whether so many bytes can be taken; if not, how many there are.
pub(super) fn take(bytes: u64) -> Result<(), u64> {
    // Another thread that looks has it, or in a forked child, had: then this one looks for itself.
    let mut allowance = match ALLOWANCE.try_lock() {
        Ok(allowance) => Some(allowance),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    };
    if let Some(allowance) = &mut allowance {
        let old = allowance.since.is_some_and(|since| since.elapsed() > WHILE);
        if bytes < WORTH_A_LOOK && bytes <= allowance.left && !old {
            allowance.left -= bytes;
            return Ok(());
        }
    }
    let available = free_memory::available().saturating_sub(MARGIN);
    let left = available.checked_sub(bytes).ok_or(available)?;
    if let Some(allowance) = &mut allowance {
        **allowance = Allowance { left: (left / PART).min(MOST), since: Some(Instant::now()) };
    }
    Ok(())
}
