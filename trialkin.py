"""The command line: a knowledge graph of clinical trials, their kin, and the reasons.

Data go to standard output, progress and messages to standard error. Exit codes: 0 well,
1 failed, 2 wrong usage. What a command does not need is not imported: those that only read a
store must answer at once.
"""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from kg.commands import kin, making, reading
from kg.commands.options import fail, open_store_folder, store_option
from ontology.errors import TrialKinError


class _Group(click.Group):
    """Turns errors that TrialKin raises on purpose into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TrialKinError as error:
            fail(str(error))
        except BrokenPipeError:  # the reader of our output has gone, as `head` does
            sys.stderr.close()
            sys.exit(0)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("trialkin"), prog_name="trialkin")
def main() -> None:
    """Turn clinical-trial records into a graph, find each trial's kin, say why."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for any."
)
@click.option(
    "--query-workers",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="SPARQL queries that run at once.",
)
@store_option
def serve(host: str, port: int, query_workers: int, store_path: Path) -> None:
    """Serve the pages."""
    from web.server import run_server

    store = open_store_folder(store_path)
    store.published()  # tell at once if there is nothing to serve
    run_server(store, host=host, port=port, query_workers=query_workers)


for _command in (
    making.build,
    kin.related,
    reading.facts,
    reading.show,
    reading.search,
    reading.sparql,
    making.export,
    reading.status,
    making.validate,
    making.evaluate,
    making.train,
):
    main.add_command(_command)


if __name__ == "__main__":
    main()
