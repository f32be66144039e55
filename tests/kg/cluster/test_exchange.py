"""Files that machines exchange: whole, checked, and gone when nobody needs them any more."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from kg.cell_facts.corrections import Corrections
from kg.cluster.exchange import Exchange
from kg.cluster.working import Done, run_shard
from kg.shards.deriving import RESULT_FILES, LostRecord, ShardTask
from kg.shards.encoder_source import GivenEncoder
from kg.shards.shard import Shard, ShardRecord
from kg.stamps import stage_stamps
from kg.study import canonical_json, json_fingerprint
from ontology.errors import BuildError
from tests.conftest import WordEncoder
from tests.kg.shards.sample_records import plain_record


def sample_shard(name: str = "000003") -> Shard:
    raw = [canonical_json(plain_record(number, "Zellen für Gelenke.")) for number in (1, 2)]
    return Shard(
        name,
        tuple(
            ShardRecord(f"NCT{number:08d}", json_fingerprint(one), one)
            for number, one in enumerate(raw, start=1)
        ),
    )


@pytest.fixture(params=["folder", "memory"])
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> Exchange:
    """An exchange on a file system, and one on an object store in memory."""
    url = str(tmp_path / "shared") if request.param == "folder" else "memory://bucket/shared"
    return Exchange.new(url)


def test_a_shard_comes_back_as_it_was(exchange: Exchange) -> None:
    shard = sample_shard()
    sha256 = exchange.put_shard(shard)
    assert Exchange(exchange.url).get_shard(shard.name, sha256) == shard
    assert exchange.put_shard(shard) == sha256  # nothing in the file but the records


def test_another_file_than_was_written_is_refused(exchange: Exchange) -> None:
    sha256 = exchange.put_shard(sample_shard("000001"))
    with pytest.raises(BuildError, match="as written"):
        exchange.get_shard("000001", "0" * 64)
    with pytest.raises(BuildError, match="do not see the same folder"):
        exchange.get_shard("000002", sha256)


def test_a_worker_leaves_its_result_in_the_exchange(exchange: Exchange, tmp_path: Path) -> None:
    shard, encoder = sample_shard(), WordEncoder()
    task = ShardTask(Corrections(), GivenEncoder(encoder), stamps=stage_stamps(encoder))
    done = run_shard(exchange.url, shard.name, exchange.put_shard(shard), task)
    assert done.lost == ()
    exchange.get_result(shard.name, done.sha256, tmp_path / "result")
    assert sorted(file.name for file in (tmp_path / "result").iterdir()) == sorted(RESULT_FILES)
    assert "Gelenke" in (tmp_path / "result" / RESULT_FILES[0]).read_text("utf-8")


def test_work_whose_answer_was_lost_is_not_done_again(exchange: Exchange) -> None:
    shard, encoder = sample_shard(), WordEncoder()
    task = ShardTask(Corrections(), GivenEncoder(encoder), stamps=stage_stamps(encoder))
    asked = (exchange.url, shard.name, exchange.put_shard(shard), task)
    first = run_shard(*asked)
    assert Done._fields == ("sha256", "lost")
    exchange.put_note(shard.name, Done(first.sha256, (LostRecord("NCT00000009", "s", "why"),)))
    assert run_shard(*asked).lost[0].nct_id == "NCT00000009"  # as noted, not found anew


def test_a_worker_with_another_version_is_refused(exchange: Exchange) -> None:
    shard, encoder = sample_shard(), WordEncoder()
    stamps = stage_stamps(encoder) | {"records": "other"}
    task = ShardTask(Corrections(), GivenEncoder(encoder), stamps=stamps)
    with pytest.raises(BuildError, match=r"another version of trialkin \(records"):
        run_shard(exchange.url, shard.name, exchange.put_shard(shard), task)


def test_nothing_is_left(exchange: Exchange) -> None:
    files, root = fsspec.core.url_to_fs(exchange.url)
    exchange.put_shard(sample_shard("000001"))
    exchange.put_shard(sample_shard("000002"))
    exchange.drop("000001")
    assert [Path(path).name for path in files.ls(root, detail=False)] == ["000002.ndjson.gz"]
    exchange.close()
    assert not files.exists(root)


def test_a_place_that_nothing_can_be_kept_in_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match="file"):
        Exchange.new(str(tmp_path / "file"))
    with pytest.raises(BuildError, match="nosuchthing"):
        Exchange.new("nosuchthing://bucket/folder")
