"""`offer` and `pull` as a scheduler and a person call them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg.store import Store
from tests.kg.replicas.conftest import publish_again
from trialkin import main


@pytest.fixture
def origin(tiny_store: Store, tmp_path: Path) -> Path:
    shutil.copytree(tiny_store.path, tmp_path / "origin")
    return tmp_path / "origin"


def call(*args: Any) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def offer(origin: Path) -> dict[str, Any]:
    result = call("offer", "--store", origin, "--format", "json")
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_a_pull_says_what_it_did(origin: Path, tmp_path: Path) -> None:
    offered = offer(origin)
    replica = tmp_path / "replica"
    result = call("pull", origin, "--store", replica, "--format", "json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["outcome"] == "published"
    assert said["origin"] == str(origin)
    assert (said["generation"], said["files"], said["bytes"]) == (
        offered["generation"], offered["files"], offered["size"],
    )  # fmt: skip
    again = call("pull", origin, "--store", replica, "--format", "json")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["outcome"] == "unchanged"
    assert "NCT90000001" in call("show", "NCT90000001", "--store", replica).stdout


def test_tables_are_for_people(origin: Path, tmp_path: Path) -> None:
    assert "Generation 1 is offered" in call("offer", "--store", origin).stdout
    args = ("pull", origin, "--store", tmp_path / "replica")
    assert "would be published" in call(*args, "--dry-run").stdout
    assert "Generation 1 is published" in call(*args).stdout
    assert "Nothing has changed" in call(*args).stdout


def test_a_replica_moves_between_generations(origin: Path, tmp_path: Path) -> None:
    offer(origin)
    replica = tmp_path / "replica"
    args = ("pull", origin, "--store", replica, "--keep", "0")
    assert call(*args).exit_code == 0
    publish_again(Store(origin))
    assert call(*args, "--generation", "1").exit_code == 0
    assert Store(replica).published_number() == 1
    assert call(*args).exit_code == 0
    assert Store(replica).generation_numbers() == [2]


def test_what_fails_is_exit_code_1_and_one_line(origin: Path, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    for args in (("pull", origin), ("pull", tmp_path / "nothing"), ("offer",)):
        result = call(*args, "--store", replica)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert len(result.stderr.strip().splitlines()) == 1
    assert "trialkin offer" in call("pull", origin, "--store", replica).stderr
    assert not replica.exists()


def test_a_store_made_here_needs_force(origin: Path, tmp_path: Path, tiny_store: Store) -> None:
    shutil.copytree(tiny_store.path, tmp_path / "own")
    publish_again(Store(origin))
    offer(origin)
    refused = call("pull", origin, "--store", tmp_path / "own")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert call("pull", origin, "--store", tmp_path / "own", "--force").exit_code == 0
    assert Store(tmp_path / "own").published_number() == 2


def test_another_writer_is_exit_code_75(origin: Path, tmp_path: Path) -> None:
    offer(origin)
    store = Store(tmp_path / "replica")
    with store.lock():
        result = call("pull", origin, "--store", store.path)
    assert result.exit_code == 75
    assert "being written" in result.stderr


@pytest.mark.parametrize(
    "args",
    [["pull"], ["pull", "http://"], ["pull", "http://h/?a=b"], ["pull", "nonsense://x"],
     ["pull", "x", "--generation", "0"], ["pull", "x", "--keep", "-1"], ["offer", "x"]],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(origin: Path, args: list[str]) -> None:
    assert call(*args, "--store", origin).exit_code == 2


def test_an_offer_can_be_withdrawn(origin: Path, tmp_path: Path) -> None:
    offer(origin)
    result = call("offer", "--stop", "--store", origin)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert call("pull", origin, "--store", tmp_path / "replica").exit_code == 1
