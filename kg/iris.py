"""Identifiers and the IRIs made from them; the only place that mints or validates one."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from ontology.errors import InvalidIdentifierError

TRIAL_BASE = "https://clinicaltrials.gov/study/"
"""The registry's own address of a trial serves as its IRI: stable, and what others link to."""
TRIALKIN_BASE = "https://w3id.org/trialkin/"
GRAPH_BASE = f"{TRIALKIN_BASE}graph/"
ONTOLOGY_GRAPH = f"{GRAPH_BASE}ontology"
ENTITIES_GRAPH = f"{GRAPH_BASE}entities"
KIN_GRAPH = f"{GRAPH_BASE}kin"
RUNS_GRAPH = f"{GRAPH_BASE}runs"

# The registry's pattern (OpenAPI 2.0.3): leading zeros may be missing or many.
_NCT_ID = re.compile(r"[Nn][Cc][Tt]0*([1-9]\d{0,7})", re.ASCII)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH = 40


def canonical_nct_id(value: Any) -> str:
    """Return an NCT id in canonical form: ``NCT`` and eight digits.

    Raises
    ------
    InvalidIdentifierError
        If `value` is not an NCT id by the registry's pattern.

    Examples
    --------
    >>> canonical_nct_id(" nct4356287 ")
    'NCT04356287'
    """
    found = _NCT_ID.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
        raise InvalidIdentifierError(
            f"{shown} is not an NCT id; write NCT and eight digits, as in NCT04356287."
        )
    return f"NCT{int(found[1]):08d}"


def canonical_nct_ids(values: Iterable[Any]) -> Iterator[str]:
    """Yield the canonical form of those values that are NCT ids; leave out the others."""
    for value in values:
        try:
            yield canonical_nct_id(value)
        except InvalidIdentifierError:
            continue


def trial_iri(nct_id: str) -> str:
    """Return the IRI of a trial, from a canonical NCT id."""
    return TRIAL_BASE + nct_id


def trial_graph_iri(nct_id: str) -> str:
    """Return the name of the graph that holds a trial's record."""
    return f"{GRAPH_BASE}trial/{nct_id}"


def part_iri(nct_id: str, kind: str, key: str) -> str:
    """Return the IRI of a part of a trial (arm, location, ...), stable while its text stays.

    Parameters
    ----------
    nct_id : str
        Canonical NCT id.
    kind : str
        What the part is, such as ``arm``.
    key : str
        What tells it from its fellows: its text. The IRI does not depend on the part's place
        in a list, so a record whose arms are only put in another order gives the same graph.
    """
    return f"{TRIAL_BASE}{nct_id}#{kind}-{slug(key)}"


def entity_iri(kind: str, name: str) -> str:
    """Return the IRI of something that trials share and that has no id (sponsor, country)."""
    return f"{TRIALKIN_BASE}{kind}/{slug(name)}"


def slug(text: str) -> str:
    """Return a short, readable and unique name for a text: its words and a hash.

    Texts that differ only in case, accents' encoding or spaces share a slug.

    Examples
    --------
    >>> slug("Université de Montréal")
    'universite-de-montreal-eb3070d3'
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    digest = hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    if folded.isascii():
        plain = folded
    else:
        plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = _NOT_SLUG.sub("-", plain)[:_SLUG_LENGTH].strip("-")
    return f"{words}-{digest}" if words else digest
