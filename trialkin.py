"""The command line: a knowledge graph of clinical trials, their kin, and the reasons.

Data go to standard output, progress and messages to standard error. Exit codes: 0 well,
1 failed, 2 wrong usage. What a command does not need is not imported: those that only read a
store must answer at once.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from ontology.errors import QueryError, TrialKinError

if TYPE_CHECKING:
    from rich.table import Table

    from kg.generation import Generation
    from kg.progress import Advance
    from kg.sparql.pool import QueryAnswer
    from kg.store import Store


Command = TypeVar("Command", bound=Callable[..., Any])


class _Group(click.Group):
    """Turns errors that TrialKin raises on purpose into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TrialKinError as error:
            _fail(str(error))
        except BrokenPipeError:  # the reader of our output has gone, as `head` does
            sys.stderr.close()
            sys.exit(0)


def _fail(message: str) -> NoReturn:
    click.echo(f"trialkin: {message}", err=True)
    sys.exit(1)


def _default_store() -> Path:
    from platformdirs import user_data_path

    return user_data_path("trialkin")


_store = click.option(
    "--store",
    "store_path",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="TRIALKIN_STORE",
    default=_default_store,
    show_default="the platform's data folder",
    show_envvar=True,
    help="Folder of the graph.",
)


def _format(*names: str) -> Callable[[Command], Command]:
    return click.option(
        "--format",
        "format_",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        help="How to print.",
    )


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("trialkin"), prog_name="trialkin")
def main() -> None:
    """Turn clinical-trial records into a graph, find each trial's kin, say why."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


@main.command()
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE..."
)
@_store
@click.option(
    "--encoder", default="trialkin", show_default=True, help="Name of an encoder, or its folder."
)
@click.option(
    "--max-rejected",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of unreadable records above which the exit code is 1.",
)
@_format("table", "json")
def build(
    sources: tuple[Path, ...], store_path: Path, encoder: str, max_rejected: float, format_: str
) -> None:
    """Read record files and folders into a new published graph."""
    from kg.build import build as build_graph
    from kg.sources import read_sources
    from similarity.encoders import load_encoder

    read_sources(sources)  # refuses a wrong path at once, before a model is loaded
    with _shown_progress() as progress:
        report = build_graph(_open(store_path), sources, load_encoder(encoder), progress=progress)
    for rejected in report.rejected[:20]:
        click.echo(f"rejected: {rejected}", err=True)
    if len(report.rejected) > 20:
        click.echo(f"... and {len(report.rejected) - 20} more", err=True)
    if report.repeated:
        shown = ", ".join(sorted(set(report.repeated))[:10])
        click.echo(
            f"repeated: {len(report.repeated)} records ({shown}); "
            "of each the one updated last was kept",
            err=True,
        )
    summary = {
        "generation": report.generation,
        "counts": report.counts,
        "seconds": report.seconds,
        "rejected": [str(rejected) for rejected in report.rejected],
        "repeated": sorted(report.repeated),
    }
    if format_ == "json":
        _echo_json(summary)
    else:
        numbers = report.counts | {f"seconds to {name}": s for name, s in report.seconds.items()}
        _print(_pairs(f"Generation {report.generation} is published", numbers))
    if report.rejected_share > max_rejected:
        _fail(
            f"{report.rejected_share:.0%} of the records could not be read, "
            f"more than the {max_rejected:.0%} allowed."
        )


@main.command()
@click.argument("nct_id", required=False)
@click.option("--all", "all_", is_flag=True, help="The kin of every trial.")
@click.option(
    "-k", type=click.IntRange(1), default=10, show_default=True, help="How many kin of each."
)
@_format("table", "json", "csv", "trec")
@_store
def related(nct_id: str | None, all_: bool, k: int, format_: str, store_path: Path) -> None:
    """Print the kin of a trial, with rank, score and reasons."""
    from kg import views

    generation = _one_or_all(nct_id, all_, store_path)
    index = generation.kin_index
    if nct_id is not None:
        query = generation.records.resolve(nct_id)
        ranked = iter([(query, index.rank(query, k))])
    else:
        ranked = index.rank_all(k)
    if format_ == "trec":
        tag = f"trialkin-{index.model_name}"
        for query, kin in ranked:
            click.echo("".join(views.trec_lines(query, kin, tag)), nl=False)
        return
    rows = (row for query, kin in ranked for row in views.kin_rows(generation, query, kin))
    if format_ == "json":
        _echo_json_list(rows)
    elif format_ == "csv":
        click.echo(views.csv_text(rows, views.KIN_COLUMNS), nl=False)
    else:
        _print(_table(("query_nct_id", "rank", "nct_id", "score", "title", "reason"), rows))


@main.command()
@click.argument("nct_id", required=False)
@click.option("--all", "all_", is_flag=True, help="The facts of every trial.")
@_format("table", "jsonl", "csv")
@_store
def facts(nct_id: str | None, all_: bool, format_: str, store_path: Path) -> None:
    """Print the cell facts read from a trial's text."""
    from kg import views

    generation = _one_or_all(nct_id, all_, store_path)
    records = generation.records
    wanted = records.nct_ids() if nct_id is None else [records.resolve(nct_id)]
    rows = (views.fact_row(records.facts(one)) for one in wanted)
    if format_ == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif format_ == "csv":
        click.echo(views.csv_text(rows, views.FACT_COLUMNS), nl=False)
    elif nct_id is not None:
        row = next(rows)
        _print(_pairs(row["nct_id"], {name: row[name] for name in views.FACT_COLUMNS[1:]}))
    else:
        _print(_table(views.FACT_COLUMNS, rows))


@main.command()
@click.argument("nct_id")
@_format("table", "json")
@_store
def show(nct_id: str, format_: str, store_path: Path) -> None:
    """Print one trial."""
    from kg import views

    records = _open(store_path).published().records
    if format_ == "json":
        _echo_json(records.payload(nct_id))
        return
    study = records.study(nct_id)
    card = views.card_row(records.card(nct_id))
    facts = card.pop("facts")
    card["summary"] = study.description.brief_summary
    arms = [f"{arm.type or 'arm'}: {arm.label}" for arm in study.arms_interventions.arm_groups]
    card["arms"] = arms
    card["interventions"] = [item.name for item in study.arms_interventions.interventions]
    _print(_pairs(f"{study.nct_id}  {card.pop('title')}", card))
    _print(_pairs("Read from the text", {name: facts.get(name) for name in views.FACT_COLUMNS[1:]}))


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("-k", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@_format("table", "json", "csv")
@_store
def search(words: tuple[str, ...], k: int, format_: str, store_path: Path) -> None:
    """Find trials by words, NCT ids or acronyms."""
    from kg import views

    hits = _open(store_path).published().records.search(" ".join(words), k)
    rows = [views.card_row(hit.card) | {"score": round(hit.score, 4)} for hit in hits]
    if format_ == "json":
        _echo_json(rows)
    elif format_ == "csv":
        click.echo(views.csv_text(rows, views.CARD_COLUMNS), nl=False)
    elif rows:
        _print(_table(("nct_id", "title", "overall_status", "phases", "enrollment_count"), rows))
    else:
        click.echo("No trial found.", err=True)


@main.command()
@click.argument("query", metavar="QUERY|FILE|-")
@_format("table", "csv", "tsv", "json", "xml", "turtle", "ntriples", "jsonld")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds after which the query is stopped.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="Rows or triples after which the result is cut.",
)
@_store
def sparql(query: str, format_: str, timeout: float, max_rows: int, store_path: Path) -> None:
    """Run a SPARQL query: its text, a file that holds it, or - for standard input."""
    from kg.sparql.pool import QueryLimits, QueryPool

    limits = QueryLimits(deadline_s=timeout, max_rows=max_rows, max_bytes=1_000_000_000)
    graph_formats = ("turtle", "ntriples", "jsonld", "xml")
    with QueryPool(_open(store_path).published().graph_path, workers=1, limits=limits) as pool:
        answer = pool.run(
            _query_text(query),
            select_format="json" if format_ == "table" else format_,
            graph_format=format_ if format_ in graph_formats else "turtle",
        )
    if answer.form == "CONSTRUCT" and format_ not in (*graph_formats, "table"):
        raise QueryError(f"A graph cannot be {format_}; ask for {', '.join(graph_formats)}.")
    if format_ == "table" and answer.form != "CONSTRUCT":
        _print_result(answer)
    else:
        sys.stdout.buffer.write(answer.body)
    if answer.truncated:
        _fail(f"the result is cut after {answer.rows} rows; add a LIMIT or raise --max-rows.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@_format("nquads", "trig", "jsonld")
@click.option("--without-runs", is_flag=True, help="Leave out the records of runs.")
@_store
def export(file: Path, format_: str, without_runs: bool, store_path: Path) -> None:
    """Write the published graph, sorted, to a file (- for standard output)."""
    from kg.export import export_graph

    count = export_graph(
        _open(store_path).published(), file, format_=format_, without_runs=without_runs
    )
    click.echo(f"{count:,} quads written to {file}", err=True)


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
@_store
def serve(host: str, port: int, query_workers: int, store_path: Path) -> None:
    """Serve the pages."""
    from web.server import run_server

    store = _open(store_path)
    store.published()  # tell at once if there is nothing to serve
    run_server(store, host=host, port=port, query_workers=query_workers)


@main.command()
@click.option(
    "--all/--changed",
    "all_",
    default=True,
    show_default=True,
    help="All trials, or those whose records changed since the generation before.",
)
@_format("table", "json")
@_store
def validate(all_: bool, format_: str, store_path: Path) -> None:
    """Check the trials against the shapes; exit code 1 if any breaks one."""
    from kg.validation import BATCH_TRIALS, changed_nct_ids
    from kg.validation import validate as check

    store = _open(store_path)
    generation = store.published()
    nct_ids = generation.records.nct_ids()
    if not all_:
        nct_ids = changed_nct_ids(generation, store.before(generation))
    findings = []
    with _shown_progress() as progress, progress.stage("Checking", len(nct_ids)) as advance:
        for number, batch in enumerate(check(generation, nct_ids)):
            findings += batch
            advance(min(BATCH_TRIALS, len(nct_ids) - number * BATCH_TRIALS))
    rows = [finding._asdict() for finding in findings]
    broken = {finding.nct_id for finding in findings if finding.severity == "Violation"}
    if format_ == "json":
        _echo_json({"trials": len(nct_ids), "broken": len(broken), "findings": rows})
    else:
        if rows:
            _print(_table(("nct_id", "severity", "message", "path", "value"), rows))
        click.echo(f"{len(nct_ids):,} trials checked, {len(broken):,} break a shape.")
    if broken:
        _fail(f"{len(broken):,} trials break a shape.")


@main.command()
@_format("table", "json")
@_store
def status(format_: str, store_path: Path) -> None:
    """Print what is published: counts, versions, dates, sizes."""
    import msgspec

    store = _open(store_path)
    generation = store.published()
    said = msgspec.to_builtins(generation.manifest)
    said["store"] = str(store.path)
    said["generations"] = store.generation_numbers()
    if format_ == "json":
        _echo_json(said)
        return
    flat: dict[str, Any] = {}
    del said["checksums"]  # for machines
    for name, value in said.items():
        if isinstance(value, dict):
            flat |= {f"{name}: {key}": item for key, item in value.items()}
        else:
            flat[name] = value
    _print(_pairs(f"Generation {said['generation']} of {store.path}", flat))


def _open(path: Path) -> Store:
    from kg.store import Store

    return Store(path)


def _one_or_all(nct_id: str | None, all_: bool, store_path: Path) -> Generation:
    if (nct_id is None) != all_:
        raise click.UsageError("Give one NCT id, or --all.")
    return _open(store_path).published()


def _query_text(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    path = Path(query)
    # Query texts hold blanks and brackets; a path that is one is still taken for a file.
    try:
        return path.read_text("utf-8") if path.is_file() else query
    except (OSError, UnicodeDecodeError) as error:
        if "\n" in query or "{" in query:  # too long or odd for a file name
            return query
        raise QueryError(f"{query} cannot be read: {error}.") from error


def _echo_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _echo_json_list(rows: Iterator[dict[str, Any]]) -> None:
    """Print a JSON list as its items come, so that memory does not grow with it."""
    opening = "[\n"
    for row in rows:
        click.echo(opening + json.dumps(row, ensure_ascii=False), nl=False)
        opening = ",\n"
    click.echo("[]" if opening == "[\n" else "\n]")


def _print(table: Table) -> None:
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)


def _pairs(title: str, values: dict[str, Any]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), show_header=False, title_justify="left")
    for name, value in values.items():
        table.add_row(Text(name.replace("_", " ")), Text(_words(value)))
    return table


def _table(columns: tuple[str, ...], rows: Any) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in columns:
        table.add_column(Text(name.replace("_", " ")))
    for row in rows:
        table.add_row(*(Text(_words(row.get(name))) for name in columns))
    return table


def _words(value: Any) -> str:
    if value is None or value == [] or value == ():
        return "not stated"
    if isinstance(value, list | tuple):
        return "; ".join(str(item) for item in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _print_result(answer: QueryAnswer) -> None:
    result = json.loads(answer.body)
    if answer.form == "ASK":
        click.echo("true" if result["boolean"] else "false")
        return
    variables = tuple(result["head"]["vars"])
    rows = (
        {name: binding[name]["value"] if name in binding else "" for name in variables}
        for binding in result["results"]["bindings"]
    )
    _print(_table(variables, rows))


@contextmanager
def _shown_progress() -> Iterator[_RichProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True)
    columns = ("{task.description:<20}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
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


if __name__ == "__main__":
    main()
