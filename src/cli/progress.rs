//! Where a run is, on the terminal; and how long each phase took.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use twicetold::report::{Timing, size};
use twicetold::watch::{Unit, Watch};

use super::memory;

/// How often the progress line is drawn anew, at most.
const REDRAWS_PER_SECOND: u8 = 10;

/// Shows a progress line on stderr where that is a terminal, and listens for
/// Ctrl-C everywhere.
pub(crate) struct Progress {
    bar: ProgressBar,
    stopped: &'static AtomicBool,
    /// Each phase, when it began and what was in memory then.
    phases: Mutex<Vec<(&'static str, Instant, Option<u64>)>>,
}

impl Progress {
    /// A progress line, unless `quiet`; `stopped` ends the run.
    pub(crate) fn new(quiet: bool, stopped: &'static AtomicBool) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            // Hides itself where stderr is no terminal.
            ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND)
        };
        let bar = ProgressBar::with_draw_target(None, target);
        Self { bar, stopped, phases: Mutex::new(Vec::new()) }
    }

    /// Takes the progress line away and tells how long each phase took.
    pub(crate) fn finish(&self) -> Vec<Timing> {
        self.bar.finish_and_clear();
        let end = (Instant::now(), memory::in_use());
        let phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = phases.iter().skip(1).map(|(_, start, memory)| (*start, *memory)).chain([end]);
        phases
            .iter()
            .zip(ends)
            .map(|((phase, start, _), (end, memory))| Timing {
                phase,
                seconds: milliseconds_of(end.duration_since(*start)),
                memory,
            })
            .collect()
    }
}

/// Seconds, to the millisecond.
fn milliseconds_of(duration: Duration) -> f64 {
    duration.as_millis() as f64 / 1000.0
}

impl Watch for Progress {
    fn phase(&self, name: &'static str, unit: Unit, total: Option<u64>) {
        let phase = (name, Instant::now(), memory::in_use());
        self.phases.lock().unwrap_or_else(PoisonError::into_inner).push(phase);
        if self.bar.is_hidden() {
            return;
        }
        self.bar.reset();
        self.bar.set_style(style(unit, total.is_some()));
        self.bar.set_message(name);
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
    }

    fn advance(&self, units: u64) {
        self.bar.inc(units);
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// One line: the phase, how far, how fast, how long still.
fn style(unit: Unit, total_known: bool) -> ProgressStyle {
    let template = match (unit, total_known) {
        (Unit::Bytes, true) => {
            "{msg:18} {wide_bar} {decimal_bytes}/{decimal_total_bytes}  \
             {decimal_bytes_per_sec}  {eta} left  {memory}"
        }
        (Unit::Bytes, false) => "{msg:18} {decimal_bytes}  {decimal_bytes_per_sec}  {memory}",
        (Unit::Documents, true) => {
            "{msg:18} {wide_bar} {human_pos}/{human_len} articles  {per_sec}  {eta} left  {memory}"
        }
        (Unit::Documents, false) => "{msg:18} {elapsed}  {memory}",
    };
    let in_memory = |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        if let Some(bytes) = memory::in_use() {
            // If the line cannot be drawn, nothing is lost.
            let _ = write!(out, "{} in memory", size(bytes));
        }
    };
    let style = ProgressStyle::with_template(template).expect("the templates are well-formed");
    style.with_key("memory", in_memory)
}
