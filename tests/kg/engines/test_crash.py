"""A run that is killed while it writes to a graph server leaves readers where they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from kg.store import Store
from tests.conftest import ROOT
from tests.kg.engines.mirroring import (
    answered,
    attached,
    held_triples,
    own_triples,
    publish,
    sent,
    state_of,
)
from tests.kg.engines.quads import mark

_CODE = """
import os, signal, sys
from pathlib import Path
import kg.engines.mirror as mirror
from kg.engines.server import GraphServer
from kg.store import Store
from tests.kg.engines.mirroring import access, publish
from tests.kg.engines.quads import mark, odd_quads
mirror.BATCH_BYTES = 100_000
mirror.Mirror.__init__.__kwdefaults__["batch_bytes"] = 100_000
path, url, what, left = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
def dying(call):
    def called(*args, **kwargs):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return call(*args, **kwargs)
    return called
for name in ("add", "update"):
    setattr(GraphServer, name, dying(getattr(GraphServer, name)))
store = Store(Path(path), access=access(url))
if what == "settle":
    with store.lock():
        store.settle()
else:
    gone = list(store.published().read_graph())[:2000]
    publish(store, added=[mark(99), *odd_quads()], removed=gone)
"""


def killed(store: Store, what: str, steps: int) -> bool:
    """Do something in a process that dies at its so many-th step on the server."""
    url = store.access.url
    assert url is not None
    done = subprocess.run(
        [sys.executable, "-c", _CODE, str(store.path), url, what, str(steps)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.slow
def test_a_load_that_was_killed_goes_on_where_it_stopped(
    copied: Callable[[str], Store], mirror_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = copied(mirror_url)
    assert killed(store, "settle", 24)
    state = state_of(store)
    assert state.current is None
    begun = state.slots[0].filling
    assert begun is not None
    assert begun.batches > 3
    counts = sent(monkeypatch)
    monkeypatch.setitem(_defaults(), "batch_bytes", 100_000)
    attached(store)
    assert held_triples(store) == own_triples(store)
    assert 0 < counts["a"] < len(own_triples(store))


def _defaults() -> dict[str, object]:
    from kg.engines.mirror import Mirror

    found = Mirror.__init__.__kwdefaults__
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize("steps", [1, 6, 9, 11, 13, 15])
def test_a_change_that_was_killed_is_made_whole(mirrored: Store, steps: int) -> None:
    publish(mirrored, added=[mark(2)])
    before = held_triples(mirrored)
    died = killed(mirrored, "publish", steps)
    published = mirrored.published_number()
    if died and published == 2:  # readers see all of the old
        assert held_triples(mirrored) == before
    attached(mirrored)
    assert held_triples(mirrored) == own_triples(mirrored)
    publish(mirrored, added=[mark(3)], removed=[mark(2)])
    assert held_triples(mirrored) == own_triples(mirrored)
    assert answered(mirrored, "ASK { <urn:mark> <urn:number> 3 }") == ("server", ["true"])
