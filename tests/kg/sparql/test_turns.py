"""Workers are shared out fairly: a client with many queries does not keep others waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kg.sparql.turns import Turns
from ontology.errors import QueryBusyError


class Holder:
    """Holds a turn in a thread of its own until it is let go."""

    def __init__(self, turns: Turns, client: str, order: list[str], wait_s: float = 10.0):
        self.held, self.let_go = threading.Event(), threading.Event()

        def hold() -> None:
            with turns.turn(client, wait_s):
                order.append(client)
                self.held.set()
                self.let_go.wait(10)

        self.thread = threading.Thread(target=hold)
        self.thread.start()

    def end(self) -> None:
        self.let_go.set()
        self.thread.join()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_one_client_leaves_a_place_to_others() -> None:
    turns, order = Turns(3), list[str]()
    greedy = [Holder(turns, "greedy", order) for _ in range(4)]
    until(lambda: len(order) == 2)
    other = Holder(turns, "other", order)
    assert other.held.wait(10)
    assert order.count("greedy") == 2
    for holder in (other, *greedy):
        holder.let_go.set()
    for holder in (other, *greedy):
        holder.thread.join()
    assert order.count("greedy") == 4


def test_waiting_clients_take_turns() -> None:
    turns, order = Turns(1), list[str]()
    first = Holder(turns, "greedy", order)
    assert first.held.wait(10)
    waiting = []
    for client in ("greedy", "greedy", "greedy", "other", "third"):
        waiting.append(Holder(turns, client, order))
        until(lambda: turns._waiting == len(waiting))
    for holder in waiting:
        holder.let_go.set()
    first.end()
    for holder in waiting:
        holder.thread.join()
    assert order[:4] == ["greedy", "greedy", "other", "third"]
    assert order[4:] == ["greedy", "greedy"]


def test_too_many_waiting_are_sent_away_at_once() -> None:
    turns, order = Turns(1, waiting_per_client=1, waiting=2), list[str]()
    holders = [Holder(turns, "a", order)]
    assert holders[0].held.wait(10)
    holders.append(Holder(turns, "a", order))
    until(lambda: turns._waiting == 1)
    with pytest.raises(QueryBusyError, match="1 of your queries"), turns.turn("a", 10):
        pass
    holders.append(Holder(turns, "b", order))
    until(lambda: turns._waiting == 2)
    with pytest.raises(QueryBusyError, match="2 queries are waiting"), turns.turn("c", 10):
        pass
    for holder in holders:
        holder.end()
    assert order == ["a", "a", "b"] or order == ["a", "b", "a"]
    with turns.turn("c", 0.1):
        pass


def test_a_turn_that_fails_is_given_back() -> None:
    turns = Turns(1)
    with pytest.raises(KeyError), turns.turn("a", 1):
        raise KeyError
    with turns.turn("a", 0.1):
        pass


def test_who_waits_in_vain_leaves_no_trace() -> None:
    turns = Turns(1)
    with turns.turn("a", 1):
        with pytest.raises(QueryBusyError, match="No query worker was free"), turns.turn("b", 0.02):
            pass
        assert not turns._rows
    assert not turns._taken
