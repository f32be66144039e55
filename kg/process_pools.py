"""`process_pool`: processes that work for this one, and end when it does, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait


def process_pool(jobs: int) -> ProcessPoolExecutor:
    """Return a pool of `jobs` processes.

    Notes
    -----
    Spawned, not forked: threads of the graph's store and of faiss run in this process. Of one
    that is killed, the standard library leaves the processes behind, each with its encoder in
    memory; these look after it themselves.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    threading.Thread(target=_watch_parent, daemon=True).start()


def _watch_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
