"""`refresh`: keeps a store in step with the registry."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.commands.generations import run_row
from kg.commands.options import (
    fail,
    format_option,
    graph_kin_option,
    graph_option,
    open_store_folder,
    store_option,
)
from kg.console import echo_json, pairs_table, print_table, shown_progress

if TYPE_CHECKING:
    from kg.cell_facts.corrections import Corrections
    from kg.refresh import RefreshOptions
    from kg.refresh.changes import Changes
    from kg.registry import RegistryClient, Scope
    from kg.runs import Run
    from kg.store import Store

EXIT_LOCKED = 75
"""Another run holds the store: sysexits' EX_TEMPFAIL, "try again later"."""
_LISTED = 20


@click.command()
@click.option("--condition", help="Follow trials of a condition (the registry's query.cond).")
@click.option("--intervention", help="Follow trials of an intervention (query.intr).")
@click.option("--term", help="Follow trials by other terms (query.term).")
@click.option("--ids", help="Follow these trials: NCT ids with commas or blanks between them.")
@click.option("--everything", is_flag=True, help="Follow the whole registry.")
@click.option(
    "--registry",
    default=None,
    envvar="TRIALKIN_REGISTRY",
    show_default="https://clinicaltrials.gov/api/v2",
    help="Base of the registry's API, for mirrors.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Fetch what was updated since this day.  [default: a day before the latest one known]",
)
@click.option("--full", is_flag=True, help="Fetch all of the scope, and see what was removed.")
@click.option(
    "--verify",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Stored trials to look up by id besides, in turn from run to run.",
)
@click.option(
    "--offline", is_flag=True, help="Ask nobody; redo what a new version of the program changes."
)
@click.option(
    "--corrections",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A curator's changes to the cell facts, in place of those that the store remembers.",
)
@click.option("--encoder", help="Name or folder of another encoder.  [default: the store's own]")
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Generations to keep besides the published one, for rollback.",
)
@click.option(
    "--max-failed",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of records that may fail before nothing is published.",
)
@graph_kin_option(None)
@graph_option
@click.option("--dry-run", is_flag=True, help="Print what would be done; write nothing.")
@format_option("table", "json")
@store_option
def refresh(format_: str, store_path: Path, dry_run: bool, **given: Any) -> None:
    """Fetch what has changed in the registry, and publish it.

    What is named here is followed from then on, also by a call that names nothing. A store with
    nothing in it begins with what is named.

    Exit codes: 0 published or nothing to do, 1 failed or stopped, 2 wrong usage, 75 another run
    holds the store (try again later).
    """
    from kg.refresh import plan_refresh
    from kg.refresh import refresh as refresh_store
    from ontology.errors import StoreLockedError, TrialKinError

    options = _options(given)
    store = open_store_folder(store_path, given["graph_url"])
    encoder = _encoder(given["encoder"])
    client = None if given["offline"] else _client(given["registry"])
    try:
        with _told_of_a_stop(), shown_progress() as progress:
            store.progress = progress
            if dry_run:
                run, changes = plan_refresh(
                    store, client, options=options, encoder=encoder, progress=progress
                )
            else:
                run = refresh_store(
                    store, client, options=options, encoder=encoder, progress=progress
                )
    except StoreLockedError as error:
        if format_ == "json":
            echo_json({"outcome": "locked", "error": str(error), "holder": error.holder})
        click.echo(f"trialkin: {error}", err=True)
        sys.exit(EXIT_LOCKED)
    except (TrialKinError, KeyboardInterrupt) as error:
        is_stop = isinstance(error, KeyboardInterrupt)
        told = f"Stopped by {str(error) or 'SIGINT'}." if is_stop else str(error)
        if format_ == "json":
            echo_json({"outcome": "failed", "error": told})
        fail(told)
    finally:
        if client is not None:
            client.close()
    if dry_run:
        _show_plan(run, changes, format_)
    else:
        _show_run(run, store, format_)


@contextmanager
def _told_of_a_stop() -> Iterator[None]:
    """Let a stop by a scheduler (SIGTERM) end the run as one by a person does: it is noted."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _options(given: dict[str, Any]) -> RefreshOptions:
    from kg.command_line import command_line
    from kg.refresh import RefreshOptions

    if given["offline"] and (given["full"] or given["verify"] or given["since"]):
        raise click.UsageError("--offline asks nobody: leave out --full, --verify and --since.")
    if given["full"] and given["since"]:
        raise click.UsageError("--full fetches all of the scope: leave out --since.")
    path = given["corrections"]
    return RefreshOptions(
        scope=_scope(given),
        since=None if given["since"] is None else f"{given['since']:%Y-%m-%d}",
        full=given["full"],
        verify=given["verify"],
        keep=given["keep"],
        max_failed=given["max_failed"],
        graph_kin=given["graph_kin"],
        corrections=None if path is None else _corrections(path),
        command=command_line(),
    )


def _corrections(path: Path) -> Corrections:
    from kg.cell_facts.corrections import read_corrections

    return read_corrections(path)


def _scope(given: dict[str, Any]) -> Scope | None:
    from kg.registry import Scope
    from ontology.errors import InvalidIdentifierError

    named = {name: given[name] for name in ("condition", "intervention", "term") if given[name]}
    ids = (given["ids"] or "").replace(",", " ").split()
    if given["everything"]:
        if named or ids:
            raise click.UsageError("--everything leaves nothing to choose: leave out the others.")
        return Scope()
    if not named and not ids:
        return None
    try:
        return Scope.of(**named, nct_ids=ids)
    except InvalidIdentifierError as error:
        raise click.UsageError(str(error)) from error


def _client(url: str | None) -> RegistryClient:
    from kg.registry import DEFAULT_REGISTRY, RegistryClient
    from ontology.errors import RegistryError

    try:
        return RegistryClient(url or DEFAULT_REGISTRY)
    except RegistryError as error:
        raise click.UsageError(str(error)) from error


def _encoder(name: str | None) -> Any:
    if name is None:
        return None
    from similarity.encoders import load_encoder

    return load_encoder(name)


def _show_plan(run: Run, changes: Changes, format_: str) -> None:
    by_kind: dict[str, list[str]] = {}
    for nct_id, kind in sorted(changes.kinds.items()):
        by_kind.setdefault(kind, []).append(nct_id)
    if format_ == "json":
        echo_json(run_row(run) | {"trials": by_kind, "moved": changes.moved})
        return
    told = {
        "scope": run.scope,
        "since": run.since or "the beginning",
        "stages to redo": run.redone or "none",
        **{kind: [*ids[:_LISTED], *(["..."] if len(ids) > _LISTED else [])]
           for kind, ids in by_kind.items()},
        **run.counts,
    }  # fmt: skip
    print_table(pairs_table("Nothing was written; a refresh would do this", told))
    _show_failures(run)


def _show_run(run: Run, store: Store, format_: str) -> None:
    if format_ == "json":
        echo_json(run_row(run))
        return
    title = f"Generation {run.generation} is published"
    if run.outcome == "unchanged":
        title = f"Nothing has changed; generation {run.generation} stays"
    told: dict[str, Any] = {}
    if run.scope is not None:
        told |= {"scope": run.scope, "since": run.since or "the beginning"}
    if run.redone:
        told |= {"stages redone": run.redone}
    seconds = {f"seconds to {name}": value for name, value in run.seconds.items()}
    print_table(pairs_table(title, told | run.counts | seconds))
    _show_failures(run)


def _show_failures(run: Run) -> None:
    for failure in run.failures[:_LISTED]:
        click.echo(f"failed: {failure.record}: {failure.stage}: {failure.message}", err=True)
    if len(run.failures) > _LISTED:
        click.echo(f"... and {len(run.failures) - _LISTED} more", err=True)
