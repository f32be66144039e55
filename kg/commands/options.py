"""Options and small steps that all commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from ontology.errors import RecordError

if TYPE_CHECKING:
    from kg.generation import Generation
    from kg.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])


STATUSES = (
    "ACTIVE_NOT_RECRUITING", "COMPLETED", "ENROLLING_BY_INVITATION", "NOT_YET_RECRUITING",
    "RECRUITING", "SUSPENDED", "TERMINATED", "WITHDRAWN", "AVAILABLE", "NO_LONGER_AVAILABLE",
    "TEMPORARILY_NOT_AVAILABLE", "APPROVED_FOR_MARKETING", "WITHHELD", "UNKNOWN",
)  # fmt: skip
"""The registry's values of an overall status (OpenAPI 2.0.3, `Status`)."""
PHASES = ("NA", "EARLY_PHASE1", "PHASE1", "PHASE2", "PHASE3", "PHASE4")
"""The registry's values of a phase (OpenAPI 2.0.3, `Phase`)."""
MOST_KIN = 20
"""As many as a build stores of each trial (`kg.shards.links.KIN_STORED`)."""


class Choice(click.Choice[str]):
    """One of the registry's values, in any case; the help names an example, an error all."""

    def __init__(self, values: tuple[str, ...]):
        super().__init__(values, case_sensitive=False)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for the value in the help."""
        return f"[{'|'.join(self.choices)}]" if len(self.choices) <= len(PHASES) else "STATUS"


@contextmanager
def usage_errors(option: str | None = None) -> Iterator[None]:
    """Turn the refusal of a value that a person gave into wrong usage, exit code 2."""
    try:
        yield
    except RecordError as error:
        raise click.UsageError(f"{option}: {error}" if option else str(error)) from None


def fail(message: str) -> NoReturn:
    """Tell what went wrong, in one line, and end with exit code 1."""
    click.echo(f"trialkin: {message}", err=True)
    sys.exit(1)


def default_store() -> Path:
    """Return the platform's data folder for this command."""
    from platformdirs import user_data_path

    return user_data_path("trialkin")


store_option = click.option(
    "--store",
    "store_path",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="TRIALKIN_STORE",
    default=default_store,
    show_default="the platform's data folder",
    show_envvar=True,
    help="Folder of the graph.",
)


def format_option(*names: str) -> Callable[[Command], Command]:
    """Return the option ``--format`` with these choices, the first by default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        help="How to print.",
    )


graph_option = click.option(
    "--graph",
    "graph_url",
    metavar="URL",
    envvar="TRIALKIN_GRAPH",
    show_envvar=True,
    help="SPARQL server that mirrors the graph and answers queries, or `none`.  "
    "[default: the one that the store remembers]",
)
"""The store remembers the server by the commands that write it; see docs/engines.md."""


def graph_kin_option(default: int | None) -> Callable[[Command], Command]:
    """Return the option ``--graph-kin``; without a default it stays as the store has it."""
    kept = "Refreshes keep to it." if default is not None else " [default: the store's own]"
    return click.option(
        "--graph-kin",
        type=click.IntRange(0, MOST_KIN),
        default=default,
        show_default=default is not None,
        help="Of the kin that are stored of each trial so many stand in the graph, the nearest; "
        f"of many trials they are half of it. {kept}",
    )


def open_store_folder(path: Path, graph_url: str | None = None) -> Store:
    """Return the store in a folder.

    Parameters
    ----------
    path : Path
    graph_url : str, optional
        Of its graph server. Name and password of it are taken from TRIALKIN_GRAPH_USER and
        TRIALKIN_GRAPH_PASSWORD, as others on the machine can read a command line.
    """
    from kg.engines.access import ServerAccess
    from kg.store import Store

    user, password = (os.environ.get(f"TRIALKIN_GRAPH_{name}") for name in ("USER", "PASSWORD"))
    return Store(path, access=ServerAccess(graph_url or None, user, password))


def one_or_all(nct_id: str | None, all_: bool, store_path: Path) -> Generation:
    """Open what is published, for one trial or for all, as the caller has to say."""
    if (nct_id is None) != all_:
        raise click.UsageError("Give one NCT id, or --all.")
    return open_store_folder(store_path).published()
