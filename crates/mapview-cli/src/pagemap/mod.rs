//! Which pages are where, as a picture: cells for the eye, totals, a terminal's text, SVG, JSON.

pub mod grid;
pub mod json;
pub mod legend;
pub mod look;
pub mod mix;
pub mod overlay;
pub mod svg;
pub mod text;
