"""Every shipped query is described, parses in two engines and gives the rows on record."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from rdflib.plugins.sparql import prepareQuery

from kg.mapping.kin_mapping import MAIN_SHARE
from kg.sparql.examples import query_example
from kg.sparql.policy import check_query
from kg.sparql.pool import QueryPool
from kg.store import Store
from ontology.vocabulary import PREFIXES, TK

FOLDER = Path(str(files("kg.queries")))
QUERIES = sorted(FOLDER.glob("*.rq"))
GOLDEN = Path(__file__).parent / "golden_queries"


@pytest.fixture(scope="module")
def pool(tiny_store: Store) -> Iterator[QueryPool]:
    with QueryPool(tiny_store.published().graph_path, workers=1) as opened:
        yield opened


def test_there_are_enough_questions() -> None:
    assert len(QUERIES) >= 15


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_each_is_described_and_parses(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = text.splitlines()
    assert re.fullmatch(r"# title: \S.{5,80}", lines[0])
    assert re.fullmatch(r"# theme: \S.+", lines[1])
    example = query_example(path.stem)
    assert example is not None
    # Shown beside its title: what the answer holds, not how the query is written.
    assert re.fullmatch(r"[A-Z].{20,198}\.", example.comment)
    assert "sub-select" not in example.comment
    assert all(said in text.replace("\n# ", " ") for said in (example.comment, example.title))
    assert check_query(text).form in ("SELECT", "CONSTRUCT")
    prepareQuery(text, initNs=PREFIXES)
    for term in re.findall(r"\btk:(\w+)", text):
        assert term in TK, term


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_each_gives_the_rows_on_record(path: Path, pool: QueryPool, update_golden: bool) -> None:
    query = path.read_text("utf-8").replace("NCT04356287", "NCT90000001")
    query = query.replace("multiple_sclerosis", "systemic_sclerosis")
    answer = pool.run(query, select_format="csv", graph_format="ntriples")
    rows = answer.body.decode().splitlines()
    if answer.form == "CONSTRUCT":
        rows.sort()
    golden = GOLDEN / f"{path.stem}.csv"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text("\n".join(rows) + "\n", "utf-8")
    expected = golden.read_text("utf-8").splitlines()
    assert len(expected) > 1, "the golden records hold nothing that this query finds"
    assert rows == expected, "\n".join(difflib.unified_diff(expected, rows, "golden", "now"))


def test_a_link_is_said_to_hold_the_shares_that_it_holds() -> None:
    example = query_example("kin_of_trial")
    assert example is not None
    assert MAIN_SHARE == 0.1
    assert "each facet that adds at least a tenth of the score" in example.comment


def test_what_each_takes_is_told() -> None:
    told = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text("utf-8")
    section = told.split("## Shipped queries")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    assert {name for row in rows for name in re.findall(r"[a-z]+(?:_[a-z]+)+|[a-z]{5,}", row)} >= {
        path.stem for path in QUERIES
    }


def test_every_golden_file_belongs_to_a_query() -> None:
    assert {path.stem for path in GOLDEN.glob("*.csv")} == {path.stem for path in QUERIES}
