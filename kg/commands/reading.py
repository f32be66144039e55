"""Commands that read a published graph: `facts`, `show`, `search`, `sparql`."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from kg.cell_facts.wording import FIELD_LABELS, words_row
from kg.commands.options import (
    fail,
    format_option,
    graph_option,
    one_or_all,
    open_store_folder,
    store_option,
)
from kg.console import (
    echo_json,
    echo_json_list,
    pairs_table,
    print_result,
    print_table,
    rows_table,
)
from ontology.errors import QueryError

if TYPE_CHECKING:
    from kg.search_words import DoubtfulWord

# No query is without a blank and a brace; an IRI in angle brackets may follow DESCRIBE.
_FILE_NAME = re.compile(r"[^\s{}<>]+")


@click.command()
@click.argument("nct_id", required=False)
@click.option("--all", "all_", is_flag=True, help="The facts of every trial.")
@click.option(
    "--review",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a CSV table for a curator instead: facts, their words, and room to correct.",
)
@format_option("table", "json", "jsonl", "csv")
@store_option
def facts(
    nct_id: str | None, all_: bool, review: Path | None, format_: str, store_path: Path
) -> None:
    """Print the cell facts read from a trial's text.

    Cell sources and types, donor, routes, doses and how the cells were kept; JSON (of one trial
    an object, of all a list or lines) also holds the words that each fact leans on. The table
    of --review goes back, corrected, to `trialkin build --corrections`.
    """
    from kg import views

    source = click.get_current_context().get_parameter_source("format_")
    if review is not None and source is not ParameterSource.DEFAULT and format_ != "csv":
        raise click.UsageError(f"--review writes CSV, not {format_}; leave --format out.")

    generation = one_or_all(nct_id, all_, store_path)
    records = generation.records
    wanted = records.nct_ids() if nct_id is None else [records.resolve(nct_id)]
    if review is not None:
        from kg.cell_facts.review import write_review

        pairs = ((records.study(one), records.facts(one)) for one in wanted)
        try:
            with open(review, "w", encoding="utf-8", newline="") as file:
                count = write_review(pairs, file)
        except OSError as error:
            fail(f"{review} cannot be written: {error.strerror}.")
        click.echo(f"{count:,} rows written to {review}", err=True)
        return
    rows = (views.fact_row(records.facts(one)) for one in wanted)
    if format_ == "json" and nct_id is not None:
        echo_json(next(rows))
    elif format_ == "json":
        echo_json_list(rows)
    elif format_ == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    elif format_ == "csv":
        click.echo(views.csv_text(rows, views.FACT_COLUMNS), nl=False)
    elif nct_id is not None:
        row = next(rows)
        print_table(pairs_table(row["nct_id"], words_row(row)))
    else:
        columns = ("nct_id", *FIELD_LABELS.values())
        print_table(
            rows_table(columns, ({"nct_id": row["nct_id"]} | words_row(row) for row in rows))
        )


@click.command()
@click.argument("nct_id")
@format_option("table", "json")
@store_option
def show(nct_id: str, format_: str, store_path: Path) -> None:
    """Print one trial.

    What is registered, then what was read from its text. JSON is the whole record, as it came,
    in the registry's API v2 shape.
    """
    from kg import views

    records = open_store_folder(store_path).published().records
    if format_ == "json":
        echo_json(records.payload(nct_id))
        return
    study = records.study(nct_id)
    card = views.card_row(records.card(nct_id))
    facts = card.pop("facts")
    card["summary"] = study.description.brief_summary
    arms = [f"{arm.type or 'arm'}: {arm.label}" for arm in study.arms_interventions.arm_groups]
    card["arms"] = arms
    card["interventions"] = [item.name for item in study.arms_interventions.interventions]
    print_table(pairs_table(f"{study.nct_id}  {card.pop('title')}", card))
    print_table(pairs_table("Read from the text", words_row(facts)))


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("-k", type=click.IntRange(1), default=20, show_default=True, help="At most so many.")
@format_option("table", "json", "csv")
@store_option
def search(words: tuple[str, ...], k: int, format_: str, store_path: Path) -> None:
    """Find trials by words, NCT ids or acronyms.

    All words must occur, small ones such as "of" aside, and the last one may be the beginning of
    a word; if no trial has all of them, those that have any are found. Words that no trial has are
    named on standard error, with the nearest that some have. The best come first (BM25), ties by
    NCT id. Words that half of all trials have, or more than 10,000, do not count for the rank.
    Where all are so common, those with them in the title come first, then those that name them as
    condition or intervention, the newest first in each, and their score is 0.
    """
    from kg import views

    records = open_store_folder(store_path).published().records
    typed = " ".join(words)
    if not records.has_every_word(typed):
        for doubtful in records.doubtful_words(typed):
            _echo_doubt(doubtful)
    hits = records.search(typed, k)
    rows = [views.card_row(hit.card) | {"score": round(hit.score, 4)} for hit in hits]
    if format_ == "json":
        echo_json(rows)
    elif format_ == "csv":
        click.echo(views.csv_text(rows, views.CARD_COLUMNS), nl=False)
    elif rows:
        print_table(
            rows_table(("nct_id", "title", "overall_status", "phases", "enrollment_count"), rows)
        )
    else:
        click.echo("No trial found.", err=True)


def _echo_doubt(doubtful: DoubtfulWord) -> None:
    meant = " or ".join(f"“{word}”" for word in doubtful.meant)
    asked = f"; did you mean {meant}?" if meant else "."
    some = f"{doubtful.records} trials have" if doubtful.records else "no trial has"
    click.echo(f"trialkin: {some} the word “{doubtful.word}”{asked}", err=True)


@click.command()
@click.argument("query", metavar="QUERY|FILE|-")
@format_option("table", "csv", "tsv", "json", "xml", "turtle", "ntriples", "jsonld")
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
@graph_option
@store_option
def sparql(
    query: str,
    format_: str,
    timeout: float,
    max_rows: int,
    graph_url: str | None,
    store_path: Path,
) -> None:
    """Ask the graph in SPARQL.

    The query is given as its text, a file that holds it, or - for standard input. Prefixes need
    not be declared; tk: is TrialKin's own vocabulary, trial: a trial by its NCT id, as in
    'SELECT ?kin { trial:NCT04356287 tk:kin ?kin }'. The graph cannot be changed.
    """
    from kg.engines.opening import open_queries
    from kg.sparql.limits import QueryLimits

    limits = QueryLimits(deadline_s=timeout, max_rows=max_rows, max_bytes=1_000_000_000)
    graph_formats = ("turtle", "ntriples", "jsonld", "xml")
    store = open_store_folder(store_path, graph_url)
    with closing(open_queries(store, store.published(), workers=1, limits=limits)) as queries:
        answer = queries.run(
            _query_text(query),
            select_format="json" if format_ == "table" else format_,
            graph_format=format_ if format_ in graph_formats else "turtle",
        )
    if answer.form == "CONSTRUCT" and format_ not in (*graph_formats, "table"):
        raise QueryError(f"A graph cannot be {format_}; ask for {', '.join(graph_formats)}.")
    if format_ == "table" and answer.form != "CONSTRUCT":
        print_result(answer)
    else:
        sys.stdout.buffer.write(answer.body)
    if answer.truncated:
        fail(f"the result is cut after {answer.rows} rows; add a LIMIT or raise --max-rows.")


def _query_text(query: str) -> str:
    if query == "-":
        try:
            return sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise QueryError("The query is no UTF-8 text; convert it first.") from error
    if _FILE_NAME.fullmatch(query) and not Path(query).is_file():
        raise click.UsageError(f"{query} is not there; give a query, a file that holds one, or -.")
    path = Path(query)
    # Query texts hold blanks and brackets; a path that is one is still taken for a file.
    try:
        return path.read_text("utf-8") if path.is_file() else query
    except (OSError, UnicodeDecodeError) as error:
        if "\n" in query or "{" in query:  # too long or odd for a file name
            return query
        raise QueryError(f"{query} cannot be read: {error}.") from error
