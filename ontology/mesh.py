"""MeSH descriptor and supplementary ids, in one form.

Records give the same descriptor as ``D012595`` and as ``D000012595``, while newer descriptors
really have nine digits (``D000086382``): the length tells nothing, so ids go by their number.
"""

from __future__ import annotations

import re
from typing import Any

from ontology.errors import InvalidIdentifierError

MESH_BASE = "http://id.nlm.nih.gov/mesh/"
"""What the IRI of a MeSH term begins with."""

_MESH_ID = re.compile(r"([DC])(\d{1,12})", re.ASCII | re.IGNORECASE)
# The last number that the National Library of Medicine printed with six digits, by kind:
# descriptors from 66333 on and supplementary records from 600000 on have nine.
_LAST_SHORT = {"D": 66_332, "C": 599_999}
_LONGEST = 999_999_999


def canonical_mesh_id(raw: Any) -> str:
    """Return a MeSH id as the National Library of Medicine prints it.

    Parameters
    ----------
    raw : str
        A descriptor (D) or supplementary concept (C) id, zero-padded or not, in any case.

    Raises
    ------
    InvalidIdentifierError
        If `raw` is not such an id.

    Examples
    --------
    >>> canonical_mesh_id("D000012595")
    'D012595'
    >>> canonical_mesh_id("D000086382")
    'D000086382'
    """
    found = _MESH_ID.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is not None:
        kind, number = found[1].upper(), int(found[2])
        if 0 < number <= _LONGEST:
            digits = 6 if number <= _LAST_SHORT[kind] else 9
            return f"{kind}{number:0{digits}d}"
    shown = repr(raw)
    shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
    raise InvalidIdentifierError(
        f"{shown} is not a MeSH id; write D or C and its number, as in D012595."
    )


def mesh_iri(mesh_id: str) -> str:
    """Return the IRI of a MeSH term, from its id in any form.

    Raises
    ------
    InvalidIdentifierError
        If `mesh_id` is not a MeSH id.
    """
    return MESH_BASE + canonical_mesh_id(mesh_id)
