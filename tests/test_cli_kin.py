"""`related`: other ways to ask than by one id, and what bends the list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import kg.asking
from kg.commands.options import PHASES, STATUSES
from kg.store import Store
from similarity.features import FACETS
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


def kin_rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    rows: list[dict[str, Any]] = json.loads(result.stdout)["kin"]
    return rows


def kin(result: Result) -> list[str]:
    return [row["nct_id"] for row in kin_rows(result)]


def test_json_and_csv_agree(run: Any) -> None:
    rows = kin_rows(run("NCT90000001", "-k", "3", "--format", "json"))
    assert [row["rank"] for row in rows] == [1, 2, 3]
    for row in rows:
        assert sum(row["contributions"].values()) == pytest.approx(row["score"], abs=1e-4)
        assert row["reason"]
    lines = run("NCT90000001", "-k", "3", "--format", "csv").stdout.splitlines()
    assert lines[0] == "query_nct_id,rank,nct_id,score,title,reason"
    assert [line.split(",")[2] for line in lines[1:]] == [row["nct_id"] for row in rows]


def test_all_as_trec_is_a_run_of_every_trial(run: Any) -> None:
    result = run("--all", "-k", "5", "--format", "trec")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert len(lines) == 14 * 5
    assert {len(line) for line in lines} == {6}
    assert all(query != kin for query, _, kin, *_ in lines)
    assert [int(line[3]) for line in lines] == [1, 2, 3, 4, 5] * 14


def test_all_as_json_is_one_list_of_the_same_rows(run: Any) -> None:
    rows = json.loads(run("--all", "-k", "2", "--format", "json").stdout)
    assert len(rows) == 14 * 2
    own = kin_rows(run("NCT90000001", "-k", "2", "--format", "json"))
    assert [row for row in rows if row["query_nct_id"] == "NCT90000001"] == own


def test_kin_of_a_text_from_a_file_and_from_standard_input(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "synopsis.txt"
    file.write_text(SYNOPSIS)
    from_file = kin(run("--text", str(file), "-k", "3", "--format", "json"))
    assert set(from_file[:2]) == {"NCT90000001", "NCT90000013"}
    piped = run("--text", "-", "-k", "3", "--format", "json", input=SYNOPSIS)
    assert kin(piped) == from_file


def test_what_was_recognised_in_a_text_is_told(run: Any) -> None:
    said = json.loads(run("--text", "-", "--format", "json", input=SYNOPSIS).stdout)
    assert said["recognised"]["conditions"] == ["systemic sclerosis"]
    assert said["recognised"]["cell_sources"] == ["umbilical_cord"]
    assert said["recognised"]["routes"] == ["intravenous"]
    assert said["recognised"]["passage"] == []
    assert said["relations"] == []
    table = run("--text", "-", input=SYNOPSIS)
    (line,) = table.stderr.splitlines()
    assert line.startswith("Recognised: conditions: systemic sclerosis | ")
    assert "routes: intravenous" in line
    assert "passage" not in line


@pytest.mark.parametrize("format_", ["table", "json", "csv", "trec"])
def test_a_text_in_which_nothing_was_recognised_gives_a_warning(run: Any, format_: str) -> None:
    text = "A study of the patients who were treated in the hospital for some weeks"
    result = run("--text", "-", "--format", format_, input=text)
    assert result.exit_code == 0, result.stderr
    assert "no condition, cells or route was recognised" in result.stderr


def test_kin_of_a_record_leave_out_the_trial_itself(run: Any) -> None:
    record = GOLDEN / "same_disease_and_route.json"
    result = run("--record", str(record), "-k", "2", "--format", "json")
    assert kin(result)[0] == "NCT90000001"
    assert "NCT90000013" not in kin(result)
    assert json.loads(result.stdout)["query_nct_id"] == "NCT90000013"
    assert result.stderr == ""


def test_of_several_records_the_first_is_asked_about(run: Any, tmp_path: Path) -> None:
    first, second = (
        (GOLDEN / name).read_text("utf-8").replace("\n", "")
        for name in ("same_disease_and_route.json", "withdrawn.json")
    )
    file = tmp_path / "two.ndjson"
    file.write_text(f"{{ no json\n{first}\n{second}\n")
    result = run("--record", str(file), "-k", "2", "--format", "json")
    assert json.loads(result.stdout)["query_nct_id"] == "NCT90000013"
    assert "holds more records; these are the kin of the first, NCT90000013" in result.stderr
    file.write_text("{ no json\n")
    result = run("--record", str(file))
    assert result.exit_code == 1
    assert "no readable record" in result.stderr
    assert "line 1" in result.stderr


def test_kin_of_several_together(run: Any) -> None:
    result = run("NCT90000001", "NCT90000013", "-k", "5", "--format", "json")
    assert not {"NCT90000001", "NCT90000013"} & set(kin(result))
    assert len(kin(result)) == 5
    twice = run("NCT90000001", "nct90000001", "-k", "5", "--format", "json")
    assert twice.stdout == run("NCT90000001", "-k", "5", "--format", "json").stdout


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--status", "terminated"], ["NCT90000013"]),
        (["--route", "intravenous", "--phase", "phase2"], ["NCT90000013"]),
        (["--country", "Canada"], ["NCT90000013"]),
        (["--source", "umbilical_cord"], ["NCT90000013", "NCT90000007"]),
        (["--source", "umbilical_cord", "--status", "RECRUITING"], []),
        (["--source", "Umbilical Cord"], ["NCT90000013", "NCT90000007"]),
        (["--route", "IV", "--phase", "phase2"], ["NCT90000013"]),
    ],
)
def test_filters_choose_among_all_trials(run: Any, filters: list[str], expected: list[str]) -> None:
    assert kin(run("NCT90000001", *filters, "--format", "json")) == expected


def test_weights_bend_the_list(run: Any) -> None:
    plain = kin_rows(run("NCT90000001", "--format", "json"))
    bent = kin_rows(
        run("NCT90000001", "--weight", "condition=0", "--weight", "route=3", "--format", "json")
    )
    assert any(row["contributions"].get("condition", 0) > 0 for row in plain)
    assert all(row["contributions"].get("condition", 0) == 0 for row in bent)
    assert [row["score"] for row in bent] != [row["score"] for row in plain]


def test_diversity_chooses_among_more_and_keeps_the_closest(run: Any) -> None:
    plain = kin_rows(run("NCT90000001", "-k", "4", "--format", "json"))
    varied = kin_rows(run("NCT90000001", "-k", "4", "--diversity", "1", "--format", "json"))
    assert varied[0]["nct_id"] == plain[0]["nct_id"]
    assert [row["rank"] for row in varied] == [1, 2, 3, 4]
    # At 1 the other three are those least like what was chosen, so further from the query.
    assert sum(row["score"] for row in varied) < sum(row["score"] for row in plain)
    assert kin(run("NCT90000001", "-k", "4", "--diversity", "0", "--format", "json")) == [
        row["nct_id"] for row in plain
    ]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], ["Give one of these: NCT ids"]),
        (["NCT90000001", "--all"], ["Give one of these: NCT ids"]),
        (["foo"], ["'foo' is not an NCT id"]),
        (["NCT90000001", "--weight", "bogus"], ["FACET=TIMES", *FACETS]),
        (["NCT90000001", "--weight", "bogus=2"], ["'bogus'", *FACETS]),
        (["NCT90000001", "--weight", "route=-1"], ["route", "-1"]),
        (["NCT90000001", "--route", "bogus"], ["'bogus'", "intravenous", "intrathecal"]),
        (["NCT90000001", "--source", "bogus"], ["'bogus'", "umbilical_cord"]),
        (["NCT90000001", "--status", "bogus"], ["'bogus'", *map(str.lower, STATUSES)]),
        (["NCT90000001", "--phase", "4"], ["'4'", *map(str.lower, PHASES)]),
        (["NCT90000001", "--country", "Atlantis"], ["Atlantis", "Canada"]),
    ],
)
def test_a_value_that_cannot_be_is_wrong_usage_and_those_that_can_are_named(
    run: Any, arguments: list[str], named: list[str]
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [name for name in named if name not in result.stderr] == []


@pytest.mark.parametrize("text", ["", "  \n", "Исследование клеток пуповины при склеродермии"])
def test_what_is_no_english_text_is_refused(run: Any, text: str) -> None:
    result = run("--text", "-", input=text)
    assert result.exit_code == 1
    assert "English" in result.stderr or "empty" in result.stderr


def test_a_text_file_that_is_not_there_is_named(run: Any) -> None:
    result = run("--text", "none.txt")
    assert result.exit_code == 1
    assert "none.txt cannot be read" in result.stderr


def test_vectors_of_another_encoder_are_refused(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(WordEncoder):
        fingerprint = "1" * 64

    monkeypatch.setattr(kg.asking, "load_encoder", lambda name: Other())
    result = run("--text", "-", input=SYNOPSIS)
    assert result.exit_code == 1
    assert "built with" in result.stderr


def test_far_kin_are_said_to_be_far(run: Any) -> None:
    close = run("NCT90000001", "-k", "1")
    assert "no close kin" not in close.stderr
    text = "The team of the school wins a game of football and the players sing in the bus."
    far = run("--text", "-", "-k", "1", "--format", "json", input=text)
    assert kin_rows(far)[0]["score"] < 0.3
    assert "no close kin" in far.stderr


def test_evaluate_tells_of_each_query_and_of_each_facet(run_cli: Any, tmp_path: Path) -> None:
    qrels = tmp_path / "judged.qrels"
    judged = {
        "NCT90000001": {"NCT90000002": 3, "NCT90000003": 1, "NCT90000006": 0},
        "NCT90000002": {"NCT90000001": 3, "NCT90000004": 0, "NCT90000005": 1},
        "NCT90000003": {"NCT90000001": 1, "NCT90000002": 2, "NCT90000007": 0},
    }
    qrels.write_text(
        "".join(f"{q} 0 {d} {grade}\n" for q, found in judged.items() for d, grade in found.items())
    )
    printed = run_cli("evaluate", str(qrels), "--by-query")
    assert printed.exit_code == 0, printed.stderr
    per_query = printed.stdout.split("\n\n")[-1].splitlines()
    assert [line.split()[0] for line in per_query[1:4]] == sorted(judged)
    plain = json.loads(run_cli("evaluate", str(qrels), "--format", "json").stdout)
    cut = run_cli("evaluate", str(qrels), "--ablations", "facet", "--format", "json")
    names = [result["name"] for result in json.loads(cut.stdout)]
    assert names[: len(plain)] == [result["name"] for result in plain]
    assert {f"without {facet}" for facet in ("condition", "route")} <= set(names)
