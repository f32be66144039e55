"""`related`: the typed relations and the kin of trials, texts and records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.commands.kin_printing import Answer, print_all, print_one
from kg.commands.options import (
    PHASES,
    STATUSES,
    Choice,
    format_option,
    open_store_folder,
    store_option,
    usage_errors,
)

if TYPE_CHECKING:
    from kg.generation import Generation
    from similarity.index import KinIndex
    from similarity.kin import Kin


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
    "--source",
    "cell_sources",
    multiple=True,
    help="Only this cell source, by name or label, and what is narrower: umbilical_cord, ...",
)
@click.option("--route", "routes", multiple=True, help="Only this route: intravenous, IV, ...")
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
        raise click.UsageError("Give one of these: NCT ids, --all, --text FILE or --record FILE.")
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
            Answer(query, choose(index.rank(query, wanted, **kwargs))) for query in index.nct_ids
        )
        print_all(generation, ranked, format_)
        return
    if nct_ids:
        answer = _of_trials(generation, nct_ids, wanted, kwargs)
    elif text_file is not None:
        answer = _of_text(generation, text_file, wanted, kwargs)
    else:
        answer = _of_record(generation, Path(str(record_file)), wanted, kwargs)
    answer = Answer(answer.query, choose(answer.kin), answer.relations, answer.recognised)
    print_one(generation, answer, format_)


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
) -> Answer:
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
        return Answer("+".join(nct_ids), [], relations)
    if len(known) == 1:
        return Answer(known[0], generation.rank_kin(known[0], k, **kwargs), relations)
    from similarity.asking import rank_together

    return Answer("+".join(known), rank_together(index, known, k, **kwargs), relations)


def _of_text(generation: Generation, file: Path, k: int, kwargs: dict[str, Any]) -> Answer:
    from kg import asking

    encoder = asking.encoder_of(generation)
    profile, facts = asking.profile_of_text(asking.read_text(file), encoder)
    kin = generation.kin_index.rank_profile(profile, k, encoder=encoder, **kwargs)
    return Answer(profile.nct_id, kin, recognised=asking.recognised(profile, facts))


def _of_record(generation: Generation, file: Path, k: int, kwargs: dict[str, Any]) -> Answer:
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
    return Answer(profile.nct_id, kin, recognised=asking.recognised(profile, facts))
