"""The unit file and the container file are well formed, and what they run is there."""

from __future__ import annotations

import configparser
import json
import re
import shlex

import pytest
from click.testing import CliRunner

import trialkin
from tests.conftest import ROOT
from web.config import STOP_SECONDS

UNIT = ROOT / "deploy/trialkin.service"
CONTAINER = ROOT / "deploy/Containerfile"
SERVING = (ROOT / "docs/serving.md").read_text("utf-8")
SERVE = trialkin.main.commands["serve"]
OPTIONS = {option for parameter in SERVE.params for option in parameter.opts}
VARIABLES = {parameter.envvar for parameter in SERVE.params if getattr(parameter, "envvar", None)}
SECTIONS = {
    "Unit": {"Description", "Documentation", "After"},
    "Service": {
        "Type", "DynamicUser", "StateDirectory", "Environment", "ExecStart", "KillSignal",
        "TimeoutStopSec", "Restart", "RestartSec", "ReadOnlyPaths", "NoNewPrivileges",
        "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectKernelTunables",
        "ProtectKernelModules", "ProtectControlGroups", "ProtectClock", "RestrictRealtime",
        "RestrictSUIDSGID", "LockPersonality", "CapabilityBoundingSet", "RestrictAddressFamilies",
        "SystemCallArchitectures", "MemoryMax", "TasksMax",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
"""Settings of systemd that we use, by section (systemd.exec(5), systemd.service(5))."""


def unit() -> dict[str, list[tuple[str, str]]]:
    """Read the unit file; a setting may be there more than once."""
    found: dict[str, list[tuple[str, str]]] = {}
    section = ""
    for line in UNIT.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(section, []).append((name, value))
    return found


def instructions() -> list[tuple[str, str]]:
    """Read the container file: instruction and its arguments, lines joined."""
    text = re.sub(r"\\\n\s*", " ", CONTAINER.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def check_command(words: list[str]) -> None:
    """Assert that a `trialkin` command is there with these options."""
    assert words[0] == "serve"
    assert {word for word in words if word.startswith("--")} <= OPTIONS


def test_the_unit_has_settings_of_systemd_in_their_sections() -> None:
    found = unit()
    assert set(found) == set(SECTIONS)
    for section, settings in found.items():
        assert {name for name, _ in settings} <= SECTIONS[section]
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read_string(UNIT.read_text("utf-8"))
    assert parser["Service"]["DynamicUser"] == "yes"


def test_the_unit_runs_a_command_that_is_there() -> None:
    (command,) = [value for name, value in unit()["Service"] if name == "ExecStart"]
    words = shlex.split(command)
    assert words[0].endswith("/.venv/bin/trialkin")
    check_command(words[1:])
    variables = {v.partition("=")[0] for n, v in unit()["Service"] if n == "Environment"}
    assert variables <= VARIABLES
    stop = int(dict(unit()["Service"])["TimeoutStopSec"])
    assert stop > STOP_SECONDS


def test_the_container_has_no_root_and_a_health_check() -> None:
    found = instructions()
    last = max(place for place, (name, _) in enumerate(found) if name == "FROM")
    final = dict(found[last:])
    assert int(final["USER"]) > 0
    assert final["STOPSIGNAL"] == "SIGTERM"
    assert "/health" in final["HEALTHCHECK"]
    assert json.loads(final["ENTRYPOINT"]) == ["trialkin"]
    check_command(json.loads(final["CMD"]))


def test_the_container_copies_what_is_there() -> None:
    copied = [rest.split() for name, rest in instructions() if name == "COPY"]
    sources = [word for words in copied if not words[0].startswith("--") for word in words[:-1]]
    assert {"ontology", "similarity", "kg", "web", "trialkin.py", "pyproject.toml"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists()


def test_the_health_check_runs() -> None:
    (check,) = [rest for name, rest in instructions() if name == "HEALTHCHECK"]
    words = json.loads(check.partition("CMD ")[2])
    assert words[:2] == ["python", "-c"]
    compile(words[2], "healthcheck", "exec")


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_every_variable_is_documented_and_works(variable: str) -> None:
    assert f"`{variable}`" in SERVING
    (parameter,) = [one for one in SERVE.params if getattr(one, "envvar", None) == variable]
    assert any(f"`{option}`" in SERVING for option in parameter.opts)


def test_wrong_settings_are_wrong_usage() -> None:
    runner = CliRunner()
    for arguments in (["--threads", "0"], ["--max-age", "0"], ["--log-format", "xml"]):
        assert runner.invoke(trialkin.main, ["serve", *arguments]).exit_code == 2
