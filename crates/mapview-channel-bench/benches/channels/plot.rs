//! The latencies as a picture: percentiles to the right, each step a tenth of the messages that are slower; nanoseconds upward, each step
//! ten times as many.

use std::fmt::Write;

use crate::blocking::{AT_ONCE, BLOCKING};
use crate::latency::{LATENCY, SIZES};
use crate::measured::Measured;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 270.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 60.0;
/// Percentiles run to 99.999.
const NINES: f64 = 5.0;
/// From 10 ns to 100 ms.
const DECADES: (f64, f64) = (1.0, 8.0);
const COLORS: [&str; 12] = [
    "#000000", "#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#e377c2",
    "#7f7f7f", "#bcbd22", "#17becf", "#aec7e8",
];

/// Where a share of slower messages is.
fn across(nines: f64) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * nines / NINES
}

/// Where a time is.
fn up(nanoseconds: f64) -> f64 {
    let part = (nanoseconds.max(1.0).log10() - DECADES.0) / (DECADES.1 - DECADES.0);
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part.clamp(0.0, 1.0)
}

/// All that has samples of messages that were answered at once.
pub fn svg(all: &[Measured]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">One way of 64 bytes between two processes, a processor each</text>\n"
    );
    axes(&mut svg);
    // Whoever looks on before it sleeps is there once.
    let looks_on = |who: &str| all.iter().any(|one| one.group == LATENCY && one.who == who);
    let shown = all.iter().filter(|one| {
        (one.group == LATENCY && one.what == SIZES[0].1)
            || (one.group == BLOCKING && one.what == AT_ONCE && !looks_on(one.who))
    });
    for (index, one) in shown.filter(|one| one.samples.is_some()).enumerate() {
        let color = COLORS[index % COLORS.len()];
        let dashes = if one.group == BLOCKING { " stroke-dasharray=\"5 3\"" } else { "" };
        let blocking = if one.group == BLOCKING { ", blocking" } else { "" };
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dashes} points=\"{}\"/>",
            points(one)
        );
        let (x, y) = (WIDTH - RIGHT + 12.0, TOP + 18.0 * index as f64);
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{color}\" stroke-width=\"2\"{dashes}/>\
             <text x=\"{}\" y=\"{}\">{}{blocking}</text>",
            x + 22.0,
            x + 28.0,
            y + 4.0,
            one.who
        );
    }
    svg + "</svg>\n"
}

fn points(one: &Measured) -> String {
    const STEPS: u32 = 50;
    let samples = one.samples.as_ref().expect("asked before");
    let mut points = String::new();
    for step in 0..=STEPS {
        let nines = NINES * f64::from(step) / f64::from(STEPS);
        let slower = 10f64.powf(-nines);
        if (samples.len() as f64) * slower < 1.0 {
            break; // nothing was measured there
        }
        let value = samples.value_at_quantile(1.0 - slower) as f64;
        let _ = write!(points, "{:.1},{:.1} ", across(nines), up(value));
    }
    points
}

fn axes(svg: &mut String) {
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for decade in DECADES.0 as i32..=DECADES.1 as i32 {
        let y = up(10f64.powi(decade));
        let words =
            ["1 ns", "10 ns", "100 ns", "1 us", "10 us", "100 us", "1 ms", "10 ms", "100 ms"];
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{right}\" y2=\"{y}\" stroke=\"#dddddd\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            y + 4.0,
            words[decade as usize]
        );
    }
    for (nines, words) in [
        (0.0, "0"),
        (std::f64::consts::LOG10_2, "50"),
        (1.0, "90"),
        (2.0, "99"),
        (3.0, "99.9"),
        (4.0, "99.99"),
        (5.0, "99.999"),
    ] {
        let x = across(nines);
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"{TOP}\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"#dddddd\"/>\
             <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{words}</text>",
            bottom + 18.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">percent of the messages</text>",
        (LEFT + right) / 2.0,
        bottom + 40.0
    );
}
