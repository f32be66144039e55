"""What of a record others are looked up by: the ids, numbers, names, titles and papers it holds.

Two records can be related only if one *reaches* the other by such a token. That is what lets a
refresh find the relations of changed records anew without the keys of all the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.relations import rules
from kg.relations.identifiers import is_telling_id
from kg.relations.keys import RelationKey
from kg.relations.rules import fold_title, words_of
from kg.relations.rules_programme import MIN_PLAN_TITLE_WORDS, acronym_series
from kg.relations.rules_succession import MIN_TITLE_WORDS


class Token(NamedTuple):
    """One thing that a record holds; `kind` is one of the keys of `AFFECTS`."""

    kind: str
    text: str


AFFECTS = {
    "trial": ("trial", "mention"),
    "mention": ("trial",),
    "number": ("number", "number_mention"),
    "number_mention": ("number",),
    "org": ("org", "parent"),
    "parent": ("org",),
    "name": ("name",),
    "acronym": ("acronym",),
    "title": ("title",),
    "paper": ("paper",),
    "derived": ("derived",),
}
"""Kind -> kinds of the tokens of that text whose holders' relations a change may touch."""

RESTS_ON = AFFECTS | {"trial": ("trial",), "number": ("number",), "org": ("org",)}
"""Kind -> kinds of the tokens of that text whose holders decide on a holder's relations."""


def limit_of(kind: str) -> int | None:
    """Return how many records may hold a token before it tells nothing; None for any number."""
    return {
        "number": rules.SHARED_ID_LIMIT,
        "org": rules.SHARED_ID_LIMIT,
        "acronym": rules.SHARED_ID_LIMIT,
        "name": rules.SHARED_NAME_LIMIT,
        "title": rules.SHARED_TITLE_LIMIT,
        "paper": rules.SHARED_PAPER_LIMIT,
        "derived": rules.SHARED_PAPER_LIMIT,
    }.get(kind)


def tokens_of(key: RelationKey) -> frozenset[Token]:
    """Return everything of a record that a rule looks records up by."""
    return frozenset(_tokens(key))


def _tokens(key: RelationKey) -> Iterator[Token]:
    for nct_id in (key.nct_id, *key.aliases):
        yield Token("trial", nct_id)
    for mention in key.nct_mentions:
        yield Token("mention", mention.target)
    for mention in key.number_mentions:
        yield Token("number_mention", mention.target)
    for number in key.numbers:
        if is_telling_id(number.place.words):
            yield Token("number", number.folded)
        if number.kind == "ORG":
            yield Token("org", number.folded)
    if key.parent_number:
        yield Token("parent", key.parent_number)
    for name in key.products.names:
        yield Token("name", name.name)
    for series in acronym_series(key):
        yield Token("acronym", series)
    for title in (key.brief_title, key.official_title):
        # Not of shorter ones: they would count against the limit, which no rule does.
        folded, words = fold_title(title), len(words_of(title))
        if words >= MIN_TITLE_WORDS:
            yield Token("title", folded)
        if key.sponsor and words >= MIN_PLAN_TITLE_WORDS:
            yield Token("title", f"{key.sponsor}|{folded}")
    for citation in key.citations:
        yield Token("paper", citation.pmid)
        if citation.derived:
            yield Token("derived", citation.pmid)
