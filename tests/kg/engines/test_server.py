"""Requests to a graph server that is slow, breaks off, refuses, or is something else."""

from __future__ import annotations

import shlex
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.engines.address import read_address
from kg.engines.server import ROWS_TYPE, GraphServer
from kg.patience import Patience
from kg.sparql.leaving import AskerLeftError, asked_by
from ontology.errors import EngineError, QueryTimeoutError, QueryTooLargeError
from tests.kg.engines.faulty import (
    Answer,
    FaultyServer,
    breaking_off,
    dripping,
    faulty_server,
    rows,
    says,
    silent,
)

QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.01, longest_answer=20.0)


@contextmanager
def served(
    *answers: Answer, patience: Patience = QUICK, more: str = ""
) -> Iterator[tuple[FaultyServer, GraphServer]]:
    with faulty_server(*answers) as faulty:
        address, credentials = read_address(faulty.url + more)
        with GraphServer(address, credentials, patience=patience) as server:
            yield faulty, server


def ask(server: GraphServer, deadline_s: float = 20.0) -> object:
    return server.ask("ASK {}", "urn:g", accept=ROWS_TYPE, deadline_s=deadline_s, max_bytes=10_000)


def test_what_may_pass_is_tried_again() -> None:
    busy = says(b"later", 503)
    deadlock = says(b"Virtuoso 40001 Error SR172: Transaction deadlocked", 500)
    with served(busy, breaking_off, deadlock, says(rows({"n": "1"}))) as (faulty, server):
        with pytest.raises(EngineError, match=r"40001.*Given up after 3 tries"):
            server.rows("SELECT", "urn:g")
        assert server.rows("SELECT", "urn:g") == [{"n": "1"}]
        assert len(faulty.asked) == 4


def test_what_a_server_is_is_not_learned_from_one_that_fails() -> None:
    virtuoso = says(b"", 404, Server="Virtuoso/07.20")
    with faulty_server(says(b"starting", 503), virtuoso, says(rows())) as faulty:
        address, _ = read_address(faulty.url.partition("?")[0])
        with GraphServer(address, patience=Patience(attempts=1)) as server:
            with pytest.raises(EngineError, match="say what it is: status 503"):
                server.rows("SELECT", "urn:g")
            assert server.rows("SELECT", "urn:g") == []
            assert server.address.kind == "virtuoso"


def test_what_will_not_pass_is_not_tried_again() -> None:
    with served(says(b"no such thing", 404)) as (faulty, server):
        with pytest.raises(EngineError, match=r"refuses to update: status 404.*\?query="):
            server.update("CLEAR ALL")
        assert len(faulty.asked) == 1


def test_a_step_that_the_server_may_still_be_at_is_not_sent_twice() -> None:
    brief = Patience(attempts=3, first_wait=0.01, longest_wait=0.01, longest_answer=0.3)
    for stuck in (silent, dripping):
        with served(stuck, patience=brief) as (faulty, server):
            with pytest.raises(EngineError, match="does not update in time"):
                server.update("CLEAR ALL")
            assert len(faulty.asked) == 1


@pytest.mark.parametrize("stuck", [silent, dripping])
def test_a_query_ends_at_its_deadline_and_so_does_the_connection(stuck: Answer) -> None:
    with served(stuck) as (faulty, server):
        with pytest.raises(QueryTimeoutError, match=r"stopped after 0\.3 s"):
            ask(server, deadline_s=0.3)
        assert len(faulty.asked) == 1
        assert stuck is dripping or faulty.hung_up.wait(20)


def test_a_query_ends_when_nobody_waits_for_it() -> None:
    left = threading.Event()

    def leave_after_asking(handler: object) -> None:
        left.set()
        silent(handler)  # type: ignore[arg-type]

    with served(leave_after_asking) as (faulty, server):
        with asked_by(left.is_set), pytest.raises(AskerLeftError):
            ask(server)
        assert faulty.hung_up.wait(20)
        faulty.answers[:] = [says(rows())]
        left.clear()
        with asked_by(left.is_set):
            ask(server)


def test_a_server_that_knows_is_told_when_to_stop() -> None:
    with served(says(rows())) as (faulty, server):
        ask(server, deadline_s=2.5)
        assert "timeout" not in faulty.asked[0]
    with faulty_server(says(rows())) as faulty:
        address, _ = read_address(faulty.url.replace("oxigraph", "virtuoso"))
        with GraphServer(address) as server:
            ask(server, deadline_s=2.5)
        assert faulty.asked[0]["timeout"] == "2500"


def test_an_answer_that_breaks_off_or_is_too_large_is_none() -> None:
    with (
        served(breaking_off) as (_, server),
        pytest.raises(EngineError, match="breaks off"),
    ):
        ask(server)
    with (
        served(says(b"x" * 10_001)) as (_, server),
        pytest.raises(QueryTooLargeError, match="10,000 bytes"),
    ):
        ask(server)


def test_nobody_is_led_elsewhere() -> None:
    moved = says(b"moved", 301, Location="http://127.0.0.1:9/login")
    with faulty_server(moved) as faulty:
        url = faulty.url.replace("//", "//me:secret@")
        address, credentials = read_address(url)
        with (
            GraphServer(address, credentials, patience=QUICK) as server,
            pytest.raises(EngineError, match=r"one on to 'http://127.0.0.1:9/login'"),
        ):
            server.rows("SELECT", "urn:g")
        assert faulty.authorizations == [""]  # nor told a password that it has not asked for


@pytest.mark.parametrize(
    ("challenges", "sent"),
    [
        ('Basic realm="x"', "Basic "),
        ('Negotiate, Basic realm="x"', "Basic "),
        ('Digest realm="x", nonce="y", qop="auth"', "Digest "),
        ("Bearer", None),
    ],
)
def test_a_password_goes_as_it_is_asked_for_or_not_at_all(
    challenges: str, sent: str | None
) -> None:
    refused = says(b"who?", 401, WWW_Authenticate=challenges)
    # One who answers a digest asks for the challenge himself.
    answers = [refused] * {"Basic ": 1, "Digest ": 2}.get(sent or "", 1)
    answers += [says(rows())] if sent else []
    with faulty_server(*answers) as faulty:
        address, credentials = read_address(faulty.url.replace("//", "//me:secret@"))
        with GraphServer(address, credentials, patience=QUICK) as server:
            if sent:
                assert server.rows("SELECT", "urn:g") == []
                assert faulty.authorizations[0] == ""
                assert faulty.authorizations[-1].startswith(sent)
            else:
                with pytest.raises(EngineError, match="TRIALKIN_GRAPH_PASSWORD"):
                    server.rows("SELECT", "urn:g")
                assert faulty.authorizations == [""]


@pytest.mark.parametrize(
    "body", [b"no JSON", b'{"head":{}}', b'{"results":{"bindings":[{"n":{"value":"\xff"}}]}}', b""]
)
def test_rows_that_are_none_are_told(body: bytes) -> None:
    with served(says(body)) as (_, server), pytest.raises(EngineError, match="queries in JSON"):
        server.rows("SELECT", "urn:g")


@pytest.mark.parametrize("found", [rows(), rows({"m": "1"}), rows({"n": "many"})])
def test_a_count_that_is_none_is_told(found: object) -> None:
    with served(says(found)) as (_, server), pytest.raises(EngineError, match="does not count"):
        server.count("urn:g")


def test_a_certificate_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here to make a certificate with")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 "
        "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with faulty_server(says(rows({"n": "1"})), tls=context) as faulty:
        address, _ = read_address(faulty.url)
        with (
            GraphServer(address, patience=QUICK) as server,
            pytest.raises(EngineError, match="certificate"),
        ):
            server.rows("SELECT", "urn:g")
        assert faulty.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        with GraphServer(address, patience=QUICK) as server:
            assert server.rows("SELECT", "urn:g") == [{"n": "1"}]


def test_what_a_server_says_is_told_without_what_steers_a_terminal() -> None:
    page = b"<html><head><title>No</title><style>p{}</style></head><p>Gone \x1b[2J fishing</p>"
    with (
        served(says(page, 500, Content_Type="text/html; charset=utf-8")) as (_, server),
        pytest.raises(EngineError, match=r"status 500 \(Gone  ?\[2J fishing\)"),
    ):
        server.update("CLEAR ALL")
