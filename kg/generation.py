"""`Generation`: one whole, published state of graph, records and vectors; read-only."""

from __future__ import annotations

import heapq
import itertools
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from io import BufferedRandom
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyoxigraph as ox

from kg.iris import RUNS_GRAPH
from kg.manifest import (
    FORMAT_VERSION,
    GRAPH_FOLDER,
    MANIFEST_FILE,
    RECORDS_FILE,
    VECTORS_FOLDER,
    Manifest,
)
from kg.records import Records
from ontology.errors import StoreError

if TYPE_CHECKING:
    from similarity.index import KinIndex
    from similarity.kin import Kin
    from similarity.kin_lists import KinLists

_CHUNK = 500_000
"""Quads sorted in memory at a time, about 200 MB, when the graph is exported."""


class Generation:
    """A published state; cheap to open, everything in it is opened when first used.

    Safe to share among threads: each gets its own connection to the records.
    """

    def __init__(self, path: Path, manifest: Manifest):
        self.path = path
        self.manifest = manifest
        self._local = threading.local()

    @classmethod
    def open(cls, path: Path) -> Generation:
        """Open the generation in folder `path`.

        Raises
        ------
        StoreError
            If the folder is no generation of this version.
        """
        try:
            raw = (path / MANIFEST_FILE).read_bytes()
            version = msgspec.json.decode(raw).get("format_version")
            if version != FORMAT_VERSION:
                raise StoreError(
                    f"{path} has format {version}, this version of trialkin reads "
                    f"{FORMAT_VERSION}; run `trialkin build` again."
                )
            manifest = msgspec.json.decode(raw, type=Manifest)
        except (OSError, msgspec.DecodeError, AttributeError) as error:
            raise StoreError(f"{path} is damaged ({error}); run `trialkin build` again.") from error
        return cls(path, manifest)

    @property
    def graph_path(self) -> Path:
        """The folder of the Oxigraph store."""
        return self.path / GRAPH_FOLDER

    @property
    def records(self) -> Records:
        """The records, by a connection of the calling thread's own."""
        records: Records | None = getattr(self._local, "records", None)
        if records is None:
            records = Records(self.path / RECORDS_FILE)
            self._local.records = records
        return records

    @cached_property
    def kin_index(self) -> KinIndex:
        """The index that ranks kin."""
        from similarity.index import KinIndex  # numpy is not needed for the rest

        return KinIndex.open(self.path / VECTORS_FOLDER)

    @cached_property
    def kin_lists(self) -> KinLists:
        """The closest trials of every trial, as the build found them."""
        from similarity.kin_lists import KinLists

        return KinLists.open(self.path / VECTORS_FOLDER)

    def rank_kin(self, nct_id: str, k: int = 10, **how: Any) -> list[Kin]:
        """Return the closest trials to a stored one, see `KinIndex.rank`.

        A trial that the registry no longer lists is in no kin list, and has none. Without
        weights and filters, as many kin as are stored are looked up and explained, which takes
        as long among a million trials as among a thousand.

        Raises
        ------
        UnknownTrialError
            If the trial is not stored.
        """
        if nct_id not in self.kin_index and self.records.fingerprint(nct_id) is not None:
            return []
        listed = nct_id in self.kin_index and 0 < k <= self.kin_lists.k
        if listed and all(value is None for value in how.values()):
            pairs = [(nct_id, near) for near, _ in self.kin_lists.of(nct_id)[:k]]
            links = self.kin_index.explain_pairs(pairs)
            return [replace(link, rank=rank) for rank, link in enumerate(links, start=1)]
        return self.kin_index.rank(nct_id, k, **how)

    def read_graph(self) -> ox.Store:
        """Open the graph read-only, in this process."""
        return ox.Store.read_only(str(self.graph_path))

    def sorted_nquads(self, *, without_runs: bool = False) -> Iterator[str]:
        """Yield every quad as a line of N-Quads, sorted by code point.

        Sorted in runs on disk and merged, so memory does not grow with the graph.
        """
        with tempfile.TemporaryDirectory() as folder:
            lines = _lines(self.read_graph(), without_runs=without_runs)
            runs: list[BufferedRandom] = []
            try:
                for batch in _batches(lines):
                    # UTF-8 sorts as code points do.
                    run = open(Path(folder) / str(len(runs)), "w+b")  # noqa: SIM115
                    runs.append(run)
                    run.writelines(sorted(line.encode() for line in batch))
                    run.seek(0)
                for raw in heapq.merge(*runs):
                    yield raw.decode()
            finally:
                for opened in runs:
                    opened.close()


def _lines(store: ox.Store, *, without_runs: bool) -> Iterator[str]:
    for graph in store.named_graphs():
        if without_runs and graph.value == RUNS_GRAPH:
            continue
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield f"{quad} .\n"


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(lines)
    while batch := list(itertools.islice(iterator, _CHUNK)):
        yield batch
