"""The options of `trialkin serve` reach the server, and those that make no sense are refused."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

import trialkin
from kg.store import Store
from web import server


def test_options_reach_the_server(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(server, "run_server", lambda store, **options: given.update(options))
    asked = ["serve", "--store", str(store.path), "--query-seconds", "2.5", "--query-rows", "70"]
    done = CliRunner().invoke(trialkin.main, [*asked, "--trusted-proxy", "127.0.0.1"])
    assert done.exit_code == 0, done.output
    assert (given["limits"].deadline_s, given["limits"].max_rows) == (2.5, 70)
    assert given["trusted_proxy"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--query-seconds", "0"),
        ("--query-seconds", "nan"),
        ("--query-seconds", "inf"),
        ("--query-seconds", "1e300"),
        ("--query-rows", "0"),
        ("--max-age", "nan"),
    ],
)
def test_limits_that_are_none_are_refused(store: Store, option: str, value: str) -> None:
    done = CliRunner().invoke(trialkin.main, ["serve", "--store", str(store.path), option, value])
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.output
