"""Runs one command and tells what it took, with all processes it started.

    python measure.py COMMAND...

The command's output goes to stderr, its exit status is this program's; on
stdout stands one JSON object: `exit`, `wall_seconds`, `cpu_seconds` (user and
system, of all processes), `peak_bytes` (of the largest process).

A process of its own, and a small one, for two reasons. Linux counts the memory
of the process that starts another towards the peak of the one it starts. And
descendants whose parents end without waiting for them (the pools of
`multiprocess` do) pass to the nearest "subreaper" (prctl(2)); being one, this
process can wait for them, and their time is not lost.
"""

import ctypes
import json
import os
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def main():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("cannot wait for descendants: this needs Linux 3.4 or later")
    start = time.perf_counter()
    child = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
    result = {"cpu_seconds": 0.0, "peak_bytes": 0}
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        if pid == child.pid:
            result["wall_seconds"] = time.perf_counter() - start
            result["exit"] = child.returncode = os.waitstatus_to_exitcode(status)
        # The usage of a process holds that of the children it waited for.
        result["cpu_seconds"] += usage.ru_utime + usage.ru_stime
        result["peak_bytes"] = max(result["peak_bytes"], usage.ru_maxrss * 1024)
    print(json.dumps(result))
    sys.exit(result["exit"])


if __name__ == "__main__":
    main()
