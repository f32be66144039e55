"""`kg.open_store`: the guide runs, the graph cannot be changed, queries are Oxigraph's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib

import kg
from kg.store import Store
from ontology.errors import StoreError
from tests.conftest import ROOT

GUIDE = ROOT / "docs/python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) >= 9


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_guide_runs(
    example: str, tiny_store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    program = example.replace('"store"', repr(str(tiny_store.path)))
    program = program.replace("NCT04356287", "NCT90000001")
    exec(compile(program, str(GUIDE), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out.strip()


def test_prefixes_are_bound_and_the_default_graph_is_the_union(tiny_store: Store) -> None:
    graph = kg.open_store(tiny_store.path)
    assert graph.namespace_manager.compute_qname(
        "https://w3id.org/trialkin/ontology#nctId"
    )[0] == "tk"  # fmt: skip
    rows = list(graph.query("SELECT ?id { ?t tk:nctId ?id ; a tk:ObservationalTrial }"))
    assert [str(row[0]) for row in rows] == ["NCT90000002"]
    by_graph = list(graph.query("SELECT ?g { GRAPH ?g { ?t tk:acronym ?a } }"))
    assert str(by_graph[0][0]).endswith("/graph/trial/NCT90000001")


def test_the_graph_cannot_be_changed(tiny_store: Store) -> None:
    graph = kg.open_store(tiny_store.path)
    node = rdflib.URIRef("http://example.org/x")
    with pytest.raises(RuntimeError):
        graph.add((node, node, node))


def test_a_folder_without_a_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="trialkin build"):
        kg.open_store(tmp_path)


def test_unknown_attributes_of_the_package_are_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'closed_store'"):
        _ = kg.closed_store
