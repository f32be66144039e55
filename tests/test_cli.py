"""The command line is a contract: help, formats, exit codes, where output goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from kg.commands.status import _RELATION_MEANINGS, relation_counts, without_exact_search
from kg.relations import RELATION_KINDS
from kg.store import Store
from tests.conftest import ROOT
from trialkin import main

READERS = (["related"], ["facts"], ["show"], ["graph", "neighbourhood"])
"""Commands that take the NCT id of one trial."""


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and of every group."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def command_of(path: tuple[str, ...]) -> click.Command:
    found: click.Command = main
    for name in path:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_has_help_and_a_store(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    command = command_of(path)
    assert len((command.help or "").splitlines()[0]) > 10
    if isinstance(command, click.Group):
        assert all(name in result.stdout for name in command.commands)
    else:
        assert "--store" in result.stdout
        assert "TRIALKIN_STORE" in result.stdout


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_option_says_what_it_does(path: tuple[str, ...]) -> None:
    for option in command_of(path).params:
        if isinstance(option, click.Option):
            assert option.help, f"{' '.join(path)} {option.opts[0]}"


def test_one_name_stands_for_one_thing_in_all_commands() -> None:
    types: dict[str, set[str]] = {}
    for path in commands():
        for option in command_of(path).params:
            if isinstance(option, click.Option) and option.opts[0] in ("-k", "--store", "--format"):
                types.setdefault(option.opts[0], set()).add(option.type.name)
    assert types == {
        "-k": {"integer range"},
        "--store": {"directory"},
        "--format": {"choice"},
    }


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_the_readme_names_every_command(path: tuple[str, ...]) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"trialkin {' '.join(path)}" in readme


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize(
    "written", ["nct90000001", " NCT90000001 ", "https://clinicaltrials.gov/study/NCT90000001?a=b"]
)
def test_the_readers_of_one_trial_take_any_spelling_of_an_id(
    run_cli: Any, command: list[str], written: str
) -> None:
    result = run_cli(*command, written)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == run_cli(*command, "NCT90000001").stdout


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_an_unknown_id_fails_and_names_the_nearest(run_cli: Any, command: list[str]) -> None:
    result = run_cli(*command, "NCT90000091")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "NCT90000091 is not in this graph" in result.stderr
    assert "NCT90000001" in result.stderr


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("written", ["NCT9000001", "NCT090000001", "foo", "90000001"])
def test_what_is_no_whole_id_opens_no_trial(run_cli: Any, command: list[str], written: str) -> None:
    result = run_cli(*command, written)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"{written!r} is not an NCT id" in result.stderr
    assert ("NCT90000001" in result.stderr) == written.startswith("NCT")


@pytest.mark.parametrize(
    "arguments",
    [["related"], ["related", "NCT90000001", "--all"], ["facts"], ["show"], ["sparql"],
     ["related", "NCT90000001", "-k", "0"], ["status", "--format", "yaml"], ["nonsense"],
     ["graph", "path", "NCT90000001"], ["graph", "neighbourhood", "NCT90000001", "--depth", "9"]],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(run_cli: Any, arguments: list[str]) -> None:
    result = run_cli(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_facts_have_every_field_and_all_trials(run_cli: Any) -> None:
    lines = run_cli("facts", "--all", "--format", "jsonl").stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["nct_id"] for row in rows] == [f"NCT900000{n:02d}" for n in range(1, 15)]
    for row in rows:
        for field in ("cell_sources", "cell_types", "donor", "routes", "dose_per_kg", "passage"):
            assert isinstance(row[field], list)
    assert rows[0]["cell_sources"] == ["umbilical_cord"]
    assert rows[0]["routes"] == ["intravenous"]
    assert rows[0]["donor"] == []  # eligibility criteria speak of another, autologous, treatment
    assert json.loads(run_cli("facts", "--all", "--format", "json").stdout) == rows
    one = run_cli("facts", "NCT90000001", "--format", "json").stdout
    assert json.loads(one) == rows[0]
    table = run_cli("facts", "NCT90000002").stdout
    assert "not stated" in table


def test_show_and_search(run_cli: Any) -> None:
    assert "CORD-SSc" in run_cli("show", "NCT90000001").stdout
    record = json.loads(run_cli("show", "NCT90000001", "--format", "json").stdout)
    assert record["protocolSection"]["identificationModule"]["acronym"] == "CORD-SSc"
    found = json.loads(run_cli("search", "cord", "sclerosis", "--format", "json").stdout)
    assert found[0]["nct_id"] == "NCT90000001"
    nothing = run_cli("search", "xyzzy")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "no trial has the word “xyzzy”." in nothing.stderr
    slip = run_cli("search", "scleorderma", "cord")
    assert "no trial has the word “scleorderma”; did you mean “scleroderma”?" in slip.stderr
    assert "did you mean" not in run_cli("search", "scleroderma").stderr


@pytest.mark.parametrize("format_", ["nquads", "trig", "jsonld"])
def test_export_holds_the_same_quads_in_every_format(
    run_cli: Any, tmp_path: Path, tiny_store: Store, format_: str
) -> None:
    import pyoxigraph as ox

    file = tmp_path / "graph.out"
    formats = {
        "nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "jsonld": ox.RdfFormat.JSON_LD
    }  # fmt: skip
    result = run_cli("export", str(file), "--format", format_)
    assert result.exit_code == 0, result.stderr
    quads = set(ox.parse(file.read_bytes(), format=formats[format_]))
    assert quads == set(tiny_store.published().read_graph())


def test_export_is_sorted_and_leaves_out_runs(run_cli: Any, tmp_path: Path) -> None:
    whole, without = tmp_path / "whole.nq", tmp_path / "without.nq"
    run_cli("export", str(whole))
    run_cli("export", str(without), "--without-runs")
    lines = without.read_bytes().splitlines()
    assert lines == sorted(lines)
    left_out = set(whole.read_bytes().splitlines()) - set(lines)
    assert left_out
    assert all(b"/graph/runs>" in line for line in left_out)
    assert run_cli("export", "-", "--without-runs").stdout_bytes == without.read_bytes()


def test_export_to_a_place_that_cannot_be_written_fails(run_cli: Any, tmp_path: Path) -> None:
    result = run_cli("export", str(tmp_path / "none" / "graph.nq"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_status_has_all_in_json_and_its_meaning_in_the_table(run_cli: Any) -> None:
    said = json.loads(run_cli("status", "--format", "json").stdout)
    assert said["counts"]["trials"] == 14
    assert said["encoder"]["name"] == "words"
    assert said["watermark"] == "2022-09-22"
    assert said["relations"] == dict.fromkeys(RELATION_KINDS, 0)
    assert said["checksums"]["records.sqlite"]
    missing = said["not_stated"]["routes"]
    assert said["not_stated_shares"]["routes"] == pytest.approx(missing / 14, abs=1e-4)
    table = run_cli("status").stdout
    assert table.startswith("Generation 1 of ")
    lines = {tuple(line.split()[:2]): line for line in table.splitlines()}
    assert "14" in lines["trials", "14"]
    assert "records read, less the repeated ones" in lines["trials", "14"]
    assert f"{missing / 14:.1%} of the trials" in lines["route", str(missing)]
    titles = ("Records", "Graph", "Typed relations", "Not stated in the record", "Size", "Time")
    places = [table.index(f"\n{title}") for title in titles]
    assert places == sorted(places)


def test_what_a_search_of_candidates_finds_is_shown_only_after_one(run_cli: Any) -> None:
    assert "kin recall" not in run_cli("status").stdout
    counts = {"quads": 9, "kin_candidates": 0, "kin_recall_per_mille": 1000, "kin_recall_sample": 0}
    assert without_exact_search(counts) == {"quads": 9}
    searched = counts | {"kin_candidates": 292, "kin_recall_sample": 500}
    assert without_exact_search(searched) == searched


def test_status_counts_relations_of_every_kind() -> None:
    assert _RELATION_MEANINGS.keys() == set(RELATION_KINDS)
    counts = {"mentions_relations": 3, "quads": 9}
    assert relation_counts(counts) == dict.fromkeys(RELATION_KINDS, 0) | {"mentions": 3}


@pytest.mark.parametrize("command", ["status", "runs", "generations", "rollback"])
def test_nothing_built_says_what_to_do(run_cli: Any, tmp_path: Path, command: str) -> None:
    result = run_cli(command, store=tmp_path / "none")
    assert result.exit_code == 1
    assert "trialkin build" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "none").exists()
