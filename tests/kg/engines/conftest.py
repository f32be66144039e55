"""Running graph servers, one of each kind for a whole session, and stores that use them."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.store import Store
from tests.kg.engines.mirroring import access, attached
from tests.kg.engines.servers import KINDS, RunningServer, running

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running("oxigraph", tmp_path_factory.mktemp("oxigraph")) as started:
        yield started


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running("virtuoso", tmp_path_factory.mktemp("virtuoso")) as started:
        yield started


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> RunningServer:
    """Each kind of server in turn."""
    found: RunningServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def mirror_url(server: RunningServer) -> str:
    """The address of a mirror that nobody else uses."""
    return f"{server.url}?name=test-{next(_NUMBERS)}"


@pytest.fixture
def copied(tiny_store: Store, tmp_path: Path) -> Callable[[str], Store]:
    """Copies the tiny store, to be mirrored at an address."""

    def copy(url: str) -> Store:
        shutil.copytree(tiny_store.path, tmp_path / "store")
        return Store(tmp_path / "store", access=access(url))

    return copy


@pytest.fixture
def mirrored(copied: Callable[[str], Store], mirror_url: str) -> Store:
    """A copy of the tiny store that is mirrored on a server, anew."""
    return attached(copied(mirror_url))


@pytest.fixture(scope="session")
def standing(tiny_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Store]:
    """Gives a mirrored copy of the tiny store on a server; not to be changed."""
    made: dict[str, Store] = {}

    def give(running_server: RunningServer) -> Store:
        if running_server.kind not in made:
            folder = tmp_path_factory.mktemp(f"standing-{running_server.kind}") / "store"
            shutil.copytree(tiny_store.path, folder)
            url = f"{running_server.url}?name=standing"
            made[running_server.kind] = attached(Store(folder, access=access(url)))
        return made[running_server.kind]

    return give
