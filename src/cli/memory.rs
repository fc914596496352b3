//! How much memory there is, and how much is in use.

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, get_current_pid};

/// How much memory is free, in bytes: on the machine, or within the limit that
/// was set for this process and others. What holds copies of files counts as
/// free, since it is given to whoever asks for it.
pub(crate) fn free() -> u64 {
    let mut system = System::new();
    system.refresh_memory();
    // `free_memory` of the limits counts copies of files as used.
    let within =
        system.cgroup_limits().map(|limits| limits.total_memory.saturating_sub(limits.rss));
    system.available_memory().min(within.unwrap_or(u64::MAX))
}

/// How much memory this process has in use, in bytes, if that is known.
pub(crate) fn in_use() -> Option<u64> {
    let pid = get_current_pid().ok()?;
    let mut system = System::new();
    let what = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, what);
    system.process(pid).map(|process| process.memory())
}
