"""`status`: what is published, and how its counts come about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from kg.commands.options import format_option, open_store_folder, store_option
from kg.console import echo_json, print_table, rows_table

_RECORD_COUNTS = {
    "records_read": "records that could be read from the sources",
    "repeated_records": "of them further records of one trial; the fullest, else latest, was kept",
    "rejected_records": "could not be read, and are in no other count",
    "fetched_records": "records that the registry was asked for",
    "added_trials": "trials that were not there before",
    "changed_trials": "trials whose record differs from the one before",
    "removed_trials": "trials that the registry no longer lists",
    "trials": "in the graph, one record each",
}
_GRAPH_COUNTS = {
    "quads": "statements, those of all named graphs together",
    "entities": "sponsors, people, places, ... that trials share",
    "cell_facts": "cell sources, cell types, donors, routes, doses, ... read from the texts",
    "kin_links": "nearest kin, from each trial; kept as lists",
    "kin_candidates": "trials that each was compared with to find its kin, on average",
    "kin_recall_per_mille": "of the exact nearest kin are found so, by a sample",
    "kin_recall_sample": "trials in that sample",
}
_SEARCH_COUNTS = ("kin_candidates", "kin_recall_per_mille", "kin_recall_sample")
_RELATION_MEANINGS = {
    "extension_of": "one follows further, or treats again, the people of the other",
    "predecessor_of": "one prepared the other",
    "re_registration_of": "one registers the other anew",
    "same_programme": "both are parts of one protocol, series or grant",
    "same_product": "both try a product of one name",
    "shares_publication": "both cite one publication",
    "mentions": "one names the other in its record",
}
_PARTS = {
    "graph": "the Oxigraph store",
    "records.sqlite": "records, cards, facts, full-text index",
    "vectors": "what kin are ranked by",
}


class _Line(NamedTuple):
    """One line of a group: what, how much, and what that means."""

    name: str
    value: str
    meaning: str = ""


@click.command()
@format_option("table", "json")
@store_option
def status(format_: str, store_path: Path) -> None:
    """Print what is published, and what its counts mean.

    Records, graph, relations, what is not stated, sizes, times, versions. JSON has the same and
    more: the whole manifest, with checksums of the files.
    """
    import msgspec

    from kg.engines.opening import engine_status

    store = open_store_folder(store_path)
    generation = store.published()
    said: dict[str, Any] = msgspec.to_builtins(generation.manifest)
    said["store"] = str(store.path)
    said["engine"] = engine_status(store, generation)
    said["generations"] = store.generation_numbers()
    said["relations"] = relation_counts(said["counts"])
    said["not_stated_shares"] = {
        name: round(count / max(1, said["counts"].get("trials", 0)), 4)
        for name, count in said["not_stated"].items()
    }
    if format_ == "json":
        echo_json(said)
        return
    click.echo(f"Generation {said['generation']} of {store.path}\n")
    for title, lines in _groups(said):
        if lines:
            rows = [line._asdict() for line in lines]
            print_table(
                rows_table(("name", "value", "meaning"), rows, title=title, plain=True),
            )
            click.echo()


def relation_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Return how many relations of each kind there are, from the counts of a manifest."""
    from kg.relations.model import RELATION_KINDS

    return {kind: counts.get(f"{kind}_relations", 0) for kind in RELATION_KINDS}


def without_exact_search(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts to show: where all trials were compared, no search is to be measured."""
    if counts.get("kin_candidates"):
        return dict(counts)
    return {name: count for name, count in counts.items() if name not in _SEARCH_COUNTS}


def _groups(said: Mapping[str, Any]) -> list[tuple[str, list[_Line]]]:
    from kg.cell_facts.model import FIELDS
    from kg.cell_facts.wording import FIELD_LABELS

    counts, trials = without_exact_search(said["counts"]), said["counts"].get("trials", 0)
    for kind in said["relations"]:
        counts.pop(f"{kind}_relations", None)
    records = _counted(counts, _RECORD_COUNTS)
    if said["counts"].get("records_read", 0) - said["counts"].get("repeated_records", 0) == trials:
        records[-1] = records[-1]._replace(meaning="records read, less the repeated ones")
    records += [
        _Line(f"as {name}", f"{count:,}", "in this form")
        for name, count in said["source_formats"].items()
    ]
    watermark = said["watermark"] or "not stated"
    records.append(_Line("last update", watermark, "the latest that the registry posted here"))
    graph = _counted(counts, _GRAPH_COUNTS)
    graph += [_Line(name.replace("_", " "), f"{count:,}") for name, count in counts.items()]
    graph.append(
        _Line(
            "graph kin",
            f"{said['graph_kin']}",
            "of each trial's stored kin stand in the graph, at most",
        )
    )
    relations = [
        _Line(kind.replace("_", " "), f"{count:,}", _RELATION_MEANINGS[kind])
        for kind, count in said["relations"].items()
    ]
    shares, order = said["not_stated_shares"], {name: at for at, name in enumerate(FIELDS)}
    missing = [
        _Line(FIELD_LABELS[name].lower(), f"{count:,}", f"{shares[name]:.1%} of the trials")
        for name, count in sorted(said["not_stated"].items(), key=lambda one: order.get(one[0], 99))
    ]
    sizes = [
        _Line(name, _size(count), _PARTS.get(name, "")) for name, count in said["sizes"].items()
    ]
    sizes.append(_Line("together", _size(sum(said["sizes"].values()))))
    seconds = [_Line(name, f"{spent:.1f} s") for name, spent in said["seconds"].items()]
    made = [
        _Line("built", said["built_at"], f"started {said['started_at']}"),
        _Line("trialkin", said["software_version"]),
        _engine_line(said["engine"]),
        _Line("encoder", said["encoder"]["name"], said["encoder"]["fingerprint"][:12]),
        _Line(
            "generations",
            ", ".join(map(str, said["generations"])),
            "kept; the one above is published",
        ),
    ]
    return [
        ("Records", records),
        ("Graph", graph),
        ("Typed relations", relations),
        ("Not stated in the record", missing),
        ("Size", sizes),
        ("Time", seconds),
        ("Made", made),
    ]


def _engine_line(engine: Mapping[str, Any]) -> _Line:
    if engine["url"] is None:
        return _Line("engine", "own", "answers queries, in this store")
    holds = "holds this generation and shows it as the current one"
    return _Line("engine", engine["url"], " ".join(engine["wrong"]) or holds)


def _counted(counts: dict[str, int], meanings: Mapping[str, str]) -> list[_Line]:
    """Take the counts that are known out of all counts, in the order of their meanings."""
    return [
        _Line(name.replace("_", " "), f"{counts.pop(name):,}", meaning)
        for name, meaning in meanings.items()
        if name in counts
    ]


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"
