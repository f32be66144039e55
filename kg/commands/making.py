"""Commands that make or check something: `build`, `export`, `validate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands.options import (
    MOST_KIN,
    fail,
    format_option,
    graph_kin_option,
    graph_option,
    open_store_folder,
    store_option,
)
from kg.console import (
    echo_json,
    pairs_table,
    print_table,
    rows_table,
    shown_progress,
)

if TYPE_CHECKING:
    from kg.shards.mapping import Mapper


@click.command()
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE..."
)
@store_option
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
@click.option(
    "--corrections",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A curator's changes to the cell facts, as `facts --review` lays them out.",
)
@graph_kin_option(MOST_KIN)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Processes that derive and link the records; as many as there are cores by default.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Derive the records on a Dask cluster, such as tcp://127.0.0.1:8786; needs --shards.",
)
@click.option(
    "--shards",
    metavar="DIR_OR_URL",
    help="Folder or fsspec URL that the cluster's workers see, for what they exchange.",
)
@graph_option
@format_option("table", "json")
def build(
    sources: tuple[Path, ...],
    store_path: Path,
    encoder: str,
    max_rejected: float,
    corrections: Path | None,
    graph_kin: int,
    jobs: int | None,
    scheduler: str | None,
    shards: str | None,
    graph_url: str | None,
    format_: str,
) -> None:
    """Read record files and folders into a new published graph.

    Each SOURCE is a file or folder of ClinicalTrials.gov records in any form, also packed. A
    record that cannot be read is named and left out; what was published before stays so until
    the new graph is whole.
    """
    from kg.build import build as build_graph
    from kg.cell_facts.corrections import read_corrections
    from kg.commands.status import without_exact_search
    from kg.sources import read_sources
    from similarity.encoders import load_encoder

    if (scheduler is None) != (shards is None):
        raise click.UsageError("Give --scheduler and --shards together.")
    read_sources(sources)  # refuses a wrong path at once, before a model is loaded
    curated = None if corrections is None else read_corrections(corrections)
    store = open_store_folder(store_path, graph_url)
    with shown_progress() as progress:
        store.progress = progress
        report = build_graph(
            store,
            sources,
            load_encoder(encoder),
            progress=progress,
            corrections=curated,
            mapper=_mapper(jobs, scheduler, shards),
            graph_kin=graph_kin,
        )
    for rejected in report.rejected[:20]:
        click.echo(f"rejected: {rejected}", err=True)
    if len(report.rejected) > 20:
        click.echo(f"... and {len(report.rejected) - 20} more", err=True)
    if report.repeated:
        shown = ", ".join(sorted(set(report.repeated))[:10])
        click.echo(
            f"repeated: {len(report.repeated)} records ({shown}); "
            "of each the fullest form was kept, else the one updated last",
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
        echo_json(summary)
    else:
        spent = {f"seconds to {name}": s for name, s in report.seconds.items()}
        numbers = without_exact_search(report.counts) | spent
        print_table(pairs_table(f"Generation {report.generation} is published", numbers))
    if report.rejected_share > max_rejected:
        fail(
            f"{report.rejected_share:.0%} of the records could not be read, "
            f"more than the {max_rejected:.0%} allowed."
        )


def _mapper(jobs: int | None, scheduler: str | None, shards: str | None) -> Mapper:
    if scheduler is not None and shards is not None:
        from kg.cluster.dask_mapper import DaskMapper

        return DaskMapper(scheduler, shards)
    from kg.shards.processes import Local

    return Local(jobs)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@format_option("nquads", "trig", "jsonld")
@click.option("--without-runs", is_flag=True, help="Leave out the records of runs.")
@store_option
def export(file: Path, format_: str, without_runs: bool, store_path: Path) -> None:
    """Write the published graph, sorted, to a file.

    FILE may be - for standard output. The same records give the same file, but for the runs
    (see --without-runs).
    """
    from kg.export import export_graph

    count = export_graph(
        open_store_folder(store_path).published(), file, format_=format_, without_runs=without_runs
    )
    click.echo(f"{count:,} quads written to {file}", err=True)


@click.command()
@click.option(
    "--all/--changed",
    "all_",
    default=True,
    show_default=True,
    help="All trials, or those whose records changed since the generation before.",
)
@format_option("table", "json")
@store_option
def validate(all_: bool, format_: str, store_path: Path) -> None:
    """Check the trials against the SHACL shapes.

    The shapes say what a well-formed trial is (ontology/shapes.ttl); the exit code is 1 if a trial
    breaks one.
    """
    from kg.validation import BATCH_TRIALS, changed_nct_ids
    from kg.validation import validate as check

    store = open_store_folder(store_path)
    generation = store.published()
    nct_ids = generation.records.nct_ids()
    if not all_:
        nct_ids = changed_nct_ids(generation, store.before(generation))
    findings = []
    with shown_progress() as progress, progress.stage("Checking", len(nct_ids)) as advance:
        for number, batch in enumerate(check(generation, nct_ids)):
            findings += batch
            advance(min(BATCH_TRIALS, len(nct_ids) - number * BATCH_TRIALS))
    rows = [finding._asdict() for finding in findings]
    broken = {finding.nct_id for finding in findings if finding.severity == "Violation"}
    if format_ == "json":
        echo_json({"trials": len(nct_ids), "broken": len(broken), "findings": rows})
    else:
        if rows:
            print_table(rows_table(("nct_id", "severity", "message", "path", "value"), rows))
        click.echo(f"{len(nct_ids):,} trials checked, {len(broken):,} of them break a shape.")
    if broken:
        fail(f"{len(broken):,} trials break a shape.")
