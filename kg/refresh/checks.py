"""Checks of a generation before it is published: what fails here, nobody gets to see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyoxigraph as ox

from kg.generation import Generation
from kg.iris import RUNS_GRAPH, trial_iri
from kg.manifest import VECTORS_FOLDER
from kg.shards.links import KIN_STORED
from ontology.errors import RefreshError
from ontology.vocabulary import TK


def check_generation(generation: Generation, previous: Generation, changed: Sequence[str]) -> None:
    """Check a generation that is about to be published.

    Parameters
    ----------
    generation, previous : Generation
        The new one, and the published one.
    changed : sequence of str
        The trials that were derived anew.

    Raises
    ------
    RefreshError
        If a trial was lost, counts do not agree, or the kin lists make no sense.
    """
    _check_counts(generation, previous, changed)
    _check_kin(generation)


def _check_counts(generation: Generation, previous: Generation, changed: Sequence[str]) -> None:
    counts = generation.manifest.counts
    stored = generation.records.count()
    if stored != counts["trials"] or stored < previous.manifest.counts["trials"]:
        raise RefreshError(
            f"{stored} records are stored and {counts['trials']} counted, of "
            f"{previous.manifest.counts['trials']} before: a record would be lost."
        )
    graph = generation.read_graph()
    nct_id_edge = ox.NamedNode(TK.nctId)
    for nct_id in changed:
        trial = ox.NamedNode(trial_iri(nct_id))
        if next(iter(graph.quads_for_pattern(trial, nct_id_edge, None, None)), None) is None:
            raise RefreshError(f"{nct_id} is stored, and not in the graph.")
    if (
        next(iter(graph.quads_for_pattern(None, None, None, ox.NamedNode(RUNS_GRAPH))), None)
        is None
    ):
        raise RefreshError("The graph does not tell of the run that made it.")


def _check_kin(generation: Generation) -> None:
    from similarity.kin_lists import KinLists

    lists = KinLists.open(generation.path / VECTORS_FOLDER)
    rows, scores = np.asarray(lists.rows), np.asarray(lists.scores)
    number = len(lists)
    held = rows >= 0
    own = rows == np.arange(number, dtype=rows.dtype)[:, None]
    whole = held.sum(axis=1) == min(KIN_STORED, max(0, number - 1))
    # Among candidates a trial of which its record says next to nothing may have few kin, or none.
    is_whole = bool(whole.all()) or not generation.kin_index.is_exact
    sound = (
        lists.nct_ids == generation.kin_index.nct_ids
        and not own.any()
        and bool((rows < number).all())
        and is_whole
        and bool(((scores >= 0) & (scores <= 1)).all())
        and bool((np.diff(scores, axis=1) <= 0).all())
        and int(held.sum()) == generation.manifest.counts["kin_links"]
    )
    if not sound:
        raise RefreshError(
            "The lists of kin make no sense: a trial is its own kin, or misses some."
        )
