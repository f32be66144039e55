"""Commands that show and choose what was published: `runs`, `generations`, `rollback`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.commands.options import format_option, open_store_folder, store_option
from kg.console import echo_json, print_table, rows_table, shown_progress

if TYPE_CHECKING:
    from kg.runs import Run


@click.command()
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many."
)
@format_option("table", "json")
@store_option
def runs(limit: int, format_: str, store_path: Path) -> None:
    """List builds and refreshes, the latest first."""
    from kg.refresh.history import runs as list_runs

    store = open_store_folder(store_path)
    rows = [run_row(run) for run in list_runs(store, limit)]
    if not rows:
        store.require_any()
    if format_ == "json":
        echo_json(rows)
        return
    columns = ("started", "kind", "outcome", "generation", "scope", "added", "changed", "removed",
               "failed", "error")  # fmt: skip
    counted = {"added": "added_trials", "changed": "changed_trials", "removed": "removed_trials",
               "failed": "failed_records"}  # fmt: skip
    shown = [row | {name: row["counts"].get(key) for name, key in counted.items()} for row in rows]
    print_table(rows_table(columns, shown))


@click.command()
@format_option("table", "json")
@store_option
def generations(format_: str, store_path: Path) -> None:
    """List the generations that are kept; `rollback` publishes an earlier one again."""
    store = open_store_folder(store_path)
    store.require_any()
    published = store.published_number()
    rows = [
        {
            "generation": one.manifest.generation,
            "published": one.manifest.generation == published,
            "built_at": one.manifest.built_at,
            "trials": one.manifest.counts.get("trials"),
            "quads": one.manifest.counts.get("quads"),
            "watermark": one.manifest.watermark,
            "run": one.manifest.run,
        }
        for one in store.generations()
    ]
    if format_ == "json":
        echo_json(rows)
    else:
        print_table(rows_table(tuple(rows[0]) if rows else ("generation",), rows))


@click.command()
@click.argument("generation", type=int, required=False)
@store_option
def rollback(generation: int | None, store_path: Path) -> None:
    """Publish an earlier generation again: the one before, or the one named."""
    store = open_store_folder(store_path)
    with shown_progress() as progress:
        store.progress = progress
        number = store.rollback(generation)
    click.echo(f"Generation {number} is published.", err=True)


def run_row(run: Run) -> dict[str, Any]:
    """Return a run as it is told in JSON."""
    import msgspec

    row: dict[str, Any] = msgspec.to_builtins(run)
    return row
