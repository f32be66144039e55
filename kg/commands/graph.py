"""`graph`: views of the graph that kin links and typed relations make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.commands.options import MOST_KIN, format_option, open_store_folder, store_option
from kg.console import echo_json, print_table, rows_table

if TYPE_CHECKING:
    import networkx as nx

    from kg.generation import Generation
    from kg.kin_communities import Community

_MEMBERS_SHOWN = 5
_LINKS_SHOWN = 5

kin_option = click.option(
    "-k",
    type=click.IntRange(1, MOST_KIN),
    default=10,
    show_default=True,
    help="How many kin of each trial are followed.",
)


@click.group()
def graph() -> None:
    """Paths, groups and neighbours in the graph of kin.

    Two trials are joined if either has the other among its nearest kin, or a typed relation
    joins them (a shared publication alone does not).
    """


@graph.command()
@click.argument("nct_id")
@click.argument("other")
@kin_option
@format_option("table", "json", "csv")
@store_option
def path(nct_id: str, other: str, k: int, format_: str, store_path: Path) -> None:
    """Print the closest chain from one trial to another, with the reason of each step.

    The closest chain is the one whose distances add up to the least; the distance of two kin
    is 1 - score, and at most 0.2 where a typed relation joins them.
    """
    from kg.graph_rows import PATH_COLUMNS, path_rows
    from kg.kin_paths import explained_path

    generation = open_store_folder(store_path).published()
    rows = path_rows(generation, explained_path(generation, nct_id, other, k))
    if format_ == "table":
        if not rows:
            click.echo("Both are the same trial.", err=True)
            return
        rows = [row | {"relations": row["relations"] or "none"} for row in rows]
    _print(rows, PATH_COLUMNS, format_)


@graph.command()
@kin_option
@format_option("table", "json", "csv")
@store_option
def communities(k: int, format_: str, store_path: Path) -> None:
    """Print the groups of trials that are closer to each other than to the rest.

    A label says what sets a group apart: condition, cell source, route. The table shows the
    most central trials of each; JSON has all, CSV a line a trial.
    """
    from kg.graph_rows import COMMUNITY_COLUMNS, MEMBER_COLUMNS, community_rows, member_rows

    whole, parts = _grouped(open_store_folder(store_path).published(), k)
    if format_ == "csv":
        _print(member_rows(whole, parts), MEMBER_COLUMNS, format_)
        return
    rows = community_rows(parts)
    if format_ == "table":
        rows = [row | {"nct_ids": _shortened(row["nct_ids"], _MEMBERS_SHOWN)} for row in rows]
    _print(rows, COMMUNITY_COLUMNS, format_)


@graph.command()
@kin_option
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many."
)
@format_option("table", "json", "csv")
@store_option
def bridges(k: int, limit: int, format_: str, store_path: Path) -> None:
    """Print the trials that most join different communities."""
    from kg.graph_rows import BRIDGE_COLUMNS, bridge_rows
    from kg.kin_communities import bridges as find_bridges

    whole, parts = _grouped(open_store_folder(store_path).published(), k)
    rows = bridge_rows(whole, parts, find_bridges(whole, parts, limit))
    if format_ != "json":  # labels hold a "; " themselves
        rows = [row | {"joins": " | ".join(row["joins"])} for row in rows]
    if format_ == "table":
        rows = [row | {"links": _shortened(row["links"], _LINKS_SHOWN)} for row in rows]
    _print(rows, BRIDGE_COLUMNS, format_)


@graph.command()
@click.argument("nct_id")
@click.option(
    "--depth",
    type=click.IntRange(0, 4),
    default=1,
    show_default=True,
    help="How many steps to go from the trial.",
)
@kin_option
@format_option("table", "json", "csv", "graphml")
@store_option
def neighbourhood(nct_id: str, depth: int, k: int, format_: str, store_path: Path) -> None:
    """Print the trials within reach of a trial, and what joins them.

    The table lists the trials, JSON trials and edges, CSV the edges; GraphML is for Gephi,
    Cytoscape and the like.
    """
    from kg.graph_rows import EDGE_COLUMNS, NODE_COLUMNS, edge_rows, graphml_text, node_rows
    from kg.graph_views import neighbourhood as reach

    generation = open_store_folder(store_path).published()
    start = generation.records.resolve(nct_id)
    near = reach(generation, start, depth, k)
    if format_ == "graphml":
        click.echo(graphml_text(near, start), nl=False)
    elif format_ == "json":
        echo_json({"nct_id": start, "nodes": node_rows(near, start), "edges": edge_rows(near)})
    elif format_ == "csv":
        _print(edge_rows(near), EDGE_COLUMNS, format_)
    else:
        _print(node_rows(near, start), NODE_COLUMNS, format_)
        click.echo(f"{len(near):,} trials, {near.number_of_edges():,} edges.", err=True)


def _grouped(generation: Generation, k: int) -> tuple[nx.Graph[str], list[Community]]:
    from kg.graph_views import communities as find_communities
    from kg.graph_views import kin_graph

    whole = kin_graph(generation, k, reasons=False)
    return whole, find_communities(whole)


def _shortened(nct_ids: list[str], most: int) -> list[str]:
    more = len(nct_ids) - most
    return nct_ids if more <= 0 else [*nct_ids[:most], f"and {more:,} more"]


def _print(rows: list[dict[str, Any]], columns: tuple[str, ...], format_: str) -> None:
    if format_ == "json":
        echo_json(rows)
    elif format_ == "csv":
        from kg import views

        click.echo(views.csv_text(rows, columns), nl=False)
    else:
        print_table(rows_table(columns, rows))
