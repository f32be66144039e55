"""What `related` prints: relations with their words, kin with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from kg.console import echo_json, echo_json_list, print_table, rows_table, shown

if TYPE_CHECKING:
    from kg.generation import Generation
    from similarity.kin import Kin

_RELATIONS_SHOWN = 12
"""Relations that the table shows; all of them are in the JSON."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one question: typed relations apart from likeness.

    `recognised` is what a text or a record was found to say; None where a trial was asked for.
    """

    query: str
    kin: list[Kin]
    relations: list[dict[str, Any]] = field(default_factory=list)
    recognised: dict[str, list[Any]] | None = None


def print_all(generation: Generation, answers: Iterator[Answer], format_: str) -> None:
    """Print the kin of many questions, without relations, as the answers come."""
    from kg import views

    if format_ == "trec":
        model = generation.kin_index.model_name
        tag = model if model == "trialkin" else f"trialkin-{model}"
        for answer in answers:
            click.echo("".join(views.trec_lines(answer.query, answer.kin, tag)), nl=False)
        return
    rows = (row for one in answers for row in views.kin_rows(generation, one.query, one.kin))
    if format_ == "json":
        echo_json_list(rows)
    elif format_ == "csv":
        click.echo(views.csv_text(rows, views.KIN_COLUMNS), nl=False)
    else:
        print_table(rows_table(views.KIN_COLUMNS, rows))


def print_one(generation: Generation, answer: Answer, format_: str) -> None:
    """Print relations and kin of one question, and to standard error what to mind in them."""
    from kg import views
    from similarity.kin import CLOSE_SCORE, has_close

    if answer.kin and not has_close(answer.kin):
        click.echo(
            f"trialkin: no close kin: these score below {CLOSE_SCORE}, where few are of use.",
            err=True,
        )
    recognised = answer.recognised
    if recognised is not None and not any(recognised.values()):
        click.echo(
            "trialkin: no condition, cells or route was recognised in it, so that its kin are "
            "found by its words alone.",
            err=True,
        )
    if format_ in ("csv", "trec"):
        print_all(generation, iter([answer]), format_)
        return
    rows = views.kin_rows(generation, answer.query, answer.kin)
    if format_ == "json":
        said: dict[str, Any] = {"query_nct_id": answer.query}
        if recognised is not None:
            said["recognised"] = recognised
        echo_json(said | {"relations": answer.relations, "kin": rows})
        return
    if recognised is not None:
        known = [f"{name}: {shown(found)}" for name, found in recognised.items() if found]
        click.echo("Recognised: " + (" | ".join(known) or "nothing"), err=True)
    if answer.relations:
        _print_relations(answer.relations)
    print_table(rows_table(views.KIN_COLUMNS[1:], rows, title="Kin: trials that are alike"))


def _print_relations(relations: list[dict[str, Any]]) -> None:
    rows = [
        {
            "relation": relation["words"],
            "nct_id": relation["nct_id"],
            "title": relation["title"],
            "shown by": list(dict.fromkeys(_quoted(found) for found in relation["evidence"])),
        }
        for relation in relations[:_RELATIONS_SHOWN]
    ]
    title = "Relations: trials that belong together by what their records say"
    print_table(rows_table(("relation", "nct_id", "title", "shown by"), rows, title=title))
    more = len(relations) - len(rows)
    if more > 0:
        click.echo(f"... and {more} more relations; --format json prints all.\n", err=True)


def _quoted(evidence: Mapping[str, Any]) -> str:
    words = str(evidence["words"])
    if str(evidence["path"]).endswith(".pmid"):
        return f"PubMed {words}"
    return f"“{words if len(words) <= 80 else words[:79] + '…'}”"
