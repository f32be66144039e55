"""`related`: the kin of trials, texts and records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.commands.options import format_option, open_store_folder, store_option
from kg.console import (
    echo_json_list,
    print_table,
    rows_table,
)

if TYPE_CHECKING:
    from kg.generation import Generation
    from similarity.index import KinIndex
    from similarity.kin import Kin


@click.command()
@click.argument("nct_ids", nargs=-1, metavar="[NCT_ID]...")
@click.option("--all", "all_", is_flag=True, help="The kin of every trial.")
@click.option(
    "--text",
    "text_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The kin of a free text, such as a synopsis (- for standard input).",
)
@click.option(
    "--record",
    "record_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The kin of the trial in a record file, which need not be in the store.",
)
@click.option(
    "-k", type=click.IntRange(1), default=10, show_default=True, help="How many kin of each."
)
@click.option("--status", "statuses", multiple=True, help="Only such trials: RECRUITING, ...")
@click.option("--phase", "phases", multiple=True, help="Only such trials: PHASE2, ...")
@click.option("--country", "countries", multiple=True, help="Only trials in this country.")
@click.option("--source", "cell_sources", multiple=True, help="Only this cell source.")
@click.option("--route", "routes", multiple=True, help="Only this route.")
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
    """Print the kin of a trial, of several together, of a text or a record, with reasons."""
    from kg import views

    asked = [bool(nct_ids), all_, text_file is not None, record_file is not None]
    if sum(asked) != 1:
        raise click.UsageError("Give NCT ids, or --all, or --text FILE, or --record FILE.")
    generation = open_store_folder(store_path).published()
    index = generation.kin_index
    allowed = None
    if statuses or phases or countries or cell_sources or routes:
        from kg.asking import allowed_trials

        allowed = allowed_trials(
            generation,
            statuses=statuses,
            phases=phases,
            countries=countries,
            concepts={"cell_sources": cell_sources, "routes": routes},
        )
    # A varied list is chosen from a longer one.
    wanted = k if diversity == 0 else max(5 * k, 50)
    kwargs: dict[str, Any] = {"weights": _weights(weights), "allowed": allowed}
    ranked: Iterator[tuple[str, list[Kin]]]
    if all_:
        ranked = ((query, index.rank(query, wanted, **kwargs)) for query in index.nct_ids)
    elif nct_ids:
        ranked = iter([_kin_of_trials(generation, nct_ids, wanted, kwargs)])
    else:
        ranked = iter([_kin_of_file(generation, text_file, record_file, wanted, kwargs)])
    if diversity:
        from similarity.asking import diversify

        ranked = ((q, diversify(index, kin, k, diversity=diversity)) for q, kin in ranked)
    if format_ == "trec":
        tag = f"trialkin-{index.model_name}"
        for query, kin in ranked:
            click.echo("".join(views.trec_lines(query, kin, tag)), nl=False)
        return
    rows = (row for query, kin in ranked for row in views.kin_rows(generation, query, kin))
    if format_ == "json":
        echo_json_list(rows)
    elif format_ == "csv":
        click.echo(views.csv_text(rows, views.KIN_COLUMNS), nl=False)
    else:
        columns = views.KIN_COLUMNS if all_ else views.KIN_COLUMNS[1:]
        print_table(rows_table(columns, rows))


def _weights(given: tuple[str, ...]) -> dict[str, float] | None:
    weights = {}
    for one in given:
        facet, _, times = one.partition("=")
        try:
            weights[facet] = float(times)
        except ValueError:
            raise click.UsageError(f"--weight {one}: write FACET=TIMES, as in route=2.") from None
    return weights or None


def _kin_of_trials(
    generation: Generation, nct_ids: tuple[str, ...], k: int, kwargs: dict[str, Any]
) -> tuple[str, list[Kin]]:
    index: KinIndex = generation.kin_index
    known = [generation.records.resolve(nct_id) for nct_id in nct_ids]
    if len(known) == 1:
        return known[0], index.rank(known[0], k, **kwargs)
    from similarity.asking import rank_together

    return "+".join(known), rank_together(index, known, k, **kwargs)


def _kin_of_file(
    generation: Generation,
    text_file: Path | None,
    record_file: Path | None,
    k: int,
    kwargs: dict[str, Any],
) -> tuple[str, list[Kin]]:
    from kg import asking

    encoder = asking.encoder_of(generation)
    if record_file is not None:
        profile = asking.profile_of_record(record_file)
    else:
        text = asking.read_text(Path(str(text_file)))
        profile, _ = asking.profile_of_text(text, encoder)
    kin = generation.kin_index.rank_profile(profile, k, encoder=encoder, **kwargs)
    return profile.nct_id, kin
