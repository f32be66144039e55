"""`Spool`: fetched pages on disk, so that a stopped run goes on where it was."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from pathlib import Path

import msgspec

_STATE_FILE = "state.json"


class SpoolState(msgspec.Struct, kw_only=True):
    """Where a fetch stands.

    `key` is the sha256 of what tells registry, scope and window; `request` and `token` what to
    ask for next; `totals` the records that the registry announced for each request that has
    begun; `sizes` how many each page holds.
    """

    key: str
    data_timestamp: str
    request: int = 0
    token: str | None = None
    sizes: list[int] = []
    totals: list[int | None] = []
    is_complete: bool = False


class Spool:
    """Pages of one fetch, in a folder; packed, to a third of the size.

    Parameters
    ----------
    folder : Path
        Made when the first page comes; nobody else writes there.
    """

    def __init__(self, folder: Path):
        self._folder = folder

    def begin(self, key: str, data_timestamp: str) -> SpoolState:
        """Return where an earlier run of the same fetch stopped, or begin anew."""
        state, key = self._read(), _digest(key)
        if state is not None and (state.key, state.data_timestamp) == (key, data_timestamp):
            return state
        return self._restart(key, data_timestamp)

    def restart(self, key: str, data_timestamp: str) -> SpoolState:
        """Forget all pages and begin anew."""
        return self._restart(_digest(key), data_timestamp)

    def _restart(self, key: str, data_timestamp: str) -> SpoolState:
        self.clear()
        return SpoolState(key=key, data_timestamp=data_timestamp)

    def add(self, raw: bytes, size: int, state: SpoolState) -> None:
        """Keep a page of so many records, then where the fetch stands after it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _write(self._page(len(state.sizes)), _packed(raw))
        state.sizes.append(size)
        self.save(state)

    def add_single(self, raw: bytes, nct_id: str) -> Path:
        """Keep a single record; return its file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{nct_id}.json.gz"
        _write(path, _packed(raw))
        return path

    def save(self, state: SpoolState) -> None:
        """Keep where the fetch stands."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _write(self._folder / _STATE_FILE, msgspec.json.encode(state))

    def paths(self, state: SpoolState) -> list[Path]:
        """Return the files of the pages that hold any record, in the order in which they came."""
        return [self._page(number) for number, size in enumerate(state.sizes) if size]

    def clear(self) -> None:
        """Forget all pages."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _page(self, number: int) -> Path:
        return self._folder / f"page-{number:06}.json.gz"

    def _read(self) -> SpoolState | None:
        try:
            raw = (self._folder / _STATE_FILE).read_bytes()
            state = msgspec.json.decode(raw, type=SpoolState)
        except (OSError, msgspec.DecodeError):
            return None
        whole = all(self._page(number).is_file() for number in range(len(state.sizes)))
        return state if whole else None


def _packed(raw: bytes) -> bytes:
    return gzip.compress(raw, 1, mtime=0)


def _digest(key: str) -> str:
    # The key may hold all ids of a registry, and the state is written with each page.
    return hashlib.sha256(key.encode()).hexdigest()


def _write(path: Path, raw: bytes) -> None:
    waiting = path.with_suffix(".new")
    with open(waiting, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(waiting, path)
