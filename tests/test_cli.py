"""The command line is a contract: formats, exit codes, where output goes, what it imports."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import similarity.encoders
from kg.store import Store
from tests.conftest import ROOT, WordEncoder
from trialkin import main

GOLDEN = ROOT / "tests/kg/golden"
COMMANDS = (
    "build", "evaluate", "export", "facts", "related", "search", "serve", "show", "sparql",
    "status", "train", "validate",
)  # fmt: skip


@pytest.fixture
def run(tiny_store: Store) -> Any:
    def invoke(*arguments: str, store: Path = tiny_store.path, **more: Any) -> Result:
        return CliRunner().invoke(main, [*arguments, "--store", str(store)], **more)

    return invoke


def test_every_command_has_help_and_a_store() -> None:
    shown = CliRunner().invoke(main, ["--help"]).stdout
    for command in COMMANDS:
        assert command in shown
        result = CliRunner().invoke(main, [command, "--help"])
        assert result.exit_code == 0
        assert "--store" in result.stdout
        assert "TRIALKIN_STORE" in result.stdout


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert sorted(main.commands) == sorted(COMMANDS)
    for command in COMMANDS:
        assert f"trialkin {command}" in readme


def test_related_as_json_and_csv_agree(run: Any) -> None:
    as_json = run("related", "NCT90000001", "-k", "3", "--format", "json")
    assert as_json.exit_code == 0
    rows = json.loads(as_json.stdout)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    for row in rows:
        assert sum(row["contributions"].values()) == pytest.approx(row["score"], abs=1e-4)
        assert row["reason"]
    as_csv = run("related", "NCT90000001", "-k", "3", "--format", "csv").stdout
    assert [row["nct_id"] for row in csv.DictReader(io.StringIO(as_csv))] == [
        row["nct_id"] for row in rows
    ]


def test_related_all_as_trec_is_a_run_of_every_trial(run: Any) -> None:
    result = run("related", "--all", "-k", "5", "--format", "trec")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert len(lines) == 14 * 5
    assert {len(line) for line in lines} == {6}
    assert all(query != kin for query, _, kin, *_ in lines)
    ranks = [int(line[3]) for line in lines]
    assert ranks == [1, 2, 3, 4, 5] * 14


def test_the_readers_of_one_trial_take_any_spelling_of_an_id(run: Any) -> None:
    for command in ("related", "facts", "show"):
        assert run(command, "nct90000001").exit_code == 0


@pytest.mark.parametrize("command", ["related", "facts", "show"])
def test_an_unknown_id_fails_and_names_the_nearest(run: Any, command: str) -> None:
    result = run(command, "NCT90000091")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "NCT90000091 is not in this graph" in result.stderr
    assert "NCT90000001" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["related"], ["related", "NCT90000001", "--all"], ["facts"], ["show"], ["sparql"],
     ["related", "NCT90000001", "-k", "0"], ["status", "--format", "yaml"], ["nonsense"]],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(run: Any, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_facts_have_every_field_and_all_trials(run: Any) -> None:
    rows = [
        json.loads(line) for line in run("facts", "--all", "--format", "jsonl").stdout.splitlines()
    ]
    assert [row["nct_id"] for row in rows] == [f"NCT900000{n:02d}" for n in range(1, 15)]
    for row in rows:
        for field in ("cell_sources", "cell_types", "donor", "routes", "dose_per_kg", "passage"):
            assert isinstance(row[field], list)
    assert rows[0]["cell_sources"] == ["umbilical_cord"]
    assert rows[0]["routes"] == ["intravenous"]
    assert rows[0]["donor"] == []  # eligibility criteria speak of another, autologous, treatment
    table = run("facts", "NCT90000002").stdout
    assert "not stated" in table


def test_show_and_search(run: Any) -> None:
    assert "CORD-SSc" in run("show", "NCT90000001").stdout
    record = json.loads(run("show", "NCT90000001", "--format", "json").stdout)
    assert record["protocolSection"]["identificationModule"]["acronym"] == "CORD-SSc"
    found = json.loads(run("search", "cord", "sclerosis", "--format", "json").stdout)
    assert found[0]["nct_id"] == "NCT90000001"
    nothing = run("search", "xyzzy")
    assert (nothing.exit_code, nothing.stdout) == (0, "")


def test_sparql_from_text_file_and_standard_input(run: Any, tmp_path: Path) -> None:
    query = "SELECT (COUNT(?t) AS ?n) { ?t tk:nctId ?id }"
    file = tmp_path / "count.rq"
    file.write_text(query)
    expected = "n\r\n14\r\n"
    assert run("sparql", query, "--format", "csv").stdout_bytes.decode() == expected
    assert run("sparql", str(file), "--format", "csv").stdout_bytes.decode() == expected
    assert run("sparql", "-", "--format", "csv", input=query).stdout_bytes.decode() == expected
    assert "14" in run("sparql", query).stdout
    assert run("sparql", "ASK { ?s tk:nctId ?o }").stdout == "true\n"


@pytest.mark.parametrize(
    ("query", "arguments", "message"),
    [
        ("SELECT * {", [], "expected"),
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", [], "SERVICE"),
        ("SELECT * { ?s ?p ?o }", ["--format", "turtle"], "cannot be turtle"),
        ("CONSTRUCT WHERE { ?s tk:nctId ?o }", ["--format", "csv"], "cannot be csv"),
        ("SELECT * { ?s tk:nctId ?o }", ["--max-rows", "2"], "cut after 2 rows"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
         ["--timeout", "0.5"], "stopped after 0.5 s"),
    ],
)  # fmt: skip
def test_sparql_that_fails_says_why(
    run: Any, query: str, arguments: list[str], message: str
) -> None:
    result = run("sparql", query, *arguments)
    assert result.exit_code == 1
    assert message in result.stderr


def test_construct_as_turtle(run: Any) -> None:
    query = "CONSTRUCT WHERE { ?s tk:acronym ?o }"
    assert 'tk:acronym "CORD-SSc"' in run("sparql", query).stdout


@pytest.mark.parametrize("format_", ["nquads", "trig", "jsonld"])
def test_export_holds_the_same_quads_in_every_format(
    run: Any, tmp_path: Path, tiny_store: Store, format_: str
) -> None:
    import pyoxigraph as ox

    file = tmp_path / "graph.out"
    formats = {
        "nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "jsonld": ox.RdfFormat.JSON_LD
    }  # fmt: skip
    result = run("export", str(file), "--format", format_)
    assert result.exit_code == 0, result.stderr
    quads = set(ox.parse(file.read_bytes(), format=formats[format_]))
    assert quads == set(tiny_store.published().read_graph())


def test_export_is_sorted_and_leaves_out_runs(run: Any, tmp_path: Path) -> None:
    whole, without = tmp_path / "whole.nq", tmp_path / "without.nq"
    run("export", str(whole))
    run("export", str(without), "--without-runs")
    lines = without.read_bytes().splitlines()
    assert lines == sorted(lines)
    left_out = set(whole.read_bytes().splitlines()) - set(lines)
    assert left_out
    assert all(b"/graph/runs>" in line for line in left_out)
    assert run("export", "-", "--without-runs").stdout_bytes == without.read_bytes()


def test_export_to_a_place_that_cannot_be_written_fails(run: Any, tmp_path: Path) -> None:
    result = run("export", str(tmp_path / "none" / "graph.nq"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_status(run: Any) -> None:
    said = json.loads(run("status", "--format", "json").stdout)
    assert said["counts"]["trials"] == 14
    assert said["encoder"]["name"] == "words"
    assert said["watermark"] == "2022-09-22"
    assert "Generation 1" in run("status").stdout


def test_nothing_built_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["status", "--store", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "trialkin build" in result.stderr


def test_build_counts_and_exit_codes(
    tmp_path: Path, word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity.encoders, "load_encoder", lambda name: word_encoder)
    source = tmp_path / "records.ndjson"
    good = (GOLDEN / "no_condition.json").read_text("utf-8").replace("\n", "")
    source.write_text(f"{good}\n{{ no json\n{good}\n")
    store = ["--store", str(tmp_path / "store")]
    result = CliRunner().invoke(main, ["build", str(source), "--format", "json", *store])
    assert result.exit_code == 1
    assert "33%" in result.stderr
    assert "line 2" in result.stderr
    said = json.loads(result.stdout)
    assert said["counts"]["trials"] == 1
    assert said["repeated"] == ["NCT90000006"]
    lenient = ["build", str(source), "--max-rejected", "0.5", *store]
    assert CliRunner().invoke(main, lenient).exit_code == 0
    missing = CliRunner().invoke(main, ["build", str(tmp_path / "missing"), *store])
    assert missing.exit_code == 1
    assert "missing" in missing.stderr


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["show", "NCT90000001"], ["related", "NCT90000001"], ["search", "cord"],
     ["sparql", "ASK {}"], ["facts", "NCT90000001"]],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_commands_that_read_import_no_heavy_library(
    tiny_store: Store, arguments: list[str]
) -> None:
    heavy = (
        "torch",
        "sentence_transformers",
        "transformers",
        "sklearn",
        "scipy",
        "rdflib",
        "flask",
    )
    program = (
        "import sys; from trialkin import main\n"
        f"try: main({[*arguments, '--store', str(tiny_store.path)]!r})\n"
        f"except SystemExit as end: found = [m for m in {heavy!r} if m in sys.modules]\n"
        "sys.exit(f'imported: {found}' if found or end.code else 0)"
    ).replace("except SystemExit as end: found", "except SystemExit as stop: end = stop; found")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_curator_reviews_and_the_next_build_honours_it(
    run: Any, tmp_path: Path, word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity.encoders, "load_encoder", lambda name: word_encoder)
    table = tmp_path / "review.csv"
    assert run("facts", "--all", "--review", str(table)).exit_code == 0
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    row = next(r for r in rows if (r["nct_id"], r["field"]) == ("NCT90000001", "routes"))
    assert "ntravenous" in row["words"]
    row |= {"correction": "intrathecal", "note": "by the protocol", "curator": "tester"}
    corrected = tmp_path / "corrected.csv"
    with open(corrected, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(row))
        writer.writeheader()
        writer.writerow(row)
    store = ["--store", str(tmp_path / "store")]
    source = str(GOLDEN / "interventional_two_phases.json")
    build = ["build", source, "--corrections", str(corrected), *store]
    assert CliRunner().invoke(main, build).exit_code == 0
    said = CliRunner().invoke(main, ["facts", "NCT90000001", "--format", "jsonl", *store])
    facts = json.loads(said.stdout)
    assert facts["routes"] == ["intrathecal"]
    rules = {fact["rule"] for fact in facts["evidence"] if fact["field"] == "routes"}
    assert rules == {"curated"}
