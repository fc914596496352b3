"""Runs a command to its end, or stops it with all it started."""

import os
import signal
import subprocess


def run(command, folder, seconds_max):
    """What a command printed; raises RuntimeError, with its last words, if it
    fails or is not done in time. It runs in `folder`."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
    )
    try:
        told, words = process.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"not done after {seconds_max} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        last = words.decode(errors="replace").strip().splitlines() or ["no output"]
        raise RuntimeError(f"exit {process.returncode}: {last[-1]}")
    return told
