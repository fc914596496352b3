//! The precision-recall curve as an SVG (Scalable Vector Graphics 1.1), made
//! of numbers and fixed words only. A hundred lines do; the plotting crates that
//! write SVG bring a drawing model for many more kinds of picture.

use std::fmt::Write;

use crate::evaluation::thresholds::Point;

/// The size of the picture, and the margins around the unit square, in pixels.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 60.0;

/// How far apart two thresholds are written at least, in pixels: below that
/// they would cover each other.
const LABELS_APART: f64 = 14.0;

/// Where a recall lies.
fn x(recall: f64) -> f64 {
    LEFT + recall * (WIDTH - LEFT - RIGHT)
}

/// Where a precision lies.
fn y(precision: f64) -> f64 {
    HEIGHT - BOTTOM - precision * (HEIGHT - TOP - BOTTOM)
}

/// The curve, with the interval of the precision as a band, the thresholds
/// beside their points, and the precision that was wished as a line.
pub(super) fn svg(curve: &[Point], threshold: f64, wished: Option<f64>) -> String {
    let mut out = String::new();
    let mut put = |line: String| writeln!(out, "{line}").expect("a String takes every write");
    put(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Precision and recall by threshold</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>"
    ));
    let (left, right, top, bottom) = (x(0.0), x(1.0), y(1.0), y(0.0));
    for tenth in (0..=10).step_by(2) {
        let share = f64::from(tenth) / 10.0;
        let (x, y) = (x(share), y(share));
        put(format!(
            "<path d=\"M{x:.1} {top:.1}V{bottom:.1}M{left:.1} {y:.1}H{right:.1}\" \
             stroke=\"#ddd\" fill=\"none\"/>\n\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{share:.1}</text>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{share:.1}</text>",
            bottom + 18.0,
            left - 8.0,
            y + 4.0
        ));
    }
    let (middle_x, middle_y) = (x(0.5), y(0.5));
    put(format!(
        "<text x=\"{middle_x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">recall</text>\n\
         <text transform=\"translate(20 {middle_y:.1}) rotate(-90)\" \
         text-anchor=\"middle\">precision</text>",
        HEIGHT - 16.0
    ));
    if let Some(wished) = wished {
        let y = y(wished);
        put(format!(
            "<path d=\"M{left:.1} {y:.1}H{right:.1}\" stroke=\"#a40\" stroke-dasharray=\"4 4\" \
             fill=\"none\"/>"
        ));
    }
    let known: Vec<(f64, f64, &Point)> =
        curve.iter().filter_map(|point| Some((point.recall?, point.precision?, point))).collect();
    let interval = |point: &Point| point.precision_interval.unwrap_or_default();
    let lows = known.iter().map(|(recall, _, point)| (*recall, interval(point).0));
    let highs = known.iter().map(|(recall, _, point)| (*recall, interval(point).1));
    if known.iter().all(|(_, _, point)| point.precision_interval.is_some()) {
        let band = path(lows.chain(highs.rev()));
        put(format!("<polygon points=\"{band}\" fill=\"#06c\" fill-opacity=\"0.15\"/>"));
    }
    let line = path(known.iter().map(|(recall, precision, _)| (*recall, *precision)));
    put(format!("<polyline points=\"{line}\" stroke=\"#06c\" stroke-width=\"2\" fill=\"none\"/>"));
    let mut written: Vec<(f64, f64)> = Vec::new();
    for (recall, precision, point) in &known {
        let (x, y) = (x(*recall), y(*precision));
        let is_in_force = point.threshold == threshold;
        let radius = if is_in_force { 5 } else { 3 };
        put(format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"#06c\"/>"));
        let is_free = |(a, b): &(f64, f64)| (a - x).hypot(b - y) >= LABELS_APART;
        if is_in_force || written.iter().all(is_free) {
            written.push((x, y));
            let weight = if is_in_force { " font-weight=\"bold\"" } else { "" };
            put(format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\"{weight}>{:.2}</text>",
                x - 6.0,
                y + 15.0,
                point.threshold
            ));
        }
    }
    put("</svg>".to_owned());
    out
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let points = points.map(|(recall, precision)| format!("{:.1},{:.1}", x(recall), y(precision)));
    points.collect::<Vec<_>>().join(" ")
}
