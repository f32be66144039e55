"""`refresh`, `runs`, `generations`, `rollback` as a scheduler and a person call them."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg.store import Store
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import exported, golden_records, titled
from tests.registry_server import FakeRegistry, nct_id_of, serving
from trialkin import main


@pytest.fixture
def registry() -> FakeRegistry:
    made = FakeRegistry()
    made.put(*golden_records())
    return made


@pytest.fixture
def url(registry: FakeRegistry) -> Iterator[str]:
    with serving(registry) as address:
        yield address


@pytest.fixture
def store(tiny_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # The store's encoder is not one that has a name of its own.
    monkeypatch.setattr("similarity.encoders.load_encoder", lambda name: WordEncoder())
    monkeypatch.setattr("kg.patience.Patience.__init__.__defaults__", (0, 3, 0, 0, 5, 900))
    shutil.copytree(tiny_store.path, tmp_path / "store")
    return tmp_path / "store"


def call(*args: Any) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def refresh(store: Path, url: str, *args: str) -> Result:
    return call("refresh", "--store", store, "--registry", url, "--format", "json", *args)


def change(registry: FakeRegistry) -> str:
    nct_id = min(registry.records)
    registry.put(titled(registry.records[nct_id], "A new title", "2026-11-20"))
    return nct_id


def test_a_refresh_says_what_it_did(store: Path, url: str, registry: FakeRegistry) -> None:
    change(registry)
    result = refresh(store, url, "--everything")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["outcome"] == "published"
    assert said["generation"] == 2
    assert said["scope"] == "everything"
    again = refresh(store, url)
    assert again.exit_code == 0
    assert json.loads(again.stdout)["outcome"] == "unchanged"


def test_a_dry_run_writes_nothing(store: Path, url: str, registry: FakeRegistry) -> None:
    nct_id = change(registry)
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    result = refresh(store, url, "--everything", "--dry-run")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["outcome"] == "planned"
    assert nct_id in said["trials"]["changed"]
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before


def test_fewer_kin_in_the_graph_are_planned_and_told(
    store: Path, url: str, registry: FakeRegistry
) -> None:
    plan = refresh(store, url, "--everything", "--graph-kin", "1", "--dry-run")
    assert json.loads(plan.stdout)["redone"] == ["kin"]
    done = refresh(store, url, "--everything", "--graph-kin", "1")
    assert json.loads(done.stdout)["redone"] == ["kin"]
    status = json.loads(call("status", "--store", store, "--format", "json").stdout)
    assert status["graph_kin"] == 1


def test_another_run_is_exit_code_75(store: Path, url: str) -> None:
    with Store(store).lock():
        result = refresh(store, url)
    assert result.exit_code == 75
    said = json.loads(result.stdout)
    assert said["outcome"] == "locked"
    assert said["holder"]["pid"] > 0
    assert "since" in result.stderr


def test_a_registry_that_fails_is_exit_code_1(
    store: Path, url: str, registry: FakeRegistry
) -> None:
    registry.faults, registry.fault_share = ("500",), 1.0
    result = refresh(store, url)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["outcome"] == "failed"
    rows = json.loads(call("runs", "--store", store, "--format", "json").stdout)
    assert rows[0]["outcome"] == "failed"
    assert "500" in rows[0]["error"]


@pytest.mark.parametrize(
    "args",
    [
        ["--everything", "--condition", "x"],
        ["--ids", "cord"],
        ["--registry", "nonsense"],
        ["--since", "yesterday"],
        ["--offline", "--full"],
        ["--full", "--since", "2026-11-01"],
        ["--max-failed", "2"],
        ["--graph-kin", "21"],
    ],
)
def test_wrong_usage_is_exit_code_2(store: Path, args: list[str]) -> None:
    assert call("refresh", "--store", store, *args).exit_code == 2


def test_generations_are_listed_and_rolled_back(
    store: Path, url: str, registry: FakeRegistry
) -> None:
    before = exported(Store(store).published())
    change(registry)
    assert refresh(store, url, "--everything").exit_code == 0
    rows = json.loads(call("generations", "--store", store, "--format", "json").stdout)
    assert [(row["generation"], row["published"]) for row in rows] == [(1, False), (2, True)]
    assert call("rollback", "--store", store).exit_code == 0
    assert exported(Store(store).published()) == before
    assert call("rollback", "7", "--store", store).exit_code == 1
    assert call("rollback", "2", "--store", store).exit_code == 0
    assert Store(store).published_number() == 2
    assert "2" in call("generations", "--store", store).stdout


def test_what_a_program_change_makes_stale_is_redone_offline(store: Path) -> None:
    before = exported(Store(store).published())
    manifest = Store(store).published().path / "manifest.json"
    told = json.loads(manifest.read_text())
    for stage in ("ontology", "kin", "records"):
        told["stamps"][stage] = "older"
        manifest.write_text(json.dumps(told))
        result = call("refresh", "--store", store, "--offline", "--format", "json")
        assert result.exit_code == 0, result.output
        said = json.loads(result.stdout)
        assert stage in said["redone"]
        assert said["registry"] is None
        assert exported(Store(store).published()) == before
        manifest = Store(store).published().path / "manifest.json"
        told = json.loads(manifest.read_text())


def test_corrections_are_remembered(
    tmp_path: Path, store: Path, url: str, registry: FakeRegistry
) -> None:
    nct_id = change(registry)
    file = tmp_path / "corrections.csv"
    file.write_text(
        "nct_id,field,action,value,note,curator\n"
        f"{nct_id},donor,add,autologous,said so,Somebody\n", "utf-8"
    )  # fmt: skip
    assert refresh(store, url, "--everything", "--corrections", str(file)).exit_code == 0
    assert "autologous" in Store(store).published().records.facts(nct_id).values("donor")
    registry.put(titled(registry.records[nct_id], "Yet another title", "2026-11-21"))
    assert refresh(store, url).exit_code == 0
    records = Store(store).published().records
    assert records.card(nct_id).title == "Yet another title"
    assert "autologous" in records.facts(nct_id).values("donor")


def test_an_old_id_leads_to_the_record_that_it_has_now(
    store: Path, url: str, registry: FakeRegistry
) -> None:
    assert call("show", "NCT00000777", "--store", store).exit_code == 1
    nct_id = min(registry.records)
    registry.moved["NCT00000777"] = nct_id
    assert refresh(store, url, "--ids", f"NCT00000777 {nct_id}").exit_code == 0
    shown = call("show", "NCT00000777", "--store", store, "--format", "json")
    assert shown.exit_code == 0, shown.output
    assert nct_id_of(json.loads(shown.stdout)) == nct_id


def test_a_store_begins_with_a_refresh(tmp_path: Path, store: Path, url: str) -> None:
    new = tmp_path / "new"
    refused = refresh(new, url)
    assert refused.exit_code == 1
    assert "--condition" in refused.stderr
    assert not new.exists()
    assert refresh(new, url, "--everything", "--dry-run").exit_code == 0
    assert not new.exists()
    result = refresh(new, url, "--everything")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["generation"] == 1
    assert call("show", "NCT90000001", "--store", new).exit_code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_says_so(
    store: Path, url: str, registry: FakeRegistry, number: signal.Signals
) -> None:
    registry.before = lambda request: os.kill(os.getpid(), number)
    # A shell lets what runs in its background ignore SIGINT.
    ignoring = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.getsignal(signal.SIGTERM)
    try:
        result = refresh(store, url)
    finally:
        signal.signal(signal.SIGINT, ignoring)
    registry.before = None
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == f"Stopped by {number.name}."
    assert signal.getsignal(signal.SIGTERM) is before
    last = json.loads(call("runs", "--store", store, "--format", "json").stdout)[0]
    assert (last["outcome"], last["error"]) == ("failed", f"Stopped by {number.name}.")
    assert refresh(store, url).exit_code == 0


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_told(
    store: Path, url: str, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refusing(*args: Any, **kwargs: Any) -> Any:
        raise OSError(code, os.strerror(code), str(store / "lock"))

    monkeypatch.setattr("kg.store_lock.open", refusing, raising=False)
    for command in (["rollback"], ["refresh", "--registry", url]):
        result = call(*command, "--store", store)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)  # and no traceback
        assert os.strerror(code) in result.stderr


def test_tables_are_for_people(store: Path, url: str) -> None:
    result = call("refresh", "--store", store, "--registry", url, "--everything")
    assert result.exit_code == 0
    assert "2026" in call("runs", "--store", store).stdout
