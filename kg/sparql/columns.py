"""The order of the columns of ``SELECT *``."""

from __future__ import annotations

from collections.abc import Sequence

from kg.sparql.tokens import tokens_of


def column_order(query: str, names: Sequence[str]) -> list[int]:
    """Return the places of a result's columns in the order in which they are to be shown.

    Columns that a query names stand as it names them. Those of ``SELECT *`` the store sorts by
    name, and the specification leaves open [1]_; a reader expects them as the query brings them
    in.

    Parameters
    ----------
    query : str
        As it was written, before it was planned.
    names : sequence of str
        The columns, without question marks.

    References
    ----------
    .. [1] SPARQL 1.1 Query Language, W3C Recommendation, 2013; section 16.1 (projection).

    Examples
    --------
    >>> column_order("SELECT * { ?trial tk:phase ?phase }", ["phase", "trial"])
    [1, 0]
    """
    tokens = list(tokens_of(query))
    places = list(range(len(names)))
    for at, token in enumerate(tokens):
        if token.word == "SELECT":
            after = at + 1
            if tokens[after : after + 1] and tokens[after].word in ("DISTINCT", "REDUCED"):
                after += 1
            if not (tokens[after : after + 1] and tokens[after].is_sign("*")):
                return places
            break
    else:
        return places
    first: dict[str, int] = {}
    for token in tokens:
        if token.kind == "variable":
            first.setdefault(token.text[1:], token.start)
    return sorted(places, key=lambda place: first.get(names[place], len(query)))
