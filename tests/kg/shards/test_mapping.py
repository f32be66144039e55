"""Whatever maps the shards, and however they are cut, the generation is the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from kg.build import BuildReport, build
from kg.cell_facts.corrections import Corrections
from kg.record_schema import SCHEMA
from kg.shards.deriving import LostRecord, ShardResult, ShardTask
from kg.shards.encoder_source import GivenEncoder, NamedEncoder, source_of
from kg.shards.mapping import InProcess, Mapper, ShardLostError, go_around
from kg.shards.processes import Local, Processes
from kg.shards.shard import Shard, ShardRecord, cut_shards
from kg.store import Store
from ontology.errors import BuildError, EncoderError
from similarity.encoders import load_encoder
from tests.conftest import WordEncoder
from tests.kg.shards.sample_records import GOLDEN, content, plain_record, write_records
from tests.kg.shards.touchy_encoder import BREAKING, DEADLY, TouchyEncoder


def built(
    folder: Path, sources: list[Path], encoder: WordEncoder, mapper: Mapper | None = None
) -> tuple[Store, BuildReport]:
    store = Store(folder / "store")
    return store, build(store, sources, encoder, mapper=mapper)


def shard_of(*names: str) -> Shard:
    return Shard("000007", tuple(ShardRecord(name, "f", b"{}") for name in names))


def test_shards_are_cut_in_the_order_of_ids(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "records.sqlite")
    connection.executescript(SCHEMA)
    import zlib

    for number in (3, 1, 2):
        row = (f"NCT{number:08d}", f"print {number}", "", "api-v2")
        connection.execute("INSERT INTO study VALUES (?, ?, ?, ?)", row)
        connection.execute("INSERT INTO payload VALUES (?, ?)", (number, zlib.compress(b"{}")))
    shards = list(cut_shards(connection, 2))
    connection.close()
    assert [shard.name for shard in shards] == ["000000", "000001"]
    assert [[one.nct_id for one in shard.records] for shard in shards] == [
        ["NCT00000001", "NCT00000002"],
        ["NCT00000003"],
    ]
    assert shards[1].records[0] == ShardRecord("NCT00000003", "print 3", b"{}")


def test_halves_keep_the_order_and_say_whose_they_are() -> None:
    first, second = shard_of("a", "b", "c").halves()
    assert [one.nct_id for one in first.records] == ["a"]
    assert [one.nct_id for one in second.records] == ["b", "c"]
    assert (first.name, second.name) == ("000007.1", "000007.2")


def test_a_shard_is_halved_until_the_record_to_blame_stands_alone(tmp_path: Path) -> None:
    attempts: list[str] = []

    def attempt(shard: Shard) -> ShardResult:
        attempts.append("".join(one.nct_id for one in shard.records))
        if "c" in attempts[-1]:
            raise ShardLostError("the process ended")
        return ShardResult(shard.name, tmp_path)

    results = list(go_around(shard_of("a", "b", "c", "d"), attempt))
    assert attempts == ["abcd", "ab", "cd", "c", "d"]
    assert [result.folder for result in results] == [tmp_path, None, tmp_path]
    assert results[1].lost == (LostRecord("c", "000007.2.1", "the process ended"),)


def test_the_size_of_shards_does_not_matter(tmp_path: Path, tiny_store: Store) -> None:
    store, _ = built(tmp_path, GOLDEN, WordEncoder(), InProcess(shard_records=3))
    assert content(store.published()) == content(tiny_store.published())


def test_what_breaks_the_program_is_named_and_the_rest_goes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kg.derivation

    real = kg.derivation.map_study

    def map_study(study: object, extra: object) -> Iterator[str]:
        if study.nct_id == "NCT00000002":  # type: ignore[attr-defined]
            raise IndexError("no such arm")
        return real(study, extra)  # type: ignore[arg-type]

    monkeypatch.setattr(kg.derivation, "map_study", map_study)
    sources = write_records(tmp_path / "all.ndjson", *map(plain_record, (1, 2, 3)))[:1]
    store, report = built(tmp_path, sources, WordEncoder())
    (rejected,) = report.rejected
    assert rejected.nct_id == "NCT00000002"
    assert "no such arm" in str(rejected)
    assert "map_study" in str(rejected)
    records = store.published().records
    assert records.nct_ids() == ["NCT00000001", "NCT00000003"]
    assert report.counts["rejected_records"] == 1
    assert report.rejected_share == pytest.approx(1 / 3)
    versions = records._connection.execute("SELECT nct_id FROM version ORDER BY 1").fetchall()
    assert versions == [("NCT00000001",), ("NCT00000003",)]


def test_a_text_that_breaks_the_encoder_costs_its_record_alone(tmp_path: Path) -> None:
    records = [plain_record(number) for number in range(1, 6)]
    records[3] = plain_record(4, BREAKING)
    sources = write_records(tmp_path / "all.ndjson", *records)[:1]
    store, report = built(tmp_path, sources, TouchyEncoder())
    assert [rejected.nct_id for rejected in report.rejected] == ["NCT00000004"]
    assert "ZeroDivisionError" in str(report.rejected[0])
    assert len(store.published().records.nct_ids()) == 4


def test_a_build_of_which_nothing_is_left_is_given_up(tmp_path: Path) -> None:
    sources = write_records(tmp_path / "all.ndjson", plain_record(1, BREAKING))[:1]
    with pytest.raises(BuildError, match=r"No record could be taken in.*ZeroDivisionError"):
        built(tmp_path, sources, TouchyEncoder())
    assert Store(tmp_path / "store").published_number() is None


def test_an_encoder_is_named_where_it_is_known_everywhere(tmp_path: Path) -> None:
    own = load_encoder("trialkin")
    source = source_of(own)
    assert source == NamedEncoder("trialkin", own.fingerprint)
    assert source.load().fingerprint == own.fingerprint
    words = WordEncoder()
    assert source_of(words) == GivenEncoder(words)
    with pytest.raises(EncoderError, match="not the one that the build began with"):
        NamedEncoder("trialkin", "0" * 64).load()


@pytest.mark.parametrize(
    ("jobs", "records", "where"),
    [(2, 7, "here"), (1, 8, "here"), (2, 8, "processes"), (2, 9, "processes"), (2, 0, "here")],
)
def test_few_records_are_mapped_here_and_many_by_processes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, jobs: int, records: int, where: str
) -> None:
    mapped: list[tuple[str, str]] = []

    def mapping(name: str) -> object:
        def map_(self: object, task: object, shards: Iterable[Shard], work: Path) -> Iterator[str]:
            for shard in shards:
                mapped.extend((name, one.nct_id) for one in shard.records)
                yield shard.name

        return map_

    monkeypatch.setattr("kg.shards.processes.WORTH_RECORDS", 8)
    monkeypatch.setattr(Processes, "map", mapping("processes"))
    monkeypatch.setattr(InProcess, "map", mapping("here"))
    ids = [f"NCT{number:08d}" for number in range(records)]
    shards = [shard_of(*ids[first : first + 4]) for first in range(0, records, 4)]
    task = ShardTask(Corrections(), GivenEncoder(WordEncoder()))
    list(Local(jobs).map(task, shards, tmp_path))
    assert mapped == [(where, nct_id) for nct_id in ids]


def test_no_processes_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Processes(0)


def test_no_files_of_a_shard_mean_no_trials() -> None:
    result = ShardResult("000001", None)
    assert result.trials() == []
    assert result.partitions().triples == 0
    assert ShardTask(Corrections(), GivenEncoder(WordEncoder())).previous is None


@pytest.mark.slow
def test_processes_give_what_one_process_gives(tmp_path: Path, tiny_store: Store) -> None:
    store, report = built(tmp_path, GOLDEN, WordEncoder(), Processes(2, shard_records=4))
    assert report.rejected == []
    assert content(store.published()) == content(tiny_store.published())


@pytest.mark.slow
def test_a_record_that_ends_its_process_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    records = [plain_record(number) for number in range(1, 11)]
    records[4] = plain_record(5, DEADLY)
    sources = write_records(tmp_path / "all.ndjson", *records)[:1]
    store, report = built(tmp_path, sources, TouchyEncoder(), Processes(2, shard_records=4))
    (rejected,) = report.rejected
    assert rejected.nct_id == "NCT00000005"
    assert str(rejected).startswith("shard 000001.1.1: ")
    assert "the process ended" in rejected.message
    without = write_records(tmp_path / "good.ndjson", *records[:4], *records[5:])[:1]
    other, _ = built(tmp_path / "other", without, TouchyEncoder())
    found, wanted = content(store.published()), content(other.published())
    assert found.pop("counts") | {"rejected_records": 0} == wanted.pop("counts")
    assert found == wanted


@pytest.mark.slow
def test_a_process_that_is_lost_once_costs_nothing(tmp_path: Path) -> None:
    sources = write_records(tmp_path / "all.ndjson", *map(plain_record, range(1, 9)))[:1]
    once = tmp_path / "once"
    once.touch()
    encoder = TouchyEncoder(once=once)
    store, report = built(tmp_path, sources, encoder, Processes(2, shard_records=3))
    assert not once.exists()
    assert report.rejected == []
    other, _ = built(tmp_path / "other", sources, WordEncoder())
    assert content(store.published()) == content(other.published())
