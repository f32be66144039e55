"""Watching a process and those it starts: memory and disk at their highest."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_SECONDS = 0.5
_LOOKS_A_DISK_LOOK = 4


def watch(process: subprocess.Popen[bytes], folder: Path) -> dict[str, float]:
    """Wait for a process; return the most that was seen of it.

    Returns
    -------
    dict
        ``memory_mb``: memory that nothing else holds (anonymous pages, shared ones by their share)
        of the process and its descendants; ``mapped_mb``: with pages of mapped files, which the
        system takes back when it needs them; ``peak_disk_mb``: the folder.
    """
    memory = mapped = disk = 0
    looks = 0
    while process.poll() is None:
        own, all_ = _memory(process.pid)
        memory, mapped = max(memory, own), max(mapped, all_)
        if looks % _LOOKS_A_DISK_LOOK == 0:
            disk = max(disk, folder_bytes(folder))
        looks += 1
        time.sleep(_SECONDS)
    disk = max(disk, folder_bytes(folder))
    return {
        "memory_mb": round(memory / 1e6),
        "mapped_mb": round(mapped / 1e6),
        "peak_disk_mb": round(disk / 1e6),
    }


def folder_bytes(folder: Path) -> int:
    """Return what the files below a folder take on the disk; files of many names count once."""
    seen: dict[int, int] = {}
    for path in folder.rglob("*"):
        try:
            found = path.stat()
        except FileNotFoundError:  # gone since it was listed
            continue
        seen[found.st_ino] = found.st_blocks * 512
    return sum(seen.values())


def _memory(pid: int) -> tuple[int, int]:
    own = mapped = 0
    for one in _tree(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text("ascii").splitlines()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in lines[1:]}
        own += sizes.get("Pss_Anon:", 0)
        mapped += sizes.get("Pss:", 0)
    return own, mapped


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text("ascii").split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            yield from _tree(int(child))
