"""Commands for copies of a store: `offer` at the origin, `pull` at each replica."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.commands.options import format_option, open_store_folder, store_option
from kg.commands.refreshing import EXIT_LOCKED
from kg.console import echo_json, pairs_table, print_table, shown_progress


@click.command()
@click.option("--stop", is_flag=True, help="Offer nothing any more.")
@format_option("table", "json")
@store_option
def offer(stop: bool, format_: str, store_path: Path) -> None:
    """Let other machines pull what is published, now and from now on.

    Writes the list of files that `trialkin pull` needs; every later build, refresh and rollback
    keeps it up to date. Let any file server serve the folder, or copy it to an object store.
    """
    import msgspec

    from kg.replicas.offering import offer as offer_store
    from kg.replicas.offering import withdraw

    store = open_store_folder(store_path)
    if stop:
        withdraw(store)
        click.echo(f"{store.path} offers nothing any more.", err=True)
        return
    found = msgspec.to_builtins(offer_store(store))
    if format_ == "json":
        echo_json(found)
    else:
        told = {name: found[name] for name in ("files", "size", "built_at", "current_as_of")}
        print_table(pairs_table(f"Generation {found['generation']} is offered", told))


@click.command()
@click.argument("url")
@click.option(
    "--generation", type=click.IntRange(1), help="Another one that is kept there, by its number."
)
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    help="Generations to keep besides the published one, for rollback.",
)
@click.option("--force", is_flag=True, help="Also over a generation that was made here.")
@click.option("--dry-run", is_flag=True, help="Print what would be fetched; write nothing.")
@format_option("table", "json")
@store_option
def pull(
    url: str,
    generation: int | None,
    keep: int,
    force: bool,
    dry_run: bool,
    format_: str,
    store_path: Path,
) -> None:
    """Fetch what another store offers, and publish it here.

    URL is the folder of a store, or a copy of it: http(s)://..., a path, or what fsspec knows, such
    as s3://... Only files that are not here are fetched; every one is checked by its sha256. Exit
    codes: 0 published or nothing new, 1 failed (what was published stays), 2 wrong usage, 75
    another process holds the store (try again later).
    """
    import dataclasses

    from kg.replicas.places import open_place
    from kg.replicas.pulling import pull as pull_store
    from ontology.errors import StoreLockedError

    store = open_store_folder(store_path)
    place = open_place(url)
    try:
        with shown_progress(in_bytes=True) as progress:
            report = pull_store(
                store,
                place,
                generation=generation,
                keep=keep,
                force=force,
                dry_run=dry_run,
                progress=progress,
            )
    except StoreLockedError as error:
        click.echo(f"trialkin: {error}", err=True)
        sys.exit(EXIT_LOCKED)
    finally:
        place.close()
    told = dataclasses.asdict(report)
    if format_ == "json":
        echo_json(told)
        return
    title = {
        "published": f"Generation {report.generation} is published",
        "unchanged": f"Nothing has changed; generation {report.generation} stays",
        "planned": f"Nothing was written; generation {report.generation} would be published",
    }[report.outcome]
    print_table(pairs_table(title, told))
