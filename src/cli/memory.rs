//! How much memory there is, and how much is in use.

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, get_current_pid};

/// How much memory is free, in bytes: on the machine, or within the limit that
/// was set for this process and others.
pub(crate) fn free() -> u64 {
    let mut system = System::new();
    system.refresh_memory();
    let within = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory);
    system.available_memory().min(within)
}

/// How much memory this process has in use, in bytes, if that is known.
pub(crate) fn in_use() -> Option<u64> {
    let pid = get_current_pid().ok()?;
    let mut system = System::new();
    let what = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, what);
    system.process(pid).map(|process| process.memory())
}
