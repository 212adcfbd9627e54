//! What can be measured on every system: copies in and out of a view.

use std::hint::black_box;

use mapview::MappingOptions;

use crate::measure::{by_turns, Effort, Side};
use crate::table::{Budget, Row, Unit};

/// Copies between a view and a buffer beside the same copies between the same memory as slices.
pub fn copies(effort: &Effort) -> Vec<Row> {
    let sizes = [("64 B", 64), ("4 KiB", 4 << 10), ("1 MiB", 1 << 20), ("64 MiB", 64 << 20)];
    let mut rows = Vec::new();
    for (label, size) in sizes {
        let repetitions = effort.repetitions(if size > 1 << 20 { 15 } else { 301 });
        let mapping = MappingOptions::new().size(size as u64).create().expect("memory");
        let view = mapping.view().expect("a view");
        let mut buffer = vec![1_u8; size];
        view.copy_in(0, &buffer).expect("in range");
        let (pointer, own) = (view.as_ptr(), buffer.as_mut_ptr());
        // Lengths and addresses go through `black_box`, so that the rival, like a real program, calls `memcpy`.
        // SAFETY of all slices: the view and the buffer have `size` bytes, are different memory, outlive the closures, and
        // no two closures run at the same time.
        let sides: Vec<Side<'_>> = vec![
            Box::new(|count| {
                for _ in 0..count {
                    // SAFETY: see above.
                    let bytes =
                        unsafe { std::slice::from_raw_parts(black_box(own), black_box(size)) };
                    view.copy_in(0, bytes).expect("in range");
                }
            }),
            Box::new(|count| {
                for _ in 0..count {
                    // SAFETY: see above.
                    let to = unsafe { std::slice::from_raw_parts_mut(black_box(pointer), size) };
                    // SAFETY: see above.
                    let bytes =
                        unsafe { std::slice::from_raw_parts(black_box(own), black_box(size)) };
                    to[..bytes.len()].copy_from_slice(bytes);
                }
            }),
            Box::new(|count| {
                for _ in 0..count {
                    // SAFETY: see above.
                    let to =
                        unsafe { std::slice::from_raw_parts_mut(black_box(own), black_box(size)) };
                    view.copy_out(0, to).expect("in range");
                }
            }),
            Box::new(|count| {
                for _ in 0..count {
                    // SAFETY: see above.
                    let to =
                        unsafe { std::slice::from_raw_parts_mut(black_box(own), black_box(size)) };
                    // SAFETY: see above.
                    let bytes = unsafe { std::slice::from_raw_parts(black_box(pointer), size) };
                    to.copy_from_slice(&bytes[..to.len()]);
                }
            }),
        ];
        let speeds: Vec<f64> =
            by_turns(repetitions, sides).into_iter().map(|time| size as f64 / time).collect();
        for (direction, pair) in ["in", "out"].into_iter().zip(speeds.chunks(2)) {
            let operation = format!("copy {direction}, {label}");
            rows.push(
                Row::new(operation, Unit::GigabytesPerSecond, pair[0], "memcpy", Some(pair[1]))
                    .budget(Budget::RatioAtLeast(0.95)),
            );
        }
    }
    rows
}
