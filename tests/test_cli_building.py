"""`build`, `train`, and the way of a curator's corrections from one build to the next."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import similarity.encoders
from kg.store import Store
from tests.conftest import ROOT, WordEncoder
from trialkin import main

GOLDEN = ROOT / "tests/kg/golden"


@pytest.fixture
def words(word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every build use the encoder that needs no model."""
    monkeypatch.setattr(similarity.encoders, "load_encoder", lambda name: word_encoder)


@pytest.mark.usefixtures("words")
def test_build_counts_and_exit_codes(tmp_path: Path) -> None:
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


@pytest.mark.usefixtures("words")
def test_of_the_stored_kin_some_may_stand_in_the_graph(tmp_path: Path) -> None:
    sources = [
        str(GOLDEN / f"{name}.json") for name in ("no_condition", "observational", "withdrawn")
    ]
    store = ["--store", str(tmp_path / "store")]
    built = CliRunner().invoke(main, ["build", *sources, "--graph-kin", "1", *store])
    assert built.exit_code == 0, built.output
    ask = "SELECT (COUNT(*) AS ?links) { ?link a tk:Kin }"
    counted = CliRunner().invoke(main, ["sparql", ask, "--format", "csv", *store])
    assert counted.stdout.split() == ["links", "3"]
    related = CliRunner().invoke(main, ["related", "NCT90000006", "--format", "json", *store])
    assert len(json.loads(related.stdout)["kin"]) == 2  # of which one is not in the graph
    told = CliRunner().invoke(main, ["status", *store])
    assert "graph kin" in told.stdout
    too_many = CliRunner().invoke(main, ["build", *sources, "--graph-kin", "21", *store])
    assert too_many.exit_code == 2


@pytest.mark.usefixtures("words")
def test_a_curator_reviews_and_the_next_build_honours_it(run_cli: Any, tmp_path: Path) -> None:
    table = tmp_path / "review.csv"
    assert run_cli("facts", "--all", "--review", str(table)).exit_code == 0
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


@pytest.mark.parametrize(("format_", "code"), [("jsonl", 2), ("table", 2), ("csv", 0)])
def test_a_review_is_csv_and_nothing_else(
    run_cli: Any, tmp_path: Path, format_: str, code: int
) -> None:
    table = tmp_path / "review.csv"
    result = run_cli("facts", "--all", "--review", str(table), "--format", format_)
    assert result.exit_code == code
    assert table.exists() == (code == 0)
    assert code == 0 or "--review writes CSV" in result.stderr


@pytest.mark.usefixtures("words")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nct_id,field,actoin,value,note,curator\n", "line 1: no column action"),
        ("", "line 1: no column nct_id"),
        ("nct_id,field,action,value,note,curator\nNCT90000001,routes,add,oral,a, b,me\n",
         "line 2: more cells than the 6 columns"),
        ("nct_id,field,action,value,note,curator\nNCT9000001,routes,add,oral,,me\n",
         "line 2: 'NCT9000001' is not an NCT id"),
    ],
)  # fmt: skip
def test_corrections_that_are_wrong_are_named_by_line(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "corrections.csv"
    file.write_text(text)
    store = tmp_path / "store"
    source = str(GOLDEN / "no_condition.json")
    arguments = ["build", source, "--corrections", str(file), "--store", str(store)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not store.exists()


def test_train_names_the_line_that_is_wrong(run_cli: Any, tmp_path: Path) -> None:
    texts = tmp_path / "texts.ndjson"
    texts.write_text('{"title": "A", "summary": "B", "description": "C"}\n{ no json\n')
    result = run_cli("train", str(texts), str(tmp_path / "model"))
    assert result.exit_code == 1
    assert f"{texts}, line 2: no JSON" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["show", "NCT90000001"], ["related", "NCT90000001"], ["search", "cord"],
     ["sparql", "ASK {}"], ["facts", "NCT90000001"],
     ["graph", "path", "NCT90000001", "NCT90000013"]],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_commands_that_read_import_no_heavy_library(
    tiny_store: Store, arguments: list[str]
) -> None:
    heavy = (
        "torch", "sentence_transformers", "transformers", "sklearn", "scipy", "rdflib", "flask",
        "networkx",
    )  # fmt: skip
    program = f"""
import sys
from trialkin import main
try:
    main({[*arguments, "--store", str(tiny_store.path)]!r})
except SystemExit as stop:
    code = stop.code
found = [name for name in {heavy!r} if name in sys.modules]
sys.exit(f"imported: {{found}}" if found else code)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
