"""Processes of a pool do not outlive the process that they work for."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.process_pools import map_in_order, process_pool

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


def _sign(number: int) -> int:
    if number == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == BREAKING:
        raise ZeroDivisionError("number 5")
    return -number


DEADLY, BREAKING = 3, 5


def test_results_come_in_order_and_what_was_lost_is_done_again() -> None:
    def again(number: int) -> list[int]:
        # Whatever went down with the deadly one is done again here, too.
        return [100 + number] if number == DEADLY else [-number]

    results = list(map_in_order(_sign, [0, 1, 2, 3, 4], 2, again=again))
    assert results == [0, -1, -2, 103, -4]
    assert list(map_in_order(_sign, [], 2, again=again)) == []


def test_other_errors_are_raised_unless_they_count_as_a_loss() -> None:
    with pytest.raises(ZeroDivisionError, match="number 5"):
        list(map_in_order(_sign, [4, 5], 1, again=lambda number: []))
    results = map_in_order(
        _sign,
        [4, 5, 6],
        1,
        again=lambda number: [number, number],
        is_lost=lambda error: isinstance(error, ZeroDivisionError),
    )
    assert list(results) == [-4, 5, 5, -6]
    assert multiprocessing.active_children() == []


def test_items_are_read_no_further_than_needed() -> None:
    read = []

    def items() -> Iterator[int]:
        for number in (10, 11, 12, 13, 14):
            read.append(number)
            yield number

    results = map_in_order(_sign, items(), 1, again=lambda number: [])
    assert next(results) == -10
    assert read == [10, 11]
    results.close()
    assert multiprocessing.active_children() == []
