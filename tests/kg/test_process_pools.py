"""Processes of a pool do not outlive the process that they work for."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from kg.process_pools import process_pool

_PROGRAM = """
import os, time
from kg.process_pools import process_pool

if __name__ == "__main__":
    with process_pool(2) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def test_work_is_done_elsewhere() -> None:
    with process_pool(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()


def test_they_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(_PROGRAM, "utf-8")
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    try:
        # What stands for a process can be read from once it has ended.
        assert select.select([child], [], [], 30)[0] == [child]
    finally:
        os.close(child)
