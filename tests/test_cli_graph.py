"""`graph`, and the typed relations of `related`, on a store of four small related records."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from kg.build import build
from kg.commands.options import MOST_KIN
from kg.shards.links import KIN_STORED
from kg.store import Store
from tests.conftest import ROOT, WordEncoder
from tests.kg.relations.conftest import record

FIRST, FOLLOW_UP, SECOND, FAR = "NCT00000011", "NCT00000012", "NCT00000013", "NCT00000014"
RECORDS = [
    record(
        FIRST,
        title="ABC-123 in multiple sclerosis <b>first</b>",
        org_id="CS10-MSA101",
        interventions=["ABC-123"],
        start="2012",
    ),
    record(
        FOLLOW_UP,
        title="Long-term follow-up study of multiple sclerosis",
        org_id="CS10-MSA101-FU",
        start="2014",
        phases=[],
    ),
    record(
        SECOND,
        title="ABC-123 in multiple sclerosis, second",
        interventions=["ABC-123"],
        phases=["PHASE2"],
        start="2016",
    ),
    record(FAR, title="Knee injections", conditions=["Knee Osteoarthritis"], sponsor="Beta"),
]


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> Path:
    """A store of records that are related."""
    folder = tmp_path_factory.mktemp("family")
    source = folder / "records.ndjson"
    source.write_text("".join(json.dumps(one) + "\n" for one in RECORDS))
    build(Store(folder / "store"), [source], word_encoder)
    return folder / "store"


def said(result: Any) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_relations_stand_apart_from_kin_and_show_their_words(run_cli: Any, family: Path) -> None:
    found = said(run_cli("related", FIRST, "--format", "json", store=family))
    assert found["query_nct_id"] == FIRST
    assert [(one["words"], one["nct_id"]) for one in found["relations"]] == [
        ("extended or followed up by", FOLLOW_UP),
        ("predecessor of", SECOND),
        ("tries the same product as", SECOND),
    ]
    first = found["relations"][0]
    assert (first["kind"], first["direction"]) == ("extension_of", "in")
    assert [one["words"] for one in first["evidence"]] == ["CS10-MSA101-FU", "CS10-MSA101"]
    assert {row["nct_id"] for row in found["kin"]} == {FOLLOW_UP, SECOND, FAR}
    table = run_cli("related", FIRST, store=family).stdout
    assert table.index("Relations:") < table.index("CS10-MSA101-FU") < table.index("Kin:")
    alone = run_cli("related", FAR, store=family).stdout
    assert "Relations:" not in alone


def test_relations_of_several_say_whose_they_are(run_cli: Any, family: Path) -> None:
    found = said(run_cli("related", FIRST, SECOND, "--format", "json", store=family))
    assert {one["query_nct_id"] for one in found["relations"]} == {FIRST, SECOND}
    assert {row["nct_id"] for row in found["kin"]} == {FOLLOW_UP, FAR}


def test_csv_and_trec_hold_kin_alone(run_cli: Any, family: Path) -> None:
    rows = csv.DictReader(
        io.StringIO(run_cli("related", FIRST, "--format", "csv", store=family).stdout)
    )
    assert {row["nct_id"] for row in rows} == {FOLLOW_UP, SECOND, FAR}
    trec = run_cli("related", FIRST, "--format", "trec", store=family).stdout
    assert len(trec.splitlines()) == 3


def test_a_path_gives_the_reason_of_each_step(run_cli: Any, family: Path) -> None:
    (step,) = said(
        run_cli("graph", "path", FOLLOW_UP, FIRST, "-k", "1", "--format", "json", store=family)
    )
    assert (step["from_nct_id"], step["to_nct_id"]) == (FOLLOW_UP, FIRST)
    assert step["relations"] == ["extension or follow-up of"]
    assert step["reason"]
    assert step["distance"] <= 0.2
    steps = said(run_cli("graph", "path", FOLLOW_UP, SECOND, "--format", "json", store=family))
    assert steps[0]["from_nct_id"] == FOLLOW_UP
    assert steps[-1]["to_nct_id"] == SECOND
    assert [one["step"] for one in steps] == list(range(1, len(steps) + 1))
    table = run_cli("graph", "path", FOLLOW_UP, FIRST, store=family)
    assert "extension or follow-up of" in " ".join(table.stdout.split())
    same = run_cli("graph", "path", FIRST, FIRST, store=family)
    assert (same.exit_code, same.stdout) == (0, "")
    assert "same trial" in same.stderr


def test_no_path_is_said(run_cli: Any, tmp_path: Path, word_encoder: WordEncoder) -> None:
    store = tmp_path / "store"
    source = tmp_path / "records.ndjson"
    source.write_text(json.dumps(RECORDS[0]))
    build(Store(store), [source], word_encoder)
    result = run_cli("graph", "path", FIRST, FAR, store=store)
    assert result.exit_code == 1
    assert f"{FAR} is not in this graph. Nearest ids here: {FIRST}" in result.stderr


def test_a_neighbourhood_in_every_format(run_cli: Any, family: Path) -> None:
    arguments = ["graph", "neighbourhood", FIRST, "--depth", "1"]
    found = said(run_cli(*arguments, "--format", "json", store=family))
    assert found["nodes"][0]["nct_id"] == FIRST
    assert {node["nct_id"]: node["depth"] for node in found["nodes"]}[FOLLOW_UP] == 1
    edges = {(edge["from_nct_id"], edge["to_nct_id"]): edge for edge in found["edges"]}
    assert edges[FIRST, FOLLOW_UP]["relations"] == ["extension_of"]
    rows = list(
        csv.DictReader(io.StringIO(run_cli(*arguments, "--format", "csv", store=family).stdout))
    )
    assert {(row["from_nct_id"], row["to_nct_id"]) for row in rows} == edges.keys()
    table = run_cli(*arguments, store=family)
    assert f"{len(found['nodes'])} trials, {len(edges)} edges." in table.stderr
    alone = said(
        run_cli("graph", "neighbourhood", FIRST, "--depth", "0", "--format", "json", store=family)
    )
    assert ([node["nct_id"] for node in alone["nodes"]], alone["edges"]) == ([FIRST], [])


def test_graphml_is_xml_that_networkx_reads_whatever_a_title_holds(
    run_cli: Any, family: Path
) -> None:
    text = run_cli("graph", "neighbourhood", FIRST, "--format", "graphml", store=family).stdout
    assert ET.fromstring(text).tag.endswith("graphml")
    graph = nx.parse_graphml(text)
    assert graph.nodes[FIRST]["title"] == "ABC-123 in multiple sclerosis <b>first</b>"
    assert graph.nodes[FIRST]["depth"] == 0
    assert graph.edges[FIRST, FOLLOW_UP]["relations"] == "extension_of"
    assert 0 < graph.edges[FIRST, FOLLOW_UP]["distance"] <= 0.2


def test_communities_hold_every_trial_that_is_joined(run_cli: Any, family: Path) -> None:
    found = said(run_cli("graph", "communities", "--format", "json", store=family))
    assert [one["community"] for one in found] == list(range(1, len(found) + 1))
    assert all(one["size"] == len(one["nct_ids"]) and one["label"] for one in found)
    members = sorted(nct_id for one in found for nct_id in one["nct_ids"])
    assert members == [FIRST, FOLLOW_UP, SECOND, FAR]
    text = run_cli("graph", "communities", "--format", "csv", store=family).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["nct_id"] for row in rows) == members
    assert found[0]["nct_ids"][0] in run_cli("graph", "communities", store=family).stdout


@pytest.mark.parametrize("command", ["communities", "bridges"])
def test_groups_do_not_depend_on_the_order_of_hashes(tiny_store: Store, command: str) -> None:
    arguments = ["graph", command, "-k", "2", "--format", "json", "--store", str(tiny_store.path)]
    outputs = set()
    for seed in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "trialkin.py", *arguments],
            capture_output=True, text=True, cwd=ROOT, check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )  # fmt: skip
        outputs.add(done.stdout)
    (output,) = outputs
    assert json.loads(output)


def test_bridges_join_communities_by_name(run_cli: Any) -> None:
    groups = said(run_cli("graph", "communities", "-k", "2", "--format", "json"))
    labels = {one["label"] for one in groups}
    found = said(run_cli("graph", "bridges", "-k", "2", "--limit", "3", "--format", "json"))
    assert 1 <= len(found) <= 3
    community_of = {nct_id: one["label"] for one in groups for nct_id in one["nct_ids"]}
    for one in found:
        assert one["community"] == community_of[one["nct_id"]]
        assert {community_of[other] for other in one["links"]} == set(one["joins"]) <= labels
        assert 0 < one["outside"] <= 1
    text = run_cli("graph", "bridges", "-k", "2", "--limit", "3", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["nct_id"] for row in rows] == [one["nct_id"] for one in found]
    assert [row["joins"] for row in rows] == [" | ".join(one["joins"]) for one in found]


def test_no_more_kin_can_be_followed_than_are_stored(run_cli: Any) -> None:
    assert MOST_KIN == KIN_STORED
    assert run_cli("graph", "bridges", "-k", str(MOST_KIN + 1)).exit_code == 2
