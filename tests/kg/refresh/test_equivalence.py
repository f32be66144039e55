"""After any sequence of refreshes the graph is that of a full build of the same records."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kg.build import build
from kg.store import Store
from ontology.vocabulary import TK
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import Following, dated, golden_records, write_records
from tests.registry_server import FAULTS, FakeRegistry, Record, nct_id_of, serving

_TITLES = ("Cord cells for sclerosis", "Adipose cells in the knee", "Marrow cells after a stroke")
_SPONSORS = ("Example Bio", "EXAMPLE BIO", "University of Elsewhere")
_COUNTRIES = ("Spain", "spain", "Japan")
_NUMBERS = st.integers(0, 16)

STEPS = st.one_of(
    st.tuples(st.just("title"), _NUMBERS, st.sampled_from(_TITLES)),
    st.tuples(st.just("sponsor"), _NUMBERS, st.sampled_from(_SPONSORS)),
    st.tuples(st.just("country"), _NUMBERS, st.sampled_from(_COUNTRIES)),
    st.tuples(st.just("names another"), _NUMBERS, _NUMBERS),
    st.tuples(st.just("copy"), _NUMBERS, st.integers(7_000_001, 7_000_004)),
    st.tuples(st.just("remove"), _NUMBERS, st.just(0)),
    st.tuples(st.just("faults"), st.sampled_from(FAULTS), st.just(0)),
)


def apply_step(registry: FakeRegistry, kind: str, which: Any, value: Any, day: str) -> None:
    """Change the registry as a day's work would."""
    if kind == "faults":
        registry.faults, registry.fault_share = (which,), 0.2
        registry.timeout_seconds = 0.0
        return
    ids = sorted(registry.records)
    nct_id = ids[which % len(ids)]
    if kind == "remove":
        if len(ids) > 3:
            del registry.records[nct_id]
        return
    record = dated(copy.deepcopy(registry.records[nct_id]), day)
    protocol = record["protocolSection"]
    if kind == "title":
        protocol["identificationModule"]["briefTitle"] = value
    elif kind == "sponsor":
        protocol["sponsorCollaboratorsModule"] = {"leadSponsor": {"name": value, "class": "OTHER"}}
    elif kind == "country":
        protocol["contactsLocationsModule"] = {"locations": [{"city": "X", "country": value}]}
    elif kind == "names another":
        other = ids[value % len(ids)]
        protocol["descriptionModule"] = {"briefSummary": f"An extension of the study {other}."}
    elif kind == "copy":
        protocol["identificationModule"]["nctId"] = f"NCT{value:08d}"
    registry.put(record)


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    # Without making a failing case smaller: that takes many times as long as finding it.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(days=st.lists(st.lists(STEPS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_any_sequence_of_refreshes_equals_a_full_build(
    days: list[list[tuple[Any, ...]]],
    tmp_path_factory: pytest.TempPathFactory,
    built_store: Path,
    word_encoder: WordEncoder,
) -> None:
    follow_days(days, tmp_path_factory.mktemp("days"), built_store, word_encoder)


@pytest.mark.parametrize(
    "days",
    [
        [[("title", 3, _TITLES[0]), ("copy", 0, 7_000_001)], [("names another", 14, 0)]],
        [[("sponsor", 0, _SPONSORS[1]), ("sponsor", 1, _SPONSORS[0])], [("remove", 0, 0)]],
        [[("country", 2, "spain"), ("faults", "500", 0)], [("remove", 5, 0), ("copy", 1, 7000002)]],
    ],
)
def test_some_sequences_of_refreshes_equal_a_full_build(
    days: list[list[tuple[Any, ...]]],
    tmp_path: Path,
    built_store: Path,
    word_encoder: WordEncoder,
) -> None:
    follow_days(days, tmp_path, built_store, word_encoder)


@pytest.mark.parametrize("graph_kin", [0, 1, 3])
def test_lists_shorter_than_the_store_equal_those_of_a_full_build(
    graph_kin: int, tmp_path: Path, word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("shards.links", "stages", "refresh.relinking", "refresh.checks"):
        monkeypatch.setattr(f"kg.{name}.KIN_STORED", 3)
    monkeypatch.setattr("kg.shards.links.KIN_SPARE", 2)
    built = tmp_path / "built"
    source = write_records(tmp_path / "golden.ndjson", golden_records())
    build(Store(built), [source], word_encoder, graph_kin=graph_kin)
    assert links_in_the_graph(Store(built)) == graph_kin * len(golden_records())
    lists = Store(built).published().kin_lists
    assert (lists.k, lists.spare) == (3, 2)
    days: list[list[tuple[Any, ...]]] = [
        [("title", 3, _TITLES[0]), ("copy", 0, 7_000_001), ("remove", 1, 0)],
        [("remove", 4, 0), ("remove", 6, 0), ("title", 2, _TITLES[1])],
        [("title", 3, _TITLES[2]), ("copy", 5, 7_000_002)],
    ]
    follow_days(days, tmp_path, built, word_encoder)


def links_in_the_graph(store: Store) -> int:
    """Count the nodes of kin links."""
    query = f"SELECT ?link {{ ?link a <{TK.Kin}> }}"
    return sum(
        1 for _ in store.published().read_graph().query(query, use_default_graph_as_union=True)
    )


def follow_days(
    days: list[list[tuple[Any, ...]]], folder: Path, built: Path, encoder: WordEncoder
) -> None:
    """Refresh at the end of each day, some days twice; then compare."""
    shutil.copytree(built, folder / "store")
    registry = FakeRegistry(page_size_limit=5)
    records: list[Record] = golden_records()
    registry.put(*records)
    assert {nct_id_of(record) for record in records} == set(registry.records)
    with serving(registry) as url:
        following = Following(registry, url, Store(folder / "store"), encoder, folder)
        for number, steps in enumerate(days):
            registry.data_timestamp = f"2026-11-{number + 2:02}T09:00:00"
            for kind, which, value in steps:
                apply_step(registry, kind, which, value, f"2026-11-{number + 2:02}")
            following.refresh(full=True)
            following.refresh()
        registry.fault_share = 0.0
        assert following.refresh(full=True).outcome == "unchanged"
        following.assert_equal_to_full_build()
