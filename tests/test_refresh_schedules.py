"""Cron line, systemd units and container job are well formed, and call what is there."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

import trialkin
from kg.commands.refreshing import EXIT_LOCKED
from tests.conftest import ROOT

REFRESHING = (ROOT / "docs/refresh.md").read_text("utf-8")
UNITS = ROOT / "deploy/systemd"
SERVER = ROOT / "deploy/trialkin.service"


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read_string(path.read_text("utf-8"))
    return parser


def job() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy/container/refresh-job.yaml").read_text())
    return found


def assert_is_refresh(words: list[str]) -> None:
    """Assert that words after `trialkin` are a call of `refresh` that click takes."""
    assert words[0] == "refresh"
    context = trialkin.main.commands["refresh"].make_context("refresh", words[1:])
    assert context.params["format_"] == "json"
    assert context.params["verify"] == 500


def test_the_cron_line_calls_what_is_there() -> None:
    (line,) = re.findall(r"^[\d*,/-]+(?: [\d*,/-]+){4}  (trialkin .*)$", REFRESHING, re.MULTILINE)
    assert_is_refresh(shlex.split(line.partition(">>")[0])[1:])


def test_the_unit_calls_what_is_there_as_the_server_does() -> None:
    service, server = unit(UNITS / "trialkin-refresh.service")["Service"], unit(SERVER)["Service"]
    words = shlex.split(service["ExecStart"])
    assert words[0] == shlex.split(server["ExecStart"])[0]
    assert_is_refresh(words[1:])
    assert int(service["SuccessExitStatus"]) == EXIT_LOCKED
    # One user owns the folder, by whichever unit it was made; the server's is named after it.
    assert (service["DynamicUser"], service["User"]) == ("yes", SERVER.stem)
    assert service["StateDirectory"] == server["StateDirectory"]
    assert f"TRIALKIN_STORE=/var/lib/{service['StateDirectory']}" == service["Environment"]


def test_the_timer_starts_the_unit() -> None:
    timer = unit(UNITS / "trialkin-refresh.timer")
    assert (UNITS / "trialkin-refresh.service").exists()  # of the same name, so it need not say
    assert timer["Timer"]["OnCalendar"] == "Mon..Fri 15:17 UTC"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for path in (*UNITS.iterdir(), SERVER):
        text = path.read_text("utf-8")
        program = Path(sys.executable).with_name("trialkin")
        (tmp_path / path.name).write_text(
            re.sub(r"/opt/trialkin/\.venv/bin/trialkin", str(program), text), "utf-8"
        )
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    of_ours = [line for line in done.stderr.splitlines() if "trialkin" in line]
    assert of_ours == []
    assert done.returncode == 0


def test_the_container_job_calls_what_is_there() -> None:
    spec = job()["spec"]["jobTemplate"]["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert_is_refresh(container["args"])  # the image's entry point is `trialkin`
    assert container["image"] == f"trialkin:{version('trialkin')}"
    (rule,) = spec["podFailurePolicy"]["rules"]
    assert rule["onExitCodes"]["values"] == [EXIT_LOCKED]
    assert pod["restartPolicy"] == "Never"  # what podFailurePolicy asks for
    user = re.search(r"^USER (\d+)$", (ROOT / "deploy/Containerfile").read_text(), re.MULTILINE)
    assert user is not None
    assert pod["securityContext"]["runAsUser"] == int(user[1])
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_the_job_runs_when_the_timer_and_cron_do() -> None:
    minute, hour, *_ = job()["spec"]["schedule"].split()
    assert f"{hour}:{minute} UTC" in unit(UNITS / "trialkin-refresh.timer")["Timer"]["OnCalendar"]
    assert f"\n{job()['spec']['schedule']}  trialkin refresh" in REFRESHING


def test_the_image_is_made_of_what_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    text = (ROOT / "deploy/Containerfile").read_text("utf-8")
    copied = [words.split()[:-1] for words in re.findall(r"^COPY (?!--)(.*)$", text, re.MULTILINE)]
    assert lines[1] == "*"
    assert kept == {name for names in copied for name in names}
