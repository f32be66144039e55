"""Which queries another server may be asked: those that are SPARQL 1.1 and nothing besides.

Servers know words and functions of their own, and some of these reach further than a query
should: Virtuoso's ``DEFINE get:soft`` fetches what is named, its ``bif:`` and ``sql:``
functions are those of its database. So nothing leaves this process but what is known to be
harmless; all else is for the store's own engine, which has no network.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from kg.sparql.outlines import NotOutlinedError
from kg.sparql.syntax import outline
from kg.sparql.tokens import Token, decoded, tokens_of
from ontology.vocabulary import PREFIXES, XSD

_WORDS = frozenset(
    """
    a true false BASE PREFIX SELECT ASK CONSTRUCT DESCRIBE WHERE DISTINCT REDUCED AS OPTIONAL
    UNION MINUS FILTER BIND VALUES UNDEF EXISTS NOT IN GROUP BY HAVING ORDER ASC DESC LIMIT
    OFFSET COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT SEPARATOR STR LANG LANGMATCHES DATATYPE
    BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI
    CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE
    TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI
    ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE
    """.upper().split()
)
"""The words of SPARQL 1.1 (section 19.8), but those that name graphs: they are merged there."""
_SIGNS = frozenset("(){}[]<>=!+-*/|^?.,;".strip()) | {"^^", "&&", "||", "!=", "<=", ">="}
_OPENING, _CLOSING = "([{", ")]}"
_OWN_SCHEMES = ("<bif:", "<sql:")
_OWN_PLACES = "openlinksw.com"


@dataclass(frozen=True, slots=True)
class StandardQuery:
    """A query that any server understands, with all its prefixes declared.

    Attributes
    ----------
    form : str
        ``SELECT``, ``ASK`` or ``CONSTRUCT``.
    text : str
    count : str or None
        Of a CONSTRUCT, a query that counts as ``?n`` the solutions that it is made from.
    sorted : bool
        Whether it has an ORDER BY.
    """

    form: str
    text: str
    count: str | None = None
    sorted: bool = False
    _limit: tuple[int, int, int | None] = (0, 0, None)

    @property
    def limit(self) -> int | None:
        """Its own LIMIT."""
        return self._limit[2]

    def at_most(self, rows: int) -> str:
        """Return the text of a SELECT with a LIMIT of so many rows, unless its own is lower."""
        start, end, own = self._limit
        if own is not None and own <= rows:
            return self.text
        limit = str(rows) if own is not None else f"\nLIMIT {rows}\n"
        return self.text[:start] + limit + self.text[end:]


def standard_query(query: str) -> StandardQuery | None:
    """Return a query as another server may be asked it; None if it may not.

    Parameters
    ----------
    query : str
        Has passed `kg.sparql.policy.check_query`, and asks all graphs.
    """
    if decoded(query) != query:
        return None
    try:
        read = outline(query)
    except NotOutlinedError:
        return None
    tokens = list(tokens_of(query))
    prologue = _prologue(tokens, read.prefixes)
    if prologue is None or not all(map(_is_plain, tokens)) or _calls_others(tokens, read.prefixes):
        return None
    if read.form == "DESCRIBE":
        described = _described(tokens)
        if described is None:
            return None
        return StandardQuery("CONSTRUCT", *_both(prologue + described))
    groups = _top_groups(tokens)
    place = 1 if read.form == "CONSTRUCT" and not read.short else 0
    if len(groups) <= place:
        return None
    where = groups[place]
    modifiers = [
        token for depth, token in _with_depth(tokens) if not depth and token.start >= where[1]
    ]
    words = [token.word for token in modifiers]
    if read.form == "CONSTRUCT":
        if "GROUP" in words or "HAVING" in words:
            return None
        head = query[: next(t.start for t in tokens if t.word == "CONSTRUCT")]
        count = _count(prologue + head, query[where[0] :])
        return StandardQuery("CONSTRUCT", prologue + query, count)
    return StandardQuery(
        read.form,
        prologue + query,
        sorted="ORDER" in words,
        _limit=_limit(modifiers, tokens[-1].end, len(prologue)),
    )


def _both(text: str) -> tuple[str, str]:
    head, _, rest = text.partition("CONSTRUCT { ?s ?p ?o } WHERE ")
    return text, _count(head, rest)


def _count(head: str, where: str) -> str:
    return f"{head}SELECT (COUNT(*) AS ?n) WHERE {{ SELECT * WHERE {where}\n}}"


def _is_plain(token: Token) -> bool:
    if token.kind == "word":
        return token.word in _WORDS
    if token.kind == "sign":
        return token.text in _SIGNS
    if token.kind == "iri":
        return not token.text.startswith(_OWN_SCHEMES) and _OWN_PLACES not in token.text
    return True


def _prologue(tokens: Sequence[Token], declared: dict[str, str]) -> str | None:
    """Return declarations of the known prefixes that a query uses; None if one is unknown."""
    used = {token.text.partition(":")[0] for token in tokens if token.kind == "name"} - {"_"}
    missing = sorted(used - set(declared))
    if not all(name in PREFIXES for name in missing):
        return None
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in missing)


def _calls_others(tokens: Sequence[Token], declared: dict[str, str]) -> bool:
    """Tell whether a query calls functions that are not SPARQL's own, our own among them."""
    bases = PREFIXES | declared
    for token, following in itertools.pairwise(tokens):
        if token.kind in ("iri", "name") and following.is_sign("("):
            prefix, _, local = token.text.partition(":")
            iri = token.text[1:-1] if token.kind == "iri" else bases[prefix] + local
            if not iri.startswith(str(XSD)):  # a list in a pattern looks the same, and goes too
                return True
    return False


def _described(tokens: Sequence[Token]) -> str | None:
    """Return what describes named things: their triples, as the store's own engine does it.

    The specification (section 16.4) leaves that to the engine, and engines differ.
    """
    at = next(place for place, token in enumerate(tokens) if token.word == "DESCRIBE")
    named = tokens[at + 1 :]
    if not named or any(token.kind not in ("iri", "name") for token in named):
        return None
    head = " ".join(token.text for token in tokens[:at])
    terms = " ".join(token.text for token in named)
    return f"{head} CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {terms} }} ?s ?p ?o }}"


def _with_depth(tokens: Sequence[Token]) -> list[tuple[int, Token]]:
    found, depth = [], 0
    for token in tokens:
        depth -= token.is_sign(_CLOSING)
        found.append((depth, token))
        depth += token.is_sign(_OPENING)
    return found


def _top_groups(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return start and end of each group in braces that stands in no other bracket."""
    opened = [t.start for depth, t in _with_depth(tokens) if not depth and t.is_sign("{")]
    closed = [t.end for depth, t in _with_depth(tokens) if not depth and t.is_sign("}")]
    return list(zip(opened, closed, strict=False))


def _limit(modifiers: Sequence[Token], end: int, shift: int) -> tuple[int, int, int | None]:
    """Return where a LIMIT stands, or would, and its number."""
    place = end
    for token, following in itertools.zip_longest(modifiers, modifiers[1:]):
        if token.word == "LIMIT" and following is not None and following.text.isdecimal():
            return following.start + shift, following.end + shift, int(following.text)
        if token.word == "VALUES":
            place = token.start
    return place + shift, place + shift, None
