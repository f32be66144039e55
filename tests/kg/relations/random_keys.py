"""Keys at random that share much, so that relations come about and limits are passed."""

from __future__ import annotations

from hypothesis import strategies as st

from kg.relations import RelationKey
from kg.relations.keys import Citation, Mention, Number, Place
from kg.relations.products import ProductName, ProductNames

IDS = [f"NCT{number:08d}" for number in range(11, 21)]
PRODUCTS = ("ABC-123", "Zetastem", "QRS-77", "Cellaron")
HERE = Place("brief_summary", "w", 0, 1)


def place(words: str) -> Place:
    return Place("org_study_id_info.id", words, 0, len(words))


NUMBERS = st.builds(
    lambda words, kind: Number(words.casefold().replace("-", ""), kind, place(words)),
    st.sampled_from(["ABCD-2002", "ABCD-2003", "2010-023368-42", "R01HL134558"]),
    st.sampled_from(["ORG", "GRANT", "REGISTRY"]),
)
NAMES = st.builds(
    lambda name, own, form: ProductName(name.casefold(), "brief_title", name, 0, 1, own, form),
    st.sampled_from(PRODUCTS),
    st.booleans(),
    st.sampled_from([1, 2, 3]),
)
NCT_MENTIONS = st.builds(
    Mention, st.sampled_from(IDS), st.just(HERE), st.booleans(), st.booleans(), st.booleans()
)
NUMBER_MENTIONS = st.builds(
    lambda words, follows: Mention(words, place(words), follows, False, False),
    st.sampled_from(["abcd2002", "abcd2003"]),
    st.booleans(),
)
CITATIONS = st.builds(
    lambda pmid, derived: Citation(pmid, derived, derived, "MESEMX: a trial.", HERE),
    st.sampled_from(["1", "2", "3"]),
    st.booleans(),
)
PRODUCT_NAMES = st.builds(
    lambda names, common, joined: ProductNames(
        tuple(sorted({one.name: one for one in names}.values(), key=lambda one: one.name)),
        frozenset(one.name for one in names[:common]),
        (tuple(sorted({one.name for one in names})),) if joined and len(names) > 1 else (),
    ),
    st.lists(NAMES, max_size=3),
    st.integers(0, 1),
    st.booleans(),
)
TITLES = st.sampled_from(
    ["", "A trial of cells in seven or more words", "Another trial of cells in just as many words"]
)
KEYS = st.builds(
    RelationKey,
    nct_id=st.sampled_from(IDS),
    aliases=st.lists(st.sampled_from(IDS), max_size=1).map(tuple),
    sponsor=st.sampled_from(["alpha", "beta"]),
    parties=st.sampled_from([frozenset({"alpha"}), frozenset({"alpha", "beta"})]),
    conditions=st.sampled_from([frozenset({"ms"}), frozenset({"stroke"})]),
    phases=st.sampled_from([frozenset(), frozenset({1}), frozenset({2})]),
    start=st.sampled_from(["2012", "2014-05", ""]),
    status=st.sampled_from(["COMPLETED", "WITHDRAWN"]),
    enrollment=st.sampled_from([20, None]),
    brief_title=TITLES,
    acronym=st.sampled_from(["", "MESEMX", "MESEMX2", "TRIBECQ"]),
    follow_up=st.booleans(),
    numbers=st.lists(NUMBERS, max_size=2).map(tuple),
    parent_number=st.sampled_from(["", "abcd2002"]),
    nct_mentions=st.lists(NCT_MENTIONS, max_size=1).map(tuple),
    number_mentions=st.lists(NUMBER_MENTIONS, max_size=1).map(tuple),
    citations=st.lists(CITATIONS, max_size=2).map(tuple),
    products=PRODUCT_NAMES,
)
