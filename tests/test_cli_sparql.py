"""`sparql`: from a text, a file and standard input, in every format, refused with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_a_query_comes_from_text_file_and_standard_input(run_cli: Any, tmp_path: Path) -> None:
    query = "SELECT (COUNT(?t) AS ?n) { ?t tk:nctId ?id }"
    file = tmp_path / "count.rq"
    file.write_text(query)
    expected = "n\r\n14\r\n"
    assert run_cli("sparql", query, "--format", "csv").stdout_bytes.decode() == expected
    assert run_cli("sparql", str(file), "--format", "csv").stdout_bytes.decode() == expected
    piped = run_cli("sparql", "-", "--format", "csv", input=query)
    assert piped.stdout_bytes.decode() == expected
    assert "14" in run_cli("sparql", query).stdout
    assert run_cli("sparql", "ASK { ?s tk:nctId ?o }").stdout == "true\n"
    assert run_cli("sparql", "ASK{}").stdout == "true\n"


@pytest.mark.parametrize("name", ["nofile.rq", "queries/none", "/no/such/file.sparql"])
def test_a_file_that_is_not_there_is_named(run_cli: Any, name: str) -> None:
    result = run_cli("sparql", name)
    assert result.exit_code == 2
    assert f"{name} is not there" in result.stderr


def test_a_file_that_is_no_text_is_named(run_cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "binary.rq"
    file.write_bytes(b"\xff\xfe\x00")
    result = run_cli("sparql", str(file))
    assert result.exit_code == 1
    assert f"{file} cannot be read" in result.stderr
    assert run_cli("sparql", "-", input=b"\xff").exit_code == 1


@pytest.mark.parametrize(
    ("query", "arguments", "message"),
    [
        ("SELECT * {", [], "not SPARQL"),
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", [], "SERVICE"),
        ("SELECT * { ?s ?p ?o }", ["--format", "turtle"], "cannot be turtle"),
        ("CONSTRUCT WHERE { ?s tk:nctId ?o }", ["--format", "csv"], "cannot be csv"),
        ("SELECT * { ?s tk:nctId ?o }", ["--max-rows", "2"], "cut after 2 rows"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
         ["--timeout", "0.5"], "stopped after 0.5 s"),
    ],
)  # fmt: skip
def test_a_query_that_fails_says_why(
    run_cli: Any, query: str, arguments: list[str], message: str
) -> None:
    result = run_cli("sparql", query, *arguments)
    assert result.exit_code == 1
    assert message in result.stderr


def test_construct_as_turtle(run_cli: Any) -> None:
    query = "CONSTRUCT WHERE { ?s tk:acronym ?o }"
    assert 'tk:acronym "CORD-SSc"' in run_cli("sparql", query).stdout
