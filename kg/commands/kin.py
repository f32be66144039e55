"""`related`: the typed relations and the kin of trials, texts and records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.commands.options import (
    PHASES,
    STATUSES,
    Choice,
    format_option,
    open_store_folder,
    store_option,
    usage_errors,
)
from kg.console import echo_json, echo_json_list, print_table, rows_table, shown

if TYPE_CHECKING:
    from kg.generation import Generation
    from similarity.index import KinIndex
    from similarity.kin import Kin

_RELATIONS_SHOWN = 12
"""Relations that the table shows; all of them are in the JSON."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is known of one question: typed relations apart from likeness.

    `recognised` is what a text or a record was found to say; None where a trial was asked for.
    """

    query: str
    kin: list[Kin]
    relations: list[dict[str, Any]] = field(default_factory=list)
    recognised: dict[str, list[Any]] | None = None


@click.command()
@click.argument("nct_ids", nargs=-1, metavar="[NCT_ID]...")
@click.option("--all", "all_", is_flag=True, help="The kin of every trial, without relations.")
@click.option(
    "--text",
    "text_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The kin of a free text in English, such as a synopsis (- for standard input).",
)
@click.option(
    "--record",
    "record_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The kin of the first trial in a record file, which need not be in the store.",
)
@click.option(
    "-k", type=click.IntRange(1), default=10, show_default=True, help="How many kin of each."
)
@click.option(
    "--status", "statuses", multiple=True, type=Choice(STATUSES), help="Only kin of this status."
)
@click.option(
    "--phase", "phases", multiple=True, type=Choice(PHASES), help="Only kin of this phase."
)
@click.option("--country", "countries", multiple=True, help="Only kin in this country: Italy, ...")
@click.option(
    "--source", "cell_sources", multiple=True, help="Only this cell source: umbilical_cord, ..."
)
@click.option("--route", "routes", multiple=True, help="Only this route: intravenous, ...")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="FACET=TIMES",
    help="Let a facet count so many times as much, as in route=2 or donor=0.",
)
@click.option(
    "--diversity",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="How far to prefer kin that are unlike each other.",
)
@format_option("table", "json", "csv", "trec")
@store_option
def related(
    nct_ids: tuple[str, ...],
    all_: bool,
    text_file: Path | None,
    record_file: Path | None,
    k: int,
    statuses: tuple[str, ...],
    phases: tuple[str, ...],
    countries: tuple[str, ...],
    cell_sources: tuple[str, ...],
    routes: tuple[str, ...],
    weights: tuple[str, ...],
    diversity: float,
    format_: str,
    store_path: Path,
) -> None:
    """Print a trial's relations and kin, with reasons.

    For NCT ids the typed relations come first (follow-up of, same programme as, ...), with the
    words that show them; then the kin, alike by disease, cells, route, design and text, of
    several ids those that are closest to all together. A text or a record has kin only.

    JSON is an object with `relations` and `kin`, with --all a list of kin; CSV and TREC hold the
    kin alone. Options that choose or weigh concern the kin alone, and may be repeated.
    """
    asked = [bool(nct_ids), all_, text_file is not None, record_file is not None]
    if sum(asked) != 1:
        raise click.UsageError("Give NCT ids, or --all, or --text FILE, or --record FILE.")
    factors = _weights(weights)
    generation = open_store_folder(store_path).published()
    index = generation.kin_index
    filters = {"cell_sources": cell_sources, "routes": routes}
    with usage_errors():
        allowed = _allowed(generation, statuses, phases, countries, filters)
    # A varied list is chosen from a longer one.
    wanted = k if diversity == 0 else max(5 * k, 50)
    kwargs: dict[str, Any] = {"weights": factors, "allowed": allowed}

    def choose(kin: list[Kin]) -> list[Kin]:
        if not diversity:
            return kin
        from similarity.asking import diversify

        return diversify(index, kin, k, diversity=diversity)

    if all_:
        ranked = (
            _Answer(query, choose(index.rank(query, wanted, **kwargs))) for query in index.nct_ids
        )
        _print_all(generation, ranked, format_)
        return
    if nct_ids:
        answer = _of_trials(generation, nct_ids, wanted, kwargs)
    elif text_file is not None:
        answer = _of_text(generation, text_file, wanted, kwargs)
    else:
        answer = _of_record(generation, Path(str(record_file)), wanted, kwargs)
    answer = _Answer(answer.query, choose(answer.kin), answer.relations, answer.recognised)
    _print_one(generation, answer, format_)


def _print_all(generation: Generation, answers: Iterator[_Answer], format_: str) -> None:
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


def _print_one(generation: Generation, answer: _Answer, format_: str) -> None:
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
        _print_all(generation, iter([answer]), format_)
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


def _weights(given: tuple[str, ...]) -> dict[str, float] | None:
    weights = {}
    for one in given:
        facet, _, times = one.partition("=")
        try:
            weights[facet.strip()] = float(times)
        except ValueError:
            from similarity.features import FACETS

            raise click.UsageError(
                f"--weight {one}: write FACET=TIMES, as in route=2; facets are {', '.join(FACETS)}."
            ) from None
    if weights:
        from similarity.fusion import checked_weights

        with usage_errors("--weight"):
            checked_weights(weights)
    return weights or None


def _allowed(
    generation: Generation,
    statuses: tuple[str, ...],
    phases: tuple[str, ...],
    countries: tuple[str, ...],
    concepts: Mapping[str, tuple[str, ...]],
) -> frozenset[str] | None:
    if not (statuses or phases or countries or any(concepts.values())):
        return None
    from kg.asking import allowed_trials

    return allowed_trials(
        generation, statuses=statuses, phases=phases, countries=countries, concepts=concepts
    )


def _of_trials(
    generation: Generation, nct_ids: tuple[str, ...], k: int, kwargs: dict[str, Any]
) -> _Answer:
    from kg.trial_relations import relation_rows

    index: KinIndex = generation.kin_index
    known = list(dict.fromkeys(generation.records.resolve(nct_id) for nct_id in nct_ids))
    relations = [
        {"query_nct_id": query} | row for query in known for row in relation_rows(generation, query)
    ]
    for query in known:
        if query not in index:  # kept, as all records are, but out of the kin
            click.echo(f"trialkin: {query} is no longer registered; it has no kin.", err=True)
    known = [query for query in known if query in index]
    if not known:
        return _Answer("+".join(nct_ids), [], relations)
    if len(known) == 1:
        return _Answer(known[0], index.rank(known[0], k, **kwargs), relations)
    from similarity.asking import rank_together

    return _Answer("+".join(known), rank_together(index, known, k, **kwargs), relations)


def _of_text(generation: Generation, file: Path, k: int, kwargs: dict[str, Any]) -> _Answer:
    from kg import asking

    encoder = asking.encoder_of(generation)
    profile, facts = asking.profile_of_text(asking.read_text(file), encoder)
    kin = generation.kin_index.rank_profile(profile, k, encoder=encoder, **kwargs)
    return _Answer(profile.nct_id, kin, recognised=asking.recognised(profile, facts))


def _of_record(generation: Generation, file: Path, k: int, kwargs: dict[str, Any]) -> _Answer:
    from kg import asking

    encoder = asking.encoder_of(generation)
    study, more = asking.first_study(file)
    if more:
        click.echo(
            f"trialkin: {file} holds more records; these are the kin of the first, {study.nct_id}.",
            err=True,
        )
    profile, facts = asking.profile_and_facts(study)
    kin = generation.kin_index.rank_profile(profile, k, encoder=encoder, **kwargs)
    return _Answer(profile.nct_id, kin, recognised=asking.recognised(profile, facts))
