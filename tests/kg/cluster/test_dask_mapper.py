"""A build on a cluster gives what a build here gives, also when workers are lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.build import BuildReport, build
from kg.cluster.dask_mapper import DaskMapper
from kg.store import Store
from ontology.errors import BuildError
from tests.conftest import WordEncoder
from tests.kg.shards.sample_records import GOLDEN, content, plain_record, write_records
from tests.kg.shards.touchy_encoder import BREAKING, DEADLY, TouchyEncoder

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

RECORDS = [plain_record(number) for number in range(1, 25)]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers in processes of their own."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
    ):
        yield cluster.scheduler_address


def built_there(
    folder: Path, sources: list[Path], encoder: WordEncoder, scheduler: str
) -> tuple[Store, BuildReport]:
    store, shared = Store(folder / "there"), folder / "shared"
    mapper = DaskMapper(scheduler, str(shared), shard_records=4)
    report = build(store, sources, encoder, mapper=mapper)
    assert list(shared.iterdir()) == []
    return store, report


def built_here(folder: Path, sources: list[Path]) -> Store:
    store = Store(folder / "here")
    build(store, sources, WordEncoder())
    return store


def test_two_workers_give_what_one_machine_gives(tmp_path: Path, scheduler: str) -> None:
    sources = write_records(tmp_path / "all.ndjson", *RECORDS)
    there, report = built_there(tmp_path, sources, WordEncoder(), scheduler)
    here = built_here(tmp_path, sources)
    assert report.rejected == []
    assert len(there.published().records.nct_ids()) == len(RECORDS) + len(GOLDEN)
    assert content(there.published()) == content(here.published())


def test_a_worker_killed_in_the_run_costs_nothing(tmp_path: Path, scheduler: str) -> None:
    sources = write_records(tmp_path / "all.ndjson", *RECORDS)
    once = tmp_path / "once"
    once.touch()
    there, report = built_there(tmp_path, sources, TouchyEncoder(once=once), scheduler)
    assert not once.exists()  # a worker took it away and was killed by SIGKILL
    assert report.rejected == []
    assert content(there.published()) == content(built_here(tmp_path, sources).published())


@pytest.mark.parametrize(
    ("word", "message"), [(DEADLY, "worked on it were lost"), (BREAKING, "ZeroDivisionError")]
)
def test_a_poisoned_shard_is_reported_and_its_other_records_go_in(
    tmp_path: Path, scheduler: str, word: str, message: str
) -> None:
    records = [*RECORDS[:6], plain_record(7, word), *RECORDS[7:]]
    sources = write_records(tmp_path / "all.ndjson", *records)[:1]
    there, report = built_there(tmp_path, sources, TouchyEncoder(), scheduler)
    (rejected,) = report.rejected
    assert rejected.nct_id == "NCT00000007"
    assert str(rejected).startswith("shard 000001.2.1: ")
    assert message in rejected.message
    good = write_records(tmp_path / "good.ndjson", *records[:6], *records[7:])[:1]
    found, wanted = content(there.published()), content(built_here(tmp_path, good).published())
    assert found.pop("counts") | {"rejected_records": 0} == wanted.pop("counts")
    assert found == wanted


def test_a_missing_scheduler_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.cluster.dask_mapper.CONNECT_SECONDS", 1)
    sources = write_records(tmp_path / "all.ndjson", *RECORDS[:3])[:1]
    with pytest.raises(BuildError, match=r"No scheduler answers at tcp://127\.0\.0\.1:9"):
        built_there(tmp_path, sources, WordEncoder(), "tcp://127.0.0.1:9")
    assert Store(tmp_path / "there").published_number() is None


def test_a_cluster_without_workers_is_not_waited_for_forever(tmp_path: Path) -> None:
    from distributed import LocalCluster

    sources = write_records(tmp_path / "all.ndjson", *RECORDS[:3])[:1]
    with LocalCluster(
        n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", processes=True
    ) as cluster:
        mapper = DaskMapper(cluster.scheduler_address, str(tmp_path / "shared"), patience=0.5)
        with pytest.raises(BuildError, match="no worker"):
            build(Store(tmp_path / "there"), sources, WordEncoder(), mapper=mapper)
    assert list((tmp_path / "shared").iterdir()) == []
