"""The client and the guide `docs/http.md`, against a real server."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import httpx
import pytest

from kg.store import Store
from tests.web.records import ABSENT, ADIPOSE, FULL
from tests.web.running import ROOT, Running, running
from web.client import ClientError, Kin, TrialKinClient

GUIDE = ROOT / "docs/http.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def server(store: Store) -> Iterator[Running]:
    with running(store) as found:
        yield found


@pytest.fixture
def client(server: Running) -> Iterator[TrialKinClient]:
    with TrialKinClient(server.url) as found:
        yield found


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_of_the_guide_runs(
    example: str, server: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    program = example.replace("http://127.0.0.1:8000", server.url).replace("NCT04356287", FULL)
    exec(compile(program, str(GUIDE), "exec"), {"__name__": "example"})
    assert capsys.readouterr().out.strip()


def test_the_client_imports_httpx_only() -> None:
    tree = ast.parse((ROOT / "web/client.py").read_text("utf-8"))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names == {"__future__", "collections", "dataclasses", "types", "typing", "httpx"}


def test_kin_are_typed(client: TrialKinClient) -> None:
    found = client.kin(FULL, k=2)
    assert [one.rank for one in found] == [1, 2]
    assert isinstance(found[0], Kin)
    assert found[0].nct_id == ADIPOSE
    assert client.kin(FULL, status="COMPLETED") == client.kin(FULL, status=["COMPLETED"])


def test_pages_are_followed_to_the_end(client: TrialKinClient) -> None:
    found = [trial.nct_id for trial in client.trials(page_size=7)]
    assert len(found) == 51
    assert found == sorted(found)
    assert len(list(client.search("knee osteoarthritis", page_size=10))) == 45


def test_a_text_has_kin(client: TrialKinClient) -> None:
    text = "Cord mesenchymal stromal cells for patients with systemic sclerosis"
    assert client.kin_of_text(text, k=1)[0].nct_id == FULL
    (only,) = client.kin_of_text(text, status="COMPLETED")
    assert only.nct_id == ADIPOSE


def test_rows_of_a_query(client: TrialKinClient) -> None:
    rows = client.sparql(
        "SELECT ?id ?none { ?t tk:nctId ?id OPTIONAL { ?t tk:noSuch ?none } } ORDER BY ?id LIMIT 1"
    )
    assert rows == [{"id": FULL, "none": None}]
    assert client.sparql("ASK {}") == [{"boolean": "true"}]


def test_a_truncated_result_is_an_error(client: TrialKinClient) -> None:
    with pytest.raises(ClientError, match="LIMIT"):
        client.sparql("SELECT ?a ?x { ?a ?b ?c . ?x tk:nctId ?id }")


def test_a_refusal_says_what_the_server_says(client: TrialKinClient) -> None:
    with pytest.raises(ClientError, match=ABSENT) as caught:
        client.trial(ABSENT)
    assert caught.value.status == 404
    assert caught.value.problem["type"] == "/api#unknown-trial"


def test_a_server_that_is_not_there_is_said() -> None:
    with (
        TrialKinClient("http://127.0.0.1:9", timeout=2) as client,
        pytest.raises(ClientError, match="cannot be asked") as caught,
    ):
        client.status()
    assert caught.value.status is None


def test_an_answer_that_is_no_problem_is_still_an_error() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, text="<html>")

    with (
        TrialKinClient("http://x", transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(ClientError, match="502: Bad Gateway"),
    ):
        client.status()


def test_a_later_server_may_say_more() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"nct_id": FULL, "title": "t", "new": 1, "phases": ["NA"]})

    with TrialKinClient("http://x", transport=httpx.MockTransport(answer)) as client:
        trial = client.trial(FULL)
    assert (trial.title, trial.phases) == ("t", ("NA",))
