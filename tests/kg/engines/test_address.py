"""A graph server's address: what it may say, and that it tells no secret."""

from __future__ import annotations

import pytest

from kg.command_line import command_line
from kg.engines.address import LAYOUTS, Credentials, read_address
from ontology.errors import EngineError


def test_secrets_are_taken_out_of_an_address() -> None:
    address, credentials = read_address("https://user:p%40ss@example.org:8890/x/?name=two")
    assert address.url == "https://example.org:8890/x/?name=two"
    assert credentials == Credentials("user", "p@ss")
    assert "p@ss" not in f"{address!r} {credentials!r}"


def test_each_kind_has_its_services() -> None:
    address, credentials = read_address("http://127.0.0.1:8890/")
    assert credentials is None
    assert address.kind == ""
    assert address.mirror == "https://w3id.org/trialkin/mirror"
    virtuoso = address.of_kind("virtuoso")
    assert virtuoso.service("query") == "http://127.0.0.1:8890/sparql"
    assert virtuoso.service("update") == "http://127.0.0.1:8890/sparql-auth"
    assert virtuoso.layout.graph_parameter == "graph-uri"
    assert address.of_kind("oxigraph").service("store") == "http://127.0.0.1:8890/store"
    assert set(LAYOUTS) == {"oxigraph", "virtuoso", "other"}


def test_services_may_be_named() -> None:
    address, _ = read_address("http://127.0.0.1:3030/ds?query=&update=/all/write&store=data")
    assert address.kind == "other"
    assert address.service("query") == "http://127.0.0.1:3030/ds"
    assert address.service("update") == "http://127.0.0.1:3030/all/write"
    assert address.service("store") == "http://127.0.0.1:3030/ds/data"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("localhost:8890", "begins with"),
        ("ftp://example.org", "begins with"),
        ("http://", "begins with"),
        ("http://[::1", "cannot be read"),
        ("http://127.0.0.1/?query=http://me:pw@127.0.0.1/", "stand before the server's host"),
        ("http://127.0.0.1/?update=ftp://127.0.0.1/", "begins with http://"),
        ("http://127.0.0.1/?store=http://a:b", "address of `store` cannot be read"),
        ("http://127.0.0.1/?user=me", "no parameter 'user'"),
        ("http://127.0.0.1/?kind=mysql", "no kind of server 'mysql'"),
        ("http://127.0.0.1/?name=a/b", "letters, digits"),
    ],
)
def test_what_is_no_address_is_refused(text: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        read_address(text)


@pytest.mark.parametrize("password", ["pass/word", "pass?word", "pass#word"])
def test_a_password_that_breaks_an_address_is_not_told(password: str) -> None:
    with pytest.raises(EngineError, match="%XX") as told:
        read_address(f"http://me:{password}@127.0.0.1:8890/")
    assert "pass" not in str(told.value).replace("password", "")


def test_what_a_run_was_called_with_is_kept_without_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called = ["/usr/bin/trialkin", "refresh", "--graph", "http://me:pass:word@host:1/x?name=a@b"]
    monkeypatch.setattr("sys.argv", called)
    assert command_line() == "trialkin refresh --graph http://host:1/x?name=a@b"
