"""Quads of kin links: a node a link with what must be asked of it, and a plain edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from kg.iris import KIN_GRAPH, TRIALKIN_BASE, trial_iri
from kg.mapping import terms
from ontology.vocabulary import RDF, TK
from similarity.kin import Kin

MAIN_SHARE = 0.1
"""Share of the score from which on a facet's contribution stands in the graph.

Of the MSC trials' links that keeps 2.8 of 9.2 contributions, which carry 73 % of the score. Kin
links are most of the graph, so everything of them that can be had otherwise stays out: the rest of
the contributions and the facts in which two trials agree or differ are computed with the kin, and
the facts stand at the two trials anyway.
"""
_ROUNDED = 1e-6
_GRAPH = f" <{KIN_GRAPH}> .\n"
_TYPE = f" <{RDF.type}> <{TK.Kin}>{_GRAPH}"
_KIN, _FROM, _TO, _RANK, _SCORE, _REASON = (
    f" <{TK[name]}> " for name in ("kin", "from", "to", "rank", "score", "reason")
)


def kin_quads(nct_id: str, kin: Iterable[Kin]) -> Iterator[str]:
    """Yield the quads of one trial's kin as lines of N-Quads.

    Parameters
    ----------
    nct_id : str
        The trial whose kin they are.
    kin : iterable of Kin
    """
    subject = f"<{trial_iri(nct_id)}>"
    nodes = f"<{TRIALKIN_BASE}kin/{nct_id}/"
    from_subject = f"{_FROM}{subject}{_GRAPH}"
    for link in kin:
        other = f"<{trial_iri(link.nct_id)}>"
        node = f"{nodes}{link.nct_id}>"
        yield f"{subject}{_KIN}{other}{_GRAPH}"
        yield node + _TYPE
        yield node + from_subject
        yield f"{node}{_TO}{other}{_GRAPH}"
        yield f"{node}{_RANK}{terms.integer(link.rank)}{_GRAPH}"
        yield f"{node}{_SCORE}{terms.decimal(link.score)}{_GRAPH}"
        yield f"{node}{_REASON}{terms.text(link.reason)}{_GRAPH}"
        least = round(MAIN_SHARE * link.score, 6)
        if least <= 0:
            continue
        for facet, share in link.contributions:
            # Rounding moves a share by less than that, and is what takes time here.
            if share > least - _ROUNDED and round(share, 6) >= least:
                yield f"{node} <{_contribution(facet)}> {terms.decimal(share)}{_GRAPH}"


def method_quads(method: str) -> Iterator[str]:
    """Yield the lines that tell what made the links: once for all, since one model made all.

    Parameters
    ----------
    method : str
        Names of encoder and model, which the scores depend on.
    """
    yield f"<{KIN_GRAPH}> <{RDF.type}> <{TK.KinGraph}>{_GRAPH}"
    yield f"<{KIN_GRAPH}> <{TK.method}> {terms.text(method)}{_GRAPH}"


@cache
def _contribution(facet: str) -> str:
    return TK[contribution_term(facet)]


def contribution_term(facet: str) -> str:
    """Return the local name of the property that holds a facet's contribution.

    Examples
    --------
    >>> contribution_term("cell_source")
    'cellSourceContribution'
    """
    first, *rest = facet.split("_")
    return first + "".join(word.capitalize() for word in rest) + "Contribution"
