"""Batches are whole lines, and the same ones however the lines come."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st

from kg.engines.batches import Cutter, batches_of
from tests.kg.engines.quads import odd_quads

LINES = [f"{quad} .\n".encode() for quad in odd_quads() if len(str(quad)) < 1_000]


def cut(data: bytes, places: list[int], size: int) -> tuple[list[bytes], Cutter]:
    batches: list[bytes] = []
    cutter = Cutter(size, lambda number, batch: batches.insert(number, batch))
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    for start, end in itertools.pairwise(bounds):
        assert cutter.write(data[start:end]) == end - start
    cutter.finish()
    return batches, cutter


@given(
    st.lists(st.sampled_from(LINES), max_size=12),
    st.lists(st.integers(0, 10_000), max_size=8),
    st.integers(1, 900),
)
def test_quads_become_triples_in_the_same_batches(
    lines: list[bytes], places: list[int], size: int
) -> None:
    data = b"".join(lines)
    batches, cutter = cut(data, places, size)
    assert batches == cut(data, [], size)[0]
    assert all(batch.endswith(b" .\n") for batch in batches)
    assert cutter.triples == len(lines)
    read = list(ox.parse(b"".join(batches), format=ox.RdfFormat.N_TRIPLES))
    given_ = list(ox.parse(data, format=ox.RdfFormat.N_QUADS))
    assert [quad.triple for quad in read] == [quad.triple for quad in given_]


def test_a_file_is_read_in_batches_of_about_a_size(tmp_path: Path) -> None:
    lines = [b"<urn:a> <urn:b> <urn:%d> .\n" % number for number in range(100)]
    path = tmp_path / "added.nt.gz"
    path.write_bytes(gzip.compress(b"".join(lines)))
    batches = list(batches_of(path, 500))
    assert b"".join(batches) == b"".join(lines)
    assert 3 < len(batches) < 10
    assert all(batch.endswith(b"\n") for batch in batches)
