"""Quads of kin links: a node a link with all that is known of it, and a plain edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.iris import KIN_GRAPH, TRIALKIN_BASE, trial_iri
from kg.mapping import terms
from ontology.vocabulary import RDF, TK
from similarity.kin import Fact, Kin

_GRAPH = f" <{KIN_GRAPH}> .\n"


def kin_quads(nct_id: str, kin: Iterable[Kin], method: str) -> Iterator[str]:
    """Yield the quads of one trial's kin as lines of N-Quads.

    Parameters
    ----------
    nct_id : str
        The trial whose kin they are.
    kin : iterable of Kin
    method : str
        Names of encoder and model, which the scores depend on.
    """
    subject = f"<{trial_iri(nct_id)}>"
    for link in kin:
        other = f"<{trial_iri(link.nct_id)}>"
        node = f"<{TRIALKIN_BASE}kin/{nct_id}/{link.nct_id}>"
        yield f"{subject} <{TK.kin}> {other}{_GRAPH}"
        yield f"{node} <{RDF.type}> <{TK.Kin}>{_GRAPH}"
        yield f"{node} <{TK.from_}> {subject}{_GRAPH}"
        yield f"{node} <{TK.to}> {other}{_GRAPH}"
        yield f"{node} <{TK.rank}> {terms.integer(link.rank)}{_GRAPH}"
        yield f"{node} <{TK.score}> {terms.decimal(link.score)}{_GRAPH}"
        yield f"{node} <{TK.reason}> {terms.text(link.reason)}{_GRAPH}"
        yield f"{node} <{TK.method}> {terms.text(method)}{_GRAPH}"
        for facet, share in link.contributions:
            if share == 0:
                continue
            yield f"{node} <{TK[contribution_term(facet)]}> {terms.decimal(share)}{_GRAPH}"
        for predicate, facts in ((TK.sharedFact, link.shared), (TK.differingFact, link.differing)):
            for fact in facts:
                yield f"{node} <{predicate}> {terms.text(fact_text(fact))}{_GRAPH}"


def contribution_term(facet: str) -> str:
    """Return the local name of the property that holds a facet's contribution.

    Examples
    --------
    >>> contribution_term("cell_source")
    'cellSourceContribution'
    """
    first, *rest = facet.split("_")
    return first + "".join(word.capitalize() for word in rest) + "Contribution"


def fact_text(fact: Fact) -> str:
    """Return a shared or differing fact in one line."""
    facet = fact.facet.replace("_", " ")
    if fact.relation == "same":
        return f"{facet}: {', '.join(fact.query)}"
    mine, theirs = (", ".join(values) or "not stated" for values in (fact.query, fact.document))
    # In the direction of the reason sentence: the kin's value against that of the query.
    return f"{facet}: {theirs} against {mine}"
