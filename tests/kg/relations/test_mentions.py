"""Numbers of other trials in texts: which words can be one, and where they stand."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.relations.mentions import id_spans
from kg.relations.wording import _FOLLOW_UP, says_follow_up

# The same in one expression, which takes four times as long.
_ID_LIKE = re.compile(
    r"(?<![A-Za-z0-9/_.-])(?=[A-Za-z/_.-]*\d)[A-Za-z0-9][A-Za-z0-9/_.-]{4,38}[A-Za-z0-9]", re.ASCII
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See ABC-123/4, then 2010-023368-42.", ["ABC-123/4", "2010-023368-42"]),
        ("on day 28 of 365, COVID19", ["COVID19"]),
        ("no digit anywhere", []),
        ("-ABC123 /ABC123", []),
        ("1" * 60, ["1" * 40]),
        ("éABC123 ABC123é", ["ABC123", "ABC123"]),
    ],
)
def test_a_run_with_a_digit_is_found_once(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in id_spans(text)] == found


@settings(max_examples=600, deadline=None)
@given(text=st.text(alphabet="aZ19-/._ \né", max_size=60))
def test_the_same_is_found_as_by_one_expression(text: str) -> None:
    assert list(id_spans(text)) == [found.span() for found in _ID_LIKE.finditer(text)]


@pytest.mark.parametrize("text", ["1" * 400_000, "-1" * 200_000, "a/" * 200_000 + "1"])
def test_an_endless_run_is_read_once(text: str) -> None:
    began = time.process_time()
    assert len(list(id_spans(text))) <= 1
    # Its square would take an hour.
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "words",
    [
        "followed-up", "an extension", "long term", "rolled over", "participated in",
        "who had completed", "completed the", "enrolled in", "previously treated",
        "continuation of", "continued access", "were administered", "treated in", "received it in",
    ],
)  # fmt: skip
def test_no_wording_of_a_follow_up_is_passed_over(words: str) -> None:
    for sentence in (words, words.upper()):
        assert _FOLLOW_UP.search(sentence) is not None
        assert says_follow_up(sentence, follow_up_title=True)
