"""What fails in a way that may pass is tried again, at growing intervals, and not for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from kg.patience import PassingFailure, Patience, patiently
from ontology.errors import RegistryError

PATIENCE = Patience(attempts=5, first_wait=2.0, longest_wait=5.0)


class PassingTestError(PassingFailure, RegistryError):
    """As the registry's."""


def failing(times: int, wait: float | None = None) -> Callable[[], str]:
    left = iter(range(times))

    def call() -> str:
        for _ in left:
            raise PassingTestError("The line is down.", wait)
        return "here"

    return call


def test_waits_grow_up_to_the_longest() -> None:
    waits: list[float] = []
    assert patiently(failing(4), PATIENCE, RegistryError, sleep=waits.append) == "here"
    assert all(0.75 * e <= w <= 1.25 * e for w, e in zip(waits, (2, 4, 5, 5), strict=True))


def test_the_other_side_may_ask_for_more() -> None:
    waits: list[float] = []
    patiently(failing(1, wait=90.0), PATIENCE, RegistryError, sleep=waits.append)
    assert waits == [90.0]


def test_it_is_given_up_and_says_after_how_many_tries() -> None:
    waits: list[float] = []
    with pytest.raises(RegistryError, match=r"line is down.*after 5 tries") as caught:
        patiently(failing(9), PATIENCE, RegistryError, sleep=waits.append)
    assert type(caught.value) is RegistryError
    assert len(waits) == 4


def test_what_will_not_pass_is_not_tried_again() -> None:
    def refuse() -> None:
        raise RegistryError("No such page.")

    with pytest.raises(RegistryError, match="No such page"):
        patiently(refuse, PATIENCE, RegistryError, sleep=lambda _: pytest.fail("waited"))


def test_nothing_is_tried_again_once_it_is_to_stop() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(RegistryError, match="down"):
        patiently(failing(1), PATIENCE, RegistryError, sleep=stop.wait)


def test_every_try_but_the_last_is_told(caplog: pytest.LogCaptureFixture) -> None:
    patiently(failing(2), PATIENCE, RegistryError, sleep=lambda _: None)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert "Trying again in" in caplog.text
    assert "(2 of 5)" in caplog.text


def test_no_tries_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        patiently(failing(0), Patience(attempts=0), RegistryError)
