"""How the command line prints for people and machines: tables, JSON, bars of progress."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.table import Table

    from kg.progress import Advance
    from kg.sparql.pool import QueryAnswer


def echo_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def echo_json_list(rows: Iterator[dict[str, Any]]) -> None:
    """Print a JSON list as its items come, so that memory does not grow with it."""
    opening = "[\n"
    for row in rows:
        click.echo(opening + json.dumps(row, ensure_ascii=False), nl=False)
        opening = ",\n"
    click.echo("[]" if opening == "[\n" else "\n]")


def print_table(table: Table) -> None:
    """Print a table, as wide as the terminal, or 160 columns where there is none."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)


def pairs_table(title: str, values: dict[str, Any]) -> Table:
    """Make a table of names and values."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), show_header=False, title_justify="left")
    for name, value in values.items():
        table.add_row(Text(name.replace("_", " ")), Text(shown(value)))
    return table


def rows_table(
    columns: tuple[str, ...], rows: Any, *, title: str = "", plain: bool = False
) -> Table:
    """Make a table of rows, a column for each name; a plain one has no rules and no header."""
    from rich.box import HEAVY_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(title, "bold") if title else None,
        title_justify="left",
        show_header=not plain,
        box=None if plain else HEAVY_HEAD,
    )
    for name in columns:
        table.add_column(Text(name.replace("_", " ")))
    for row in rows:
        table.add_row(*(Text(shown(row.get(name))) for name in columns))
    return table


def shown(value: Any) -> str:
    """Return a value as people read it; what is not there is "not stated"."""
    if value is None or value == [] or value == ():
        return "not stated"
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def print_result(answer: QueryAnswer) -> None:
    """Print the JSON answer to a query as a table, or as one word."""
    result = json.loads(answer.body)
    if answer.form == "ASK":
        click.echo("true" if result["boolean"] else "false")
        return
    variables = tuple(result["head"]["vars"])
    rows = (
        {name: binding[name]["value"] if name in binding else "" for name in variables}
        for binding in result["results"]["bindings"]
    )
    print_table(rows_table(variables, rows))


@contextmanager
def shown_progress(*, in_bytes: bool = False) -> Iterator[_RichProgress]:
    """Show progress on standard error, in items or bytes; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    count = DownloadColumn() if in_bytes else MofNCompleteColumn()
    columns = ("{task.description:<20}", BarColumn(), count, TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        yield _RichProgress(bars)


class _RichProgress:
    """Shows each stage as a bar on standard error; nothing where that is no terminal."""

    def __init__(self, bars: Any):
        self._bars = bars

    @contextmanager
    def stage(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Open a stage."""
        task = self._bars.add_task(label, total=total)
        yield lambda done: self._bars.advance(task, done)
        done = self._bars.tasks[task].completed
        self._bars.update(task, total=done, completed=done)
