//! The report of a sale: one HTML page with two drawings, which needs nothing from elsewhere.

use std::fmt::Write;
use std::time::Duration;

use super::outcome::{Heard, Outcome};

const WIDTH: usize = 720;
const HEIGHT: usize = 200;
const BARS: usize = 48;

/// The page.
pub(super) fn page(outcome: &Outcome) -> String {
    let mut rows = String::new();
    for (name, value) in outcome.rows() {
        // Writing to a string cannot fail.
        let _ = write!(rows, "<tr><th>{name}</th><td>{value}</td></tr>");
    }
    let longest = outcome.waits.last().copied().unwrap_or_default();
    let waits = bars(outcome.waits.iter().copied(), longest);
    let orders = outcome
        .bought
        .iter()
        .filter(|one| matches!(one.heard, Heard::Order(_)));
    let orders = bars(orders.map(|one| one.at), outcome.took);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>A flash sale</title>\
         <style>body{{font:16px system-ui;margin:3em auto;max-width:{WIDTH}px}}\
         th{{text-align:left;padding-right:2em;font-weight:normal}}rect{{fill:#2563eb}}\
         svg{{background:#f1f5f9;width:100%}}</style>\
         <h1>A flash sale</h1><table>{rows}</table>\
         <h2>How long buyers waited (0 to {longest:.1?})</h2>{waits}\
         <h2>Orders over time (0 to {:.1?})</h2>{orders}</html>\n",
        outcome.took
    )
}

/// How many fall into each of equal parts of a time.
fn bars(times: impl Iterator<Item = Duration>, longest: Duration) -> String {
    let mut counts = [0_usize; BARS];
    for time in times {
        let share = time.as_micros() * BARS as u128 / longest.as_micros().max(1);
        let bar = usize::try_from(share).unwrap_or(BARS).min(BARS - 1);
        counts[bar] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut drawing = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">");
    for (bar, count) in counts.iter().enumerate() {
        let (width, height) = (WIDTH / BARS, HEIGHT * count / most);
        let (x, y) = (bar * width, HEIGHT - height);
        // Writing to a string cannot fail.
        let _ = write!(
            drawing,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\"><title>{count}</title></rect>",
            width - 1
        );
    }
    drawing + "</svg>"
}
