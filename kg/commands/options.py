"""Options and small steps that all commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from kg.generation import Generation
    from kg.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])


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


def open_store_folder(path: Path) -> Store:
    """Return the store in a folder."""
    from kg.store import Store

    return Store(path)


def one_or_all(nct_id: str | None, all_: bool, store_path: Path) -> Generation:
    """Open what is published, for one trial or for all, as the caller has to say."""
    if (nct_id is None) != all_:
        raise click.UsageError("Give one NCT id, or --all.")
    return open_store_folder(store_path).published()
