"""Identifiers and the IRIs made from them; the only place that mints or validates one."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from kg.short_texts import keep_short
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
# What a person means by an id: all of it, or the registry's address of it.
_FULL_NCT_ID = re.compile(
    r"(?:(?:https?://)?(?:[a-z]+\.)?clinicaltrials\.gov/(?:[a-z0-9]{1,10}/){0,4})?"
    r"(NCT(?!00000000)[0-9]{8})(?(1)(?:[/?#].*)?)",
    re.IGNORECASE | re.ASCII,
)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH = 40
_MISTYPED = re.compile(r"NCT\s?([0-9]{7,9})", re.IGNORECASE | re.ASCII)
_DIGITS = 8
_LONGEST_TYPED = 2_000


def canonical_nct_id(value: Any) -> str:
    """Return the NCT id of a record in canonical form: ``NCT`` and eight digits.

    Records may leave out leading zeros or have more of them, by the registry's pattern. What a
    person types is read by `full_nct_id`.

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
        raise _no_nct_id(value)
    return f"NCT{int(found[1]):08d}"


def full_nct_id(value: Any) -> str:
    """Return the NCT id that a person typed, or pasted as an address of the registry.

    Seven digits or nine are a slip, and must not open another trial: nothing is filled up.

    Raises
    ------
    InvalidIdentifierError
        If `value` is not ``NCT`` and eight digits, nor the registry's address of that.

    Examples
    --------
    >>> full_nct_id(" nct04356287 ")
    'NCT04356287'
    >>> full_nct_id("https://clinicaltrials.gov/study/NCT04356287?tab=history")
    'NCT04356287'
    """
    plain = value.strip() if isinstance(value, str) and len(value) < _LONGEST_TYPED else ""
    found = _FULL_NCT_ID.fullmatch(plain)
    if found is None:
        raise _no_nct_id(value)
    return found[1].upper()


def near_misses(value: Any) -> set[str]:
    """Return the NCT ids that one slip would turn into what somebody typed.

    A slip is a wrong digit, one too few, one too many, or two swapped.

    Examples
    --------
    >>> "NCT04356287" in near_misses("NCT0435628"), near_misses("asthma")
    (True, set())
    """
    found = _MISTYPED.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return set()
    typed = found[1]
    places = range(len(typed))
    if len(typed) == _DIGITS:
        meant = {typed[:p] + digit + typed[p + 1 :] for p in places for digit in "0123456789"}
        meant |= {typed[:p] + typed[p + 1] + typed[p] + typed[p + 2 :] for p in places[:-1]}
    elif len(typed) < _DIGITS:
        meant = {typed[:p] + digit + typed[p:] for p in (*places, 7) for digit in "0123456789"}
    else:
        meant = {typed[:p] + typed[p + 1 :] for p in places}
    return {f"NCT{digits}" for digits in meant}


def _no_nct_id(value: Any) -> InvalidIdentifierError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
    return InvalidIdentifierError(
        f"{shown} is not an NCT id; write NCT and eight digits, as in NCT04356287."
    )


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


# A record asks for the same ones twice or thrice, and many name the same sponsor or country.
@keep_short(longest=200, most=1 << 14)
def slug(text: str) -> str:
    """Return a short, readable and unique name for a text: its words and a hash.

    Texts that differ only in case, accents' encoding or spaces share a slug.

    Examples
    --------
    >>> slug("Université de Montréal")
    'universite-de-montreal-eb3070d3'
    """
    # What is ASCII is in form NFKC.
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    folded = " ".join(plain.split())
    digest = hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    plain = folded
    if not folded.isascii():
        plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    words = _NOT_SLUG.sub("-", plain[: 2 * _SLUG_LENGTH])
    if len(words) < _SLUG_LENGTH < len(plain):  # much of the beginning is no word
        words = _NOT_SLUG.sub("-", plain)
    words = words[:_SLUG_LENGTH].strip("-")
    return f"{words}-{digest}" if words else digest
