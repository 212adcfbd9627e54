//! How far a command over files is, and how fast it was.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{out, size};

/// A bar on stderr, which shows itself only on a terminal.
pub fn bar(bytes: u64) -> ProgressBar {
    let style =
        "{bar:40} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} to go";
    let style = ProgressStyle::with_template(style).expect("a fixed template");
    ProgressBar::new(bytes).with_style(style)
}

/// Whether files that others truncate meanwhile can be an error instead of the end: everywhere the guard exists.
pub fn can_guard() -> bool {
    mapview::Guard::install().is_ok()
}

/// A bar that also takes the time. Clears itself when dropped.
pub struct Meter {
    pub bar: ProgressBar,
    start: Instant,
}

impl Meter {
    pub fn new(bytes: u64) -> Meter {
        Meter { bar: bar(bytes), start: Instant::now() }
    }

    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Tells how much was done, and how fast.
    pub fn tell(&self, bytes: u64) {
        self.bar.finish_and_clear();
        let seconds = self.elapsed().as_secs_f64();
        let speed = rate(bytes, self.elapsed());
        out::note(&format!("{} in {seconds:.2} s, {speed:.2} GB/s", size::human(bytes)));
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Gigabytes in a second.
pub fn rate(bytes: u64, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64().max(1e-9) / 1e9
}
