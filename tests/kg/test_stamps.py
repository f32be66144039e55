"""What makes the work of a stage stale, and what does not."""

from __future__ import annotations

import pytest

from kg.stamps import STAGE_FILES, code_digest, stage_digests, stage_stamps, stale_stages
from tests.conftest import WordEncoder

CODE = b'''
"""A module."""
def double(x):
    """Return twice `x`."""
    return x * 2
'''


@pytest.mark.parametrize(
    "same",
    [
        CODE + b"# a comment\n",
        CODE.replace(b"Return twice `x`.", b"Another docstring."),
        CODE.replace(b"x * 2", b"(x\n        * 2)"),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(same: bytes) -> None:
    assert same != CODE
    assert code_digest(same) == code_digest(CODE)


@pytest.mark.parametrize(
    "other",
    [
        CODE.replace(b"x * 2", b"x * 3"),
        CODE + b"double.__doc__ = ''\n",
        CODE.replace(b"return x * 2", b'return "Return twice `x`."'),
        b"LABEL = 'a'\n" + CODE,
    ],
)
def test_what_the_code_does_counts(other: bytes) -> None:
    assert code_digest(other) != code_digest(CODE)


def test_known_digests_are_taken_over_and_give_the_same_stamps(word_encoder: WordEncoder) -> None:
    digests = stage_digests()
    assert len(digests) == len(STAGE_FILES)
    assert stage_digests(digests) == digests
    raw = next(iter(digests))
    assert stage_digests({raw: "known"})[raw] == "known"
    assert stage_digests({"other files": "known"}) == digests
    assert stage_stamps(word_encoder, digests) == stage_stamps(word_encoder)


def test_stale_is_what_has_another_stamp(word_encoder: WordEncoder) -> None:
    now = stage_stamps(word_encoder)
    assert stale_stages(now, now) == []
    assert stale_stages(now | {"kin": "older"}, now) == ["kin"]
    assert stale_stages({}, now) == ["ontology", "records", "encoder", "kin"]
