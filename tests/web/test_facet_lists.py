"""The values of a facet as they are offered."""

from __future__ import annotations

from web.facet_tree import facet_list
from web.facets import FACET_OF


def test_no_value_is_offered_twice_in_one_list() -> None:
    facet = FACET_OF["condition"]
    held = ["diabetic foot", "skin ulcer"]
    wide = dict.fromkeys(above for one in held for above in (*facet.wider(one), one))
    offered = facet_list(facet, [(one, 1) for one in wide], (), "/search", lambda *_: {})
    lists = [offered.values, *(one.narrower for one in offered.values)]
    for values in lists:
        named = [one.value for one in values]
        assert len(named) == len(set(named)), named
    assert "diabetic foot" in {one.value for one in offered.values}
