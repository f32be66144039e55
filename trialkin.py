"""The command line: a knowledge graph of clinical trials, their kin, and the reasons.

Data go to standard output, progress and messages to standard error. Exit codes: 0 well,
1 failed, 2 wrong usage. What a command does not need is not imported: those that only read a
store must answer at once.
"""

from __future__ import annotations

import logging
import math
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from kg.commands import (
    generations,
    graph,
    kin,
    learning,
    making,
    reading,
    refreshing,
    replicas,
    status,
)
from kg.commands.options import fail, graph_option, open_store_folder, store_option
from ontology.errors import InvalidIdentifierError, TrialKinError


class _Group(click.Group):
    """Turns errors that TrialKin raises on purpose into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InvalidIdentifierError as error:
            raise click.UsageError(str(error)) from None
        except TrialKinError as error:
            fail(str(error))
        except BrokenPipeError:  # the reader of our output has gone, as `head` does
            sys.stderr.close()
            sys.exit(0)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("trialkin"), prog_name="trialkin")
def main() -> None:
    """Turn clinical-trial records into a graph, find each trial's kin, say why.

    Begin with `trialkin build FILE...` and registry records in any form; then `trialkin related
    NCT_ID`, `trialkin search WORDS`, or `trialkin serve` and a browser. Data go to standard output,
    messages to standard error; exit codes are 0 well, 1 failed, 2 wrong usage.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def _number(context: click.Context, parameter: click.Parameter, value: float | None) -> Any:
    """Refuse what Python reads as a number and nobody can count up to."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a number to count up to.")
    return value


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for any."
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=64,
    show_default=True,
    envvar="TRIALKIN_THREADS",
    show_envvar=True,
    help="Requests that are answered at once.",
)
@click.option(
    "--query-workers",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    envvar="TRIALKIN_QUERY_WORKERS",
    show_envvar=True,
    help="SPARQL queries that run at once.",
)
@click.option(
    "--query-seconds",
    type=click.FloatRange(0, 86_400, min_open=True),
    callback=_number,
    default=10.0,
    show_default=True,
    envvar="TRIALKIN_QUERY_SECONDS",
    show_envvar=True,
    help="Time after which a SPARQL query is stopped.",
)
@click.option(
    "--query-rows",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    envvar="TRIALKIN_QUERY_ROWS",
    show_envvar=True,
    help="Rows after which the answer to a SPARQL query is cut, and says so.",
)
@click.option(
    "--max-age",
    "max_age_hours",
    type=click.FloatRange(0, min_open=True),
    callback=_number,
    envvar="TRIALKIN_MAX_AGE",
    show_envvar=True,
    metavar="HOURS",
    help="Age of the data from which /ready answers 503.",
)
@click.option(
    "--trusted-proxy",
    envvar="TRIALKIN_TRUSTED_PROXY",
    show_envvar=True,
    metavar="ADDRESS",
    help="Reverse proxy that is believed when it says who asks (X-Forwarded-For).",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    envvar="TRIALKIN_LOG_FORMAT",
    show_envvar=True,
    help="How log lines are written.",
)
@click.option(
    "--access-log/--no-access-log",
    default=False,
    show_default=True,
    envvar="TRIALKIN_ACCESS_LOG",
    show_envvar=True,
    help="Log a line a request.",
)
@graph_option
@store_option
def serve(
    host: str,
    port: int,
    threads: int,
    query_workers: int,
    query_seconds: float,
    query_rows: int,
    max_age_hours: float | None,
    trusted_proxy: str | None,
    log_format: str,
    access_log: bool,
    graph_url: str | None,
    store_path: Path,
) -> None:
    """Serve the pages, the SPARQL endpoint and the HTTP API."""
    from kg.sparql.limits import QueryLimits
    from web.logs import set_up_logs
    from web.server import run_server

    store = open_store_folder(store_path, graph_url)
    store.published()  # tell at once if there is nothing to serve
    set_up_logs(log_format=log_format, access_log=access_log)
    run_server(
        store,
        host=host,
        port=port,
        threads=threads,
        query_workers=query_workers,
        limits=QueryLimits(deadline_s=query_seconds, max_rows=query_rows),
        access_log=access_log,
        max_age=None if max_age_hours is None else max_age_hours * 3600,
        trusted_proxy=trusted_proxy,
    )


for _command in (
    making.build,
    refreshing.refresh,
    kin.related,
    graph.graph,
    reading.facts,
    reading.show,
    reading.search,
    reading.sparql,
    making.export,
    status.status,
    making.validate,
    learning.evaluate,
    learning.train,
    generations.runs,
    generations.generations,
    generations.rollback,
    replicas.offer,
    replicas.pull,
):
    main.add_command(_command)


if __name__ == "__main__":
    main()
