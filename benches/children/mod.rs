//! What programs cost that a benchmark starts.

use std::fs;

/// CPU seconds of the programs that were started and have ended: fields 16 and
/// 17 of `/proc/self/stat`, in hundredths (`man 5 proc`); 0 on other systems.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks =
        after_name.split(' ').skip(13).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
