//! Two clocks: the system's, which all processes share, and the processor's, which costs less to look at.

#[path = "../../../mapview-bench/benches/rivals/linux/posix.rs"]
#[allow(dead_code)] // each benchmark needs some of it
mod posix;

pub use posix::{nanoseconds, pin_to, region_of, spin_for, unpin, Shm};

/// The processor's time stamp.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Nanoseconds, where the processor's own clock is not known.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub fn ticks() -> u64 {
    nanoseconds()
}

/// Nanoseconds of a tick, measured once.
pub fn nanoseconds_per_tick() -> f64 {
    static RATE: std::sync::OnceLock<f64> = std::sync::OnceLock::new();
    *RATE.get_or_init(|| {
        let (start, from) = (nanoseconds(), ticks());
        let end = spin_for(20_000_000);
        (end - start) as f64 / (ticks() - from) as f64
    })
}
