"""`related`: other ways to ask than by one id, and what bends the list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import kg.asking
from kg.store import Store
from tests.conftest import ROOT, WordEncoder
from trialkin import main

GOLDEN = ROOT / "tests/kg/golden"
SYNOPSIS = "Umbilical cord cells in systemic sclerosis\nIntravenous infusion of allogeneic cells."


@pytest.fixture
def run(tiny_store: Store, word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(kg.asking, "load_encoder", lambda name: word_encoder)

    def invoke(*arguments: str, **more: Any) -> Result:
        command = ["related", *arguments, "--store", str(tiny_store.path)]
        return CliRunner().invoke(main, command, **more)

    return invoke


def kin(result: Result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [row["nct_id"] for row in json.loads(result.stdout)]


def test_kin_of_a_text_from_a_file_and_from_standard_input(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "synopsis.txt"
    file.write_text(SYNOPSIS)
    from_file = kin(run("--text", str(file), "-k", "3", "--format", "json"))
    assert set(from_file[:2]) == {"NCT90000001", "NCT90000013"}
    piped = run("--text", "-", "-k", "3", "--format", "json", input=SYNOPSIS)
    assert kin(piped) == from_file


def test_kin_of_a_record_leave_out_the_trial_itself(run: Any) -> None:
    record = GOLDEN / "same_disease_and_route.json"
    found = kin(run("--record", str(record), "-k", "2", "--format", "json"))
    assert found[0] == "NCT90000001"
    assert "NCT90000013" not in found


def test_kin_of_several_together(run: Any) -> None:
    found = kin(run("NCT90000001", "NCT90000013", "-k", "5", "--format", "json"))
    assert not {"NCT90000001", "NCT90000013"} & set(found)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--status", "terminated"], ["NCT90000013"]),
        (["--route", "intravenous", "--phase", "PHASE2"], ["NCT90000013"]),
        (["--country", "Canada"], ["NCT90000013"]),
        (["--source", "umbilical_cord"], ["NCT90000013", "NCT90000007"]),
        (["--source", "umbilical_cord", "--status", "RECRUITING"], []),
    ],
)
def test_filters_choose_among_all_trials(run: Any, filters: list[str], expected: list[str]) -> None:
    assert kin(run("NCT90000001", *filters, "--format", "json")) == expected


def test_weights_and_diversity_bend_the_list(run: Any) -> None:
    plain = json.loads(run("NCT90000001", "--format", "json").stdout)
    without = run(
        "NCT90000001", "--weight", "condition=0", "--weight", "text=0", "--format", "json"
    )
    assert json.loads(without.stdout)[0]["contributions"].get("condition", 0) == 0
    varied = kin(run("NCT90000001", "--diversity", "1", "--format", "json"))
    assert varied[0] == plain[0]["nct_id"]
    assert set(varied) != {row["nct_id"] for row in plain} or varied != [
        row["nct_id"] for row in plain
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Give NCT ids"),
        (["NCT90000001", "--all"], 2, "Give NCT ids"),
        (["NCT90000001", "--weight", "route"], 2, "FACET=TIMES"),
        (["NCT90000001", "--weight", "nose=2"], 1, "Unknown facet 'nose'"),
        (["NCT90000001", "--route", "nose"], 1, "routes has no 'nose'"),
        (["--text", "none.txt"], 1, "none.txt cannot be read"),
    ],
)
def test_wrong_questions_say_what_to_do(
    run: Any, arguments: list[str], code: int, message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.stderr


@pytest.mark.parametrize("text", ["", "  \n", "Исследование клеток пуповины при склеродермии"])
def test_what_is_no_english_text_is_refused(run: Any, text: str) -> None:
    result = run("--text", "-", input=text)
    assert result.exit_code == 1
    assert "English" in result.stderr or "empty" in result.stderr


def test_vectors_of_another_encoder_are_refused(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(WordEncoder):
        fingerprint = "1" * 64

    monkeypatch.setattr(kg.asking, "load_encoder", lambda name: Other())
    result = run("--text", "-", input=SYNOPSIS)
    assert result.exit_code == 1
    assert "built with" in result.stderr
