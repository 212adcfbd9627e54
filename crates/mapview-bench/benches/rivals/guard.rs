//! What the guard costs: copies to and from a guarded view beside those of an unguarded one.

use std::cell::RefCell;
use std::hint::black_box;

use mapview::{Guard, MappingOptions, View, ViewAccess};

use crate::measure::{by_turns, Effort, Side};
use crate::table::{Budget, Row, Unit};

/// Sizes below this are compared by their extra time, because a copy hardly takes any.
const LARGE: usize = 4 << 10;

/// Copies of 8 bytes to 64 MiB, both ways.
pub fn rows(effort: &Effort) -> Vec<Row> {
    if Guard::install().is_err() {
        return Vec::new();
    }
    let sizes = [8, 64, 256, 1 << 10, LARGE, 64 << 10, 1 << 20, 64 << 20];
    sizes.into_iter().flat_map(|size| copies(effort, size)).collect()
}

fn copies(effort: &Effort, size: usize) -> [Row; 2] {
    let mapping = MappingOptions::new().size(size as u64).create().expect("memory");
    let map = |guarded| {
        let mut options = View::options();
        options.access(ViewAccess::ReadWrite).guarded(guarded).len(size);
        options.map(&mapping).expect("a view")
    };
    let views = [map(true), map(false)];
    // One buffer for both, because where it lies matters.
    let buffer = RefCell::new(vec![1_u8; size]);
    views[0].copy_in(0, &buffer.borrow()).expect("in range");
    let repetitions = effort.repetitions(if size > 1 << 20 { 15 } else { 301 });
    let side = |view: &View, out: bool, count: u64| {
        let mut buffer = buffer.borrow_mut();
        for _ in 0..count {
            match out {
                true => view.copy_out(0, black_box(&mut buffer)).expect("in range"),
                false => view.copy_in(0, black_box(&buffer)).expect("in range"),
            }
        }
    };
    let times = |out: bool| {
        let sides = views.iter().map(|view| -> Side<'_> { Box::new(move |n| side(view, out, n)) });
        by_turns(repetitions, sides.collect())
    };
    let (into, out) = (times(false), times(true));
    [row("in", size, &into), row("out", size, &out)]
}

fn row(direction: &str, size: usize, times: &[f64]) -> Row {
    let operation = format!("guarded copy {direction}, {}", label(size));
    let rival = "unguarded";
    if size < LARGE {
        let row = Row::new(operation, Unit::Nanoseconds, times[0], rival, Some(times[1]));
        return row.note(format!("{:+.1} ns; at most 2 more", times[0] - times[1]));
    }
    let [guarded, unguarded] = [times[0], times[1]].map(|time| size as f64 / time);
    Row::new(operation, Unit::GigabytesPerSecond, guarded, rival, Some(unguarded))
        .budget(Budget::RatioAtLeast(0.95))
}

fn label(size: usize) -> String {
    match size {
        0..0x400 => format!("{size} B"),
        0x400..0x10_0000 => format!("{} KiB", size >> 10),
        _ => format!("{} MiB", size >> 20),
    }
}
