"""Processes that work for this one, and end when it does, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


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


def map_in_order(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    jobs: int,
    *,
    again: Callable[[Item], Iterable[Result]],
    is_lost: Callable[[BaseException], bool] = lambda error: isinstance(error, BrokenProcessPool),
) -> Generator[Result, None, None]:
    """Yield what `work` gives of items, in their order, from `jobs` processes at once.

    A process that dies ends its pool, and with it the attempts under way. The item that is next
    in order is then given to `again`, and the others to a new pool; whichever ended the pool
    stands first at some time.

    Parameters
    ----------
    work : callable
        Travels to the processes, as do items and results.
    items : iterable
        Read no further ahead than there are processes for.
    jobs : int
    again : callable
        Gives the results of an item whose attempt brought nothing, in place of it.
    is_lost : callable, optional
        Tells whether an error of an attempt is a reason for that; another one is raised.
    """
    coming = iter(items)
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    pool = process_pool(jobs)
    try:
        while True:
            # One more than there are processes, so that none waits for us to take a result.
            for item in islice(coming, jobs + 1 - len(waiting)):
                waiting.append((item, _submitted(pool, work, item)))
            if not waiting:
                return
            item, future = waiting.popleft()
            error = future.exception()
            if error is None:
                yield future.result()
            elif is_lost(error):
                pool.shutdown(cancel_futures=True)
                yield from again(item)
                pool = process_pool(jobs)
                waiting = deque(
                    (one, attempt if _has_result(attempt) else _submitted(pool, work, one))
                    for one, attempt in waiting
                )
            else:
                raise error
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(
    pool: ProcessPoolExecutor, work: Callable[[Item], Result], item: Item
) -> Future[Result]:
    try:
        return pool.submit(work, item)
    except BrokenProcessPool as error:  # since the last result was taken
        lost: Future[Result] = Future()
        lost.set_exception(error)
        return lost


def _has_result(future: Future[Result]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _end_with_parent() -> None:
    threading.Thread(target=_watch_parent, daemon=True).start()


def _watch_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
