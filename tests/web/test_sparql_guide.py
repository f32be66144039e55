"""The guide's examples run as they stand, but for the port."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from kg.build import build
from kg.sparql.functions import SIGNATURES
from kg.sparql.limits import QueryLimits
from kg.store import Store
from tests.conftest import ROOT, WordEncoder
from tests.web.endpoint import asking, endpoint, raw

GUIDE = (ROOT / "docs/sparql.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", GUIDE, re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> Iterator[int]:
    """An endpoint over a few real trials, among them the one that the guide asks for."""
    folder: Path = tmp_path_factory.mktemp("guide")
    source = folder / "some.ndjson"

    with gzip.open(ROOT / "data/msc_trials.ndjson.gz", "rt", encoding="utf-8") as lines:
        chosen = [
            line for place, line in enumerate(lines) if not place % 40 or "NCT04356287" in line
        ]
    source.write_text("".join(chosen), "utf-8")
    store = Store(folder / "store")
    build(store, [source], word_encoder)
    with endpoint(store) as found:
        yield found


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("commands", blocks("sh"))
def test_commands_run(port: int, commands: str) -> None:
    text = commands.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("curl ", "curl -sS -f ")
    found = subprocess.run(["sh", "-ec", text], capture_output=True, check=True, text=True)
    assert found.stderr == ""
    assert len(found.stdout.splitlines()) > 1


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(port: int, code: str) -> None:
    exec(compile(code.replace("127.0.0.1:8000", f"127.0.0.1:{port}"), "guide", "exec"), {})


@pytest.mark.parametrize("query", blocks("sparql"))
def test_queries_have_rows(port: int, query: str) -> None:
    received = raw(port, asking(query, "Accept: application/sparql-results+json"))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), received
    assert json.loads(body)["results"]["bindings"]


def test_the_shown_error_is_the_one_that_comes(port: int) -> None:
    (shown,) = blocks("json")
    received = raw(port, asking("ASK { ?s ?p }"))
    assert json.loads(received.partition(b"\r\n\r\n")[2]) == json.loads(shown)


def test_there_are_examples_of_every_kind() -> None:
    counts = {name: len(blocks(name)) for name in ("sh", "python", "sparql", "json")}
    assert counts == {"sh": 3, "python": 2, "sparql": 4, "json": 1}


def test_every_setting_and_function_is_told_with_its_default() -> None:
    table = GUIDE.partition("## Limits")[2].partition("\n\nThey are")[0]
    for setting in fields(QueryLimits):
        assert f"`{setting.name}`" in table, setting.name
    limits = QueryLimits()
    assert f"| {limits.deadline_s:g} s |" in table
    assert f"| {limits.max_rows:,} |" in table
    assert f"| {limits.max_bytes // 10**6} MB |" in table
    assert f"| {limits.waiting_per_client}, {limits.waiting} |" in table
    for signature in SIGNATURES:
        assert f"`tk:{signature.name}(" in GUIDE
